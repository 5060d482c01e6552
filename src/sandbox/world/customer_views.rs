//! The account's JSON as a customer sees it: no whispers, no supervisors, agents' ids hashed.
use super::conversation::{Chat, Event, Thread, Visibility};
use super::people::Customer;
use super::state::World;
use super::views::{insert_if, last_events, profile, thread_view};
use crate::sandbox::clock;
use crate::sandbox::refusal::Refusal;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// An agent's id as customers see it: 32 hex digits that tell nothing.
pub(crate) fn hashed(id: &str) -> String {
    let digest = Sha256::digest(format!("sandbox agent {id}"));
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn public(event: &Event) -> bool {
    event.visibility == Visibility::All
}

impl World {
    fn outside_id(&self, id: &str) -> String {
        if self.is_agent(id) { hashed(id) } else { id.to_owned() }
    }

    fn outside_event(&self, event: &Event) -> Value {
        let mut view = event.view();
        if let Some(fields) = view.as_object_mut() {
            fields.remove("visibility");
            if let Some(author) = &event.author_id {
                fields.insert("author_id".to_owned(), json!(self.outside_id(author)));
            }
        }
        view
    }

    fn outside_users(&self, chat: &Chat) -> Vec<Value> {
        let seen =
            chat.members.iter().filter(|member| member.customer || member.visibility == Visibility::All);
        let user = |member: &super::conversation::Member| {
            let mut view = Map::new();
            view.insert("id".to_owned(), json!(self.outside_id(&member.id)));
            view.insert("present".to_owned(), json!(member.present));
            view.insert("type".to_owned(), json!(if member.customer { "customer" } else { "agent" }));
            if !member.customer {
                insert_if(&mut view, "name", Some(&self.name_of(&member.id)));
                let job = self.agents.get(&member.id).map(|agent| agent.job_title);
                let bot = self.bots.get(&member.id);
                insert_if(&mut view, "job_title", job.or_else(|| bot?.job_title.as_deref()));
                insert_if(&mut view, "avatar", bot.and_then(|bot| bot.avatar.as_deref()));
            }
            Value::Object(view)
        };
        seen.map(user).collect()
    }

    /// A thread for its customer.
    pub(crate) fn outside_thread(&self, chat: &Chat, thread: &Thread) -> Value {
        let mut view = thread_view(chat, thread, |event| self.outside_event(event));
        if let Some(fields) = view.as_object_mut() {
            let events =
                thread.events.iter().filter(|event| public(event)).map(|event| self.outside_event(event));
            let hidden =
                |id: &&String| chat.member(id).is_some_and(|member| member.visibility == Visibility::Agents);
            let users = thread.user_ids.iter().filter(|id| !hidden(id)).map(|id| self.outside_id(id));
            fields.insert("events".to_owned(), events.collect());
            fields.insert("user_ids".to_owned(), users.collect());
            fields.remove("tags");
        }
        view
    }

    /// A chat for its customer.
    pub(crate) fn outside_chat(&self, chat: &Chat, thread_id: Option<&str>) -> Result<Value, Refusal> {
        let thread = match thread_id {
            None => chat.last(),
            Some(id) => {
                let found = chat.threads.iter().find(|thread| thread.id == id);
                Some(found.ok_or_else(|| Refusal::not_found("Thread"))?)
            }
        };
        let mut view = json!({
            "id": chat.id,
            "users": self.outside_users(chat),
            "properties": chat.properties,
            "access": {"group_ids": chat.access},
        });
        if let (Some(thread), Some(fields)) = (thread, view.as_object_mut()) {
            fields.insert("thread".to_owned(), self.outside_thread(chat, thread));
        }
        Ok(view)
    }

    /// A chat in the customer's list.
    pub(crate) fn outside_summary(&self, chat: &Chat) -> Value {
        let mut view = json!({
            "id": chat.id,
            "users": self.outside_users(chat),
            "properties": chat.properties,
            "access": {"group_ids": chat.access},
            "active": chat.active().is_some(),
            "last_event_per_type": last_events(chat, public, |event| self.outside_event(event)),
        });
        if let (Some(thread), Some(fields)) = (chat.last(), view.as_object_mut()) {
            insert_if(fields, "last_thread_id", Some(&thread.id));
            insert_if(fields, "last_thread_created_at", Some(&clock::write(thread.created_at)));
        }
        view
    }

    /// The customer's own profile.
    pub(crate) fn outside_profile(&self, customer: &Customer) -> Value {
        let mut view = Map::new();
        view.insert("id".to_owned(), json!(customer.id));
        view.insert("type".to_owned(), json!("customer"));
        profile(&mut view, customer);
        Value::Object(view)
    }
}
