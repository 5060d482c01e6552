//! What the people at the desk do, under the same laws as everybody who calls the API.
//!
//! They act inside the process, so their acts are not in the journal: it tells what others did.
use super::problem::Problem;
use crate::sandbox::addresses::WIDGET_CLIENT_ID;
use crate::sandbox::auth::Presented;
use crate::sandbox::fields::{Checked, Fields};
use crate::sandbox::journal::Face;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::shared::Shared;
use crate::sandbox::world::{
    Chat, Joining, Opening, PropertyMap, Visibility, World, customer_requester, initial_events, sent_event,
};
use serde_json::{Value, json};

/// A customer comes to the site; gives the id.
pub(super) fn arrive(shared: &Shared) -> String {
    shared.act(|world, now| world.new_customer(now).0)
}

/// The customer writes: into the open chat, or a new one, or the closed one again.
pub(super) fn say(shared: &Shared, customer_id: &str, text: &str) -> Result<(), Problem> {
    let by = customer_requester(customer_id, WIDGET_CLIENT_ID);
    let message = message(text, Visibility::All);
    shared.act(|world, now| {
        if !world.customers.contains_key(customer_id) {
            return Err(Refusal::not_found("Customer").into());
        }
        let chat = chat_of(world, customer_id).map(|chat| (chat.id.clone(), chat.active().is_some()));
        match chat {
            Some((chat_id, true)) => {
                let event = sent_event(&Fields::element(&message, "event")?)?;
                world.customer_says(&by, &chat_id, event, false, now)?;
            }
            Some((chat_id, false)) => drop(world.resume_chat(&by, &chat_id, opening(&message)?, now)?),
            None => drop(world.start_chat(&by, opening(&message)?, now)?),
        }
        Ok(())
    })
}

/// The account's agent writes to the customer, or to the agents only; comes in first when outside.
pub(super) fn answer(shared: &Shared, customer_id: &str, text: &str, to: Visibility) -> Result<(), Problem> {
    let token = Presented::Bearer(shared.addresses.agent_token.clone());
    let by = shared.identify(Face::Agent, Some(&token))?;
    let message = message(text, to);
    shared.act(|world, now| {
        let chat = chat_of(world, customer_id).filter(|chat| chat.active().is_some());
        let chat = chat.ok_or(Problem::NoChat)?;
        let (chat_id, inside) = (chat.id.clone(), chat.inside(&by.id).is_some());
        if !inside {
            let joining = Joining {
                chat_id: chat_id.clone(),
                user_id: by.id.clone(),
                customer: false,
                visibility: Visibility::All,
                ignore_presence: true,
            };
            world.add_user(&by, &joining, now)?;
        }
        let event = sent_event(&Fields::element(&message, "event")?)?;
        world.send_event(&by, &chat_id, event, now)?;
        Ok(())
    })
}

/// The customer closes the chat.
pub(super) fn close(shared: &Shared, customer_id: &str) -> Result<(), Problem> {
    let by = customer_requester(customer_id, WIDGET_CLIENT_ID);
    shared.act(|world, now| {
        let chat = chat_of(world, customer_id).ok_or_else(|| Refusal::not_found("Chat"))?;
        let chat_id = chat.id.clone();
        Ok(world.customer_deactivates(&by, &chat_id, now)?)
    })
}

/// The customer's chat, open or closed.
pub(super) fn chat_of<'a>(world: &'a World, customer_id: &str) -> Option<&'a Chat> {
    world.chats.get(world.customers.get(customer_id)?.chat_id.as_ref()?)
}

fn message(text: &str, to: Visibility) -> Value {
    json!({"type": "message", "text": text, "visibility": to.name()})
}

fn opening(message: &Value) -> Checked<Opening> {
    let thread = json!({ "events": [message] });
    Ok(Opening {
        properties: PropertyMap::new(),
        access: None,
        users: Vec::new(),
        events: initial_events(Some(&Fields::element(&thread, "thread")?))?,
        thread_properties: PropertyMap::new(),
        active: true,
        continuous: None,
    })
}
