//! A sandbox, a caller of its faces, and a receiver of its webhooks.
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use chimein::sandbox::{Addresses, Options, Sandbox, WIDGET_CLIENT_ID};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;

/// Who calls.
#[derive(Debug, Clone)]
pub(crate) enum As {
    Nobody,
    Pat,
    Agent,
    Token(String),
}

/// A sandbox with a client for it.
pub(crate) struct Bench {
    pub(crate) sandbox: Sandbox,
    pub(crate) http: reqwest::Client,
}

/// A bot that was made and switched on.
#[derive(Debug, Clone)]
pub(crate) struct Bot {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) token: As,
}

/// An answer: status and JSON (null when it is not JSON).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) headers: reqwest::header::HeaderMap,
}

impl Reply {
    /// The JSON of a success.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body
    }

    /// Status and type of a refusal.
    pub(crate) fn refusal(&self) -> (u16, &str) {
        (self.status, self.body["error"]["type"].as_str().unwrap_or("none"))
    }
}

impl Bench {
    pub(crate) async fn start() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let sandbox = Sandbox::start(options).await.expect("the sandbox starts");
        Self { sandbox, http: client() }
    }

    pub(crate) fn at(&self) -> &Addresses {
        self.sandbox.addresses()
    }

    /// Calls any path with POST.
    pub(crate) async fn post(&self, who: &As, path: &str, body: &Value) -> Reply {
        self.send(who, path, body).await.expect("an answer")
    }

    /// The same, for calls that may get no answer.
    pub(crate) async fn send(&self, who: &As, path: &str, body: &Value) -> Result<Reply, reqwest::Error> {
        let at = self.at();
        let request = self.http.post(format!("{}{path}", at.api_url)).json(body);
        let request = match who {
            As::Nobody => request,
            As::Pat => request.basic_auth(&at.account_id, Some(&at.personal_access_token)),
            As::Agent => request.bearer_auth(&at.agent_token),
            As::Token(token) => request.bearer_auth(token),
        };
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = serde_json::from_slice(&response.bytes().await?).unwrap_or_default();
        Ok(Reply { status, body, headers })
    }

    pub(crate) async fn agent(&self, who: &As, action: &str, body: Value) -> Reply {
        self.post(who, &format!("/v3.6/agent/action/{action}"), &body).await
    }

    pub(crate) async fn configure(&self, action: &str, body: Value) -> Reply {
        self.post(&As::Pat, &format!("/v3.6/configuration/action/{action}"), &body).await
    }

    pub(crate) async fn customer(&self, who: &As, action: &str, body: Value) -> Reply {
        let organization = &self.at().organization_id;
        self.post(who, &format!("/v3.6/customer/action/{action}?organization_id={organization}"), &body).await
    }

    /// A new customer: id and token.
    pub(crate) async fn new_customer(&self) -> (String, As) {
        let grant = json!({
            "grant_type": "cookie",
            "client_id": WIDGET_CLIENT_ID,
            "organization_id": self.at().organization_id,
            "response_type": "token",
            "redirect_uri": self.at().desk_url,
        });
        let issued = self.post(&As::Nobody, "/v2/customer/token", &grant).await.ok();
        (text(&issued, "/entity_id"), As::Token(text(&issued, "/access_token")))
    }

    /// A new customer's chat with a first message: customer, chat and thread.
    pub(crate) async fn new_chat(&self, first: &str) -> (As, String, String) {
        let (_, customer) = self.new_customer().await;
        let events = json!([{"type": "message", "text": first}]);
        let chat = self
            .customer(&customer, "start_chat", json!({"chat": {"thread": {"events": events}}}))
            .await
            .ok();
        (customer, text(&chat, "/chat_id"), text(&chat, "/thread_id"))
    }

    /// A bot in these groups that is not accepting chats.
    pub(crate) async fn new_bot(&self, groups: &[i64]) -> Bot {
        let client_id = &self.at().client_id;
        let groups: Vec<_> = groups.iter().map(|id| json!({"id": id, "priority": "supervisor"})).collect();
        let form = json!({"name": "Pizza Bot", "owner_client_id": client_id, "groups": groups});
        let made = self.configure("create_bot", form).await.ok();
        let (id, secret) = (text(&made, "/id"), text(&made, "/secret"));
        let token = self.bot_token(&id, &secret).await;
        let status = json!({"agent_id": id, "status": "not_accepting_chats"});
        self.agent(&token, "set_routing_status", status).await.ok();
        Bot { id, secret, token }
    }

    pub(crate) async fn bot_token(&self, id: &str, secret: &str) -> As {
        let at = self.at();
        let wanted = json!({
            "bot_id": id,
            "client_id": at.client_id,
            "bot_secret": secret,
            "organization_id": at.organization_id,
        });
        let issued = self.post(&As::Nobody, "/v3.6/configuration/action/issue_bot_token", &wanted).await.ok();
        As::Token(text(&issued, "/token"))
    }

    /// Registers a webhook; `more` overwrites the plain registration.
    pub(crate) async fn register(&self, receiver: &Receiver, action: &str, more: Value) -> String {
        let mut form = json!({
            "url": receiver.url,
            "action": action,
            "secret_key": "a secret key",
            "owner_client_id": self.at().client_id,
            "type": "bot",
        });
        form.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        text(&self.configure("register_webhook", form).await.ok(), "/id")
    }

    /// The bot's whole visit: join unseen, whisper, leave.
    pub(crate) async fn visit(&self, bot: &Bot, chat_id: &str) {
        self.agent(&bot.token, "add_user_to_chat", joining(chat_id, &bot.id)).await.ok();
        self.agent(&bot.token, "send_event", whisper(chat_id)).await.ok();
        self.agent(&bot.token, "remove_user_from_chat", leaving(chat_id, &bot.id)).await.ok();
    }

    /// The chat as the agent sees it.
    pub(crate) async fn chat(&self, chat_id: &str) -> Value {
        self.agent(&As::Agent, "get_chat", json!({"chat_id": chat_id})).await.ok()
    }
}

