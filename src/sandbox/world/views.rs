//! The account's JSON as agents, bots and webhooks see it.
use super::conversation::{Chat, Event, Member, Thread};
use super::people::{Bot, Customer, Group, Tag};
use super::state::World;
use crate::sandbox::clock;
use crate::sandbox::refusal::Refusal;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

impl World {
    /// A chat with one thread; the last one unless another is named.
    pub(crate) fn chat_view(&self, chat: &Chat, thread_id: Option<&str>) -> Result<Value, Refusal> {
        let thread = match thread_id {
            None => chat.last(),
            Some(id) => {
                let found = chat.threads.iter().find(|thread| thread.id == id);
                Some(found.ok_or_else(|| Refusal::not_found("Thread"))?)
            }
        };
        let mut view = json!({
            "id": chat.id,
            "users": self.users_view(chat),
            "properties": chat.properties,
            "access": {"group_ids": chat.access},
        });
        if let (Some(thread), Some(fields)) = (thread, view.as_object_mut()) {
            fields.insert("thread".to_owned(), thread_view(chat, thread, Event::view));
        }
        Ok(view)
    }

    /// A chat as `list_chats` shows it.
    pub(crate) fn summary_view(&self, chat: &Chat, reader: &str) -> Value {
        let mut view = json!({
            "id": chat.id,
            "users": self.users_view(chat),
            "properties": chat.properties,
            "access": {"group_ids": chat.access},
            "is_followed": chat.followers.contains(reader),
            "last_event_per_type": last_events(chat, |_| true, Event::view),
        });
        if let (Some(thread), Some(fields)) = (chat.last(), view.as_object_mut()) {
            let mut last = thread_view(chat, thread, Event::view);
            if let Some(last) = last.as_object_mut() {
                for absent in ["events", "tags", "previous_thread_id", "next_thread_id"] {
                    last.remove(absent);
                }
            }
            fields.insert("last_thread_summary".to_owned(), last);
        }
        view
    }

    fn users_view(&self, chat: &Chat) -> Vec<Value> {
        chat.members.iter().map(|member| self.member_view(member)).collect()
    }

    /// A user of a chat.
    pub(crate) fn member_view(&self, member: &Member) -> Value {
        let seen = json!(clock::write(member.seen_up_to));
        if let Some(customer) = self.customers.get(&member.id) {
            let mut view = self.customer_view(customer);
            view.insert("present".to_owned(), json!(member.present));
            view.insert("events_seen_up_to".to_owned(), seen);
            return Value::Object(view);
        }
        let mut view = json!({
            "id": member.id,
            "type": "agent",
            "name": self.name_of(&member.id),
            "present": member.present,
            "events_seen_up_to": seen,
            "visibility": member.visibility.name(),
        });
        let avatar = self.bots.get(&member.id).and_then(|bot| bot.avatar.clone());
        if let Some(fields) = view.as_object_mut() {
            if self.agents.contains_key(&member.id) {
                fields.insert("email".to_owned(), json!(member.id));
            }
            insert_if(fields, "avatar", avatar.as_deref());
        }
        view
    }

    /// A customer outside a chat; optional fields only when they are set.
    pub(crate) fn customer_view(&self, customer: &Customer) -> Map<String, Value> {
        let chat = customer.chat_id.as_ref().and_then(|id| self.chats.get(id));
        let threads = chat.map_or(0, |chat| chat.threads.len());
        let mut view = Map::new();
        view.insert("id".to_owned(), json!(customer.id));
        view.insert("type".to_owned(), json!("customer"));
        view.insert("created_at".to_owned(), json!(clock::write(customer.created_at)));
        let counts = json!({"chats_count": usize::from(chat.is_some()), "threads_count": threads});
        view.insert("statistics".to_owned(), counts);
        profile(&mut view, customer);
        let events = || chat.into_iter().flat_map(|chat| &chat.threads).flat_map(|thread| &thread.events);
        let last = |of_customer: bool| {
            let mine = |event: &&Event| {
                event.author_id.as_ref().is_some_and(|id| (*id == customer.id) == of_customer)
            };
            events().rfind(mine).map(|event| clock::write(event.created_at))
        };
        insert_if(&mut view, "agent_last_event_created_at", last(false).as_deref());
        insert_if(&mut view, "customer_last_event_created_at", last(true).as_deref());
        view
    }

    /// A group; `fields` are the extra ones that were asked for.
    pub(crate) fn group_view(&self, group: &Group, fields: &[String]) -> Value {
        let mut view = json!({"id": group.id, "name": group.name, "language_code": group.language_code});
        if let Some(map) = view.as_object_mut() {
            if fields.iter().any(|field| field == "agent_priorities") {
                map.insert("agent_priorities".to_owned(), self.agent_priorities(group.id));
            }
            if fields.iter().any(|field| field == "routing_status") {
                map.insert("routing_status".to_owned(), json!(self.group_status(group.id).name()));
            }
        }
        view
    }

