//! Random histories of the real outbox and the real course of a stay on a small platform, and bugs planted beside them.
//!
//! A history is drawn from its seed: messages, claims, calls that fail or die, people who interfere, crashes, and workers that
//! sleep for longer than their lease and then go on. Then all is quiet, and the oracle says whether it is good.
//!
//! 2,000 histories as a rule, with the seeds 0, 1, 2, …; `CHIMEIN_HISTORIES=100000` plays more, and `CHIMEIN_SEED=17
//! CHIMEIN_HISTORIES=1` plays one again. What only the callers of the course do (`stay` and `worker`: gates, time limits,
//! the order of what is asked for) is said again here in `worker`.

mod history;
mod oracle;
mod platform;
mod worker;

use history::History;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use worker::{Bug, Seen};

const HISTORIES: u64 = 2_000;

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var_os(name).map_or(otherwise, |text| text.to_str().unwrap().parse().unwrap())
}

/// The first history in which something goes wrong, and what; or what was seen in all of them.
fn play(bug: Bug, seeds: Range<u64>) -> Result<Seen, String> {
    let next = AtomicU64::new(seeds.start);
    let play_some = || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_time().start_paused(true).build().unwrap().block_on(async {
            let mut history = History::new(bug);
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= seeds.end {
                    return Ok(history.seen());
                }
                if let Err(wrong) = history.play(seed).await {
                    next.store(seeds.end, Ordering::Relaxed);
                    return Err((seed, wrong, history.told()));
                }
            }
        })
    };
    // Histories mostly wait for the thread of their outbox, so there are more of them than processors.
    let threads = 4 * std::thread::available_parallelism().unwrap().get();
    let played: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(play_some)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let (seen, wrong): (Vec<_>, Vec<_>) = played.into_iter().partition(Result::is_ok);
    match wrong.into_iter().filter_map(Result::err).min() {
        Some((seed, wrong, told)) => {
            Err(format!("{told}\n\n{wrong}\nplay it again: CHIMEIN_SEED={seed} CHIMEIN_HISTORIES=1"))
        }
        None => Ok(seen.into_iter().flatten().sum()),
    }
}

#[test]
fn random_histories_answer_once_and_leave_nobody_inside() {
    let first = number("CHIMEIN_SEED", 0);
    let histories = number("CHIMEIN_HISTORIES", HISTORIES);
    let seen = play(Bug::None, first..first + histories).unwrap_or_else(|wrong| panic!("{wrong}"));
    eprintln!("{histories} histories from seed {first}: {seen:?}");
    if histories >= HISTORIES {
        let Seen { said, lost, refused, deadlines, crashes } = seen;
        assert!(
            said > 1_000 && lost.min(refused).min(deadlines).min(crashes) > 100,
            "little happened: {seen:?}"
        );
    }
}

fn is_found(bug: Bug, wrong: &[&str]) {
    let found = play(bug, 0..HISTORIES).expect_err("the planted bug is found");
    let why = found.lines().rev().nth(1).unwrap();
    eprintln!("{bug:?}: {why}; {}", found.lines().last().unwrap());
    assert!(wrong.iter().any(|wrong| why.starts_with(wrong)), "{found}");
}

#[test]
fn saying_again_without_looking_is_found() {
    is_found(Bug::SaysWithoutLooking, &["said twice"]);
}

#[test]
fn a_leave_that_is_skipped_is_found() {
    is_found(Bug::SkipsLeave, &["left inside"]);
}

#[test]
fn a_join_that_was_not_written_down_before_is_found() {
    is_found(Bug::WritesNoStanding, &["left inside"]);
}

#[test]
fn a_guest_who_is_taken_out_is_found() {
    is_found(Bug::LeavesAsGuest, &["a guest was taken out"]);
}

#[test]
fn a_lease_that_nobody_heeds_is_found() {
    is_found(Bug::IgnoresLeases, &["said twice"]);
}

#[test]
fn acting_on_after_a_long_sleep_is_found() {
    is_found(Bug::ActsAfterTheLease, &["said twice"]);
}

#[test]
fn a_hold_that_is_not_checked_is_found() {
    is_found(Bug::WritesAfterTheLease, &["left inside", "said twice"]);
}
