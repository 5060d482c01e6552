//! The queue: chats that nobody has, until somebody takes chats.
use super::conversation::{Chat, Visibility};
use super::events::SystemMessage;
use super::news::News;
use super::properties::merge_properties;
use super::state::World;
use crate::sandbox::auth::Requester;
use crate::sandbox::refusal::Refusal;
use jiff::Timestamp;
use serde_json::json;

impl World {
    /// Gives the chat to somebody, or puts it into the queue.
    pub(super) fn assign(&mut self, chat_id: &str, access: &[i64], at: Timestamp) -> Result<(), Refusal> {
        let assignee = self.assignee(access, &[]);
        let chat = self.chat_mut(chat_id)?;
        match assignee {
            Some(agent) => chat.seat(&agent, false, Visibility::All),
            None => chat.queue(at),
        }
        Ok(())
    }

    /// Gives away the chats that wait, the longest waiting first, as far as somebody takes them.
    pub(super) fn assign_queued(&mut self, now: Timestamp) -> Result<(), Refusal> {
        let waiting =
            self.chats.values().filter_map(|chat| Some((chat.active()?.queued_at?, chat.id.clone())));
        let mut waiting: Vec<_> = waiting.collect();
        waiting.sort();
        for (_, chat_id) in waiting {
            let access = self.chat_mut(&chat_id)?.access.clone();
            if let Some(agent) = self.assignee(&access, &[]) {
                self.take_from_queue(&chat_id, &agent, now)?;
            }
        }
        Ok(())
    }

    fn take_from_queue(&mut self, chat_id: &str, agent: &str, now: Timestamp) -> Result<(), Refusal> {
        // The router has no app: its news are for webhooks of the source `system`.
        let router = Requester::nobody();
        let chat = self.chat_mut(chat_id)?;
        chat.unqueue();
        chat.seat(agent, false, Visibility::All);
        let group_ids = chat.access.clone();
        let thread_id = chat.active().map(|thread| thread.id.clone());
        let mut added = self.added_payload(chat_id, agent)?;
        added.insert("reason".to_owned(), json!("assigned"));
        self.tell(News::of_chat("user_added_to_chat", chat_id, &router, json!(added)));
        let payload = json!({
            "chat_id": chat_id,
            "thread_id": thread_id,
            "reason": "assigned",
            "transferred_to": {"group_ids": group_ids, "agent_ids": [agent]},
        });
        self.tell(News::of_chat("chat_transferred", chat_id, &router, payload));
        let name = self.name_of(agent);
        let message = SystemMessage {
            kind: "routing.assigned_other",
            text: format!("Chat assigned to {name}"),
            vars: json!({ "agent_added": name }),
            visibility: Visibility::All,
        };
        self.system_message(&router, chat_id, message, now)
    }
}

impl Chat {
    /// Nobody has the chat: it waits.
    pub(super) fn queue(&mut self, at: Timestamp) {
        if let Some(thread) = self.active_mut() {
            thread.queued_at = Some(at);
        }
        self.mark_unassigned(true);
    }

    /// Somebody has the chat again, or it goes elsewhere.
    pub(super) fn unqueue(&mut self) {
        if let Some(thread) = self.active_mut() {
            thread.queued_at = None;
        }
        self.mark_unassigned(false);
    }

    /// Writes the markers of a chat that nobody has.
    fn mark_unassigned(&mut self, unassigned: bool) {
        let mark = json!({"routing": {"unassigned": unassigned}});
        if let (Some(thread), Some(mark)) = (self.threads.last_mut(), mark.as_object()) {
            merge_properties(&mut thread.properties, mark);
        }
        if let Some(pin) = json!({"routing": {"pinned": unassigned}}).as_object() {
            merge_properties(&mut self.properties, pin);
        }
    }
}
