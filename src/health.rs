//! Whether the process works, and whether it can accept webhooks.
//!
//! `GET /health/live` is 200 while the process works; `GET /health/ready` is 200 while the outbox
//! can be written. Its JSON also shows the token, the breaker, and the rules: `current`, or `outdated` when the
//! files were changed since and are wrong; their version.

use crate::livechat::{BotTokens, TokenState};
use crate::outbox::Outbox;
use crate::rules::InForce;
use crate::visit::Worker;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// For how long an answer of the disk is taken as news: strangers can ask as often as they like.
const FRESH: Duration = Duration::from_secs(1);
/// How long the disk may take before it counts as not writable (a webhook's sender waits 10 s).
const PATIENCE: Duration = Duration::from_secs(3);

/// `[admin]`: the private door.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdminSettings {
    /// The address that the private door listens on.
    pub listen: SocketAddr,
    /// What callers must show as `Authorization: Bearer …`; needed when the address is not loopback.
    pub token: SecretString,
}

/// What readiness looks at.
pub struct Health {
    outbox: Outbox,
    tokens: Arc<BotTokens>,
    worker: Arc<Worker>,
    rules: Arc<InForce>,
    last: Mutex<Option<(Instant, bool)>>,
}

#[derive(Serialize)]
struct Ready {
    ready: bool,
    outbox: &'static str,
    token: TokenState,
    webhooks: &'static str,
    breaker: &'static str,
    rules: &'static str,
    rules_version: String,
}

impl Health {
    /// Looks at these.
    pub fn new(
        outbox: Outbox,
        tokens: Arc<BotTokens>,
        worker: Arc<Worker>,
        rules: Arc<InForce>,
    ) -> Arc<Self> {
        Arc::new(Self { outbox, tokens, worker, rules, last: Mutex::new(None) })
    }

    /// Whether the outbox can be written, as of a second ago at most.
    pub async fn is_writable(&self) -> bool {
        let mut last = self.last.lock().await;
        if let Some((at, writable)) = *last
            && at.elapsed() < FRESH
        {
            return writable;
        }
        let writable = matches!(tokio::time::timeout(PATIENCE, self.outbox.probe()).await, Ok(Ok(())));
        *last = Some((Instant::now(), writable));
        writable
    }
}

/// The routes `/health/live` and `/health/ready`.
pub fn router(health: Arc<Health>) -> Router {
    Router::new().route("/health/live", get(live)).route("/health/ready", get(ready)).with_state(health)
}

async fn live() -> Json<serde_json::Value> {
    Json(serde_json::json!({ "live": true }))
}

async fn ready(State(health): State<Arc<Health>>) -> Response {
    let ready = health.is_writable().await;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = Ready {
        ready,
        outbox: if ready { "writable" } else { "not_writable" },
        token: health.tokens.state(),
        webhooks: "not checked (not built yet)",
        breaker: if health.worker.breakers_open() > 0 { "open" } else { "closed" },
        rules: if health.rules.is_outdated() { "outdated" } else { "current" },
        rules_version: health.rules.get().version().to_owned(),
    };
    (status, Json(body)).into_response()
}
