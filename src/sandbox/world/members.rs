//! Joining and leaving a chat.
use super::access::{Mode, must_be_active, must_be_inside};
use super::conversation::{Chat, Visibility};
use super::events::SystemMessage;
use super::news::News;
use super::state::World;
use crate::sandbox::auth::Requester;
use crate::sandbox::options::AddingPresentUser;
use crate::sandbox::refusal::{Kind as Error, Refusal};
use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Who shall come in, and how.
#[derive(Debug, Clone)]
pub(crate) struct Joining {
    pub(crate) chat_id: String,
    pub(crate) user_id: String,
    pub(crate) customer: bool,
    pub(crate) visibility: Visibility,
    pub(crate) ignore_presence: bool,
}

impl World {
    /// `add_user_to_chat`.
    pub(crate) fn add_user(
        &mut self,
        by: &Requester,
        joining: &Joining,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let Joining { chat_id, user_id, .. } = joining;
        let chat = self.reach(by, Mode::Write, chat_id)?;
        let exists =
            if joining.customer { self.customers.contains_key(user_id) } else { self.is_agent(user_id) };
        if !exists {
            return Err(Refusal::not_found("User").with_status(StatusCode::UNPROCESSABLE_ENTITY));
        }
        if !joining.customer && !self.shares_group(user_id, &chat.access) {
            return Err(Refusal::new(Error::MissingAccess, "User has no access to the chat"));
        }
        if !joining.ignore_presence {
            must_be_inside(chat, by)?;
        }
        must_be_active(chat)?;
        self.has_a_seat(chat, joining)?;
        let first_agent = !chat.members.iter().any(|member| !member.customer && member.id != *user_id);
        let chat = self.chat_mut(chat_id)?;
        chat.seat(user_id, joining.customer, joining.visibility);
        if joining.customer
            && let Some(customer) = self.customers.get_mut(user_id)
        {
            customer.chat_id = Some(chat_id.clone());
        }
        self.tell_added(by, chat_id, user_id)?;
        if first_agent && !joining.customer {
            return Ok(());
        }
        let message = self.arrival(by, joining);
        self.system_message(by, chat_id, message, now)
    }

    fn has_a_seat(&self, chat: &Chat, joining: &Joining) -> Result<(), Refusal> {
        if chat.inside(&joining.user_id).is_some() {
            let text = "User is already in the chat";
            return Err(match self.switches.adding_present_user {
                AddingPresentUser::Validation => Refusal::validation(text),
                AddingPresentUser::AlreadyExists => Refusal::new(Error::AlreadyExists, text),
                AddingPresentUser::Unprocessable => {
                    Refusal::validation(text).with_status(StatusCode::UNPROCESSABLE_ENTITY)
                }
            });
        }
        if joining.customer && chat.customer().is_some_and(|customer| customer.id != joining.user_id) {
            return Err(Refusal::new(Error::LimitReached, "Customers in chat limit reached"));
        }
        let public = !joining.customer && joining.visibility == Visibility::All;
        if public && !self.switches.many_public_agents && chat.public_agents().next().is_some() {
            return Err(Refusal::new(Error::LimitReached, "Public agents in chat limit reached"));
        }
        Ok(())
    }

    pub(super) fn tell_added(&mut self, by: &Requester, chat_id: &str, user_id: &str) -> Result<(), Refusal> {
        let chat = self.chat_mut(chat_id)?;
        let thread_id = chat.active().map(|thread| thread.id.clone());
        let member = chat.member(user_id).cloned();
        let user = member.map_or(Value::Null, |member| self.member_view(&member));
        let mut payload =
            json!({"chat_id": chat_id, "user": user, "reason": "manual", "requester_id": by.id});
        if let (Some(thread_id), Some(fields)) = (thread_id, payload.as_object_mut()) {
            fields.insert("thread_id".to_owned(), json!(thread_id));
        }
        self.tell(News::of_chat("user_added_to_chat", chat_id, by, payload));
        Ok(())
    }

    fn arrival(&self, by: &Requester, joining: &Joining) -> SystemMessage<'static> {
        let (who, initiator) = (self.name_of(&joining.user_id), self.name_of(&by.id));
        let (kind, text, vars) = match (joining.customer, by.id == joining.user_id) {
            (true, _) => {
                let text = format!("{initiator} added {who} to the chat");
                ("customer_added", text, json!({"initiator": initiator, "customer": who}))
            }
            (false, true) => ("agent_joined", format!("{who} joined the chat"), json!({"agent": who})),
            (false, false) => {
                let text = format!("{initiator} added {who} to the chat");
                ("agent_added", text, json!({"initiator": initiator, "agent": who}))
            }
        };
        SystemMessage { kind, text, vars, visibility: joining.visibility }
    }

    /// `remove_user_from_chat`; only agents and bots can be removed. The chat need not be active.
    pub(crate) fn remove_user(
        &mut self,
        by: &Requester,
        chat_id: &str,
        user_id: &str,
        ignore_presence: bool,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let chat = self.reach(by, Mode::Write, chat_id)?;
        if !ignore_presence {
            must_be_inside(chat, by)?;
        }
        let member = chat.inside(user_id).filter(|member| !member.customer);
        let visibility = member.ok_or_else(|| Refusal::not_found("User"))?.visibility;
        self.unseat(by, chat_id, user_id)?;
        let (who, initiator) = (self.name_of(user_id), self.name_of(&by.id));
        let message = if by.id == user_id {
            let (text, vars) = (format!("{who} left the chat"), json!({"agent": who}));
            SystemMessage { kind: "agent_left", text, vars, visibility }
        } else {
            let text = format!("{initiator} removed {who} from the chat");
            SystemMessage {
                kind: "agent_removed",
                text,
                vars: json!({"initiator": initiator, "agent": who}),
                visibility,
            }
        };
        self.system_message(by, chat_id, message, now)
    }

    /// Takes an agent out of the chat and tells so.
    pub(super) fn unseat(&mut self, by: &Requester, chat_id: &str, user_id: &str) -> Result<(), Refusal> {
        let chat = self.chat_mut(chat_id)?;
        if let Some(member) = chat.members.iter_mut().find(|member| member.id == user_id) {
            member.present = false;
        }
        let mut payload =
            json!({"chat_id": chat_id, "user_id": user_id, "reason": "manual", "requester_id": by.id});
        if let (Some(thread), Some(fields)) = (chat.active(), payload.as_object_mut()) {
            fields.insert("thread_id".to_owned(), json!(thread.id));
        }
        self.tell(News::of_chat("user_removed_from_chat", chat_id, by, payload));
        Ok(())
    }
}
