//! Deliveries have the shapes of the documented samples: names and types of fields.
use super::bench::{As, Bench, Receiver};
use super::contract::{compare, eventful};
use super::fixtures;
use serde_json::{Value, json};

/// Every webhook that the sandbox tells, by one story.
async fn all_webhooks(bench: &Bench) -> Vec<Value> {
    let receiver = Receiver::start().await;
    let bot = bench.new_bot(&[0, 1]).await;
    let data = json!(["chat_properties", "chat_presence_user_ids"]);
    let names =
        bench.post(&As::Nobody, "/v3.6/configuration/action/list_webhook_names", &json!({})).await.ok();
    for name in names.as_array().unwrap() {
        let data = if name.get("additional_data").is_some() { data.clone() } else { json!([]) };
        bench
            .register(
                &receiver,
                name["action"].as_str().unwrap(),
                json!({"type": "license", "additional_data": data}),
            )
            .await;
    }
    change_the_configuration(bench).await;
    let chat = eventful(bench).await;
    bench.visit(&bot, &chat.1).await;
    mark(bench, &chat).await;
    end(bench, &chat).await;
    super::bench::told(&receiver, "chat_deactivated").await
}

async fn change_the_configuration(bench: &Bench) {
    let group = json!({"name": "Night", "agent_priorities": {"oscar@example.com": "first"}});
    let group = bench.configure("create_group", group).await.ok()["id"].clone();
    bench
        .configure("update_group", json!({"id": group, "agent_priorities": {"oscar@example.com": "last"}}))
        .await
        .ok();
    bench.configure("delete_group", json!({ "id": group })).await.ok();
    bench.configure("create_tag", json!({"name": "pizza", "group_ids": [0]})).await.ok();
    bench.configure("update_tag", json!({"name": "pizza", "group_ids": [0, 1]})).await.ok();
    let made = json!({"name": "b", "owner_client_id": bench.at().client_id, "groups": [{"id": 0, "priority": "normal"}]});
    let made = bench.configure("create_bot", made).await.ok()["id"].clone();
    bench.configure("update_bot", json!({"id": made, "name": "c"})).await.ok();
    bench.configure("delete_bot", json!({ "id": made })).await.ok();
    bench.configure("delete_tag", json!({"name": "pizza"})).await.ok();
    bench.agent(&As::Agent, "set_routing_status", json!({"status": "accepting_chats"})).await.ok();
}

async fn mark(bench: &Bench, (_, chat_id, thread_id): &(As, String, String)) {
    let place = json!({
        "id": chat_id,
        "chat_id": chat_id,
        "thread_id": thread_id,
        "event_id": format!("{thread_id}_1"),
        "seen_up_to": "2030-01-01T00:00:00Z",
        "tag": "sales",
        "properties": {"test": {"int_property": 1}},
    });
    let mut removal = place.clone();
    removal["properties"] = json!({"test": ["int_property"]});
    for what in ["chat", "thread", "event"] {
        bench.agent(&As::Agent, &format!("update_{what}_properties"), place.clone()).await.ok();
        bench.agent(&As::Agent, &format!("delete_{what}_properties"), removal.clone()).await.ok();
    }
    bench.agent(&As::Agent, "mark_events_as_seen", place.clone()).await.ok();
    bench.agent(&As::Agent, "untag_thread", place).await.ok();
}

async fn end(bench: &Bench, (customer, chat_id, thread_id): &(As, String, String)) {
    let button = json!({"text": "Yes", "postback_id": "yes", "user_ids": []});
    let event = json!({"type": "rich_message", "template_id": "cards", "elements": [{"buttons": [button]}]});
    let sent = bench.agent(&As::Agent, "send_event", json!({"chat_id": chat_id, "event": event})).await.ok();
    let postback = json!({"id": "yes", "toggled": true, "button_type": "url", "button_value": "x", "ecommerce": {"product_id": "1", "option_id": "2", "quantity": 1}});
    let pressed = json!({"chat_id": chat_id, "thread_id": thread_id, "event_id": sent["event_id"], "postback": postback});
    bench.customer(customer, "send_rich_message_postback", pressed).await.ok();
    let target = json!({"type": "group", "ids": [1]});
    let transfer = json!({"id": chat_id, "target": target, "ignore_agents_availability": true});
    bench.agent(&As::Agent, "transfer_chat", transfer).await.ok();
    bench.customer(customer, "deactivate_chat", json!({"id": chat_id})).await.ok();
}

