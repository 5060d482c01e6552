//! `GET /metrics`: what was counted, and what is looked up when somebody asks.
//!
//! Promises: it answers within `PATIENCE` whatever the disk does (what cannot be read is `NaN`), never waits behind the
//! outbox's writes, and looks at the disk once at a time.

use crate::livechat::BotTokens;
use crate::outbox::{self, Clock, Depth, State as VisitState, View};
use crate::telemetry::metrics::{self, Page};
use crate::visit::Worker;
use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// How long the disk may take; Prometheus waits 10 s for the whole answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often what was measured is put away when nobody asks.
const UPKEEP: Duration = Duration::from_secs(5);

/// What a scrape looks at.
pub(super) struct Scrape {
    pub(super) page: Page,
    pub(super) settings: outbox::Settings,
    pub(super) clock: Clock,
    pub(super) tokens: Arc<BotTokens>,
    pub(super) worker: Arc<Worker>,
}

#[derive(Clone)]
struct Shared {
    scrape: Arc<Scrape>,
    reading: Arc<Semaphore>,
}

/// The route `/metrics`.
pub(super) fn router(scrape: Scrape) -> Router {
    let shared = Shared { scrape: Arc::new(scrape), reading: Arc::new(Semaphore::new(1)) };
    Router::new().route("/metrics", get(answer)).with_state(shared)
}

/// Keeps the numbers small while nobody asks for them.
pub(super) async fn keep(page: Page) {
    loop {
        tokio::time::sleep(UPKEEP).await;
        page.upkeep();
    }
}

async fn answer(State(Shared { scrape, reading }): State<Shared>) -> Response {
    let depth = depth(&scrape.settings, reading).await;
    let of = |number: fn(&Depth) -> u64| depth.as_ref().map(number);
    metrics::outbox_visits(VisitState::Waiting.name(), of(|depth| depth.waiting));
    metrics::outbox_visits(VisitState::Held.name(), of(|depth| depth.held));
    metrics::outbox_visits(VisitState::Done.name(), of(|depth| depth.done));
    metrics::outbox_visits(VisitState::Buried.name(), of(|depth| depth.buried));
    let now = scrape.clock.now().as_millisecond();
    let age = |since: i64| Duration::from_millis(now.saturating_sub(since).max(0).unsigned_abs());
    metrics::outbox_oldest(depth.map(|depth| depth.oldest_ms.map_or(Duration::ZERO, age)));
    metrics::token_age(scrape.tokens.oldest_age());
    metrics::breakers_open(scrape.worker.breakers_open());
    metrics::present_too_long(scrape.worker.present_too_long());
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], scrape.page.render()).into_response()
}

/// What the outbox holds; `None` when it cannot be read in time.
async fn depth(settings: &outbox::Settings, reading: Arc<Semaphore>) -> Option<Depth> {
    // A read that hangs keeps its permit: no more of them are begun.
    let permit = reading.try_acquire_owned().ok()?;
    let settings = settings.clone();
    let read = tokio::task::spawn_blocking(move || {
        let depth = View::open(&settings).and_then(|view| view.depth());
        drop(permit);
        depth
    });
    match tokio::time::timeout(PATIENCE, read).await {
        Ok(Ok(Ok(depth))) => Some(depth),
        Ok(Ok(Err(error))) => {
            tracing::debug!(%error, "the outbox cannot be counted");
            None
        }
        Ok(Err(_)) | Err(_) => None,
    }
}
