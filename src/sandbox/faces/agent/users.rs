//! Who is in a chat.
use crate::sandbox::faces::Call;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::world::{Joining, Visibility};
use serde_json::{Value, json};

pub(super) fn add(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let body = &call.body;
    let customer = body.one_of("user_type", &["agent", "customer"])? == "customer";
    let joining = Joining {
        chat_id: body.text("chat_id")?.to_owned(),
        user_id: body.text("user_id")?.to_owned(),
        customer,
        visibility: Visibility::parse(Some(body.one_of("visibility", &["all", "agents"])?)),
        ignore_presence: body.flag("ignore_requester_presence", false)?,
    };
    if customer && joining.visibility == Visibility::Agents {
        return Err(Refusal::validation("`visibility` of a customer must be all"));
    }
    call.world.add_user(call.by, &joining, call.now)?;
    Ok(json!({}))
}

pub(super) fn remove(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let body = &call.body;
    let (chat_id, user_id) = (body.text("chat_id")?, body.text("user_id")?);
    body.one_of("user_type", &["agent"])?;
    let ignore = body.flag("ignore_requester_presence", false)?;
    call.world.remove_user(call.by, chat_id, user_id, ignore, call.now)?;
    Ok(json!({}))
}
