//! The doors: each verifies, decides, writes down, answers.
//!
//! Promises: 200 only after what will be acted on is on disk; a message that fits no rule is
//! neither written down nor logged; the bot never answers itself or another bot.

mod counts;
mod door;
mod secret;
pub mod settings;
mod webhook;

pub use door::{Answer, Door, OWN_PREFIX};
pub use secret::SecretKeys;
pub use settings::{ListenSettings, ServerSettings, SweepSettings, WebhookSettings};
pub use webhook::router;
