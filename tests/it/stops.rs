//! The bot is stopped, politely or not, in the middle of something: it ends soon, and what was begun is finished once.

use super::bench::{Bench, REPLY, Setup, fault};
use super::crashes::said_once_after_a_kill;
use chimein::sandbox::CallEffect;
use std::time::Duration;

/// Kills the bot while it looks for what no webhook told, and starts it again.
async fn survives_a_kill_of_the_sweep_at(action: &str, effect: CallEffect) {
    let mut bench = Bench::start().await;
    bench.kill();
    bench.loses_all_webhooks();
    let chat = bench.says("pizza").await;
    bench.sandbox.faults().add(fault(action, effect));
    bench.launch().await;
    bench.faulted(action).await;
    said_once_after_a_kill(bench, &chat).await;
}

#[tokio::test]
async fn killed_while_the_sweep_lists_the_chats() {
    survives_a_kill_of_the_sweep_at("list_chats", CallEffect::HangAfter).await;
}

#[tokio::test]
async fn killed_while_the_sweep_reads_a_chat() {
    survives_a_kill_of_the_sweep_at("get_chat", CallEffect::HangAfter).await;
}

#[tokio::test]
async fn killed_again_and_again_at_the_start() {
    let mut bench = Bench::start().await;
    bench.sandbox.faults().add(fault("send_event", CallEffect::HangAfter));
    let chat = bench.says("pizza").await;
    bench.faulted("send_event").await;
    bench.kill();
    for round in 0..12 {
        bench.begin_launch();
        // not waiting: each round lets the start go a little further before the kill.
        tokio::time::sleep(Duration::from_millis(round * 20)).await;
        bench.kill();
    }
    bench.launch().await;
    // It may have ended in a process that was killed before it could say so, but never twice.
    bench.number_becomes("chimein_outbox_visits{state=\"done\"}", 1.0).await;
    assert!(bench.count_logged("visit ended") <= 1);
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

/// Kills the bot that was told to stop while it waits for a call.
async fn survives_a_kill_of_the_stop_at(action: &str, effect: CallEffect) {
    let mut bench = Bench::start().await;
    bench.sandbox.faults().add(fault(action, effect));
    let chat = bench.says("pizza").await;
    bench.faulted(action).await;
    bench.signal("TERM");
    bench.logged("stopping").await;
    said_once_after_a_kill(bench, &chat).await;
}

#[tokio::test]
async fn killed_while_stopping_between_the_reply_and_its_answer() {
    survives_a_kill_of_the_stop_at("send_event", CallEffect::HangAfter).await;
}

#[tokio::test]
async fn killed_while_stopping_before_the_leave() {
    survives_a_kill_of_the_stop_at("remove_user_from_chat", CallEffect::HangBefore).await;
}

#[tokio::test]
async fn a_stop_while_the_platform_hangs_ends_in_its_time_and_the_next_start_goes_on() {
    // Whoever waited for the visits would wait for ten minutes.
    let setup = Setup::default()
        .setting("LIVECHAT__REQUEST_TIMEOUT", "10m")
        .setting("VISITS__DEADLINE", "10m")
        .setting("SERVER__STOP_TIMEOUT", "1s");
    let mut bench = Bench::with(setup).await;
    let mut chats = Vec::new();
    for action in ["add_user_to_chat", "send_event", "remove_user_from_chat"] {
        for effect in [CallEffect::HangBefore, CallEffect::HangAfter] {
            bench.sandbox.faults().add(fault(action, effect));
            chats.push(bench.says("pizza").await);
            bench.faulted_in(action, &chats[chats.len() - 1]).await;
        }
    }
    bench.stop().await;
    bench.logged("the stop waits no longer").await;
    assert_eq!(bench.count_logged("visit ended"), 0);
    bench.launch().await;
    for chat in &chats {
        assert_eq!(bench.ended(chat, 1).await.text("outcome"), "said");
        bench.expect(chat, REPLY);
    }
    bench.finish().await;
}

#[tokio::test]
async fn a_stop_for_longer_than_the_lease_answers_once_and_leaves() {
    let setup =
        Setup::default().setting("VISITS__DEADLINE", "3s").setting("LIVECHAT__REQUEST_TIMEOUT", "30s");
    let mut bench = Bench::with(setup).await;
    let mut chats = Vec::new();
    for action in ["add_user_to_chat", "send_event", "remove_user_from_chat"] {
        bench.sandbox.faults().add(fault(action, CallEffect::HangAfter));
        chats.push(bench.says("pizza").await);
        bench.faulted(action).await;
    }
    bench.signal("STOP");
    // not waiting: to be stopped for longer than the lease, two deadlines, is the point.
    tokio::time::sleep(Duration::from_secs(7)).await;
    bench.signal("CONT");
    // Who had everything but the leave would leave now, where somebody else may be at work by now.
    bench.logged("a stay stops: its lease is over").await;
    for chat in chats {
        assert_eq!(bench.ended(&chat, 1).await.text("outcome"), "said");
        bench.expect(&chat, REPLY);
    }
    assert_eq!(bench.count_logged("visit ended"), 3);
    assert!(bench.numbers().await.of("chimein_leases_lost_total") > Some(0.0));
    bench.finish().await;
}

#[tokio::test]
async fn a_visit_that_was_taken_over_is_told_of_once_by_who_has_it() {
    let setup = Setup::default().setting("VISITS__DEADLINE", "2s").setting("LIVECHAT__REQUEST_TIMEOUT", "1s");
    let mut bench = Bench::with(setup).await;
    bench.sandbox.faults().add(fault("remove_user_from_chat", CallEffect::HangAfter));
    let chat = bench.says("pizza").await;
    bench.faulted("remove_user_from_chat").await;
    // As if somebody else had claimed it, and died.
    assert_eq!(bench.other_program().execute("UPDATE visits SET claims = claims + 1", []).unwrap(), 1);
    bench.logged("a visit was taken over").await;
    assert_eq!(bench.count_logged("visit ended"), 0);
    assert_eq!(bench.ended(&chat, 1).await.text("outcome"), "said");
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn a_deadline_shorter_than_a_call_loses_no_lease() {
    let setup =
        Setup::default().setting("VISITS__DEADLINE", "2s").setting("LIVECHAT__REQUEST_TIMEOUT", "30s");
    let mut bench = Bench::with(setup).await;
    // The second is met by the leave that follows the deadline.
    for _ in 0..2 {
        bench.sandbox.faults().add(fault("remove_user_from_chat", CallEffect::HangBefore));
    }
    let chat = bench.says("pizza").await;
    assert_eq!(bench.ended(&chat, 1).await.text("outcome"), "said");
    assert_eq!(bench.numbers().await.of("chimein_leases_lost_total"), Some(0.0));
    assert_eq!(bench.count_logged("visit ended"), 1);
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn a_stop_with_thousands_of_waiting_visits_and_no_platform_is_soon_over() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    // Ten begin at once, the others six seconds after each other: whoever waits for all of them waits for ten minutes.
    let setup = Setup::default()
        .setting("LIVECHAT__API_URL", &format!("http://{closed}"))
        .setting("VISITS__PER_MINUTE", "10")
        .setting("VISITS__DEADLINE", "10m");
    let mut bench = Bench::with(setup).await;
    bench.stop().await;
    let fill = "
        WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 20000)
        INSERT INTO visits (key, chat_key, organization, chat, thread, event, rule, rules_version, reply, is_public,
            written_ms, admitted_ms, bot_inside, due_ms)
        SELECT randomblob(16), n, 'o', 'chat' || n, 't', 'e', 'lunch', 'v', 'r', 0,
            unixepoch() * 1000, unixepoch() * 1000, 0, 0 FROM numbers";
    bench.other_program().execute_batch(fill).unwrap();
    bench.launch().await;
    bench.logged("put back").await;
    bench.stop().await;
    let counted = "SELECT count(*) FROM visits WHERE state = 0";
    let waiting: i64 = bench.other_program().query_row(counted, [], |row| row.get(0)).unwrap();
    assert_eq!(waiting, 20_000, "all of them wait, none is held");
}
