//! Two organizations on one platform: what is in one is not there for the other.
use super::bench::{As, Bench, Receiver, Reply, message, text};
use chimein::sandbox::{Addresses, WIDGET_CLIENT_ID};
use serde_json::{Value, json};

fn theirs(bench: &Bench) -> (&Addresses, As) {
    let second = bench.sandbox.second_organization();
    (second, As::Token(second.agent_token.clone()))
}

/// A call of the Configuration API by the second organization.
async fn configure(bench: &Bench, action: &str, body: Value) -> Reply {
    bench.post(&theirs(bench).1, &format!("/v3.6/configuration/action/{action}"), &body).await
}

/// A new customer of an organization begins a chat: the token and the chat.
async fn new_chat(bench: &Bench, organization_id: &str) -> (As, String) {
    let grant = json!({
        "grant_type": "cookie",
        "client_id": WIDGET_CLIENT_ID,
        "organization_id": organization_id,
        "response_type": "token",
        "redirect_uri": bench.at().desk_url,
    });
    let issued = bench.post(&As::Nobody, "/v2/customer/token", &grant).await.ok();
    assert_eq!(issued["organization_id"], json!(organization_id));
    let customer = As::Token(text(&issued, "/access_token"));
    let path = format!("/v3.6/customer/action/start_chat?organization_id={organization_id}");
    let chat = bench.post(&customer, &path, &json!({})).await.ok();
    (customer, text(&chat, "/chat_id"))
}

#[tokio::test]
async fn bots_chats_and_webhooks_of_one_organization_are_not_there_for_the_other() {
    let (bench, receiver) = (Bench::start().await, Receiver::start().await);
    let (second, agent) = theirs(&bench);
    let bot = bench.new_bot(&[0]).await;
    let (_, chat_id, _) = bench.new_chat("hello").await;
    let webhook = bench.register(&receiver, "incoming_chat", json!({})).await;
    assert_eq!(bench.agent(&agent, "list_chats", json!({})).await.ok()["found_chats"], json!(0));
    assert_eq!(configure(&bench, "list_bots", json!({"all": true})).await.ok(), json!([]));
    let own = json!({"owner_client_id": second.client_id});
    assert_eq!(configure(&bench, "list_webhooks", own).await.ok(), json!([]));
    let status = json!({"agent_id": bot.id, "status": "offline"});
    for (action, body) in [
        ("get_chat", json!({"chat_id": chat_id})),
        ("send_event", message(&chat_id, "hello")),
        ("deactivate_chat", json!({"id": chat_id})),
        ("set_routing_status", status),
    ] {
        assert_eq!(bench.agent(&agent, action, body).await.refusal(), (404, "not_found"), "{action}");
    }
    let ours = &bench.at().client_id;
    for (action, body, expected) in [
        ("get_bot", json!({"id": bot.id}), (404, "not_found")),
        ("delete_bot", json!({"id": bot.id}), (404, "not_found")),
        ("create_bot", json!({"name": "Spy", "owner_client_id": ours}), (403, "authorization")),
        ("list_webhooks", json!({"owner_client_id": ours}), (403, "authorization")),
        ("unregister_webhook", json!({"id": webhook, "owner_client_id": ours}), (403, "authorization")),
        (
            "unregister_webhook",
            json!({"id": webhook, "owner_client_id": second.client_id}),
            (404, "not_found"),
        ),
        ("disable_license_webhooks", json!({"owner_client_id": ours}), (403, "authorization")),
    ] {
        assert_eq!(configure(&bench, action, body).await.refusal(), expected, "{action}");
    }
}

#[tokio::test]
async fn credentials_of_one_organization_open_nothing_of_the_other() {
    let bench = Bench::start().await;
    let (second, agent) = theirs(&bench);
    let bot = bench.new_bot(&[0]).await;
    let (customer, _, _) = bench.new_chat("hello").await;
    let (_, chat_there) = new_chat(&bench, &second.organization_id).await;
    assert_eq!(bench.agent(&agent, "get_chat", json!({"chat_id": chat_there})).await.status, 200);
    for who in [&As::Agent, &As::Pat, &bot.token] {
        let reply = bench.agent(who, "get_chat", json!({"chat_id": chat_there})).await;
        assert_eq!(reply.refusal(), (404, "not_found"), "{who:?}");
    }
    let path = format!("/v3.6/customer/action/list_chats?organization_id={}", second.organization_id);
    assert_eq!(bench.post(&customer, &path, &json!({})).await.refusal(), (404, "license_not_found"));
    let wanted = json!({
        "bot_id": bot.id,
        "client_id": bench.at().client_id,
        "bot_secret": bot.secret,
        "organization_id": second.organization_id,
    });
    let issued = bench.post(&As::Nobody, "/v3.6/configuration/action/issue_bot_token", &wanted).await;
    assert_eq!(issued.refusal(), (404, "not_found"));
    let url = format!("{}/v3.6/configuration/action/list_bots", second.api_url);
    for (account, expected) in [(&second.account_id, 200), (&bench.at().account_id, 401)] {
        let call = bench.http.post(&url).basic_auth(account, Some(&second.personal_access_token));
        assert_eq!(call.json(&json!({})).send().await.unwrap().status(), expected);
    }
}

#[tokio::test]
async fn deliveries_tell_only_of_their_own_organization() {
    let (bench, here, there) = (Bench::start().await, Receiver::start().await, Receiver::start().await);
    let (second, agent) = theirs(&bench);
    bench.register(&here, "incoming_chat", json!({"type": "license"})).await;
    let form = json!({
        "url": there.url,
        "action": "incoming_chat",
        "secret_key": "their secret key",
        "owner_client_id": second.client_id,
        "type": "license",
    });
    configure(&bench, "register_webhook", form).await.ok();
    let ids = [&bench.at().organization_id, &second.organization_id];
    for (receiver, id) in [&here, &there].into_iter().zip(ids) {
        let (_, chat_id) = new_chat(&bench, id).await;
        let heard = receiver.heard(1).await;
        assert_eq!((heard.len(), &heard[0]["organization_id"]), (1, &json!(id)));
        assert_eq!(heard[0]["payload"]["chat"]["id"], json!(chat_id));
    }
    let deliveries = bench.sandbox.journal().entries().iter().filter_map(|entry| entry.delivery()).count();
    assert_eq!(deliveries, 2);
    bench.post(&As::Nobody, "/sandbox/reset", &json!({})).await.ok();
    assert_eq!(bench.agent(&agent, "list_chats", json!({})).await.ok()["found_chats"], json!(0));
}
