//! A message: what somebody wrote, by whom, where.

use super::author::{AuthorKind, author_by_shape};
use super::text::Text;
use super::{IncomingChat, IncomingEvent, Unreadable, read};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The messages of one push, and who was in the chat when it was sent.
///
/// Most messages fit no rule: what is needed only of those that do is read when it is asked for.
#[derive(Default)]
pub struct Heard<'a> {
    /// The messages, oldest first.
    pub messages: Vec<Message<'a>>,
    presence: Presence<'a>,
}

/// Where a push says who is in the chat.
#[derive(Default)]
enum Presence<'a> {
    /// Nowhere.
    #[default]
    Untold,
    /// In its additional data, where the webhook was registered for it.
    Additional(&'a RawValue),
    /// In the chat's list of users.
    Users(Vec<User<'a>>),
}

/// What somebody wrote.
pub struct Message<'a> {
    /// The chat.
    pub chat: Cow<'a, str>,
    /// The thread; empty when the push did not say.
    pub thread: Cow<'a, str>,
    /// The event.
    pub event: Cow<'a, str>,
    /// Who wrote it.
    pub author: Cow<'a, str>,
    /// What the author is.
    pub author_kind: AuthorKind,
    /// What the sender's program called it; empty when it did not.
    pub custom_id: Cow<'a, str>,
    /// The text, or each answer of a filled form.
    pub texts: Vec<Cow<'a, str>>,
    created_at: Text<'a>,
    properties: Option<&'a RawValue>,
}

impl Message<'_> {
    /// When it was written, by the platform's clock.
    pub fn written_at(&self) -> Option<Timestamp> {
        self.created_at.as_str().parse().ok()
    }

    /// Whether it is the automatic greeting (property `lc2.welcome_message`).
    pub fn is_greeting(&self) -> bool {
        #[derive(Deserialize)]
        struct Properties {
            lc2: Lc2,
        }
        #[derive(Deserialize)]
        struct Lc2 {
            welcome_message: bool,
        }
        let properties = self.properties.and_then(|raw| serde_json::from_str::<Properties>(raw.get()).ok());
        properties.is_some_and(|properties| properties.lc2.welcome_message)
    }
}

impl<'a> Heard<'a> {
    pub(super) fn from_event(payload: IncomingEvent<'a>, additional: Option<&'a RawValue>) -> Self {
        let kind = author_by_shape(payload.event.author_id.as_str());
        let message = payload.event.into_message(&payload.chat_id, &payload.thread_id, kind);
        let presence = additional.map_or(Presence::Untold, Presence::Additional);
        Self { messages: message.into_iter().collect(), presence }
    }

    pub(super) fn from_chat(payload: IncomingChat<'a>) -> Self {
        Self::of_chat(payload.chat)
    }

    /// What is written in a chat as `get_chat` gives it: with one thread.
    ///
    /// # Errors
    /// `Unreadable` when it is no such thing.
    pub fn in_chat(text: &'a str) -> Result<Self, Unreadable> {
        read(text).map(Self::of_chat)
    }

    pub(super) fn of_chat(chat: Chat<'a>) -> Self {
        let Some(thread) = chat.thread else { return Self::default() };
        let kind_of = |author: &str| match author_by_shape(author) {
            AuthorKind::Bot => AuthorKind::Bot,
            shape @ (AuthorKind::Customer | AuthorKind::Agent | AuthorKind::Unknown) => {
                match chat.users.iter().find(|user| user.id.as_str() == author) {
                    Some(user) if user.kind.as_str() == "customer" => AuthorKind::Customer,
                    Some(user) if user.kind.as_str() == "agent" => AuthorKind::Agent,
                    _ => shape,
                }
            }
        };
        let into_message = |event: Event<'a>| {
            let kind = kind_of(event.author_id.as_str());
            event.into_message(&chat.id, &thread.id, kind)
        };
        let messages = thread.events.into_iter().filter_map(into_message).collect();
        Self { messages, presence: Presence::Users(chat.users) }
    }

    /// Whether the user was in the chat; `None` when the push did not say.
    pub fn was_present(&self, user: &str) -> Option<bool> {
        #[derive(Deserialize)]
        struct Additional<'a> {
            #[serde(borrow)]
            chat_presence_user_ids: Vec<Text<'a>>,
        }
        match &self.presence {
            Presence::Untold => None,
            Presence::Additional(raw) => {
                let additional = serde_json::from_str::<Additional<'_>>(raw.get()).ok()?;
                Some(additional.chat_presence_user_ids.iter().any(|id| id.as_str() == user))
            }
            Presence::Users(users) => Some(users.iter().any(|known| known.is_present(user))),
        }
    }
}

