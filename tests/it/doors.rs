//! The webhook door's answers, and what comes through it twice, late, out of order or broken.

use super::bench::{Bench, KEY, REPLY, Setup};
use chimein::sandbox::{Fault, WebhookEffect};
use serde_json::{Value, json};
use std::time::Duration;

const CUSTOMER: &str = "b7eff798-f8df-4364-8059-649c35c9ed0c";

fn answer(status: u16, word: &str) -> (u16, String) {
    (status, word.to_owned())
}

#[tokio::test]
async fn each_kind_of_body_gets_its_answer() {
    let bench = Bench::start().await;
    let good = bench.message(CUSTOMER, "C", "T_1", "hello");
    let with = |pointer: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(pointer).expect("a place") = value;
        body
    };
    for (body, expected) in [
        (good.clone(), answer(200, "silent")),
        (with("/action", json!("an_action_of_next_year")), answer(200, "ignored")),
        (with("/payload", json!([1, 2, 3])), answer(200, "ignored")),
        (with("/payload/event", json!("text")), answer(200, "ignored")),
        (with("/payload/event/text", json!(null)), answer(200, "silent")),
        (with("/organization_id", json!("another")), answer(200, "ignored")),
        (with("/secret_key", json!("wrong")), answer(401, "wrong_secret")),
        (with("/secret_key", json!(null)), answer(401, "wrong_secret")),
        (with("/secret_key", json!(format!("{KEY} "))), answer(401, "wrong_secret")),
        (with("/action", json!(null)), answer(400, "not_a_webhook")),
        (json!({}), answer(400, "not_a_webhook")),
        (json!([]), answer(400, "not_a_webhook")),
    ] {
        assert_eq!(bench.knock(&body).await, expected, "{body}");
    }
    bench.finish().await;
}

