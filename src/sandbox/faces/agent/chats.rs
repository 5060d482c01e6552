//! The life of chats: start, resume, close, follow, transfer.
use crate::sandbox::faces::Call;
use crate::sandbox::fields::{Checked, Fields};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::world::{Mode, Opened, Opening, PropertyMap, Target, checked_properties, initial_events};
use serde_json::{Value, json};

pub(super) fn start(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let opening = opening(&call.body, call.body.object_if("chat")?.as_ref())?;
    let opened = call.world.start_chat(call.by, opening, call.now)?;
    Ok(started(opened))
}

pub(super) fn resume(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let chat = call.body.object("chat")?;
    let chat_id = chat.text("id")?;
    let opening = opening(&call.body, Some(&chat))?;
    let opened = call.world.resume_chat(call.by, chat_id, opening, call.now)?;
    Ok(resumed(opened))
}

/// The answer of `start_chat`.
pub(in crate::sandbox::faces) fn started(opened: Opened) -> Value {
    let chat_id = opened.chat_id.clone();
    let mut answer = resumed(opened);
    if let Some(fields) = answer.as_object_mut() {
        fields.insert("chat_id".to_owned(), json!(chat_id));
    }
    answer
}

/// The answer of `resume_chat`; event ids only when there are events.
pub(in crate::sandbox::faces) fn resumed(opened: Opened) -> Value {
    if opened.event_ids.is_empty() {
        return json!({"thread_id": opened.thread_id});
    }
    json!({"thread_id": opened.thread_id, "event_ids": opened.event_ids})
}

/// Reads what a chat is opened with.
pub(in crate::sandbox::faces) fn opening(body: &Fields<'_>, chat: Option<&Fields<'_>>) -> Checked<Opening> {
    let thread = chat.map(|chat| chat.object_if("thread")).transpose()?.flatten();
    let access = chat.map(|chat| chat.object_if("access")).transpose()?.flatten();
    let users = chat.map(|chat| chat.objects("users")).transpose()?.unwrap_or_default();
    let user = |user: &Fields<'_>| {
        let customer = user.one_of("type", &["agent", "customer"])? == "customer";
        Ok((user.text("id")?.to_owned(), customer))
    };
    Ok(Opening {
        properties: properties(chat)?,
        access: access.map(|access| access.ints_if("group_ids")).transpose()?.flatten(),
        users: users.iter().map(user).collect::<Checked<_>>()?,
        events: initial_events(thread.as_ref())?,
        thread_properties: properties(thread.as_ref())?,
        active: body.flag("active", true)?,
        continuous: body.flag_if("continuous")?,
    })
}

fn properties(of: Option<&Fields<'_>>) -> Checked<PropertyMap> {
    match of.map(|of| of.object_if("properties")).transpose()?.flatten() {
        Some(properties) => checked_properties(properties.map()).cloned(),
        None => Ok(PropertyMap::new()),
    }
}

pub(super) fn deactivate(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let chat_id = call.body.text("id")?;
    let ignore = call.body.flag("ignore_requester_presence", false)?;
    call.world.deactivate(call.by, chat_id, ignore, call.now)?;
    Ok(json!({}))
}

pub(super) fn follow(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let chat_id = call.body.text("id")?;
    call.world.reach(call.by, Mode::Read, chat_id)?;
    let follower = call.by.id.clone();
    call.world.chat_mut(chat_id)?.followers.insert(follower);
    Ok(json!({}))
}

pub(super) fn unfollow(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let chat_id = call.body.text("id")?;
    call.world.chat_mut(chat_id)?.followers.remove(&call.by.id);
    Ok(json!({}))
}

pub(super) fn transfer(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let body = &call.body;
    let chat_id = body.text("id")?;
    let target = match body.object_if("target")? {
        None => Target::SameGroups,
        Some(target) => match target.one_of("type", &["group", "agent"])? {
            "group" => Target::Groups(present(target.ints_if("ids")?)?),
            _ => Target::Agents(present(target.texts_if("ids")?)?),
        },
    };
    let availability = body.flag("ignore_agents_availability", false)?;
    let presence = body.flag("ignore_requester_presence", false)?;
    call.world.transfer(call.by, chat_id, &target, (availability, presence), call.now)?;
    Ok(json!({}))
}

fn present<T>(ids: Option<Vec<T>>) -> Checked<Vec<T>> {
    ids.filter(|ids| !ids.is_empty()).ok_or_else(|| Refusal::validation("`target.ids` is required"))
}
