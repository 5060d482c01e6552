//! Registered webhooks: their form, their gate and their filters.
use super::catalogue::told;
use super::conversation::Chat;
use super::lag::Lagging;
use super::news::News;
use super::state::World;
use crate::sandbox::fields::{Checked, Fields};
use crate::sandbox::ids;
use crate::sandbox::refusal::Refusal;
use serde_json::{Map, Value};

/// The longest URL of a receiver, in characters.
const URL_LENGTH: usize = 500;

/// What switches a webhook on and off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WebhookKind {
    /// The license's switch for the app.
    License,
    /// A bot of the app that is not offline.
    Bot,
}

/// A registered webhook.
#[derive(Debug, Clone)]
pub(crate) struct Webhook {
    pub(crate) id: String,
    pub(crate) url: String,
    pub(crate) description: Option<String>,
    pub(crate) action: String,
    pub(crate) secret_key: String,
    pub(crate) owner_client_id: String,
    pub(crate) kind: WebhookKind,
    pub(crate) additional_data: Vec<String>,
    pub(crate) filters: Filters,
    /// Whether it is registered; what was unregistered stays until that takes effect.
    pub(super) registered: Lagging<bool>,
}

/// The conditions of a webhook; all of them have to hold.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filters {
    pub(crate) written: Option<Map<String, Value>>,
    author_type: Option<String>,
    only_my_chats: bool,
    present: Option<Vec<String>>,
    absent: Option<Vec<String>>,
    my_bots: bool,
    source_type: Option<Vec<String>>,
    agent_ids: Option<Vec<String>>,
}

impl Webhook {
    /// Reads a registration.
    pub(crate) fn read(body: &Fields<'_>) -> Checked<Self> {
        let action = body.text("action")?;
        let told =
            told(action).ok_or_else(|| Refusal::validation("`action` is not a known webhook action"))?;
        let url = body.text("url")?;
        let web = reqwest::Url::parse(url)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if !web || url.chars().count() > URL_LENGTH {
            return Err(Refusal::validation("`url` must be an http or https URL of at most 500 characters"));
        }
        let additional_data = body.texts_if("additional_data")?.unwrap_or_default();
        if let Some(odd) = additional_data.iter().find(|data| !told.additional_data.contains(&data.as_str()))
        {
            return Err(Refusal::validation(format!(
                "`additional_data`: `{odd}` cannot be used with `{action}`"
            )));
        }
        let kind = match body.one_of("type", &["bot", "license"])? {
            "bot" => WebhookKind::Bot,
            _ => WebhookKind::License,
        };
        Ok(Self {
            id: ids::hex(),
            url: url.to_owned(),
            description: body.text_if("description")?.map(str::to_owned),
            action: action.to_owned(),
            secret_key: body.text("secret_key")?.to_owned(),
            owner_client_id: body.text("owner_client_id")?.to_owned(),
            kind,
            additional_data,
            filters: Filters::read(body.object_if("filters")?.as_ref(), action, told.filters)?,
            registered: Lagging::new(false),
        })
    }
}

impl Filters {
    fn read(filters: Option<&Fields<'_>>, action: &str, allowed: &[&str]) -> Checked<Self> {
        let Some(fields) = filters else { return Ok(Self::default()) };
        if let Some(odd) = fields.map().keys().find(|key| !allowed.contains(&key.as_str())) {
            return Err(Refusal::validation(format!("`filters.{odd}` cannot be used with `{action}`")));
        }
        let mut read = Self {
            written: Some(fields.map().clone()),
            author_type: fields.one_of_if("author_type", &["customer", "agent"])?.map(str::to_owned),
            only_my_chats: fields.flag("only_my_chats", false)?,
            source_type: fields.texts_if("source_type")?,
            agent_ids: fields.texts_if("agent_ids")?,
            ..Self::default()
        };
        let known = ["my_client", "other_clients", "system"];
        if read.source_type.iter().flatten().any(|source| !known.contains(&source.as_str())) {
            return Err(Refusal::validation(
                "`filters.source_type` must hold my_client, other_clients or system",
            ));
        }
        if let Some(presence) = fields.object_if("chat_presence")? {
            read.my_bots = presence.flag("my_bots", false)?;
            if let Some(users) = presence.object_if("user_ids")? {
                read.present = users.texts_if("values")?;
                read.absent = users.texts_if("exclude_values")?;
                if read.present.is_some() == read.absent.is_some() {
                    let text =
                        "`filters.chat_presence.user_ids` needs exactly one of `values` and `exclude_values`";
                    return Err(Refusal::validation(text));
                }
            }
        }
        Ok(read)
    }
}

impl World {
    /// Whether the news passes all filters of the webhook.
    pub(super) fn passes(&self, webhook: &Webhook, news: &News) -> bool {
        let filters = &webhook.filters;
        let chat = news.chat_id.as_ref().and_then(|id| self.chats.get(id));
        let author =
            filters.author_type.as_deref().is_none_or(|wanted| self.author_type(news) == Some(wanted));
        let source = filters.source_type.as_ref().is_none_or(|wanted| {
            let source = match &news.client_id {
                None => "system",
                Some(client) if *client == webhook.owner_client_id => "my_client",
                Some(_) => "other_clients",
            };
            wanted.iter().any(|name| name == source)
        });
        let agent = filters.agent_ids.as_ref().is_none_or(|wanted| {
            news.payload
                .get("agent_id")
                .and_then(Value::as_str)
                .is_some_and(|id| wanted.iter().any(|name| name == id))
        });
        author && source && agent && chat.is_none_or(|chat| self.chat_passes(webhook, chat))
    }

    fn chat_passes(&self, webhook: &Webhook, chat: &Chat) -> bool {
        let filters = &webhook.filters;
        let owner = webhook.owner_client_id.as_str();
        let mine = || {
            chat.properties.get("source").and_then(|source| source.get("client_id")) == Some(&owner.into())
        };
        let inside = |ids: &[String]| ids.iter().any(|id| chat.inside(id).is_some());
        let my_bot = || {
            let mut bots = chat.present_ids().into_iter().filter_map(|id| self.bots.get(id));
            bots.any(|bot| bot.owner_client_id == owner)
        };
        (!filters.only_my_chats || mine())
            && filters.present.as_deref().is_none_or(inside)
            && !filters.absent.as_deref().is_some_and(inside)
            && (!filters.my_bots || my_bot())
    }

    /// `customer`, `agent`, or nothing for what has no author.
    fn author_type(&self, news: &News) -> Option<&'static str> {
        let author = news.payload.get("event")?.get("author_id")?.as_str()?;
        Some(if self.is_agent(author) { "agent" } else { "customer" })
    }
}
