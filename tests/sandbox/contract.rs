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

fn compare(name: &str, written: &Value, absent: &[&str], added: &[&str]) {
    let absent: Vec<&str> = CUSTOMER.iter().chain(&OPTIONAL).chain(absent).copied().collect();
    let found = differences(written, &fixtures::read(name), &absent, added);
    assert!(found.is_empty(), "{name}: {found:#?}\n{written:#}");
}

/// A customer with a name in a chat that has been through a lot.
async fn eventful(bench: &Bench) -> (As, String, String) {
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
