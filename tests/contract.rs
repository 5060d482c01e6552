//! The client against the platform's documented JSON: every answer, error and push that it reads, every
//! request that it writes. A server answers each call with a file of `tests/fixtures/livechat`.

#![expect(clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "contract/platform.rs"]
mod platform;

use chimein::livechat::agent::NewMessage;
use chimein::livechat::model::{BotGroup, NewWebhook, Visibility};
use chimein::livechat::push::{AuthorKind, Listed, Push};
use chimein::livechat::{Advice, ChatId, Error, OrganizationId, UserId, WebhookId};
use platform::{Platform, files, fixture};
use serde_json::{Value, json};

fn organization() -> OrganizationId {
    OrganizationId::new("390e44e6-f1e6-0368c-z6ddb-74g14508c2ex")
}

fn chat() -> ChatId {
    ChatId::new("PJ0MRSHTDG")
}

#[tokio::test]
async fn documented_answers_are_read() {
    let platform = Platform::start().await;
    platform.answers(200, &fixture("responses/get_chat.json"));
    let read = platform.bot.chat(&organization(), &chat(), None).await.unwrap();
    assert!(read.is_active());
    assert_eq!(read.present(&UserId::new("smith@example.com")).unwrap().visibility.as_deref(), Some("all"));
    platform.answers(200, &fixture("responses/list_chats.json"));
    let page = platform.bot.active_chats(&organization(), None).await.unwrap();
    assert_eq!(page.next_page_id.as_deref(), Some("MTUxNzM5ODEzMTQ5Ng=="));
    let listed = Listed::parse(page.chats_summary[0].get()).unwrap();
    assert_eq!((listed.chat(), listed.mark().as_str()), ("PJ0MRSHTDG", "Q298LUVPRH_1"));
    assert_eq!(listed.written_at().unwrap().to_string(), "2019-12-09T12:01:18.909Z");
    let account = &platform.account;
    platform.answers(200, &fixture("responses/create_bot.json"));
    assert_eq!(account.create_bot("Bot", &[]).await.unwrap().id.as_str().len(), 32);
    for file in ["get_bot.json", "get_bot__all_fields.json"] {
        platform.answers(200, &fixture(&format!("responses/{file}")));
        assert!(!account.bot(&UserId::new("b")).await.unwrap().groups.is_empty());
    }
    platform.answers(200, &fixture("responses/list_bots.json"));
    assert!(!account.bots().await.unwrap().is_empty());
    platform.answers(200, &fixture("responses/list_webhooks.json"));
    assert!(account.webhooks().await.unwrap().iter().all(|webhook| !webhook.action.is_empty()));
}

#[tokio::test]
async fn any_success_is_a_success_and_a_page_is_none() {
    let platform = Platform::start().await;
    let message = NewMessage { text: "hello", visibility: Visibility::Agents, custom_id: "chimein-1" };
    for (status, body) in
        [(200, "{}"), (200, ""), (202, ""), (204, ""), (200, "{\"new_field\": [1]}"), (200, "[]")]
    {
        platform.answers(status, body);
        platform.bot.add_to_chat(&organization(), &chat(), Visibility::Agents).await.unwrap();
        platform.bot.send_event(&organization(), &chat(), &message).await.unwrap();
    }
    platform.answers(200, &fixture("responses/send_event.json"));
    platform.bot.send_event(&organization(), &chat(), &message).await.unwrap();
    for body in ["<html>log in to the hotel's network</html>", "{\"event_id\": \"T_"] {
        platform.answers(200, body);
        let error = platform.bot.send_event(&organization(), &chat(), &message).await.unwrap_err();
        assert_eq!(error.advice(), Advice::LookFirst, "{body}");
    }
    // Depth and size have limits.
    platform.answers(200, &format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)));
    assert!(matches!(platform.bot.chat(&organization(), &chat(), None).await, Err(Error::Unreadable { .. })));
    platform.answers(200, &format!("{{\"id\": \"{}\"}}", "x".repeat(5 << 20)));
    assert!(matches!(platform.bot.chat(&organization(), &chat(), None).await, Err(Error::Unreadable { .. })));
}

#[tokio::test]
async fn every_documented_error_is_known_by_its_type_whatever_the_status() {
    let platform = Platform::start().await;
    for file in files("errors").into_iter().chain(files("errors/observed")) {
        let body = fixture(&file);
        let kind =
            serde_json::from_str::<Value>(&body).unwrap()["error"]["type"].as_str().unwrap().to_owned();
        for status in [400, 403, 418, 500] {
            platform.answers(status, &body);
            let error = platform.bot.remove_from_chat(&organization(), &chat()).await.unwrap_err();
            let expected = match kind.as_str() {
                "authentication" | "too_many_requests" => Advice::SlowDown(None),
                "misdirected_request" => Advice::Later,
                "internal" | "request_timeout" | "service_unavailable" => Advice::LookFirst,
                // Types that only other APIs are documented to answer: the status decides.
                "agent_offline"
                | "customer_banned"
                | "greeting_not_found"
                | "group_offline"
                | "group_unavailable"
                | "groups_offline"
                | "ownership_transfer"
                | "pending_requests_limit_reached"
                | "requester_already_offline"
                | "requester_awaiting_approval"
                | "requester_suspended"
                | "seats_limit_exceeded"
                | "transfer_ownership"
                | "users_limit_reached"
                    if status >= 500 =>
                {
                    Advice::LookFirst
                }
                _ => Advice::Never,
            };
            assert_eq!(error.advice(), expected, "{file} with {status}: {error}");
        }
    }
}

