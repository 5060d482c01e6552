//! Deliveries: gates, filters, additional data, repetitions.
use super::bench::{As, Bench, Receiver, joining, leaving, message, soon, whisper};
use chimein::sandbox::{Delivery, Options, Outcome};
use serde_json::{Value, json};
use std::time::Duration;

/// What a receiver of `incoming_event` hears of the talk: at least `count` deliveries, and none is left out.
async fn heard_with(bench: &Bench, more: Value, count: usize) -> Vec<Value> {
    let (receiver, end) = (Receiver::start().await, Receiver::start().await);
    bench.register(&receiver, "incoming_event", more).await;
    bench.register(&end, "thread_tagged", json!({"type": "license"})).await;
    talk(bench).await;
    // The tag is told in the order of the chat: after it nothing of the talk is to come.
    end.heard(1).await;
    receiver.heard(count).await
}

/// A customer, the agent and a bot say one thing each; the bot's coming and going are told by the platform.
async fn talk(bench: &Bench) {
    let bot = bench.new_bot(&[0]).await;
    let (customer, chat_id, thread_id) = bench.new_chat("hello").await;
    bench.customer(&customer, "send_event", message(&chat_id, "by the customer")).await.ok();
    bench.agent(&As::Agent, "send_event", message(&chat_id, "by the agent")).await.ok();
    bench.agent(&As::Pat, "send_event", message(&chat_id, "by a personal token")).await.ok();
    bench.agent(&bot.token, "add_user_to_chat", joining(&chat_id, &bot.id)).await.ok();
    bench.agent(&bot.token, "send_event", whisper(&chat_id)).await.ok();
    bench.agent(&bot.token, "remove_user_from_chat", leaving(&chat_id, &bot.id)).await.ok();
    let tag = json!({"chat_id": chat_id, "thread_id": thread_id, "tag": "sales"});
    bench.agent(&As::Agent, "tag_thread", tag).await.ok();
}

fn said(heard: &[Value]) -> Vec<&str> {
    heard.iter().map(|delivery| delivery["payload"]["event"]["text"].as_str().unwrap()).collect()
}

const CUSTOMER: &str = "by the customer";
const AGENT: &str = "by the agent";
const PAT: &str = "by a personal token";
const JOINED: &str = "Pizza Bot joined the chat";
const WHISPER: &str = "Pizza is on the way!";
const LEFT: &str = "Pizza Bot left the chat";

#[tokio::test]
async fn filters_let_through_what_they_say() {
    let rows: [(Value, &[&str]); 10] = [
        (json!({}), &[CUSTOMER, AGENT, PAT, JOINED, WHISPER, LEFT]),
        (json!({"author_type": "customer"}), &[CUSTOMER]),
        (json!({"author_type": "agent"}), &[AGENT, PAT, WHISPER]),
        (json!({"source_type": ["my_client"]}), &[JOINED, WHISPER, LEFT]),
        (json!({"source_type": ["other_clients"]}), &[CUSTOMER, AGENT]),
        (json!({"source_type": ["other_clients", "system"]}), &[CUSTOMER, AGENT, PAT]),
        (json!({"only_my_chats": true}), &[]),
        (json!({"chat_presence": {"my_bots": true}}), &[JOINED, WHISPER]),
        (
            json!({"chat_presence": {"user_ids": {"values": ["agnes@example.com"]}}, "author_type": "customer"}),
            &[CUSTOMER],
        ),
        (json!({"chat_presence": {"user_ids": {"exclude_values": ["agnes@example.com"]}}}), &[]),
    ];
    for (filters, expected) in rows {
        let bench = Bench::start().await;
        let heard = heard_with(&bench, json!({"filters": filters}), expected.len()).await;
        assert_eq!(said(&heard), expected, "{filters}");
    }
}

#[tokio::test]
async fn additional_data_comes_as_it_was_registered() {
    let bench = Bench::start().await;
    let all = json!({"additional_data": ["chat_properties", "chat_presence_user_ids"]});
    let heard = heard_with(&bench, all, 6).await;
    let data = &heard[0]["additional_data"];
    let users = data["chat_presence_user_ids"].as_array().unwrap();
    assert_eq!(users.len(), 2);
    assert!(users.contains(&json!("agnes@example.com")));
    assert_eq!(data["chat_properties"]["routing"]["continuous"], json!(false));
    let whispered =
        heard.iter().find(|delivery| delivery["payload"]["event"]["text"] == json!(WHISPER)).unwrap();
    assert_eq!(whispered["additional_data"]["chat_presence_user_ids"].as_array().unwrap().len(), 3);
    let bench = Bench::start().await;
    let heard = heard_with(&bench, json!({}), 6).await;
    assert_eq!(heard[0]["additional_data"], json!({}));
}

#[tokio::test]
async fn a_bot_webhook_is_silent_while_every_bot_is_offline() {
    let bench = Bench::start().await;
    let bot = bench.new_bot(&[0]).await;
    let receiver = Receiver::start().await;
    bench.register(&receiver, "incoming_event", json!({})).await;
    let (customer, chat_id, _) = bench.new_chat("hello").await;
    for (status, text) in
        [("offline", "unheard"), ("not_accepting_chats", "heard"), ("accepting_chats", "too")]
    {
        let set = json!({"agent_id": bot.id, "status": status});
        bench.agent(&As::Pat, "set_routing_status", set).await.ok();
        bench.customer(&customer, "send_event", message(&chat_id, text)).await.ok();
    }
    assert_eq!(said(&receiver.heard(2).await), ["heard", "too"]);
    let gated = bench
        .sandbox
        .journal()
        .entries()
        .iter()
        .filter_map(|entry| entry.delivery().cloned())
        .find(|delivery| delivery.outcome == Outcome::Gated);
    assert_eq!(gated.unwrap().attempt, 0);
}

