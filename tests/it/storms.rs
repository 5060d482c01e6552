//! Loops and storms: each guard alone, replies that are answered without end, and more at once than may be.

use super::bench::{Bench, PIZZA, REPLY, Setup, fault, text};
use super::load::crowd;
use chimein::sandbox::{CallEffect, Entry};
use futures_util::future::join_all;
use serde_json::json;

const CUSTOMER: &str = "b7eff798-f8df-4364-8059-649c35c9ed0c";

/// The pizza's rule, for whoever writes.
fn anyones() -> Setup {
    Setup::rules(&format!("{PIZZA}from = \"anyone\"\n"))
}

fn silences(reason: &str) -> String {
    format!("chimein_decisions_total{{rule=\"\",outcome=\"{reason}\"}}")
}

fn silent() -> (u16, String) {
    (200, "silent".to_owned())
}

#[tokio::test]
async fn own_words_are_known_by_the_author_alone() {
    // Our own id has a customer's shape here, so that no other guard can know it.
    let mut bench = Bench::with(anyones().setting("BOT__ID", CUSTOMER)).await;
    bench.allow_error("LiveChat refuses the bot's id or secret");
    let mut body = bench.message(CUSTOMER, "C", "T_1", "pizza");
    body["payload"]["event"]["custom_id"] = json!("somebody-elses");
    assert_eq!(bench.knock(&body).await, silent());
    assert_eq!(bench.numbers().await.of(&silences("own_words")), Some(1.0));
    bench.finish().await;
}

#[tokio::test]
async fn own_words_are_known_by_their_mark_alone() {
    let bench = Bench::with(anyones()).await;
    let mut body = bench.message(CUSTOMER, "C", "T_1", "pizza");
    body["payload"]["event"]["custom_id"] = json!("chimein-0123-1");
    assert_eq!(bench.knock(&body).await, silent());
    assert_eq!(bench.numbers().await.of(&silences("own_words")), Some(1.0));
    bench.finish().await;
}

#[tokio::test]
async fn a_bots_words_are_known_by_the_shape_of_its_id_alone() {
    let bench = Bench::with(anyones()).await;
    let body = bench.message("5c9871d5372c824cbf22d860a707a578", "C", "T_1", "pizza");
    assert_eq!(bench.knock(&body).await, silent());
    assert_eq!(bench.numbers().await.of(&silences("by_bot")), Some(1.0));
    bench.finish().await;
}

