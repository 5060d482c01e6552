//! The sweep: what webhooks did not tell is answered, once, and a bot that was left behind is taken out.

use super::bench::{Bench, PIZZA, REPLY, Setup, fault, is_present};
use super::load::crowd;
use chimein::sandbox::{CallEffect, Entry, Face, Fault, WebhookEffect};
use serde_json::json;
use std::time::Duration;

/// Sweeps at the start and every second.
fn often() -> Setup {
    Setup::default().setting("SWEEP__INTERVAL", "1s")
}

/// Sweeps at the start and not again.
fn at_the_start() -> Setup {
    Setup::default().setting("SWEEP__INTERVAL", "1h").setting("SWEEP__PER_MINUTE", "100000")
}

fn status(code: u16, kind: &str, retry_after: Option<u32>) -> CallEffect {
    CallEffect::Status { code, kind: Some(kind.to_owned()), retry_after }
}

#[tokio::test]
async fn a_message_whose_webhook_was_lost_is_answered_once() {
    let mut bench = Bench::with(often()).await;
    bench.loses_all_webhooks();
    let mut customer = bench.customer().await;
    customer.starts(json!([{ "type": "message", "text": "hello" }])).await;
    let chat = customer.chat.clone();
    for times in 1..=2 {
        bench.writes(&customer, "pizza").await;
        assert_eq!(bench.ended(&chat, times).await.text("outcome"), "said");
        bench.expect(&chat, REPLY);
    }
    let sweeps = bench.swept().await;
    assert_eq!(sweeps.iter().map(|line| line.number("answered")).sum::<i64>(), 2);
    bench.finish().await;
}

