//! The `[outbox]` settings.

use jiff::SignedDuration;
use serde::Deserialize;

/// `[outbox]`: where visits are kept, and for how long.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `sqlite://PATH`; `postgres://` is not built yet.
    pub url: String,
    /// How many writes may wait for the disk; beyond it the door answers 503.
    pub max_queue: usize,
    /// How many writes share one flush at most.
    pub max_batch: usize,
    /// How long finished visits are kept: the window in which a webhook that comes again is known.
    pub keep_done: SignedDuration,
    /// How long visits that were given up are kept, to be looked at and replayed.
    pub keep_buried: SignedDuration,
}
