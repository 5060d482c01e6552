//! People.
use crate::sandbox::faces::Call;
use crate::sandbox::fields::{Checked, Fields};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::world::Agent;
use serde_json::{Value, json};

/// What every agent of the sandbox may hold at once, as `max_chats_count` says it.
const MAX_CHATS: i64 = 6;

pub(super) fn list(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let fields = call.body.texts_if("fields")?.unwrap_or_default();
    let groups = group_filter(&call.body)?;
    call.by.needs(&["agents--all:ro"])?;
    let member = |agent: &&Agent| {
        groups.as_ref().is_none_or(|groups| agent.groups.keys().any(|group| groups.contains(group)))
    };
    Ok(call.world.agents.values().filter(member).map(|agent| view(agent, &fields)).collect())
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let id = call.body.text("id")?;
    let fields = call.body.texts_if("fields")?.unwrap_or_default();
    call.by.needs(&["agents--all:ro", "agents--my:ro"])?;
    let agent = call.world.agents.get(id).ok_or_else(|| Refusal::not_found("Agent"))?;
    Ok(view(agent, &fields))
}

fn group_filter(body: &Fields<'_>) -> Checked<Option<Vec<i64>>> {
    body.object_if("filters")?.map(|filters| filters.ints_if("group_ids")).transpose().map(Option::flatten)
}

fn view(agent: &Agent, fields: &[String]) -> Value {
    let mut view = json!({
        "id": agent.id,
        "account_id": agent.account_id,
        "name": agent.name,
        "role": agent.role,
        "login_status": agent.status.spaced(),
    });
    let groups = agent.groups.iter().map(|(id, priority)| json!({"id": id, "priority": priority}));
    let extra = [
        ("job_title", json!(agent.job_title)),
        ("max_chats_count", json!(MAX_CHATS)),
        ("groups", groups.collect()),
    ];
    if let Some(map) = view.as_object_mut() {
        for (key, value) in extra {
            if fields.iter().any(|field| field == key) {
                map.insert(key.to_owned(), value);
            }
        }
    }
    view
}
