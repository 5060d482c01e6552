//! Properties of chats, threads and events.
use crate::sandbox::faces::Call;
use crate::sandbox::fields::{Checked, Fields};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::world::{
    Mode, News, PropertyMap, checked_properties, delete_properties, merge_properties,
};
use serde_json::{Map, Value, json};

/// The action's news for each place, written and deleted.
const NEWS: [(&str, &str); 3] = [
    ("chat_properties_updated", "chat_properties_deleted"),
    ("thread_properties_updated", "thread_properties_deleted"),
    ("event_properties_updated", "event_properties_deleted"),
];

/// Where the properties are.
struct Place<'a> {
    chat_id: &'a str,
    thread_id: Option<&'a str>,
    event_id: Option<&'a str>,
}

impl<'a> Place<'a> {
    fn of_chat(body: &Fields<'a>) -> Checked<Self> {
        Ok(Self { chat_id: body.text("id")?, thread_id: None, event_id: None })
    }

    fn of_thread(body: &Fields<'a>) -> Checked<Self> {
        let thread_id = Some(body.text("thread_id")?);
        Ok(Self { chat_id: body.text("chat_id")?, thread_id, event_id: None })
    }

    fn of_event(body: &Fields<'a>) -> Checked<Self> {
        Ok(Self { event_id: Some(body.text("event_id")?), ..Self::of_thread(body)? })
    }

    /// The properties themselves.
    fn find<'w>(&self, call: &'w mut Call<'_>) -> Result<&'w mut PropertyMap, Refusal> {
        let Some(thread_id) = self.thread_id else {
            return Ok(&mut call.world.chat_mut(self.chat_id)?.properties);
        };
        let thread = call.world.thread_mut(self.chat_id, thread_id)?;
        let Some(event_id) = self.event_id else { return Ok(&mut thread.properties) };
        let event = thread.events.iter_mut().find(|event| event.id == event_id);
        event.map(|event| &mut event.properties).ok_or_else(|| Refusal::not_found("Event"))
    }

    fn news(&self) -> (&'static str, &'static str) {
        let depth = usize::from(self.thread_id.is_some()) + usize::from(self.event_id.is_some());
        NEWS.get(depth).copied().unwrap_or_default()
    }

    fn tell(&self, call: &mut Call<'_>, action: &'static str, properties: &Map<String, Value>) {
        let mut payload = json!({"chat_id": self.chat_id, "properties": properties});
        if let Some(fields) = payload.as_object_mut() {
            for (key, id) in [("thread_id", self.thread_id), ("event_id", self.event_id)] {
                if let Some(id) = id {
                    fields.insert(key.to_owned(), json!(id));
                }
            }
        }
        call.world.tell(News::of_chat(action, self.chat_id, call.by, payload));
    }
}

fn update(call: &mut Call<'_>, place: &Place<'_>) -> Result<Value, Refusal> {
    let properties = checked_properties(call.body.object("properties")?.map())?;
    call.world.reach(call.by, Mode::Write, place.chat_id)?;
    place.find(call)?;
    call.world.known_properties(properties)?;
    merge_properties(place.find(call)?, properties);
    place.tell(call, place.news().0, properties);
    Ok(json!({}))
}

fn delete(call: &mut Call<'_>, place: &Place<'_>) -> Result<Value, Refusal> {
    let properties = call.body.object("properties")?;
    for namespace in properties.map().keys() {
        properties.texts_if(namespace)?;
    }
    call.world.reach(call.by, Mode::Write, place.chat_id)?;
    delete_properties(place.find(call)?, properties.map());
    place.tell(call, place.news().1, properties.map());
    Ok(json!({}))
}

pub(super) fn update_of_chat(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let place = Place::of_chat(&call.body)?;
    update(call, &place)
}

pub(super) fn update_of_thread(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let place = Place::of_thread(&call.body)?;
    update(call, &place)
}

pub(super) fn update_of_event(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let place = Place::of_event(&call.body)?;
    update(call, &place)
}

pub(super) fn delete_of_chat(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let place = Place::of_chat(&call.body)?;
    delete(call, &place)
}

pub(super) fn delete_of_thread(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let place = Place::of_thread(&call.body)?;
    delete(call, &place)
}

pub(super) fn delete_of_event(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let place = Place::of_event(&call.body)?;
    delete(call, &place)
}
