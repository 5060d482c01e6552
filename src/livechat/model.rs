//! What the platform answers, as far as chimein reads it.
//!
//! Unknown fields are ignored, unknown enum values stay strings, and all but ids may be missing.

use super::ids::{ChatId, EventId, OrganizationId, ThreadId, UserId, WebhookId};
use secrecy::SecretString;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

/// Who sees a user or an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// The customer too.
    All,
    /// The agents only.
    Agents,
}

/// A chat as `get_chat` gives it: with one thread, the latest unless one was asked for.
#[derive(Debug, Clone, Deserialize)]
pub struct Chat {
    /// The chat.
    pub id: ChatId,
    /// The thread; chats without threads exist.
    #[serde(default)]
    pub thread: Option<Thread>,
    /// Everybody who ever was in the chat; see `User::present`.
    #[serde(default)]
    pub users: Vec<User>,
}

impl Chat {
    /// The user, if present now. Those who left stay in the list.
    pub fn present(&self, id: &UserId) -> Option<&User> {
        self.users.iter().find(|user| &user.id == id && user.present)
    }

    /// Whether new events can be sent.
    pub fn is_active(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| thread.active)
    }

    /// Whether nobody has the chat: it waits in the queue, or for an agent who takes it (reference, 16, question 21).
    pub fn waits_for_an_agent(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| {
            let properties = thread.properties.as_ref();
            let mark = properties.and_then(|properties| properties.pointer("/routing/unassigned"));
            thread.queue.is_some() || mark == Some(&Value::Bool(true))
        })
    }
}

/// A thread with its events.
#[derive(Debug, Clone, Deserialize)]
pub struct Thread {
    /// The thread.
    pub id: ThreadId,
    /// When it began, by the platform's clock.
    #[serde(default)]
    pub created_at: Option<String>,
    /// The thread before it, where there is one.
    #[serde(default)]
    pub previous_thread_id: Option<ThreadId>,
    /// At most one thread of a chat is active.
    #[serde(default)]
    pub active: bool,
    /// Where the thread stands in the queue, while it does.
    #[serde(default)]
    pub queue: Option<IgnoredAny>,
    /// Properties by namespace and name.
    #[serde(default)]
    pub properties: Option<Value>,
    /// The events, oldest first.
    #[serde(default)]
    pub events: Vec<Event>,
}

/// An event, as far as a visit looks at it.
#[derive(Debug, Clone, Deserialize)]
pub struct Event {
    /// The event; samples exist in which it is missing.
    #[serde(default)]
    pub id: Option<EventId>,
    /// What the sender gave, unchanged.
    #[serde(default)]
    pub custom_id: Option<String>,
    /// The sender; system events have none.
    #[serde(default)]
    pub author_id: Option<UserId>,
    /// What a system message is about, e.g. `agent_added`.
    #[serde(default)]
    pub system_message_type: Option<String>,
    /// What a system message names: people by their names.
    #[serde(default)]
    pub text_vars: Option<Value>,
}

/// Somebody in a chat.
#[derive(Debug, Clone, Deserialize)]
pub struct User {
    /// The user.
    pub id: UserId,
    /// `customer` or `agent` (bots too).
    #[serde(rename = "type", default)]
    pub kind: String,
    /// Whether the user is in the chat now.
    #[serde(default)]
    pub present: bool,
    /// Display name.
    #[serde(default)]
    pub name: Option<String>,
    /// `all` or `agents`; customers have none.
    #[serde(default)]
    pub visibility: Option<String>,
}

/// One page of `list_chats`.
#[derive(Debug, Clone, Deserialize)]
pub struct ChatsPage {
    /// The chats, as told: `push::Listed` reads one, so that one that is odd spoils no other. 3.7 calls the list `chats_info`.
    #[serde(alias = "chats_info", default)]
    pub chats_summary: Vec<Box<RawValue>>,
    /// The next page, if there is one.
    #[serde(default)]
    pub next_page_id: Option<String>,
}

/// One page of `list_archives`: a result for each thread.
#[derive(Debug, Clone, Deserialize)]
pub struct ArchivesPage {
    /// Chats with one thread each, as told, for `push::Heard`.
    #[serde(default)]
    pub chats: Vec<Box<RawValue>>,
    /// How many threads there are on all pages, by the platform's estimate.
    #[serde(default)]
    pub found_chats: Option<u64>,
    /// The next page, if there is one.
    #[serde(default)]
    pub next_page_id: Option<String>,
}

/// What `create_bot` answers.
#[derive(Debug, Deserialize)]
pub struct CreatedBot {
    /// The new bot.
    pub id: UserId,
    /// Shown only here.
    pub secret: SecretString,
}

/// A bot as `get_bot` and `list_bots` give it.
#[derive(Debug, Clone, Deserialize)]
pub struct BotProfile {
    /// The bot.
    pub id: UserId,
    /// Display name.
    #[serde(default)]
    pub name: String,
    /// The app that owns the bot.
    #[serde(default)]
    pub owner_client_id: Option<String>,
    /// The bot's groups, where asked for.
    #[serde(default)]
    pub groups: Vec<BotGroup>,
}

/// A bot's place in a group.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BotGroup {
    /// The group; 0 is General.
    pub id: u32,
    /// `first`, `normal`, `last`, or `supervisor` (never given chats).
    pub priority: String,
}

/// A webhook to register.
#[derive(Serialize)]
pub struct NewWebhook<'a> {
    /// The public address of the door.
    pub url: &'a str,
    /// For people.
    pub description: &'a str,
    /// The platform's action, e.g. `incoming_event`.
    pub action: &'a str,
    /// Echoed in every delivery.
    pub secret_key: &'a str,
    /// The app that owns it.
    pub owner_client_id: &'a str,
    /// `bot` or `license`.
    #[serde(rename = "type")]
    pub kind: &'a str,
    /// What deliveries carry beside the payload.
    pub additional_data: &'a [&'a str],
    /// Which happenings are delivered.
    pub filters: Value,
}

/// A webhook as `list_webhooks` gives it (never with its secret).
#[derive(Debug, Clone, Deserialize)]
pub struct Webhook {
    /// The webhook.
    pub id: WebhookId,
    /// Where it is sent.
    #[serde(default)]
    pub url: String,
    /// What it tells.
    #[serde(default)]
    pub action: String,
    /// `bot` or `license`.
    #[serde(rename = "type", default)]
    pub kind: String,
}

/// Whose token a bot token is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TokenKey {
    /// The tenant.
    pub organization: OrganizationId,
    /// The bot.
    pub bot: UserId,
}
