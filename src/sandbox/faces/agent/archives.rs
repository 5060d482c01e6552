//! `list_archives`: one result for each thread, with its chat around it.
//!
//! Active threads are listed too: the documentation does not leave them out. Filters that are not played are refused, because a
//! filter that is passed over in silence would look like an answer.
use crate::sandbox::faces::Call;
use crate::sandbox::fields::{Checked, Fields};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::world::{Chat, Mode, Page, Thread, World, insert_if, paginate};
use jiff::Timestamp;
use serde_json::{Value, json};

/// What the platform filters by and the sandbox does not.
const NOT_BUILT: [&str; 10] = [
    "agent_response",
    "agent_types",
    "agents",
    "customer_countries",
    "forms",
    "goals",
    "greetings",
    "properties",
    "sales",
    "tags",
];

/// The filters.
struct Wanted {
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    query: Option<String>,
    chat_ids: Option<Vec<String>>,
    thread_ids: Option<Vec<String>>,
    group_ids: Option<Vec<i64>>,
    customer_id: Option<String>,
    customer_email: Option<String>,
    types: Option<Types>,
}

/// `filters.event_types`.
struct Types {
    values: Option<Vec<String>>,
    exclude_values: Option<Vec<String>>,
    every: bool,
}

impl Wanted {
    fn read(filters: &Fields<'_>) -> Checked<Self> {
        if let Some(odd) = NOT_BUILT.into_iter().find(|name| filters.has(name)) {
            return Err(Refusal::not_built(&format!("filters.{odd}")));
        }
        let time = |key: &str| filters.has(key).then(|| filters.time(key)).transpose();
        let text = |key: &str| Ok(filters.text_if(key)?.map(str::to_owned));
        let wanted = Self {
            from: time("from")?,
            to: time("to")?,
            query: text("query")?.map(|query: String| query.to_lowercase()),
            chat_ids: limited(filters.texts_if("chat_ids")?, "chat_ids", 1000)?,
            thread_ids: limited(filters.texts_if("thread_ids")?, "thread_ids", 20)?,
            group_ids: limited(filters.ints_if("group_ids")?, "group_ids", 200)?,
            customer_id: text("customer_id")?,
            customer_email: text("customer_email")?,
            types: filters.object_if("event_types")?.map(|types| Types::read(&types)).transpose()?,
        };
        if wanted.thread_ids.is_some() && filters.map().values().filter(|value| !value.is_null()).count() > 1
        {
            return Err(Refusal::validation(
                "`filters.thread_ids` cannot be used together with other filters",
            ));
        }
        Ok(wanted)
    }

    fn pass(&self, world: &World, chat: &Chat, thread: &Thread) -> bool {
        let one_of = |ids: &Option<Vec<String>>, id: &String| ids.as_ref().is_none_or(|ids| ids.contains(id));
        let customer = || chat.customer().and_then(|member| world.customers.get(&member.id));
        let email = |email: &String| customer().is_some_and(|found| found.email.as_ref() == Some(email));
        self.from.is_none_or(|from| thread.created_at >= from)
            && self.to.is_none_or(|to| thread.created_at <= to)
            && one_of(&self.chat_ids, &chat.id)
            && one_of(&self.thread_ids, &thread.id)
            && self.group_ids.as_ref().is_none_or(|ids| ids.iter().any(|id| thread.access.contains(id)))
            && self.customer_id.as_ref().is_none_or(|id| customer().is_some_and(|found| found.id == *id))
            && self.customer_email.as_ref().is_none_or(email)
            && self.query.as_ref().is_none_or(|query| says(thread, query))
            && self.types.as_ref().is_none_or(|types| types.pass(thread))
    }
}

impl Types {
    fn read(types: &Fields<'_>) -> Checked<Self> {
        let (values, exclude_values) = (types.texts_if("values")?, types.texts_if("exclude_values")?);
        if values.is_some() == exclude_values.is_some() {
            return Err(Refusal::validation(
                "one of `filters.event_types.values` and `filters.event_types.exclude_values` is required",
            ));
        }
        Ok(Self { values, exclude_values, every: types.flag("require_every_value", false)? })
    }

    fn pass(&self, thread: &Thread) -> bool {
        let has = |kind: &String| thread.events.iter().any(|event| event.kind() == kind);
        let (values, without) = (self.values.as_ref(), self.exclude_values.as_ref());
        values.is_none_or(|kinds| if self.every { kinds.iter().all(has) } else { kinds.iter().any(has) })
            && without.is_none_or(|kinds| !kinds.iter().any(has))
    }
}

/// Whether the words are in one of the thread's texts.
fn says(thread: &Thread, query: &str) -> bool {
    let text = |value: &Value| value.as_str().is_some_and(|text| text.to_lowercase().contains(query));
    thread.events.iter().any(|event| event.content.get("text").is_some_and(text))
}

fn limited<T>(list: Option<Vec<T>>, key: &str, most: usize) -> Checked<Option<Vec<T>>> {
    match list {
        Some(list) if list.len() > most => {
            Err(Refusal::validation(format!("`filters.{key}` holds more than {most} values")))
        }
        list => Ok(list),
    }
}

pub(super) fn list_archives(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let page = Page::read(&call.body, 10, 100)?;
    if call.body.has("highlights") {
        return Err(Refusal::not_built("highlights"));
    }
    let wanted = Wanted::read(&Fields::new(&page.filters))?;
    call.world.may(call.by, Mode::Read)?;
    let world = &*call.world;
    let is_seen = |thread: &Thread| world.sees_groups(call.by, Mode::Read, &thread.access);
    let threads = world.chats.values().flat_map(|chat| chat.threads.iter().map(move |thread| (chat, thread)));
    let threads = threads.filter(|(chat, thread)| is_seen(thread) && wanted.pass(world, chat, thread));
    let threads: Vec<_> = threads.map(|found| (found.1.created_at.as_microsecond(), found)).collect();
    let found = threads.len();
    let (threads, mut answer) = paginate(threads, &page);
    let mut chats = Vec::with_capacity(threads.len());
    for (chat, thread) in threads {
        let mut view = world.chat_view(chat, Some(&thread.id))?;
        if let Some(fields) = view.as_object_mut() {
            fields.insert("is_followed".to_owned(), json!(chat.followers.contains(&call.by.id)));
        }
        if let Some(fields) = view.get_mut("thread").and_then(Value::as_object_mut) {
            let place = chat.threads.iter().position(|other| other.id == thread.id).unwrap_or_default();
            let (before, after) = (chat.threads.iter().take(place), chat.threads.iter().skip(place + 1));
            let id = |thread: &'_ Thread| thread.id.clone();
            let previous = before.rev().find(|thread| is_seen(thread)).map(id);
            let next = after.into_iter().find(|thread| is_seen(thread)).map(id);
            insert_if(fields, "previous_accessible_thread_id", previous.as_deref());
            insert_if(fields, "next_accessible_thread_id", next.as_deref());
        }
        chats.push(view);
    }
    answer.insert("chats".to_owned(), json!(chats));
    answer.insert("found_chats".to_owned(), json!(found));
    Ok(Value::Object(answer))
}
