//! What the page shows at one moment, read from the world and the journal.
//!
//! Both windows are read from the JSON that the API gives to that side, so the page cannot show a customer
//! what the platform would hide.
use super::acts::chat_of;
use super::story::{Story, stories};
use crate::sandbox::journal::Entry;
use crate::sandbox::shared::Shared;
use crate::sandbox::world::{Chat, World};
use jiff::Timestamp;
use serde_json::Value;

/// How many entries of the journal are shown, newest last.
const ENTRIES: usize = 200;
/// How many events of a chat are shown, newest last.
const EVENTS: usize = 200;

/// One moment of one customer's desk.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) customer_id: String,
    pub(super) chat_id: Option<String>,
    /// The name of the agent who can write here.
    pub(super) agent: String,
    pub(super) state: ChatState,
    /// What the customer sees.
    pub(super) outside: Vec<Saying>,
    /// What the agents see.
    pub(super) inside: Vec<Saying>,
    pub(super) people: Vec<Person>,
    pub(super) stories: Vec<Story>,
}

/// How the customer's chat stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ChatState {
    None,
    Open,
    Closed,
}

/// One event of a chat as one side sees it.
#[derive(Debug, Clone)]
pub(super) struct Saying {
    pub(super) id: String,
    pub(super) at: Timestamp,
    /// `None` for the platform itself.
    pub(super) author: Option<Author>,
    /// Only agents see it.
    pub(super) whisper: bool,
    /// It is the first of a thread that is not the chat's first.
    pub(super) begins_again: bool,
    /// The event as JSON.
    pub(super) event: Value,
}

/// Who wrote an event.
#[derive(Debug, Clone)]
pub(super) struct Author {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// What kind of user somebody is, as far as the side can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Customer,
    Agent,
    Bot,
}

/// Somebody who is or was in the chat.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) present: bool,
    /// The customer does not see them.
    pub(super) unseen: bool,
}

impl Scene {
    /// Reads the moment; `None` when there is no such customer (any more).
    pub(super) fn read(shared: &Shared, customer_id: &str) -> Option<Self> {
        let chat_id = shared.act(|world, _| chat_of(world, customer_id).map(|chat| chat.id.clone()));
        let entries = chat_id.map(|id| shared.journal.of_chat(&id, ENTRIES)).unwrap_or_default();
        shared.act(|world, _| Self::of(world, customer_id, entries))
    }

    fn of(world: &World, customer_id: &str, entries: Vec<Entry>) -> Option<Self> {
        world.customers.get(customer_id)?;
        let chat = chat_of(world, customer_id);
        let state = match chat {
            None => ChatState::None,
            Some(chat) if chat.active().is_some() => ChatState::Open,
            Some(_) => ChatState::Closed,
        };
        let inside = chat.map(|chat| sayings(world, chat, World::chat_view)).unwrap_or_default();
        let outside = chat.map(|chat| sayings(world, chat, World::outside_chat)).unwrap_or_default();
        let stories = stories(&inside, entries, |id| world.name_of(id));
        Some(Self {
            customer_id: customer_id.to_owned(),
            chat_id: chat.map(|chat| chat.id.clone()),
            agent: world.name_of(&world.credentials.agent_id),
            state,
            outside,
            inside,
            people: chat.map(|chat| people(world, chat)).unwrap_or_default(),
            stories,
        })
    }
}

/// A chat with one of its threads as one side sees it.
type View = fn(&World, &Chat, Option<&str>) -> Result<Value, crate::sandbox::refusal::Refusal>;

fn sayings(world: &World, chat: &Chat, view: View) -> Vec<Saying> {
    let mut found = Vec::new();
    for (number, thread) in chat.threads.iter().enumerate() {
        let Ok(seen) = view(world, chat, Some(&thread.id)) else { continue };
        let events = seen.pointer("/thread/events").and_then(Value::as_array);
        for (place, event) in events.into_iter().flatten().enumerate() {
            let begins_again = number > 0 && place == 0;
            found.extend(saying(world, &seen, event).map(|saying| Saying { begins_again, ..saying }));
        }
    }
    found.split_off(found.len().saturating_sub(EVENTS))
}

fn saying(world: &World, seen: &Value, event: &Value) -> Option<Saying> {
    let author = text(event, "author_id").map(|id| {
        let mut users = seen.get("users").and_then(Value::as_array).into_iter().flatten();
        let user = users.find(|user| text(user, "id") == Some(id));
        user.map_or_else(
            || Author { name: "Somebody".to_owned(), kind: Kind::Agent },
            |user| Author { name: name(user), kind: kind(world, user) },
        )
    });
    Some(Saying {
        id: text(event, "id")?.to_owned(),
        at: text(event, "created_at")?.parse().ok()?,
        author,
        whisper: text(event, "visibility") == Some("agents"),
        begins_again: false,
        event: event.clone(),
    })
}

fn people(world: &World, chat: &Chat) -> Vec<Person> {
    let Ok(seen) = world.chat_view(chat, None) else { return Vec::new() };
    let users = seen.get("users").and_then(Value::as_array).into_iter().flatten();
    users
        .filter_map(|user| {
            Some(Person {
                id: text(user, "id")?.to_owned(),
                name: name(user),
                kind: kind(world, user),
                present: user.get("present") == Some(&Value::Bool(true)),
                unseen: text(user, "visibility") == Some("agents"),
            })
        })
        .collect()
}

fn kind(world: &World, user: &Value) -> Kind {
    match (text(user, "type"), text(user, "id")) {
        (Some("customer"), _) => Kind::Customer,
        (_, Some(id)) if world.bots.contains_key(id) => Kind::Bot,
        _ => Kind::Agent,
    }
}

fn name(user: &Value) -> String {
    if text(user, "type") == Some("customer") {
        return "You (customer)".to_owned();
    }
    text(user, "name").unwrap_or("Somebody").to_owned()
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}
