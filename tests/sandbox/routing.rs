//! Who gets chats, what is on them, and how they are listed.
use super::bench::{As, Bench, Receiver, joining, text};
use serde_json::{Value, json};

#[tokio::test]
async fn a_chat_that_nobody_takes_waits_and_a_transfer_gives_it_to_somebody() {
    let bench = Bench::start().await;
    bench.agent(&As::Agent, "set_routing_status", json!({"status": "not_accepting_chats"})).await.ok();
    let (_, chat_id, _) = bench.new_chat("hello").await;
    let chat = bench.chat(&chat_id).await;
    assert!(chat["thread"]["queue"]["queued_at"].is_string());
    assert_eq!(chat["thread"]["properties"]["routing"]["unassigned"], json!(true));
    let transfer = json!({"id": chat_id, "ignore_requester_presence": true});
    assert_eq!(
        bench.agent(&As::Agent, "transfer_chat", transfer.clone()).await.refusal(),
        (422, "agent_offline")
    );
    let form = json!({
        "name": "Seller",
        "owner_client_id": bench.at().client_id,
        "groups": [{"id": 1, "priority": "normal"}],
    });
    let seller = text(&bench.configure("create_bot", form).await.ok(), "/id");
    let accept = json!({"agent_id": seller, "status": "accepting_chats"});
    bench.agent(&As::Pat, "set_routing_status", accept).await.ok();
    assert!(
        bench.chat(&chat_id).await["thread"]["queue"].is_object(),
        "the seller is in no group of the chat"
    );
    let sales =
        json!({"id": chat_id, "ignore_requester_presence": true, "target": {"type": "group", "ids": [1]}});
    bench.agent(&As::Agent, "transfer_chat", sales).await.ok();
    let chat = bench.chat(&chat_id).await;
    assert_eq!(chat["thread"].get("queue"), None);
    assert_eq!(chat["access"], json!({"group_ids": [1]}));
    assert!(chat["users"].as_array().unwrap().iter().any(|user| user["id"] == json!(seller)));
    let last = chat["thread"]["events"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["text"], json!("Agnes transferred the chat to Sales"));
    assert_eq!(last.get("author_id"), None);
}

#[tokio::test]
async fn chats_that_wait_go_to_who_begins_to_accept_chats_the_oldest_first() {
    let bench = Bench::start().await;
    let (heard, end) = (Receiver::start().await, Receiver::start().await);
    let system = json!({"type": "license", "filters": {"source_type": ["system"]}});
    for action in ["user_added_to_chat", "chat_transferred", "incoming_event"] {
        bench.register(&heard, action, system.clone()).await;
    }
    bench.register(&end, "thread_tagged", json!({"type": "license"})).await;
    let status = |status: &str| json!({ "status": status });
    bench.agent(&As::Agent, "set_routing_status", status("not_accepting_chats")).await.ok();
    let (_, first, thread_id) = bench.new_chat("hello").await;
    let (_, second, _) = bench.new_chat("hello").await;
    let form = json!({
        "name": "Taker",
        "owner_client_id": bench.at().client_id,
        "max_chats_count": 1,
        "groups": [{"id": 0, "priority": "normal"}],
    });
    let bot = text(&bench.configure("create_bot", form).await.ok(), "/id");
    let accept = json!({"agent_id": bot, "status": "accepting_chats"});
    bench.agent(&As::Pat, "set_routing_status", accept).await.ok();
    assert_eq!(bench.chat(&second).await["thread"]["properties"]["routing"]["unassigned"], json!(true));
    bench.agent(&As::Agent, "set_routing_status", status("accepting_chats")).await.ok();
    for (chat_id, taker) in [(&first, bot.as_str()), (&second, "agnes@example.com")] {
        let chat = bench.chat(chat_id).await;
        assert_eq!(chat["thread"].get("queue"), None);
        assert_eq!(chat["thread"]["properties"]["routing"]["unassigned"], json!(false));
        assert_eq!(chat["properties"]["routing"]["pinned"], json!(false));
        assert_eq!((&chat["users"][1]["id"], &chat["users"][1]["present"]), (&json!(taker), &json!(true)));
    }
    let tag = json!({"chat_id": first, "thread_id": thread_id, "tag": "sales"});
    bench.agent(&As::Agent, "tag_thread", tag).await.ok();
    end.heard(1).await;
    let heard = heard.heard(6).await;
    let of_first = heard.iter().filter(|delivery| delivery["payload"]["chat_id"] == json!(first));
    let [added, transferred, said] = of_first.collect::<Vec<_>>()[..] else { panic!("{heard:?}") };
    assert_eq!(
        (&added["action"], &added["payload"]["user"]["id"]),
        (&json!("user_added_to_chat"), &json!(bot))
    );
    assert_eq!(added["payload"]["reason"], json!("assigned"));
    let expected = json!({
        "chat_id": first,
        "thread_id": thread_id,
        "reason": "assigned",
        "transferred_to": {"group_ids": [0], "agent_ids": [bot]},
    });
    assert_eq!((&transferred["action"], &transferred["payload"]), (&json!("chat_transferred"), &expected));
    let event = &said["payload"]["event"];
    assert_eq!(event["system_message_type"], json!("routing.assigned_other"));
    assert_eq!((&event["text"], event.get("author_id")), (&json!("Chat assigned to Taker"), None));
}

