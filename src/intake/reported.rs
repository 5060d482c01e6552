//! The last messages that a shadow rule reported.
//!
//! A webhook comes twice now and then, and the sweep hears a message again that came by one: each is reported once, as
//! long as it is among the last `MAX_REPORTED`.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// How many messages that a shadow rule reported are remembered, so that each is reported once.
const MAX_REPORTED: usize = 1_000;

/// The messages, the latest last.
#[derive(Default)]
pub struct Reported(Mutex<VecDeque<String>>);

impl Reported {
    /// Whether this one is reported for the first time.
    pub(super) fn is_new(&self, chat: &str, event: &str) -> bool {
        let name = format!("{chat} {event}");
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if last.contains(&name) {
            return false;
        }
        if last.len() >= MAX_REPORTED {
            last.pop_front();
        }
        last.push_back(name);
        true
    }
}
