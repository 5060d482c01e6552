//! The bench: a sandbox, the bot as a process, and people who write.

mod beside;
mod bot;
mod breaking;
mod desk;
mod gateway;
mod numbers;
mod people;
mod wire;

pub(crate) use desk::Desk;
pub(crate) use people::Customer;
pub(crate) use wire::{Spoil, Wire};

use bot::{Line, Process};
use chimein::sandbox::{
    Call, CallEffect, CallState, Entry, Face, Fault, Options, Sandbox, Times, WebhookEffect,
};
use gateway::Gateway;
use numbers::Numbers;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

/// A rule of four lines; its name is not its keyword, so that logs can be searched for words.
pub(crate) const PIZZA: &str =
    "[[rules]]\nname = \"lunch\"\nkeywords = [\"pizza\"]\nreply = \"Pizza is on the way!\"\n";
/// What that rule says.
pub(crate) const REPLY: &str = "Pizza is on the way!";
/// The key that the webhooks are registered with.
pub(crate) const KEY: &str = "bench-webhook-key";
/// No wait is longer: a test that hangs fails. Nothing is asserted of the time itself.
const WATCHDOG: Duration = Duration::from_secs(90);

/// How a bench is set up.
pub(crate) struct Setup {
    pub(crate) rules: String,
    pub(crate) settings: Vec<(&'static str, String)>,
    pub(crate) options: Options,
    pub(crate) filters: Value,
    pub(crate) additional_data: Value,
    pub(crate) has_webhooks: bool,
    /// Whether the bot reaches the platform over `Bench::wire` only.
    pub(crate) is_wired: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            rules: PIZZA.to_owned(),
            // A call that hangs is given up soon; storms are not braked.
            settings: vec![
                ("LIVECHAT__REQUEST_TIMEOUT", "2s".to_owned()),
                ("VISITS__PER_MINUTE", "100000".to_owned()),
            ],
            options: Options { webhook_retries: vec![Duration::from_millis(200); 50], ..Options::default() },
            filters: json!({ "source_type": ["other_clients", "system"] }),
            additional_data: json!(["chat_properties", "chat_presence_user_ids"]),
            has_webhooks: true,
            is_wired: false,
        }
    }
}

impl Setup {
    pub(crate) fn rules(rules: &str) -> Self {
        Self { rules: rules.to_owned(), ..Self::default() }
    }

    pub(crate) fn setting(mut self, name: &'static str, value: &str) -> Self {
        self.settings.push((name, value.to_owned()));
        self
    }
}

/// Everything that a test needs, and what it expects to have been said in the end.
pub(crate) struct Bench {
    pub(crate) sandbox: Sandbox,
    pub(crate) bot_id: String,
    bot_secret: String,
    http: reqwest::Client,
    gateway: Gateway,
    wire: Option<Wire>,
    process: Process,
    expected: BTreeMap<String, Vec<String>>,
    guests: Vec<String>,
    /// What must not be found in any log line: what was written, who wrote it, and every secret.
    words: Vec<String>,
    allowed_errors: Vec<&'static str>,
}

impl Bench {
    /// The usual bench: one rule, the pizza.
    pub(crate) async fn start() -> Self {
        Self::with(Setup::default()).await
    }

