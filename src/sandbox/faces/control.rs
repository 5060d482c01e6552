//! The sandbox's own face: read the journal, ask for faults, begin again.
use super::answer::Answer;
use crate::sandbox::faults::Fault;
use crate::sandbox::journal::Entry;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::shared::Shared;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::{get, post};
use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt};
use serde::Deserialize;
use serde_json::json;
use std::convert::Infallible;
use std::sync::Arc;
use tokio_stream::wrappers::WatchStream;

/// The control's routes.
pub(super) fn router(shared: &Arc<Shared>) -> Router {
    Router::new()
        .route("/sandbox/journal", get(journal))
        .route("/sandbox/journal/stream", get(journal_stream))
        .route("/sandbox/faults", get(list_faults).post(add_fault).delete(clear_faults))
        .route("/sandbox/reset", post(reset))
        .with_state(Arc::clone(shared))
}

type Its = State<Arc<Shared>>;

#[derive(Debug, Deserialize)]
struct After {
    /// The number of the last entry that is known.
    after: Option<u64>,
}

async fn journal(State(shared): Its, Query(After { after }): Query<After>) -> Response {
    Answer::new(StatusCode::OK, json!(shared.journal.after(after.unwrap_or_default()))).response()
}

/// Every entry when it is written and again when it is completed.
async fn journal_stream(State(shared): Its) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let entries = entries(&shared).map(|entry| {
        let event = Event::default().id(entry.seq.to_string());
        Ok(event.json_data(&entry).unwrap_or_else(|_| Event::default().comment("unreadable")))
    });
    Sse::new(entries).keep_alive(KeepAlive::default())
}

/// The journal as it goes on from now.
fn entries(shared: &Shared) -> impl Stream<Item = Entry> + use<> {
    let journal = shared.journal.clone();
    let mut seen = journal.changed_since(u64::MAX).1;
    WatchStream::from_changes(journal.changes()).flat_map(move |_| {
        let (entries, change) = journal.changed_since(seen);
        seen = change;
        stream::iter(entries)
    })
}

async fn list_faults(State(shared): Its) -> Response {
    let faults: Vec<_> =
        shared.faults.list().into_iter().map(|(id, fault)| json!({"id": id, "fault": fault})).collect();
    Answer::new(StatusCode::OK, json!(faults)).response()
}

async fn add_fault(State(shared): Its, body: Bytes) -> Response {
    match serde_json::from_slice::<Fault>(&body) {
        Ok(fault) => Answer::new(StatusCode::OK, json!({"id": shared.faults.add(fault)})).response(),
        Err(error) => Answer::of(Err(Refusal::validation(format!("not a fault: {error}"))), false).response(),
    }
}

async fn clear_faults(State(shared): Its) -> Response {
    shared.faults.clear();
    Answer::new(StatusCode::OK, json!({})).response()
}

async fn reset(State(shared): Its) -> Response {
    shared.reset();
    Answer::new(StatusCode::OK, json!({})).response()
}
