//! The page's server-sent events: the regions that differ from what this page has.
//!
//! State is sent, not steps: a page that missed something, or connects again, ends up right. Ends with the sandbox.
use super::regions::regions;
use super::scene::Scene;
use crate::sandbox::shared::Shared;
use crate::sandbox::world::Change;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream, StreamExt};
use serde_json::{Map, Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, watch};

/// The shortest time between two updates: what happens in a burst is shown at once.
const PACE: Duration = Duration::from_millis(25);

/// One open page.
struct Reader {
    shared: Arc<Shared>,
    customer_id: String,
    chat_id: Option<String>,
    changes: broadcast::Receiver<Arc<Change>>,
    calls: watch::Receiver<u64>,
    /// What the page has.
    has: Map<String, Value>,
    /// The customer is no more, and the page was told.
    gone: bool,
}

/// The updates of a customer's page, beginning with everything.
pub(super) fn updates(
    shared: Arc<Shared>,
    customer_id: String,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let stop = shared.stop.clone().cancelled_owned();
    let (changes, calls) = (shared.subscribe(), shared.journal.changes());
    let reader = Reader { shared, customer_id, chat_id: None, changes, calls, has: Map::new(), gone: false };
    let told = stream::unfold(reader, |mut reader| async {
        let news = reader.news().await?;
        // JSON, because a line break of a customer's would end a line of the event.
        let event = Event::default().json_data(Value::Object(news));
        Some((Ok(event.unwrap_or_else(|_| Event::default().comment("unreadable"))), reader))
    });
    Sse::new(told.take_until(stop)).keep_alive(KeepAlive::default())
}

impl Reader {
    /// Waits for something that the page does not have; `None` after the customer is gone.
    async fn news(&mut self) -> Option<Map<String, Value>> {
        while !self.gone {
            if !self.has.is_empty() {
                self.changed().await;
            }
            let Some(scene) = Scene::read(&self.shared, &self.customer_id) else {
                self.gone = true;
                return Some(Map::from_iter([("gone".to_owned(), json!(true))]));
            };
            self.chat_id.clone_from(&scene.chat_id);
            let news: Map<String, Value> = regions(&scene)
                .into_iter()
                .map(|(name, html)| (name.to_owned(), json!(html)))
                .filter(|(name, html)| self.has.get(name) != Some(html))
                .collect();
            if !news.is_empty() {
                self.has.extend(news.clone());
                return Some(news);
            }
        }
        None
    }

    async fn changed(&mut self) {
        loop {
            tokio::select! {
                change = self.changes.recv() => if self.concerns(change) { break },
                // An error would say that the journal is gone, and the sandbox with it.
                _ = self.calls.changed() => break,
            }
        }
        tokio::time::sleep(PACE).await;
        // What came in the meantime is in the world already, which is read after this.
        self.changes = self.changes.resubscribe();
        self.calls.mark_unchanged();
    }

    /// A reader that was too slow has missed something, perhaps of its chat.
    fn concerns(&self, change: Result<Arc<Change>, broadcast::error::RecvError>) -> bool {
        match (&self.chat_id, change) {
            (Some(chat_id), Ok(change)) => change.chat_id.as_ref() == Some(chat_id),
            _ => true,
        }
    }
}
