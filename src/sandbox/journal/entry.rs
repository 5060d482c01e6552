//! What one line of the journal says.
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// One call or one try of a delivery.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    /// Its number; later entries have higher ones, also after old ones were dropped.
    pub seq: u64,
    /// When the call arrived or the try began.
    pub time: Timestamp,
    /// What it was.
    #[serde(flatten)]
    pub happening: Happening,
    /// The change of the journal that wrote it last.
    #[serde(skip)]
    pub(super) changed: u64,
}

impl Entry {
    /// The chat that it belongs to.
    #[must_use]
    pub fn chat_id(&self) -> Option<&str> {
        match &self.happening {
            Happening::Call(call) => call.chat_id.as_deref(),
            Happening::Delivery(delivery) => delivery.chat_id.as_deref(),
        }
    }

    /// The call, if it is one.
    #[must_use]
    pub fn call(&self) -> Option<&Call> {
        match &self.happening {
            Happening::Call(call) => Some(call),
            Happening::Delivery(_) => None,
        }
    }

    /// The delivery, if it is one.
    #[must_use]
    pub fn delivery(&self) -> Option<&Delivery> {
        match &self.happening {
            Happening::Delivery(delivery) => Some(delivery),
            Happening::Call(_) => None,
        }
    }
}

/// A call of somebody, or a delivery to somebody.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Happening {
    /// Somebody called the platform.
    Call(Call),
    /// The platform told a webhook's receiver something.
    Delivery(Delivery),
}

/// A call.
#[derive(Debug, Clone, Serialize)]
pub struct Call {
    /// The API that was called.
    pub face: Face,
    /// The action's name.
    pub action: String,
    /// The requester's id; `anonymous` when nobody known called.
    pub requester: String,
    /// The chat that the request names.
    pub chat_id: Option<String>,
    /// The body, with secrets masked; null when it was not JSON.
    pub request: Arc<Value>,
    /// How far it is.
    pub state: CallState,
    /// The answer's status.
    pub status: Option<u16>,
    /// The answer's `error.type`.
    pub error_type: Option<String>,
    /// The fault that was played on it.
    pub fault: Option<&'static str>,
    /// How long the answer took, in microseconds.
    pub took_us: Option<u64>,
}

/// How far a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CallState {
    /// It has arrived; nothing was answered yet.
    Pending,
    /// An answer was given.
    Answered,
    /// The connection was reset on purpose.
    Reset,
    /// The caller went away before the answer.
    Abandoned,
}

/// One try to deliver a webhook.
#[derive(Debug, Clone, Serialize)]
pub struct Delivery {
    /// The registered webhook.
    pub webhook_id: String,
    /// What happened in the account.
    pub action: String,
    /// The chat that it happened in.
    pub chat_id: Option<String>,
    /// The receiver.
    pub url: String,
    /// 1 for the first try; 0 when there was none.
    pub attempt: u32,
    /// How it ended.
    pub outcome: Outcome,
    /// The fault that was played on it.
    pub fault: Option<&'static str>,
    /// How long the receiver took, in microseconds.
    pub took_us: Option<u64>,
}

/// How a try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// On its way.
    Pending,
    /// The receiver answered with this status; only 200 counts as delivered.
    Status(u16),
    /// The receiver took too long.
    Timeout,
    /// Nobody listens there.
    Refused,
    /// The connection broke.
    Broken,
    /// The receiver is not on this machine; the sandbox never leaves it.
    NotLoopback,
    /// The bot is offline, or the license's webhooks are switched off.
    Gated,
    /// A fault swallowed it.
    Dropped,
    /// Too many deliveries were waiting.
    QueueFull,
}

/// The APIs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Face {
    /// Agent Chat Web API.
    Agent,
    /// Configuration API.
    Configuration,
    /// Customer Chat API.
    Customer,
    /// Tokens.
    Accounts,
}
