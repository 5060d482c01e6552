//! The tokens that the platform has given out, until they expire or are revoked.
use super::requester::Requester;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// How long an agent's and a customer's token lives.
pub(crate) const CUSTOMER_TOKEN_SECONDS: i64 = 28_800;
/// How long a bot's token lives.
const BOT_TOKEN_SECONDS: i64 = 86_400;

/// One token's holder and end.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) requester: Requester,
    /// `None` lives as long as the sandbox.
    pub(crate) ends: Option<Timestamp>,
}

/// All tokens.
#[derive(Debug, Default)]
pub(crate) struct Tokens(HashMap<String, Token>);

impl Tokens {
    /// A token that never ends: the ones that the sandbox prints at its start.
    pub(crate) fn keep(&mut self, token: String, requester: Requester) {
        self.0.insert(token, Token { requester, ends: None });
    }

    /// A customer's token.
    pub(crate) fn customer(&mut self, token: String, requester: Requester, now: Timestamp) {
        self.issue(token, requester, now, CUSTOMER_TOKEN_SECONDS);
    }

    /// A bot's token.
    pub(crate) fn bot(&mut self, token: String, requester: Requester, now: Timestamp) {
        self.issue(token, requester, now, BOT_TOKEN_SECONDS);
    }

    fn issue(&mut self, token: String, requester: Requester, now: Timestamp, seconds: i64) {
        let ends = now.saturating_add(SignedDuration::from_secs(seconds)).ok();
        self.0.insert(token, Token { requester, ends });
    }

    /// The token, unless it has ended.
    pub(crate) fn find(&self, token: &str, now: Timestamp) -> Option<&Token> {
        self.0.get(token).filter(|token| token.ends.is_none_or(|ends| now < ends))
    }

    /// Ends a token; false when there is none.
    pub(crate) fn revoke(&mut self, token: &str) -> bool {
        self.0.remove(token).is_some()
    }

    /// Ends all tokens of a user.
    pub(crate) fn revoke_of(&mut self, id: &str) {
        self.0.retain(|_, token| token.requester.id != id);
    }
}
