//! Events and postbacks of agents and bots.
use crate::sandbox::faces::Call;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::world::{Mode, Postback, sent_event};
use serde_json::{Value, json};

pub(super) fn send(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let chat_id = call.body.text("chat_id")?;
    let event = sent_event(&call.body.object("event")?)?;
    let id = call.world.send_event(call.by, chat_id, event, call.now)?;
    Ok(json!({ "event_id": id }))
}

pub(super) fn postback(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let postback = Postback::read(&call.body)?;
    call.world.reach(call.by, Mode::Write, &postback.chat_id)?;
    call.world.postback(call.by, &postback)?;
    Ok(json!({}))
}
