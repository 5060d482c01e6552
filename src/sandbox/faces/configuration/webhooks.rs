//! Webhooks.
use crate::sandbox::faces::Call;
use crate::sandbox::refusal::{Kind as Error, Refusal};
use crate::sandbox::world::{Told, Webhook, WebhookKind, catalogue, insert_if};
use serde_json::{Value, json};

const SCOPE: [&str; 1] = ["webhooks.configuration:rw"];
/// Webhooks for one action of one app.
const PER_ACTION: usize = 3;

pub(super) fn register(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let webhook = Webhook::read(&call.body)?;
    call.by.needs(&SCOPE)?;
    call.world.owned(&webhook.owner_client_id)?;
    let own = call.world.webhooks_of(&webhook.owner_client_id);
    if own.filter(|other| other.action == webhook.action).count() >= PER_ACTION {
        return Err(Refusal::of(Error::LimitReached));
    }
    let id = webhook.id.clone();
    call.world.register(webhook);
    Ok(json!({ "id": id }))
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let owner = call.body.text("owner_client_id")?;
    call.by.needs(&SCOPE)?;
    call.world.owned(owner)?;
    Ok(call.world.webhooks_of(owner).map(view).collect())
}

fn view(webhook: &Webhook) -> Value {
    let mut view = json!({
        "id": webhook.id,
        "url": webhook.url,
        "action": webhook.action,
        "owner_client_id": webhook.owner_client_id,
        "type": match webhook.kind { WebhookKind::Bot => "bot", WebhookKind::License => "license" },
    });
    if let Some(map) = view.as_object_mut() {
        insert_if(map, "description", webhook.description.as_deref());
        if let Some(filters) = &webhook.filters.written {
            map.insert("filters".to_owned(), json!(filters));
        }
        if !webhook.additional_data.is_empty() {
            map.insert("additional_data".to_owned(), json!(webhook.additional_data));
        }
    }
    view
}

pub(super) fn unregister(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let (id, owner) = (call.body.text("id")?, call.body.text("owner_client_id")?);
    call.by.needs(&SCOPE)?;
    call.world.owned(owner)?;
    call.world.unregister(owner, id)?;
    Ok(json!({}))
}

pub(super) fn names(call: &mut Call<'_>) -> Result<Value, Refusal> {
    call.body.text_if("version")?;
    let row = |told: Told| {
        let mut view = json!({"action": told.action});
        for (key, list) in [("filters", told.filters), ("additional_data", told.additional_data)] {
            if let (Some(map), false) = (view.as_object_mut(), list.is_empty()) {
                map.insert(key.to_owned(), json!(list));
            }
        }
        view
    };
    Ok(catalogue().map(row).collect())
}

pub(super) fn state(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let owner = owner(call, "webhooks.state:ro")?;
    Ok(json!({"license_webhooks_enabled": call.world.license_webhooks_enabled(&owner)}))
}

pub(super) fn enable(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let owner = owner(call, "webhooks.state:rw")?;
    call.world.switch_license_webhooks(owner, true);
    Ok(json!({}))
}

pub(super) fn disable(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let owner = owner(call, "webhooks.state:rw")?;
    call.world.switch_license_webhooks(owner, false);
    Ok(json!({}))
}

fn owner(call: &Call<'_>, scope: &str) -> Result<String, Refusal> {
    let owner = call.by.owner(call.body.text_if("owner_client_id")?)?;
    call.by.needs(&[scope])?;
    call.world.owned(&owner)?;
    Ok(owner)
}
