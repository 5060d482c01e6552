//! What LiveChat and the network can do to a visit: one reply at most, the bot not inside, nothing left.

use super::bench::{Bench, PIZZA, REPLY, Setup, Spoil, fault, is_present, text};
use super::load::crowd;
use chimein::sandbox::{CallEffect, Fault};
use serde_json::json;
use std::time::Duration;

const CALLS: [&str; 3] = ["add_user_to_chat", "send_event", "remove_user_from_chat"];
const SECRET_REFUSED: &str = "LiveChat refuses the bot's id or secret";

fn quick() -> Setup {
    // On a machine that is busy more calls than meant take too long.
    Setup::default().setting("LIVECHAT__REQUEST_TIMEOUT", "700ms").setting("VISITS__MAX_ATTEMPTS", "30")
}

fn status(code: u16, kind: &str) -> CallEffect {
    CallEffect::Status { code, kind: Some(kind.to_owned()), retry_after: None }
}

/// The bot's secret is wrong from its next `send_event` on; until then it has a token, as a first visit shows.
async fn refuse_the_secret(bench: &mut Bench) {
    let first = bench.says("pizza").await;
    bench.ended(&first, 1).await;
    bench.expect(&first, REPLY);
    let faults = bench.sandbox.faults();
    faults.add(Fault::call("issue_bot_token", status(401, "authentication")).always());
    faults.add(fault("send_event", CallEffect::RevokedToken));
}

#[tokio::test]
async fn a_secret_that_no_longer_works_parks_visits_until_it_is_mended() {
    let mut bench = Bench::start().await;
    bench.allow_error(SECRET_REFUSED);
    refuse_the_secret(&mut bench).await;
    let mut chats = vec![bench.says("pizza").await];
    bench.logged(SECRET_REFUSED).await;
    chats.extend(crowd(&mut bench, 30).await);
    bench.delivered("incoming_chat", 32).await;
    // Twice more in vain, so that all of them have seen it.
    bench.logged_times("the organization's visits wait", 3).await;
    let (code, ready) = bench.readiness().await;
    assert_eq!((code, &ready["token"]), (200, &json!("refused")), "webhooks are accepted all the same");
    assert_eq!(bench.count_logged(SECRET_REFUSED), 1, "one loud line");
    assert!(bench.count_logged("the organization's visits wait") < 10, "and not one for each visit");
    assert!(is_present(&bench.chat(&chats[0]).await, &bench.bot_id), "it cannot leave either");
    bench.sandbox.faults().clear();
    for chat in &chats {
        assert_eq!(bench.ended(chat, 1).await.text("outcome"), "said");
        bench.expect(chat, REPLY);
    }
    assert_eq!(bench.readiness().await.1["token"], "valid");
    assert_eq!(bench.count_logged("LiveChat accepts the bot's secret again"), 1);
    bench.finish().await;
}

#[tokio::test]
async fn a_secret_that_is_mended_too_late_ends_in_silence_and_the_bot_leaves() {
    let mut bench = Bench::with(Setup::default().setting("SWEEP__MAX_AGE", "2s")).await;
    bench.allow_error(SECRET_REFUSED);
    refuse_the_secret(&mut bench).await;
    let chats = [bench.says("pizza").await, bench.says("more pizza").await];
    bench.logged(SECRET_REFUSED).await;
    // not waiting: the messages must grow too old.
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    bench.sandbox.faults().clear();
    for chat in &chats {
        assert_eq!(bench.ended(chat, 1).await.text("outcome"), "too_old");
    }
    bench.finish().await;
}

#[tokio::test]
async fn a_chat_that_is_closed_between_any_two_calls() {
    let mut bench = Bench::with(quick()).await;
    for action in CALLS {
        let mut customer = bench.customer().await;
        bench.sandbox.faults().add(fault(action, CallEffect::HangBefore));
        bench.heard("pizza, and I am gone");
        customer.starts(json!([{ "type": "message", "text": "pizza, and I am gone" }])).await;
        bench.faulted_in(action, &customer.chat).await;
        customer.closes().await;
        let outcome = bench.ended(&customer.chat, 1).await.text("outcome").to_owned();
        let was_said = action == "remove_user_from_chat";
        assert_eq!(outcome, if was_said { "said" } else { "chat_inactive" }, "{action}");
        if was_said {
            bench.expect(&customer.chat, REPLY);
        }
    }
    bench.finish().await;
}

