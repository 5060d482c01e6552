//! What becomes of the visits of a stay that is over, or cannot go on now.

use super::progress::is_normal;
use super::{Course, Halt};
use crate::livechat::backoff;
use crate::outbox::{Change, Ending, Hold, Said, Visit};
use std::time::Duration;

/// A bot that waits outside for the next attempt bothers nobody; one that waits inside does.
const LONGEST_WAIT_INSIDE: Duration = Duration::from_secs(5);

/// The stay goes on later.
#[derive(Clone, Copy)]
pub(super) struct Pause {
    wait: Duration,
    counts: bool,
}

impl Course<'_> {
    /// The stay cannot go on now; `chance` is a number in `0.0..=1.0`. Says how long to wait.
    pub(in super::super) fn stop(&mut self, halt: &Halt, chance: f64) -> Duration {
        let attempts = self.visits.iter().map(|visit| visit.attempts).max().unwrap_or(0);
        if halt.counts {
            self.bury_the_tried(&halt.reason);
        }
        let wait = halt.wait.unwrap_or_else(|| backoff::pause(attempts, chance));
        self.pause = Some(Pause { wait, counts: halt.counts });
        wait
    }

    /// Whether a stay that was stopped should try to leave before it is put back.
    pub(in super::super) fn leaves_first(&self) -> bool {
        let is_long = self.pause.is_some_and(|pause| pause.wait > LONGEST_WAIT_INSIDE);
        (is_long || !self.is_unsaid()) && self.may_be_inside() && !self.is_lost()
    }

    /// What becomes of each visit; nothing that we could write when somebody else may have them.
    pub(in super::super) fn over(&self, now_ms: i64) -> Vec<(Hold, Change)> {
        if self.is_lost() {
            return Vec::new();
        }
        let change = |visit: &Visit| match self.pause {
            Some(pause) if visit.said == Said::NotYet || self.may_be_inside() => {
                self.postpone(visit, pause, now_ms)
            }
            _ => end(visit),
        };
        self.visits.iter().map(|visit| (visit.hold, change(visit))).collect()
    }

    fn postpone(&self, visit: &Visit, pause: Pause, now_ms: i64) -> Change {
        Change::Postpone {
            due_ms: now_ms.saturating_add(i64::try_from(pause.wait.as_millis()).unwrap_or(i64::MAX)),
            counts: pause.counts,
            untouched: !self.has_called && visit.is_fresh,
            standing: self.standing.or(visit.standing),
            said: visit.said.clone(),
        }
    }

    /// What was tried `max_attempts` times will not be said.
    fn bury_the_tried(&mut self, reason: &str) {
        let last = self.terms.max_attempts.saturating_sub(1);
        for visit in
            self.visits.iter_mut().filter(|visit| visit.said == Said::NotYet && visit.attempts >= last)
        {
            visit.said = Said::WillNot(format!("gave_up_after_{reason}"));
        }
    }
}

/// How a visit ends of which nothing is left to do.
fn end(visit: &Visit) -> Change {
    let (ending, outcome) = match &visit.said {
        Said::Yes => (Ending::Done, "said"),
        Said::WillNot(reason) if is_normal(reason) => (Ending::Done, reason.as_str()),
        Said::WillNot(reason) => (Ending::Buried, reason.as_str()),
        Said::NotYet => (Ending::Buried, "unfinished"),
    };
    Change::End { ending, outcome: outcome.to_owned() }
}
