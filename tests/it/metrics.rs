//! `/metrics`: what happened is counted, and it answers when the outbox does not.

use super::bench::{Bench, REPLY, Setup, fault};
use chimein::sandbox::CallEffect;
use chimein::telemetry::metrics::ALL;

fn status(code: u16, kind: &str, retry_after: Option<u32>) -> CallEffect {
    CallEffect::Status { code, kind: Some(kind.to_owned()), retry_after }
}

#[tokio::test]
async fn a_visit_is_counted_at_every_step() {
    let mut bench = Bench::start().await;
    let quiet = bench.says("no word of lunch in this").await;
    let chat = bench.says("pizza for the tests of numbers").await;
    bench.ended(&chat, 1).await;
    bench.delivered("incoming_chat", 2).await;
    let wrong = serde_json::json!({ "secret_key": "wrong", "action": "made_up_action", "payload": {} });
    assert_eq!(bench.knock(&wrong).await.0, 401);
    assert_eq!(bench.knock_with("{", "text/plain").await.0, 415);
    let numbers = bench.numbers().await;
    for (series, number) in [
        ("chimein_webhooks_total{action=\"incoming_chat\",outcome=\"accepted\"}", 1.0),
        ("chimein_webhooks_total{action=\"incoming_chat\",outcome=\"silent\"}", 1.0),
        ("chimein_webhooks_total{action=\"incoming_event\",outcome=\"accepted\"}", 0.0),
        ("chimein_webhooks_total{action=\"other\",outcome=\"wrong_secret\"}", 1.0),
        ("chimein_webhooks_total{action=\"other\",outcome=\"not_json\"}", 1.0),
        ("chimein_decisions_total{rule=\"lunch\",outcome=\"speak\"}", 1.0),
        ("chimein_decisions_total{rule=\"\",outcome=\"no_rule_fits\"}", 1.0),
        ("chimein_visits_total{rule=\"lunch\",outcome=\"said\"}", 1.0),
        ("chimein_step_seconds_count{step=\"join\"}", 1.0),
        ("chimein_step_seconds_count{step=\"say\"}", 1.0),
        ("chimein_step_seconds_count{step=\"leave\"}", 1.0),
        ("chimein_reply_seconds_count", 1.0),
        ("chimein_platform_calls_total{action=\"send_event\",error=\"none\"}", 1.0),
        ("chimein_platform_call_seconds_count{action=\"send_event\"}", 1.0),
        ("chimein_leases_lost_total", 0.0),
        ("chimein_sweep_findings_total{finding=\"missed\"}", 0.0),
        ("chimein_bot_present_too_long", 0.0),
    ] {
        assert_eq!(numbers.of(series), Some(number), "{series} in\n{}", numbers.page);
    }
    // Its end may not be on disk yet, so which state it is in is not certain.
    assert_eq!(numbers.sum("chimein_outbox_visits"), 1.0);
    assert!(numbers.sum("chimein_token_age_seconds") >= 0.0);
    assert_eq!(numbers.sum("chimein_build_info"), 1.0);
    for metric in ALL {
        for line in ["HELP", "TYPE"] {
            let line = format!("# {line} {} ", metric.name);
            assert_eq!(numbers.page.matches(&line).count(), 1, "{line} in\n{}", numbers.page);
        }
    }
    for id in [&chat, &quiet, &bench.bot_id, &bench.sandbox.addresses().organization_id] {
        assert!(!numbers.page.contains(id.as_str()), "{id} in\n{}", numbers.page);
    }
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn calls_that_fail_are_counted_by_their_error() {
    let mut bench = Bench::start().await;
    bench.sandbox.faults().add(fault("send_event", status(429, "too_many_requests", Some(1))));
    bench.sandbox.faults().add(fault("remove_user_from_chat", CallEffect::HangAfter));
    let chat = bench.says("pizza").await;
    bench.ended(&chat, 1).await;
    let numbers = bench.numbers().await;
    for (action, error) in [
        ("send_event", "too_many_requests"),
        ("send_event", "none"),
        ("remove_user_from_chat", "unknown_outcome"),
        ("add_user_to_chat", "none"),
    ] {
        let series = format!("chimein_platform_calls_total{{action=\"{action}\",error=\"{error}\"}}");
        assert!(numbers.of(&series) >= Some(1.0), "{series} in\n{}", numbers.page);
    }
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn visits_that_are_given_up_are_counted_and_kept() {
    let mut bench = Bench::with(Setup::default().setting("VISITS__MAX_ATTEMPTS", "1")).await;
    bench.sandbox.faults().add(fault("send_event", status(400, "validation", None)));
    let refused = bench.says("pizza").await;
    bench.ended(&refused, 1).await;
    bench.sandbox.faults().add(fault("add_user_to_chat", status(500, "internal", None)));
    let failed = bench.says("pizza").await;
    bench.ended(&failed, 1).await;
    let numbers = bench.numbers().await;
    for outcome in ["validation", "gave_up"] {
        let series = format!("chimein_visits_total{{rule=\"lunch\",outcome=\"{outcome}\"}}");
        assert_eq!(numbers.of(&series), Some(1.0), "{series} in\n{}", numbers.page);
    }
    bench.number_becomes("chimein_outbox_visits{state=\"buried\"}", 2.0).await;
    bench.finish().await;
}

#[tokio::test]
async fn what_a_sweep_finds_is_counted() {
    let found = |finding: &str| format!("chimein_sweep_findings_total{{finding=\"{finding}\"}}");
    let often = || Setup::default().setting("SWEEP__INTERVAL", "1s");
    let mut bench = Bench::with(often()).await;
    bench.loses_all_webhooks();
    let chat = bench.says("pizza").await;
    bench.ended(&chat, 1).await;
    bench.expect(&chat, REPLY);
    bench.number_becomes(&found("missed"), 1.0).await;
    bench.the_bot_joins_late(&chat).await;
    bench.ended(&chat, 2).await;
    bench.number_becomes(&found("left_behind"), 1.0).await;
    bench.finish().await;
    let mut bench = Bench::with(often().setting("SWEEP__MAX_AGE", "1ms")).await;
    bench.loses_all_webhooks();
    bench.says("pizza").await;
    bench.number_becomes(&found("too_old"), 1.0).await;
    bench.finish().await;
}

#[tokio::test]
async fn a_bot_that_cannot_leave_is_seen() {
    // Each attempt to leave takes twice the time of a call, and the fourth succeeds.
    let setup =
        Setup::default().setting("VISITS__DEADLINE", "1s").setting("LIVECHAT__REQUEST_TIMEOUT", "300ms");
    let mut bench = Bench::with(setup).await;
    bench.sandbox.faults().add(fault("remove_user_from_chat", CallEffect::HangBefore).times(8));
    let chat = bench.says("pizza").await;
    bench.number_becomes("chimein_bot_present_too_long", 1.0).await;
    bench.ended(&chat, 1).await;
    bench.number_becomes("chimein_bot_present_too_long", 0.0).await;
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn metrics_answer_while_the_outbox_cannot_be_read() {
    let bench = Bench::start().await;
    bench.hide_outbox(true);
    let numbers = bench.numbers().await;
    for name in ["chimein_outbox_visits", "chimein_outbox_oldest_seconds"] {
        assert!(numbers.sum(name).is_nan(), "{name} in\n{}", numbers.page);
    }
    bench.hide_outbox(false);
    assert_eq!(bench.numbers().await.of("chimein_outbox_oldest_seconds"), Some(0.0));
    bench.finish().await;
}

#[tokio::test]
async fn metrics_want_the_private_doors_token() {
    let bench = Bench::with(Setup::default().setting("ADMIN__TOKEN", "let-me-see")).await;
    let url = format!("{}/metrics", bench.admin());
    assert_eq!(bench.http().get(&url).send().await.unwrap().status(), 401);
    let shown = bench.http().get(&url).bearer_auth("let-me-see").send().await.unwrap();
    assert_eq!(shown.status(), 200);
    assert_eq!(bench.http().get(format!("{}/metrics", bench.public())).send().await.unwrap().status(), 404);
    bench.finish().await;
}
