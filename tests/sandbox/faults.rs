//! What goes wrong on request: with calls and with deliveries, from inside the process and over HTTP.
use super::bench::{As, Bench, Receiver, joining, message, soon, text, whisper};
use chimein::sandbox::{CallEffect, CallState, Face, Fault, Outcome, WebhookEffect};
use serde_json::{Value, json};
use std::time::Duration;

fn too_many(retry_after: Option<u32>) -> CallEffect {
    CallEffect::Status { code: 429, kind: Some("too_many_requests".to_owned()), retry_after }
}

/// A chat with a bot inside, ready to whisper.
async fn inside(bench: &Bench) -> (As, String) {
    let bot = bench.new_bot(&[0]).await;
    let (_, chat_id, _) = bench.new_chat("hello").await;
    bench.agent(&bot.token, "add_user_to_chat", joining(&chat_id, &bot.id)).await.ok();
    (bot.token, chat_id)
}

async fn texts(bench: &Bench, chat_id: &str) -> usize {
    let chat = bench.chat(chat_id).await;
    chat["thread"]["events"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["custom_id"] == json!("kw-1"))
        .count()
}

#[tokio::test]
async fn a_status_is_played_as_often_as_asked_and_nothing_happens() {
    let bench = Bench::start().await;
    let (bot, chat_id) = inside(&bench).await;
    bench.sandbox.faults().add(Fault::call("send_event", too_many(Some(3))).times(2));
    for _ in 0..2 {
        let reply = bench.agent(&bot, "send_event", whisper(&chat_id)).await;
        assert_eq!(reply.refusal(), (429, "too_many_requests"));
        assert_eq!(reply.headers["retry-after"], "3");
        assert_eq!(reply.body["error"]["message"], json!("Too many requests"));
    }
    assert_eq!(texts(&bench, &chat_id).await, 0);
    bench.agent(&bot, "send_event", whisper(&chat_id)).await.ok();
    assert_eq!(texts(&bench, &chat_id).await, 1);
}

#[tokio::test]
async fn a_gateways_page_comes_without_json() {
    let bench = Bench::start().await;
    let effect = CallEffect::Status { code: 502, kind: None, retry_after: None };
    bench.sandbox.faults().add(Fault::call("*", effect).always());
    let reply = bench.agent(&As::Agent, "list_chats", json!({})).await;
    assert_eq!((reply.status, reply.body), (502, Value::Null));
    assert_eq!(reply.headers["content-type"], "text/html");
}

#[tokio::test]
async fn a_lost_answer_has_its_effect_and_a_reset_before_has_none() {
    let bench = Bench::start().await;
    let (bot, chat_id) = inside(&bench).await;
    for (effect, happened) in [(CallEffect::ResetBefore, 0), (CallEffect::ResetAfter, 1)] {
        bench.sandbox.faults().add(Fault::call("send_event", effect));
        let sent = bench.send(&bot, "/v3.6/agent/action/send_event", &whisper(&chat_id)).await;
        assert!(sent.is_err());
        assert_eq!(texts(&bench, &chat_id).await, happened);
    }
    let calls = bench.sandbox.journal().entries();
    let resets = calls.iter().filter_map(|entry| entry.call()).filter(|call| call.state == CallState::Reset);
    assert_eq!(resets.map(|call| call.fault.unwrap()).collect::<Vec<_>>(), ["reset_before", "reset_after"]);
}

#[tokio::test]
async fn a_reset_is_a_reset_and_not_an_end() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let bench = Bench::start().await;
    bench.sandbox.faults().add(Fault::call("list_chats", CallEffect::ResetBefore));
    let host = bench.at().api_url.trim_start_matches("http://").to_owned();
    let mut tcp = tokio::net::TcpStream::connect(&host).await.unwrap();
    let request = format!(
        "POST /v3.6/agent/action/list_chats HTTP/1.1\r\nHost: {host}\r\nContent-Length: 2\r\n\r\n{{}}"
    );
    tcp.write_all(request.as_bytes()).await.unwrap();
    let error = tcp.read(&mut [0; 16]).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_call_that_hangs_is_in_the_journal_when_it_arrives_and_abandoned_when_the_caller_goes() {
    let bench = Bench::start().await;
    let (bot, chat_id) = inside(&bench).await;
    for (effect, happened) in [(CallEffect::HangBefore, 0), (CallEffect::HangAfter, 1)] {
        let name = if happened == 0 { "hang_before" } else { "hang_after" };
        bench.sandbox.faults().add(Fault::call("send_event", effect));
        let body = whisper(&chat_id);
        let call = bench.send(&bot, "/v3.6/agent/action/send_event", &body);
        let arrived = bench.sandbox.journal().wait_for(|entries| {
            let hanging =
                |call: &&chimein::sandbox::Call| call.fault == Some(name) && call.state == CallState::Pending;
            entries.iter().filter_map(|entry| entry.call()).find(hanging).cloned()
        });
        let arrived = tokio::select! {
            _ = call => panic!("it has to hang"),
            arrived = soon(arrived) => arrived,
        };
        assert_eq!((arrived.face, arrived.chat_id.as_ref()), (Face::Agent, Some(&chat_id)));
        let gone =
            |call: &chimein::sandbox::Call| call.fault == Some(name) && call.state == CallState::Abandoned;
        let any_gone = |entries: &[chimein::sandbox::Entry]| {
            entries.iter().filter_map(|entry| entry.call()).any(gone).then_some(())
        };
        soon(bench.sandbox.journal().wait_for(any_gone)).await;
        assert_eq!(texts(&bench, &chat_id).await, happened);
    }
}

