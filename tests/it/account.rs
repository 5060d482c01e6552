//! The bot's account: a secret that stops working, and what readiness shows.

use super::bench::{Bench, REPLY, Setup, fault};
use chimein::sandbox::{CallEffect, Fault};
use serde_json::{Value, json};

async fn readiness(bench: &Bench) -> Value {
    let response = bench.http().get(format!("{}/health/ready", bench.public())).send().await.unwrap();
    response.json().await.unwrap()
}

#[tokio::test]
async fn visits_wait_while_the_bots_secret_is_refused_and_go_on_by_themselves() {
    let mut bench = Bench::start().await;
    let refused =
        CallEffect::Status { code: 401, kind: Some("authentication".to_owned()), retry_after: None };
    bench.sandbox.faults().add(Fault::call("issue_bot_token", refused).times(2));
    bench.sandbox.faults().add(fault("add_user_to_chat", CallEffect::RevokedToken));
    bench.allow_error("refuses the bot's id or secret");
    let chat = bench.says("pizza").await;
    bench.logged("refuses the bot's id or secret").await;
    assert_eq!(readiness(&bench).await["token"], "refused");
    let line = bench.ended(&chat, 1).await;
    assert_eq!((line.text("outcome"), line.number("attempts")), ("said", 1), "waiting costs no attempt");
    assert_eq!(readiness(&bench).await["token"], "valid");
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn readiness_shows_the_outbox_the_token_and_the_rules() {
    let mut bench = Bench::start().await;
    let chat = bench.says("pizza").await;
    let version = bench.ended(&chat, 1).await.text("rules.version").to_owned();
    let expected = json!({
        "ready": true, "outbox": "writable", "breaker": "closed", "token": "valid", "webhooks": "not checked (not built yet)",
        "rules": "current", "rules_version": version,
    });
    assert_eq!(readiness(&bench).await, expected);
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn the_binary_asks_itself_whether_it_works_and_a_second_one_is_refused() {
    let bench = Bench::start().await;
    assert_eq!(bench.runs(&["healthcheck"]).await.0, 0);
    assert_eq!(bench.runs(&["healthcheck", "--ready"]).await.0, 0);
    let (code, told) = bench.runs(&["serve"]).await;
    assert!(code == 1 && told.contains("is in use by process"), "{code}: {told}");
    bench.finish().await;
}

#[tokio::test]
async fn the_private_door_wants_its_token_where_there_is_one() {
    let bench = Bench::with(Setup::default().setting("ADMIN__TOKEN", "let-me-in")).await;
    let url = format!("{}/health/live", bench.admin());
    for (token, status) in [(None, 401), (Some("wrong"), 401), (Some("let-me-in"), 200)] {
        let request = bench.http().get(&url);
        let request = token.into_iter().fold(request, reqwest::RequestBuilder::bearer_auth);
        assert_eq!(request.send().await.unwrap().status(), status, "{token:?}");
    }
    let metrics = bench.http().get(format!("{}/metrics", bench.admin()));
    assert_eq!(metrics.send().await.unwrap().status(), 401);
    bench.finish().await;
}