    /// The members of a group with their priorities.
    pub(crate) fn agent_priorities(&self, group: i64) -> Value {
        let ids = self.agents.keys().chain(self.bots.keys());
        let members =
            ids.filter_map(|id| self.priority_in(id, group).map(|priority| (id.clone(), json!(priority))));
        Value::Object(members.collect())
    }
}

/// What a customer has said about themselves.
pub(super) fn profile(view: &mut Map<String, Value>, customer: &Customer) {
    insert_if(view, "name", customer.name.as_deref());
    insert_if(view, "email", customer.email.as_deref());
    insert_if(view, "avatar", customer.avatar.as_deref());
    insert_if(view, "phone_number", customer.phone_number.as_deref());
    if let Some(address) = &customer.address {
        view.insert("address".to_owned(), json!(address));
    }
    if !customer.session_fields.is_empty() {
        view.insert("session_fields".to_owned(), json!(customer.session_fields));
    }
}

/// A thread with its events as `show` shows them.
pub(super) fn thread_view(chat: &Chat, thread: &Thread, show: impl Fn(&Event) -> Value) -> Value {
    let mut view = json!({
        "id": thread.id,
        "active": thread.active,
        "created_at": clock::write(thread.created_at),
        "user_ids": thread.user_ids,
        "events": thread.events.iter().map(show).collect::<Vec<_>>(),
        "properties": thread.properties,
        "access": {"group_ids": thread.access},
    });
    let place = chat.threads.iter().position(|other| other.id == thread.id);
    let beside = |step: isize| place?.checked_add_signed(step).and_then(|place| chat.threads.get(place));
    if let Some(fields) = view.as_object_mut() {
        insert_if(fields, "previous_thread_id", beside(-1).map(|thread| thread.id.as_str()));
        insert_if(fields, "next_thread_id", beside(1).map(|thread| thread.id.as_str()));
        if !thread.tags.is_empty() {
            fields.insert("tags".to_owned(), json!(thread.tags));
        }
        if let Some(since) = thread.queued_at {
            fields.insert("queue".to_owned(), queue_view(since));
        }
    }
    view
}

/// A thread for agents.
pub(crate) fn thread_view_for_agents(chat: &Chat, thread: &Thread) -> Value {
    thread_view(chat, thread, Event::view)
}

/// Place and time in the queue; the sandbox has no estimate of the wait.
pub(super) fn queue_view(since: Timestamp) -> Value {
    json!({"position": 1, "wait_time": 0, "queued_at": clock::write(since)})
}

/// `last_event_per_type` of a summary.
pub(super) fn last_events(
    chat: &Chat,
    shown: impl Fn(&Event) -> bool,
    show: impl Fn(&Event) -> Value,
) -> Map<String, Value> {
    let entry = |(kind, (thread, event)): (&str, (&Thread, &Event))| {
        let at = clock::write(thread.created_at);
        (kind.to_owned(), json!({"thread_id": thread.id, "thread_created_at": at, "event": show(event)}))
    };
    chat.last_event_per_type(shown).into_iter().map(entry).collect()
}

/// A bot as `get_bot` shows it; `fields` are the extra ones that were asked for.
pub(crate) fn bot_view(bot: &Bot, fields: &[String]) -> Value {
    let groups = bot.groups.iter().flatten().map(|(id, priority)| json!({"id": id, "priority": priority}));
    let mut view = json!({
        "id": bot.id,
        "name": bot.name,
        "default_group_priority": bot.default_group_priority,
        "owner_client_id": bot.owner_client_id,
        "max_chats_count": bot.max_chats_count,
        "groups": groups.collect::<Vec<_>>(),
    });
    if let Some(map) = view.as_object_mut() {
        insert_if(map, "avatar_path", bot.avatar.as_deref());
        let asked = |name: &str| fields.iter().any(|field| field == name);
        if asked("job_title") {
            insert_if(map, "job_title", bot.job_title.as_deref());
        }
        if let Some(scheduler) = &bot.work_scheduler {
            if asked("work_scheduler") {
                map.insert("work_scheduler".to_owned(), scheduler.clone());
            }
            if asked("timezone") {
                insert_if(map, "timezone", scheduler.get("timezone").and_then(Value::as_str));
            }
        }
    }
    view
}

/// A tag.
pub(crate) fn tag_view(tag: &Tag) -> Value {
    json!({
        "name": tag.name,
        "group_ids": tag.group_ids,
        "author_id": tag.author_id,
        "created_at": clock::write(tag.created_at),
    })
}

/// Writes a string if there is one.
pub(crate) fn insert_if(map: &mut Map<String, Value>, key: &str, value: Option<&str>) {
    if let Some(value) = value {
        map.insert(key.to_owned(), json!(value));
    }
}
