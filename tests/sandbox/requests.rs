//! Every documented request passes the check of its fields.
use super::bench::{As, Bench};
use super::fixtures::{self, json_files};
use serde_json::json;
use std::collections::BTreeSet;

/// What the platform has and the sandbox has not.
const NOT_BUILT: [&str; 22] = [
    "ban_customer",
    "create_agent",
    "customer/delete_event",
    "customer/set_customer_session_fields",
    "delete_group_properties",
    "delete_license_properties",
    "list_channels",
    "list_groups_properties",
    "list_license_properties",
    "list_properties",
    "multicast",
    "publish_property",
    "register_property",
    "request_thread_summary",
    "reset_bot_template_secret",
    "send_event_preview",
    "send_thinking_indicator",
    "unregister_property",
    "update_bot_template",
    "update_group_properties",
    "update_license_properties",
    "upload_file",
];

#[tokio::test]
async fn every_documented_request_has_the_right_fields() {
    let bench = Bench::start().await;
    let (_, customer) = bench.new_customer().await;
    let mut not_built = BTreeSet::new();
    for name in json_files("requests") {
        let body = fixtures::read(&format!("requests/{name}.json"));
        let action = name.split("__").next().unwrap();
        let reply = match action.strip_prefix("customer/") {
            Some(action) => bench.customer(&customer, action, body).await,
            None => {
                let reply = bench.agent(&As::Pat, action, body.clone()).await;
                if reply.body["error"]["message"] == json!("Action not found") {
                    bench.configure(action, body).await
                } else {
                    reply
                }
            }
        };
        assert_ne!(reply.body["error"]["type"], json!("validation"), "{name}: {}", reply.body);
        assert_ne!(reply.body["error"]["message"], json!("Action not found"), "{name}");
        if reply.status == 501 {
            not_built.insert(name);
        }
    }
    let expected: BTreeSet<String> = NOT_BUILT.iter().map(|name| (*name).to_owned()).collect();
    assert!(not_built.is_subset(&expected), "{:?}", not_built.difference(&expected));
}

#[tokio::test]
async fn an_action_that_is_not_built_says_so_in_the_documented_shape() {
    let bench = Bench::start().await;
    let reply = bench.agent(&As::Agent, "send_event_preview", json!({})).await;
    assert_eq!(reply.refusal(), (501, "not_allowed"));
    assert!(reply.body["error"]["message"].as_str().unwrap().contains("not built yet"));
    let rtm = bench.http.get(bench.at().rtm_url.replace("ws://", "http://")).send().await.unwrap();
    assert_eq!(rtm.status(), 501);
}

