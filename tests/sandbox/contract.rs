//! What the sandbox writes has the shapes of the documented samples: names and types of fields.
use super::bench::{As, Bench, Receiver, message, text};
use super::fixtures;
use super::shape::differences;
use serde_json::{Value, json};

/// Documented fields of a customer that are optional or belong to what the sandbox does not play.
const CUSTOMER: [&str; 17] = [
    "<customer>.email_verified",
    "<customer>.phone_number",
    "<customer>.visit",
    "<customer>.__priv_lc2_customer_id",
    "<customer>.agent_last_event_created_at",
    "<customer>.customer_last_event_created_at",
    "<customer>.followed",
    "<customer>.online",
    "<customer>.group_ids",
    "<customer>.tickets",
    "<customer>.state",
    "<customer>.carts",
    "<customer>.omnichannel",
    "<customer>.address",
    "<customer>.statistics.visits_count",
    "<customer>.statistics.tickets_count",
    "<customer>.avatar",
];
/// Optional fields of threads and users.
const OPTIONAL: [&str; 8] = [
    ".summary",
    ".customer_visit",
    ".queue",
    ".queues_duration",
    ".previous_thread_id",
    ".next_thread_id",
    "<agent>.avatar",
    ".custom_id",
];

pub(crate) fn compare(name: &str, written: &Value, absent: &[&str], added: &[&str]) {
    let absent: Vec<&str> = CUSTOMER.iter().chain(&OPTIONAL).chain(absent).copied().collect();
    let found = differences(written, &fixtures::read(name), &absent, added);
    assert!(found.is_empty(), "{name}: {found:#?}\n{written:#}");
}

/// A customer with a name in a chat that has been through a lot.
pub(crate) async fn eventful(bench: &Bench) -> (As, String, String) {
    let (customer, chat_id, thread_id) = bench.new_chat("hello").await;
    let profile = json!({"name": "Thomas", "email": "t@example.com", "session_fields": [{"table": "7"}]});
    bench.customer(&customer, "update_customer", profile).await.ok();
    let id = json!({"chat_id": chat_id, "thread_id": thread_id, "tag": "sales"});
    bench.agent(&As::Agent, "tag_thread", id).await.ok();
    bench.agent(&As::Agent, "send_event", message(&chat_id, "welcome")).await.ok();
    (customer, chat_id, thread_id)
}

#[tokio::test]
async fn answers_of_the_agent_api() {
    let bench = Bench::start().await;
    let (_, chat_id, _) = eventful(&bench).await;
    let chat = bench.chat(&chat_id).await;
    let user = &["<customer>.name", "<customer>.email", "<customer>.session_fields", "<customer>.statistics"];
    let seen = [
        ".events_seen_up_to",
        ".tags",
        "<customer>.customer_last_event_created_at",
        "<system_message>",
        ".properties",
    ];
    compare("responses/get_chat.json", &chat, &[], &[user.as_slice(), &seen].concat());
    let chats = bench.agent(&As::Agent, "list_chats", json!({"limit": 1})).await.ok();
    let relic = ["<agent>.avatar", ".next_page_id"];
    compare("responses/list_chats.json", &chats, &relic, &[".properties"]);
    let threads = bench.agent(&As::Agent, "list_threads", json!({"chat_id": chat_id})).await.ok();
    compare(
        "responses/list_threads.json",
        &threads,
        &[".next_page_id", ".previous_page_id"],
        &[".tags", "<system_message>", ".properties"],
    );
    let archives = bench.agent(&As::Agent, "list_archives", json!({"limit": 1})).await.ok();
    let alone = ["_page_id", "_accessible_thread_id"];
    // The sample shows no customer among the users.
    let more = [user.as_slice(), &seen, &["<customer>"]].concat();
    compare("responses/list_archives.json", &archives, &alone, &more);
    let customer = text(&chat, "/users/0/id");
    let customer = bench.agent(&As::Agent, "get_customer", json!({"id": customer})).await.ok();
    let unplayed = [".visit", ".__priv_lc2_customer_id", ".tickets", ".avatar", "_count"];
    compare("responses/get_customer.json", &customer, &unplayed, &[]);
    let statuses = bench.agent(&As::Agent, "list_routing_statuses", json!({})).await.ok();
    compare("responses/list_routing_statuses.json", &statuses, &[], &[]);
    bench.new_bot(&[0]).await;
    let able = bench.agent(&As::Agent, "list_agents_for_transfer", json!({"chat_id": chat_id})).await.ok();
    compare("responses/list_agents_for_transfer.json", &able, &[], &[]);
    let sent = bench.agent(&As::Agent, "send_event", message(&chat_id, "x")).await.ok();
    compare("responses/send_event.json", &sent, &[], &[]);
    let started = bench.agent(&As::Agent, "start_chat", json!({})).await.ok();
    compare("responses/start_chat.json", &started, &[], &[]);
    bench.agent(&As::Agent, "deactivate_chat", json!({"id": chat_id})).await.ok();
    let resumed = bench.agent(&As::Agent, "resume_chat", json!({"chat": {"id": chat_id}})).await.ok();
    compare("responses/resume_chat.json", &resumed, &[], &[]);
}

