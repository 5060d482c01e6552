//! The disk fails in every way that can be provoked from outside: nothing acknowledged is lost, nothing is said twice,
//! and a file that cannot be used is refused and left alone.

use super::bench::{Bench, REPLY, Setup, fault, is_present};
use chimein::sandbox::CallEffect;
use std::os::unix::fs::PermissionsExt;

/// What the log says while nothing can be written.
const DISK_ERRORS: [&str; 4] = [
    "cannot write to the outbox",
    "a visit could not be written down",
    "visits could not be written down",
    "cannot claim visits",
];

async fn on_a_bad_disk(setup: Setup) -> Bench {
    let mut bench = Bench::with(setup).await;
    DISK_ERRORS.into_iter().for_each(|text| bench.allow_error(text));
    bench
}

/// Nothing can be written now: every door says so.
async fn assert_refusing(bench: &Bench, chat: &str) {
    bench.becomes_ready(503).await;
    let matching = bench.message("somebody", "another", "E1", "a pizza for me").to_string();
    let request = bench.http().post(bench.door()).header("content-type", "application/json").body(matching);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 503);
    assert!(answer.headers()["retry-after"].to_str().unwrap().parse::<u32>().unwrap() > 0);
    let silent = bench.message("somebody", "another", "E2", "a salad for me");
    assert_eq!(bench.knock(&silent).await, (200, "silent".to_owned()), "nothing is written of it");
    assert!(bench.calls("add_user_to_chat").is_empty());
    assert!(!is_present(&bench.chat(chat).await, &bench.bot_id));
    assert_eq!(bench.visits(), 0);
}

