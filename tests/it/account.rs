//! The bot's account: a secret that stops working, and what readiness shows.

use super::bench::{Bench, REPLY, fault};
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
        "ready": true, "outbox": "writable", "token": "valid", "webhooks": "not checked (not built yet)",
        "rules_version": version,
    });
    assert_eq!(readiness(&bench).await, expected);
    bench.expect(&chat, REPLY);
    bench.finish().await;
}
