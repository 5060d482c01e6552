//! The archives: one result for each thread, by filters and pages, for those who may read them.
use super::bench::{As, Bench, text};
use serde_json::{Value, json};

/// Chat and thread of each result.
fn found(answer: &Value) -> Vec<(String, String)> {
    let chats = answer["chats"].as_array().unwrap().iter();
    chats.map(|chat| (text(chat, "/id"), text(chat, "/thread/id"))).collect()
}

async fn listed(bench: &Bench, filters: Value) -> Vec<(String, String)> {
    found(&bench.agent(&As::Agent, "list_archives", json!({ "filters": filters, "limit": 100 })).await.ok())
}

/// A closed chat, one that was closed and goes on, and one that is open; oldest thread first.
async fn three_chats(bench: &Bench) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for first in ["soup", "pizza", "Salad"] {
        let (_, chat, thread) = bench.new_chat(first).await;
        all.push((chat, thread));
    }
    for (chat, _) in &all[..2] {
        let close = json!({ "id": chat, "ignore_requester_presence": true });
        bench.agent(&As::Agent, "deactivate_chat", close).await.ok();
    }
    let chat = all[1].0.clone();
    let resumed = bench.agent(&As::Agent, "resume_chat", json!({ "chat": { "id": chat } })).await.ok();
    all.push((chat, text(&resumed, "/thread_id")));
    all
}

#[tokio::test]
async fn a_chat_is_listed_once_for_each_of_its_threads_and_page_after_page() {
    let bench = Bench::start().await;
    let mut all = three_chats(&bench).await;
    let first = json!({ "limit": 3, "sort_order": "asc" });
    let page = bench.agent(&As::Pat, "list_archives", first).await.ok();
    assert_eq!((found(&page), &page["found_chats"]), (all[..3].to_vec(), &json!(4)));
    let older = &page["chats"][1]["thread"];
    assert_eq!(older["active"], false);
    assert_eq!(older["next_accessible_thread_id"], json!(all[3].1));
    assert!(older["previous_accessible_thread_id"].is_null());
    let next = json!({ "page_id": page["next_page_id"] });
    let page = bench.agent(&As::Pat, "list_archives", next).await.ok();
    assert_eq!((found(&page), &page["next_page_id"]), (all[3..].to_vec(), &Value::Null));
    assert!(page["previous_page_id"].is_string());
    let back = json!({ "page_id": page["previous_page_id"] });
    assert_eq!(found(&bench.agent(&As::Pat, "list_archives", back).await.ok()), all[..3].to_vec());
    all.reverse();
    assert_eq!(listed(&bench, json!({})).await, all, "the newest is first");
}

#[tokio::test]
async fn the_archives_are_filtered_as_documented() {
    let bench = Bench::start().await;
    let all = three_chats(&bench).await;
    let began = bench.agent(&As::Agent, "get_chat", json!({ "chat_id": all[2].0 })).await.ok();
    let (began, customer) = (text(&began, "/thread/created_at"), text(&began, "/users/0/id"));
    for (filters, expected) in [
        (json!({ "from": began }), &[3, 2][..]),
        (json!({ "to": began }), &[2, 1, 0]),
        (json!({ "from": began, "to": began }), &[2]),
        (json!({ "chat_ids": [all[1].0] }), &[3, 1]),
        (json!({ "thread_ids": [all[1].1, all[0].1] }), &[1, 0]),
        (json!({ "group_ids": [1] }), &[]),
        (json!({ "group_ids": [0, 1] }), &[3, 2, 1, 0]),
        (json!({ "query": "salad" }), &[2]),
        (json!({ "customer_id": customer }), &[2]),
        (json!({ "customer_email": "nobody@example.com" }), &[]),
        (json!({ "event_types": { "values": ["message"] } }), &[2, 1, 0]),
        (json!({ "event_types": { "exclude_values": ["message"] } }), &[3]),
        (json!({ "event_types": { "values": ["message", "file"], "require_every_value": true } }), &[]),
    ] {
        let expected: Vec<_> = expected.iter().map(|place| all[*place].clone()).collect();
        assert_eq!(listed(&bench, filters.clone()).await, expected, "{filters}");
    }
    let many = vec!["x"; 21];
    for (body, refusal, said) in [
        (json!({ "limit": 101 }), (400, "validation"), "`limit`"),
        (json!({ "filters": { "thread_ids": many } }), (400, "validation"), "`filters.thread_ids`"),
        (json!({ "filters": { "thread_ids": ["x"], "query": "x" } }), (400, "validation"), "together with"),
        (json!({ "filters": { "from": "yesterday" } }), (400, "validation"), "`from`"),
        (json!({ "filters": { "event_types": {} } }), (400, "validation"), "event_types"),
        (json!({ "page_id": "x" }), (400, "validation"), "`page_id`"),
        (json!({ "page_id": "x", "filters": {} }), (400, "validation"), "`filters` cannot be used together"),
        (json!({ "filters": { "tags": { "exists": true } } }), (501, "not_allowed"), "filters.tags"),
        (json!({ "highlights": {} }), (501, "not_allowed"), "highlights"),
    ] {
        let reply = bench.agent(&As::Agent, "list_archives", body.clone()).await;
        assert_eq!(reply.refusal(), refusal, "{body}");
        assert!(reply.body["error"]["message"].as_str().unwrap().contains(said), "{body}: {}", reply.body);
    }
}

#[tokio::test]
async fn a_bot_reads_the_archives_of_its_groups_and_a_customer_reads_none() {
    let bench = Bench::start().await;
    let (customer, _, _) = bench.new_chat("hello").await;
    let of_sales = json!({ "chat": { "access": { "group_ids": [1] } } });
    let sales = bench.agent(&As::Agent, "start_chat", of_sales).await.ok();
    let (general, both) = (bench.new_bot(&[0]).await, bench.new_bot(&[0, 1]).await);
    for (bot, expected) in [(&general, 1), (&both, 2)] {
        let page = bench.agent(&bot.token, "list_archives", json!({})).await.ok();
        assert_eq!(page["found_chats"], expected, "{page}");
    }
    assert_eq!(listed(&bench, json!({ "group_ids": [1] })).await.len(), 1);
    assert!(sales["thread_id"].is_string());
    for nobody in [As::Nobody, customer] {
        let reply = bench.agent(&nobody, "list_archives", json!({})).await;
        assert_eq!(reply.refusal(), (401, "authentication"));
    }
}