#[tokio::test]
async fn answers_of_the_configuration_api() {
    let bench = Bench::start().await;
    let owner = json!({"owner_client_id": bench.at().client_id});
    let schedule = json!([{"day": "monday", "enabled": true, "start": "08:30", "end": "12:30"}]);
    let form = json!({
        "name": "Bot",
        "owner_client_id": bench.at().client_id,
        "avatar": "https://example.com/a.png",
        "job_title": "Hero",
        "groups": [{"id": 0, "priority": "first"}],
        "work_scheduler": {"timezone": "Europe/Warsaw", "schedule": schedule},
    });
    let made = bench.configure("create_bot", form.clone()).await.ok();
    compare("responses/create_bot.json", &made, &[], &[]);
    let fields = json!(["work_scheduler", "job_title", "timezone"]);
    compare(
        "responses/get_bot.json",
        &bench.configure("get_bot", json!({"id": made["id"]})).await.ok(),
        &[],
        &[],
    );
    let all = bench.configure("get_bot", json!({"id": made["id"], "fields": fields})).await.ok();
    compare("responses/get_bot__all_fields.json", &all, &[], &[]);
    compare("responses/list_bots.json", &bench.configure("list_bots", json!({})).await.ok(), &[], &[]);
    let reset = bench
        .configure("reset_bot_secret", json!({"id": made["id"], "owner_client_id": bench.at().client_id}))
        .await;
    compare("responses/reset_bot_secret.json", &reset.ok(), &[], &[]);
    compare(
        "responses/create_bot_template.json",
        &bench.configure("create_bot_template", form.clone()).await.ok(),
        &[],
        &[],
    );
    compare(
        "responses/list_bot_templates.json",
        &bench.configure("list_bot_templates", owner.clone()).await.ok(),
        &[],
        &[],
    );
    let batch = bench
        .configure(
            "batch_create_bots",
            json!({"requests": [form, {"owner_client_id": bench.at().client_id}]}),
        )
        .await
        .ok();
    compare("constructed/batch_create_bots_response.json", &batch, &[], &[]);
}

#[tokio::test]
async fn answers_of_the_configuration_api_about_webhooks_groups_and_people() {
    let bench = Bench::start().await;
    let owner = json!({"owner_client_id": bench.at().client_id});
    let receiver = Receiver::start().await;
    let more = json!({"type": "license", "description": "d", "filters": {"chat_presence": {"user_ids": {"values": ["x"]}, "my_bots": true}}});
    let id = bench.register(&receiver, "chat_deactivated", more).await;
    compare("responses/register_webhook.json", &json!({ "id": id }), &[], &[]);
    compare(
        "responses/list_webhooks.json",
        &bench.configure("list_webhooks", owner.clone()).await.ok(),
        &[],
        &[],
    );
    let names =
        bench.post(&As::Nobody, "/v3.6/configuration/action/list_webhook_names", &json!({})).await.ok();
    compare("responses/list_webhook_names.json", &names, &[], &[]);
    compare(
        "responses/get_license_webhooks_state.json",
        &bench.configure("get_license_webhooks_state", owner).await.ok(),
        &[],
        &[],
    );
    let group = json!({"name": "Night", "agent_priorities": {"oscar@example.com": "first"}});
    let group = bench.configure("create_group", group).await.ok();
    compare("responses/create_group.json", &group, &[], &[]);
    let fields = json!(["agent_priorities", "routing_status"]);
    let view = bench.configure("get_group", json!({"id": group["id"], "fields": fields})).await.ok();
    compare("responses/get_group.json", &view, &[], &[]);
    let groups = bench.configure("list_groups", json!({"fields": ["routing_status"]})).await.ok();
    compare("responses/list_groups.json", &groups, &[], &[]);
    compare("responses/list_tags.json", &bench.configure("list_tags", json!({})).await.ok(), &[], &[]);
    let agent = bench.configure("get_agent", json!({"id": bench.at().agent_id})).await.ok();
    compare("responses/get_agent.json", &agent, &[".avatar"], &[]);
    let agents =
        bench.configure("list_agents", json!({"fields": ["job_title", "max_chats_count"]})).await.ok();
    compare("responses/list_agents.json", &agents, &[".avatar_path", ".last_logout", ".summaries"], &[]);
}

