//! Closing a chat's active thread.
use super::access::{Mode, must_be_active, must_be_inside};
use super::conversation::Visibility;
use super::events::SystemMessage;
use super::news::News;
use super::state::World;
use crate::sandbox::auth::{Kind, Requester};
use crate::sandbox::refusal::Refusal;
use jiff::Timestamp;
use serde_json::json;

impl World {
    /// An agent closes the chat.
    pub(crate) fn deactivate(
        &mut self,
        by: &Requester,
        chat_id: &str,
        ignore_presence: bool,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let chat = self.reach(by, Mode::Write, chat_id)?;
        if !ignore_presence {
            must_be_inside(chat, by)?;
        }
        must_be_active(chat)?;
        self.close(by, chat_id, now)
    }

    /// The customer closes the chat.
    pub(crate) fn customer_deactivates(
        &mut self,
        by: &Requester,
        chat_id: &str,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        must_be_active(self.own(by, chat_id)?)?;
        self.close(by, chat_id, now)
    }

    fn close(&mut self, by: &Requester, chat_id: &str, now: Timestamp) -> Result<(), Refusal> {
        let who = self.name_of(&by.id);
        let (kind, role) = if by.kind == Kind::Customer {
            ("manual_archived_customer", "customer")
        } else {
            ("manual_archived_agent", "agent")
        };
        let message = SystemMessage {
            kind,
            text: format!("{who} archived the chat"),
            vars: json!({ role: who }),
            visibility: Visibility::All,
        };
        self.system_message(by, chat_id, message, now)?;
        let chat = self.chat_mut(chat_id)?;
        let mut thread_id = String::new();
        if let Some(thread) = chat.active_mut() {
            thread.active = false;
            thread.queued_at = None;
            thread_id = thread.id.clone();
        }
        chat.followers.clear();
        let payload = json!({"chat_id": chat_id, "thread_id": thread_id, "user_id": by.id});
        // Who was inside until now is part of the news; only then do the agents leave.
        self.tell(News::of_chat("chat_deactivated", chat_id, by, payload));
        for member in self.chat_mut(chat_id)?.members.iter_mut().filter(|member| !member.customer) {
            member.present = false;
        }
        Ok(())
    }
}
