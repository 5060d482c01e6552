//! The pace of an organization's calls: none until the platform asks for fewer, then half of what was made, and slowly more.
//!
//! Promises: one organization's pace slows no other; turns are given one after the other.

use std::time::Duration;
use tokio::time::Instant;

/// The slowest pace, in calls a second. Ours: below it a visit of three calls would be felt.
const SLOWEST: f64 = 3.0;
/// From here on there is no pace any more.
const FASTEST: f64 = 1_000.0;
/// How often the pace grows by a quarter.
const GROWS_EVERY: Duration = Duration::from_secs(10);
/// How long calls are counted, to know how many are made in a second.
const WINDOW: Duration = Duration::from_secs(1);

/// How fast an organization is called.
pub(super) struct Pace {
    window: Instant,
    calls: u32,
    /// Calls in a second, as last counted.
    counted: f64,
    /// Calls in a second that are allowed, and since when.
    allowed: Option<(f64, Instant)>,
    next: Instant,
}

impl Pace {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self { window: now, calls: 0, counted: 0.0, allowed: None, next: now }
    }

    /// The platform asks for fewer calls.
    pub(super) fn slow_down(&mut self) {
        let now = Instant::now();
        let made = self.counted.max(f64::from(self.calls));
        let before = self.allowed.map_or(made, |(allowed, _)| allowed.min(made));
        self.allowed = Some(((before / 2.0).max(SLOWEST), now));
    }

    /// Takes the next turn, if it comes within `patience`; says how long it is until then.
    ///
    /// # Errors
    /// How long it would be. No turn is taken: those who do not wait for theirs must not keep the others waiting.
    pub(super) fn turn(&mut self, patience: Duration) -> Result<Duration, Duration> {
        let now = Instant::now();
        let passed = now.duration_since(self.window);
        if passed >= WINDOW {
            self.counted = f64::from(self.calls) / passed.as_secs_f64();
            (self.window, self.calls) = (now, 0);
        }
        let Some((mut allowed, mut since)) = self.allowed else {
            self.calls += 1;
            return Ok(Duration::ZERO);
        };
        while now.duration_since(since) >= GROWS_EVERY && allowed < FASTEST {
            (allowed, since) = (allowed * 1.25, since + GROWS_EVERY);
        }
        self.allowed = (allowed < FASTEST).then_some((allowed, since));
        let at = self.next.max(now);
        let wait = at.duration_since(now);
        if wait > patience {
            return Err(wait);
        }
        self.calls += 1;
        self.next = at + Duration::from_secs_f64(1.0 / allowed);
        Ok(wait)
    }

    /// Whether nothing would be lost if it were forgotten.
    pub(super) fn is_forgettable(&self) -> bool {
        self.allowed.is_none() && self.window.elapsed() >= WINDOW
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn calls_in(pace: &mut Pace, seconds: u64) -> u32 {
        let (end, mut calls) = (Instant::now() + Duration::from_secs(seconds), 0);
        while Instant::now() < end {
            let wait = pace.turn(Duration::MAX).unwrap();
            tokio::time::advance(wait.max(Duration::from_millis(10))).await;
            calls += 1;
        }
        calls
    }

    #[tokio::test(start_paused = true)]
    async fn the_pace_halves_and_recovers_slowly() {
        let mut pace = Pace::new();
        assert_eq!(calls_in(&mut pace, 5).await, 500, "nobody asked for fewer");
        pace.slow_down();
        let halved = calls_in(&mut pace, 5).await;
        assert!((245..=255).contains(&halved), "{halved}");
        pace.slow_down();
        let quarter = calls_in(&mut pace, 5).await;
        assert!((120..=130).contains(&quarter), "{quarter}");
        let recovered = calls_in(&mut pace, 120).await;
        assert!(recovered > 120 * 40, "{recovered}");
        assert_eq!(calls_in(&mut pace, 5).await, 500, "as fast as before");
        (0..20).for_each(|_| pace.slow_down());
        let taken = (0..1_000).filter(|_| pace.turn(Duration::from_secs(2)).is_ok()).count();
        assert_eq!(taken, 7, "nobody's turn is farther away than his patience");
        tokio::time::advance(Duration::from_secs(3)).await;
        assert!(calls_in(&mut pace, 5).await >= 15, "never slower than the slowest");
    }
}
