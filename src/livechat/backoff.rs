//! How long to wait before trying again: pure functions.

use std::time::Duration;

/// The first pause. Ours: short enough that a hiccup is not noticed in a chat.
const BASE: Duration = Duration::from_millis(500);
/// The longest pause (fault 12 of the design's list: 2 minutes).
const CAP: Duration = Duration::from_secs(120);

/// Full jitter: a pause between nothing and `BASE * 2^attempt`, at most `CAP`.
///
/// `attempt` counts from 0; `chance` is a number in `0.0..=1.0`.
pub fn pause(attempt: u32, chance: f64) -> Duration {
    let ceiling = BASE.saturating_mul(2u32.saturating_pow(attempt.min(16))).min(CAP);
    ceiling.mul_f64(chance.clamp(0.0, 1.0))
}

/// What `Retry-After` asks for, in seconds; dates and nonsense ask for nothing.
pub fn retry_after(header: &str) -> Option<Duration> {
    header.trim().parse::<u64>().ok().map(|seconds| Duration::from_secs(seconds).min(CAP))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_under_the_cap() {
        assert_eq!(pause(0, 1.0), Duration::from_millis(500));
        assert_eq!(pause(3, 0.5), Duration::from_secs(2));
        assert_eq!(pause(40, 1.0), CAP);
        assert_eq!(pause(5, 0.0), Duration::ZERO);
    }

    #[test]
    fn retry_after_is_read_in_seconds_and_capped() {
        assert_eq!(retry_after(" 7 "), Some(Duration::from_secs(7)));
        assert_eq!(retry_after("999999"), Some(CAP));
        assert_eq!(retry_after("Wed, 21 Oct 2026 07:28:00 GMT"), None);
    }
}
