//! Bots.
use crate::sandbox::faces::Call;
use crate::sandbox::fields::{Checked, Fields};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::world::{Bot, BotForm, Membership, PRIORITIES, bot_view};
use serde_json::{Value, json};

const MANAGE: [&str; 2] = ["agents-bot--my:rw", "agents-bot--all:rw"];
const READ: [&str; 2] = ["agents-bot--my:ro", "agents-bot--all:ro"];
const EXTRA_FIELDS: [&str; 5] = ["groups", "work_scheduler", "job_title", "max_chats_count", "timezone"];
const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Reads what a bot shall be.
pub(super) fn form(body: &Fields<'_>) -> Checked<BotForm> {
    let text = |key: &str| Ok(body.text_if(key)?.map(str::to_owned));
    Ok(BotForm {
        name: text("name")?,
        avatar: text("avatar")?,
        max_chats_count: body.int_within("max_chats_count", 0, 500)?,
        default_group_priority: body.one_of_if("default_group_priority", &PRIORITIES)?.map(str::to_owned),
        job_title: text("job_title")?,
        groups: if body.has("groups") { Some(membership(body)?) } else { None },
        kind: text("type")?,
        work_scheduler: scheduler(body)?,
        written: body.map().clone(),
    })
}

fn membership(body: &Fields<'_>) -> Checked<Membership> {
    let group = |group: Fields<'_>| Ok((group.int("id")?, group.one_of("priority", &PRIORITIES)?.to_owned()));
    body.objects("groups")?.into_iter().map(group).collect()
}

fn scheduler(body: &Fields<'_>) -> Checked<Option<Value>> {
    let Some(scheduler) = body.object_if("work_scheduler")? else { return Ok(None) };
    scheduler.text_if("timezone")?;
    for day in scheduler.objects("schedule")? {
        day.one_of("day", &DAYS)?;
        day.flag_required("enabled")?;
        day.text("start")?;
        day.text("end")?;
    }
    Ok(Some(json!(scheduler.map())))
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Value, Refusal> {
    call.body.text("name")?;
    let form = form(&call.body)?;
    let owner = call.by.owner(call.body.text_if("owner_client_id")?)?;
    call.by.needs(&MANAGE[..1])?;
    call.world.create_bot(call.by, &owner, form)
}

pub(super) fn update(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let id = call.body.text("id")?;
    let form = form(&call.body)?;
    call.by.needs(&MANAGE)?;
    call.world.update_bot(call.by, id, form)?;
    Ok(json!({}))
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let id = call.body.text("id")?;
    call.by.needs(&MANAGE)?;
    call.world.delete_bot(call.by, id)?;
    Ok(json!({}))
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let all = call.body.flag("all", false)?;
    let fields = extra_fields(&call.body)?;
    call.by.needs(if all { &READ[1..] } else { &READ })?;
    let mine = |bot: &&Bot| match &call.by.client_id {
        Some(client_id) => !bot.made_with_pat && bot.owner_client_id == *client_id,
        None => bot.made_with_pat,
    };
    let row = |bot: &Bot| {
        let mut view = bot_view(bot, &fields);
        if let Some(map) = view.as_object_mut() {
            map.remove("default_group_priority");
            map.remove("owner_client_id");
            for extra in ["groups", "max_chats_count"] {
                if !fields.iter().any(|field| field == extra) {
                    map.remove(extra);
                }
            }
        }
        view
    };
    Ok(call.world.bots.values().filter(|bot| all || mine(bot)).map(row).collect())
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let id = call.body.text("id")?;
    let fields = extra_fields(&call.body)?;
    call.by.needs(&READ)?;
    let bot = call.world.bots.get(id).ok_or_else(|| Refusal::not_found("Bot"))?;
    Ok(bot_view(bot, &fields))
}

fn extra_fields(body: &Fields<'_>) -> Checked<Vec<String>> {
    let fields = body.texts_if("fields")?.unwrap_or_default();
    match fields.iter().find(|field| !EXTRA_FIELDS.contains(&field.as_str())) {
        Some(odd) => Err(Refusal::validation(format!("`fields`: `{odd}` is not known"))),
        None => Ok(fields),
    }
}

pub(super) fn reset_secret(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let id = call.body.text("id")?;
    let owner = call.by.owner(call.body.text_if("owner_client_id")?)?;
    call.by.needs(&MANAGE[..1])?;
    call.world.owned(&owner)?;
    let secret = call.world.reset_bot_secret(call.by, id)?;
    Ok(json!({ "secret": secret }))
}

pub(super) fn issue_token(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let body = &call.body;
    let (bot_id, client_id) = (body.text("bot_id")?, body.text("client_id")?);
    let (secret, organization_id) = (body.text("bot_secret")?, body.text("organization_id")?);
    let token = call.world.issue_bot_token(bot_id, client_id, secret, organization_id, call.now)?;
    Ok(json!({ "token": token }))
}
