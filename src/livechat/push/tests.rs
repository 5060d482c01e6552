//! What is heard in a push, row by row, and that nothing makes the parser fall over.

use super::*;
use serde_json::{Value, json};

const CUSTOMER: &str = "b7eff798-f8df-4364-8059-649c35c9ed0c";
const BOT: &str = "5c9871d5372c824cbf22d860a707a578";

fn event(event: &Value) -> String {
    json!({
        "webhook_id": "w", "secret_key": "s", "action": "incoming_event", "organization_id": "o",
        "payload": { "chat_id": "C", "thread_id": "T", "event": event },
        "additional_data": { "chat_presence_user_ids": [CUSTOMER, "smith@example.com"] },
    })
    .to_string()
}

fn message(text: &str) -> Value {
    json!({ "id": "T_1", "type": "message", "author_id": CUSTOMER, "text": text, "visibility": "all",
            "created_at": "2026-11-22T10:00:00.000001+01:00" })
}

fn heard(body: &str) -> Heard<'_> {
    Push::from_webhook(body.as_bytes(), |secret| secret == "s").unwrap().heard().unwrap()
}

fn texts(body: &str) -> Vec<String> {
    heard(body).messages.into_iter().flat_map(|message| message.texts).map(String::from).collect()
}

#[test]
fn a_message_is_heard_with_its_place_and_author() {
    let body = event(&message("Can I order a \"pizza\"?"));
    let heard = heard(&body);
    assert_eq!(heard.was_present("smith@example.com"), Some(true));
    assert_eq!(heard.was_present(BOT), Some(false));
    let [message] = &heard.messages[..] else { panic!("one message") };
    assert_eq!((&*message.chat, &*message.thread, &*message.event), ("C", "T", "T_1"));
    assert_eq!(message.texts, ["Can I order a \"pizza\"?"]);
    assert_eq!(message.author_kind, AuthorKind::Customer);
    assert_eq!(message.written_at().unwrap().to_string(), "2026-11-22T09:00:00.000001Z");
}

#[test]
fn events_that_nobody_wrote_are_no_messages() {
    for silent in [
        json!({ "id": "1", "type": "system_message", "text": "Agent joined" }),
        json!({ "id": "1", "type": "file", "author_id": CUSTOMER, "name": "pizza.png" }),
        json!({ "id": "1", "type": "message", "author_id": CUSTOMER, "deleted": true }),
        json!({ "id": "1", "type": "message", "text": "no author" }),
        json!({ "type": "message", "author_id": CUSTOMER, "text": "no id" }),
        json!({ "id": "1", "type": "a_type_of_next_year", "author_id": CUSTOMER, "text": "pizza" }),
    ] {
        assert!(texts(&event(&silent)).is_empty(), "{silent}");
    }
}

#[test]
fn every_answer_of_a_form_is_heard() {
    let form = json!({ "id": "1", "type": "filled_form", "author_id": CUSTOMER, "fields": [
        { "type": "name", "answer": "Ann" },
        { "type": "radio", "answer": { "id": 2, "label": "Pizza" } },
        { "type": "checkbox", "answers": [{ "id": "0", "label": "car" }, { "id": 1, "label": "it" }] },
        { "type": "email" },
    ]});
    assert_eq!(texts(&event(&form)), ["Ann", "Pizza", "car", "it"]);
}

#[test]
fn the_first_messages_of_a_chat_are_heard_and_users_tell_the_author() {
    let body = json!({
        "secret_key": "s", "action": "incoming_chat", "organization_id": "o",
        "payload": { "chat": { "id": "C",
            "users": [{ "id": "odd-id", "type": "customer", "present": true },
                      { "id": BOT, "type": "agent", "present": false }],
            "thread": { "id": "T", "events": [
                { "id": "T_1", "type": "message", "author_id": "odd-id", "text": "one" },
                { "id": "T_2", "type": "system_message", "text": "joined" },
                { "id": "T_3", "type": "message", "author_id": BOT, "text": "two" } ] } } },
    })
    .to_string();
    let heard = heard(&body);
    let kinds: Vec<_> = heard.messages.iter().map(|message| message.author_kind).collect();
    assert_eq!(kinds, [AuthorKind::Customer, AuthorKind::Bot]);
    assert_eq!((heard.was_present("odd-id"), heard.was_present(BOT)), (Some(true), Some(false)));
}

