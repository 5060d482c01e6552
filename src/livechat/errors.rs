//! What went wrong in a call, named by what to do next.
//!
//! The platform's `error.type` decides first, the HTTP status second (reference, section 9); the
//! status is kept in every variant that has one. No variant holds a token or a body.

use crate::telemetry::metrics::OTHER;
use std::time::Duration;
use thiserror::Error;

/// A call that did not succeed.
#[derive(Debug, Error)]
pub enum Error {
    /// The token is not valid (any more): get a new one, once.
    #[error("not allowed: the token was refused (status {status})")]
    NotAllowed {
        /// The HTTP status.
        status: u16,
    },
    /// The chat is closed, gone, or not ours to see: finish with the reason.
    #[error("gone: {kind} (status {status})")]
    Gone {
        /// The HTTP status.
        status: u16,
        /// The platform's error type.
        kind: String,
    },
    /// We are not in the chat, and the call needs it.
    #[error("not in the chat (status {status})")]
    NotInChat {
        /// The HTTP status.
        status: u16,
    },
    /// Too many calls: wait, and slow down the whole organization.
    #[error("too many requests (status {status})")]
    Slow {
        /// The HTTP status.
        status: u16,
        /// What `Retry-After` asked for.
        wait: Option<Duration>,
    },
    /// The request never reached the platform: try again later.
    #[error("unavailable: {cause}")]
    Unavailable {
        /// What stood in the way, without addresses or tokens.
        cause: &'static str,
    },
    /// The request may or may not have taken effect: look before repeating it.
    #[error("unknown outcome: {cause} (status {status:?})")]
    Unknown {
        /// The HTTP status, where an answer came at all.
        status: Option<u16>,
        /// What was seen.
        cause: String,
    },
    /// Another region answers for this organization.
    #[error("wrong region, `{region}` is the right one (status {status})")]
    WrongRegion {
        /// The HTTP status.
        status: u16,
        /// The region to name in `X-Region`.
        region: String,
    },
    /// The platform understood and said no: repeating cannot help.
    #[error("refused: {kind} (status {status})")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The platform's error type.
        kind: String,
        /// The platform's text, for people.
        message: String,
    },
    /// The call succeeded, its answer cannot be read.
    #[error("unreadable answer at `{path}` (status {status})")]
    Unreadable {
        /// The HTTP status.
        status: u16,
        /// Where in the JSON.
        path: String,
    },
    /// This process cannot make calls at all.
    #[error("cannot make calls: {0}")]
    Setup(String),
}

/// What a caller should do after an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// Wait, with backoff, then repeat.
    Later,
    /// Wait (as told, else with backoff) with every call of the organization, then repeat.
    SlowDown(Option<Duration>),
    /// Find out whether it took effect before repeating.
    LookFirst,
    /// Do not repeat.
    Never,
}

impl Error {
    /// What to do next.
    pub fn advice(&self) -> Advice {
        match self {
            // A new token was tried already: the bot's secret is wrong.
            Self::NotAllowed { .. } => Advice::SlowDown(None),
            Self::Slow { wait, .. } => Advice::SlowDown(*wait),
            // Nobody's call can get there, and that is no fault of this visit.
            Self::Unavailable { .. } => Advice::SlowDown(None),
            Self::WrongRegion { .. } => Advice::Later,
            Self::Unknown { .. } | Self::Unreadable { .. } => Advice::LookFirst,
            Self::Gone { .. } | Self::NotInChat { .. } | Self::Refused { .. } | Self::Setup(_) => {
                Advice::Never
            }
        }
    }

    /// A short stable name for logs and records.
    pub fn reason(&self) -> &str {
        match self {
            Self::NotAllowed { .. } => "authentication",
            Self::Gone { kind, .. } | Self::Refused { kind, .. } => kind,
            Self::NotInChat { .. } => "not_in_chat",
            Self::Slow { .. } => "too_many_requests",
            Self::Unavailable { .. } => "unavailable",
            Self::Unknown { .. } => "unknown_outcome",
            Self::WrongRegion { .. } => "misdirected_request",
            Self::Unreadable { .. } => "unreadable",
            Self::Setup(_) => "setup",
        }
    }

