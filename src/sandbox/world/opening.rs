//! Starting and resuming chats: a new thread with its first events and somebody to answer it.
use super::access::Mode;
use super::conversation::{Chat, Thread, Visibility};
use super::events::{append, signed};
use super::forms::InitialEvent;
use super::news::News;
use super::people::Status;
use super::properties::{PropertyMap, merge_properties};
use super::state::World;
use crate::sandbox::auth::{Kind, Requester};
use crate::sandbox::ids;
use crate::sandbox::refusal::{Kind as Error, Refusal};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// How many other agents a chat can be started with.
const AGENTS: usize = 4;

/// What a chat is opened with.
#[derive(Debug, Clone)]
pub(crate) struct Opening {
    pub(crate) properties: PropertyMap,
    pub(crate) access: Option<Vec<i64>>,
    /// Ids, and whether they are customers.
    pub(crate) users: Vec<(String, bool)>,
    pub(crate) events: Vec<InitialEvent>,
    pub(crate) thread_properties: PropertyMap,
    pub(crate) active: bool,
    pub(crate) continuous: Option<bool>,
}

impl Opening {
    /// The same as a customer may ask for it: without other users, and with no author but the customer.
    pub(crate) fn by_customer(mut self) -> Self {
        self.users.clear();
        for event in &mut self.events {
            event.author_id = None;
        }
        self
    }
}

/// The ids of what was opened.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) chat_id: String,
    pub(crate) thread_id: String,
    pub(crate) event_ids: Vec<String>,
}

impl World {
    /// A new chat.
    pub(crate) fn start_chat(
        &mut self,
        by: &Requester,
        opening: Opening,
        now: Timestamp,
    ) -> Result<Opened, Refusal> {
        self.openable(by, &opening, None)?;
        let customer = opening.users.iter().find(|(_, customer)| *customer).map(|(id, _)| id.as_str());
        let customer =
            if by.kind == Kind::Customer { Some(by.id.as_str()) } else { customer }.map(str::to_owned);
        let owner = customer.as_ref().and_then(|id| self.customers.get_mut(id));
        if owner.as_ref().is_some_and(|owner| owner.chat_id.is_some()) {
            return Err(Refusal::new(Error::LimitReached, "The customer already has a chat"));
        }
        let chat = Chat {
            id: ids::short(),
            members: Vec::new(),
            threads: Vec::new(),
            properties: PropertyMap::new(),
            access: vec![0],
            followers: BTreeSet::new(),
        };
        let chat_id = chat.id.clone();
        if let Some(owner) = owner {
            owner.chat_id = Some(chat_id.clone());
        }
        self.chats.insert(chat_id.clone(), chat);
        self.open(by, chat_id, opening, now)
    }

    /// A new thread in a chat that is closed.
    pub(crate) fn resume_chat(
        &mut self,
        by: &Requester,
        chat_id: &str,
        opening: Opening,
        now: Timestamp,
    ) -> Result<Opened, Refusal> {
        let chat = if by.kind == Kind::Customer {
            self.own(by, chat_id)
        } else {
            self.reach(by, Mode::Write, chat_id)
        };
        let chat = chat?;
        if chat.active().is_some() {
            return Err(Refusal::validation("Chat is already active"));
        }
        self.openable(by, &opening, Some(chat))?;
        self.open(by, chat_id.to_owned(), opening, now)
    }

    /// Whether everything that the opening names exists and is allowed.
    fn openable(&self, by: &Requester, opening: &Opening, chat: Option<&Chat>) -> Result<(), Refusal> {
        if by.kind != Kind::Customer {
            self.may(by, Mode::Write)?;
        }
        let access = opening.access.clone().unwrap_or_else(|| vec![0]);
        if !access.iter().all(|group| self.groups.contains_key(group)) {
            return Err(Refusal::of(Error::GroupNotFound));
        }
        for (id, customer) in &opening.users {
            let exists = if *customer { self.customers.contains_key(id) } else { self.is_agent(id) };
            if !exists {
                return Err(Refusal::not_found("User"));
            }
        }
        let customers = opening.users.iter().filter(|(_, customer)| *customer).count();
        if customers > 1 || opening.users.len() - customers > AGENTS {
            return Err(Refusal::validation("`chat.users` holds too many users"));
        }
        let named = |id: &String| {
            *id == by.id
                || opening.users.iter().any(|(user, _)| user == id)
                || chat.is_some_and(|c| c.member(id).is_some())
        };
        if !opening.events.iter().filter_map(|event| event.author_id.as_ref()).all(named) {
            return Err(Refusal::validation("`chat.thread.events.author_id` must be one of the users"));
        }
        self.known_properties(&opening.properties)?;
        self.known_properties(&opening.thread_properties)?;
        opening.events.iter().try_for_each(|event| self.known_properties(&event.event.properties))?;
        let offline = access.iter().all(|group| self.group_status(*group) == Status::Offline);
        if by.kind == Kind::Customer && opening.active && opening.continuous != Some(true) && offline {
            return Err(Refusal::of(Error::GroupsOffline));
        }
        Ok(())
    }

