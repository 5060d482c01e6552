//! The `[visits]` settings.

use jiff::SignedDuration;
use serde::Deserialize;

/// `[visits]`: how many, how long, how often.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How many chats are visited at once.
    pub concurrency: usize,
    /// The longest time in a chat at a stretch; then the visit is put back and goes on later.
    pub deadline: SignedDuration,
    /// How often a visit is attempted before it is buried.
    pub max_attempts: u32,
    /// How many visits begin in a minute at most, in each organization: a brake for storms.
    pub per_minute: u32,
    /// The breaker opens when a visit would wait longer than this for its turn.
    pub breaker_after: SignedDuration,
    /// How long an open breaker lets nothing begin.
    pub breaker_pause: SignedDuration,
    /// How many visits one thread may have.
    pub per_thread: u32,
}
