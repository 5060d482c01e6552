//! Who may touch which chat: scope, then existence, then groups, then presence, then an active thread.
use super::conversation::{Chat, Thread};
use super::state::World;
use crate::sandbox::auth::{Kind, Requester};
use crate::sandbox::refusal::{Kind as Error, Refusal};

/// Reading or writing a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Read,
    Write,
}

impl Mode {
    fn scopes(self) -> [&'static str; 2] {
        match self {
            Self::Read => ["chats--all:ro", "chats--access:ro"],
            Self::Write => ["chats--all:rw", "chats--access:rw"],
        }
    }
}

impl World {
    /// Refuses a token that may not do this with any chat.
    pub(crate) fn may(&self, by: &Requester, mode: Mode) -> Result<(), Refusal> {
        by.needs(&mode.scopes())
    }

    /// The chat, if the requester may touch it.
    pub(crate) fn reach(&self, by: &Requester, mode: Mode, chat_id: &str) -> Result<&Chat, Refusal> {
        self.may(by, mode)?;
        let chat = self.chats.get(chat_id).ok_or_else(|| Refusal::not_found("Chat"))?;
        if self.sees(by, mode, chat) { Ok(chat) } else { Err(Refusal::of(Error::MissingAccess)) }
    }

    /// Whether the requester's groups let them see the chat.
    pub(crate) fn sees(&self, by: &Requester, mode: Mode, chat: &Chat) -> bool {
        self.sees_groups(by, mode, &chat.access)
    }

    /// The same for what is in these groups.
    pub(crate) fn sees_groups(&self, by: &Requester, mode: Mode, groups: &[i64]) -> bool {
        let [all, _] = mode.scopes();
        by.has(all) || self.shares_group(&by.id, groups)
    }

    /// Whether an agent or a bot is in one of the groups; group 0 is everybody.
    pub(crate) fn shares_group(&self, user_id: &str, groups: &[i64]) -> bool {
        groups.iter().any(|group| *group == 0 || self.priority_in(user_id, *group).is_some())
    }

    /// An agent's or a bot's priority in a group, if it is a member.
    pub(crate) fn priority_in(&self, user_id: &str, group: i64) -> Option<&str> {
        match self.agents.get(user_id) {
            Some(agent) => agent.groups.get(&group).map(String::as_str),
            None => self.bots.get(user_id)?.priority_in(group),
        }
    }

    /// The customer's own chat.
    pub(crate) fn own(&self, by: &Requester, chat_id: &str) -> Result<&Chat, Refusal> {
        let chat = self.chats.get(chat_id).ok_or_else(|| Refusal::not_found("Chat"))?;
        if by.kind == Kind::Customer && chat.member(&by.id).is_some() {
            return Ok(chat);
        }
        Err(Refusal::of(Error::MissingAccess))
    }
}

/// Refuses a requester who is not in the chat.
pub(crate) fn must_be_inside(chat: &Chat, by: &Requester) -> Result<(), Refusal> {
    chat.inside(&by.id).map(drop).ok_or_else(Refusal::not_inside)
}

/// The active thread, or the platform's refusal.
pub(crate) fn must_be_active(chat: &Chat) -> Result<&Thread, Refusal> {
    chat.active().ok_or_else(|| Refusal::of(Error::ChatInactive))
}
