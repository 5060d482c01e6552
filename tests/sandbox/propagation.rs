//! Changes that begin to govern deliveries only after the propagation delay.
use super::bench::{As, Bench, Receiver, message, soon};
use chimein::sandbox::{Entry, Options, Outcome};
use serde_json::json;
use std::time::Duration;

const DELAY: Duration = Duration::from_millis(150);

/// The customer talks until a delivery has an end of this kind; how long after the last call of this action
/// the delivery was.
async fn lag(bench: &Bench, action: &str, gated: bool) -> Duration {
    let (customer, chat_id, _) = bench.new_chat("hello").await;
    let entries = || bench.sandbox.journal().entries();
    let called = |entry: &&Entry| entry.call().is_some_and(|call| call.action == action);
    let call = entries().iter().rfind(called).cloned().expect("the call is in the journal");
    let seen = |entry: &&Entry| {
        let delivery = entry.delivery().filter(|_| entry.seq > call.seq);
        delivery.is_some_and(|delivery| (delivery.outcome == Outcome::Gated) == gated)
    };
    soon(async {
        loop {
            bench.customer(&customer, "send_event", message(&chat_id, "are you there?")).await.ok();
            if let Some(entry) = entries().iter().find(seen) {
                return entry.time.duration_since(call.time).unsigned_abs();
            }
        }
    })
    .await
}

async fn slow() -> Bench {
    Bench::with(Options { propagation_delay: DELAY, ..Options::default() }).await
}

#[tokio::test]
async fn registering_and_switching_off_take_effect_after_the_delay() {
    let (bench, receiver) = (slow().await, Receiver::start().await);
    bench.register(&receiver, "incoming_event", json!({"type": "license"})).await;
    let owner = json!({"owner_client_id": bench.at().client_id});
    let listed = bench.configure("list_webhooks", owner.clone()).await.ok();
    assert_eq!(listed.as_array().unwrap().len(), 1, "the API tells at once");
    assert!(lag(&bench, "register_webhook", false).await >= DELAY);
    receiver.heard(1).await;
    bench.configure("disable_license_webhooks", owner.clone()).await.ok();
    let state = bench.configure("get_license_webhooks_state", owner).await.ok();
    assert_eq!(state, json!({"license_webhooks_enabled": false}));
    assert!(lag(&bench, "disable_license_webhooks", true).await >= DELAY);
}

#[tokio::test]
async fn a_bot_that_wakes_up_is_told_after_the_delay() {
    let (bench, receiver) = (slow().await, Receiver::start().await);
    bench.register(&receiver, "incoming_event", json!({})).await;
    assert!(lag(&bench, "register_webhook", true).await >= DELAY);
    let bot = bench.new_bot(&[0]).await;
    assert!(lag(&bench, "set_routing_status", false).await >= DELAY);
    receiver.heard(1).await;
    let statuses = bench.agent(&As::Agent, "list_routing_statuses", json!({})).await.ok();
    let status = json!({"agent_id": bot.id, "status": "not_accepting_chats"});
    assert!(statuses.as_array().unwrap().contains(&status));
}