#[tokio::test]
async fn who_joins_a_waiting_chat_for_all_to_see_has_it_and_a_whisperer_has_not() {
    let bench = Bench::start().await;
    let bot = bench.new_bot(&[0]).await;
    bench.agent(&As::Agent, "set_routing_status", json!({"status": "not_accepting_chats"})).await.ok();
    let (_, chat_id, _) = bench.new_chat("hello").await;
    bench.visit(&bot, &chat_id).await;
    assert!(bench.chat(&chat_id).await["thread"]["queue"].is_object());
    let mut seen = joining(&chat_id, "agnes@example.com");
    seen["visibility"] = json!("all");
    bench.agent(&As::Agent, "add_user_to_chat", seen).await.ok();
    let thread = bench.chat(&chat_id).await["thread"].clone();
    assert_eq!(thread.get("queue"), None);
    assert_eq!(thread["properties"]["routing"]["unassigned"], json!(false));
}

#[tokio::test]
async fn a_bot_that_accepts_chats_gets_them_by_priority_until_it_is_full() {
    let bench = Bench::start().await;
    let form = json!({
        "name": "First",
        "owner_client_id": bench.at().client_id,
        "max_chats_count": 1,
        "groups": [{"id": 0, "priority": "first"}],
    });
    let bot = text(&bench.configure("create_bot", form).await.ok(), "/id");
    let accept = json!({"agent_id": bot, "status": "accepting_chats"});
    bench.agent(&As::Pat, "set_routing_status", accept).await.ok();
    let mut holders = Vec::new();
    for _ in 0..2 {
        let (_, chat_id, _) = bench.new_chat("hello").await;
        holders.push(bench.chat(&chat_id).await["users"][1]["id"].clone());
    }
    assert_eq!(holders, [json!(bot), json!("agnes@example.com")]);
}

#[tokio::test]
async fn statuses_of_people_have_their_own_laws() {
    let bench = Bench::start().await;
    let offline = bench.agent(&As::Agent, "set_routing_status", json!({"status": "offline"})).await;
    assert_eq!(offline.refusal(), (400, "validation"));
    let oscar = json!({"agent_id": "oscar@example.com", "status": "accepting_chats"});
    assert_eq!(bench.agent(&As::Agent, "set_routing_status", oscar).await.refusal(), (422, "agent_offline"));
    let nobody = json!({"agent_id": "nobody", "status": "accepting_chats"});
    assert_eq!(bench.agent(&As::Agent, "set_routing_status", nobody).await.refusal(), (404, "not_found"));
    let list =
        bench.agent(&As::Agent, "list_routing_statuses", json!({"filters": {"group_ids": [0]}})).await.ok();
    assert_eq!(list, json!([{"agent_id": "agnes@example.com", "status": "accepting_chats"}]));
}

