//! The customer's side: tokens, the own chat, what stays hidden.
use super::bench::{As, Bench, Receiver, joining, message, text, whisper};
use chimein::sandbox::WIDGET_CLIENT_ID;
use serde_json::{Value, json};

fn cookie_grant(bench: &Bench) -> Value {
    json!({
        "grant_type": "cookie",
        "client_id": WIDGET_CLIENT_ID,
        "organization_id": bench.at().organization_id,
        "response_type": "token",
    })
}

#[tokio::test]
async fn a_browser_stays_the_same_customer_by_its_cookies() {
    let bench = Bench::start().await;
    let url = format!("{}/v2/customer/token", bench.at().accounts_url);
    let first = bench.http.post(&url).json(&cookie_grant(&bench)).send().await.unwrap();
    let cookies: Vec<String> = first
        .headers()
        .get_all("set-cookie")
        .iter()
        .map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap().to_owned())
        .collect();
    let id = text(&first.json().await.unwrap(), "/entity_id");
    let again = |cookies: String| {
        let request = bench.http.post(&url).header("Cookie", cookies).json(&cookie_grant(&bench));
        async move { text(&request.send().await.unwrap().json().await.unwrap(), "/entity_id") }
    };
    assert_eq!(again(cookies.join("; ")).await, id);
    assert_ne!(again(format!("__lc_cid={id}; __lc_cst=stolen")).await, id);
}

#[tokio::test]
async fn a_back_end_gets_customers_tokens_with_an_agents_token_only() {
    let bench = Bench::start().await;
    let grant =
        json!({"grant_type": "agent_token", "client_id": bench.at().client_id, "response_type": "token"});
    let issued = bench.post(&As::Agent, "/v2/customer/token", &grant).await.ok();
    assert_eq!(issued["client_id"], json!(bench.at().client_id));
    let mut same = grant.clone();
    same["entity_id"] = issued["entity_id"].clone();
    assert_eq!(
        bench.post(&As::Agent, "/v2/customer/token", &same).await.ok()["entity_id"],
        issued["entity_id"]
    );
    let bot = bench.new_bot(&[0]).await;
    for who in [&As::Pat, &As::Nobody, &bot.token] {
        let reply = bench.post(who, "/v2/customer/token", &grant).await;
        assert_eq!((reply.status, &reply.body["oauth_exception"]), (401, &json!("unauthorized")), "{who:?}");
    }
}

#[tokio::test]
async fn a_wrong_grant_is_refused_in_the_shape_of_the_accounts() {
    let bench = Bench::start().await;
    for (key, value, expected) in [
        ("grant_type", json!("wish"), (400, "unsupported_grant_type")),
        ("client_id", json!("unknown"), (401, "unauthorized_client")),
        ("organization_id", json!("unknown"), (401, "invalid_request")),
        ("response_type", json!("code"), (400, "unsupported_response_type")),
    ] {
        let mut grant = cookie_grant(&bench);
        grant[key] = value;
        let reply = bench.post(&As::Nobody, "/v2/customer/token", &grant).await;
        assert_eq!((reply.status, reply.body["oauth_exception"].as_str().unwrap()), expected, "{key}");
    }
}

