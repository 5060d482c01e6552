//! A push: one piece of news from LiveChat, parsed.
//!
//! What is not needed costs next to nothing: texts are borrowed from the body, and what only messages that fit a rule need is
//! read when it is asked for. Fields that are missing, null or of another type count as absent: a push that
//! holds a readable message is heard.

mod author;
mod envelope;
mod listed;
mod message;
mod text;

pub use author::{AuthorKind, author_by_shape};
pub use listed::Listed;
pub use message::{Heard, Message};

use envelope::{Envelope, Payload};
use message::{Chat, Event};
use serde::Deserialize;
use serde_json::value::RawValue;
use text::Text;
use thiserror::Error;

/// Why a body is no push for us.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Refusal {
    /// Not a JSON object with an action and a payload.
    #[error("not a webhook")]
    NotAWebhook,
    /// Its secret is not ours.
    #[error("wrong secret")]
    WrongSecret,
}

/// The payload does not hold what its action promises.
#[derive(Debug, Clone, Copy, Error)]
#[error("unreadable payload at line {line}, column {column}")]
pub struct Unreadable {
    line: usize,
    column: usize,
}

impl From<serde_json::Error> for Unreadable {
    fn from(error: serde_json::Error) -> Self {
        Self { line: error.line(), column: error.column() }
    }
}

/// One piece of news.
pub struct Push<'a> {
    action: Text<'a>,
    organization_id: Text<'a>,
    payload: Payload<'a>,
    additional_data: Option<&'a RawValue>,
}

impl<'a> Push<'a> {
    /// Reads a webhook's body; `accept` says whether its secret is right (empty when it has none).
    ///
    /// # Errors
    /// See `Refusal`.
    pub fn from_webhook(body: &'a [u8], accept: impl Fn(&str) -> bool) -> Result<Self, Refusal> {
        // The whole body at once is checked faster than its strings one by one.
        let body = std::str::from_utf8(body).map_err(|_| Refusal::NotAWebhook)?;
        Envelope::open(body, accept)
    }

    fn empty() -> Self {
        let (action, organization_id) = Default::default();
        Self { action, organization_id, payload: Payload::Missing, additional_data: None }
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
    pub fn heard(self) -> Result<Heard<'a>, Unreadable> {
        match self.payload {
            Payload::Event(event) => Ok(Heard::from_event(event, self.additional_data)),
            Payload::Chat(chat) => Ok(Heard::from_chat(chat)),
            Payload::Unreadable(error) => Err(error),
            Payload::Missing | Payload::Aside(_) => Ok(Heard::default()),
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
    serde_json::from_str(payload).map_err(Unreadable::from)
}

#[cfg(test)]
mod tests;
