//! The platform is down for five minutes: nobody's reply is given up, and each is said once afterwards.
//!
//! The bot serves in this process, because its time is ours here: five minutes pass in seconds.

use super::bench::{KEY, PIZZA, REPLY, Wire, is_present, text};
use chimein::config;
use chimein::outbox::{Settings, View};
use chimein::rules::Rules;
use chimein::sandbox::{CallEffect, CallState, Entry, Fault, Options, Sandbox};
use chimein::serve::{self, Serving};
use serde_json::{Value, json};
use std::future::Future;
use std::time::Duration;
use tokio::time::Instant;

/// How long the platform is down.
const OUTAGE: Duration = Duration::from_secs(300);
/// How much time passes at once.
const TICK: Duration = Duration::from_secs(1);
/// No visit takes longer after the end of an outage.
const PATIENCE: Duration = Duration::from_secs(120);

/// A sandbox and a bot in this process.
struct Desk {
    sandbox: Sandbox,
    wire: Wire,
    serving: Serving,
    outbox: Settings,
    bot: String,
    http: reqwest::Client,
    _folder: tempfile::TempDir,
}

impl Desk {
    async fn set_up() -> Self {
        let sandbox = Sandbox::start(Options::default()).await.expect("the sandbox starts");
        let addresses = sandbox.addresses().clone();
        let wire = Wire::open().await;
        wire.lead_to(addresses.api_url.replace("http://", "").parse().expect("an address"));
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().expect("a client");
        let client = &addresses.client_id;
        let groups = json!([{ "id": 0, "priority": "supervisor" }]);
        let bot = json!({ "name": "Pizza Bot", "owner_client_id": client, "groups": groups });
        let bot = call(&http, &sandbox, "configuration/action/create_bot", bot).await;
        let (id, secret) = (text(&bot, "/id"), text(&bot, "/secret"));
        let folder = tempfile::tempdir().expect("a folder");
        let environment = [
            ("SERVER__LISTEN", "127.0.0.1:0".to_owned()),
            ("ADMIN__LISTEN", "127.0.0.1:0".to_owned()),
            ("LIVECHAT__API_URL", format!("http://{}", wire.address)),
            ("LIVECHAT__CLIENT_ID", client.clone()),
            ("LIVECHAT__ORGANIZATION_ID", addresses.organization_id.clone()),
            ("BOT__ID", id.clone()),
            ("BOT__SECRET", secret),
            ("WEBHOOKS__SECRET_KEY", KEY.to_owned()),
            ("OUTBOX__URL", format!("sqlite://{}", folder.path().join("chimein.db").display())),
        ];
        let environment = environment.map(|(name, value)| (format!("CHIMEIN__{name}"), value));
        let config = config::load_without_files(environment);
        let config = config.unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
        let rules = Rules::parse(vec![("rules.toml".to_owned(), PIZZA.to_owned())]).expect("a good rule");
        let serving = serve::start(&config, rules).await.expect("the bot starts");
        let webhook = json!({
            "url": format!("http://{}/webhooks/livechat", serving.public), "action": "incoming_chat", "type": "bot",
            "secret_key": KEY, "owner_client_id": client,
            "additional_data": ["chat_properties", "chat_presence_user_ids"],
        });
        call(&http, &sandbox, "configuration/action/register_webhook", webhook).await;
        let status = json!({ "status": "not_accepting_chats", "agent_id": id });
        call(&http, &sandbox, "agent/action/set_routing_status", status).await;
        Self { sandbox, wire, serving, outbox: config.outbox, bot: id, http, _folder: folder }
    }

    async fn customer_says(&self, words: &str) -> String {
        let mut customer = super::bench::Customer::arrive(&self.http, self.sandbox.addresses()).await;
        customer.starts(json!([{ "type": "message", "text": words }])).await;
        customer.chat
    }

    /// Lets time pass until the future is ready, or for so long; a tick lasts until the bot has written something down.
    async fn passes<T>(&self, time: Duration, future: impl Future<Output = T>) -> Option<T> {
        let ready = format!("http://{}/health/ready", self.serving.public);
        let ticks = async {
            let end = Instant::now() + time;
            while Instant::now() < end {
                tokio::time::advance(TICK).await;
                let answer = self.http.get(&ready).send().await.expect("the door answers");
                assert_eq!(answer.status(), 200);
            }
        };
        tokio::select! {
            biased;
            value = future => Some(value),
            () = ticks => None,
        }
    }

