//! A push: one piece of news from LiveChat, parsed in two steps.
//!
//! `Envelope::parse` reads the outside only (who, what, the secret) and allocates next to nothing;
//! `Envelope::messages` reads what somebody wrote, after the secret was found right. Fields that
//! are missing, null or of another type count as absent: a push that holds a readable message is heard.

mod author;
mod listed;
mod message;
mod text;

pub use author::{AuthorKind, author_by_shape};
pub use listed::Listed;
pub use message::{Heard, Message};

use message::{Chat, Event};
use serde::Deserialize;
use serde_json::value::RawValue;
use text::Text;
use thiserror::Error;

/// The body is not a webhook.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("not a webhook")]
pub struct NotAWebhook;

/// The payload does not hold what its action promises.
#[derive(Debug, Error)]
#[error("unreadable payload at line {line}, column {column}")]
pub struct Unreadable {
    line: usize,
    column: usize,
}

/// The outside of a delivery.
#[derive(Deserialize)]
pub struct Envelope<'a> {
    #[serde(borrow, default)]
    secret_key: Text<'a>,
    #[serde(borrow, default)]
    action: Text<'a>,
    #[serde(borrow, default)]
    organization_id: Text<'a>,
    #[serde(borrow, default)]
    payload: Option<&'a RawValue>,
    #[serde(borrow, default)]
    additional_data: Option<&'a RawValue>,
}

impl<'a> Envelope<'a> {
    /// Reads the outside of a webhook's body.
    ///
    /// # Errors
    /// `NotAWebhook` when it is not a JSON object with an action and a payload.
    pub fn parse(body: &'a [u8]) -> Result<Self, NotAWebhook> {
        // The whole body at once is checked faster than its strings one by one.
        let body = std::str::from_utf8(body).map_err(|_| NotAWebhook)?;
        let envelope: Self = serde_json::from_str(body).map_err(|_| NotAWebhook)?;
        if envelope.action.is_empty() || envelope.payload.is_none() {
            return Err(NotAWebhook);
        }
        Ok(envelope)
    }

    /// The secret that the sender gave; empty when it gave none.
    pub fn secret_key(&self) -> &str {
        self.secret_key.as_str()
    }

    /// The platform's action, e.g. `incoming_event`.
    pub fn action(&self) -> &str {
        self.action.as_str()
    }

    /// The tenant that the news is about.
    pub fn organization_id(&self) -> &str {
        self.organization_id.as_str()
    }

    /// What somebody wrote, oldest first; empty for every action that tells of no message.
    ///
    /// # Errors
    /// `Unreadable` when the payload does not hold what its action promises.
    pub fn heard(&self) -> Result<Heard<'a>, Unreadable> {
        let payload = self.payload.map_or("null", RawValue::get);
        match self.action.as_str() {
            "incoming_event" => Ok(Heard::from_event(read(payload)?, self.additional_data)),
            "incoming_chat" => Ok(Heard::from_chat(read(payload)?)),
            _ => Ok(Heard::default()),
        }
    }
}

/// The payload of `incoming_event`.
#[derive(Deserialize)]
struct IncomingEvent<'a> {
    #[serde(borrow, default)]
    chat_id: Text<'a>,
    #[serde(borrow, default)]
    thread_id: Text<'a>,
    #[serde(borrow)]
    event: Event<'a>,
}

/// The payload of `incoming_chat`.
#[derive(Deserialize)]
struct IncomingChat<'a> {
    #[serde(borrow)]
    chat: Chat<'a>,
}

fn read<'a, T: Deserialize<'a>>(payload: &'a str) -> Result<T, Unreadable> {
    serde_json::from_str(payload).map_err(|error| Unreadable { line: error.line(), column: error.column() })
}

#[cfg(test)]
mod tests;
