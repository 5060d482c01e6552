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
    let same =
        |other: &&Webhook| other.action == webhook.action && other.owner_client_id == webhook.owner_client_id;
    if call.world.webhooks.iter().filter(same).count() >= PER_ACTION {
        return Err(Refusal::of(Error::LimitReached));
    }
    let id = webhook.id.clone();
    call.world.webhooks.push(webhook);
    Ok(json!({ "id": id }))
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let owner = call.body.text("owner_client_id")?;
    call.by.needs(&SCOPE)?;
    call.world.owned(owner)?;
    Ok(call.world.webhooks.iter().filter(|webhook| webhook.owner_client_id == owner).map(view).collect())
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
    let before = call.world.webhooks.len();
    call.world.webhooks.retain(|webhook| webhook.id != id || webhook.owner_client_id != owner);
    if call.world.webhooks.len() == before {
        return Err(Refusal::not_found("Webhook"));
    }
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
    Ok(json!({"license_webhooks_enabled": !call.world.muted_clients.contains(&owner)}))
}

pub(super) fn enable(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let owner = owner(call, "webhooks.state:rw")?;
    call.world.muted_clients.remove(&owner);
    Ok(json!({}))
}

pub(super) fn disable(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let owner = owner(call, "webhooks.state:rw")?;
    call.world.muted_clients.insert(owner);
    Ok(json!({}))
}

fn owner(call: &Call<'_>, scope: &str) -> Result<String, Refusal> {
    let owner = call.by.owner(call.body.text_if("owner_client_id")?)?;
    call.by.needs(&[scope])?;
    call.world.owned(&owner)?;
    Ok(owner)
}
