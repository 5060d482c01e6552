//! The pizza visit, by hand.
use super::bench::{Bench, Receiver, message};
use serde_json::{Value, json};

fn actions(heard: &[Value]) -> Vec<String> {
    heard
        .iter()
        .map(|delivery| {
            let kind = delivery.pointer("/payload/event/system_message_type").and_then(Value::as_str);
            let kind = kind.or_else(|| delivery.pointer("/payload/event/type").and_then(Value::as_str));
            format!("{} {}", delivery["action"].as_str().unwrap(), kind.unwrap_or("-"))
        })
        .collect()
}

#[tokio::test]
async fn a_customer_asks_for_pizza_and_the_bot_joins_whispers_and_leaves() {
    let bench = Bench::start().await;
    let bot = bench.new_bot(&[0]).await;
    let receiver = Receiver::start().await;
    for action in ["incoming_chat", "incoming_event", "user_added_to_chat", "user_removed_from_chat"] {
        bench.register(&receiver, action, json!({})).await;
    }
    let (customer, chat_id, thread_id) = bench.new_chat("hello").await;
    bench.customer(&customer, "send_event", message(&chat_id, "pizza please")).await.ok();
    bench.visit(&bot, &chat_id).await;
    let heard = receiver.heard(7).await;
    let expected = [
        "incoming_chat -",
        "incoming_event message",
        "user_added_to_chat -",
        "incoming_event agent_joined",
        "incoming_event message",
        "user_removed_from_chat -",
        "incoming_event agent_left",
    ];
    assert_eq!(actions(&heard), expected);
    let chat = bench.chat(&chat_id).await;
    let ids: Vec<_> =
        chat["thread"]["events"].as_array().unwrap().iter().map(|event| event["id"].clone()).collect();
    assert_eq!(ids, (1..=5).map(|n| json!(format!("{thread_id}_{n}"))).collect::<Vec<_>>());
    let bot_user = chat["users"].as_array().unwrap().iter().find(|user| user["id"] == json!(bot.id)).unwrap();
    assert_eq!((&bot_user["present"], &bot_user["type"]), (&json!(false), &json!("agent")));
    let outside = bench.customer(&customer, "get_chat", json!({"chat_id": chat_id})).await.ok();
    assert!(!outside.to_string().contains("on the way") && !outside.to_string().contains(&bot.id));
    assert!(!outside.to_string().contains("agnes@example.com"));
    bench.sandbox.stop().await;
}
