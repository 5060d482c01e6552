//! A platform that answers what it is told to, and remembers what it was asked.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use chimein::accept::{self, Limits};
use chimein::config;
use chimein::livechat::{Api, Bot, BotTokens, Configuration, OrganizationId, UserId};
use secrecy::SecretString;
use serde_json::{Map, Value};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

#[derive(Default)]
struct Memory {
    answer: Mutex<(u16, String)>,
    asked: Mutex<(String, Value)>,
    token_requests: Mutex<Vec<Value>>,
}

pub(crate) struct Platform {
    pub(crate) bot: Bot,
    pub(crate) account: Configuration,
    memory: Arc<Memory>,
    _stop: DropGuard,
}

impl Platform {
    pub(crate) async fn start() -> Self {
        let memory = Arc::<Memory>::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let stop = CancellationToken::new();
        let routes = Router::new().fallback(answer).with_state(Arc::clone(&memory));
        let limits = Limits {
            header_timeout: Duration::from_secs(60),
            request_timeout: Duration::from_secs(60),
            max_connections: 100,
        };
        TaskTracker::new().spawn(accept::run(listener, routes, limits, stop.clone()));
        let environment = [("CHIMEIN__LIVECHAT__API_URL".to_owned(), url)];
        let config =
            config::load_without_files(environment).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
        let api = Arc::new(Api::new(&config.livechat).expect("a client"));
        let secret = SecretString::from("secret");
        let tokens =
            BotTokens::new(Arc::clone(&api), "client".to_owned(), UserId::new("bot"), secret.clone());
        let organization = OrganizationId::new("organization");
        let account =
            Configuration::new(Arc::clone(&api), organization, "client".to_owned(), "account", &secret);
        Self { bot: Bot::new(api, Arc::new(tokens)), account, memory, _stop: stop.drop_guard() }
    }

    /// Every call but for a token is answered like this from now on.
    pub(crate) fn answers(&self, status: u16, body: &str) {
        *self.memory.answer.lock().expect("not poisoned") = (status, body.to_owned());
    }

    pub(crate) fn tokens_issued(&self) -> usize {
        self.memory.token_requests.lock().expect("not poisoned").len()
    }

    /// The last call was this one, with the fields of the documented request; `more` are documented in
    /// its table and not in its sample.
    pub(crate) fn wrote(&self, face: &str, action: &str, sample: &str, more: &[&str]) {
        let (path, body) = self.memory.asked.lock().expect("not poisoned").clone();
        assert_eq!(path, format!("/v3.6/{face}/action/{action}"));
        compare(&body, sample, more);
    }

    pub(crate) fn wrote_token_request(&self, sample: &str) {
        compare(&self.memory.token_requests.lock().expect("not poisoned")[0], sample, &[]);
    }
}

async fn answer(State(memory): State<Arc<Memory>>, uri: Uri, body: Bytes) -> (StatusCode, String) {
    let body: Value = serde_json::from_slice(&body).expect("a request is JSON");
    if uri.path().ends_with("/issue_bot_token") {
        let mut requests = memory.token_requests.lock().expect("not poisoned");
        requests.push(body);
        return (StatusCode::OK, format!("{{\"token\": \"token-{}\"}}", requests.len()));
    }
    *memory.asked.lock().expect("not poisoned") = (uri.path().to_owned(), body);
    let (status, text) = memory.answer.lock().expect("not poisoned").clone();
    (StatusCode::from_u16(status).expect("a status"), text)
}

fn compare(body: &Value, sample: &str, more: &[&str]) {
    let sample_name = sample;
    let sample: Value = serde_json::from_str(&fixture(&format!("requests/{sample}"))).expect("JSON");
    let names =
        |value: &Value| value.as_object().map(|object: &Map<String, Value>| object.keys().cloned().collect());
    let (wrote, documented): (Vec<String>, Vec<String>) =
        (names(body).unwrap_or_default(), names(&sample).unwrap_or_default());
    for name in &wrote {
        let is_known = documented.contains(name) || more.contains(&name.as_str());
        assert!(is_known, "{sample_name}: `{name}` is not documented");
        if let (Some(ours), Some(theirs)) = (body.get(name), sample.get(name)) {
            assert_eq!(kind(ours), kind(theirs), "{sample_name}: the type of `{name}`");
        }
        if body[name].is_object() && sample[name].is_object() {
            let known: Vec<String> = names(&sample[name]).unwrap_or_default();
            let ours: Vec<String> = names(&body[name]).unwrap_or_default();
            assert!(
                ours.iter().all(|name| known.contains(name)),
                "{sample_name}: {ours:?}, documented {known:?}"
            );
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/livechat")
}

/// A file's text.
pub(crate) fn fixture(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The JSON files of a folder.
pub(crate) fn files(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(root().join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> =
        names.filter(|name| name.ends_with(".json")).map(|name| format!("{folder}/{name}")).collect();
    names.sort();
    assert!(!names.is_empty(), "no files in {folder}");
    names
}