    pub(crate) async fn with(setup: Setup) -> Self {
        let sandbox = Sandbox::start(setup.options).await.expect("the sandbox starts");
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().expect("a client");
        let gateway = Gateway::open().await;
        let addresses = sandbox.addresses().clone();
        let wire = if setup.is_wired { Some(Wire::open().await) } else { None };
        let mut bench = Self {
            sandbox,
            bot_id: String::new(),
            bot_secret: String::new(),
            http,
            gateway,
            wire,
            process: Process::prepared(&addresses, &setup.rules, &setup.settings),
            expected: BTreeMap::new(),
            guests: Vec::new(),
            words: Vec::new(),
            allowed_errors: Vec::new(),
        };
        if let Some(wire) = &bench.wire {
            let platform = bench.sandbox.addresses().api_url.replace("http://", "");
            wire.lead_to(platform.parse().expect("an address"));
            bench.process.set("LIVECHAT__API_URL", &format!("http://{}", wire.address));
        }
        let groups = json!([{ "id": 0, "priority": "supervisor" }]);
        let client = &addresses.client_id;
        let bot = json!({ "name": "Pizza Bot", "owner_client_id": client, "groups": groups });
        let bot = bench.configure("create_bot", bot).await;
        bench.bot_id = text(&bot, "/id");
        bench.bot_secret = text(&bot, "/secret");
        bench.process.is_bot(&bench.bot_id, &bench.bot_secret);
        let secrets = [
            bench.bot_secret.clone(),
            addresses.client_secret,
            addresses.personal_access_token.clone(),
            addresses.agent_token,
        ];
        bench.words.extend(secrets);
        bench.launch().await;
        for action in ["incoming_event", "incoming_chat"].iter().filter(|_| setup.has_webhooks) {
            let webhook = json!({
                "url": bench.door(), "action": action, "secret_key": KEY, "owner_client_id": client, "type": "bot",
                "filters": setup.filters, "additional_data": setup.additional_data,
            });
            bench.configure("register_webhook", webhook).await;
        }
        let status = json!({ "status": "not_accepting_chats", "agent_id": bench.bot_id });
        bench.agent("set_routing_status", status).await;
        bench
    }

    /// Starts the bot (again).
    pub(crate) async fn launch(&mut self) {
        let door = self.process.launch().await;
        self.gateway.lead_to(Some(door));
    }

    /// Ends the bot as a power cut does.
    pub(crate) fn kill(&mut self) {
        self.gateway.lead_to(None);
        self.process.kill();
    }

    /// Ends the bot politely, and asserts that it ended well.
    pub(crate) async fn stop(&mut self) {
        self.process.terminate().await;
        self.gateway.lead_to(None);
    }

    /// The webhook door's address, the same over restarts.
    pub(crate) fn door(&self) -> String {
        format!("http://{}/webhooks/livechat", self.gateway.address)
    }

    /// The public door's address without a path.
    pub(crate) fn public(&self) -> String {
        format!("http://{}", self.gateway.address)
    }

    /// The private door's address without a path.
    pub(crate) fn admin(&self) -> String {
        format!("http://{}", self.process.serving().text("admin.listen"))
    }

    /// Runs another command with the bot's settings; gives its exit code and what it printed.
    pub(crate) async fn runs(&self, words: &[&str]) -> (i32, String) {
        self.process.run(words, &[]).await
    }

    /// Runs `chimein outbox …` with these settings changed.
    pub(crate) async fn outbox(&self, words: &[&str], settings: &[(&str, &str)]) -> (i32, String) {
        self.process.run(&[&["outbox"], words].concat(), settings).await
    }

    /// Moves the outbox's folder away, or back, below the feet of the bot.
    pub(crate) fn hide_outbox(&self, is_hidden: bool) {
        self.process.hide_database(is_hidden);
    }

    /// What `/metrics` says now.
    pub(crate) async fn numbers(&self) -> Numbers {
        Numbers::read(&self.http, &self.admin()).await
    }

    /// What readiness says now.
    pub(crate) async fn ready(&self) -> Value {
        let url = format!("{}/health/ready", self.public());
        self.http.get(url).send().await.expect("the door answers").json().await.expect("JSON")
    }

    /// Asks for `/metrics` until a number is as it should be.
    pub(crate) async fn number_becomes(&self, series: &str, number: f64) {
        let asked = async { while self.numbers().await.of(series) != Some(number) {} };
        self.watched(&format!("{series} {number}"), asked).await;
    }

