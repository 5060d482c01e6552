//! What the customer says about themselves.
use crate::sandbox::faces::Call;
use crate::sandbox::faces::agent::profile;
use crate::sandbox::refusal::Refusal;
use serde_json::{Value, json};

pub(super) fn get(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let customer = call.world.customers.get(&call.by.id).ok_or_else(|| Refusal::not_found("Customer"))?;
    Ok(call.world.outside_profile(customer))
}

pub(super) fn update(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let profile = profile(&call.body)?;
    call.world.update_customer(call.by, &call.by.id, profile, call.now)?;
    Ok(json!({}))
}
