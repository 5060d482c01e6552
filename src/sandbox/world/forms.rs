//! The request forms of events: what each type needs and how much it may hold.
use super::conversation::Visibility;
use super::properties::{PropertyMap, checked_properties};
use crate::sandbox::fields::{Checked, Fields};
use crate::sandbox::refusal::Refusal;
use serde_json::{Map, Value, json};

/// The longest text of a message, in UTF-8 bytes.
pub(crate) const TEXT_BYTES: usize = 16 * 1024;
/// Elements of a rich message.
const ELEMENTS: usize = 10;
/// Buttons of an element.
const BUTTONS: usize = 13;

/// An event as it was sent.
#[derive(Debug, Clone)]
pub(crate) struct SentEvent {
    pub(crate) visibility: Visibility,
    /// `type`, `custom_id` and what belongs to the type.
    pub(crate) content: Map<String, Value>,
    pub(crate) properties: PropertyMap,
}

/// An event that a thread begins with, and its author when it is not the requester.
#[derive(Debug, Clone)]
pub(crate) struct InitialEvent {
    pub(crate) event: SentEvent,
    pub(crate) author_id: Option<String>,
}

/// Reads the event of a `send_event`.
pub(crate) fn sent_event(event: &Fields<'_>) -> Checked<SentEvent> {
    let kind = event.text("type")?;
    let visibility = Visibility::parse(event.one_of_if("visibility", &["all", "agents"])?);
    let keys: &[&str] = match kind {
        "message" => message(event)?,
        "rich_message" => rich_message(event)?,
        "file" => file(event)?,
        "form" | "filled_form" => form(event)?,
        "custom" => {
            event.object_if("content")?;
            &["content"]
        }
        "system_message" => {
            event.text("system_message_type")?;
            event.text_if("text")?;
            event.object_if("text_vars")?;
            &["system_message_type", "text", "text_vars"]
        }
        _ => return Err(Refusal::validation("`event.type` is not a type that can be sent")),
    };
    event.text_if("custom_id")?;
    let kept = ["type", "custom_id"].iter().chain(keys);
    let mut content: Map<String, Value> =
        kept.filter_map(|key| event.any(key).map(|value| ((*key).to_owned(), value.clone()))).collect();
    if kind == "file" {
        describe_file(&mut content);
    }
    let properties = match event.object_if("properties")? {
        Some(properties) => checked_properties(properties.map())?.clone(),
        None => PropertyMap::new(),
    };
    Ok(SentEvent { visibility, content, properties })
}

/// Reads the events that a thread begins with; the platform fixes their visibility to `all`.
pub(crate) fn initial_events(thread: Option<&Fields<'_>>) -> Checked<Vec<InitialEvent>> {
    let Some(thread) = thread else { return Ok(Vec::new()) };
    let read = |fields: Fields<'_>| {
        let mut event = sent_event(&fields)?;
        event.visibility = Visibility::All;
        Ok(InitialEvent { event, author_id: fields.text_if("author_id")?.map(str::to_owned) })
    };
    thread.objects("events")?.into_iter().map(read).collect()
}

fn message(event: &Fields<'_>) -> Checked<&'static [&'static str]> {
    if event.text("text")?.len() > TEXT_BYTES {
        return Err(Refusal::validation("`event.text` is longer than 16 KB"));
    }
    if let Some(postback) = event.object_if("postback")? {
        for key in ["id", "thread_id", "event_id"] {
            postback.text(key)?;
        }
        if postback.text_if("type")?.is_some() != postback.text_if("value")?.is_some() {
            return Err(Refusal::validation("`event.postback` needs both `type` and `value` or neither"));
        }
    }
    Ok(&["text", "postback"])
}

fn rich_message(event: &Fields<'_>) -> Checked<&'static [&'static str]> {
    event.one_of("template_id", &["cards", "quick_replies", "sticker", "ecommerce"])?;
    let elements = event.objects("elements")?;
    if elements.len() > ELEMENTS {
        return Err(Refusal::validation("`event.elements` holds more than 10 elements"));
    }
    for element in &elements {
        element.text_if("title")?;
        element.text_if("subtitle")?;
        if let Some(image) = element.object_if("image")? {
            image.text("url")?;
        }
        let buttons = element.objects("buttons")?;
        if buttons.len() > BUTTONS {
            return Err(Refusal::validation("`event.elements.buttons` holds more than 13 buttons"));
        }
        buttons.iter().try_for_each(button)?;
    }
    Ok(&["template_id", "elements"])
}

fn button(button: &Fields<'_>) -> Checked<()> {
    button.text("text")?;
    button.text("postback_id")?;
    if button.texts_if("user_ids")?.is_none() {
        return Err(Refusal::validation("`event.elements.buttons.user_ids` is required"));
    }
    let kind = button.one_of_if("type", &["webview", "message", "url", "phone"])?;
    if kind.is_some() != button.text_if("value")?.is_some() {
        return Err(Refusal::validation("`event.elements.buttons` needs both `type` and `value` or neither"));
    }
    let height = button.one_of_if("webview_height", &["compact", "tall", "full"])?;
    if kind == Some("webview") && height.is_none() {
        return Err(Refusal::validation("`event.elements.buttons.webview_height` is required"));
    }
    Ok(())
}

fn file(event: &Fields<'_>) -> Checked<&'static [&'static str]> {
    event.text("url")?;
    event.text_if("alternative_text")?;
    Ok(&["url", "alternative_text"])
}

/// What the platform adds to a file: its name and its kind, both from the URL.
fn describe_file(content: &mut Map<String, Value>) {
    let url = content.get("url").and_then(Value::as_str).unwrap_or_default();
    let name = url.rsplit('/').next().unwrap_or_default().to_owned();
    let kind = match name.rsplit('.').next().unwrap_or_default() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "pdf" => "application/pdf",
        _ => "application/octet-stream",
    };
    content.insert("name".to_owned(), json!(name));
    content.insert("content_type".to_owned(), json!(kind));
}

fn form(event: &Fields<'_>) -> Checked<&'static [&'static str]> {
    const FIELDS: [&str; 9] =
        ["checkbox", "email", "name", "question", "subject", "textarea", "group_chooser", "radio", "select"];
    event.text("form_id")?;
    event.text_if("form_type")?;
    if !event.has("fields") {
        return Err(Refusal::validation("`event.fields` is required"));
    }
    for field in event.objects("fields")? {
        field.one_of("type", &FIELDS)?;
        field.text("id")?;
        field.text("label")?;
    }
    Ok(&["form_id", "form_type", "fields"])
}