    /// A plain client.
    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// A webhook as LiveChat would send it: somebody wrote in a chat, with nobody else inside.
    pub(crate) fn message(&self, author: &str, chat: &str, event: &str, words: &str) -> Value {
        json!({
            "webhook_id": "w", "secret_key": KEY, "action": "incoming_event",
            "organization_id": self.sandbox.addresses().organization_id,
            "payload": { "chat_id": chat, "thread_id": "T",
                "event": { "id": event, "type": "message", "author_id": author, "text": words } },
            "additional_data": { "chat_presence_user_ids": [author] },
        })
    }

    /// Sends a body to the webhook door; gives the status and the one word of the answer.
    pub(crate) async fn knock(&self, body: &Value) -> (u16, String) {
        self.knock_with(body.to_string(), "application/json").await
    }

    pub(crate) async fn knock_with(
        &self,
        body: impl Into<reqwest::Body>,
        content_type: &str,
    ) -> (u16, String) {
        let request = self.http.post(self.door()).header("content-type", content_type).body(body);
        let response = request.send().await.expect("the door answers");
        let status = response.status().as_u16();
        let answer: Value = response.json().await.expect("the door answers JSON");
        (status, text(&answer, "/status"))
    }

    /// Calls the Configuration API as an administrator.
    pub(crate) async fn configure(&self, action: &str, body: Value) -> Value {
        self.call("configuration", action, body).await
    }

    /// Calls the Agent Chat API as an administrator.
    pub(crate) async fn agent(&self, action: &str, body: Value) -> Value {
        self.call("agent", action, body).await
    }

    async fn call(&self, face: &str, action: &str, body: Value) -> Value {
        let addresses = self.sandbox.addresses();
        let url = format!("{}/v3.6/{face}/action/{action}", addresses.api_url);
        let token = Some(addresses.personal_access_token.as_str());
        let request = self.http.post(url).basic_auth(&addresses.account_id, token).json(&body);
        let response = request.send().await.expect("the sandbox answers");
        let status = response.status();
        let answer: Value = response.json().await.expect("the sandbox answers JSON");
        assert!(status.is_success(), "{action}: {status} {answer}");
        answer
    }

    /// A new customer, with no chat yet.
    pub(crate) async fn customer(&mut self) -> Customer {
        let customer = Customer::arrive(&self.http, self.sandbox.addresses()).await;
        self.words.extend(customer.secrets());
        customer
    }

    /// A customer starts a chat with this message; gives the chat.
    pub(crate) async fn says(&mut self, words: &str) -> String {
        let mut customer = self.customer().await;
        customer.starts(json!([{ "type": "message", "text": words }])).await;
        self.heard(words);
        customer.chat
    }

    /// A customer who is in a chat writes.
    pub(crate) async fn writes(&mut self, customer: &Customer, words: &str) {
        self.heard(words);
        customer.sends(json!({ "type": "message", "text": words })).await;
    }

    /// Words that must not be found in any log line.
    pub(crate) fn heard(&mut self, words: &str) {
        self.words.push(words.to_owned());
    }

    /// In the end the bot must have said this in the chat (after what was expected before).
    pub(crate) fn expect(&mut self, chat: &str, reply: &str) {
        self.expected.entry(chat.to_owned()).or_default().push(reply.to_owned());
    }

    /// In the end the bot must still be in the chat: it was there before us.
    pub(crate) fn expect_guest(&mut self, chat: &str) {
        self.guests.push(chat.to_owned());
    }

    /// Error lines that hold this text are part of the test.
    pub(crate) fn allow_error(&mut self, text: &'static str) {
        self.allowed_errors.push(text);
    }

    /// A person puts the bot into the chat.
    pub(crate) async fn invites_the_bot(&self, chat: &str) {
        let add = json!({ "chat_id": chat, "user_id": self.bot_id, "user_type": "agent", "visibility": "agents",
            "ignore_requester_presence": true });
        self.agent("add_user_to_chat", add).await;
    }

