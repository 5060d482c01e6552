//! Seen, typing, tags.
use crate::sandbox::clock;
use crate::sandbox::faces::Call;
use crate::sandbox::refusal::{Kind as Error, Refusal};
use crate::sandbox::world::{Mode, News};
use serde_json::{Value, json};

pub(super) fn seen(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let (chat_id, up_to) = (call.body.text("chat_id")?, call.body.time("seen_up_to")?);
    call.world.reach(call.by, Mode::Read, chat_id)?;
    call.world.chat_mut(chat_id)?.seen(&call.by.id, up_to);
    let payload = json!({"user_id": call.by.id, "chat_id": chat_id, "seen_up_to": clock::write(up_to)});
    call.world.tell(News::of_chat("events_marked_as_seen", chat_id, call.by, payload));
    Ok(json!({}))
}

pub(super) fn typing(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let body = &call.body;
    let (chat_id, is_typing) = (body.text("chat_id")?, body.flag_required("is_typing")?);
    let visibility = body.one_of_if("visibility", &["all", "agents"])?.unwrap_or("all");
    let chat = call.world.reach(call.by, Mode::Write, chat_id)?;
    chat.inside(&call.by.id).ok_or_else(Refusal::not_inside)?;
    let indicator = json!({
        "author_id": call.by.id,
        "visibility": visibility,
        "timestamp": call.now.as_second(),
        "is_typing": is_typing,
    });
    let payload = json!({"chat_id": chat_id, "typing_indicator": indicator});
    call.world.push("incoming_typing_indicator", chat_id, payload);
    Ok(json!({}))
}

pub(super) fn tag(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let (chat_id, thread_id, tag) = named(call)?;
    let known = call.world.tags.get(tag).ok_or_else(|| Refusal::not_found("Tag"))?.group_ids.clone();
    let thread = call.world.thread_mut(chat_id, thread_id)?;
    if !thread.access.iter().any(|group| known.contains(group)) {
        return Err(Refusal::new(Error::MissingAccess, "Tag and thread share no group"));
    }
    if thread.tags.iter().any(|name| name == tag) {
        return Ok(json!({}));
    }
    thread.tags.push(tag.to_owned());
    Ok(tell(call, "thread_tagged", chat_id, thread_id, tag))
}

pub(super) fn untag(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let (chat_id, thread_id, tag) = named(call)?;
    let thread = call.world.thread_mut(chat_id, thread_id)?;
    let place = thread.tags.iter().position(|name| name == tag).ok_or_else(|| Refusal::not_found("Tag"))?;
    thread.tags.remove(place);
    Ok(tell(call, "thread_untagged", chat_id, thread_id, tag))
}

fn named<'a>(call: &Call<'a>) -> Result<(&'a str, &'a str, &'a str), Refusal> {
    let body = &call.body;
    let named = (body.text("chat_id")?, body.text("thread_id")?, body.text("tag")?);
    call.world.reach(call.by, Mode::Write, named.0)?;
    Ok(named)
}

fn tell(call: &mut Call<'_>, action: &'static str, chat_id: &str, thread_id: &str, tag: &str) -> Value {
    let payload = json!({"chat_id": chat_id, "thread_id": thread_id, "tag": tag});
    call.world.tell(News::of_chat(action, chat_id, call.by, payload));
    json!({})
}
