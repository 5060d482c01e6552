//! The time that rows are written in: the wall clock at the start, monotonic from then on.
//!
//! A jump of the host's clock does not move leases or retries of a running process, and tests with
//! paused time own it.

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// The one clock. Clones agree with each other.
#[derive(Debug, Clone)]
pub struct Clock {
    wall: Timestamp,
    started: Instant,
}

impl Clock {
    /// Reads the wall clock, for the only time.
    #[expect(clippy::disallowed_methods, reason = "the one place where the wall clock is read")]
    pub fn start() -> Self {
        Self { wall: Timestamp::now(), started: Instant::now() }
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.started.elapsed()).unwrap_or(SignedDuration::MAX);
        self.wall.saturating_add(passed).unwrap_or(Timestamp::MAX)
    }
}
