//! The failures that can be asked for, as types and as the JSON of the control face.
use crate::sandbox::journal::Face;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;

/// One failure to play.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// Of a call.
    Call {
        /// The action's name; `*` is any.
        action: String,
        /// The API; any when absent.
        #[serde(default)]
        face: Option<Face>,
        /// How often; once when absent.
        #[serde(default)]
        times: Times,
        /// What goes wrong.
        effect: CallEffect,
    },
    /// Of a delivery.
    Webhook {
        /// The action's name; any when absent.
        #[serde(default)]
        action: Option<String>,
        /// How often; once when absent.
        #[serde(default)]
        times: Times,
        /// What goes wrong.
        effect: WebhookEffect,
    },
}

impl Fault {
    /// The next call of the action fails like this.
    #[must_use]
    pub fn call(action: &str, effect: CallEffect) -> Self {
        Self::Call { action: action.to_owned(), face: None, times: Times::default(), effect }
    }

    /// The next delivery of the action fails like this.
    #[must_use]
    pub fn webhook(action: &str, effect: WebhookEffect) -> Self {
        Self::Webhook { action: Some(action.to_owned()), times: Times::default(), effect }
    }

    /// The same failure so many times.
    #[must_use]
    pub fn times(self, count: u32) -> Self {
        self.with(Times::Count(count))
    }

    /// The same failure until the faults are cleared.
    #[must_use]
    pub fn always(self) -> Self {
        self.with(Times::Always)
    }

    fn with(mut self, wanted: Times) -> Self {
        match &mut self {
            Self::Call { times, .. } | Self::Webhook { times, .. } => *times = wanted,
        }
        self
    }
}

/// How often a failure is played. In JSON a number or `"always"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub enum Times {
    /// So many times.
    Count(u32),
    /// Until the faults are cleared.
    Always,
}

impl Default for Times {
    fn default() -> Self {
        Self::Count(1)
    }
}

impl TryFrom<Value> for Times {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        let count = value.as_u64().and_then(|count| u32::try_from(count).ok()).map(Self::Count);
        count
            .or_else(|| (value == "always").then_some(Self::Always))
            .ok_or_else(|| "`times` must be a number or \"always\"".to_owned())
    }
}

impl From<Times> for Value {
    fn from(times: Times) -> Self {
        match times {
            Times::Count(count) => Self::from(count),
            Times::Always => Self::from("always"),
        }
    }
}

/// What goes wrong with a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum CallEffect {
    /// The platform refuses; nothing happens.
    Status {
        /// The HTTP status.
        code: u16,
        /// `error.type`; without it the body is a gateway's HTML page.
        #[serde(default, rename = "type")]
        kind: Option<String>,
        /// The `Retry-After` header, in seconds.
        #[serde(default)]
        retry_after: Option<u32>,
    },
    /// No answer ever, and nothing happens.
    HangBefore,
    /// It happens, and no answer ever comes.
    HangAfter,
    /// The connection is reset, and nothing happens.
    ResetBefore,
    /// It happens, and the connection is reset: the answer is lost.
    ResetAfter,
    /// It happens, and the JSON of the answer is cut in half.
    Truncated,
    /// It happens, and the answer is an HTML page with status 200.
    Html,
    /// Refused with `misdirected_request`, unless the call names this region in `X-Region`.
    Misdirected {
        /// The right region.
        region: String,
    },
    /// The token of the call is no longer valid: for this call and until a new token is used.
    RevokedToken,
}

impl CallEffect {
    /// The name in the journal.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Status { .. } => "status",
            Self::HangBefore => "hang_before",
            Self::HangAfter => "hang_after",
            Self::ResetBefore => "reset_before",
            Self::ResetAfter => "reset_after",
            Self::Truncated => "truncated",
            Self::Html => "html",
            Self::Misdirected { .. } => "misdirected",
            Self::RevokedToken => "revoked_token",
        }
    }
}

/// What goes wrong with a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum WebhookEffect {
    /// It comes so many times more.
    Duplicate(u32),
    /// It comes so much later; milliseconds in JSON.
    Delay(#[serde(with = "millis")] Duration),
    /// It comes after the next delivery.
    Reorder,
    /// It never comes.
    Drop,
    /// Its `secret_key` is wrong.
    WrongSecret,
    /// It has fields that nobody knows.
    UnknownFields,
    /// Its `action` is one that nobody knows.
    UnknownAction,
    /// It has no `additional_data`.
    NoAdditionalData,
}

impl WebhookEffect {
    /// The name in the journal.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Duplicate(_) => "duplicate",
            Self::Delay(_) => "delay",
            Self::Reorder => "reorder",
            Self::Drop => "drop",
            Self::WrongSecret => "wrong_secret",
            Self::UnknownFields => "unknown_fields",
            Self::UnknownAction => "unknown_action",
            Self::NoAdditionalData => "no_additional_data",
        }
    }
}

mod millis {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::time::Duration;

    pub(super) fn serialize<S: Serializer>(delay: &Duration, to: S) -> Result<S::Ok, S::Error> {
        delay.as_millis().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_millis)
    }
}
