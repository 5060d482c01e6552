//! The doors: each verifies, decides, writes down, answers.
//!
//! Promises: 200 only after what will be acted on is on disk; a message that fits no rule is
//! neither written down nor logged; the bot never answers itself or another bot.

mod counts;
mod door;
mod full;
mod reported;
mod secret;
pub mod settings;
mod sweep;
mod webhook;

pub use door::{Answer, Door, OWN_PREFIX, author, is_own};
pub use full::FullThreads;
pub use reported::Reported;
pub use secret::SecretKeys;
pub use settings::{ListenSettings, ServerSettings, SweepSettings, WebhookSettings};
pub use sweep::Sweep;
pub use webhook::service;
