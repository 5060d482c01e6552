//! Who takes chats.
use crate::sandbox::faces::Call;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::world::{Mode, Status};
use serde_json::{Value, json};

const STATUSES: [&str; 3] = ["accepting_chats", "not_accepting_chats", "offline"];

pub(super) fn set(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let status = call.body.one_of("status", &STATUSES)?;
    let status = Status::parse(status).ok_or_else(|| Refusal::validation("`status` is not known"))?;
    let agent = call.body.text_if("agent_id")?.unwrap_or(&call.by.id);
    call.world.set_status(call.by, agent, status, call.now)?;
    Ok(json!({}))
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let filters = call.body.object_if("filters")?;
    let groups = filters.map(|filters| filters.ints_if("group_ids")).transpose()?.flatten();
    call.by.needs(&["agents--all:ro"])?;
    call.by.needs(&["agents-bot--all:ro"])?;
    let world = &call.world;
    let member = |id: &str| {
        groups
            .as_ref()
            .is_none_or(|groups| groups.iter().any(|group| world.priority_in(id, *group).is_some()))
    };
    let ids = world.agents.keys().chain(world.bots.keys()).filter(|id| member(id));
    let rows = ids
        .filter_map(|id| world.status_of(id).map(|status| json!({"agent_id": id, "status": status.name()})));
    Ok(rows.collect())
}

pub(super) fn list_for_transfer(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let chat_id = call.body.text("chat_id")?;
    let world = &call.world;
    let chat = world.chats.get(chat_id).ok_or_else(|| Refusal::not_found("Chat"))?;
    if !world.sees(call.by, Mode::Read, chat) {
        return Err(Refusal::of(crate::sandbox::refusal::Kind::MissingAccess));
    }
    let ids = world.agents.keys().chain(world.bots.keys());
    let fit = ids.filter(|id| {
        world.status_of(id).is_some_and(|status| status != Status::Offline)
            && world.shares_group(id, &chat.access)
            && chat.inside(id).is_none()
    });
    let mut rows: Vec<(usize, &String)> = fit.map(|id| (world.active_chats(id), id)).collect();
    rows.sort();
    Ok(rows.into_iter().map(|(count, id)| json!({"agent_id": id, "total_active_chats": count})).collect())
}
