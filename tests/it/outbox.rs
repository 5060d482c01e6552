//! `chimein outbox`, beside the bot that has the file, and without one.

use super::bench::{Bench, REPLY, Setup, fault, text};
use chimein::sandbox::CallEffect;
use serde_json::Value;

fn refusal() -> CallEffect {
    CallEffect::Status { code: 400, kind: Some("validation".to_owned()), retry_after: None }
}

/// A bench with one buried visit; gives its chat and its key.
async fn with_a_buried_visit() -> (Bench, String, String) {
    let mut bench = Bench::start().await;
    bench.sandbox.faults().add(fault("send_event", refusal()));
    let chat = bench.says("pizza, and be quick").await;
    bench.ended(&chat, 1).await;
    bench.number_becomes("chimein_outbox_visits{state=\"buried\"}", 1.0).await;
    let buried = list(&bench, &["--state", "buried"]).await;
    let key = text(&buried, "/0/key");
    (bench, chat, key)
}

async fn list(bench: &Bench, words: &[&str]) -> Value {
    let (code, told) = bench.outbox(&[&["list", "--json"], words].concat(), &[]).await;
    assert_eq!(code, 0, "{told}");
    serde_json::from_str(&told).unwrap()
}

#[tokio::test]
async fn a_buried_visit_is_shown_and_replayed_while_the_bot_runs() {
    let (mut bench, chat, key) = with_a_buried_visit().await;
    let (code, table) = bench.outbox(&["list"], &[]).await;
    assert_eq!(code, 0);
    for part in ["KEY", key.split_at(12).0, "buried", "lunch", &chat, "validation"] {
        assert!(table.contains(part), "{part} in\n{table}");
    }
    let (code, shown) = bench.outbox(&["show", key.split_at(8).0], &[]).await;
    assert!(code == 0 && shown.contains(REPLY) && shown.contains(&key), "{shown}");
    let (code, told) = bench.outbox(&["replay", key.split_at(8).0], &[]).await;
    assert!(code == 0 && told.contains("waits again"), "{told}");
    assert_eq!(bench.ended(&chat, 2).await.text("outcome"), "said");
    let (code, told) = bench.outbox(&["replay", &key, "--json"], &[]).await;
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((code, &told[0]["changed"]), (0, &Value::Bool(false)), "{told}");
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn a_reply_that_is_there_is_not_said_again_by_a_replay() {
    let mut bench = Bench::with(Setup::default().setting("VISITS__MAX_ATTEMPTS", "1")).await;
    bench.sandbox.faults().add(fault("send_event", CallEffect::ResetAfter));
    let chat = bench.says("pizza").await;
    assert_eq!(bench.ended(&chat, 1).await.text("outcome"), "gave_up_after_unknown_outcome");
    bench.number_becomes("chimein_outbox_visits{state=\"buried\"}", 1.0).await;
    let (code, told) = bench.outbox(&["replay", "--all", "--rule", "lunch"], &[]).await;
    assert!(code == 0 && told.contains("waits again"), "{told}");
    assert_eq!(bench.ended(&chat, 2).await.text("outcome"), "said");
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn a_message_that_is_too_old_is_replayed_only_by_force() {
    let (mut bench, chat, key) = with_a_buried_visit().await;
    let old = [("SWEEP__MAX_AGE", "1ms")];
    let (code, told) = bench.outbox(&["replay", &key], &old).await;
    assert!(code == 1 && told.contains("--force"), "{told}");
    assert_eq!(list(&bench, &["--state", "buried"]).await.as_array().unwrap().len(), 1);
    let (code, told) = bench.outbox(&["replay", &key, "--force"], &old).await;
    assert!(code == 0 && told.contains("waits again"), "{told}");
    bench.ended(&chat, 2).await;
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn a_visit_that_is_buried_by_hand_says_nothing_more_and_leaves() {
    let mut bench = Bench::start().await;
    let slow = CallEffect::Status { code: 429, kind: None, retry_after: Some(60) };
    bench.sandbox.faults().add(fault("send_event", slow));
    let chat = bench.says("pizza").await;
    bench.logged("visits wait").await;
    bench.stop().await;
    let key = text(&list(&bench, &["--chat", &chat]).await, "/0/key");
    let (code, told) = bench.outbox(&["bury", &key, "--reason", "not this one"], &[]).await;
    assert!(code == 0 && told.contains("once the bot is out"), "{told}");
    bench.launch().await;
    let line = bench.ended(&chat, 1).await;
    assert_eq!(line.text("outcome"), "by_hand: not this one");
    bench.number_becomes("chimein_outbox_visits{state=\"buried\"}", 1.0).await;
    let (code, told) = bench.outbox(&["bury", &key], &[]).await;
    assert!(code == 0 && told.contains("was buried before"), "{told}");
    bench.finish().await;
}

#[tokio::test]
async fn what_is_not_there_is_told() {
    let (bench, chat, key) = with_a_buried_visit().await;
    for (words, code, said) in [
        (&["show", "00000000"][..], 1, "there is no visit `00000000`"),
        (&["replay", &key, "00000000"], 1, "there is no visit `00000000`"),
        (&["show", "pizza"], 2, "32 hexadecimal digits"),
        (&["replay"], 2, "--all"),
        (&["replay", &key, "--rule", "lunch"], 2, "filters need --all"),
        (&["list", "--state", "lost"], 2, "waiting, held, done, buried"),
        (&["list", "--since", "soon"], 2, "how long ago"),
        (&["list", "--rule", "supper"], 0, "no visits"),
        (&["list", "--chat", &chat, "--since", "1h", "--limit", "1"], 0, "lunch"),
        (&["replay", "--all", "--rule", "supper"], 0, "no visits"),
    ] {
        let (given, told) = bench.outbox(words, &[]).await;
        assert_eq!(given, code, "{words:?}: {told}");
        assert!(told.contains(said), "{words:?}: {told}");
    }
    assert_eq!(list(&bench, &["--state", "buried"]).await.as_array().unwrap().len(), 1);
    let (code, told) = bench.outbox(&["list"], &[("OUTBOX__URL", "sqlite://nowhere/x.db")]).await;
    assert!(code == 1 && told.contains("there is no outbox at"), "{told}");
    bench.finish().await;
}

/// The events of the visits that are listed, the latest first.
async fn events(bench: &Bench, words: &[&str]) -> String {
    let listed = list(bench, words).await;
    listed.as_array().unwrap().iter().map(|visit| text(visit, "/event")).collect::<Vec<_>>().join(" ")
}

/// A bench whose bot is down, with visits of every kind: of this state, rule, chat and organization, admitted so many hours ago.
async fn with_all_kinds() -> Bench {
    let mut bench = Bench::start().await;
    bench.stop().await;
    let other = bench.other_program();
    for (event, (state, rule, chat, organization, hours)) in (1..).zip([
        (0, "lunch", "C1", "O1", 0),
        (1, "lunch", "C2", "O1", 0),
        (2, "supper", "C1", "O1", 2),
        (3, "lunch", "C1", "O2", 2),
        (3, "supper", "C2", "O1", 0),
    ]) {
        let sql = "
            INSERT INTO visits (key, chat_key, organization, chat, thread, event, rule, rules_version, reply, is_public,
                written_ms, admitted_ms, state, due_ms, ended_ms, claims, attempts)
            SELECT randomblob(16), ?1, ?2, ?3, 'T', ?1, ?4, 'v', 'r', 0, now, now, ?5, now, iif(?5 < 2, NULL, now), 1, 8
            FROM (SELECT (unixepoch() - ?6 * 3600) * 1000 AS now)";
        let event = format!("{event}");
        other.execute(sql, (event, organization, chat, rule, state, hours)).unwrap();
    }
    bench
}

/// Ends a test of visits that were made by hand.
async fn forget_them(mut bench: Bench) {
    bench.other_program().execute("DELETE FROM visits", []).unwrap();
    bench.launch().await;
    bench.finish().await;
}

#[tokio::test]
async fn each_filter_leaves_the_visits_that_are_meant() {
    let bench = with_all_kinds().await;
    for (words, left) in [
        (&[][..], "5 4 3 2 1"),
        (&["--state", "waiting"], "1"),
        (&["--state", "held"], "2"),
        (&["--state", "done"], "3"),
        (&["--state", "buried"], "5 4"),
        (&["--state", "waiting", "--state", "buried"], "5 4 1"),
        (&["--rule", "supper"], "5 3"),
        (&["--chat", "C2"], "5 2"),
        (&["--organization", "O2"], "4"),
        (&["--since", "1h"], "5 2 1"),
        (&["--since", "2020-01-01T00:00:00Z"], "5 4 3 2 1"),
        (&["--limit", "2"], "5 4"),
        (&["--rule", "lunch", "--chat", "C1", "--since", "1h"], "1"),
    ] {
        assert_eq!(events(&bench, words).await, left, "{words:?}");
    }
    forget_them(bench).await;
}

#[tokio::test]
async fn a_replay_of_all_takes_the_buried_that_are_meant_and_again_none() {
    let bench = with_all_kinds().await;
    let attempts = async || {
        let visits = list(&bench, &["--state", "waiting"]).await;
        visits.as_array().unwrap().iter().map(|visit| visit["attempts"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    for (words, said, buried) in [
        (&["--rule", "supper", "--organization", "O2"][..], "no visits", "5 4"),
        (&["--rule", "supper"], "waits again", "4"),
        (&["--rule", "supper"], "no visits", "4"),
        (&["--since", "1h"], "no visits", "4"),
    ] {
        let (code, told) = bench.outbox(&[&["replay", "--all"], words].concat(), &[]).await;
        assert!(code == 0 && told.contains(said) && told.lines().count() == 1, "{words:?}: {told}");
        assert_eq!(events(&bench, &["--state", "buried"]).await, buried, "{words:?}");
    }
    assert_eq!(attempts().await, [0, 8], "all of them again, and the other visit's are left alone");
    forget_them(bench).await;
}
