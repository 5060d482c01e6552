//! The desk page: both windows of a chat side by side.
//!
//! [`Shared`] gives it what it needs: `act` runs the platform's laws in process, `subscribe` tells of every
//! change, `journal` of every call and delivery.
use super::shared::Shared;
use axum::Router;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::get;
use futures_util::stream::{Stream, StreamExt};
use serde_json::json;
use std::convert::Infallible;
use std::sync::Arc;
use tokio_stream::wrappers::BroadcastStream;

/// The page's routes.
pub(crate) fn router(shared: &Arc<Shared>) -> Router {
    Router::new()
        .route("/", get(|| async { "The desk page is not built yet." }))
        .route("/desk/changes", get(changes))
        .with_state(Arc::clone(shared))
}

/// Every change of the account as it happens; a reader that is too slow misses some.
async fn changes(State(shared): State<Arc<Shared>>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = BroadcastStream::new(shared.subscribe()).filter_map(|change| async {
        let change = change.ok()?;
        let told = json!({"action": change.action, "chat_id": change.chat_id, "payload": change.payload});
        Some(Ok(Event::default().data(told.to_string())))
    });
    Sse::new(changes).keep_alive(KeepAlive::default())
}