#[test]
fn bodies_that_are_no_webhooks_are_told_apart() {
    for body in [
        "",
        "null",
        "[]",
        "{}",
        "\"pizza\"",
        r#"{"action":"incoming_event"}"#,
        r#"{"payload":{}}"#,
        "{\"a\":",
    ] {
        assert_eq!(refusal(body.as_bytes()), Some(Refusal::NotAWebhook), "{body}");
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for body in [&b"{\"action\":\"\xff\",\"payload\":{}}"[..], deep.as_bytes()] {
        assert_eq!(refusal(body), Some(Refusal::NotAWebhook));
    }
}

fn refusal(body: &[u8]) -> Option<Refusal> {
    Push::from_webhook(body, |secret| secret == "s").err()
}

#[test]
fn a_payload_is_read_for_the_right_secret_only_wherever_the_secret_stands() {
    let payload =
        r#""payload":{"chat_id":"C","event":{"id":"T_1","type":"message","author_id":"a@b","text":"pizza"}}"#;
    let (secret, action) = (r#""secret_key":"s""#, r#""action":"incoming_event""#);
    for parts in [[secret, action, payload], [action, payload, secret], [payload, secret, action]] {
        let body = format!("{{{}}}", parts.join(","));
        assert_eq!(texts(&body), ["pizza"], "{body}");
        assert_eq!(refusal(body.replace("\"s\"", "\"w\"").as_bytes()), Some(Refusal::WrongSecret), "{body}");
        // What nobody may read cannot be complained of either; a trusted sender's is told apart from no JSON.
        let odd = body.replace(r#"{"id""#, r#"7, "x": {"id""#);
        let push = Push::from_webhook(odd.as_bytes(), |secret| secret == "s").unwrap();
        assert!(push.heard().is_err(), "{odd}");
        assert_eq!(refusal(odd.replace("\"s\"", "\"w\"").as_bytes()), Some(Refusal::WrongSecret), "{odd}");
        assert_eq!(refusal(format!("{body}x").as_bytes()), Some(Refusal::NotAWebhook), "{body}");
    }
}

#[test]
fn shapes_of_ids_tell_who_wrote() {
    for (id, kind) in [
        (CUSTOMER, AuthorKind::Customer),
        (BOT, AuthorKind::Bot),
        ("smith@example.com", AuthorKind::Agent),
        ("b7eff798-f8df-4364-8059-649c35c9ed0z", AuthorKind::Unknown),
        ("", AuthorKind::Unknown),
    ] {
        assert_eq!(author_by_shape(id), kind, "{id}");
    }
}

#[test]
fn each_field_removed_or_of_another_type_is_survived() {
    let whole: Value = serde_json::from_str(&event(&message("pizza"))).unwrap();
    for pointer in [
        "/secret_key",
        "/action",
        "/organization_id",
        "/payload",
        "/payload/chat_id",
        "/payload/event",
        "/payload/event/id",
        "/payload/event/type",
        "/payload/event/text",
        "/payload/event/author_id",
        "/payload/event/created_at",
        "/additional_data",
        "/additional_data/chat_presence_user_ids",
    ] {
        for odd in
            [Value::Null, json!(1e300), json!(true), json!([1, "a"]), json!({ "a": {} }), json!("\u{0}")]
        {
            let mut body = whole.clone();
            *body.pointer_mut(pointer).unwrap() = odd;
            let body = body.to_string();
            // Whatever comes out, nothing panics, and what comes out is usable.
            if let Ok(push) = Push::from_webhook(body.as_bytes(), |_| true)
                && let Ok(heard) = push.heard()
            {
                assert!(
                    heard
                        .messages
                        .iter()
                        .all(|message| !message.chat.is_empty() && !message.event.is_empty())
                );
            }
        }
    }
}