#[tokio::test]
async fn answers_of_the_customer_api() {
    let bench = Bench::start().await;
    let (customer, chat_id, _) = eventful(&bench).await;
    let users = ["<agent>.avatar", ".previous_thread_id", ".next_thread_id"];
    let chat = bench.customer(&customer, "get_chat", json!({"chat_id": chat_id})).await.ok();
    compare("responses/customer/get_chat.json", &chat, &users, &[".properties"]);
    let chats = bench.customer(&customer, "list_chats", json!({})).await.ok();
    compare("responses/customer/list_chats.json", &chats, &[".next_page_id"], &[".properties"]);
    let threads = bench.customer(&customer, "list_threads", json!({"chat_id": chat_id})).await.ok();
    let absent = [".next_page_id", ".previous_page_id", ".recipients"];
    compare("responses/customer/list_threads.json", &threads, &absent, &[".properties"]);
    let own = bench.customer(&customer, "get_customer", json!({})).await.ok();
    compare("responses/customer/get_customer.json", &own, &[".avatar"], &[]);
    compare(
        "responses/customer/send_event.json",
        &bench.customer(&customer, "send_event", message(&chat_id, "x")).await.ok(),
        &[],
        &[],
    );
    bench.customer(&customer, "deactivate_chat", json!({"id": chat_id})).await.ok();
    let resumed = bench.customer(&customer, "resume_chat", json!({"chat": {"id": chat_id}})).await.ok();
    compare("responses/customer/resume_chat.json", &resumed, &[], &[]);
    let (_, other) = bench.new_customer().await;
    let started = bench.customer(&other, "start_chat", json!({})).await.ok();
    compare("responses/customer/start_chat.json", &started, &[], &[]);
    let grant =
        json!({"grant_type": "agent_token", "client_id": bench.at().client_id, "response_type": "token"});
    let issued = bench.post(&As::Agent, "/v2/customer/token", &grant).await.ok();
    compare("oauth/customer_token_agent_grant_response.json", &issued, &[], &[]);
    let mut grant = grant.clone();
    grant["grant_type"] = json!("cookie");
    grant["organization_id"] = json!(bench.at().organization_id);
    let issued = bench.post(&As::Nobody, "/v2/customer/token", &grant).await.ok();
    compare("oauth/customer_token_cookie_grant_response.json", &issued, &[], &[]);
}

#[tokio::test]
async fn every_error_has_its_documented_body() {
    let bench = Bench::start().await;
    for name in fixtures::json_files("errors").into_iter().filter(|name| !name.starts_with("observed/")) {
        let documented = fixtures::read(&format!("errors/{name}.json"));
        let effect =
            chimein::sandbox::CallEffect::Status { code: 418, kind: Some(name.clone()), retry_after: None };
        bench.sandbox.faults().add(chimein::sandbox::Fault::call("list_chats", effect));
        let reply = bench.agent(&As::Agent, "list_chats", json!({})).await;
        assert_eq!(reply.body["error"]["type"], documented["error"]["type"], "{name}");
        assert_eq!(reply.body["error"]["message"], documented["error"]["message"], "{name}");
    }
}
