//! The real binary is killed around each call and started again: one reply, never left inside.

use super::bench::{Bench, REPLY, fault};
use chimein::sandbox::CallEffect;
use serde_json::json;

/// Kills the bot and starts it again: it says what was not said in the chat, and is not left inside.
pub(crate) async fn said_once_after_a_kill(mut bench: Bench, chat: &str) {
    bench.kill();
    bench.launch().await;
    assert_eq!(bench.ended(chat, 1).await.text("outcome"), "said");
    bench.expect(chat, REPLY);
    bench.finish().await;
}

/// Kills the bot while the call hangs, before or after its effect, then starts it again.
async fn survives_a_kill_at(action: &str, effect: CallEffect) {
    let mut bench = Bench::start().await;
    bench.sandbox.faults().add(fault(action, effect));
    let chat = bench.says("pizza").await;
    bench.faulted(action).await;
    said_once_after_a_kill(bench, &chat).await;
}

#[tokio::test]
async fn killed_before_the_join() {
    survives_a_kill_at("add_user_to_chat", CallEffect::HangBefore).await;
}

#[tokio::test]
async fn killed_between_the_join_and_its_answer() {
    survives_a_kill_at("add_user_to_chat", CallEffect::HangAfter).await;
}

#[tokio::test]
async fn killed_between_the_join_and_the_reply() {
    survives_a_kill_at("send_event", CallEffect::HangBefore).await;
}

#[tokio::test]
async fn killed_between_the_reply_and_its_answer() {
    survives_a_kill_at("send_event", CallEffect::HangAfter).await;
}

#[tokio::test]
async fn killed_between_the_reply_and_the_leave() {
    survives_a_kill_at("remove_user_from_chat", CallEffect::HangBefore).await;
}

#[tokio::test]
async fn killed_between_the_leave_and_its_answer() {
    survives_a_kill_at("remove_user_from_chat", CallEffect::HangAfter).await;
}

#[tokio::test]
async fn killed_twice_in_one_visit() {
    let mut bench = Bench::start().await;
    for (action, effect) in
        [("send_event", CallEffect::HangAfter), ("remove_user_from_chat", CallEffect::HangAfter)]
    {
        bench.sandbox.faults().add(fault(action, effect));
    }
    let chat = bench.says("pizza").await;
    for action in ["send_event", "remove_user_from_chat"] {
        bench.faulted(action).await;
        bench.kill();
        bench.launch().await;
    }
    bench.ended(&chat, 1).await;
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn a_guest_stays_inside_over_a_kill() {
    let mut bench = Bench::start().await;
    let mut customer = bench.customer().await;
    customer.starts(json!([])).await;
    let chat = customer.chat.clone();
    bench.invites_the_bot(&chat).await;
    bench.sandbox.faults().add(fault("send_event", CallEffect::HangAfter));
    bench.writes(&customer, "pizza").await;
    bench.faulted("send_event").await;
    bench.kill();
    bench.launch().await;
    bench.ended(&chat, 1).await;
    bench.expect(&chat, REPLY);
    bench.expect_guest(&chat);
    bench.finish().await;
}

#[tokio::test]
async fn a_message_written_while_the_bot_was_down_is_heard_when_livechat_tries_again() {
    let mut bench = Bench::start().await;
    bench.kill();
    let chat = bench.says("pizza").await;
    bench.launch().await;
    bench.ended(&chat, 1).await;
    bench.expect(&chat, REPLY);
    bench.finish().await;
}