#[tokio::test]
async fn own_words_are_not_even_delivered_with_the_webhooks_filter() {
    let mut bench = Bench::with(anyones()).await;
    let mut customer = bench.customer().await;
    customer.starts(json!([{ "type": "message", "text": "pizza" }])).await;
    let chat = customer.chat.clone();
    bench.ended(&chat, 1).await;
    bench.writes(&customer, "thank you").await;
    bench.delivered("incoming_event", 1).await;
    let deliveries = bench.sandbox.journal().entries();
    let deliveries = deliveries.iter().filter_map(Entry::delivery);
    assert_eq!(deliveries.filter(|delivery| delivery.action == "incoming_event").count(), 1);
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn somebody_who_answers_every_reply_is_answered_up_to_the_cap() {
    const CAP: usize = 5;
    let mut bench = Bench::with(anyones().setting("VISITS__PER_THREAD", "5")).await;
    let mut customer = bench.customer().await;
    customer.starts(json!([{ "type": "message", "text": "pizza" }])).await;
    let chat = customer.chat.clone();
    for replies in 1..=CAP {
        bench.ended(&chat, replies).await;
        bench.expect(&chat, REPLY);
        bench.writes(&customer, "and another pizza").await;
    }
    assert_eq!(bench.logged("as many visits as it may have").await.text("chat.id"), chat);
    bench.finish().await;
}

#[tokio::test]
async fn ten_thousand_webhooks_of_one_chat_become_bounded_work() {
    const PEOPLE: usize = 50;
    let setup = Setup::default().setting("LOG__LEVEL", "info");
    let mut bench = Bench::with(setup).await;
    let mut customer = bench.customer().await;
    customer.starts(json!([])).await;
    let chat = customer.chat.clone();
    let knocks = (0..PEOPLE).map(async |person| {
        for number in 0..200 {
            let body = bench.message(&customer.id, &chat, &format!("T_{person}_{number}"), "pizza");
            assert_eq!(bench.knock(&body).await.0, 200);
        }
    });
    join_all(knocks).await;
    bench.ended(&chat, 20).await;
    let numbers = bench.numbers().await;
    assert_eq!(numbers.sum("chimein_outbox_visits"), 20.0, "rows\n{}", numbers.page);
    assert_eq!(numbers.of("chimein_braked_total{limit=\"per_thread\"}"), Some(9_980.0));
    assert_eq!(bench.count_logged("as many visits as it may have"), 1);
    (0..20).for_each(|_| bench.expect(&chat, REPLY));
    bench.finish().await;
}

#[tokio::test]
async fn a_full_thread_gets_silence_without_asking_the_outbox() {
    let mut bench = Bench::with(Setup::default().setting("VISITS__PER_THREAD", "1")).await;
    bench.allow_error("cannot claim visits");
    bench.allow_error("cannot write to the outbox");
    let chat = bench.says("pizza").await;
    bench.ended(&chat, 1).await;
    bench.expect(&chat, REPLY);
    let thread = text(&bench.chat(&chat).await, "/thread/id");
    let more = |number: usize| {
        let mut body = bench.message(CUSTOMER, &chat, &format!("{thread}_{number}"), "pizza");
        body["payload"]["thread_id"] = json!(thread);
        body
    };
    assert_eq!(bench.knock(&more(100)).await, silent());
    bench.logged("as many visits as it may have").await;
    // Who asked it now would be told that it cannot be written, as the worker is when it looks meanwhile.
    let other = bench.other_program();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    for number in 101..110 {
        assert_eq!(bench.knock(&more(number)).await, silent());
    }
    other.execute_batch("ROLLBACK").unwrap();
    drop(other);
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_breaker_opens_in_a_storm_of_chats_is_shown_and_closes_by_itself() {
    let setup = Setup::default()
        .setting("VISITS__PER_MINUTE", "60")
        .setting("VISITS__BREAKER_AFTER", "2s")
        .setting("VISITS__BREAKER_PAUSE", "4s");
    let mut bench = Bench::with(setup).await;
    bench.allow_error("the breaker opens");
    let chats = crowd(&mut bench, 64).await;
    bench.logged("the breaker opens").await;
    assert_eq!(bench.ready().await["breaker"], "open");
    assert_eq!(bench.numbers().await.of("chimein_breakers_open"), Some(1.0));
    bench.number_becomes("chimein_breakers_open", 0.0).await;
    assert_eq!(bench.ready().await["breaker"], "closed");
    for chat in &chats {
        bench.ended(chat, 1).await;
        bench.expect(chat, REPLY);
    }
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_chat_and_what_waits_in_it_starve_no_other() {
    // Two slots: the slow chat has one, and what is written there meanwhile must not take the other.
    let setup =
        Setup::default().setting("VISITS__CONCURRENCY", "2").setting("LIVECHAT__REQUEST_TIMEOUT", "10s");
    let mut bench = Bench::with(setup).await;
    bench.sandbox.faults().add(fault("add_user_to_chat", CallEffect::HangBefore));
    let mut slow = bench.customer().await;
    slow.starts(json!([{ "type": "message", "text": "pizza" }])).await;
    bench.faulted("add_user_to_chat").await;
    bench.writes(&slow, "another pizza").await;
    bench.delivered("incoming_event", 1).await;
    for chat in crowd(&mut bench, 50).await {
        bench.ended(&chat, 1).await;
        bench.expect(&chat, REPLY);
    }
    assert_eq!(bench.count_logged("visit ended"), 50, "the slow one is still at it");
    bench.ended(&slow.chat, 2).await;
    (0..2).for_each(|_| bench.expect(&slow.chat, REPLY));
    bench.finish().await;
}
