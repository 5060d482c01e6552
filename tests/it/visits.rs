//! The visit, as people see it.

use super::bench::{Bench, PIZZA, REPLY, Setup, is_present, text};
use serde_json::json;

#[tokio::test]
async fn the_bot_joins_whispers_and_leaves() {
    let mut bench = Bench::start().await;
    let chat = bench.says("Hey! Where is my PIZZA?").await;
    let line = bench.ended(&chat, 1).await;
    assert_eq!((line.text("outcome"), line.text("rule.name"), line.number("attempts")), ("said", "lunch", 1));
    let seen = bench.chat(&chat).await;
    let events = seen["thread"]["events"].as_array().unwrap();
    let reply = events.iter().find(|event| event["text"] == REPLY).unwrap();
    assert_eq!((&reply["visibility"], &reply["author_id"]), (&json!("agents"), &json!(bench.bot_id)));
    assert!(text(reply, "/custom_id").starts_with("chimein-"));
    let calls = ["add_user_to_chat", "send_event", "remove_user_from_chat"].map(|action| bench.calls(action));
    assert_eq!(calls, [vec![Some(200)], vec![Some(200)], vec![Some(200)]], "three calls and no more");
    assert!(bench.calls("get_chat").is_empty());
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn the_customer_never_sees_a_whisper_or_the_bot() {
    let mut bench = Bench::start().await;
    let mut customer = bench.customer().await;
    customer.starts(json!([{ "type": "message", "text": "pizza" }])).await;
    let chat = customer.chat.clone();
    bench.ended(&chat, 1).await;
    let seen = customer.call("get_chat", json!({ "chat_id": chat })).await.to_string();
    assert!(!seen.contains(REPLY) && !seen.contains("Pizza Bot"), "{seen}");
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn a_public_rule_speaks_to_the_customer_where_a_second_public_agent_may_join() {
    let mut setup = Setup::rules(&format!("{PIZZA}visibility = \"all\"\n"));
    setup.options.switches.many_public_agents = true;
    let mut bench = Bench::with(setup).await;
    let mut customer = bench.customer().await;
    customer.starts(json!([{ "type": "message", "text": "pizza" }])).await;
    let chat = customer.chat.clone();
    bench.ended(&chat, 1).await;
    let seen = customer.call("get_chat", json!({ "chat_id": chat })).await.to_string();
    assert!(seen.contains(REPLY), "{seen}");
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn a_public_rule_whispers_when_the_public_place_is_taken() {
    let mut bench = Bench::with(Setup::rules(&format!("{PIZZA}visibility = \"all\"\n"))).await;
    let chat = bench.says("pizza").await;
    bench.ended(&chat, 1).await;
    let seen = bench.chat(&chat).await;
    let events = seen["thread"]["events"].as_array().unwrap();
    let reply = events.iter().find(|event| event["text"] == REPLY).unwrap();
    assert_eq!(reply["visibility"], "agents");
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn messages_that_fit_no_rule_cause_no_call_and_no_row() {
    let mut bench = Bench::start().await;
    for words in
        ["pizzas and PizzaHut are other words", "https://example.com/pizza", "pizza@example.com", "πίτσα"]
    {
        bench.says(words).await;
    }
    bench.delivered("incoming_chat", 4).await;
    bench.finish().await;
}

#[tokio::test]
async fn every_first_message_of_a_chat_is_heard_in_one_stay() {
    let mut bench = Bench::start().await;
    let mut customer = bench.customer().await;
    let first =
        ["a pizza", "no, two PIZZA!", "never mind"].map(|text| json!({ "type": "message", "text": text }));
    customer.starts(json!(first)).await;
    let chat = customer.chat.clone();
    bench.ended(&chat, 2).await;
    assert_eq!(bench.calls("add_user_to_chat").len(), 1, "both visits share one stay");
    bench.expect(&chat, REPLY);
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn the_answers_of_a_pre_chat_form_are_heard() {
    let mut bench = Bench::start().await;
    let mut customer = bench.customer().await;
    let fields = json!([
        { "type": "name", "id": "1", "label": "Your name", "answer": "Ann Chovy" },
        { "type": "radio", "id": "2", "label": "What is it about?", "answer": { "id": "0", "label": "My pizza" } },
    ]);
    bench.heard("Ann Chovy");
    customer.starts(json!([{ "type": "filled_form", "form_id": "f", "fields": fields }])).await;
    let chat = customer.chat.clone();
    bench.ended(&chat, 1).await;
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn the_bot_answers_neither_itself_nor_agents_nor_bots() {
    // The reply holds the keyword, nothing is filtered at the source, and a second bot says it too.
    let setup = Setup { filters: json!({}), ..Setup::default() };
    let mut bench = Bench::with(setup).await;
    let mut customer = bench.customer().await;
    customer.starts(json!([{ "type": "message", "text": "pizza" }])).await;
    let chat = customer.chat.clone();
    bench.ended(&chat, 1).await;
    agent_says(&bench, &chat, "pizza from an agent").await;
    other_bot_says(&bench, &chat, "pizza from a bot").await;
    // Our reply, the agent's words, the other bot's; joins and leaves are told besides.
    bench.delivered("incoming_event", 3).await;
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

async fn agent_says(bench: &Bench, chat: &str, words: &str) {
    let addresses = bench.sandbox.addresses();
    let url = format!("{}/v3.6/agent/action/send_event", addresses.api_url);
    let body = json!({ "chat_id": chat, "event": { "type": "message", "text": words } });
    let response =
        bench.http().post(url).bearer_auth(&addresses.agent_token).json(&body).send().await.unwrap();
    assert!(response.status().is_success(), "{}", response.text().await.unwrap());
}

async fn other_bot_says(bench: &Bench, chat: &str, words: &str) {
    let addresses = bench.sandbox.addresses().clone();
    let groups = json!([{ "id": 0, "priority": "supervisor" }]);
    let client = &addresses.client_id;
    let bot = json!({ "name": "Other Bot", "owner_client_id": client, "groups": groups });
    let bot = bench.configure("create_bot", bot).await;
    let credentials = json!({
        "bot_id": bot["id"], "bot_secret": bot["secret"], "client_id": client,
        "organization_id": addresses.organization_id,
    });
    let token = text(&bench.configure("issue_bot_token", credentials).await, "/token");
    let event = json!({ "type": "message", "text": words, "visibility": "agents" });
    for (action, body) in [
        (
            "add_user_to_chat",
            json!({ "chat_id": chat, "user_id": bot["id"], "user_type": "agent",
            "visibility": "agents", "ignore_requester_presence": true }),
        ),
        ("send_event", json!({ "chat_id": chat, "event": event })),
        ("remove_user_from_chat", json!({ "chat_id": chat, "user_id": bot["id"], "user_type": "agent" })),
    ] {
        let url = format!("{}/v3.6/agent/action/{action}", addresses.api_url);
        let response = bench.http().post(url).bearer_auth(&token).json(&body).send().await.unwrap();
        assert!(response.status().is_success(), "{action}: {}", response.text().await.unwrap());
    }
}

#[tokio::test]
async fn an_agents_words_are_heard_where_a_rule_says_so() {
    let mut bench = Bench::with(Setup::rules(&format!("{PIZZA}from = \"agent\"\n"))).await;
    let mut customer = bench.customer().await;
    customer.starts(json!([{ "type": "message", "text": "pizza from a customer" }])).await;
    let chat = customer.chat.clone();
    agent_says(&bench, &chat, "pizza, says the agent").await;
    bench.ended(&chat, 1).await;
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn a_bot_that_was_inside_before_stays_inside() {
    let mut bench = Bench::start().await;
    let mut customer = bench.customer().await;
    customer.starts(json!([])).await;
    let chat = customer.chat.clone();
    bench.invites_the_bot(&chat).await;
    bench.writes(&customer, "pizza").await;
    bench.ended(&chat, 1).await;
    assert!(bench.calls("remove_user_from_chat").is_empty() && bench.calls("add_user_to_chat").is_empty());
    assert!(is_present(&bench.chat(&chat).await, &bench.bot_id));
    bench.expect(&chat, REPLY);
    bench.expect_guest(&chat);
    bench.finish().await;
}

#[tokio::test]
async fn without_additional_data_the_chat_is_read_before_joining() {
    let mut bench = Bench::with(Setup { additional_data: json!([]), ..Setup::default() }).await;
    let mut customer = bench.customer().await;
    customer.starts(json!([])).await;
    let chat = customer.chat.clone();
    bench.writes(&customer, "pizza").await;
    bench.ended(&chat, 1).await;
    assert_eq!(bench.calls("get_chat"), [Some(200)]);
    bench.expect(&chat, REPLY);
    bench.finish().await;
}

#[tokio::test]
async fn a_closed_chat_gets_silence_and_nothing_is_left() {
    let mut bench = Bench::start().await;
    let mut customer = bench.customer().await;
    customer.starts(json!([])).await;
    let chat = customer.chat.clone();
    let event = customer.sends(json!({ "type": "message", "text": "lunch" })).await;
    customer.closes().await;
    // The webhook of a message that the customer wrote just before closing.
    assert_eq!(
        bench.knock(&bench.message(&customer.id, &chat, &event, "pizza")).await,
        (200, "accepted".to_owned())
    );
    assert_eq!(bench.ended(&chat, 1).await.text("outcome"), "chat_inactive");
    bench.finish().await;
}

#[tokio::test]
async fn a_shadow_rule_reports_and_never_speaks() {
    let mut bench = Bench::with(Setup::rules(&format!("{PIZZA}mode = \"shadow\"\n"))).await;
    let chat = bench.says("pizza").await;
    let line = bench.logged("would have spoken").await;
    assert_eq!((line.text("chat.id"), line.text("rule.name")), (chat.as_str(), "lunch"));
    bench.finish().await;
}

#[tokio::test]
async fn a_thread_gets_no_more_visits_than_it_may_have() {
    let mut bench = Bench::with(Setup::default().setting("VISITS__PER_THREAD", "2")).await;
    let mut customer = bench.customer().await;
    customer.starts(json!([])).await;
    let chat = customer.chat.clone();
    for _ in 0..4 {
        bench.writes(&customer, "pizza").await;
    }
    bench.delivered("incoming_event", 4).await;
    bench.ended(&chat, 2).await;
    bench.expect(&chat, REPLY);
    bench.expect(&chat, REPLY);
    bench.finish().await;
}