#[tokio::test]
async fn a_chat_that_is_transferred_between_any_two_calls() {
    let mut bench = Bench::with(quick()).await;
    for action in CALLS {
        bench.sandbox.faults().add(fault(action, CallEffect::HangBefore));
        let chat = bench.says("pizza").await;
        bench.faulted_in(action, &chat).await;
        let target = json!({ "type": "group", "ids": [0] });
        let transfer = json!({ "id": chat, "target": target, "ignore_agents_availability": true,
            "ignore_requester_presence": true });
        bench.agent("transfer_chat", transfer).await;
        assert_eq!(bench.ended(&chat, 1).await.text("outcome"), "said", "{action}");
        bench.expect(&chat, REPLY);
    }
    bench.finish().await;
}

#[tokio::test]
async fn a_bot_that_an_agent_removes_between_any_two_calls() {
    let mut bench = Bench::with(quick()).await;
    for action in ["send_event", "remove_user_from_chat"] {
        bench.sandbox.faults().add(fault(action, CallEffect::HangBefore));
        let chat = bench.says("pizza").await;
        bench.faulted_in(action, &chat).await;
        let remove = json!({ "chat_id": chat, "user_id": bench.bot_id, "user_type": "agent",
            "ignore_requester_presence": true });
        bench.agent("remove_user_from_chat", remove).await;
        assert_eq!(bench.ended(&chat, 1).await.text("outcome"), "said", "{action}");
        bench.expect(&chat, REPLY);
    }
    bench.finish().await;
}

#[tokio::test]
async fn a_chat_that_is_anonymized_deleted_or_out_of_reach_between_any_two_calls() {
    let mut bench = Bench::start().await;
    for (code, kind) in
        [(422, "chat_anonymized"), (404, "not_found"), (403, "missing_access"), (422, "chat_inactive")]
    {
        for action in CALLS {
            bench.sandbox.faults().add(fault(action, status(code, kind)));
            let chat = bench.says("pizza").await;
            let outcome = bench.ended(&chat, 1).await.text("outcome").to_owned();
            if action == "remove_user_from_chat" {
                // What cannot be left is left behind with the chat itself.
                bench.expect(&chat, REPLY);
                bench.expect_guest(&chat);
                assert_eq!(outcome, "said", "{action} {kind}");
            } else {
                assert_eq!(outcome, kind, "{action}");
            }
        }
    }
    let (code, buried) = bench.outbox(&["list", "--state", "buried"], &[]).await;
    assert!(code == 0 && buried.contains("no visits"), "it is normal life: {buried}");
    bench.finish().await;
}

/// Each call meets it in turn, in one bot.
async fn survives_on_the_wire(spoil: Spoil) {
    let mut bench = Bench::with(Setup { is_wired: true, ..quick() }).await;
    for action in CALLS {
        bench.wire().spoil(action, spoil);
        let chat = bench.says("pizza").await;
        assert_eq!(bench.ended(&chat, 1).await.text("outcome"), "said", "{action}");
        assert!(bench.wire().is_spoiled(), "{action} never met {spoil:?}");
        bench.expect(&chat, REPLY);
    }
    bench.finish().await;
}

#[tokio::test]
async fn a_reset_in_the_middle_of_an_answers_body() {
    survives_on_the_wire(Spoil::HalfAnswer).await;
}

#[tokio::test]
async fn a_half_open_connection_that_swallows_a_call() {
    survives_on_the_wire(Spoil::Deaf).await;
}

#[tokio::test]
async fn a_pooled_connection_that_is_closed_under_a_call() {
    survives_on_the_wire(Spoil::Closed).await;
}

#[tokio::test]
async fn a_platform_that_cannot_be_reached_costs_no_attempt() {
    // The call that hangs when the wire is cut is the one that counts.
    let setup = Setup { is_wired: true, ..quick().setting("VISITS__MAX_ATTEMPTS", "2") };
    let mut bench = Bench::with(setup).await;
    bench.sandbox.faults().add(fault("send_event", CallEffect::HangBefore));
    // One stands inside, the others have not begun.
    let mut chats = vec![bench.says("pizza").await];
    bench.faulted("send_event").await;
    bench.wire().set_up(false);
    chats.extend(crowd(&mut bench, 10).await);
    bench.logged_times("the organization's visits wait", 3).await;
    assert!(bench.count_logged("the organization's visits wait") < 10, "not one for each visit");
    bench.wire().set_up(true);
    for chat in &chats {
        let line = bench.ended(chat, 1).await;
        assert_eq!(line.text("outcome"), "said");
        bench.expect(chat, REPLY);
    }
    bench.finish().await;
}

