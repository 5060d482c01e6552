//! The customer's chat.
use crate::sandbox::faces::Call;
use crate::sandbox::faces::agent::{age, opening, resumed, started};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::world::{Chat, Page, paginate};
use serde_json::{Value, json};

pub(super) fn start(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let opening = opening(&call.body, call.body.object_if("chat")?.as_ref())?;
    let opened = call.world.start_chat(call.by, opening.by_customer(), call.now)?;
    Ok(started(opened))
}

pub(super) fn resume(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let chat = call.body.object("chat")?;
    let chat_id = chat.text("id")?;
    let opening = opening(&call.body, Some(&chat))?;
    let opened = call.world.resume_chat(call.by, chat_id, opening.by_customer(), call.now)?;
    Ok(resumed(opened))
}

pub(super) fn deactivate(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let chat_id = call.body.text("id")?;
    call.world.customer_deactivates(call.by, chat_id, call.now)?;
    Ok(json!({}))
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let (chat_id, thread_id) = (call.body.text("chat_id")?, call.body.text_if("thread_id")?);
    let chat = call.world.own(call.by, chat_id)?;
    call.world.outside_chat(chat, thread_id)
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let page = Page::read(&call.body, 10, 25)?;
    let mine = |chat: &&Chat| chat.member(&call.by.id).is_some();
    let chats: Vec<(i64, &Chat)> =
        call.world.chats.values().filter(mine).map(|chat| (age(chat), chat)).collect();
    let total = chats.len();
    let (chats, mut answer) = paginate(chats, &page);
    let summaries: Vec<Value> = chats.into_iter().map(|chat| call.world.outside_summary(chat)).collect();
    answer.insert("chats_summary".to_owned(), json!(summaries));
    answer.insert("total_chats".to_owned(), json!(total));
    Ok(Value::Object(answer))
}

pub(super) fn list_threads(call: &mut Call<'_>) -> Result<Value, Refusal> {
    let chat_id = call.body.text("chat_id")?;
    let page = Page::read(&call.body, 3, 100)?;
    let chat = call.world.own(call.by, chat_id)?;
    let threads: Vec<_> =
        chat.threads.iter().map(|thread| (thread.created_at.as_microsecond(), thread)).collect();
    let found = threads.len();
    let (threads, mut answer) = paginate(threads, &page);
    let views: Vec<Value> =
        threads.into_iter().map(|thread| call.world.outside_thread(chat, thread)).collect();
    answer.insert("threads".to_owned(), json!(views));
    answer.insert("found_threads".to_owned(), json!(found));
    Ok(Value::Object(answer))
}
