//! What `list_chats` tells of a chat: the newest message, the newest filled form, and who is inside.
//!
//! It does not tell what was written before the newest: that a chat holds something new can be seen here, what it
//! is only in the chat itself (reference, 7.4).

use super::message::{Chat, Event, Heard, Thread, User};
use super::text::Text;
use super::{Unreadable, read};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

/// A chat in a list.
#[derive(Deserialize)]
pub struct Listed<'a> {
    #[serde(borrow, default)]
    id: Text<'a>,
    #[serde(borrow, default)]
    users: Vec<User<'a>>,
    #[serde(borrow, default)]
    last_event_per_type: Newest<'a>,
}

/// The newest events of the types that somebody writes.
#[derive(Default, Deserialize)]
struct Newest<'a> {
    #[serde(borrow, default)]
    message: Option<Last<'a>>,
    #[serde(borrow, default)]
    filled_form: Option<Last<'a>>,
}

#[derive(Deserialize)]
struct Last<'a> {
    #[serde(borrow, default)]
    thread_id: Text<'a>,
    /// Absent when access is restricted.
    #[serde(borrow, default)]
    event: Option<&'a RawValue>,
}

impl<'a> Last<'a> {
    fn event(&self) -> Option<Event<'a>> {
        serde_json::from_str(self.event?.get()).ok()
    }
}

impl<'a> Listed<'a> {
    /// Reads one chat of the list.
    ///
    /// # Errors
    /// `Unreadable` when it is no such thing.
    pub fn parse(text: &'a str) -> Result<Self, Unreadable> {
        read(text)
    }

    /// The chat.
    pub fn chat(&self) -> &str {
        self.id.as_str()
    }

    /// Differs when something was written since; empty when nothing ever was.
    pub fn mark(&self) -> String {
        let name = |last: &Last<'_>| {
            let event = last.event().map(|event| event.id().to_owned()).filter(|id| !id.is_empty());
            event.unwrap_or_else(|| last.thread_id.as_str().to_owned())
        };
        self.newest().map(name).collect::<Vec<_>>().join(" ")
    }

    /// When the newest of it was written; `None` when the list does not say of each.
    pub fn written_at(&self) -> Option<Timestamp> {
        let times: Option<Vec<_>> =
            self.newest().map(|last| last.event().and_then(|event| event.created_at())).collect();
        times?.into_iter().max()
    }

    /// Whether the user is in the chat.
    pub fn is_present(&self, user: &str) -> bool {
        self.users.iter().any(|known| known.is_present(user))
    }

    /// The newest message and the newest form, heard like those of a push.
    pub fn heard(self) -> Heard<'a> {
        let events = self.newest().filter_map(Last::event).collect();
        Heard::of_chat(Chat::of(self.id, self.users, Thread::of(events)))
    }

    fn newest(&self) -> impl Iterator<Item = &Last<'a>> {
        let newest = &self.last_event_per_type;
        newest.message.iter().chain(&newest.filled_form)
    }
}
