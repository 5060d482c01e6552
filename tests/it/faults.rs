//! Each of the three calls meets each fault: one reply, the bot not inside, nothing left.

use super::bench::{Bench, REPLY, Setup, fault};
use chimein::sandbox::CallEffect;

const CALLS: [&str; 3] = ["add_user_to_chat", "send_event", "remove_user_from_chat"];

fn status(code: u16, kind: Option<&str>, retry_after: Option<u32>) -> CallEffect {
    CallEffect::Status { code, kind: kind.map(str::to_owned), retry_after }
}

/// The fault strikes the first call of the action; each action has a bot of its own.
async fn survives(effect: CallEffect, times: u32) {
    for action in CALLS {
        // On a machine that is busy more calls than meant take too long.
        let setup = Setup::default()
            .setting("LIVECHAT__REQUEST_TIMEOUT", "700ms")
            .setting("VISITS__MAX_ATTEMPTS", "30");
        let mut bench = Bench::with(setup).await;
        bench.sandbox.faults().add(fault(action, effect.clone()).times(times));
        let chat = bench.says("pizza").await;
        let line = bench.ended(&chat, 1).await;
        assert_eq!(line.text("outcome"), "said", "{action}");
        assert!(bench.sandbox.faults().list().is_empty(), "{action} never met the fault");
        bench.expect(&chat, REPLY);
        bench.finish().await;
    }
}

#[tokio::test]
async fn too_many_requests_with_retry_after() {
    survives(status(429, Some("too_many_requests"), Some(1)), 1).await;
}

#[tokio::test]
async fn too_many_requests_without_retry_after() {
    survives(status(429, Some("too_many_requests"), None), 2).await;
}

#[tokio::test]
async fn a_bare_429_of_something_between() {
    survives(status(429, None, None), 1).await;
}

#[tokio::test]
async fn internal_errors() {
    survives(status(500, Some("internal"), None), 2).await;
}

#[tokio::test]
async fn a_bad_gateway_with_a_page() {
    survives(status(502, None, None), 1).await;
}

#[tokio::test]
async fn service_unavailable() {
    survives(status(503, Some("service_unavailable"), None), 1).await;
}

#[tokio::test]
async fn a_request_timeout_of_the_platform() {
    survives(status(504, Some("request_timeout"), None), 1).await;
}

#[tokio::test]
async fn a_hang_before_the_effect() {
    survives(CallEffect::HangBefore, 1).await;
}

#[tokio::test]
async fn a_hang_after_the_effect() {
    survives(CallEffect::HangAfter, 1).await;
}

#[tokio::test]
async fn a_reset_before_the_effect() {
    survives(CallEffect::ResetBefore, 1).await;
}

#[tokio::test]
async fn an_answer_lost_after_the_effect() {
    survives(CallEffect::ResetAfter, 1).await;
}

#[tokio::test]
async fn an_answer_cut_in_half() {
    survives(CallEffect::Truncated, 1).await;
}

#[tokio::test]
async fn a_page_with_status_200() {
    survives(CallEffect::Html, 1).await;
}

#[tokio::test]
async fn a_token_that_is_revoked_in_the_middle() {
    survives(CallEffect::RevokedToken, 1).await;
}

#[tokio::test]
async fn another_region_that_answers() {
    survives(CallEffect::Misdirected { region: "fra".to_owned() }, 1).await;
}

#[tokio::test]
async fn a_reply_that_never_succeeds_is_buried_and_the_bot_leaves() {
    let mut bench = Bench::with(Setup::default().setting("VISITS__MAX_ATTEMPTS", "2")).await;
    bench.sandbox.faults().add(fault("send_event", status(500, Some("internal"), None)).always());
    let chat = bench.says("pizza").await;
    let line = bench.ended(&chat, 1).await;
    assert_eq!(line.text("outcome"), "gave_up_after_unknown_outcome");
    bench.finish().await;
}

#[tokio::test]
async fn a_refused_message_is_buried_and_the_bot_leaves() {
    let mut bench = Bench::start().await;
    bench.sandbox.faults().add(fault("send_event", status(400, Some("validation"), None)));
    let chat = bench.says("pizza").await;
    assert_eq!(bench.ended(&chat, 1).await.text("outcome"), "validation");
    bench.finish().await;
}

#[tokio::test]
async fn leaving_is_tried_until_it_succeeds() {
    let mut bench = Bench::with(Setup::default().setting("VISITS__MAX_ATTEMPTS", "1")).await;
    bench.sandbox.faults().add(fault("remove_user_from_chat", status(503, None, None)).times(3));
    let chat = bench.says("pizza").await;
    assert_eq!(bench.ended(&chat, 1).await.text("outcome"), "said");
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn a_join_in_doubt_that_is_given_up_is_left_all_the_same() {
    let mut bench = Bench::with(Setup::default().setting("VISITS__MAX_ATTEMPTS", "1")).await;
    bench.sandbox.faults().add(fault("add_user_to_chat", CallEffect::ResetAfter));
    let chat = bench.says("pizza").await;
    assert_eq!(bench.ended(&chat, 1).await.text("outcome"), "gave_up_after_unknown_outcome");
    bench.finish().await;
}
