//! Agents, bots, customers, groups and tags as the account knows them.
use super::lag::Lagging;
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Priorities in a group, from first asked to never asked.
pub(crate) const PRIORITIES: [&str; 4] = ["first", "normal", "last", "supervisor"];

/// Group id to priority.
pub(crate) type Membership = BTreeMap<i64, String>;

/// Whether somebody takes chats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Accepting,
    NotAccepting,
    Offline,
}

impl Status {
    /// The spelling of the API and of pushes.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Accepting => "accepting_chats",
            Self::NotAccepting => "not_accepting_chats",
            Self::Offline => "offline",
        }
    }

    /// The spelling of webhooks and of agents' `login_status`.
    pub(crate) fn spaced(self) -> &'static str {
        match self {
            Self::Accepting => "accepting chats",
            Self::NotAccepting => "not accepting chats",
            Self::Offline => "offline",
        }
    }

    /// From the API's spelling.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Accepting, Self::NotAccepting, Self::Offline].into_iter().find(|status| status.name() == name)
    }
}

/// A human agent.
#[derive(Debug, Clone)]
pub(crate) struct Agent {
    pub(crate) id: String,
    pub(crate) account_id: String,
    pub(crate) name: String,
    pub(crate) role: &'static str,
    pub(crate) job_title: &'static str,
    pub(crate) groups: Membership,
    pub(crate) status: Status,
}

/// A bot, or a template of one.
#[derive(Debug, Clone)]
pub(crate) struct Bot {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) name: String,
    pub(crate) owner_client_id: String,
    /// Made with a personal access token, not by an app.
    pub(crate) made_with_pat: bool,
    pub(crate) avatar: Option<String>,
    pub(crate) max_chats_count: i64,
    pub(crate) default_group_priority: String,
    pub(crate) job_title: Option<String>,
    /// `None` is every group, with the default priority.
    pub(crate) groups: Option<Membership>,
    pub(crate) kind: String,
    pub(crate) work_scheduler: Option<Value>,
    pub(crate) status: Status,
    /// Whether the status lets webhooks of the bot's app through.
    pub(crate) wakes_webhooks: Lagging<bool>,
}

impl Bot {
    /// The priority in a group, if the bot is in it.
    pub(crate) fn priority_in(&self, group: i64) -> Option<&str> {
        match &self.groups {
            None => Some(&self.default_group_priority),
            Some(groups) => groups.get(&group).map(String::as_str),
        }
    }
}

/// A customer.
#[derive(Debug, Clone)]
pub(crate) struct Customer {
    pub(crate) id: String,
    pub(crate) created_at: Timestamp,
    /// The cookie that makes a browser the same customer again.
    pub(crate) cookie: String,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) avatar: Option<String>,
    pub(crate) phone_number: Option<String>,
    pub(crate) address: Option<Map<String, Value>>,
    pub(crate) session_fields: Vec<Value>,
    pub(crate) chat_id: Option<String>,
}

/// A group of agents.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) language_code: String,
}

/// A tag.
#[derive(Debug, Clone)]
pub(crate) struct Tag {
    pub(crate) name: String,
    pub(crate) group_ids: Vec<i64>,
    pub(crate) author_id: String,
    pub(crate) created_at: Timestamp,
}
