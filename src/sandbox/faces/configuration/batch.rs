//! Batches: each request on its own, its error in place of its response.
use super::bots;
use crate::sandbox::faces::Call;
use crate::sandbox::faces::action::Run;
use crate::sandbox::refusal::Refusal;
use serde_json::{Value, json};

pub(super) fn create(call: &mut Call<'_>) -> Result<Value, Refusal> {
    each(call, bots::create)
}

pub(super) fn update(call: &mut Call<'_>) -> Result<Value, Refusal> {
    each(call, bots::update)
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Value, Refusal> {
    each(call, bots::delete)
}

fn each(call: &mut Call<'_>, run: Run) -> Result<Value, Refusal> {
    if !call.body.has("requests") {
        return Err(Refusal::validation("`requests` is required"));
    }
    let mut responses = Vec::new();
    for body in call.body.objects("requests")? {
        let mut single = Call { world: &mut *call.world, by: call.by, body: body.unnamed(), now: call.now };
        responses.push(run(&mut single).unwrap_or_else(|refusal| refusal.body()));
    }
    Ok(json!({ "responses": responses }))
}
