//! Chats, their threads, events and members.
use super::properties::PropertyMap;
use crate::sandbox::clock;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Who may see an event or an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Visibility {
    /// Everybody.
    All,
    /// Agents only.
    Agents,
}

impl Visibility {
    /// The name on the wire.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Agents => "agents",
        }
    }

    /// From the wire; the platform's default is `all`.
    pub(crate) fn parse(name: Option<&str>) -> Self {
        if name == Some("agents") { Self::Agents } else { Self::All }
    }
}

/// A user of a chat; who left stays in the list with `present: false`.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) id: String,
    pub(crate) customer: bool,
    pub(crate) present: bool,
    pub(crate) visibility: Visibility,
    pub(crate) seen_up_to: Timestamp,
}

/// One entry of a thread.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) id: String,
    /// `None` for system messages.
    pub(crate) author_id: Option<String>,
    pub(crate) visibility: Visibility,
    pub(crate) created_at: Timestamp,
    /// `type` and what belongs to the type.
    pub(crate) content: Map<String, Value>,
    pub(crate) properties: PropertyMap,
}

impl Event {
    /// As agents and webhooks see it.
    pub(crate) fn view(&self) -> Value {
        let mut view = self.content.clone();
        view.insert("id".to_owned(), json!(self.id));
        view.insert("created_at".to_owned(), json!(clock::write(self.created_at)));
        view.insert("visibility".to_owned(), json!(self.visibility.name()));
        if let Some(author) = &self.author_id {
            view.insert("author_id".to_owned(), json!(author));
        }
        if !self.properties.is_empty() {
            view.insert("properties".to_owned(), json!(self.properties));
        }
        Value::Object(view)
    }

    /// The event's `type`.
    pub(crate) fn kind(&self) -> &str {
        self.content.get("type").and_then(Value::as_str).unwrap_or_default()
    }
}

/// One episode of a chat.
#[derive(Debug, Clone)]
pub(crate) struct Thread {
    pub(crate) id: String,
    pub(crate) active: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) user_ids: Vec<String>,
    pub(crate) events: Vec<Event>,
    pub(crate) properties: PropertyMap,
    pub(crate) access: Vec<i64>,
    pub(crate) tags: Vec<String>,
    /// Since when nobody has the chat.
    pub(crate) queued_at: Option<Timestamp>,
    /// The number of the last event.
    pub(crate) last_event: u64,
}

/// One customer's chat.
#[derive(Debug, Clone)]
pub(crate) struct Chat {
    pub(crate) id: String,
    pub(crate) members: Vec<Member>,
    pub(crate) threads: Vec<Thread>,
    pub(crate) properties: PropertyMap,
    pub(crate) access: Vec<i64>,
    pub(crate) followers: BTreeSet<String>,
}

impl Chat {
    /// The customer's member entry.
    pub(crate) fn customer(&self) -> Option<&Member> {
        self.members.iter().find(|member| member.customer)
    }

    /// A user's entry, present or not.
    pub(crate) fn member(&self, id: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.id == id)
    }

    /// A user's entry if the user is in the chat now.
    pub(crate) fn inside(&self, id: &str) -> Option<&Member> {
        self.member(id).filter(|member| member.present)
    }

    /// The ids of those who are in the chat now.
    pub(crate) fn present_ids(&self) -> Vec<&str> {
        self.members.iter().filter(|member| member.present).map(|member| member.id.as_str()).collect()
    }

    /// The agents who are in the chat now and whom the customer sees.
    pub(crate) fn public_agents(&self) -> impl Iterator<Item = &Member> {
        self.members
            .iter()
            .filter(|member| !member.customer && member.present && member.visibility == Visibility::All)
    }

    /// The last thread.
    pub(crate) fn last(&self) -> Option<&Thread> {
        self.threads.last()
    }

    /// The active thread: always the last one.
    pub(crate) fn active(&self) -> Option<&Thread> {
        self.threads.last().filter(|thread| thread.active)
    }

    /// The active thread, to be changed.
    pub(crate) fn active_mut(&mut self) -> Option<&mut Thread> {
        self.threads.last_mut().filter(|thread| thread.active)
    }

    /// Puts a user into the chat, or back into it.
    pub(crate) fn seat(&mut self, id: &str, customer: bool, visibility: Visibility) {
        match self.members.iter_mut().find(|member| member.id == id) {
            Some(member) => {
                member.present = true;
                member.visibility = visibility;
            }
            None => self.members.push(Member {
                id: id.to_owned(),
                customer,
                present: true,
                visibility,
                seen_up_to: Timestamp::UNIX_EPOCH,
            }),
        }
        if let Some(thread) =
            self.threads.last_mut().filter(|thread| !thread.user_ids.iter().any(|user| user == id))
        {
            thread.user_ids.push(id.to_owned());
        }
    }

    /// Notes what a user has seen.
    pub(crate) fn seen(&mut self, id: &str, up_to: Timestamp) {
        if let Some(member) = self.members.iter_mut().find(|member| member.id == id) {
            member.seen_up_to = up_to;
        }
    }

    /// The newest event of each type, with its thread.
    pub(crate) fn last_event_per_type(
        &self,
        shown: impl Fn(&Event) -> bool,
    ) -> BTreeMap<&str, (&Thread, &Event)> {
        let mut found = BTreeMap::new();
        for thread in &self.threads {
            for event in thread.events.iter().filter(|event| shown(event)) {
                found.insert(event.kind(), (thread, event));
            }
        }
        found
    }
}