/// Every request that the client writes has the documented fields, and no others.
#[tokio::test]
async fn requests_are_written_as_documented() {
    let platform = Platform::start().await;
    let (organization, chat, bot) = (organization(), chat(), &platform.bot);
    platform.answers(200, "{}");
    bot.add_to_chat(&organization, &chat, Visibility::Agents).await.unwrap();
    platform.wrote("agent", "add_user_to_chat", "add_user_to_chat__bot_itself.json", &[]);
    let message = NewMessage { text: "hello", visibility: Visibility::Agents, custom_id: "chimein-1" };
    bot.send_event(&organization, &chat, &message).await.unwrap();
    platform.wrote("agent", "send_event", "send_event__message_to_agents.json", &[]);
    bot.remove_from_chat(&organization, &chat).await.unwrap();
    let presence = ["ignore_requester_presence"];
    platform.wrote("agent", "remove_user_from_chat", "remove_user_from_chat__bot_itself.json", &presence);
    bot.set_routing_status(&organization, "not_accepting_chats").await.unwrap();
    platform.wrote("agent", "set_routing_status", "set_routing_status__bot.json", &[]);
    platform.answers(200, &fixture("responses/get_chat.json"));
    bot.chat(&organization, &chat, None).await.unwrap();
    platform.wrote("agent", "get_chat", "get_chat.json", &[]);
    platform.answers(200, &fixture("responses/list_chats.json"));
    bot.active_chats(&organization, None).await.unwrap();
    platform.wrote("agent", "list_chats", "list_chats.json", &["filters", "limit"]);
    bot.active_chats(&organization, Some("page")).await.unwrap();
    platform.wrote("agent", "list_chats", "list_chats.json", &["page_id"]);
    let account = &platform.account;
    platform.answers(200, &fixture("responses/create_bot.json"));
    account.create_bot("Bot", &[BotGroup { id: 0, priority: "normal".to_owned() }]).await.unwrap();
    platform.wrote("configuration", "create_bot", "create_bot.json", &["groups", "default_group_priority"]);
    platform.answers(200, &fixture("responses/register_webhook.json"));
    let webhook = NewWebhook {
        url: "https://bot.example.com/webhooks/livechat",
        description: "d",
        action: "incoming_event",
        secret_key: "k",
        owner_client_id: "c",
        kind: "bot",
        additional_data: &["chat_properties", "chat_presence_user_ids"],
        filters: json!({ "author_type": "customer", "source_type": ["other_clients", "system"] }),
    };
    assert!(!account.register_webhook(&webhook).await.unwrap().as_str().is_empty());
    platform.wrote("configuration", "register_webhook", "register_webhook__bot.json", &[]);
    platform.answers(200, "{}");
    account.unregister_webhook(&WebhookId::new("w")).await.unwrap();
    platform.wrote("configuration", "unregister_webhook", "unregister_webhook.json", &[]);
}

#[tokio::test]
async fn a_bot_token_is_issued_once_kept_and_replaced_once() {
    let platform = Platform::start().await;
    platform.answers(200, "{}");
    let (organization, chat) = (organization(), chat());
    let calls = (0..20).map(|_| platform.bot.add_to_chat(&organization, &chat, Visibility::Agents));
    for call in futures_util::future::join_all(calls).await {
        call.unwrap();
    }
    assert_eq!(platform.tokens_issued(), 1, "one flight at a time");
    platform.wrote_token_request("issue_bot_token.json");
    platform.answers(401, &fixture("errors/observed/authentication_invalid_access_token_401.json"));
    assert!(matches!(
        platform.bot.add_to_chat(&organization, &chat, Visibility::Agents).await,
        Err(Error::NotAllowed { status: 401 })
    ));
    assert_eq!(platform.tokens_issued(), 2, "replaced once, not again and again");
}

#[test]
fn every_documented_webhook_is_read_and_messages_are_heard() {
    let mut heard = 0;
    for file in files("webhooks").into_iter().chain(files("webhooks/variants")) {
        let body = fixture(&file);
        let push = Push::from_webhook(body.as_bytes(), |secret| !secret.is_empty())
            .unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(!push.organization_id().is_empty(), "{file}");
        let is_of_messages = ["incoming_event", "incoming_chat"].contains(&push.action());
        let push = push.heard().unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(is_of_messages || push.messages.is_empty(), "{file}");
        for message in push.messages {
            assert!(message.written_at().is_some() && message.author_kind == AuthorKind::Customer, "{file}");
            heard += message.texts.len();
        }
    }
    assert!(heard >= 5, "{heard}");
}

#[test]
fn every_constructed_webhook_is_read_and_our_own_words_are_a_bots() {
    for file in files("constructed").into_iter().filter(|file| file.contains("webhook_")) {
        let body = fixture(&file);
        let push = Push::from_webhook(body.as_bytes(), |_| true).unwrap().heard().unwrap();
        if file.contains("own_message") {
            assert_eq!(push.messages[0].author_kind, AuthorKind::Bot, "{file}");
        } else if file.contains("keyword") {
            assert_eq!(push.messages[0].author_kind, AuthorKind::Customer, "{file}");
            assert!(push.messages[0].texts[0].contains("pizza"), "{file}");
        }
    }
}
