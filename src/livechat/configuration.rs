//! The Configuration API, called with a personal access token: bots and webhooks.
//!
//! Nothing is repeated here: each call's error says what to do.

use super::api::{Api, Auth, Call, Face};
use super::errors::Error;
use super::ids::{OrganizationId, UserId, WebhookId};
use super::model::{BotGroup, BotProfile, CreatedBot, NewWebhook, Webhook};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;

/// The account's configuration, of one app in one organization.
pub struct Configuration {
    api: Arc<Api>,
    organization: OrganizationId,
    client_id: String,
    /// Base64 of `account_id:token`, as HTTP Basic wants it.
    credentials: SecretString,
}

impl Configuration {
    /// Calls as the owner of `token` (a personal access token) for the app `client_id`.
    pub fn new(
        api: Arc<Api>,
        organization: OrganizationId,
        client_id: String,
        account_id: &str,
        token: &SecretString,
    ) -> Self {
        Self { api, organization, client_id, credentials: basic(account_id, token) }
    }

    /// Creates a bot of our app; its secret is shown only now.
    ///
    /// # Errors
    /// See `Error`; `Refused` with `limit_reached` when the plan has no more bots.
    pub async fn create_bot(&self, name: &str, groups: &[BotGroup]) -> Result<CreatedBot, Error> {
        // `supervisor`: never given chats by the routing (reference, 4.2).
        let body = json!({
            "name": name, "owner_client_id": self.client_id, "groups": groups, "default_group_priority": "supervisor",
        });
        self.ask("create_bot", &body).await
    }

    /// Reads a bot with its groups.
    ///
    /// # Errors
    /// See `Error`.
    pub async fn bot(&self, id: &UserId) -> Result<BotProfile, Error> {
        self.ask("get_bot", &json!({ "id": id, "fields": ["groups"] })).await
    }

    /// Lists our bots.
    ///
    /// # Errors
    /// See `Error`.
    pub async fn bots(&self) -> Result<Vec<BotProfile>, Error> {
        self.ask("list_bots", &json!({ "all": false, "fields": ["groups"] })).await
    }

    /// Registers a webhook: at most 3 for each action of an app (reference, 4.3).
    ///
    /// # Errors
    /// See `Error`; `Refused` with `limit_reached` for the fourth.
    pub async fn register_webhook(&self, webhook: &NewWebhook<'_>) -> Result<WebhookId, Error> {
        #[derive(Deserialize)]
        struct Registered {
            id: WebhookId,
        }
        self.ask::<Registered>("register_webhook", &json!(webhook)).await.map(|registered| registered.id)
    }

    /// Lists our app's webhooks.
    ///
    /// # Errors
    /// See `Error`.
    pub async fn webhooks(&self) -> Result<Vec<Webhook>, Error> {
        self.ask("list_webhooks", &json!({ "owner_client_id": self.client_id })).await
    }

    /// Unregisters one of our app's webhooks.
    ///
    /// # Errors
    /// See `Error`.
    pub async fn unregister_webhook(&self, id: &WebhookId) -> Result<(), Error> {
        let body = json!({ "id": id, "owner_client_id": self.client_id });
        self.api.tell(self.call("unregister_webhook"), &body).await
    }

    async fn ask<T: DeserializeOwned>(&self, action: &str, body: &Value) -> Result<T, Error> {
        self.api.ask(self.call(action), body).await
    }

    fn call<'a>(&'a self, action: &'a str) -> Call<'a> {
        Call {
            organization: &self.organization,
            face: Face::Configuration,
            action,
            auth: Auth::Basic(&self.credentials),
        }
    }
}

/// Base64 of `account_id:token`, as HTTP Basic wants it.
pub(super) fn basic(account_id: &str, token: &SecretString) -> SecretString {
    use base64::Engine;
    let pair = format!("{account_id}:{}", token.expose_secret());
    SecretString::from(base64::engine::general_purpose::STANDARD.encode(pair))
}
