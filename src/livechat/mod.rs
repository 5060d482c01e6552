//! The typed client of LiveChat: alone knows the platform's URLs, JSON and limits.
//!
//! Promises: a call is never repeated blindly, every error says what to do next, answers are
//! limited in size and time, and no secret is ever part of an error or of `Debug`.

pub mod agent;
mod api;
pub mod archives;
pub mod backoff;
pub mod configuration;
pub mod errors;
pub mod gate;
pub mod ids;
pub mod model;
mod pace;
pub mod push;
pub mod settings;
pub mod tokens;

pub use agent::Bot;
pub use api::Api;
pub use archives::Archives;
pub use configuration::Configuration;
pub use errors::{Advice, Error};
pub use gate::Gates;
pub use ids::{ChatId, EventId, OrganizationId, ThreadId, UserId, WebhookId};
pub use settings::{BotSettings, Settings};
pub use tokens::{BotTokens, TokenState};
