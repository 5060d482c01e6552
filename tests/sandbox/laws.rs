//! The laws of chats, row by row.
use super::bench::{As, Bench, Receiver, joining, leaving, message, text, whisper};
use chimein::sandbox::{AddingPresentUser, Options, Switches};
use serde_json::{Value, json};

const MISSING: &str = "there is no such chat";

#[tokio::test]
async fn a_token_that_is_not_valid_is_refused_on_every_face() {
    let bench = Bench::start().await;
    let (_, customer) = bench.new_customer().await;
    let bot = bench.new_bot(&[0]).await;
    let nonsense = As::Token("dal:nonsense".to_owned());
    let (agent, configuration) = ("/v3.6/agent/action/list_chats", "/v3.6/configuration/action/list_bots");
    let chats = format!("/v3.6/customer/action/list_chats?organization_id={}", bench.at().organization_id);
    let pat_as_bearer = As::Token(bench.at().personal_access_token.clone());
    let rows = [
        (&As::Nobody, agent),
        (&nonsense, agent),
        (&customer, agent),
        (&pat_as_bearer, agent),
        (&As::Nobody, configuration),
        (&bot.token, configuration),
        (&customer, configuration),
        (&As::Pat, chats.as_str()),
        (&As::Agent, chats.as_str()),
        (&bot.token, chats.as_str()),
    ];
    for (who, path) in rows {
        let reply = bench.post(who, path, &json!({})).await;
        assert_eq!(reply.refusal(), (401, "authentication"), "{who:?} {path}");
    }
    for (who, path) in
        [(&As::Pat, agent), (&As::Agent, agent), (&bot.token, agent), (&As::Agent, configuration)]
    {
        assert_eq!(bench.post(who, path, &json!({})).await.status, 200, "{who:?} {path}");
    }
}

#[tokio::test]
async fn a_bot_token_does_what_its_scopes_allow_and_nothing_else() {
    let bench = Bench::start().await;
    let bot = bench.new_bot(&[0]).await;
    let (_, chat_id, _) = bench.new_chat("hello").await;
    for action in ["list_chats", "list_routing_statuses"] {
        let expected = if action == "list_chats" { 200 } else { 403 };
        assert_eq!(bench.agent(&bot.token, action, json!({})).await.status, expected, "{action}");
    }
    let other = json!({"agent_id": bench.at().agent_id, "status": "not_accepting_chats"});
    assert_eq!(bench.agent(&bot.token, "set_routing_status", other).await.refusal(), (403, "authorization"));
    let customer = text(&bench.chat(&chat_id).await, "/users/0/id");
    bench.agent(&bot.token, "get_customer", json!({"id": customer})).await.ok();
}

/// One row: who calls what, and how it ends.
struct Row<'a>(&'a As, &'static str, Value, (u16, &'static str));