#[tokio::test]
async fn broken_huge_and_deep_bodies_are_refused_and_harm_nobody() {
    let mut bench = Bench::start().await;
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_payload =
        json!({ "secret_key": KEY, "action": "incoming_event", "organization_id": "o" }).to_string();
    let deep_payload =
        deep_payload.replace('}', &format!(",\"payload\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000)));
    let nul = bench.message(CUSTOMER, "C", "T_1", "hello").to_string().replace("hello", "nu\u{0}l");
    for (body, expected) in [
        (b"".to_vec(), answer(400, "not_a_webhook")),
        (b"{\"secret_key\":".to_vec(), answer(400, "not_a_webhook")),
        (b"{\"action\":\"\xff\xfe\",\"payload\":{}}".to_vec(), answer(400, "not_a_webhook")),
        (nul.into_bytes(), answer(400, "not_a_webhook")),
        (deep.into_bytes(), answer(400, "not_a_webhook")),
        (deep_payload.into_bytes(), answer(200, "ignored")),
        (vec![b' '; (1 << 20) + 1], answer(413, "too_large")),
        (vec![b'['; 10 << 20], answer(413, "too_large")),
    ] {
        let length = body.len();
        assert_eq!(bench.knock_with(body, "application/json").await, expected, "{length} bytes");
    }
    let chat = bench.says("still there? pizza!").await;
    bench.ended(&chat, 1).await;
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn methods_paths_and_content_types_are_told_apart() {
    let bench = Bench::start().await;
    let body = bench.message(CUSTOMER, "C", "T_1", "hello").to_string();
    for (content_type, expected) in [
        ("application/json; charset=utf-8", answer(200, "silent")),
        ("APPLICATION/JSON", answer(200, "silent")),
        ("text/plain", answer(415, "not_json")),
        ("application/x-www-form-urlencoded", answer(415, "not_json")),
    ] {
        assert_eq!(bench.knock_with(body.clone(), content_type).await, expected, "{content_type}");
    }
    let get = bench.http().get(bench.door()).send().await.unwrap();
    assert_eq!(get.status(), 405);
    for (path, status) in [("/", 404), ("/metrics", 404), ("/health/live", 200), ("/health/ready", 200)] {
        let response = bench.http().get(format!("{}{path}", bench.public())).send().await.unwrap();
        assert_eq!(response.status(), status, "{path}");
    }
    bench.finish().await;
}

#[tokio::test]
async fn the_previous_key_is_accepted_beside_the_current_one() {
    let bench = Bench::with(Setup::default().setting("WEBHOOKS__PREVIOUS_SECRET_KEY", "the-old-one")).await;
    let mut body = bench.message(CUSTOMER, "C", "T_1", "hello");
    for (key, expected) in [
        (KEY, answer(200, "silent")),
        ("the-old-one", answer(200, "silent")),
        ("older", answer(401, "wrong_secret")),
    ] {
        body["secret_key"] = json!(key);
        assert_eq!(bench.knock(&body).await, expected);
    }
    bench.finish().await;
}

#[tokio::test]
async fn replies_once_when_the_webhook_comes_many_times() {
    let mut bench = Bench::start().await;
    bench.sandbox.faults().add(Fault::webhook("incoming_chat", WebhookEffect::Duplicate(10)));
    let chat = bench.says("pizza").await;
    bench.ended(&chat, 1).await;
    bench.delivered("incoming_chat", 11).await;
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn replies_once_when_a_message_comes_through_both_webhooks() {
    let mut setup = Setup::default();
    setup.options.switches.initial_events_twice = true;
    let mut bench = Bench::with(setup).await;
    let chat = bench.says("pizza").await;
    bench.ended(&chat, 1).await;
    bench.delivered("incoming_chat", 1).await;
    bench.delivered("incoming_event", 1).await;
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn replies_once_to_each_when_webhooks_come_late_and_out_of_order() {
    let mut bench = Bench::start().await;
    let mut customer = bench.customer().await;
    customer.starts(json!([])).await;
    let chat = customer.chat.clone();
    let faults = bench.sandbox.faults();
    faults.add(Fault::webhook("incoming_event", WebhookEffect::Reorder));
    for words in ["first pizza", "second pizza", "third, no food"] {
        bench.writes(&customer, words).await;
    }
    bench
        .sandbox
        .faults()
        .add(Fault::webhook("incoming_event", WebhookEffect::Delay(Duration::from_millis(300))));
    bench.writes(&customer, "fourth pizza").await;
    bench.ended(&chat, 3).await;
    (0..3).for_each(|_| bench.expect(&chat, REPLY));
    bench.finish().await;
}

#[tokio::test]
async fn an_old_message_gets_silence() {
    let bench = Bench::with(Setup::default().setting("SWEEP__MAX_AGE", "5m")).await;
    let mut body = bench.message(CUSTOMER, "C", "T_1", "pizza");
    body["payload"]["event"]["created_at"] = json!("2019-12-09T12:01:18.909000Z");
    assert_eq!(bench.knock(&body).await, answer(200, "silent"));
    bench.finish().await;
}

#[tokio::test]
async fn odd_deliveries_are_survived() {
    let mut bench = Bench::start().await;
    for effect in [WebhookEffect::UnknownFields, WebhookEffect::NoAdditionalData] {
        bench.sandbox.faults().add(Fault::webhook("incoming_chat", effect));
        let chat = bench.says("pizza").await;
        bench.ended(&chat, 1).await;
        bench.expect(&chat, REPLY);
    }
    bench.sandbox.faults().add(Fault::webhook("incoming_chat", WebhookEffect::UnknownAction));
    bench.says("pizza").await;
    bench.delivered("incoming_chat", 3).await;
    bench.sandbox.faults().add(Fault::webhook("incoming_chat", WebhookEffect::WrongSecret));
    bench.says("pizza").await;
    bench.logged("a webhook with a wrong secret").await;
    bench.finish().await;
}

#[tokio::test]
async fn greetings_and_messages_of_unknown_people_are_looked_at_twice() {
    let mut bench = Bench::start().await;
    let mut greeting = bench.message(CUSTOMER, "C", "T_1", "pizza");
    greeting["payload"]["event"]["properties"] = json!({ "lc2": { "welcome_message": true } });
    assert_eq!(bench.knock(&greeting).await, answer(200, "silent"));
    // An id of no known shape: the chat is asked, and knows no such customer.
    let mut customer = bench.customer().await;
    customer.starts(json!([])).await;
    let chat = customer.chat.clone();
    assert_eq!(bench.knock(&bench.message("nobody", &chat, "X_1", "pizza")).await, answer(200, "accepted"));
    assert_eq!(bench.ended(&chat, 1).await.text("outcome"), "not_by_customer");
    bench.finish().await;
}

#[tokio::test]
async fn slow_and_silent_connections_are_closed() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let setup = Setup::default()
        .setting("SERVER__HEADER_TIMEOUT", "300ms")
        .setting("SERVER__REQUEST_TIMEOUT", "300ms");
    let mut bench = Bench::with(setup).await;
    let address = bench.public().replace("http://", "");
    let half_body = "POST /webhooks/livechat HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{";
    for sent in ["", "POST /webhooks", half_body] {
        let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
        stream.write_all(sent.as_bytes()).await.unwrap();
        let mut answer = String::new();
        // Ends only when the other side closes.
        stream.read_to_string(&mut answer).await.unwrap();
        assert_eq!(answer, "", "{sent:?}");
    }
    let chat = bench.says("pizza").await;
    bench.ended(&chat, 1).await;
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn a_text_is_searched_up_to_max_text_and_silence_beyond_it_is_counted() {
    let mut bench = Bench::with(Setup::default().setting("RULES__MAX_TEXT", "20B")).await;
    let near = bench.says("one more letter pizza").await;
    let chat = bench.says("eleven more, pizza, and whatever else there is to say").await;
    bench.ended(&chat, 1).await;
    bench.delivered("incoming_chat", 2).await;
    let too_long = "chimein_decisions_total{rule=\"\",outcome=\"too_long\"}";
    assert_eq!(bench.numbers().await.of(too_long), Some(1.0), "the word that began in {near} is cut");
    let (code, told) = bench.runs(&["explain", "one more letter pizza"]).await;
    assert!(code == 1 && told.contains("rules.max_text"), "{told}");
    bench.expect(&chat, REPLY);
    bench.finish().await;
}
