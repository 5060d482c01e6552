//! Buttons of rich messages that are pressed.
use super::news::News;
use super::state::World;
use crate::sandbox::auth::Requester;
use crate::sandbox::fields::{Checked, Fields};
use crate::sandbox::refusal::Refusal;
use serde_json::{Map, Value, json};

/// A pressed button.
#[derive(Debug, Clone)]
pub(crate) struct Postback {
    pub(crate) chat_id: String,
    thread_id: String,
    event_id: String,
    id: String,
    toggled: bool,
    written: Map<String, Value>,
}

impl Postback {
    /// Reads a `send_rich_message_postback`.
    pub(crate) fn read(body: &Fields<'_>) -> Checked<Self> {
        let postback = body.object("postback")?;
        postback.text_if("button_type")?;
        postback.text_if("button_value")?;
        if let Some(ecommerce) = postback.object_if("ecommerce")? {
            ecommerce.text("product_id")?;
        }
        Ok(Self {
            chat_id: body.text("chat_id")?.to_owned(),
            thread_id: body.text("thread_id")?.to_owned(),
            event_id: body.text("event_id")?.to_owned(),
            id: postback.text("id")?.to_owned(),
            toggled: postback.flag_required("toggled")?,
            written: postback.map().clone(),
        })
    }
}

impl World {
    /// Notes who pressed the button; only an active thread tells of it.
    pub(crate) fn postback(&mut self, by: &Requester, postback: &Postback) -> Result<(), Refusal> {
        let Postback { chat_id, thread_id, event_id, .. } = postback;
        let thread = self.thread_mut(chat_id, thread_id)?;
        let active = thread.active;
        let event =
            thread.events.iter_mut().find(|event| event.id == *event_id && event.kind() == "rich_message");
        let event = event.ok_or_else(|| Refusal::not_found("Event"))?;
        let elements = event.content.get_mut("elements").and_then(Value::as_array_mut).into_iter().flatten();
        let buttons = elements.filter_map(|element| element.get_mut("buttons")?.as_array_mut()).flatten();
        for button in buttons.filter(|button| button.get("postback_id") == Some(&json!(postback.id))) {
            if let Some(users) = button.get_mut("user_ids").and_then(Value::as_array_mut) {
                users.retain(|user| *user != json!(by.id));
                if postback.toggled {
                    users.push(json!(by.id));
                }
            }
        }
        if active {
            let payload = json!({
                "user_id": by.id,
                "chat_id": chat_id,
                "thread_id": thread_id,
                "event_id": event_id,
                "postback": postback.written,
            });
            self.tell(News::of_chat("incoming_rich_message_postback", chat_id, by, payload));
        }
        Ok(())
    }
}
