//! A bot that serves in this process, in a sandbox of its own: its time is the test's, and minutes pass in a second.

use super::{Customer, KEY, Wire, is_present, text};
use chimein::config;
use chimein::outbox::{Settings, View};
use chimein::rules::Rules;
use chimein::sandbox::{Call, Entry, Options, Sandbox};
use chimein::serve::{self, Serving};
use serde_json::{Value, json};
use std::future::Future;
use std::sync::mpsc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// How much time passes at once.
const TICK: Duration = Duration::from_secs(1);

pub(crate) struct Desk {
    pub(crate) sandbox: Sandbox,
    /// What the bot reaches the platform over.
    pub(crate) wire: Wire,
    pub(crate) bot: String,
    serving: Serving,
    outbox: Settings,
    http: reqwest::Client,
    /// What blocks keeps the time from running ahead.
    holder: JoinHandle<()>,
    release: mpsc::Sender<()>,
    _folder: tempfile::TempDir,
}

impl Desk {
    /// Time stands still from here on, unless `passes` lets it pass.
    pub(crate) async fn with(rules: &str, settings: &[(&str, &str)]) -> Self {
        let sandbox = Sandbox::start(Options::default()).await.expect("the sandbox starts");
        let addresses = sandbox.addresses().clone();
        let wire = Wire::open().await;
        wire.lead_to(addresses.api_url.replace("http://", "").parse().expect("an address"));
        // No connection is kept: while time runs, its other end may close it just when it is used.
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).pool_max_idle_per_host(0);
        let http = http.build().expect("a client");
        let (bot, secret) = new_bot(&http, &sandbox, "Pizza Bot").await;
        let folder = tempfile::tempdir().expect("a folder");
        let api = format!("http://{}", wire.address);
        let outbox = format!("sqlite://{}", folder.path().join("chimein.db").display());
        let environment = [
            ("SERVER__LISTEN", "127.0.0.1:0"),
            ("ADMIN__LISTEN", "127.0.0.1:0"),
            ("LIVECHAT__API_URL", &api),
            ("LIVECHAT__CLIENT_ID", &addresses.client_id),
            ("LIVECHAT__ORGANIZATION_ID", &addresses.organization_id),
            ("BOT__ID", &bot),
            ("BOT__SECRET", &secret),
            ("WEBHOOKS__SECRET_KEY", KEY),
            ("OUTBOX__URL", &outbox),
        ];
        let environment = environment.iter().chain(settings);
        let environment = environment.map(|(name, value)| (format!("CHIMEIN__{name}"), (*value).to_owned()));
        let config = config::load_without_files(environment);
        let config = config.unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
        let rules = Rules::parse(vec![("rules.toml".to_owned(), rules.to_owned())]).expect("good rules");
        let serving = serve::start(&config, rules).await.expect("the bot starts");
        tokio::time::pause();
        let (release, held) = mpsc::channel();
        let holder = tokio::task::spawn_blocking(move || held.recv().unwrap_or_default());
        let outbox = config.outbox;
        let desk = Self { sandbox, wire, bot, serving, outbox, http, holder, release, _folder: folder };
        let door = format!("http://{}/webhooks/livechat", desk.serving.public);
        desk.tells(&door, &["incoming_chat", "incoming_event"]).await;
        desk.is_there(&desk.bot).await;
        desk
    }

    /// Another bot of the same account; gives its id and its token.
    pub(crate) async fn another_bot(&self) -> (String, String) {
        let addresses = self.sandbox.addresses();
        let (id, secret) = new_bot(&self.http, &self.sandbox, "Other Bot").await;
        let credentials = json!({ "bot_id": id, "bot_secret": secret, "client_id": addresses.client_id,
            "organization_id": addresses.organization_id });
        let token = text(&self.call("configuration/action/issue_bot_token", credentials).await, "/token");
        self.is_there(&id).await;
        (id, token)
    }

    /// From now on the platform tells this address of these; of everybody's words, whoever they are.
    pub(crate) async fn tells(&self, url: &str, actions: &[&str]) {
        for action in actions {
            let webhook = json!({
                "url": url, "action": action, "type": "bot", "secret_key": KEY,
                "owner_client_id": self.sandbox.addresses().client_id,
                "additional_data": ["chat_properties", "chat_presence_user_ids"],
            });
            self.call("configuration/action/register_webhook", webhook).await;
        }
    }

    async fn is_there(&self, bot: &str) {
        let status = json!({ "status": "not_accepting_chats", "agent_id": bot });
        self.call("agent/action/set_routing_status", status).await;
    }

    /// A call of the platform as an administrator, who is an agent too.
    pub(crate) async fn call(&self, path: &str, body: Value) -> Value {
        call(&self.http, &self.sandbox, path, body).await
    }

    /// A new customer starts a chat with this; gives the chat.
    pub(crate) async fn customer_says(&self, words: &str) -> String {
        let mut customer = Customer::arrive(&self.http, self.sandbox.addresses()).await;
        customer.starts(json!([{ "type": "message", "text": words }])).await;
        customer.chat
    }

    /// Lets time pass until the future is ready, or for so long; a tick lasts until the bot has written something down.
    pub(crate) async fn passes<T>(&self, time: Duration, future: impl Future<Output = T>) -> Option<T> {
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

    /// Waits until a call of the bot has met a fault.
    pub(crate) async fn has_met_a_fault(&self, action: &str) {
        let met = |call: &Call| call.requester == self.bot && call.action == action && call.fault.is_some();
        let look = |entries: &[Entry]| entries.iter().filter_map(Entry::call).any(met).then_some(());
        self.sandbox.journal().wait_for(look).await;
    }

    /// Waits until so many visits have ended, given up or not.
    pub(crate) async fn has_done(&self, visits: u64) {
        while self.done_and_buried().0 + self.done_and_buried().1 < visits {
            tokio::task::yield_now().await;
        }
    }

    pub(crate) fn done_and_buried(&self) -> (u64, u64) {
        let depth = View::open(&self.outbox).and_then(|view| view.depth()).expect("the outbox is counted");
        (depth.done, depth.buried)
    }

    /// What the bot said in the chat, in which it must not be any more.
    pub(crate) async fn said(&self, chat: &str) -> Vec<String> {
        let seen = self.call("agent/action/get_chat", json!({ "chat_id": chat })).await;
        assert!(!is_present(&seen, &self.bot), "{seen}");
        let events = seen["thread"]["events"].as_array().expect("events");
        let ours = events.iter().filter(|event| event["author_id"] == *self.bot);
        ours.map(|event| text(event, "/text")).collect()
    }

    pub(crate) async fn finish(self) {
        drop(self.release);
        drop(self.holder.await);
        tokio::time::resume();
        self.serving.stop().await;
        self.sandbox.stop().await;
    }
}

async fn new_bot(http: &reqwest::Client, sandbox: &Sandbox, name: &str) -> (String, String) {
    let groups = json!([{ "id": 0, "priority": "supervisor" }]);
    let bot = json!({ "name": name, "owner_client_id": sandbox.addresses().client_id, "groups": groups });
    let bot = call(http, sandbox, "configuration/action/create_bot", bot).await;
    (text(&bot, "/id"), text(&bot, "/secret"))
}

async fn call(http: &reqwest::Client, sandbox: &Sandbox, path: &str, body: Value) -> Value {
    let addresses = sandbox.addresses();
    let token = Some(addresses.personal_access_token.as_str());
    let url = format!("{}/v3.6/{path}", addresses.api_url);
    let request = http.post(url).basic_auth(&addresses.account_id, token).json(&body);
    let answer = request.send().await.expect("the sandbox answers");
    let (status, answer) = (answer.status(), answer.json().await.expect("JSON"));
    assert!(status.is_success(), "{path}: {status} {answer}");
    answer
}
