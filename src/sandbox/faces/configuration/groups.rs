//! Groups.
use crate::sandbox::faces::Call;
use crate::sandbox::fields::{Checked, Fields};
use crate::sandbox::refusal::{Kind as Error, Refusal};
use crate::sandbox::world::{Group, News, PRIORITIES};
use serde_json::{Value, json};

/// The longest name, in characters.
const NAME: usize = 180;

pub(super) fn list(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let fields = fields(&call.body)?;
    call.by.needs(&["groups--all:ro"])?;
    Ok(call.world.groups.values().map(|group| call.world.group_view(group, &fields)).collect())
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let (id, fields) = (call.body.int("id")?, fields(&call.body)?);
    call.by.needs(&["groups--my:ro", "groups--all:ro"])?;
    let group = call.world.groups.get(&id).ok_or_else(|| Refusal::not_found("Group"))?;
    Ok(call.world.group_view(group, &fields))
}

fn fields(body: &Fields<'_>) -> Checked<Vec<String>> {
    let fields = body.texts_if("fields")?.unwrap_or_default();
    if fields.iter().all(|field| ["agent_priorities", "routing_status"].contains(&field.as_str())) {
        return Ok(fields);
    }
    Err(Refusal::validation("`fields` must hold agent_priorities or routing_status"))
}

/// What a group shall be; absent is unchanged.
struct Form {
    name: Option<String>,
    language_code: Option<String>,
    priorities: Option<Vec<(String, String)>>,
}

fn form(body: &Fields<'_>) -> Checked<Form> {
    let name = body.text_if("name")?.map(str::to_owned);
    if name.as_ref().is_some_and(|name| name.chars().count() > NAME) {
        return Err(Refusal::validation("`name` is longer than 180 characters"));
    }
    let priorities = body.object_if("agent_priorities")?;
    let priorities = priorities.map(|map| {
        let one = |id: &String| Ok((id.clone(), map.one_of(id, &PRIORITIES)?.to_owned()));
        map.map().keys().map(one).collect::<Checked<Vec<_>>>()
    });
    Ok(Form {
        name,
        language_code: body.text_if("language_code")?.map(str::to_owned),
        priorities: priorities.transpose()?,
    })
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let form = form(&call.body)?;
    let name = call.body.text("name")?.to_owned();
    call.body.object("agent_priorities")?;
    call.by.needs(&["groups--all:rw"])?;
    known(call, &form)?;
    let id = call.world.groups.keys().next_back().map_or(0, |last| last + 1);
    let language_code = form.language_code.clone().unwrap_or_else(|| "en".to_owned());
    call.world.groups.insert(id, Group { id, name, language_code });
    call.world.set_priorities(id, form.priorities.as_deref());
    let view = call
        .world
        .groups
        .get(&id)
        .map(|group| call.world.group_view(group, &["agent_priorities".to_owned()]));
    call.world.tell(News::of_account("group_created", call.by, view.unwrap_or_default()));
    Ok(json!({ "id": id }))
}

pub(super) fn update(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let (id, form) = (call.body.int("id")?, form(&call.body)?);
    manage(call, id)?;
    known(call, &form)?;
    if let Some(group) = call.world.groups.get_mut(&id) {
        group.name = form.name.clone().unwrap_or_else(|| group.name.clone());
        group.language_code = form.language_code.clone().unwrap_or_else(|| group.language_code.clone());
    }
    call.world.set_priorities(id, form.priorities.as_deref());
    let payload = Value::Object(call.body.map().clone());
    call.world.tell(News::of_account("group_updated", call.by, payload));
    Ok(json!({}))
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let id = call.body.int("id")?;
    manage(call, id)?;
    if id == 0 {
        return Err(Refusal::validation("Group 0 cannot be deleted"));
    }
    call.world.set_priorities(id, Some(&[]));
    call.world.groups.remove(&id);
    call.world.tell(News::of_account("group_deleted", call.by, json!({ "id": id })));
    Ok(json!({}))
}

fn manage(call: &Call<'_>, id: i64) -> Result<(), Refusal> {
    call.by.needs(&["groups--my:rw", "groups--all:rw"])?;
    if !call.world.groups.contains_key(&id) {
        return Err(Refusal::not_found("Group"));
    }
    if call.by.has("groups--all:rw") || call.world.priority_in(&call.by.id, id).is_some() {
        return Ok(());
    }
    Err(Refusal::of(Error::Authorization))
}

fn known(call: &Call<'_>, form: &Form) -> Result<(), Refusal> {
    let mut ids = form.priorities.iter().flatten().map(|(id, _)| id);
    if ids.all(|id| call.world.is_agent(id)) { Ok(()) } else { Err(Refusal::not_found("Agent")) }
}
