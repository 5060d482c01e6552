//! A platform that answers every call after 20 ms, keeps who is in which chat, and tells when a reply came.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use crate::hook::CUSTOMER;

/// How long every call takes.
pub(crate) const DELAY: Duration = Duration::from_millis(20);

/// A call that was answered.
pub(crate) struct Call {
    pub(crate) action: String,
    pub(crate) chat: String,
    pub(crate) arrived: Instant,
    pub(crate) answered: Instant,
}

/// The platform; dropped, it closes.
pub(crate) struct Platform {
    pub(crate) address: SocketAddr,
    /// Every call about a chat, in the order of the answers.
    pub(crate) calls: mpsc::Receiver<Call>,
    _server: AbortOnDropHandle<()>,
}

#[derive(Clone)]
struct World {
    refuses: bool,
    chats: Arc<Mutex<HashMap<String, Chat>>>,
    calls: mpsc::Sender<Call>,
}

#[derive(Default)]
struct Chat {
    bot: Option<Value>,
    events: Vec<Value>,
}

impl Platform {
    /// A platform on which visits succeed.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        Self::open(false).await
    }

    /// A platform that gives no bot token, so that visits wait.
    pub(crate) async fn refusing() -> anyhow::Result<Self> {
        Self::open(true).await
    }

    async fn open(refuses: bool) -> anyhow::Result<Self> {
        let (sender, calls) = mpsc::channel(1024);
        let world = World { refuses, chats: Arc::default(), calls: sender };
        let router =
            axum::Router::new().route("/{version}/{api}/action/{action}", post(answer)).with_state(world);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let tracker = tokio_util::task::TaskTracker::new();
        let server = tracker.spawn(async move {
            axum::serve(listener, router).await.ok();
        });
        Ok(Self { address, calls, _server: AbortOnDropHandle::new(server) })
    }
}

async fn answer(
    State(world): State<World>,
    Path((_, _, action)): Path<(String, String, String)>,
    Json(body): Json<Value>,
) -> (StatusCode, Json<Value>) {
    let arrived = Instant::now();
    if world.refuses {
        let error = json!({"error": {"type": "authentication", "message": "Invalid bot secret"}});
        return (StatusCode::UNAUTHORIZED, Json(error));
    }
    tokio::time::sleep_until((arrived + DELAY).into()).await;
    let chat = text(&body, "chat_id").or_else(|| text(&body, "id"));
    let reply = world.act(&action, chat.as_deref().unwrap_or_default(), &body);
    if let Some(chat) = chat {
        // A full list means that nobody listens.
        world.calls.try_send(Call { action, chat, arrived, answered: Instant::now() }).ok();
    }
    (StatusCode::OK, Json(reply))
}

fn text(body: &Value, key: &str) -> Option<String> {
    body.get(key).and_then(Value::as_str).map(str::to_owned)
}

impl World {
    fn act(&self, action: &str, chat: &str, body: &Value) -> Value {
        let mut chats = self.chats.lock().unwrap_or_else(PoisonError::into_inner);
        let state = chats.entry(chat.to_owned()).or_default();
        match action {
            "issue_bot_token" => json!({"token": "bench"}),
            "add_user_to_chat" => {
                state.bot = body.get("user_id").cloned();
                json!({})
            }
            "remove_user_from_chat" => {
                state.bot = None;
                json!({})
            }
            "send_event" => {
                let id = format!("{chat}_{}", state.events.len() + 10);
                let mut event = body.get("event").cloned().unwrap_or_default();
                if let Some(fields) = event.as_object_mut() {
                    fields.insert("id".to_owned(), json!(id));
                    fields.insert("author_id".to_owned(), json!(state.bot));
                    fields.insert("created_at".to_owned(), json!(crate::hook::now().to_string()));
                }
                state.events.push(event);
                json!({"event_id": id})
            }
            "get_chat" => state.show(chat),
            "list_chats" => json!({"found_chats": 0, "chats_summary": []}),
            _ => json!({}),
        }
    }
}

impl Chat {
    fn show(&self, id: &str) -> Value {
        let now = crate::hook::now().to_string();
        let mut users = vec![json!({"id": CUSTOMER, "type": "customer", "present": true, "created_at": now})];
        let bot = self.bot.iter();
        users.extend(
            bot.map(|bot| json!({"id": bot, "type": "agent", "present": true, "visibility": "agents"})),
        );
        json!({
            "id": id,
            "users": users,
            "access": {"group_ids": [0]},
            "properties": {},
            "thread": {
                "id": id.replacen("PJ", "K6", 1),
                "active": true,
                "created_at": now,
                "user_ids": users.iter().filter_map(|user| user.get("id")).collect::<Vec<_>>(),
                "events": self.events,
                "access": {"group_ids": [0]},
                "properties": {},
            },
        })
    }
}
