//! The sandbox's one clock, and how the platform writes a point in time.
//!
//! Laws never read it: they get `now` as an argument.
use jiff::Timestamp;

/// The time of this moment, cut to the microseconds that the platform writes.
#[expect(clippy::disallowed_methods, reason = "the sandbox plays a platform that has a clock of its own")]
pub(crate) fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
}

/// RFC 3339 with six digits of a second, as in the platform's samples.
pub(crate) fn write(at: Timestamp) -> String {
    format!("{at:.6}")
}