/// The chat of an `incoming_chat`.
#[derive(Deserialize)]
pub(super) struct Chat<'a> {
    #[serde(borrow, default)]
    id: Text<'a>,
    #[serde(borrow, default)]
    users: Vec<User<'a>>,
    #[serde(borrow, default)]
    thread: Option<Thread<'a>>,
}

impl<'a> Chat<'a> {
    pub(super) fn of(id: Text<'a>, users: Vec<User<'a>>, thread: Thread<'a>) -> Self {
        Self { id, users, thread: Some(thread) }
    }
}

#[derive(Deserialize)]
pub(super) struct User<'a> {
    #[serde(borrow, default)]
    id: Text<'a>,
    #[serde(borrow, default, rename = "type")]
    kind: Text<'a>,
    #[serde(default)]
    present: bool,
}

impl User<'_> {
    pub(super) fn is_present(&self, id: &str) -> bool {
        self.present && self.id.as_str() == id
    }
}

#[derive(Deserialize)]
pub(super) struct Thread<'a> {
    #[serde(borrow, default)]
    id: Text<'a>,
    #[serde(borrow, default)]
    events: Vec<Event<'a>>,
}

impl<'a> Thread<'a> {
    /// A thread of which nothing but these events is known.
    pub(super) fn of(events: Vec<Event<'a>>) -> Self {
        Self { id: Text::default(), events }
    }
}

/// An event of any type, as far as it can be a message.
#[derive(Deserialize)]
pub(super) struct Event<'a> {
    #[serde(borrow, default)]
    id: Text<'a>,
    #[serde(borrow, default, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow, default)]
    author_id: Text<'a>,
    #[serde(borrow, default)]
    custom_id: Text<'a>,
    #[serde(borrow, default)]
    created_at: Text<'a>,
    #[serde(borrow, default)]
    text: Text<'a>,
    #[serde(borrow, default)]
    deleted: Option<&'a RawValue>,
    #[serde(borrow, default)]
    fields: Option<&'a RawValue>,
    #[serde(borrow, default)]
    properties: Option<&'a RawValue>,
}

impl<'a> Event<'a> {
    pub(super) fn id(&self) -> &str {
        self.id.as_str()
    }

    pub(super) fn created_at(&self) -> Option<Timestamp> {
        self.created_at.as_str().parse().ok()
    }

    /// The message that this event is; system events, files, cards and deleted events are none.
    fn into_message(self, chat: &Text<'a>, thread: &Text<'a>, kind: AuthorKind) -> Option<Message<'a>> {
        let is_deleted = self.deleted.is_some_and(|flag| flag.get() == "true");
        if is_deleted || self.author_id.is_empty() || self.id.is_empty() || chat.is_empty() {
            return None;
        }
        let texts = match self.kind.as_str() {
            "message" => vec![self.text.into_inner()],
            "filled_form" => self.fields.map(answers).unwrap_or_default(),
            _ => return None,
        };
        Some(Message {
            chat: chat.clone().into_inner(),
            thread: thread.clone().into_inner(),
            event: self.id.into_inner(),
            author: self.author_id.into_inner(),
            author_kind: kind,
            custom_id: self.custom_id.into_inner(),
            texts,
            created_at: self.created_at,
            properties: self.properties,
        })
    }
}

/// The answers of a filled form: texts, and the labels of what was chosen (reference, 7.2.5).
fn answers<'a>(fields: &'a RawValue) -> Vec<Cow<'a, str>> {
    #[derive(Deserialize)]
    struct Field<'a> {
        #[serde(borrow, default)]
        answer: Option<&'a RawValue>,
        #[serde(borrow, default)]
        answers: Option<&'a RawValue>,
    }
    #[derive(Deserialize)]
    struct Choice<'a> {
        #[serde(borrow, default)]
        label: Text<'a>,
    }
    fn text<'a>(answer: &'a RawValue) -> Option<Cow<'a, str>> {
        let text = match serde_json::from_str::<Choice<'a>>(answer.get()) {
            Ok(choice) => choice.label,
            Err(_) => serde_json::from_str::<Text<'a>>(answer.get()).ok()?,
        };
        Some(text.into_inner()).filter(|text| !text.is_empty())
    }
    let fields: Vec<Field<'a>> = serde_json::from_str(fields.get()).unwrap_or_default();
    let mut found = Vec::new();
    for field in fields {
        found.extend(field.answer.and_then(text));
        let several: Option<Vec<&'a RawValue>> =
            field.answers.and_then(|answers| serde_json::from_str(answers.get()).ok());
        found.extend(several.unwrap_or_default().into_iter().filter_map(text));
    }
    found
}
