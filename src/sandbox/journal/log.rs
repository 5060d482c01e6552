//! The journal itself: append, complete, read, wait.
use super::entry::{Call, CallState, Delivery, Entry, Happening, Outcome};
use crate::sandbox::{clock, locks::hold};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// How many entries are kept; the oldest go first.
const ENTRIES: usize = 100_000;

/// The journal of a sandbox. Clones are the same journal.
#[derive(Debug, Clone)]
pub struct Journal {
    log: Arc<Mutex<Log>>,
    changed: watch::Sender<u64>,
}

#[derive(Debug)]
struct Log {
    entries: VecDeque<Entry>,
    next: u64,
    change: u64,
}

impl Journal {
    pub(crate) fn new() -> Self {
        let log = Log { entries: VecDeque::new(), next: 1, change: 0 };
        Self { log: Arc::new(Mutex::new(log)), changed: watch::Sender::new(0) }
    }

    /// All entries that are kept, in order.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        hold(&self.log).entries.iter().cloned().collect()
    }

    /// The entries with a number above `seq`, in order.
    #[must_use]
    pub fn after(&self, seq: u64) -> Vec<Entry> {
        hold(&self.log).entries.iter().filter(|entry| entry.seq > seq).cloned().collect()
    }

    /// The last entries of a chat, at most so many, in order.
    pub(crate) fn of_chat(&self, chat_id: &str, most: usize) -> Vec<Entry> {
        let log = hold(&self.log);
        let of_chat = log.entries.iter().rev().filter(|entry| entry.chat_id() == Some(chat_id));
        let mut found: Vec<Entry> = of_chat.take(most).cloned().collect();
        found.reverse();
        found
    }

    /// Waits until `look` finds what it looks for in the entries. It is asked now and after every change,
    /// while the journal is locked: keep it short.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub async fn wait_for<T>(&self, mut look: impl FnMut(&[Entry]) -> Option<T>) -> T {
        let mut changes = self.changed.subscribe();
        loop {
            changes.mark_unchanged();
            if let Some(found) = look(hold(&self.log).entries.make_contiguous()) {
                return found;
            }
            if changes.changed().await.is_err() {
                // The sender lives in `self`, so this cannot happen; never spin if it did.
                std::future::pending::<()>().await;
            }
        }
    }

    /// Forgets all entries; the numbers go on.
    pub fn clear(&self) {
        let mut log = hold(&self.log);
        log.entries.clear();
        log.change += 1;
        self.changed.send_replace(log.change);
    }

    /// Entries written or completed since the change `since`, and the change they bring a reader to.
    pub(crate) fn changed_since(&self, since: u64) -> (Vec<Entry>, u64) {
        let log = hold(&self.log);
        (log.entries.iter().filter(|entry| entry.changed > since).cloned().collect(), log.change)
    }

    /// Tells of every change.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Writes that a call has arrived.
    pub(crate) fn arrived(&self, call: Call) -> Ticket {
        let seq = self.append(Happening::Call(call));
        Ticket { journal: self.clone(), seq, began: Instant::now(), open: true }
    }

    /// Writes that a try of a delivery begins, or that there will be none.
    pub(crate) fn delivering(&self, delivery: Delivery) -> u64 {
        self.append(Happening::Delivery(delivery))
    }

    /// Writes how a try ended.
    pub(crate) fn delivered(&self, seq: u64, outcome: Outcome, took: Duration) {
        self.change(seq, |happening| {
            if let Happening::Delivery(delivery) = happening {
                delivery.outcome = outcome;
                delivery.took_us = micros(took);
            }
        });
    }

    fn append(&self, happening: Happening) -> u64 {
        let mut log = hold(&self.log);
        let seq = log.next;
        log.next += 1;
        log.change += 1;
        let entry = Entry { seq, time: clock::now(), happening, changed: log.change };
        if log.entries.len() >= ENTRIES {
            log.entries.pop_front();
        }
        log.entries.push_back(entry);
        self.changed.send_replace(log.change);
        seq
    }

    fn change(&self, seq: u64, write: impl FnOnce(&mut Happening)) {
        let mut log = hold(&self.log);
        log.change += 1;
        let change = log.change;
        let first = log.entries.front().map_or(seq, |entry| entry.seq);
        let place = seq.checked_sub(first).and_then(|place| usize::try_from(place).ok());
        if let Some(entry) = place.and_then(|place| log.entries.get_mut(place)) {
            write(&mut entry.happening);
            entry.changed = change;
        }
        self.changed.send_replace(change);
    }
}

/// A call that is in the journal and not answered yet; dropped without an answer it was abandoned.
#[derive(Debug)]
pub(crate) struct Ticket {
    journal: Journal,
    seq: u64,
    began: Instant,
    open: bool,
}

impl Ticket {
    /// Names the fault that is played.
    pub(crate) fn fault(&self, name: &'static str) {
        self.write(|call| call.fault = Some(name));
    }

    /// Writes the answer.
    pub(crate) fn answered(mut self, status: u16, error_type: Option<String>) {
        self.open = false;
        let took = micros(self.began.elapsed());
        self.write(|call| {
            call.state = CallState::Answered;
            call.status = Some(status);
            call.error_type = error_type;
            call.took_us = took;
        });
    }

    /// Writes that the connection is reset instead of an answer.
    pub(crate) fn reset(mut self) {
        self.open = false;
        self.write(|call| call.state = CallState::Reset);
    }

    fn write(&self, write: impl FnOnce(&mut Call)) {
        self.journal.change(self.seq, |happening| {
            if let Happening::Call(call) = happening {
                write(call);
            }
        });
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if self.open {
            self.write(|call| call.state = CallState::Abandoned);
        }
    }
}

fn micros(took: Duration) -> Option<u64> {
    u64::try_from(took.as_micros()).ok()
}