    /// A join that the bot asked for long ago takes effect.
    pub(crate) async fn the_bot_joins_late(&self, chat: &str) {
        let addresses = self.sandbox.addresses();
        let credentials = json!({ "bot_id": self.bot_id, "bot_secret": self.bot_secret,
            "client_id": addresses.client_id, "organization_id": addresses.organization_id });
        let token = text(&self.configure("issue_bot_token", credentials).await, "/token");
        let join = json!({ "chat_id": chat, "user_id": self.bot_id, "user_type": "agent", "visibility": "agents",
            "ignore_requester_presence": true });
        let url = format!("{}/v3.6/agent/action/add_user_to_chat", addresses.api_url);
        let response = self.http.post(url).bearer_auth(token).json(&join).send().await.expect("answered");
        assert!(response.status().is_success(), "{}", response.text().await.unwrap());
    }

    /// From now on no webhook arrives.
    pub(crate) fn loses_all_webhooks(&self) {
        let effect = WebhookEffect::Drop;
        self.sandbox.faults().add(Fault::Webhook { action: None, times: Times::Always, effect });
    }

    /// Loses the outbox's file, as a container without a volume does. The bot must be down.
    pub(crate) fn loses_the_outbox(&self) {
        self.process.lose_database();
    }

    /// Waits until a sweep that begins after this has ended; gives the line of every sweep so far.
    pub(crate) async fn swept(&self) -> Vec<Line> {
        let is_end = |line: &&Line| line.says("swept") || line.says("the sweep failed");
        let ends = |lines: &[Line]| lines.iter().filter(is_end).cloned().collect::<Vec<_>>();
        let before = self.process.wait_for(|lines| Some(ends(lines).len())).await;
        // One may be under way.
        let two_more =
            self.process.wait_for(|lines| Some(ends(lines)).filter(|ends| ends.len() >= before + 2));
        self.watched("two sweeps", two_more).await
    }

    /// Waits until a visit of the chat has ended, for the n-th time; gives its log line.
    pub(crate) async fn ended(&self, chat: &str, times: usize) -> Line {
        let what = format!("visit {times} of {chat}");
        let line = self.process.wait_for(|lines| {
            let mut ends = lines.iter().filter(|line| line.is_end_of_visit() && line.text("chat.id") == chat);
            ends.nth(times - 1).cloned()
        });
        self.watched(&what, line).await
    }

    /// Waits until so many visits have ended, in any chat.
    pub(crate) async fn ended_any(&self, times: usize) {
        let ends = self.process.wait_for(|lines| {
            (lines.iter().filter(|line| line.is_end_of_visit()).count() >= times).then_some(())
        });
        self.watched(&format!("{times} visits"), ends).await;
    }

    /// Waits until a log line says this.
    pub(crate) async fn logged(&self, text: &str) -> Line {
        let line = self.process.wait_for(|lines| lines.iter().find(|line| line.says(text)).cloned());
        self.watched(text, line).await
    }

    /// Waits until a log line of the running process says this; gives the first.
    pub(crate) async fn logged_last(&self, text: &str) -> Line {
        let since_launch = |lines: &[Line]| {
            let launch = lines.iter().rposition(|line| line.says("serving"));
            lines.iter().skip(launch.unwrap_or(0)).find(|line| line.says(text)).cloned()
        };
        self.watched(text, self.process.wait_for(since_launch)).await
    }

    /// How many log lines say this.
    pub(crate) fn count_logged(&self, text: &str) -> usize {
        self.process.count(text)
    }

    /// Waits for something in the sandbox's journal.
    pub(crate) async fn journal<T>(&self, what: &str, look: impl FnMut(&[Entry]) -> Option<T>) -> T {
        self.watched(what, self.sandbox.journal().wait_for(look)).await
    }

    /// Waits until the bot's call of this action has met a fault and hangs or was cut off.
    pub(crate) async fn faulted(&self, action: &str) {
        let met = |call: &Call| call.action == action && call.fault.is_some() && call.face == Face::Agent;
        self.journal(action, |entries| entries.iter().filter_map(Entry::call).any(met).then_some(())).await;
    }