#[tokio::test]
async fn an_unreadable_200_has_its_effect() {
    let bench = Bench::start().await;
    let (bot, chat_id) = inside(&bench).await;
    for (number, effect) in [CallEffect::Truncated, CallEffect::Html].into_iter().enumerate() {
        bench.sandbox.faults().add(Fault::call("send_event", effect));
        let reply = bench.agent(&bot, "send_event", whisper(&chat_id)).await;
        assert_eq!((reply.status, reply.body), (200, Value::Null));
        assert_eq!(texts(&bench, &chat_id).await, number + 1);
    }
}

#[tokio::test]
async fn a_misdirected_request_passes_with_the_right_region() {
    let bench = Bench::start().await;
    let effect = CallEffect::Misdirected { region: "fra".to_owned() };
    bench.sandbox.faults().add(Fault::call("list_chats", effect).always());
    let reply = bench.agent(&As::Agent, "list_chats", json!({})).await;
    assert_eq!(reply.status, 421);
    let documented = super::fixtures::read("errors/misdirected_request.json");
    assert_eq!(reply.body["error"]["type"], documented["error"]["type"]);
    assert_eq!(reply.body["error"]["data"], json!({"region": "fra"}));
    let url = format!("{}/v3.6/agent/action/list_chats", bench.at().api_url);
    let request =
        bench.http.post(url).bearer_auth(&bench.at().agent_token).header("X-Region", "fra").json(&json!({}));
    assert_eq!(request.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_revoked_token_stays_revoked_until_there_is_a_new_one() {
    let bench = Bench::start().await;
    let bot = bench.new_bot(&[0]).await;
    bench.sandbox.faults().add(Fault::call("list_chats", CallEffect::RevokedToken));
    for action in ["list_chats", "list_chats", "get_chat"] {
        let reply = bench.agent(&bot.token, action, json!({"chat_id": "x"})).await;
        assert_eq!(reply.refusal(), (401, "authentication"), "{action}");
    }
    let token = bench.bot_token(&bot.id, &bot.secret).await;
    bench.agent(&token, "list_chats", json!({})).await.ok();
}

/// A receiver of the messages of a chat, and the customer who writes them.
async fn listening(bench: &Bench) -> (Receiver, As, String) {
    bench.new_bot(&[0]).await;
    let receiver = Receiver::start().await;
    bench.register(&receiver, "incoming_event", json!({})).await;
    let (customer, chat_id, _) = bench.new_chat("hello").await;
    (receiver, customer, chat_id)
}

fn said(heard: &[Value]) -> Vec<&str> {
    heard.iter().map(|delivery| delivery["payload"]["event"]["text"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn deliveries_are_doubled_delayed_and_reordered() {
    let bench = Bench::start().await;
    let (receiver, customer, chat_id) = listening(&bench).await;
    let say = |text: &'static str| bench.customer(&customer, "send_event", message(&chat_id, text));
    bench.sandbox.faults().add(Fault::webhook("incoming_event", WebhookEffect::Duplicate(2)));
    say("thrice").await.ok();
    assert_eq!(said(&receiver.heard(3).await), ["thrice"; 3]);
    bench.sandbox.faults().add(Fault::webhook("incoming_event", WebhookEffect::Reorder));
    say("second").await.ok();
    say("first").await.ok();
    assert_eq!(said(&receiver.heard(5).await)[3..], ["first", "second"]);
    let delay = WebhookEffect::Delay(Duration::from_secs(1));
    bench.sandbox.faults().add(Fault::webhook("incoming_event", delay));
    say("late").await.ok();
    say("early").await.ok();
    assert_eq!(said(&receiver.heard(7).await)[5..], ["early", "late"]);
}

#[tokio::test]
async fn a_held_delivery_comes_even_when_nothing_follows() {
    let bench = Bench::start().await;
    let (receiver, customer, chat_id) = listening(&bench).await;
    bench.sandbox.faults().add(Fault::webhook("incoming_event", WebhookEffect::Reorder));
    bench.customer(&customer, "send_event", message(&chat_id, "alone")).await.ok();
    assert_eq!(said(&receiver.heard(1).await), ["alone"]);
}

#[tokio::test]
async fn deliveries_are_dropped_and_spoilt() {
    let bench = Bench::start().await;
    let (receiver, customer, chat_id) = listening(&bench).await;
    let effects = [
        WebhookEffect::Drop,
        WebhookEffect::WrongSecret,
        WebhookEffect::UnknownFields,
        WebhookEffect::UnknownAction,
        WebhookEffect::NoAdditionalData,
    ];
    for effect in effects {
        bench.sandbox.faults().add(Fault::webhook("incoming_event", effect));
        bench.customer(&customer, "send_event", message(&chat_id, "x")).await.ok();
    }
    let heard = receiver.heard(4).await;
    assert_ne!(heard[0]["secret_key"], json!("a secret key"));
    assert_eq!(heard[1]["payload"]["mood"], json!("hungry"));
    assert_eq!(heard[2]["action"], json!("pizza_delivered"));
    assert_eq!(heard[3].get("additional_data"), None);
    let outcomes: Vec<_> =
        bench.sandbox.journal().entries().iter().filter_map(|entry| entry.delivery().cloned()).collect();
    assert_eq!((outcomes[0].outcome, outcomes[0].fault), (Outcome::Dropped, Some("drop")));
}

#[tokio::test]
async fn faults_journal_and_reset_are_reached_over_http() {
    let bench = Bench::start().await;
    let (bot, chat_id) = inside(&bench).await;
    let at = bench.at().api_url.clone();
    let faults = format!("{at}/sandbox/faults");
    let add = |fault: Value| bench.http.post(&faults).json(&fault).send();
    let fault = json!({"call": {"action": "send_event", "face": "agent", "times": "always",
        "effect": {"status": {"code": 503, "type": "service_unavailable"}}}});
    assert_eq!(add(fault.clone()).await.unwrap().status(), 200);
    let delay = json!({"webhook": {"action": "incoming_event", "times": 2, "effect": {"delay": 250}}});
    assert_eq!(add(delay).await.unwrap().status(), 200);
    for wrong in
        [json!({"call": {"action": "x"}}), json!({"call": {"action": "x", "effect": "explode"}}), json!(7)]
    {
        assert_eq!(add(wrong).await.unwrap().status(), 400);
    }
    let listed: Value = bench.http.get(&faults).send().await.unwrap().json().await.unwrap();
    assert_eq!(
        listed[0]["fault"]["call"]["effect"],
        fault["call"]["effect"]
            .as_object()
            .map(|effect| {
                let mut effect = effect.clone();
                effect["status"]["retry_after"] = Value::Null;
                json!(effect)
            })
            .unwrap()
    );
    assert_eq!(
        bench.agent(&bot, "send_event", whisper(&chat_id)).await.refusal(),
        (503, "service_unavailable")
    );
    assert_eq!(bench.http.delete(&faults).send().await.unwrap().status(), 200);
    bench.agent(&bot, "send_event", whisper(&chat_id)).await.ok();

    let journal = |after: u64| {
        let request = bench.http.get(format!("{at}/sandbox/journal?after={after}"));
        async move { request.send().await.unwrap().json::<Value>().await.unwrap() }
    };
    let entries = journal(0).await;
    let last = entries.as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["call"]["action"], json!("send_event"));
    assert_eq!(last["call"]["state"], json!("answered"));
    assert_eq!(last["call"]["request"]["chat_id"], json!(chat_id));
    let text_of = entries.to_string();
    assert!(text_of.contains("\"bot_secret\":\"***\""), "secrets are masked");
    assert_eq!(journal(last["seq"].as_u64().unwrap() - 1).await.as_array().unwrap().len(), 1);

    assert_eq!(bench.http.post(format!("{at}/sandbox/reset")).send().await.unwrap().status(), 200);
    assert_eq!(journal(0).await, json!([]));
    assert_eq!(bench.agent(&bot, "list_chats", json!({})).await.status, 401);
    let chats = bench.agent(&As::Agent, "list_chats", json!({})).await.ok();
    assert_eq!((&chats["chats_summary"], &chats["found_chats"]), (&json!([]), &json!(0)));
    assert!(journal(0).await[0]["seq"].as_u64().unwrap() > last["seq"].as_u64().unwrap());
}

#[tokio::test]
async fn the_journal_streams_entries_as_they_are_written_and_completed() {
    let bench = Bench::start().await;
    let url = format!("{}/sandbox/journal/stream", bench.at().api_url);
    let mut stream = bench.http.get(url).send().await.unwrap();
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let (_, chat_id, _) = bench.new_chat("hello").await;
    let mut seen = String::new();
    while !(seen.contains("\"start_chat\"") && seen.contains("\"answered\"")) {
        seen.push_str(&String::from_utf8_lossy(&stream.chunk().await.unwrap().unwrap()));
    }
    let line = seen.lines().rfind(|line| line.starts_with("data: ")).unwrap();
    let entry: Value = serde_json::from_str(line.trim_start_matches("data: ")).unwrap();
    assert!(entry["seq"].is_u64() && entry["time"].is_string());
    assert!(!text(&bench.chat(&chat_id).await, "/id").is_empty());
}
