//! What happened in the account, and the deliveries that follow from it.
use super::state::World;
use super::webhooks::Webhook;
use crate::sandbox::auth::Requester;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// One thing that happened.
#[derive(Debug, Clone)]
pub(crate) struct News {
    pub(crate) action: &'static str,
    pub(crate) chat_id: Option<String>,
    pub(crate) payload: Value,
    /// The app whose token caused it; `None` for personal access tokens and the platform itself.
    pub(crate) client_id: Option<String>,
    /// Who changed the configuration; only configuration webhooks carry it.
    pub(crate) requester: Option<Value>,
}

/// What subscribers inside the process are told: everything that happened, also what no webhook tells.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    #[expect(dead_code, reason = "the RTM face will tell it; the desk reads the world instead")]
    pub(crate) action: &'static str,
    pub(crate) chat_id: Option<String>,
    #[expect(dead_code, reason = "the RTM face will tell it; the desk reads the world instead")]
    pub(crate) payload: Value,
}

/// The deliveries of one piece of news: one for each webhook that it concerns.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) chat_id: Option<String>,
    pub(crate) parcels: Vec<Parcel>,
}

/// One delivery to make.
#[derive(Debug, Clone)]
pub(crate) struct Parcel {
    pub(crate) webhook_id: String,
    pub(crate) url: String,
    pub(crate) action: String,
    pub(crate) chat_id: Option<String>,
    pub(crate) body: Value,
    pub(crate) verdict: Verdict,
}

/// Whether a parcel leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Send,
    /// The webhook is switched off.
    Gated,
}

impl News {
    /// News of a chat.
    pub(crate) fn of_chat(action: &'static str, chat_id: &str, by: &Requester, payload: Value) -> Self {
        let client_id = by.client_id.clone();
        Self { action, chat_id: Some(chat_id.to_owned()), payload, client_id, requester: None }
    }

    /// News of the configuration.
    pub(crate) fn of_account(action: &'static str, by: &Requester, payload: Value) -> Self {
        let requester = json!({
            "user_id": by.id,
            "account_id": by.account_id.clone().unwrap_or_default(),
            "client_id": by.client_id.clone().unwrap_or_default(),
        });
        Self { action, chat_id: None, payload, client_id: by.client_id.clone(), requester: Some(requester) }
    }
}

impl World {
    /// Tells everybody who has to know.
    pub(crate) fn tell(&mut self, news: News) {
        let parcels: Vec<Parcel> = self
            .webhooks
            .iter()
            .filter(|webhook| {
                webhook.action == news.action && self.knows(webhook) && self.passes(webhook, &news)
            })
            .map(|webhook| self.parcel(webhook, &news))
            .collect();
        if !parcels.is_empty() {
            self.batches.push(Batch { chat_id: news.chat_id.clone(), parcels });
        }
        let News { action, chat_id, payload, .. } = news;
        self.changes.push(Arc::new(Change { action, chat_id, payload }));
    }

    /// Tells only the subscribers inside the process: what the platform tells by pushes alone.
    pub(crate) fn push(&mut self, action: &'static str, chat_id: &str, payload: Value) {
        self.changes.push(Arc::new(Change { action, chat_id: Some(chat_id.to_owned()), payload }));
    }

    fn parcel(&self, webhook: &Webhook, news: &News) -> Parcel {
        let mut body = json!({
            "webhook_id": webhook.id,
            "secret_key": webhook.secret_key,
            "action": news.action,
            "organization_id": self.credentials.organization_id,
            "payload": news.payload,
        });
        let additional_data = self.additional_data(webhook, news);
        if let Some(fields) = body.as_object_mut() {
            if let Some(requester) = &news.requester {
                fields.insert("requester".to_owned(), requester.clone());
            }
            if !(additional_data.is_empty() && self.switches.no_empty_additional_data) {
                fields.insert("additional_data".to_owned(), Value::Object(additional_data));
            }
        }
        Parcel {
            webhook_id: webhook.id.clone(),
            url: webhook.url.clone(),
            action: webhook.action.clone(),
            chat_id: news.chat_id.clone(),
            body,
            verdict: if self.gate_open(webhook) { Verdict::Send } else { Verdict::Gated },
        }
    }

    fn additional_data(&self, webhook: &Webhook, news: &News) -> Map<String, Value> {
        let Some(chat) = news.chat_id.as_ref().and_then(|id| self.chats.get(id)) else { return Map::new() };
        let value = |name: &str| match name {
            "chat_properties" => json!(chat.properties),
            _ => json!(chat.present_ids()),
        };
        webhook.additional_data.iter().map(|name| (name.clone(), value(name))).collect()
    }
}