    fn open(
        &mut self,
        by: &Requester,
        chat_id: String,
        opening: Opening,
        now: Timestamp,
    ) -> Result<Opened, Refusal> {
        let at = self.stamp(now);
        let chat = self.chat_mut(&chat_id)?;
        let access = opening.access.clone().unwrap_or_else(|| vec![0]);
        chat.access.clone_from(&access);
        let thread = new_thread(&opening, by, access.clone(), at);
        let thread_id = thread.id.clone();
        chat.threads.push(thread);
        merge_properties(&mut chat.properties, &chat_properties(&opening, by));
        merge_properties(&mut chat.properties, &opening.properties);
        chat.seat(&by.id, by.kind == Kind::Customer, Visibility::All);
        for (id, customer) in &opening.users {
            chat.seat(id, *customer, Visibility::All);
        }
        if let Some(customer) = chat.customer().map(|member| member.id.clone()) {
            chat.seat(&customer, true, Visibility::All);
        }
        chat.seen(&by.id, at);
        if opening.active && by.kind == Kind::Customer {
            self.assign(&chat_id, &access, at)?;
        }
        let event_ids = self.first_events(by, &chat_id, opening.events, now)?;
        self.tell_opened(by, &chat_id, &thread_id)?;
        Ok(Opened { chat_id, thread_id, event_ids })
    }

    fn first_events(
        &mut self,
        by: &Requester,
        chat_id: &str,
        events: Vec<InitialEvent>,
        now: Timestamp,
    ) -> Result<Vec<String>, Refusal> {
        let mut event_ids = Vec::new();
        for InitialEvent { event, author_id } in events {
            let at = self.stamp(now);
            let event = signed(event, author_id.as_deref().unwrap_or(&by.id), by.client_id.as_deref(), at);
            let (_, event) = append(self.chat_mut(chat_id)?, event)?;
            if event.author_id.is_some() {
                event_ids.push(event.id);
            }
        }
        Ok(event_ids)
    }

    fn tell_opened(&mut self, by: &Requester, chat_id: &str, thread_id: &str) -> Result<(), Refusal> {
        let chat = self.chats.get(chat_id).ok_or_else(|| Refusal::not_found("Chat"))?;
        let view = self.chat_view(chat, None)?;
        let events: Vec<Value> =
            chat.last().into_iter().flat_map(|thread| &thread.events).map(|event| event.view()).collect();
        self.tell(News::of_chat("incoming_chat", chat_id, by, json!({ "chat": view })));
        if self.switches.initial_events_twice {
            for event in events {
                let payload = json!({"chat_id": chat_id, "thread_id": thread_id, "event": event});
                self.tell(News::of_chat("incoming_event", chat_id, by, payload));
            }
        }
        Ok(())
    }
}

fn new_thread(opening: &Opening, by: &Requester, access: Vec<i64>, at: Timestamp) -> Thread {
    let continuous = opening.continuous.unwrap_or(false);
    let routing = json!({"continuous": continuous, "idle": false, "unassigned": false});
    let mut properties = PropertyMap::new();
    properties.insert("routing".to_owned(), routing);
    if let Some(client_id) = &by.client_id {
        properties.insert("source".to_owned(), json!({ "client_id": client_id }));
    }
    merge_properties(&mut properties, &opening.thread_properties);
    Thread {
        id: ids::short(),
        active: opening.active,
        created_at: at,
        user_ids: Vec::new(),
        events: Vec::new(),
        properties,
        access,
        tags: Vec::new(),
        queued_at: None,
        last_event: 0,
    }
}

fn chat_properties(opening: &Opening, by: &Requester) -> PropertyMap {
    let mut properties = PropertyMap::new();
    let continuous = opening.continuous.unwrap_or(false);
    properties.insert("routing".to_owned(), json!({"continuous": continuous, "pinned": false}));
    if let Some(client_id) = &by.client_id {
        let mut source = json!({ "client_id": client_id });
        if let (Kind::Customer, Some(source)) = (by.kind, source.as_object_mut()) {
            source.insert("customer_client_id".to_owned(), json!(client_id));
        }
        properties.insert("source".to_owned(), source);
    }
    properties
}
