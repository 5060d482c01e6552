//! Reading chats.
use crate::sandbox::faces::Call;
use crate::sandbox::fields::{Checked, Fields};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::world::{Chat, Mode, Page, Thread, paginate, thread_view_for_agents};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

pub(super) fn get_chat(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let chat_id = call.body.text("chat_id")?;
    let thread_id = call.body.text_if("thread_id")?;
    let chat = call.world.reach(call.by, Mode::Read, chat_id)?;
    let mut view = call.world.chat_view(chat, thread_id)?;
    if let Some(fields) = view.as_object_mut() {
        fields.insert("is_followed".to_owned(), json!(chat.followers.contains(&call.by.id)));
    }
    Ok(view)
}

/// The filters of `list_chats`.
struct ChatFilters {
    active: Option<bool>,
    without_threads: bool,
    group_ids: Option<Vec<i64>>,
    properties: Map<String, Value>,
}

impl ChatFilters {
    fn read(filters: &Fields<'_>) -> Checked<Self> {
        let group_ids = filters.ints_if("group_ids")?;
        if group_ids.as_ref().is_some_and(|ids| ids.len() > 200) {
            return Err(Refusal::validation("`filters.group_ids` holds more than 200 groups"));
        }
        let properties = filters.object_if("properties")?;
        Ok(Self {
            active: filters.flag_if("active")?,
            without_threads: filters.flag("include_chats_without_threads", true)?,
            group_ids,
            properties: properties.map(|properties| properties.map().clone()).unwrap_or_default(),
        })
    }

    fn pass(&self, chat: &Chat) -> bool {
        let groups = |ids: &Vec<i64>| ids.iter().any(|id| chat.access.contains(id));
        self.active.is_none_or(|active| chat.active().is_some() == active)
            && (self.without_threads || chat.last().is_some())
            && self.group_ids.as_ref().is_none_or(groups)
            && self.properties_pass(chat)
    }

    fn properties_pass(&self, chat: &Chat) -> bool {
        self.properties.iter().all(|(namespace, names)| {
            names.as_object().into_iter().flatten().all(|(name, wanted)| {
                let found = chat.properties.get(namespace).and_then(|names| names.get(name));
                let within = |key: &str| {
                    let values = wanted.get(key).and_then(Value::as_array);
                    values.map(|values| found.is_some_and(|found| values.contains(found)))
                };
                let exists = wanted.get("exists").and_then(Value::as_bool);
                exists.is_none_or(|exists| exists == found.is_some())
                    && within("values").unwrap_or(true)
                    && !within("exclude_values").unwrap_or(false)
            })
        })
    }
}

pub(super) fn list_chats(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let page = Page::read(&call.body, 10, 100)?;
    let filters = ChatFilters::read(&Fields::new(&page.filters))?;
    call.world.may(call.by, Mode::Read)?;
    let seen = |chat: &&Chat| call.world.sees(call.by, Mode::Read, chat) && filters.pass(chat);
    let chats: Vec<(i64, &Chat)> =
        call.world.chats.values().filter(seen).map(|chat| (age(chat), chat)).collect();
    let found = chats.len();
    let (chats, mut answer) = paginate(chats, &page);
    let summaries: Vec<Value> =
        chats.into_iter().map(|chat| call.world.summary_view(chat, &call.by.id)).collect();
    answer.insert("chats_summary".to_owned(), json!(summaries));
    answer.insert("found_chats".to_owned(), json!(found));
    Ok(Value::Object(answer))
}

/// Chats are ordered by their last thread's beginning.
pub(in crate::sandbox::faces) fn age(chat: &Chat) -> i64 {
    chat.last().map_or(0, |thread| thread.created_at.as_microsecond())
}

pub(super) fn list_threads(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let chat_id = call.body.text("chat_id")?;
    let page = Page::read(&call.body, 3, 100)?;
    let (from, to) = interval(&Fields::new(&page.filters))?;
    let least = call.body.int_within("min_events_count", 1, 100)?;
    if least.is_some() && (call.body.has("limit") || call.body.has("filters")) {
        return Err(Refusal::validation(
            "`min_events_count` cannot be used together with `limit` or `filters`",
        ));
    }
    let chat = call.world.reach(call.by, Mode::Read, chat_id)?;
    let within = |thread: &&Thread| {
        from.is_none_or(|from| thread.created_at >= from) && to.is_none_or(|to| thread.created_at <= to)
    };
    let threads: Vec<_> = chat
        .threads
        .iter()
        .filter(within)
        .map(|thread| (thread.created_at.as_microsecond(), thread))
        .collect();
    let found = threads.len();
    let page = match least.and_then(|least| usize::try_from(least).ok()) {
        Some(least) => page.with_limit(threads_holding(chat, least)),
        None => page,
    };
    let (threads, mut answer) = paginate(threads, &page);
    let views: Vec<Value> = threads.into_iter().map(|thread| thread_view_for_agents(chat, thread)).collect();
    answer.insert("threads".to_owned(), json!(views));
    answer.insert("found_threads".to_owned(), json!(found));
    Ok(Value::Object(answer))
}

/// How many of the newest threads hold that many events together.
fn threads_holding(chat: &Chat, least: usize) -> usize {
    let mut events = 0;
    let newest = chat.threads.iter().rev().take_while(|thread| {
        let more = events < least;
        events += thread.events.len();
        more
    });
    newest.count().max(1)
}

fn interval(filters: &Fields<'_>) -> Checked<(Option<Timestamp>, Option<Timestamp>)> {
    let time = |key: &str| filters.has(key).then(|| filters.time(key)).transpose();
    Ok((time("from")?, time("to")?))
}
