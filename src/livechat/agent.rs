//! The Agent Chat Web API, called as the bot.
//!
//! Promises: a refused token is replaced and the call made again, once (the refusal says that
//! nothing was done); nothing else is repeated here. Dropping a future leaves the call's outcome unknown.

use super::api::{Api, Auth, Call, Face};
use super::errors::Error;
use super::ids::{ChatId, OrganizationId, ThreadId, UserId};
use super::model::{Chat, ChatsPage, TokenKey, Visibility};
use super::tokens::BotTokens;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::sync::Arc;

/// The largest page of `list_chats` (reference, 1.9).
pub const MAX_PAGE: u32 = 100;

/// A message to send.
#[derive(Debug, Clone, Serialize)]
pub struct NewMessage<'a> {
    /// What is said, at most 16 KB of UTF-8 (reference, 1.9).
    pub text: &'a str,
    /// Who sees it.
    pub visibility: Visibility,
    /// How it is recognised later; the platform does not deduplicate by it.
    pub custom_id: &'a str,
}

/// The bot, able to act in every organization that it belongs to.
pub struct Bot {
    api: Arc<Api>,
    tokens: Arc<BotTokens>,
}

impl Bot {
    /// A bot that calls through `api` with `tokens`.
    pub fn new(api: Arc<Api>, tokens: Arc<BotTokens>) -> Self {
        Self { api, tokens }
    }

    /// Who the bot is.
    pub fn id(&self) -> &UserId {
        self.tokens.bot()
    }

    /// Gets a token, unless a fresh one is there.
    ///
    /// # Errors
    /// What `issue_bot_token` answered.
    pub async fn warm_up(&self, organization: &OrganizationId) -> Result<(), Error> {
        self.tokens.current(&self.key(organization)).await.map(|_| ())
    }

    /// Joins the chat.
    ///
    /// # Errors
    /// `Refused` with `limit_reached` when a public agent is already inside; see `Error`.
    pub async fn add_to_chat(
        &self,
        organization: &OrganizationId,
        chat: &ChatId,
        visibility: Visibility,
    ) -> Result<(), Error> {
        let body = json!({
            "chat_id": chat, "user_id": self.id(), "user_type": "agent",
            "visibility": visibility, "ignore_requester_presence": true,
        });
        self.tell(organization, "add_user_to_chat", &body).await
    }

    /// Says something in the chat's active thread.
    ///
    /// # Errors
    /// `NotInChat` before a join is seen; see `Error`. After `Unknown`, look for the `custom_id`.
    pub async fn send_event(
        &self,
        organization: &OrganizationId,
        chat: &ChatId,
        message: &NewMessage<'_>,
    ) -> Result<(), Error> {
        let mut event = json!(message);
        if let Some(event) = event.as_object_mut() {
            event.insert("type".to_owned(), Value::from("message"));
        }
        // The event's id is not needed: the custom id is what we look for.
        self.tell(organization, "send_event", &json!({ "chat_id": chat, "event": event })).await
    }

    /// Leaves the chat.
    ///
    /// # Errors
    /// See `Error`; `Gone` and `NotInChat` mean that there is nothing to leave.
    pub async fn remove_from_chat(&self, organization: &OrganizationId, chat: &ChatId) -> Result<(), Error> {
        let body = json!({
            "chat_id": chat, "user_id": self.id(), "user_type": "agent", "ignore_requester_presence": true,
        });
        self.tell(organization, "remove_user_from_chat", &body).await
    }

    /// Reads the chat with one thread: the latest, or the one named.
    ///
    /// # Errors
    /// See `Error`.
    pub async fn chat(
        &self,
        organization: &OrganizationId,
        chat: &ChatId,
        thread: Option<&ThreadId>,
    ) -> Result<Chat, Error> {
        self.get_chat(organization, chat, thread).await
    }

    /// The same as the platform's own text, for `push::Heard`.
    ///
    /// # Errors
    /// See `Error`.
    pub async fn chat_as_told(
        &self,
        organization: &OrganizationId,
        chat: &ChatId,
        thread: Option<&ThreadId>,
    ) -> Result<Box<RawValue>, Error> {
        self.get_chat(organization, chat, thread).await
    }

    async fn get_chat<T: DeserializeOwned>(
        &self,
        organization: &OrganizationId,
        chat: &ChatId,
        thread: Option<&ThreadId>,
    ) -> Result<T, Error> {
        let mut body = json!({ "chat_id": chat });
        if let (Some(thread), Some(body)) = (thread, body.as_object_mut()) {
            body.insert("thread_id".to_owned(), json!(thread));
        }
        self.ask(organization, "get_chat", &body).await
    }

    /// Reads a page of the active chats, newest first; `page` is the last page's `next_page_id`.
    ///
    /// # Errors
    /// See `Error`.
    pub async fn active_chats(
        &self,
        organization: &OrganizationId,
        page: Option<&str>,
    ) -> Result<ChatsPage, Error> {
        let body = match page {
            // Filters beside a page id are a mistake to the platform (reference, 1.8).
            Some(page) => json!({ "page_id": page }),
            None => json!({
                "filters": { "active": true, "include_chats_without_threads": false }, "limit": MAX_PAGE,
            }),
        };
        self.ask(organization, "list_chats", &body).await
    }

    /// Sets the bot's own routing status: `accepting_chats`, `not_accepting_chats` or `offline`.
    ///
    /// # Errors
    /// See `Error`.
    pub async fn set_routing_status(&self, organization: &OrganizationId, status: &str) -> Result<(), Error> {
        self.tell(organization, "set_routing_status", &json!({ "status": status, "agent_id": self.id() }))
            .await
    }

    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        organization: &OrganizationId,
        action: &str,
        body: &Value,
    ) -> Result<T, Error> {
        let key = self.key(organization);
        let token = self.tokens.current(&key).await?;
        match self.api.ask(call(organization, action, token.secret()), body).await {
            Err(Error::NotAllowed { .. }) => {
                let token = self.tokens.replace(&key, &token).await?;
                self.api.ask(call(organization, action, token.secret()), body).await
            }
            other => other,
        }
    }

    async fn tell(&self, organization: &OrganizationId, action: &str, body: &Value) -> Result<(), Error> {
        let key = self.key(organization);
        let token = self.tokens.current(&key).await?;
        match self.api.tell(call(organization, action, token.secret()), body).await {
            Err(Error::NotAllowed { .. }) => {
                let token = self.tokens.replace(&key, &token).await?;
                self.api.tell(call(organization, action, token.secret()), body).await
            }
            other => other,
        }
    }

    fn key(&self, organization: &OrganizationId) -> TokenKey {
        TokenKey { organization: organization.clone(), bot: self.id().clone() }
    }
}

fn call<'a>(organization: &'a OrganizationId, action: &'a str, token: &'a secrecy::SecretString) -> Call<'a> {
    Call { organization, face: Face::Agent, action, auth: Auth::Bearer(token) }
}