#[tokio::test]
async fn a_customer_has_one_chat_and_resumes_it() {
    let bench = Bench::start().await;
    let (customer, chat_id, first) = bench.new_chat("hello").await;
    let again = bench.customer(&customer, "start_chat", json!({})).await;
    assert_eq!(again.refusal(), (422, "limit_reached"));
    let id = json!({"id": chat_id});
    bench.customer(&customer, "deactivate_chat", id.clone()).await.ok();
    assert_eq!(bench.customer(&customer, "deactivate_chat", id).await.refusal(), (422, "chat_inactive"));
    let closed = bench.customer(&customer, "send_event", message(&chat_id, "still here")).await;
    assert_eq!(closed.refusal(), (422, "chat_inactive"));
    let mut attached = message(&chat_id, "still here");
    attached["attach_to_last_thread"] = json!(true);
    bench.customer(&customer, "send_event", attached).await.ok();
    let resumed = bench.customer(&customer, "resume_chat", json!({"chat": {"id": chat_id}})).await.ok();
    let second = text(&resumed, "/thread_id");
    let threads = bench.customer(&customer, "list_threads", json!({"chat_id": chat_id})).await.ok();
    assert_eq!(threads["threads"][0]["previous_thread_id"], json!(first));
    assert_eq!(threads["threads"][1]["next_thread_id"], json!(second));
    assert_eq!(
        (&threads["threads"][0]["active"], &threads["threads"][1]["active"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(
        threads["threads"][1]["events"].as_array().unwrap().last().unwrap()["text"],
        json!("still here")
    );
    let chats = bench.customer(&customer, "list_chats", json!({})).await.ok();
    assert_eq!(
        (&chats["total_chats"], &chats["chats_summary"][0]["last_thread_id"]),
        (&json!(1), &json!(second))
    );
}

#[tokio::test]
async fn somebody_elses_chat_is_out_of_reach() {
    let bench = Bench::start().await;
    let (_, chat_id, thread_id) = bench.new_chat("hello").await;
    let (_, stranger) = bench.new_customer().await;
    for (action, body) in [
        ("get_chat", json!({"chat_id": chat_id})),
        ("list_threads", json!({"chat_id": chat_id})),
        ("send_event", message(&chat_id, "hello")),
        ("deactivate_chat", json!({"id": chat_id})),
        ("resume_chat", json!({"chat": {"id": chat_id}})),
        ("send_sneak_peek", json!({"chat_id": chat_id, "sneak_peek_text": "x"})),
        ("mark_events_as_seen", json!({"chat_id": chat_id, "seen_up_to": "2030-01-01T00:00:00Z"})),
        (
            "send_rich_message_postback",
            json!({"chat_id": chat_id, "thread_id": thread_id, "event_id": "x", "postback": {"id": "x", "toggled": true}}),
        ),
    ] {
        assert_eq!(
            bench.customer(&stranger, action, body).await.refusal(),
            (403, "missing_access"),
            "{action}"
        );
    }
}

#[tokio::test]
async fn customers_see_neither_whispers_nor_supervisors() {
    let bench = Bench::start().await;
    let bot = bench.new_bot(&[0]).await;
    let (customer, chat_id, _) = bench.new_chat("hello").await;
    bench.agent(&bot.token, "add_user_to_chat", joining(&chat_id, &bot.id)).await.ok();
    bench.agent(&bot.token, "send_event", whisper(&chat_id)).await.ok();
    bench.agent(&As::Agent, "send_event", message(&chat_id, "in public")).await.ok();
    let seen = [
        bench.customer(&customer, "get_chat", json!({"chat_id": chat_id})).await.ok(),
        bench.customer(&customer, "list_chats", json!({})).await.ok(),
        bench.customer(&customer, "list_threads", json!({"chat_id": chat_id})).await.ok(),
    ];
    for view in seen {
        let view = view.to_string();
        assert!(view.contains("in public"));
        for hidden in ["on the way", "Pizza Bot", "visibility", "@example.com", &bot.id] {
            assert!(!view.contains(hidden), "{hidden} in {view}");
        }
    }
}

#[tokio::test]
async fn a_button_that_is_pressed_is_noted_and_told() {
    let bench = Bench::start().await;
    bench.new_bot(&[0]).await;
    let receiver = Receiver::start().await;
    bench.register(&receiver, "incoming_rich_message_postback", json!({})).await;
    let (customer, chat_id, thread_id) = bench.new_chat("hello").await;
    let button = json!({"text": "Yes", "postback_id": "yes", "user_ids": []});
    let event =
        json!({"type": "rich_message", "template_id": "quick_replies", "elements": [{"buttons": [button]}]});
    let sent = bench.agent(&As::Agent, "send_event", json!({"chat_id": chat_id, "event": event})).await.ok();
    let pressed = json!({
        "chat_id": chat_id,
        "thread_id": thread_id,
        "event_id": sent["event_id"],
        "postback": {"id": "yes", "toggled": true},
    });
    bench.customer(&customer, "send_rich_message_postback", pressed).await.ok();
    let told = receiver.heard(1).await[0]["payload"].clone();
    assert_eq!((&told["postback"]["id"], &told["event_id"]), (&json!("yes"), &sent["event_id"]));
    let chat = bench.chat(&chat_id).await;
    let users = &chat["thread"]["events"][1]["elements"][0]["buttons"][0]["user_ids"];
    assert_eq!(users, &json!([told["user_id"]]));
}

#[tokio::test]
async fn a_changed_name_is_told_to_the_agents_of_the_active_chat() {
    let bench = Bench::start().await;
    let receiver = Receiver::start().await;
    let more = json!({"type": "license"});
    bench.register(&receiver, "customer_session_fields_updated", more).await;
    let (customer, chat_id, thread_id) = bench.new_chat("hello").await;
    let update = json!({"name": "Thomas", "session_fields": [{"table": "seven"}]});
    bench.customer(&customer, "update_customer", update).await.ok();
    let told = receiver.heard(1).await[0]["payload"].clone();
    assert_eq!(told["active_chat"], json!({"chat_id": chat_id, "thread_id": thread_id}));
    let own = bench.customer(&customer, "get_customer", json!({})).await.ok();
    assert_eq!((&own["name"], &own["session_fields"]), (&json!("Thomas"), &json!([{"table": "seven"}])));
    let events = bench.chat(&chat_id).await["thread"]["events"].clone();
    assert_eq!(events[1]["text"], json!("Customer's name has been changed to Thomas"));
}

#[tokio::test]
async fn nobody_online_means_no_new_chat_unless_it_may_wait() {
    let bench = Bench::start().await;
    let group = json!({"name": "Night", "agent_priorities": {"oscar@example.com": "normal"}});
    let night = bench.configure("create_group", group).await.ok()["id"].clone();
    let (_, customer) = bench.new_customer().await;
    let chat = json!({"access": {"group_ids": [night]}});
    let refused = bench.customer(&customer, "start_chat", json!({"chat": chat})).await;
    assert_eq!(refused.refusal(), (422, "groups_offline"));
    let started =
        bench.customer(&customer, "start_chat", json!({"chat": chat, "continuous": true})).await.ok();
    let view = bench.chat(&text(&started, "/chat_id")).await;
    assert!(view["thread"]["queue"].is_object());
    assert_eq!(view["properties"]["routing"], json!({"continuous": true, "pinned": true}));
}

#[tokio::test]
async fn the_accounts_tell_what_an_agents_token_is() {
    let bench = Bench::start().await;
    let url = format!("{}/v2/info", bench.at().accounts_url);
    let info: Value =
        bench.http.get(&url).bearer_auth(&bench.at().agent_token).send().await.unwrap().json().await.unwrap();
    let documented = super::fixtures::read("oauth/info_response.json");
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&info), keys(&documented));
    assert_ne!(info["client_id"], json!(bench.at().client_id));
    let unknown = bench.http.get(format!("{url}?code=unknown")).send().await.unwrap();
    assert_eq!(unknown.status(), 422);
    let revoke = bench.http.delete(format!("{}/v2/token", bench.at().accounts_url));
    assert_eq!(revoke.bearer_auth(&bench.at().agent_token).send().await.unwrap().status(), 200);
    assert_eq!(bench.agent(&As::Agent, "list_chats", json!({})).await.status, 401);
}
