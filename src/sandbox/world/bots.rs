//! Bots: made, changed, deleted, given tokens, switched on and off.
use super::news::News;
use super::people::{Bot, Membership, Status};
use super::state::World;
use super::views::bot_view;
use crate::sandbox::auth::{BOT, Kind, Requester};
use crate::sandbox::ids;
use crate::sandbox::refusal::{Kind as Error, Refusal};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Bots that one app can have on a license of the sandbox.
const BOTS: usize = 100;
/// Templates that one app can have.
const TEMPLATES: usize = 5;

/// What a bot shall be; absent is unchanged, or the default of a new one.
#[derive(Debug, Clone, Default)]
pub(crate) struct BotForm {
    pub(crate) name: Option<String>,
    pub(crate) avatar: Option<String>,
    pub(crate) max_chats_count: Option<i64>,
    pub(crate) default_group_priority: Option<String>,
    pub(crate) job_title: Option<String>,
    pub(crate) groups: Option<Membership>,
    pub(crate) kind: Option<String>,
    pub(crate) work_scheduler: Option<Value>,
    /// The fields as they were sent.
    pub(crate) written: Map<String, Value>,
}

impl World {
    /// Refuses an app that the organization does not own.
    pub(crate) fn owned(&self, client_id: &str) -> Result<(), Refusal> {
        if self.clients.contains(client_id) {
            return Ok(());
        }
        Err(Refusal::new(Error::Authorization, "`owner_client_id` is not owned by the organization"))
    }

    /// `create_bot`.
    pub(crate) fn create_bot(
        &mut self,
        by: &Requester,
        owner: &str,
        form: BotForm,
    ) -> Result<Value, Refusal> {
        self.owned(owner)?;
        self.groups_exist(form.groups.as_ref())?;
        if self.bots.values().filter(|bot| bot.owner_client_id == owner).count() >= BOTS {
            return Err(Refusal::of(Error::LimitReached));
        }
        let bot = new_bot(owner, by.client_id.is_none(), form);
        let answer = json!({"id": bot.id, "secret": bot.secret});
        let payload = told_view(&bot);
        self.bots.insert(bot.id.clone(), bot);
        self.tell(News::of_account("bot_created", by, payload));
        Ok(answer)
    }

    fn groups_exist(&self, groups: Option<&Membership>) -> Result<(), Refusal> {
        let mut ids = groups.into_iter().flatten().map(|(id, _)| id);
        if ids.all(|id| self.groups.contains_key(id)) {
            Ok(())
        } else {
            Err(Refusal::of(Error::GroupNotFound))
        }
    }

    /// A bot that the requester may manage.
    pub(crate) fn managed_bot(&self, by: &Requester, id: &str) -> Result<&Bot, Refusal> {
        let bot = self.bots.get(id).ok_or_else(|| Refusal::not_found("Bot"))?;
        let mine = by.client_id.as_ref() == Some(&bot.owner_client_id)
            || (by.client_id.is_none() && bot.made_with_pat);
        if mine || by.has("agents-bot--all:rw") {
            return Ok(bot);
        }
        Err(Refusal::of(Error::Authorization))
    }

    /// `update_bot`.
    pub(crate) fn update_bot(&mut self, by: &Requester, id: &str, form: BotForm) -> Result<(), Refusal> {
        self.managed_bot(by, id)?;
        self.groups_exist(form.groups.as_ref())?;
        let payload = form.written.clone();
        if let Some(bot) = self.bots.get_mut(id) {
            write(bot, form);
        }
        self.tell(News::of_account("bot_updated", by, Value::Object(payload)));
        Ok(())
    }

    /// `delete_bot`. Its tokens end, and it leaves its chats.
    pub(crate) fn delete_bot(&mut self, by: &Requester, id: &str) -> Result<(), Refusal> {
        self.managed_bot(by, id)?;
        let inside = self.chats.values().filter(|chat| chat.inside(id).is_some()).map(|chat| chat.id.clone());
        for chat_id in inside.collect::<Vec<_>>() {
            self.unseat(by, &chat_id, id)?;
        }
        self.bots.remove(id);
        self.tokens.revoke_of(id);
        self.tell(News::of_account("bot_deleted", by, json!({ "id": id })));
        Ok(())
    }

    /// A new secret; tokens made with the old one live on.
    pub(crate) fn reset_bot_secret(&mut self, by: &Requester, id: &str) -> Result<String, Refusal> {
        self.managed_bot(by, id)?;
        let secret = ids::hex();
        if let Some(bot) = self.bots.get_mut(id) {
            bot.secret.clone_from(&secret);
        }
        Ok(secret)
    }