#[tokio::test]
async fn a_name_that_cannot_be_resolved_parks_visits() {
    let mut bench = Bench::start().await;
    bench.stop().await;
    bench.set("LIVECHAT__API_URL", "http://livechat.invalid");
    bench.set("VISITS__MAX_ATTEMPTS", "1");
    bench.launch().await;
    let chat = bench.says("pizza").await;
    bench.delivered("incoming_chat", 1).await;
    bench.logged("the organization's visits wait").await;
    assert_eq!(bench.readiness().await.1["token"], "unavailable");
    bench.stop().await;
    let address = bench.sandbox.addresses().api_url.clone();
    bench.set("LIVECHAT__API_URL", &address);
    bench.launch().await;
    assert_eq!(bench.ended(&chat, 1).await.text("outcome"), "said");
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn another_region_that_is_named_again_and_again_is_not_followed_for_ever() {
    let mut bench = Bench::with(Setup::default().setting("VISITS__MAX_ATTEMPTS", "2")).await;
    let elsewhere = |region: &str| CallEffect::Misdirected { region: region.to_owned() };
    for region in ["fra", "dal", "fra", "dal"] {
        bench.sandbox.faults().add(fault("send_event", elsewhere(region)));
    }
    let chat = bench.says("pizza").await;
    assert_eq!(bench.ended(&chat, 1).await.text("outcome"), "gave_up_after_misdirected_request");
    assert_eq!(bench.calls("send_event").len(), 4);
    bench.finish().await;
}

/// A chat that waits in the queue, with a rule that speaks to all; what the bot says there, to whom.
async fn said_in_a_queued_chat(key: &str) -> (Bench, String) {
    let mut bench = Bench::with(Setup::rules(&format!("{PIZZA}visibility = \"all\"\n{key}\n"))).await;
    let agent = bench.sandbox.addresses().agent_id.clone();
    bench.agent("set_routing_status", json!({ "agent_id": agent, "status": "not_accepting_chats" })).await;
    let chat = bench.says("pizza").await;
    bench.ended(&chat, 1).await;
    let seen = bench.chat(&chat).await;
    assert!(!seen["thread"]["queue"].is_null(), "the chat keeps its place: {seen}");
    (bench, chat)
}

#[tokio::test]
async fn a_public_rule_whispers_in_a_queued_chat_and_leaves_it_queued() {
    let (mut bench, chat) = said_in_a_queued_chat("").await;
    let seen = bench.chat(&chat).await;
    let events = seen["thread"]["events"].as_array().unwrap();
    let reply = events.iter().find(|event| event["text"] == REPLY).unwrap();
    assert_eq!(text(reply, "/visibility"), "agents");
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn a_public_rule_that_skips_is_silent_in_a_queued_chat() {
    let (bench, chat) = said_in_a_queued_chat("on_occupied = \"skip\"").await;
    assert_eq!(bench.ended(&chat, 1).await.text("outcome"), "occupied");
    assert!(bench.calls("add_user_to_chat").is_empty());
    bench.finish().await;
}

#[tokio::test]
async fn a_public_rule_that_skips_is_silent_when_the_public_place_is_taken() {
    let rules = format!("{PIZZA}visibility = \"all\"\non_occupied = \"skip\"\n");
    let mut bench = Bench::with(Setup::rules(&rules)).await;
    let chat = bench.says("pizza").await;
    let line = bench.ended(&chat, 1).await;
    assert_eq!((line.text("outcome"), line.number("attempts")), ("occupied", 1));
    bench.finish().await;
}

#[tokio::test]
async fn a_hidden_guest_never_speaks_to_the_customer() {
    for (key, outcome) in [("", "said"), ("on_occupied = \"skip\"", "occupied")] {
        let mut bench = Bench::with(Setup::rules(&format!("{PIZZA}visibility = \"all\"\n{key}\n"))).await;
        let mut customer = bench.customer().await;
        customer.starts(json!([])).await;
        bench.invites_the_bot(&customer.chat).await;
        bench.writes(&customer, "pizza").await;
        assert_eq!(bench.ended(&customer.chat, 1).await.text("outcome"), outcome);
        if outcome == "said" {
            bench.expect(&customer.chat, REPLY);
        }
        bench.expect_guest(&customer.chat);
        bench.finish().await;
    }
}
