//! Posting events: by users and by the platform itself.
use super::access::{Mode, must_be_active, must_be_inside};
use super::conversation::{Chat, Event, Visibility};
use super::forms::SentEvent;
use super::news::News;
use super::properties::{PropertyMap, allowed_properties};
use super::state::World;
use crate::sandbox::auth::Requester;
use crate::sandbox::refusal::{Kind as Error, Refusal};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

impl World {
    /// An agent or a bot posts an event. Needs presence and an active thread.
    pub(crate) fn send_event(
        &mut self,
        by: &Requester,
        chat_id: &str,
        event: SentEvent,
        now: Timestamp,
    ) -> Result<String, Refusal> {
        let chat = self.reach(by, Mode::Write, chat_id)?;
        must_be_inside(chat, by)?;
        must_be_active(chat)?;
        self.may_say_to_all(chat, by, event.visibility)?;
        self.known_properties(&event.properties)?;
        self.post(by, chat_id, event, now)
    }

    /// Who is in the chat unseen by the customer must not speak to the customer.
    fn may_say_to_all(&self, chat: &Chat, by: &Requester, visibility: Visibility) -> Result<(), Refusal> {
        let unseen = chat.inside(&by.id).is_some_and(|member| member.visibility == Visibility::Agents);
        if unseen && visibility == Visibility::All {
            let text = "Requester with visibility `agents` cannot send an event with visibility `all`";
            return Err(Refusal::new(Error::Authorization, text));
        }
        Ok(())
    }

    /// Refuses properties that nobody has registered.
    pub(crate) fn known_properties(&self, properties: &PropertyMap) -> Result<(), Refusal> {
        allowed_properties(properties, |namespace| self.clients.contains(namespace))
    }

    /// The customer posts an event; `to_last` allows a chat that is closed.
    pub(crate) fn customer_says(
        &mut self,
        by: &Requester,
        chat_id: &str,
        event: SentEvent,
        to_last: bool,
        now: Timestamp,
    ) -> Result<String, Refusal> {
        let chat = self.own(by, chat_id)?;
        if !to_last {
            must_be_active(chat)?;
        }
        self.known_properties(&event.properties)?;
        self.post(by, chat_id, event, now)
    }

    fn post(
        &mut self,
        by: &Requester,
        chat_id: &str,
        event: SentEvent,
        now: Timestamp,
    ) -> Result<String, Refusal> {
        let at = self.stamp(now);
        let event = signed(event, &by.id, by.client_id.as_deref(), at);
        let chat = self.chat_mut(chat_id)?;
        chat.seen(&by.id, at);
        let (thread_id, event) = append(chat, event)?;
        let id = event.id.clone();
        self.tell_event(chat_id, &thread_id, &event, by);
        Ok(id)
    }

    fn tell_event(&mut self, chat_id: &str, thread_id: &str, event: &Event, by: &Requester) {
        let payload = json!({"chat_id": chat_id, "thread_id": thread_id, "event": event.view()});
        self.tell(News::of_chat("incoming_event", chat_id, by, payload));
    }

    /// The platform writes into the active thread; nothing happens when there is none.
    pub(super) fn system_message(
        &mut self,
        by: &Requester,
        chat_id: &str,
        message: SystemMessage<'_>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let at = self.stamp(now);
        let chat = self.chat_mut(chat_id)?;
        if chat.active().is_none() {
            return Ok(());
        }
        let (thread_id, event) = append(chat, message.event(at))?;
        self.tell_event(chat_id, &thread_id, &event, by);
        Ok(())
    }
}

/// What the platform itself has to say.
#[derive(Debug, Clone)]
pub(super) struct SystemMessage<'a> {
    pub(super) kind: &'a str,
    pub(super) text: String,
    pub(super) vars: Value,
    pub(super) visibility: Visibility,
}

impl SystemMessage<'_> {
    fn event(self, created_at: Timestamp) -> Event {
        let content = [
            ("type", json!("system_message")),
            ("system_message_type", json!(self.kind)),
            ("text", json!(self.text)),
            ("text_vars", self.vars),
        ];
        Event {
            id: String::new(),
            author_id: None,
            visibility: self.visibility,
            created_at,
            content: content.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
            properties: PropertyMap::new(),
        }
    }
}

/// The event with its author, its time and the app that it came from.
pub(super) fn signed(sent: SentEvent, author: &str, client_id: Option<&str>, at: Timestamp) -> Event {
    let mut properties = sent.properties;
    if let Some(client_id) = client_id {
        let source = properties.entry("source").or_insert_with(|| Value::Object(Map::new()));
        if let Some(source) = source.as_object_mut() {
            source.insert("client_id".to_owned(), json!(client_id));
        }
    }
    // System messages of apps have no author either.
    let has_author = sent.content.get("type") != Some(&json!("system_message"));
    Event {
        id: String::new(),
        author_id: has_author.then(|| author.to_owned()),
        visibility: sent.visibility,
        created_at: at,
        content: sent.content,
        properties,
    }
}

/// Puts the event at the end of the last thread and gives it the thread's next id.
pub(super) fn append(chat: &mut Chat, mut event: Event) -> Result<(String, Event), Refusal> {
    let thread = chat.threads.last_mut().ok_or_else(|| Refusal::of(Error::ChatInactive))?;
    thread.last_event += 1;
    event.id = format!("{}_{}", thread.id, thread.last_event);
    thread.events.push(event.clone());
    Ok((thread.id.clone(), event))
}