    /// Waits until the bot has made this call, and it succeeded or met a fault.
    async fn has_called(&self, action: &str, is_fault: bool) {
        let is_it = |call: &chimein::sandbox::Call| {
            call.requester == self.bot
                && call.action == action
                && call.fault.is_some() == is_fault
                && (is_fault || call.state != CallState::Pending)
        };
        let look = |entries: &[Entry]| entries.iter().filter_map(Entry::call).any(is_it).then_some(());
        self.sandbox.journal().wait_for(look).await;
    }

    async fn says_it_once_and_leaves(&self, chat: &str) {
        let left = self.has_called("remove_user_from_chat", false);
        self.passes(PATIENCE, left).await.expect("the bot goes on");
        let ended = async {
            while self.done_and_buried() != (1, 0) {
                tokio::task::yield_now().await;
            }
        };
        self.passes(PATIENCE, ended).await.expect("the visit is done");
        let chat = json!({ "chat_id": chat });
        let seen = call(&self.http, &self.sandbox, "agent/action/get_chat", chat).await;
        let events = seen["thread"]["events"].as_array().expect("events");
        assert_eq!(events.iter().filter(|event| event["text"] == REPLY).count(), 1, "{seen}");
        assert!(!is_present(&seen, &self.bot), "{seen}");
    }

    fn done_and_buried(&self) -> (u64, u64) {
        let depth = View::open(&self.outbox).and_then(|view| view.depth()).expect("the outbox is counted");
        (depth.done, depth.buried)
    }
}

async fn call(http: &reqwest::Client, sandbox: &Sandbox, path: &str, body: Value) -> Value {
    let addresses = sandbox.addresses();
    let token = Some(addresses.personal_access_token.as_str());
    let url = format!("{}/v3.6/{path}", addresses.api_url);
    let request = http.post(url).basic_auth(&addresses.account_id, token).json(&body);
    let answer = request.send().await.expect("the sandbox answers");
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    answer.json().await.expect("JSON")
}

/// What the platform does for five minutes; `None`: it takes no connection.
async fn survives(outage: Option<CallEffect>) {
    for is_inside in [false, true] {
        survives_an_outage(outage.clone(), is_inside).await;
    }
}

async fn survives_an_outage(outage: Option<CallEffect>, is_inside: bool) {
    let desk = Desk::set_up().await;
    // Time is ours from here on, and stands still unless it is told to pass: what blocks keeps it from running ahead.
    tokio::time::pause();
    let (release, held) = std::sync::mpsc::channel::<()>();
    let holder = tokio::task::spawn_blocking(move || held.recv());
    if is_inside {
        desk.sandbox.faults().add(Fault::call("send_event", CallEffect::ResetBefore).always());
    } else {
        begins(&desk, outage.as_ref());
    }
    let chat = desk.customer_says("pizza").await;
    if is_inside {
        desk.passes(PATIENCE, desk.has_called("send_event", true)).await.expect("it came to speak");
        begins(&desk, outage.as_ref());
    }
    desk.passes(OUTAGE, std::future::pending::<()>()).await;
    assert_eq!(desk.done_and_buried(), (0, 0), "nothing is given up");
    desk.sandbox.faults().clear();
    desk.wire.set_up(true);
    desk.says_it_once_and_leaves(&chat).await;
    drop(release);
    drop(holder.await);
    tokio::time::resume();
    desk.serving.stop().await;
    desk.sandbox.stop().await;
}

fn begins(desk: &Desk, outage: Option<&CallEffect>) {
    match outage {
        // Of the bot's calls only: its own face is the customer's.
        Some(effect) => {
            for action in
                ["list_chats", "get_chat", "add_user_to_chat", "send_event", "remove_user_from_chat"]
            {
                let fault = super::bench::fault(action, effect.clone());
                desk.sandbox.faults().add(fault.always());
            }
        }
        None => desk.wire.set_up(false),
    }
}

#[tokio::test]
async fn five_minutes_of_service_unavailable() {
    let kind = Some("service_unavailable".to_owned());
    survives(Some(CallEffect::Status { code: 503, kind, retry_after: None })).await;
}

#[tokio::test]
async fn five_minutes_of_pages_instead_of_answers() {
    survives(Some(CallEffect::Status { code: 502, kind: None, retry_after: None })).await;
}

#[tokio::test]
async fn five_minutes_of_hanging() {
    survives(Some(CallEffect::HangBefore)).await;
}

#[tokio::test]
async fn five_minutes_of_resets() {
    survives(Some(CallEffect::ResetBefore)).await;
}

#[tokio::test]
async fn five_minutes_without_connections() {
    survives(None).await;
}
