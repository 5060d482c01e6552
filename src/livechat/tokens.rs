//! Bot tokens: got when needed, kept per organization and bot, renewed early, one flight at a time.
//!
//! The platform gives a token 24 hours and tells nothing of it (reference, 1.6): the time of issue
//! is remembered here, on the monotonic clock.

use super::api::{Api, Auth, Call, Face};
use super::errors::Error;
use super::ids::UserId;
use super::model::TokenKey;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, Mutex as Lock, PoisonError};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// A token's age from which a new one is got: well before the 24 hours of the reference, 1.6.
pub const RENEW_AFTER: Duration = Duration::from_secs(20 * 3600);
/// How many organizations' tokens are kept.
const MAX_KEPT: usize = 10_000;

/// A token and its age. Clones share the secret.
#[derive(Clone)]
pub(super) struct Token {
    secret: Arc<SecretString>,
    issued: Instant,
}

impl Token {
    pub(super) fn secret(&self) -> &SecretString {
        &self.secret
    }

    fn is_fresh(&self) -> bool {
        self.issued.elapsed() < RENEW_AFTER
    }
}

/// What the last attempt to get a token showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenState {
    /// None was needed yet.
    Unused,
    /// The last one was issued.
    Valid,
    /// The platform refused the bot's id or secret.
    Refused,
    /// The platform could not be asked.
    Unavailable,
}

type Slot = Arc<Mutex<Option<Token>>>;

/// The tokens of one bot.
pub struct BotTokens {
    api: Arc<Api>,
    client_id: String,
    bot: UserId,
    secret: SecretString,
    slots: Lock<HashMap<TokenKey, Slot>>,
    state: Lock<TokenState>,
}

impl BotTokens {
    /// Keeps tokens for `bot` of the app `client_id`.
    pub fn new(api: Arc<Api>, client_id: String, bot: UserId, secret: SecretString) -> Self {
        Self {
            api,
            client_id,
            bot,
            secret,
            slots: Lock::new(HashMap::new()),
            state: Lock::new(TokenState::Unused),
        }
    }

    /// What the last attempt to get a token showed.
    pub fn state(&self) -> TokenState {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The age of the oldest token that is kept; `None` without one, or while the only one is being renewed.
    pub fn oldest_age(&self) -> Option<Duration> {
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let ages = slots.values().filter_map(|slot| Some(slot.try_lock().ok()?.as_ref()?.issued.elapsed()));
        ages.max()
    }

    pub(super) fn bot(&self) -> &UserId {
        &self.bot
    }

    /// The organization's token, from the store or from the platform.
    pub(super) async fn current(&self, key: &TokenKey) -> Result<Token, Error> {
        let slot = self.slot(key);
        let mut kept = slot.lock().await;
        match kept.as_ref() {
            Some(token) if token.is_fresh() => Ok(token.clone()),
            _ => self.issue_into(&mut kept, key).await,
        }
    }

    /// A token other than `refused`: whoever comes second gets the first one's.
    pub(super) async fn replace(&self, key: &TokenKey, refused: &Token) -> Result<Token, Error> {
        let slot = self.slot(key);
        let mut kept = slot.lock().await;
        match kept.as_ref() {
            Some(token) if !Arc::ptr_eq(&token.secret, &refused.secret) => Ok(token.clone()),
            _ => self.issue_into(&mut kept, key).await,
        }
    }

    async fn issue_into(&self, kept: &mut Option<Token>, key: &TokenKey) -> Result<Token, Error> {
        let mut issued = self.issue(key).await;
        if let Err(Error::Gone { status, .. } | Error::Refused { status, .. }) = issued {
            // Whatever is wrong with the bot's id or secret, it is not the chat that is gone.
            issued = Err(Error::NotAllowed { status });
        }
        self.note(issued.as_ref().err());
        let token = issued?;
        *kept = Some(token.clone());
        Ok(token)
    }

    async fn issue(&self, key: &TokenKey) -> Result<Token, Error> {
        #[derive(Deserialize)]
        struct Issued {
            token: SecretString,
        }
        let call = Call {
            organization: &key.organization,
            face: Face::Configuration,
            action: "issue_bot_token",
            auth: Auth::Nobody,
        };
        let body = serde_json::json!({
            "bot_id": key.bot,
            "client_id": self.client_id,
            "bot_secret": self.secret.expose_secret(),
            "organization_id": key.organization,
        });
        let issued: Issued = self.api.ask(call, &body).await?;
        Ok(Token { secret: Arc::new(issued.token), issued: Instant::now() })
    }

    /// One loud line when the secret stops working, one when it works again.
    fn note(&self, failure: Option<&Error>) {
        let now = match failure {
            None => TokenState::Valid,
            Some(Error::NotAllowed { .. }) => TokenState::Refused,
            Some(_) => TokenState::Unavailable,
        };
        let before = std::mem::replace(&mut *self.state.lock().unwrap_or_else(PoisonError::into_inner), now);
        if now == TokenState::Refused && before != TokenState::Refused {
            tracing::error!(
                bot.id = %self.bot,
                "LiveChat refuses the bot's id or secret: visits wait until bot.id and bot.secret are right"
            );
        } else if now == TokenState::Valid && before == TokenState::Refused {
            tracing::info!(bot.id = %self.bot, "LiveChat accepts the bot's secret again");
        }
    }

    fn slot(&self, key: &TokenKey) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= MAX_KEPT && !slots.contains_key(key) {
            slots.clear();
        }
        slots.entry(key.clone()).or_default().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_token_is_fresh_until_well_before_its_24_hours_end() {
        let token = Token { secret: Arc::new(SecretString::from("t")), issued: Instant::now() };
        tokio::time::advance(RENEW_AFTER - Duration::from_secs(1)).await;
        assert!(token.is_fresh());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(!token.is_fresh());
        assert!(RENEW_AFTER <= Duration::from_secs(23 * 3600));
    }
}