    /// The same, from a list that does not grow; for numbers.
    pub fn label(&self) -> &'static str {
        label(self.reason())
    }

    /// Reads the error that an answer with a failing status is.
    pub(crate) fn from_answer(status: u16, retry_after: Option<Duration>, body: &[u8]) -> Self {
        #[derive(serde::Deserialize)]
        struct Body {
            error: Detail,
        }
        #[derive(serde::Deserialize)]
        struct Detail {
            #[serde(rename = "type")]
            kind: String,
            #[serde(default)]
            message: String,
            #[serde(default)]
            data: Option<serde_json::Value>,
        }
        match serde_json::from_slice::<Body>(body) {
            Ok(Body { error }) => {
                let region = error.data.as_ref().and_then(|data| data.get("region")).and_then(|r| r.as_str());
                Self::from_kind(status, &error.kind, error.message, retry_after, region)
            }
            Err(_) => Self::from_status(status, retry_after),
        }
    }

    fn from_kind(
        status: u16,
        kind: &str,
        message: String,
        wait: Option<Duration>,
        region: Option<&str>,
    ) -> Self {
        match kind {
            "authentication" => Self::NotAllowed { status },
            // The one text that tells "not in the chat" from "no right to it" (reference, 9.1, mark (m)).
            "authorization" if message.contains("not user of the chat") => Self::NotInChat { status },
            "chat_inactive" | "chat_anonymized" | "not_found" | "missing_access" | "authorization"
            | "license_expired" | "license_not_found" | "group_not_found" => {
                Self::Gone { status, kind: kind.to_owned() }
            }
            "too_many_requests" => Self::Slow { status, wait },
            "misdirected_request" => match region {
                Some(region) => Self::WrongRegion { status, region: region.to_owned() },
                None => Self::Refused { status, kind: kind.to_owned(), message },
            },
            "internal" | "request_timeout" | "service_unavailable" => {
                Self::Unknown { status: Some(status), cause: kind.to_owned() }
            }
            "validation"
            | "limit_reached"
            | "already_exists"
            | "not_allowed"
            | "entity_too_large"
            | "unsupported_version"
            | "wrong_product_version" => Self::Refused { status, kind: kind.to_owned(), message },
            _ if status == 429 || status >= 500 => Self::from_status(status, wait),
            _ => Self::Refused { status, kind: kind.to_owned(), message },
        }
    }

    fn from_status(status: u16, wait: Option<Duration>) -> Self {
        match status {
            401 => Self::NotAllowed { status },
            404 | 410 => Self::Gone { status, kind: "not_found".to_owned() },
            429 => Self::Slow { status, wait },
            408 | 500..=599 => Self::Unknown { status: Some(status), cause: "no readable error".to_owned() },
            _ => Self::Refused { status, kind: "unknown".to_owned(), message: String::new() },
        }
    }
}

/// The reasons above, and those of the platform's error types that the calls of chimein can meet (reference, 9.2).
const LABELS: &[&str] = &[
    "agent_offline",
    "already_exists",
    "authentication",
    "authorization",
    "chat_anonymized",
    "chat_inactive",
    "entity_too_large",
    "group_not_found",
    "license_expired",
    "license_not_found",
    "limit_reached",
    "misdirected_request",
    "missing_access",
    "not_allowed",
    "not_found",
    "not_in_chat",
    "setup",
    "too_many_requests",
    "unavailable",
    "unknown",
    "unknown_outcome",
    "unreadable",
    "unsupported_version",
    "validation",
    "wrong_product_version",
];

/// A reason as a label for numbers: itself when it is known, else `other`.
pub fn label(reason: &str) -> &'static str {
    LABELS.iter().find(|known| **known == reason).copied().unwrap_or(OTHER)
}

#[cfg(test)]
#[path = "errors_tests.rs"]
mod tests;