#[tokio::test]
async fn a_full_disk_refuses_webhooks_until_there_is_room() {
    let mut bench = on_a_bad_disk(Setup::default()).await;
    bench.fill_the_disk(true);
    let chat = bench.says("pizza").await;
    bench.logged("a visit could not be written down").await;
    assert_refusing(&bench, &chat).await;
    bench.fill_the_disk(false);
    bench.ended(&chat, 1).await;
    bench.becomes_ready(200).await;
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn what_was_acknowledged_before_the_disk_was_full_is_answered_once_there_is_room() {
    let mut bench = on_a_bad_disk(Setup::default().setting("VISITS__DEADLINE", "2s")).await;
    bench.sandbox.faults().add(fault("send_event", CallEffect::HangAfter));
    let chat = bench.says("pizza").await;
    bench.faulted("send_event").await;
    bench.fill_the_disk(true);
    bench.logged("they go on when their lease ends").await;
    bench.logged("cannot claim visits").await;
    bench.fill_the_disk(false);
    bench.ended(&chat, 1).await;
    assert_eq!(bench.count_logged("visit ended"), 1);
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn a_database_that_another_program_locks_refuses_webhooks_until_it_lets_go() {
    let mut bench = on_a_bad_disk(Setup::default()).await;
    let other = bench.other_program();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let chat = bench.says("pizza").await;
    bench.logged("a visit could not be written down").await;
    assert_refusing(&bench, &chat).await;
    other.execute_batch("ROLLBACK").unwrap();
    bench.ended(&chat, 1).await;
    bench.becomes_ready(200).await;
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn a_database_that_another_program_locks_at_the_start_is_named() {
    let mut bench = Bench::start().await;
    bench.stop().await;
    let other = bench.other_program();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let (code, told) = bench.fails_to_launch().await;
    assert_eq!(code, 1, "{told}");
    assert!(told.contains("another program has locked it"), "{told}");
    other.execute_batch("ROLLBACK").unwrap();
    bench.launch().await;
    bench.finish().await;
}

#[tokio::test]
async fn a_log_of_writes_that_was_cut_off_loses_no_message() {
    // How much of the log is left, in percent: at 99 the last write is gone, at 0 all.
    for left in [99, 50, 0] {
        let mut bench = Bench::start().await;
        bench.sandbox.faults().add(fault("add_user_to_chat", CallEffect::HangBefore));
        let chat = bench.says("pizza").await;
        bench.faulted("add_user_to_chat").await;
        bench.delivered("incoming_chat", 1).await;
        bench.kill();
        let log = std::path::PathBuf::from(format!("{}-wal", bench.database().display()));
        let file = std::fs::OpenOptions::new().write(true).open(log).unwrap();
        let length = file.metadata().unwrap().len();
        assert!(length > 0);
        file.set_len(length * left / 100).unwrap();
        bench.launch().await;
        bench.ended(&chat, 1).await;
        bench.expect(&chat, REPLY);
        bench.finish().await;
    }
}

/// Everything into the one file; nobody else may have it open.
fn merge_log_of_writes(bench: &Bench) {
    bench.other_program().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    assert!(!bench.database().with_extension("db-wal").exists());
}

#[tokio::test]
async fn a_damaged_database_is_refused_and_left_as_it_is() {
    let mut bench = Bench::start().await;
    let chat = bench.says("pizza").await;
    bench.ended(&chat, 1).await;
    bench.expect(&chat, REPLY);
    bench.stop().await;
    merge_log_of_writes(&bench);
    let whole = std::fs::read(bench.database()).unwrap();
    // In the head, which no program takes for a database then; all behind it; and one page that the start does not need.
    for damaged in [0..100, 4096..whole.len(), whole.len() - 4096..whole.len()] {
        let mut bytes = whole.clone();
        bytes[damaged].iter_mut().for_each(|byte| *byte = byte.wrapping_mul(31).wrapping_add(7));
        std::fs::write(bench.database(), &bytes).unwrap();
        let (code, told) = bench.fails_to_launch().await;
        assert_eq!(code, 1, "{told}");
        assert!(told.contains("move it away or restore a backup (nothing was changed)"), "{told}");
        assert!(told.contains("chimein.db"), "{told}");
        assert!(std::fs::read(bench.database()).unwrap() == bytes, "the file was changed");
    }
    std::fs::write(bench.database(), &whole).unwrap();
    bench.launch().await;
    bench.finish().await;
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_named() {
    let mut bench = Bench::start().await;
    bench.stop().await;
    merge_log_of_writes(&bench);
    bench.heeds_permissions();
    let folder = bench.database().parent().unwrap().to_owned();
    let allow = |mode| std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(mode)).unwrap();
    allow(0o555);
    let with_database = bench.fails_to_launch().await;
    allow(0o755);
    bench.loses_the_outbox();
    std::fs::create_dir(&folder).unwrap();
    allow(0o555);
    let without = bench.fails_to_launch().await;
    allow(0o755);
    for ((code, told), advice) in
        [(with_database, "make files in its folder"), (without, "Permission denied")]
    {
        assert_eq!(code, 1, "{told}");
        assert!(told.contains(advice) && told.contains("chimein.db"), "{told}");
    }
    bench.launch().await;
    bench.finish().await;
}

#[tokio::test]
async fn a_folder_that_is_missing_is_made() {
    let mut bench = Bench::start().await;
    bench.kill();
    bench.loses_the_outbox();
    bench.launch().await;
    let chat = bench.says("pizza").await;
    bench.ended(&chat, 1).await;
    assert_eq!(bench.visits(), 1);
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn a_second_bot_on_one_file_is_refused_and_told_who_has_it() {
    let mut bench = Bench::start().await;
    let (code, told) = bench.fails_to_launch().await;
    assert_eq!(code, 1, "{told}");
    assert!(told.contains(&format!("in use by process {};", bench.pid())), "{told}");
    let chat = bench.says("pizza").await;
    bench.ended(&chat, 1).await;
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

/// One stay after another, in each of which one more call of the outbox succeeds before one fails, until none is left.
async fn survives_every_failed(calls: &str, at_least: usize) {
    let setup = Setup::default().setting("VISITS__DEADLINE", "1s");
    let mut bench = on_a_bad_disk(setup).await;
    for n in 1.. {
        let Some(injection) = bench.fail_call(calls, n) else { break };
        let chat = bench.says("pizza").await;
        bench.ended(&chat, 1).await;
        bench.expect(&chat, REPLY);
        if injection.end() == 0 {
            assert!(n > at_least, "only {n} of {calls} in a stay");
            break;
        }
    }
    bench.finish().await;
}

#[tokio::test]
async fn every_failed_write_of_a_stay_is_survived() {
    survives_every_failed("write,pwrite64", 6).await;
}

#[tokio::test]
async fn every_failed_flush_of_a_stay_is_survived() {
    survives_every_failed("fsync,fdatasync", 3).await;
}