#[tokio::test]
async fn the_laws_are_checked_in_the_platforms_order() {
    let bench = Bench::start().await;
    let bot = bench.new_bot(&[0]).await;
    let outsider = bench.new_bot(&[]).await;
    let (_, chat_id, _) = bench.new_chat("hello").await;
    let sales = json!({"chat": {"access": {"group_ids": [1]}}});
    let (_, other) = bench.new_customer().await;
    let sales_id = text(&bench.customer(&other, "start_chat", sales).await.ok(), "/chat_id");
    let agnes = bench.at().agent_id.clone();
    let polite = json!({"chat_id": chat_id, "user_id": bot.id, "user_type": "agent", "visibility": "agents"});
    let public = json!({"chat_id": chat_id, "user_id": bot.id, "user_type": "agent", "visibility": "all", "ignore_requester_presence": true});
    let (me, sales_bot) = (&bot.token, &outsider.token);
    let rows = [
        // existence before access, access before presence
        Row(me, "add_user_to_chat", joining(MISSING, &bot.id), (404, "not_found")),
        Row(me, "add_user_to_chat", joining(&sales_id, &bot.id), (403, "missing_access")),
        Row(me, "get_chat", json!({"chat_id": sales_id}), (403, "missing_access")),
        Row(me, "get_chat", json!({"chat_id": chat_id, "thread_id": "none"}), (404, "not_found")),
        Row(me, "add_user_to_chat", joining(&chat_id, "nobody"), (422, "not_found")),
        // group 0 is visible to all agents, whatever their groups
        Row(sales_bot, "get_chat", json!({"chat_id": chat_id}), (200, "none")),
        // presence
        Row(me, "add_user_to_chat", polite, (403, "authorization")),
        Row(me, "send_event", whisper(&chat_id), (403, "authorization")),
        Row(me, "remove_user_from_chat", leaving(&chat_id, &bot.id), (403, "authorization")),
        Row(me, "deactivate_chat", json!({"id": chat_id}), (403, "authorization")),
        Row(me, "transfer_chat", json!({"id": chat_id}), (403, "authorization")),
        Row(
            me,
            "send_typing_indicator",
            json!({"chat_id": chat_id, "is_typing": true}),
            (403, "authorization"),
        ),
        // a second public agent
        Row(me, "add_user_to_chat", public, (422, "limit_reached")),
        Row(me, "add_user_to_chat", joining(&chat_id, &bot.id), (200, "none")),
        Row(me, "add_user_to_chat", joining(&chat_id, &bot.id), (400, "validation")),
        // who is unseen may not speak to the customer
        Row(me, "send_event", message(&chat_id, "hello"), (403, "authorization")),
        Row(me, "send_event", whisper(&chat_id), (200, "none")),
        Row(me, "remove_user_from_chat", leaving(&chat_id, "oscar@example.com"), (404, "not_found")),
        Row(me, "remove_user_from_chat", leaving(&chat_id, &bot.id), (200, "none")),
        Row(me, "remove_user_from_chat", leaving(&chat_id, &bot.id), (403, "authorization")),
        // the chat is closed
        Row(&As::Agent, "deactivate_chat", json!({"id": chat_id}), (200, "none")),
        Row(
            &As::Agent,
            "deactivate_chat",
            json!({"id": chat_id, "ignore_requester_presence": true}),
            (422, "chat_inactive"),
        ),
        Row(me, "add_user_to_chat", joining(&chat_id, &bot.id), (422, "chat_inactive")),
        Row(&As::Agent, "send_event", message(&chat_id, "hello"), (403, "authorization")),
        Row(&As::Agent, "resume_chat", json!({"chat": {"id": chat_id}}), (200, "none")),
        Row(&As::Agent, "resume_chat", json!({"chat": {"id": chat_id}}), (400, "validation")),
        Row(&As::Agent, "send_event", message(&chat_id, "hello"), (200, "none")),
        Row(&As::Agent, "remove_user_from_chat", leaving(&chat_id, &agnes), (200, "none")),
    ];
    for Row(who, action, body, expected) in rows {
        let reply = bench.agent(who, action, body.clone()).await;
        assert_eq!(reply.refusal(), expected, "{action} {body}: {}", reply.body);
    }
}

#[tokio::test]
async fn the_requester_outside_the_chat_is_told_with_the_live_services_words() {
    let bench = Bench::start().await;
    let bot = bench.new_bot(&[0]).await;
    let (_, chat_id, _) = bench.new_chat("hello").await;
    let reply = bench.agent(&bot.token, "send_event", whisper(&chat_id)).await;
    assert_eq!(
        reply.body,
        super::fixtures::read("errors/observed/authorization_requester_not_in_chat_403.json")
    );
    let nobody = bench.agent(&As::Nobody, "list_chats", json!({})).await;
    assert_eq!(
        nobody.body,
        super::fixtures::read("errors/observed/authentication_invalid_access_token_401.json")
    );
    let empty = bench.agent(&As::Agent, "get_customer", json!({})).await;
    assert_eq!(empty.body, super::fixtures::read("errors/observed/validation_missing_id_400.json"));
}

#[tokio::test]
async fn adding_somebody_who_is_inside_is_refused_in_each_of_the_seen_ways() {
    for (way, expected) in [
        (AddingPresentUser::Validation, (400, "validation")),
        (AddingPresentUser::AlreadyExists, (409, "already_exists")),
        (AddingPresentUser::Unprocessable, (422, "validation")),
    ] {
        let switches = Switches { adding_present_user: way, ..Switches::default() };
        let bench = Bench::with(Options { switches, ..Options::default() }).await;
        let bot = bench.new_bot(&[0]).await;
        let (_, chat_id, _) = bench.new_chat("hello").await;
        bench.agent(&bot.token, "add_user_to_chat", joining(&chat_id, &bot.id)).await.ok();
        let again = bench.agent(&bot.token, "add_user_to_chat", joining(&chat_id, &bot.id)).await;
        assert_eq!(again.refusal(), expected);
    }
}