#[tokio::test]
async fn a_license_webhook_is_silent_while_it_is_switched_off() {
    let bench = Bench::start().await;
    let receiver = Receiver::start().await;
    bench.register(&receiver, "incoming_event", json!({"type": "license"})).await;
    let (customer, chat_id, _) = bench.new_chat("hello").await;
    let owner = json!({"owner_client_id": bench.at().client_id});
    bench.configure("disable_license_webhooks", owner.clone()).await.ok();
    let state = bench.configure("get_license_webhooks_state", owner.clone()).await.ok();
    assert_eq!(state, json!({"license_webhooks_enabled": false}));
    bench.customer(&customer, "send_event", message(&chat_id, "unheard")).await.ok();
    bench.configure("enable_license_webhooks", owner).await.ok();
    bench.customer(&customer, "send_event", message(&chat_id, "heard")).await.ok();
    assert_eq!(said(&receiver.heard(1).await), ["heard"]);
}

fn tries(bench: &Bench) -> Vec<(u32, Outcome)> {
    let entries = bench.sandbox.journal().entries();
    entries
        .iter()
        .filter_map(|entry| entry.delivery())
        .map(|delivery| (delivery.attempt, delivery.outcome))
        .collect()
}

async fn tried(bench: &Bench, count: usize) -> Vec<(u32, Outcome)> {
    let done = |delivery: &&Delivery| delivery.outcome != Outcome::Pending;
    let journal = bench.sandbox.journal();
    let enough = |entries: &[chimein::sandbox::Entry]| {
        (entries.iter().filter_map(|entry| entry.delivery()).filter(done).count() >= count).then_some(())
    };
    soon(journal.wait_for(enough)).await;
    tries(bench)
}

async fn impatient(timeout: u64, retries: &[u64]) -> Bench {
    Bench::with(Options {
        webhook_timeout: Duration::from_millis(timeout),
        webhook_retries: retries.iter().copied().map(Duration::from_millis).collect(),
        ..Options::default()
    })
    .await
}

#[tokio::test]
async fn what_is_not_answered_with_200_is_tried_again_and_every_try_is_noted() {
    let bench = impatient(10_000, &[10, 10, 10]).await;
    bench.new_bot(&[0]).await;
    let receiver = Receiver::start().await;
    receiver.answer_with(&[500, 202, 404, 503]);
    bench.register(&receiver, "incoming_chat", json!({})).await;
    bench.new_chat("hello").await;
    let expected =
        [(1, 500), (2, 202), (3, 404), (4, 503)].map(|(attempt, status)| (attempt, Outcome::Status(status)));
    assert_eq!(tried(&bench, 4).await, expected);
    let heard = receiver.so_far();
    assert!(heard.windows(2).all(|pair| pair[0] == pair[1]), "a repetition is the same delivery");
}

#[tokio::test]
async fn a_receiver_that_hangs_or_is_not_there_is_tried_again() {
    let bench = impatient(100, &[10]).await;
    bench.new_bot(&[0]).await;
    let deaf = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", deaf.local_addr().unwrap());
    let receiver = Receiver::start().await;
    bench.register(&receiver, "incoming_chat", json!({ "url": url })).await;
    bench.new_chat("hello").await;
    assert_eq!(tried(&bench, 2).await, [(1, Outcome::Timeout), (2, Outcome::Timeout)]);
    drop(deaf);
    bench.new_chat("hello").await;
    assert_eq!(tried(&bench, 4).await[2..], [(1, Outcome::Refused), (2, Outcome::Refused)]);
}

#[tokio::test]
async fn a_receiver_that_hangs_does_not_stop_the_others() {
    let bench = impatient(600_000, &[]).await;
    bench.new_bot(&[0]).await;
    let deaf = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", deaf.local_addr().unwrap());
    let receiver = Receiver::start().await;
    bench.register(&receiver, "incoming_event", json!({ "url": url })).await;
    bench.register(&receiver, "incoming_event", json!({})).await;
    let (customer, chat_id, _) = bench.new_chat("hello").await;
    for text in ["one", "two", "three"] {
        bench.customer(&customer, "send_event", message(&chat_id, text)).await.ok();
    }
    assert_eq!(said(&receiver.heard(3).await), ["one", "two", "three"]);
}

#[tokio::test]
async fn nothing_leaves_this_machine() {
    let bench = Bench::start().await;
    bench.new_bot(&[0]).await;
    let receiver = Receiver::start().await;
    bench.register(&receiver, "incoming_chat", json!({"url": "http://192.0.2.1/hook"})).await;
    bench.new_chat("hello").await;
    assert_eq!(tried(&bench, 1).await, [(0, Outcome::NotLoopback)]);
}

#[tokio::test]
async fn a_configuration_webhook_names_the_requester() {
    let bench = Bench::start().await;
    let receiver = Receiver::start().await;
    bench.register(&receiver, "bot_created", json!({"type": "license"})).await;
    bench.register(&receiver, "routing_status_set", json!({"type": "license"})).await;
    let bot = bench.new_bot(&[0]).await;
    let heard = receiver.heard(2).await;
    let created = heard.iter().find(|delivery| delivery["action"] == json!("bot_created")).unwrap();
    let expected =
        json!({"user_id": "agnes@example.com", "account_id": bench.at().account_id, "client_id": ""});
    assert_eq!((&created["requester"], &created["payload"]["id"]), (&expected, &json!(bot.id)));
    let status = heard.iter().find(|delivery| delivery["action"] == json!("routing_status_set")).unwrap();
    assert_eq!(status["payload"], json!({"agent_id": bot.id, "status": "not accepting chats"}));
}