#[tokio::test]
async fn what_was_written_while_the_bot_was_down_is_answered_at_the_start() {
    let mut bench = Bench::with(at_the_start()).await;
    bench.loses_all_webhooks();
    let before = bench.says("no food").await;
    bench.kill();
    let chat = bench.says("pizza").await;
    bench.launch().await;
    assert_eq!(bench.ended(&chat, 1).await.text("outcome"), "said");
    assert!(!is_present(&bench.chat(&before).await, &bench.bot_id));
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn without_webhooks_the_sweep_alone_is_enough() {
    let mut bench = Bench::with(Setup { has_webhooks: false, ..often() }).await;
    let chats = [bench.says("a pizza").await, bench.says("PIZZA!").await];
    for chat in &chats {
        bench.ended(chat, 1).await;
        bench.expect(chat, REPLY);
    }
    bench.finish().await;
}

#[tokio::test]
async fn both_doors_at_once_make_one_reply() {
    let mut bench = Bench::with(often()).await;
    let late = WebhookEffect::Delay(Duration::from_millis(1_500));
    bench.sandbox.faults().add(Fault::webhook("incoming_chat", late).times(5));
    for chat in crowd(&mut bench, 10).await {
        bench.ended(&chat, 1).await;
        bench.expect(&chat, REPLY);
    }
    bench.delivered("incoming_chat", 10).await;
    bench.swept().await;
    bench.finish().await;
}

#[tokio::test]
async fn a_chat_in_which_nothing_is_new_is_not_read_again() {
    let mut bench = Bench::with(often()).await;
    bench.says("hello").await;
    let mut customer = bench.customer().await;
    customer.starts(json!([{ "type": "message", "text": "good morning" }])).await;
    bench.swept().await;
    assert_eq!(bench.calls("get_chat").len(), 2, "each chat once");
    let lists = bench.calls("list_chats").len();
    bench.swept().await;
    assert_eq!(bench.calls("get_chat").len(), 2, "nothing is new");
    assert!(bench.calls("list_chats").len() > lists);
    bench.writes(&customer, "anybody here?").await;
    bench.swept().await;
    assert_eq!(bench.calls("get_chat").len(), 3, "one chat has something new");
    bench.finish().await;
}

#[tokio::test]
async fn what_is_too_old_is_counted_once_and_neither_answered_nor_read() {
    let mut bench = Bench::with(often().setting("SWEEP__MAX_AGE", "1ms")).await;
    bench.loses_all_webhooks();
    bench.says("pizza").await;
    bench.says("hello").await;
    bench.swept().await;
    let sweeps = bench.swept().await;
    assert_eq!(sweeps.iter().map(|line| line.number("too_old")).sum::<i64>(), 1);
    assert!(bench.calls("get_chat").is_empty());
    bench.finish().await;
}

#[tokio::test]
async fn what_is_too_old_in_a_chat_with_young_messages_is_counted_and_not_answered() {
    let mut bench = Bench::with(often().setting("SWEEP__MAX_AGE", "5s")).await;
    bench.loses_all_webhooks();
    bench.stop().await;
    let mut customer = bench.customer().await;
    customer.starts(json!([{ "type": "message", "text": "pizza" }])).await;
    // not waiting: the message must grow too old.
    tokio::time::sleep(Duration::from_millis(5_100)).await;
    bench.writes(&customer, "another pizza").await;
    bench.launch().await;
    bench.ended(&customer.chat, 1).await;
    let line = bench.logged_last("swept").await;
    assert_eq!((line.number("too_old"), line.number("answered")), (1, 1));
    bench.expect(&customer.chat, REPLY);
    bench.writes(&customer, "thanks").await;
    let sweeps = bench.swept().await;
    assert_eq!(sweeps.iter().map(|line| line.number("too_old")).sum::<i64>(), 1, "counted once");
    bench.finish().await;
}

#[tokio::test]
async fn what_was_answered_is_not_counted_as_too_old() {
    let mut bench = Bench::with(at_the_start().setting("SWEEP__MAX_AGE", "5s")).await;
    let mut customer = bench.customer().await;
    customer.starts(json!([{ "type": "message", "text": "pizza" }])).await;
    bench.ended(&customer.chat, 1).await;
    bench.stop().await;
    bench.loses_all_webhooks();
    // not waiting: the message must grow too old.
    tokio::time::sleep(Duration::from_millis(5_100)).await;
    bench.writes(&customer, "thank you").await;
    bench.launch().await;
    let line = bench.logged_last("swept").await;
    assert_eq!((line.number("reads"), line.number("too_old")), (1, 0));
    bench.expect(&customer.chat, REPLY);
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_the_list_is_read() {
    let mut bench = Bench::with(at_the_start().setting("LOG__LEVEL", "info")).await;
    bench.loses_all_webhooks();
    bench.stop().await;
    let lists = bench.calls("list_chats").len();
    let chats = crowd(&mut bench, 250).await;
    bench.launch().await;
    for chat in &chats {
        bench.ended(chat, 1).await;
        bench.expect(chat, REPLY);
    }
    assert_eq!(bench.calls("list_chats").len() - lists, 3);
    assert_eq!(bench.logged_last("swept").await.number("chats"), 250);
    bench.finish().await;
}

#[tokio::test]
async fn no_more_chats_are_looked_at_than_allowed_and_that_is_said() {
    let mut bench = Bench::with(at_the_start().setting("SWEEP__MAX_CHATS", "2")).await;
    bench.loses_all_webhooks();
    bench.stop().await;
    let mut chats = Vec::new();
    for _ in 0..3 {
        chats.push(bench.says("pizza").await);
    }
    bench.launch().await;
    bench.logged("more active chats than sweep.max_chats").await;
    for chat in &chats[1..] {
        bench.ended(chat, 1).await;
        bench.expect(chat, REPLY);
    }
    bench.finish().await;
}

/// The calls of a sweep meet a fault; the message is answered all the same.
async fn sweeps_through(action: &str, effect: CallEffect, times: u32) -> Bench {
    let mut bench = Bench::with(often()).await;
    bench.loses_all_webhooks();
    let before = Fault::call(action, effect).times(times);
    bench.sandbox.faults().add(on_the_agents_face(before));
    let chat = bench.says("pizza").await;
    assert_eq!(bench.ended(&chat, 1).await.text("outcome"), "said", "{action}");
    let met = bench.sandbox.journal().entries();
    let met = met.iter().filter_map(Entry::call).filter(|call| call.action == action && call.fault.is_some());
    assert_eq!(met.count(), times as usize, "{action} met the fault");
    bench.expect(&chat, REPLY);
    bench
}

fn on_the_agents_face(mut fault: Fault) -> Fault {
    if let Fault::Call { face, .. } = &mut fault {
        *face = Some(Face::Agent);
    }
    fault
}

#[tokio::test]
async fn a_sweep_that_is_told_to_slow_down_waits_and_goes_on() {
    for action in ["list_chats", "get_chat"] {
        let bench = sweeps_through(action, status(429, "too_many_requests", Some(1)), 2).await;
        bench.logged("the sweep waits").await;
        bench.finish().await;
    }
}

#[tokio::test]
async fn the_sweep_makes_no_call_while_visits_are_told_to_slow_down() {
    let mut bench = Bench::with(often()).await;
    bench.sandbox.faults().add(fault("add_user_to_chat", status(429, "too_many_requests", Some(4))));
    let chat = bench.says("pizza").await;
    bench.logged("the organization's visits wait").await;
    let before = bench.calls("list_chats").len();
    bench.ended(&chat, 1).await;
    // One may have been on its way; without the gate there are three.
    assert!(bench.calls("list_chats").len() - before < 2);
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn the_sweep_keeps_to_its_pace() {
    let mut bench = Bench::with(Setup::default().setting("SWEEP__PER_MINUTE", "1")).await;
    bench.loses_all_webhooks();
    bench.stop().await;
    let mut chats = Vec::new();
    for _ in 0..12 {
        chats.push(bench.says("pizza").await);
    }
    bench.launch().await;
    // Ten calls may come at once: the list and nine chats, the latest first.
    for chat in &chats[3..] {
        bench.ended(chat, 1).await;
        bench.expect(chat, REPLY);
    }
    bench.finish().await;
}

#[tokio::test]
async fn killed_in_the_middle_of_a_sweep() {
    let mut bench = Bench::with(often()).await;
    bench.loses_all_webhooks();
    bench.sandbox.faults().add(fault("get_chat", CallEffect::HangBefore));
    let chats = [bench.says("pizza").await, bench.says("more pizza").await];
    bench.faulted("get_chat").await;
    bench.kill();
    bench.launch().await;
    for chat in &chats {
        bench.ended(chat, 1).await;
        bench.expect(chat, REPLY);
    }
    bench.swept().await;
    bench.finish().await;
}

#[tokio::test]
async fn a_list_that_fails_is_read_again_in_the_next_sweep() {
    let bench = sweeps_through("list_chats", status(503, "service_unavailable", None), 2).await;
    bench.logged("the sweep failed").await;
    bench.finish().await;
}

#[tokio::test]
async fn a_chat_that_cannot_be_read_is_read_in_the_next_sweep() {
    sweeps_through("get_chat", status(500, "internal", None), 2).await.finish().await;
    sweeps_through("get_chat", CallEffect::ResetBefore, 1).await.finish().await;
}

#[tokio::test]
async fn readiness_does_not_wait_for_the_first_sweep() {
    let mut bench = Bench::with(at_the_start()).await;
    bench.stop().await;
    bench.sandbox.faults().add(fault("list_chats", CallEffect::HangBefore));
    bench.launch().await;
    bench.faulted("list_chats").await;
    let ready = bench.http().get(format!("{}/health/ready", bench.public())).send().await.unwrap();
    assert_eq!(ready.status(), 200);
    bench.logged("the sweep failed").await;
    bench.finish().await;
}

#[tokio::test]
async fn a_bot_that_was_left_behind_is_taken_out() {
    let mut bench = Bench::with(often()).await;
    let chat = bench.says("pizza").await;
    bench.ended(&chat, 1).await;
    bench.the_bot_joins_late(&chat).await;
    assert_eq!(bench.ended(&chat, 2).await.text("outcome"), "left_behind");
    let sweeps = bench.swept().await;
    assert_eq!(sweeps.iter().map(|line| line.number("left_behind")).sum::<i64>(), 1);
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn a_bot_that_was_left_behind_is_taken_out_at_the_start() {
    let mut bench = Bench::with(at_the_start()).await;
    let chat = bench.says("pizza").await;
    bench.ended(&chat, 1).await;
    bench.stop().await;
    bench.the_bot_joins_late(&chat).await;
    bench.launch().await;
    assert_eq!(bench.ended(&chat, 2).await.text("outcome"), "left_behind");
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn a_guest_stays_whether_or_not_there_was_a_visit_of_ours_before() {
    let mut bench = Bench::with(often()).await;
    let visited = bench.says("pizza").await;
    bench.ended(&visited, 1).await;
    let other = bench.says("hello").await;
    for chat in [&visited, &other] {
        bench.invites_the_bot(chat).await;
        bench.expect_guest(chat);
    }
    bench.swept().await;
    let reads = bench.calls("get_chat").len();
    bench.swept().await;
    assert_eq!(bench.calls("get_chat").len(), reads, "the chat is asked once");
    assert_eq!(bench.calls("remove_user_from_chat").len(), 1, "the visit's own");
    bench.expect(&visited, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn a_visit_that_takes_long_is_not_taken_for_one_that_was_left_behind() {
    let mut bench = Bench::with(often()).await;
    bench.sandbox.faults().add(fault("send_event", CallEffect::HangBefore).times(2));
    let chat = bench.says("pizza").await;
    bench.faulted("send_event").await;
    let sweeps = bench.swept().await;
    bench.ended(&chat, 1).await;
    assert_eq!(sweeps.iter().map(|line| line.number("left_behind")).sum::<i64>(), 0);
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn a_lost_outbox_makes_nobody_hear_it_twice() {
    let mut bench = Bench::with(at_the_start()).await;
    let chat = bench.says("pizza").await;
    bench.ended(&chat, 1).await;
    bench.kill();
    bench.loses_the_outbox();
    bench.launch().await;
    bench.ended(&chat, 2).await;
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn what_was_written_before_the_chat_was_closed_and_begun_again_is_answered() {
    let mut bench = Bench::with(at_the_start()).await;
    bench.loses_all_webhooks();
    bench.kill();
    let mut customer = bench.customer().await;
    customer.starts(json!([{ "type": "message", "text": "pizza" }])).await;
    customer.closes().await;
    let again =
        json!({ "id": customer.chat, "thread": { "events": [{ "type": "message", "text": "hello?" }] } });
    customer.call("resume_chat", json!({ "chat": again })).await;
    bench.launch().await;
    assert_eq!(bench.ended(&customer.chat, 1).await.text("outcome"), "said");
    bench.expect(&customer.chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn a_shadow_rule_reports_a_message_once_through_both_doors() {
    let setup = Setup { rules: format!("{PIZZA}mode = \"shadow\"\n"), ..often() };
    let mut bench = Bench::with(setup).await;
    bench.says("pizza").await;
    bench.logged("would have spoken").await;
    bench.swept().await;
    assert_eq!(bench.count_logged("would have spoken"), 1);
    assert_eq!(bench.calls("get_chat").len(), 1);
    bench.finish().await;
}

#[tokio::test]
async fn a_sweep_that_is_switched_off_makes_no_call_and_says_so() {
    let mut bench = Bench::with(Setup::default().setting("SWEEP__INTERVAL", "0s")).await;
    bench.logged("sweep.interval is 0s").await;
    let chat = bench.says("pizza").await;
    bench.ended(&chat, 1).await;
    assert!(bench.calls("list_chats").is_empty());
    bench.expect(&chat, REPLY);
    bench.finish().await;
}