#[tokio::test]
async fn webhooks_have_the_documented_shapes() {
    let bench = Bench::start().await;
    let heard = all_webhooks(&bench).await;
    let system = |delivery: &&Value| delivery["payload"]["event"]["type"] == json!("system_message");
    let find = |action: &str| {
        heard.iter().filter(|delivery| !system(delivery)).find(|delivery| delivery["action"] == json!(action))
    };
    // The sandbox has no such actions yet.
    let untold = [
        "agent_approved",
        "agent_created",
        "agent_deleted",
        "agent_suspended",
        "agent_unsuspended",
        "agent_updated",
        "auto_accesses_updated_added",
        "auto_accesses_updated_deleted",
        "auto_accesses_updated_updated",
        "event_deleted",
        "event_updated",
        "thread_summary_set",
    ];
    for action in fixtures::json_files("webhooks").into_iter().filter(|name| !name.starts_with("variants/")) {
        if untold.contains(&action.as_str()) {
            assert!(find(&action).is_none(), "{action} is told: take it off the list");
            continue;
        }
        let delivery = find(&action).unwrap_or_else(|| panic!("{action} was not told"));
        let (absent, added): (&[&str], &[&str]) = match action.as_str() {
            "incoming_event" => (&[".postback<phone>"], &[]),
            // The sample's table has the field, and real deliveries too.
            "incoming_chat" => (
                &["<customer>.name", "<customer>.email", "<customer>.session_fields", ".tags"],
                &[".properties", ".access"],
            ),
            "chat_transferred" => (&[".agent_ids[]"], &[".additional_data"]),
            "user_added_to_chat" => (&["<agent>.email"], &[]),
            "routing_status_set" => (&[".chat_properties", ".chat_presence_user_ids"], &[]),
            "bot_created" => (&[], &[".max_chats_count"]),
            "group_updated" => (&[], &[]),
            _ => (&[], &[]),
        };
        compare(&format!("webhooks/{action}.json"), delivery, absent, added);
    }
}

#[tokio::test]
async fn a_bot_in_a_chat_looks_as_constructed() {
    let bench = Bench::start().await;
    let receiver = Receiver::start().await;
    let bot = bench.new_bot(&[0]).await;
    for action in ["user_added_to_chat", "user_removed_from_chat", "incoming_event", "incoming_chat"] {
        bench.register(&receiver, action, json!({})).await;
    }
    let (_, chat_id, _) = bench.new_chat("pizza please").await;
    bench.visit(&bot, &chat_id).await;
    let heard = receiver.heard(6).await;
    let find = |action: &str| heard.iter().find(|delivery| delivery["action"] == json!(action)).unwrap();
    let seen = [".events_seen_up_to"];
    compare("constructed/webhook_user_added_to_chat_bot.json", find("user_added_to_chat"), &[], &seen);
    compare("constructed/webhook_user_removed_from_chat_bot.json", find("user_removed_from_chat"), &[], &[]);
    let start_url: &[&str] = &[".additional_data"];
    compare(
        "constructed/webhook_incoming_chat_with_initial_keyword.json",
        find("incoming_chat"),
        &["<customer>.name"],
        &[".statistics", "<customer>.customer_last_event_created_at", ".properties"],
    );
    let joined =
        heard.iter().find(|d| d["payload"]["event"]["system_message_type"] == json!("agent_joined")).unwrap();
    compare("constructed/system_message_agent_joined.json", &joined["payload"]["event"], start_url, &[]);
    let whispered = heard.iter().find(|d| d["payload"]["event"]["custom_id"] == json!("kw-1")).unwrap();
    compare(
        "constructed/webhook_incoming_event_own_message.json",
        whispered,
        &[".chat_properties", ".chat_presence_user_ids"],
        &[".custom_id"],
    );
}
