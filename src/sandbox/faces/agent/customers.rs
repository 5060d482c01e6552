//! Customers as agents see and change them.
use crate::sandbox::faces::Call;
use crate::sandbox::fields::{Checked, Fields};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::world::Profile;
use serde_json::{Value, json};

pub(super) fn get(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let id = call.body.text("id")?;
    call.by.needs(&["customers:ro"])?;
    let customer = call.world.customers.get(id).ok_or_else(|| Refusal::not_found("Customer"))?;
    let mut view = call.world.customer_view(customer);
    let chats: Vec<&String> = customer.chat_id.iter().collect();
    view.insert("chat_ids".to_owned(), json!(chats));
    Ok(Value::Object(view))
}

pub(super) fn update(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let id = call.body.text("id")?;
    let profile = profile(&call.body)?;
    call.by.needs(&["customers:rw"])?;
    call.world.update_customer(call.by, id, profile, call.now)?;
    Ok(json!({}))
}

/// Reads what shall be known of a customer; at least one field has to be there.
pub(in crate::sandbox::faces) fn profile(body: &Fields<'_>) -> Checked<Profile> {
    const FIELDS: [&str; 7] =
        ["name", "email", "avatar", "phone_number", "session_fields", "address", "omnichannel"];
    if !FIELDS.iter().any(|field| body.has(field)) {
        return Err(Refusal::validation(format!("one of {} is required", FIELDS.join(", "))));
    }
    let session_fields = session_fields(body)?;
    let text = |key: &str| Ok(body.text_if(key)?.map(str::to_owned));
    Ok(Profile {
        name: text("name")?,
        email: text("email")?,
        avatar: text("avatar")?,
        phone_number: text("phone_number")?,
        address: body.object_if("address")?.map(|address| address.map().clone()),
        session_fields,
    })
}

/// `[{key: value}, ...]`: one pair in each object.
fn session_fields(body: &Fields<'_>) -> Checked<Option<Vec<Value>>> {
    let Some(list) = body.list_if("session_fields")? else { return Ok(None) };
    let pair = |value: &Value| {
        value.as_object().is_some_and(|pair| pair.len() == 1 && pair.values().all(Value::is_string))
    };
    if list.iter().all(pair) {
        return Ok(Some(list.to_vec()));
    }
    Err(Refusal::validation("`session_fields` must be an array of objects with one string each"))
}