#[tokio::test]
async fn switches_change_what_the_documentation_leaves_open() {
    let switches = Switches {
        accepted_202_empty: true,
        many_public_agents: true,
        newest_bot_token_only: true,
        initial_events_twice: true,
        no_empty_additional_data: true,
        ..Switches::default()
    };
    let bench = Bench::with(Options { switches, ..Options::default() }).await;
    let made = json!({"name": "b", "owner_client_id": bench.at().client_id});
    let made = bench.configure("create_bot", made).await.ok();
    let (id, secret) = (text(&made, "/id"), text(&made, "/secret"));
    let first = bench.bot_token(&id, &secret).await;
    let token = bench.bot_token(&id, &secret).await;
    assert_eq!(bench.agent(&first, "list_chats", json!({})).await.status, 401);
    let status = bench.agent(&token, "set_routing_status", json!({"status": "not_accepting_chats"})).await;
    assert_eq!((status.status, status.body), (202, Value::Null));
    let receiver = Receiver::start().await;
    bench.register(&receiver, "incoming_event", json!({})).await;
    let (_, chat_id, _) = bench.new_chat("hello").await;
    let heard = receiver.heard(1).await;
    assert_eq!(heard[0]["payload"]["event"]["text"], json!("hello"));
    assert!(heard[0].get("additional_data").is_none());
    let public = json!({"chat_id": chat_id, "user_id": id, "user_type": "agent", "visibility": "all", "ignore_requester_presence": true});
    assert_eq!(bench.agent(&token, "add_user_to_chat", public).await.status, 202);
}

#[tokio::test]
async fn a_bot_token_needs_the_right_secret_bot_client_and_organization() {
    let bench = Bench::start().await;
    let bot = bench.new_bot(&[0]).await;
    let good = json!({
        "bot_id": bot.id,
        "client_id": bench.at().client_id,
        "bot_secret": bot.secret,
        "organization_id": bench.at().organization_id,
    });
    for (key, expected) in [
        ("bot_secret", (401, "authentication")),
        ("client_id", (401, "authentication")),
        ("bot_id", (404, "not_found")),
        ("organization_id", (404, "not_found")),
    ] {
        let mut wrong = good.clone();
        wrong[key] = json!("wrong");
        let path = "/v3.6/configuration/action/issue_bot_token";
        assert_eq!(bench.post(&As::Nobody, path, &wrong).await.refusal(), expected, "{key}");
        wrong[key] = json!(null);
        assert_eq!(bench.post(&As::Nobody, path, &wrong).await.refusal(), (400, "validation"), "{key}");
    }
    // A new secret: the old one is worth nothing, the token made with it lives on.
    let owner = json!({"id": bot.id, "owner_client_id": bench.at().client_id});
    bench.configure("reset_bot_secret", owner).await.ok();
    let path = "/v3.6/configuration/action/issue_bot_token";
    assert_eq!(bench.post(&As::Nobody, path, &good).await.refusal(), (401, "authentication"));
    bench.agent(&bot.token, "list_chats", json!({})).await.ok();
    bench.configure("delete_bot", json!({"id": bot.id})).await.ok();
    assert_eq!(bench.agent(&bot.token, "list_chats", json!({})).await.refusal(), (401, "authentication"));
}

#[tokio::test]
async fn events_of_a_chat_have_growing_times_and_the_callers_app() {
    let bench = Bench::start().await;
    let (customer, chat_id, _) = bench.new_chat("one").await;
    for _ in 0..20 {
        bench.customer(&customer, "send_event", message(&chat_id, "more")).await.ok();
    }
    bench.agent(&As::Pat, "send_event", message(&chat_id, "by a personal token")).await.ok();
    let chat = bench.chat(&chat_id).await;
    let events = chat["thread"]["events"].as_array().unwrap();
    let times: Vec<&str> = events.iter().map(|event| event["created_at"].as_str().unwrap()).collect();
    assert!(
        times.windows(2).all(|pair| pair[0] < pair[1]) && times.iter().all(|time| time.len() == 27),
        "{times:?}"
    );
    let source = json!({"source": {"client_id": chimein::sandbox::WIDGET_CLIENT_ID}});
    assert_eq!(events[0]["properties"], source);
    assert_eq!(events.last().unwrap().get("properties"), None);
    assert_eq!(chat["properties"]["routing"], json!({"continuous": false, "pinned": false}));
}