    /// Waits until so many deliveries of the action were answered with 200.
    pub(crate) async fn delivered(&self, action: &str, times: usize) {
        use chimein::sandbox::Outcome;
        let look = |entries: &[Entry]| {
            let deliveries =
                entries.iter().filter_map(Entry::delivery).filter(|delivery| delivery.action == action);
            let done = deliveries.filter(|delivery| delivery.outcome == Outcome::Status(200)).count();
            (done >= times).then_some(())
        };
        self.journal(&format!("{times} deliveries of {action}"), look).await;
    }

    /// The bot's calls of an action so far, with the status of each.
    pub(crate) fn calls(&self, action: &str) -> Vec<Option<u16>> {
        let entries = self.sandbox.journal().entries();
        let calls = entries.iter().filter_map(Entry::call).filter(|call| call.requester == self.bot_id);
        let calls = calls.filter(|call| call.action == action && call.state != CallState::Pending);
        calls.map(|call| call.status).collect()
    }

    /// The chat as an administrator sees it.
    pub(crate) async fn chat(&self, chat: &str) -> Value {
        self.agent("get_chat", json!({ "chat_id": chat })).await
    }

    async fn watched<T>(&self, what: &str, future: impl Future<Output = T>) -> T {
        match tokio::time::timeout(WATCHDOG, future).await {
            Ok(value) => value,
            Err(_) => panic!(
                "waited in vain for {what}\nlog:\n{}\njournal:\n{}",
                self.process.log(),
                self.sandbox
                    .journal()
                    .entries()
                    .iter()
                    .map(|e| serde_json::to_string(e).unwrap() + "\n")
                    .collect::<String>()
            ),
        }
    }

    /// Ends the test: the bot stops cleanly, has nothing left to do, said exactly what was expected,
    /// is in no chat, and no log line is an error or holds what anybody wrote, a customer's name or address, or a secret.
    pub(crate) async fn finish(mut self) {
        self.stop().await;
        self.process.assert_nothing_is_left();
        let mut said = BTreeMap::new();
        for chat in self.all_chats().await {
            let chat = self.chat(&chat).await;
            let id = text(&chat, "/id");
            let events = chat["thread"]["events"].as_array().cloned().unwrap_or_default();
            let ours = events.iter().filter(|event| event["author_id"] == *self.bot_id);
            let texts: Vec<String> = ours.map(|event| text(event, "/text")).collect();
            if !texts.is_empty() {
                said.insert(id.clone(), texts);
            }
            let is_inside = is_present(&chat, &self.bot_id);
            assert_eq!(
                is_inside,
                self.guests.contains(&id),
                "whether the bot is in {id}\n{}",
                self.process.log()
            );
        }
        assert_eq!(said, self.expected, "what was said\n{}", self.process.log());
        self.process.assert_log(&self.words, &self.allowed_errors);
        self.sandbox.stop().await;
    }

    async fn all_chats(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut body = json!({ "limit": 100 });
        loop {
            let page = self.agent("list_chats", body).await;
            let chats = page["chats_summary"].as_array().cloned().unwrap_or_default();
            found.extend(chats.iter().map(|chat| text(chat, "/id")));
            match page["next_page_id"].as_str() {
                Some(next) => body = json!({ "page_id": next }),
                None => return found,
            }
        }
    }
}

/// The next call of an agent's action, the bot's, fails like this.
pub(crate) fn fault(action: &str, effect: CallEffect) -> Fault {
    Fault::Call { action: action.to_owned(), face: Some(Face::Agent), times: Times::Count(1), effect }
}

/// Whether the user is in the chat now.
pub(crate) fn is_present(chat: &Value, user: &str) -> bool {
    let users = chat["users"].as_array().cloned().unwrap_or_default();
    users.iter().any(|candidate| candidate["id"] == user && candidate["present"] == true)
}

/// The text at a JSON pointer.
pub(crate) fn text(value: &Value, pointer: &str) -> String {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no text at {pointer} in {value}")).to_owned()
}
