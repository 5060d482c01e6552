//! Bot templates.
use super::bots::form;
use crate::sandbox::faces::Call;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::world::insert_if;
use serde_json::{Value, json};

const SCOPE: [&str; 1] = ["bots.templates:rw"];

pub(super) fn create(call: &mut Call<'_>) -> Result<Value, Refusal> {
    call.body.text("name")?;
    let form = form(&call.body)?;
    let owner = call.body.text("owner_client_id")?;
    let at_once = call.body.flag("affect_existing_installations", false)?;
    call.by.needs(&SCOPE)?;
    call.world.create_template(call.by, owner, form, at_once)
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let owner = call.body.text("owner_client_id")?;
    call.by.needs(&SCOPE)?;
    call.world.owned(owner)?;
    let templates = call.world.templates.values().filter(|template| template.owner_client_id == owner);
    let row = |template: &crate::sandbox::world::Bot| {
        let mut view = json!({"id": template.id, "name": template.name});
        if let Some(map) = view.as_object_mut() {
            insert_if(map, "avatar_path", template.avatar.as_deref());
        }
        view
    };
    Ok(templates.map(row).collect())
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let (id, owner) = (call.body.text("id")?, call.body.text("owner_client_id")?);
    let with_bots = call.body.flag("affect_existing_installations", false)?;
    call.by.needs(&SCOPE)?;
    call.world.owned(owner)?;
    let template = call.world.templates.get(id).filter(|template| template.owner_client_id == owner);
    template.ok_or_else(|| Refusal::not_found("Bot template"))?;
    call.world.templates.remove(id);
    if with_bots && call.world.bots.contains_key(id) {
        call.world.delete_bot(call.by, id)?;
    }
    Ok(json!({}))
}