    /// `issue_bot_token`: the secret is the credential.
    pub(crate) fn issue_bot_token(
        &mut self,
        bot_id: &str,
        client_id: &str,
        secret: &str,
        organization_id: &str,
        now: Timestamp,
    ) -> Result<String, Refusal> {
        if organization_id != self.credentials.organization_id {
            return Err(Refusal::not_found("Bot"));
        }
        let bot = self.bots.get(bot_id).ok_or_else(|| Refusal::not_found("Bot"))?;
        if bot.secret != secret || bot.owner_client_id != client_id {
            return Err(Refusal::of(Error::Authentication));
        }
        let requester = bot_requester(bot);
        if self.switches.newest_bot_token_only {
            self.tokens.revoke_of(bot_id);
        }
        let token = ids::bot_token();
        self.tokens.bot(token.clone(), requester, now);
        Ok(token)
    }

    /// `set_routing_status` of a bot or of a person.
    pub(crate) fn set_status(&mut self, by: &Requester, id: &str, status: Status) -> Result<(), Refusal> {
        if let Some(bot) = self.bots.get(id) {
            let mine = by.client_id.as_ref() == Some(&bot.owner_client_id) && by.has("agents-bot--my:rw");
            if !mine && (bot.kind == "ai_agent" || !by.has("agents-bot--all:rw")) {
                return Err(Refusal::of(Error::Authorization));
            }
        } else {
            self.person_status(by, id, status)?;
        }
        if let Some(bot) = self.bots.get_mut(id) {
            bot.status = status;
        }
        if let Some(agent) = self.agents.get_mut(id) {
            agent.status = status;
        }
        // Webhooks write the status with spaces.
        let payload = json!({"agent_id": id, "status": status.spaced()});
        let news = News { requester: None, ..News::of_account("routing_status_set", by, payload) };
        self.tell(news);
        Ok(())
    }

    fn person_status(&self, by: &Requester, id: &str, status: Status) -> Result<(), Refusal> {
        by.needs(if by.id == id { &["agents--my:rw"] } else { &["agents--all:rw"] })?;
        let agent = self.agents.get(id).ok_or_else(|| Refusal::not_found("Agent"))?;
        if status == Status::Offline {
            return Err(Refusal::validation("`status` `offline` is for bots only"));
        }
        if agent.status == Status::Offline {
            let kind = if by.id == id { Error::RequesterAlreadyOffline } else { Error::AgentOffline };
            return Err(Refusal::of(kind));
        }
        Ok(())
    }

    /// `create_bot_template`; `at_once` makes the bot on this license too.
    pub(crate) fn create_template(
        &mut self,
        by: &Requester,
        owner: &str,
        form: BotForm,
        at_once: bool,
    ) -> Result<Value, Refusal> {
        self.owned(owner)?;
        if self.templates.values().filter(|template| template.owner_client_id == owner).count() >= TEMPLATES {
            return Err(Refusal::of(Error::LimitReached));
        }
        let template = new_bot(owner, false, form);
        let answer = json!({"id": template.id, "secret": template.secret});
        if at_once {
            self.bots.insert(template.id.clone(), template.clone());
            self.tell(News::of_account("bot_created", by, told_view(&template)));
        }
        self.templates.insert(template.id.clone(), template);
        Ok(answer)
    }
}

/// A bot as webhooks tell of it: there its picture is `avatar`, as in requests (so the vendor's SDK reads it).
fn told_view(bot: &Bot) -> Value {
    let mut view = bot_view(bot, &["job_title".to_owned(), "work_scheduler".to_owned()]);
    if let Some(fields) = view.as_object_mut()
        && let Some(avatar) = fields.remove("avatar_path")
    {
        fields.insert("avatar".to_owned(), avatar);
    }
    view
}

/// A bot as the one behind a call.
pub(crate) fn bot_requester(bot: &Bot) -> Requester {
    Requester {
        id: bot.id.clone(),
        kind: Kind::Bot,
        account_id: None,
        client_id: Some(bot.owner_client_id.clone()),
        scopes: BOT,
    }
}

fn new_bot(owner: &str, made_with_pat: bool, form: BotForm) -> Bot {
    let mut bot = Bot {
        id: ids::hex(),
        secret: ids::hex(),
        name: String::new(),
        owner_client_id: owner.to_owned(),
        made_with_pat,
        avatar: None,
        max_chats_count: 6,
        default_group_priority: "normal".to_owned(),
        job_title: None,
        groups: None,
        kind: "chatbot".to_owned(),
        work_scheduler: None,
        status: Status::Offline,
    };
    write(&mut bot, form);
    bot
}

fn write(bot: &mut Bot, form: BotForm) {
    let BotForm { name, avatar, max_chats_count, default_group_priority, job_title, groups, kind, .. } = form;
    bot.name = name.unwrap_or_else(|| std::mem::take(&mut bot.name));
    bot.avatar = avatar.or_else(|| bot.avatar.take());
    bot.max_chats_count = max_chats_count.unwrap_or(bot.max_chats_count);
    bot.default_group_priority =
        default_group_priority.unwrap_or_else(|| std::mem::take(&mut bot.default_group_priority));
    bot.job_title = job_title.or_else(|| bot.job_title.take());
    bot.groups = groups.or_else(|| bot.groups.take());
    bot.kind = kind.unwrap_or_else(|| std::mem::take(&mut bot.kind));
    bot.work_scheduler = form.work_scheduler.or_else(|| bot.work_scheduler.take());
}
