//! Webhooks twice, at once, late, again; and a host's clock that jumps between two runs.

use super::bench::{Bench, KEY, REPLY, Setup, fault};
use chimein::outbox::Clock;
use chimein::sandbox::CallEffect;
use jiff::SignedDuration;
use serde_json::{Value, json};

/// A webhook of what the customer says, written so long ago (or so far ahead).
async fn recorded(bench: &mut Bench, age: SignedDuration) -> (String, Value) {
    let mut customer = bench.customer().await;
    customer.starts(json!([])).await;
    bench.heard("one pizza");
    let mut body = bench.message(&customer.id, &customer.chat, &format!("{}_9", customer.chat), "one pizza");
    body["payload"]["event"]["created_at"] =
        json!(Clock::start().now().saturating_sub(age).unwrap().to_string());
    (customer.chat, body)
}

fn told(word: &str) -> (u16, String) {
    (200, word.to_owned())
}

#[tokio::test]
async fn ten_at_once_make_one_reply() {
    let mut bench = Bench::start().await;
    let (chat, body) = recorded(&mut bench, SignedDuration::ZERO).await;
    let answers = futures_util::future::join_all((0..10).map(|_| bench.knock(&body))).await;
    assert!(answers.iter().all(|(status, _)| *status == 200), "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| **answer == told("accepted")).count(), 1, "{answers:?}");
    bench.ended(&chat, 1).await;
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn a_recorded_delivery_is_known_again_after_its_visit_and_after_a_restart() {
    let mut bench = Bench::start().await;
    let (chat, body) = recorded(&mut bench, SignedDuration::ZERO).await;
    assert_eq!(bench.knock(&body).await, told("accepted"));
    bench.ended(&chat, 1).await;
    assert_eq!(bench.knock(&body).await, told("duplicate"));
    bench.kill();
    bench.launch().await;
    assert_eq!(bench.knock(&body).await, told("duplicate"));
    // Somebody who does not know the key cannot play it with other words either.
    let mut forged = body.clone();
    forged["secret_key"] = json!(format!("{KEY}x"));
    assert_eq!(bench.knock(&forged).await, (401, "wrong_secret".to_owned()));
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn a_key_that_was_replaced_is_refused() {
    let mut bench = Bench::start().await;
    let (_, body) = recorded(&mut bench, SignedDuration::ZERO).await;
    bench.stop().await;
    bench.set("WEBHOOKS__SECRET_KEY", "the-next-key");
    bench.launch().await;
    assert_eq!(bench.knock(&body).await, (401, "wrong_secret".to_owned()));
    bench.finish().await;
}

#[tokio::test]
async fn a_day_late_gets_silence_and_from_an_hour_ahead_an_answer() {
    let mut bench = Bench::start().await;
    for hours in [24, 1] {
        let (_, body) = recorded(&mut bench, SignedDuration::from_hours(hours)).await;
        assert_eq!(bench.knock(&body).await, told("silent"), "{hours} h late");
    }
    // The host's clock is behind: what customers write seems to come from the future.
    let (chat, body) = recorded(&mut bench, SignedDuration::from_hours(-1)).await;
    assert_eq!(bench.knock(&body).await, told("accepted"));
    bench.ended(&chat, 1).await;
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

/// Kills the bot in the middle of a visit and starts it with a clock that has jumped by so much: what is on disk is from
/// so much later, or earlier.
async fn with_a_clock_that_jumped(by: SignedDuration) -> (Bench, String, String) {
    let mut bench = Bench::start().await;
    bench.sandbox.faults().add(fault("send_event", CallEffect::HangBefore));
    let chat = bench.says("pizza").await;
    bench.faulted("send_event").await;
    bench.kill();
    let sql = "UPDATE visits SET written_ms = written_ms - ?1, admitted_ms = admitted_ms - ?1, due_ms = due_ms - ?1";
    let moved = i64::try_from(by.as_millis()).expect("a number");
    bench.other_program().execute(sql, [moved]).expect("the rows are moved");
    bench.launch().await;
    let outcome = bench.ended(&chat, 1).await.text("outcome").to_owned();
    (bench, chat, outcome)
}

#[tokio::test]
async fn a_clock_that_jumps_back_an_hour_between_two_runs_parks_nothing() {
    let (mut bench, chat, outcome) = with_a_clock_that_jumped(SignedDuration::from_hours(-1)).await;
    assert_eq!(outcome, "said");
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn a_clock_that_jumps_ahead_an_hour_between_two_runs_ends_in_silence_and_outside() {
    let (bench, _, outcome) = with_a_clock_that_jumped(SignedDuration::from_hours(1)).await;
    assert_eq!(outcome, "too_old");
    bench.finish().await;
}

#[tokio::test]
async fn more_writes_than_may_wait_are_refused_and_taken_when_they_come_again() {
    let setup = Setup::default()
        .setting("OUTBOX__MAX_QUEUE", "4")
        .setting("OUTBOX__MAX_BATCH", "1")
        .setting("VISITS__CONCURRENCY", "1");
    let mut bench = Bench::with(setup).await;
    bench.allow_error("a visit could not be written down");
    bench.allow_error("cannot claim visits");
    bench.allow_error("cannot write to the outbox");
    let mut bodies = Vec::new();
    for _ in 0..16 {
        bodies.push(recorded(&mut bench, SignedDuration::ZERO).await);
    }
    let database = bench.other_program();
    // Somebody holds the disk for a moment: one write is under way, four may wait.
    database.execute_batch("BEGIN IMMEDIATE").expect("the lock is ours");
    let knocks = futures_util::future::join_all(bodies.iter().map(|(_, body)| bench.knock(body))).await;
    let refused = knocks.iter().filter(|answer| **answer == (503, "not_written".to_owned())).count();
    assert!(refused >= 11, "{knocks:?}");
    database.execute_batch("COMMIT").expect("the lock is given back");
    drop(database);
    for (chat, body) in &bodies {
        while bench.knock(body).await.0 == 503 {}
        bench.ended(chat, 1).await;
        bench.expect(chat, REPLY);
    }
    bench.finish().await;
}
