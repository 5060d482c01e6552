//! Why something was not done, in words for the person who wrote it.
use crate::sandbox::refusal::Refusal;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;

/// Whole sentences: they are shown as they are.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    #[error("Write something first.")]
    Empty,
    #[error("Not sent: LiveChat takes messages of up to 16 KB. Please shorten it.")]
    TooLong,
    #[error("Not sent: the form could not be read.")]
    Unreadable,
    #[error("The customer writes first: there is no open chat to answer.")]
    NoChat,
    #[error("Not done. LiveChat says: {0}.")]
    Refused(String, StatusCode),
}

impl Problem {
    /// The status of the page that shows it.
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Empty | Self::Unreadable => StatusCode::UNPROCESSABLE_ENTITY,
            Self::NoChat => StatusCode::CONFLICT,
            Self::Refused(_, status) => *status,
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = refusal.status();
        Self::Refused(refusal.message, status)
    }
}

impl From<FormRejection> for Problem {
    fn from(rejection: FormRejection) -> Self {
        let too_long = rejection.status() == StatusCode::PAYLOAD_TOO_LARGE;
        if too_long { Self::TooLong } else { Self::Unreadable }
    }
}