/// A request, a field that is spoilt, and the message's field name.
#[tokio::test]
async fn a_missing_or_wrong_field_is_a_validation_error_that_names_it() {
    let bench = Bench::start().await;
    let (_, chat_id, _) = bench.new_chat("hello").await;
    let event = |event: serde_json::Value| json!({"chat_id": chat_id, "event": event});
    let elements = |count: usize| json!(vec![json!({"title": "t"}); count]);
    let button = json!({"text": "t", "postback_id": "p", "user_ids": []});
    let buttons = json!([{"buttons": vec![button.clone(); 14]}]);
    let half_button =
        json!([{"buttons": [{"text": "t", "postback_id": "p", "user_ids": [], "type": "url"}]}]);
    let rich = |elements: serde_json::Value| {
        event(json!({"type": "rich_message", "template_id": "cards", "elements": elements}))
    };
    let rows = [
        ("send_event", json!({"event": {"type": "message", "text": "x"}}), "`chat_id` is required"),
        ("send_event", json!({"chat_id": 7}), "`chat_id` must be a string"),
        ("send_event", json!({"chat_id": chat_id}), "`event` is required"),
        ("send_event", event(json!({"type": "message"})), "`event.text` is required"),
        ("send_event", event(json!({"type": "message", "text": "ż".repeat(8193)})), "16 KB"),
        ("send_event", event(json!({"type": "system", "text": "x"})), "`event.type`"),
        (
            "send_event",
            event(json!({"type": "message", "text": "x", "visibility": "some"})),
            "`event.visibility`",
        ),
        (
            "send_event",
            event(json!({"type": "message", "text": "x", "properties": {"a": {"b": []}}})),
            "`properties.a.b`",
        ),
        ("send_event", rich(elements(11)), "10 elements"),
        ("send_event", rich(buttons), "13 buttons"),
        ("send_event", rich(half_button), "`type` and `value`"),
        (
            "add_user_to_chat",
            json!({"chat_id": chat_id, "user_id": "x", "user_type": "agent"}),
            "`visibility` is required",
        ),
        ("add_user_to_chat", json!({"chat_id": chat_id, "user_id": "x", "user_type": "bot"}), "`user_type`"),
        (
            "remove_user_from_chat",
            json!({"chat_id": chat_id, "user_id": "x", "user_type": "customer"}),
            "`user_type`",
        ),
        ("set_routing_status", json!({"status": "sleeping"}), "`status`"),
        ("list_chats", json!({"limit": 101}), "`limit` must be between 1 and 100"),
        ("list_chats", json!({"page_id": "x", "limit": 5}), "`limit` cannot be used together"),
        (
            "list_threads",
            json!({"chat_id": chat_id, "min_events_count": 5, "limit": 5}),
            "`min_events_count`",
        ),
        ("update_customer", json!({"id": "x"}), "is required"),
    ];
    for (action, body, expected) in rows {
        let reply = bench.agent(&As::Agent, action, body).await;
        assert_eq!(reply.refusal(), (400, "validation"), "{action}: {}", reply.body);
        let message = reply.body["error"]["message"].as_str().unwrap();
        assert!(message.contains(expected), "{action}: {message}");
    }
    let longest = event(json!({"type": "message", "text": "ż".repeat(8192)}));
    bench.agent(&As::Agent, "send_event", longest).await.ok();
}

#[tokio::test]
async fn a_registration_is_checked() {
    let bench = Bench::start().await;
    let good = json!({
        "url": "http://127.0.0.1:1/",
        "action": "incoming_event",
        "secret_key": "s",
        "owner_client_id": bench.at().client_id,
        "type": "bot",
    });
    let with = |key: &str, value: serde_json::Value| {
        let mut form = good.clone();
        form[key] = value;
        form
    };
    let both = json!({"chat_presence": {"user_ids": {"values": [], "exclude_values": []}}});
    let rows = [
        with("action", json!("pizza_ordered")),
        with("url", json!("ftp://example.com/")),
        with("url", json!(format!("http://127.0.0.1/{}", "x".repeat(500)))),
        with("secret_key", json!(null)),
        with("type", json!("desk")),
        with("additional_data", json!(["everything"])),
        with("filters", json!({"agent_ids": ["x"]})),
        with("filters", json!({"author_type": "bot"})),
        with("filters", json!({"source_type": ["nobody"]})),
        with("filters", both),
    ];
    for form in rows {
        let reply = bench.configure("register_webhook", form.clone()).await;
        assert_eq!(reply.refusal(), (400, "validation"), "{form}");
    }
    let foreign = bench.configure("register_webhook", with("owner_client_id", json!("somebody else"))).await;
    assert_eq!(foreign.refusal(), (403, "authorization"));
    for _ in 0..3 {
        bench.configure("register_webhook", good.clone()).await.ok();
    }
    assert_eq!(bench.configure("register_webhook", good.clone()).await.refusal(), (422, "limit_reached"));
    bench.configure("register_webhook", with("action", json!("incoming_chat"))).await.ok();
    let list = bench.configure("list_webhooks", json!({"owner_client_id": bench.at().client_id})).await.ok();
    assert_eq!(list.as_array().unwrap().len(), 4);
    assert!(!list.to_string().contains("secret_key"));
    for webhook in list.as_array().unwrap() {
        let named = json!({"id": webhook["id"], "owner_client_id": bench.at().client_id});
        bench.configure("unregister_webhook", named.clone()).await.ok();
        assert_eq!(bench.configure("unregister_webhook", named).await.refusal(), (404, "not_found"));
    }
}
