//! What the customer writes, presses and sees.
use crate::sandbox::clock;
use crate::sandbox::faces::Call;
use crate::sandbox::refusal::{Kind as Error, Refusal};
use crate::sandbox::world::{News, Postback, Visibility, sent_event};
use serde_json::{Value, json};

pub(super) fn send(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let chat_id = call.body.text("chat_id")?;
    let mut event = sent_event(&call.body.object("event")?)?;
    // Customers have no whispers.
    event.visibility = Visibility::All;
    let to_last = call.body.flag("attach_to_last_thread", false)?;
    let id = call.world.customer_says(call.by, chat_id, event, to_last, call.now)?;
    Ok(json!({ "event_id": id }))
}

pub(super) fn postback(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let postback = Postback::read(&call.body)?;
    call.world.own(call.by, &postback.chat_id)?;
    call.world.postback(call.by, &postback)?;
    Ok(json!({}))
}

pub(super) fn seen(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let (chat_id, up_to) = (call.body.text("chat_id")?, call.body.time("seen_up_to")?);
    call.world.own(call.by, chat_id)?;
    call.world.chat_mut(chat_id)?.seen(&call.by.id, up_to);
    let payload = json!({"user_id": call.by.id, "chat_id": chat_id, "seen_up_to": clock::write(up_to)});
    call.world.tell(News::of_chat("events_marked_as_seen", chat_id, call.by, payload));
    Ok(json!({}))
}

pub(super) fn sneak_peek(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let (chat_id, text) = (call.body.text("chat_id")?, call.body.text("sneak_peek_text")?);
    let chat = call.world.own(call.by, chat_id)?;
    if chat.active().is_none() {
        return Err(Refusal::of(Error::ChatInactive));
    }
    let peek = json!({
        "author_id": call.by.id,
        "visibility": "agents",
        "text": text,
        "timestamp": call.now.as_second(),
    });
    call.world.push("incoming_sneak_peek", chat_id, json!({"chat_id": chat_id, "sneak_peek": peek}));
    Ok(json!({}))
}
