//! What a request brings in its `Authorization` header.
use axum::http::{HeaderMap, header::AUTHORIZATION};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A credential as it was presented; nothing is known yet of its worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Presented {
    /// `Basic`: an account and its personal access token.
    Personal { account_id: String, token: String },
    /// `Bearer`.
    Bearer(String),
}

impl Presented {
    /// The token itself.
    pub(crate) fn token(&self) -> &str {
        match self {
            Self::Personal { token, .. } | Self::Bearer(token) => token,
        }
    }
}

/// Reads the header; `None` when it is absent or of no known form.
pub(crate) fn presented(headers: &HeaderMap) -> Option<Presented> {
    let (scheme, rest) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(Presented::Bearer(rest.trim().to_owned()));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    let (account_id, token) = pair.split_once(':')?;
    Some(Presented::Personal { account_id: account_id.to_owned(), token: token.to_owned() })
}
