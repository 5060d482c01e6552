//! Random histories of the real outbox and the real `next_step` on a small platform, and bugs planted in them.
//!
//! 2,000 histories as a rule, with the seeds 0, 1, 2, …; `CHIMEIN_HISTORIES=100000` plays more, and `CHIMEIN_SEED=17
//! CHIMEIN_HISTORIES=1` plays one again.

mod history;
mod platform;
mod worker;

use super::progress::{Step, View, next_step};
use history::History;
use jiff::SignedDuration;
use worker::Ways;

const HISTORIES: u64 = 2_000;

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var_os(name).map_or(otherwise, |text| text.to_str().unwrap().parse().unwrap())
}

/// The first history in which something goes wrong, and what.
async fn first_wrong(ways: Ways, seeds: std::ops::Range<u64>) -> Option<String> {
    let mut history = History::new(ways);
    for seed in seeds.clone() {
        if let Err(wrong) = history.play(seed).await {
            return Some(format!("CHIMEIN_SEED={seed} CHIMEIN_HISTORIES=1: {wrong}\n{}", history.told()));
        }
    }
    let histories = usize::try_from(seeds.end - seeds.start).unwrap();
    assert!(history.said() > histories, "little was said: {}", history.said());
    None
}

fn real() -> Ways {
    Ways { next_step, lease: SignedDuration::from_secs(60) }
}

#[tokio::test(start_paused = true)]
async fn random_histories_answer_once_and_leave_nobody_inside() {
    let first = number("CHIMEIN_SEED", 0);
    let last = first + number("CHIMEIN_HISTORIES", HISTORIES);
    if let Some(wrong) = first_wrong(real(), first..last).await {
        panic!("{wrong}");
    }
}

async fn is_found(bug: Ways, wrong: &str) {
    let found = first_wrong(bug, 0..HISTORIES).await.expect("the planted bug is found");
    assert!(found.contains(wrong), "{found}");
}

#[tokio::test(start_paused = true)]
async fn saying_again_without_looking_is_found() {
    fn never_looks(view: View) -> Step {
        let step = next_step(view);
        if step == Step::Look { Step::Say } else { step }
    }
    is_found(Ways { next_step: never_looks, ..real() }, "said twice").await;
}

#[tokio::test(start_paused = true)]
async fn a_leave_that_is_skipped_is_found() {
    fn never_leaves(view: View) -> Step {
        let step = next_step(view);
        if step == Step::Leave { Step::End } else { step }
    }
    is_found(Ways { next_step: never_leaves, ..real() }, "left inside").await;
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_nobody_heeds_is_found() {
    is_found(Ways { lease: SignedDuration::ZERO, ..real() }, "said twice").await;
}
