//! Threads that had as many visits as one thread may have: their messages get silence without asking the outbox.
//!
//! Promises: a storm in one chat costs one look at the outbox, and one log line, in `MEMORY`; of what is remembered
//! there is a limit.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How long a full thread is remembered; the outbox may forget old visits meanwhile.
const MEMORY: Duration = Duration::from_secs(60);
/// How many full threads are remembered.
const MAX_FULL: usize = 1_000;

/// The full threads, and until when that is taken as known.
#[derive(Default)]
pub struct FullThreads(Mutex<HashMap<(String, String), Instant>>);

impl FullThreads {
    /// Whether the thread was full a moment ago.
    pub(super) fn has(&self, chat: &str, thread: &str) -> bool {
        let full = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Nearly always empty, and then nothing is made to be looked up.
        !full.is_empty()
            && full.get(&(chat.to_owned(), thread.to_owned())).is_some_and(|until| *until > Instant::now())
    }

    /// The thread is full; says whether that is news.
    pub(super) fn add(&self, chat: String, thread: String) -> bool {
        let now = Instant::now();
        let mut full = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if full.len() >= MAX_FULL {
            full.retain(|_, until| *until > now);
        }
        if full.len() >= MAX_FULL {
            return true;
        }
        let before = full.insert((chat, thread), now + MEMORY);
        before.is_none_or(|until| until <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_full_thread_is_remembered_for_a_while_and_there_is_a_limit() {
        let full = FullThreads::default();
        let add = |number: usize| full.add("c".to_owned(), number.to_string());
        assert!(!full.has("c", "0"));
        assert!(add(0) && !add(0) && full.has("c", "0") && !full.has("c", "1"));
        tokio::time::advance(MEMORY).await;
        assert!(!full.has("c", "0") && add(0), "it is news again");
        (1..2 * MAX_FULL).for_each(|number| assert!(add(number)));
        assert!(full.has("c", "1") && !full.has("c", &MAX_FULL.to_string()), "the first ones are kept");
        tokio::time::advance(MEMORY).await;
        assert!(add(MAX_FULL) && full.has("c", &MAX_FULL.to_string()));
    }
}