#[tokio::test]
async fn tags_go_on_threads_of_their_groups() {
    let bench = Bench::start().await;
    bench.configure("create_tag", json!({"name": "pizza", "group_ids": [1]})).await.ok();
    let twice = bench.configure("create_tag", json!({"name": "PIZZA", "group_ids": [1]})).await;
    assert_eq!(twice.refusal(), (409, "already_exists"));
    let (_, chat_id, thread_id) = bench.new_chat("hello").await;
    let named = |tag: &str| json!({"chat_id": chat_id, "thread_id": thread_id, "tag": tag});
    for (action, tag, expected) in [
        ("tag_thread", "pizza", (403, "missing_access")),
        ("tag_thread", "Support", (404, "not_found")),
        ("tag_thread", "support", (200, "none")),
        ("untag_thread", "sales", (404, "not_found")),
    ] {
        assert_eq!(bench.agent(&As::Agent, action, named(tag)).await.refusal(), expected, "{action} {tag}");
    }
    assert_eq!(bench.chat(&chat_id).await["thread"]["tags"], json!(["support"]));
    bench.agent(&As::Agent, "untag_thread", named("support")).await.ok();
    assert_eq!(bench.chat(&chat_id).await["thread"].get("tags"), None);
}

#[tokio::test]
async fn properties_merge_and_their_types_are_kept() {
    let bench = Bench::start().await;
    let (_, chat_id, thread_id) = bench.new_chat("hello").await;
    let write = |properties: Value| json!({"id": chat_id, "properties": properties});
    let wrong = write(json!({"test": {"int_property": "seven"}}));
    assert_eq!(bench.agent(&As::Agent, "update_chat_properties", wrong).await.refusal(), (400, "validation"));
    let unknown = write(json!({"nobody": {"x": 1}}));
    assert_eq!(
        bench.agent(&As::Agent, "update_chat_properties", unknown).await.refusal(),
        (400, "validation")
    );
    for properties in [json!({"int_property": 7}), json!({"string_property": "s"})] {
        bench.agent(&As::Agent, "update_chat_properties", write(json!({ "test": properties }))).await.ok();
    }
    bench.agent(&As::Agent, "delete_chat_properties", write(json!({"test": ["int_property"]}))).await.ok();
    let chat = bench.chat(&chat_id).await;
    assert_eq!(chat["properties"]["test"], json!({"string_property": "s"}));
    let event = json!({
        "chat_id": chat_id,
        "thread_id": thread_id,
        "event_id": format!("{thread_id}_1"),
        "properties": {"test": {"bool_property": true}},
    });
    bench.agent(&As::Agent, "update_event_properties", event.clone()).await.ok();
    bench.agent(&As::Agent, "update_thread_properties", event).await.ok();
    let thread = bench.chat(&chat_id).await["thread"].clone();
    assert_eq!(thread["events"][0]["properties"]["test"], json!({"bool_property": true}));
    assert_eq!(thread["properties"]["test"], json!({"bool_property": true}));
}

#[tokio::test]
async fn pages_lead_forwards_and_back_and_remember_the_filters() {
    let bench = Bench::start().await;
    let mut chats = Vec::new();
    for number in 0..7 {
        let (customer, chat_id, _) = bench.new_chat("hello").await;
        if number % 7 == 3 {
            bench.customer(&customer, "deactivate_chat", json!({"id": chat_id})).await.ok();
        } else {
            chats.insert(0, chat_id);
        }
    }
    let ids = |page: &Value| -> Vec<String> {
        page["chats_summary"].as_array().unwrap().iter().map(|chat| text(chat, "/id")).collect()
    };
    let list = |body: Value| async { bench.agent(&As::Agent, "list_chats", body).await.ok() };
    let first = list(json!({"filters": {"active": true}, "limit": 4})).await;
    assert_eq!((ids(&first), &first["found_chats"]), (chats[..4].to_vec(), &json!(6)));
    assert_eq!(first.get("previous_page_id"), None);
    let second = list(json!({"page_id": first["next_page_id"]})).await;
    assert_eq!(ids(&second), chats[4..]);
    assert_eq!(second.get("next_page_id"), None);
    let back = list(json!({"page_id": second["previous_page_id"]})).await;
    assert_eq!(ids(&back), chats[..4]);
    let ascending = list(json!({"filters": {"active": true}, "sort_order": "asc", "limit": 1})).await;
    assert_eq!(ids(&ascending), chats[5..]);
    assert_eq!(
        bench.agent(&As::Agent, "list_chats", json!({"page_id": "x"})).await.refusal(),
        (400, "validation")
    );
}