pub(crate) fn joining(chat_id: &str, bot_id: &str) -> Value {
    json!({"chat_id": chat_id, "user_id": bot_id, "user_type": "agent", "visibility": "agents", "ignore_requester_presence": true})
}

pub(crate) fn whisper(chat_id: &str) -> Value {
    let event = json!({"type": "message", "text": "Pizza is on the way!", "visibility": "agents", "custom_id": "kw-1"});
    json!({"chat_id": chat_id, "event": event})
}

pub(crate) fn leaving(chat_id: &str, bot_id: &str) -> Value {
    json!({"chat_id": chat_id, "user_id": bot_id, "user_type": "agent"})
}

pub(crate) fn message(chat_id: &str, text: &str) -> Value {
    json!({"chat_id": chat_id, "event": {"type": "message", "text": text}})
}

/// A string out of some JSON.
#[track_caller]
pub(crate) fn text(value: &Value, pointer: &str) -> String {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("no {pointer} in {value}"))
        .to_owned()
}

pub(crate) fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().expect("a client")
}

/// Waits, but not for ever: a test that waits in vain fails.
pub(crate) async fn soon<T>(waited: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(120), waited).await.expect("it does not come")
}

/// Receives webhooks and answers them with a list of statuses, then with 200.
#[derive(Debug, Clone)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    heard: Arc<Mutex<Vec<Value>>>,
    statuses: Arc<Mutex<Vec<u16>>>,
    count: watch::Sender<usize>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(4_096).unwrap();
        let receiver = Self {
            url: format!("http://{}/hook", listener.local_addr().unwrap()),
            heard: Arc::default(),
            statuses: Arc::default(),
            count: watch::Sender::new(0),
        };
        let app = Router::new().route("/hook", post(hear)).with_state(receiver.clone());
        tokio_util::task::TaskTracker::new().spawn(async move { axum::serve(listener, app).await });
        receiver
    }

    /// The next answers.
    pub(crate) fn answer_with(&self, statuses: &[u16]) {
        *self.statuses.lock().unwrap() = statuses.to_vec();
    }

    /// Waits for so many deliveries and gives all that came.
    pub(crate) async fn heard(&self, count: usize) -> Vec<Value> {
        let mut seen = self.count.subscribe();
        soon(seen.wait_for(|now| *now >= count)).await.unwrap();
        self.heard.lock().unwrap().clone()
    }

    /// What has come until now.
    pub(crate) fn so_far(&self) -> Vec<Value> {
        self.heard.lock().unwrap().clone()
    }
}

async fn hear(State(receiver): State<Receiver>, axum::Json(body): axum::Json<Value>) -> StatusCode {
    let status = {
        let mut statuses = receiver.statuses.lock().unwrap();
        if statuses.is_empty() { 200 } else { statuses.remove(0) }
    };
    let count = {
        let mut heard = receiver.heard.lock().unwrap();
        heard.push(body);
        heard.len()
    };
    receiver.count.send_replace(count);
    StatusCode::from_u16(status).unwrap()
}

/// Waits until news of this action has come, and gives all that came.
pub(crate) async fn told(receiver: &Receiver, action: &str) -> Vec<Value> {
    let mut count = 0;
    loop {
        let heard = receiver.heard(count).await;
        if heard.iter().any(|delivery| delivery["action"] == json!(action)) {
            return heard;
        }
        count = heard.len() + 1;
    }
}
