//! The handle that doors and visits share.

use super::admission::{self, Admission};
use super::claims::{self, Claimed};
use super::clock::Clock;
use super::errors::Error;
use super::records::{Change, Hold, NewVisit, Visit};
use super::schema::{self, BURIED, DONE, HELD, WAITING};
use super::settings::Settings;
use super::writer::{self, Job};
use jiff::SignedDuration;
use rusqlite::Connection;
use std::sync::Arc;
use tokio::sync::{Notify, mpsc};

/// The longest that a visit waits after a start, whatever its row says: the longest backoff, so
/// that a clock that stood in the future does not park visits for ever.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(2);
/// How many old rows one transaction deletes at most.
pub const PRUNE_BATCH: usize = 1_000;

/// The outbox. Clones share it; the file is freed once the last one is gone and all is written.
#[derive(Clone)]
pub struct Outbox {
    jobs: mpsc::Sender<Job>,
    arrivals: Arc<Notify>,
    clock: Clock,
    keep_done: SignedDuration,
    keep_buried: SignedDuration,
}

impl Outbox {
    /// Opens the outbox, makes it where there is none, and frees what a dead process held.
    ///
    /// # Errors
    /// See `Error`: in use, broken, or not to be opened.
    pub fn open(settings: &Settings, clock: Clock) -> Result<Self, Error> {
        let path = schema::path_of(&settings.url)?;
        let lock = schema::lock(&path)?;
        schema::check(&path)?;
        let connection = schema::open(&path)?;
        take_over(&connection, clock.now().as_millisecond())
            .map_err(|error| Error::opening(&path, &error))?;
        let (jobs, receiver) = mpsc::channel(settings.max_queue.max(1));
        let max_batch = settings.max_batch.max(1);
        std::thread::Builder::new()
            .name("outbox".to_owned())
            .spawn({
                let path = path.clone();
                move || {
                    writer::run(&path, connection, max_batch, receiver);
                    drop(lock);
                }
            })
            .map_err(|source| Error::Open { path, source })?;
        let (keep_done, keep_buried) = (settings.keep_done, settings.keep_buried);
        Ok(Self { jobs, arrivals: Arc::default(), clock, keep_done, keep_buried })
    }

    /// The time that rows are written in.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Writes visits down, all or none; in each thread `per_thread` at most.
    ///
    /// # Errors
    /// `Busy` or `Unwritable`: nothing was admitted.
    ///
    /// # Cancel safety
    /// When dropped, the visits may or may not have been admitted.
    pub async fn put(&self, visits: Vec<NewVisit>, per_thread: u32) -> Result<Vec<Admission>, Error> {
        let now = self.now_ms();
        let put = self.run(move |connection| admission::put(connection, &visits, per_thread, now)).await?;
        self.arrived();
        Ok(put)
    }

    pub(super) fn arrived(&self) {
        self.arrivals.notify_one();
    }

    /// Waits until a visit was admitted since the last time.
    ///
    /// # Cancel safety
    /// An arrival is not lost when dropped.
    pub async fn arrival(&self) {
        self.arrivals.notified().await;
    }

    /// Holds everything that waits in up to `chats` chats in which something is due.
    ///
    /// # Errors
    /// `Busy` or `Unwritable`: nothing is held.
    pub async fn claim(&self, chats: usize, lease: SignedDuration) -> Result<Claimed, Error> {
        let now = self.now_ms();
        let until = now.saturating_add(millis(lease));
        self.run(move |connection| claims::claim(connection, chats, now, until)).await
    }

    /// Holds what came meanwhile in a chat that the caller holds already.
    ///
    /// # Errors
    /// `Busy` or `Unwritable`: nothing more is held.
    pub async fn claim_more(&self, of: &Visit, lease: SignedDuration) -> Result<Vec<Visit>, Error> {
        let until = self.now_ms().saturating_add(millis(lease));
        let (organization, chat) = (of.organization.clone(), of.chat.clone());
        self.run(move |connection| claims::claim_more(connection, &organization, &chat, until)).await
    }

    /// Writes down what becomes of held visits; says of each whether it was still held. One that is not, because its lease
    /// ended and somebody else has it, or a person took it, is left as it is.
    ///
    /// # Errors
    /// `Busy` or `Unwritable`: they stay held, until their lease ends.
    pub async fn change(&self, changes: Vec<(Hold, Change)>) -> Result<Vec<bool>, Error> {
        let now = self.now_ms();
        self.run(move |connection| {
            changes.iter().map(|(hold, change)| claims::change(connection, *hold, change, now)).collect()
        })
        .await
    }

    /// Deletes the oldest of the visits that ended longer than `keep_done` ago, or were buried longer than `keep_buried`
    /// ago, `PRUNE_BATCH` at most of each; says how many.
    ///
    /// # Errors
    /// `Busy` or `Unwritable`.
    pub async fn prune(&self) -> Result<usize, Error> {
        let now = self.now_ms();
        let (done, buried) =
            (now.saturating_sub(millis(self.keep_done)), now.saturating_sub(millis(self.keep_buried)));
        self.run(move |connection| {
            let mut deleted = 0;
            for (state, before) in [(DONE, done), (BURIED, buried)] {
                // The state is text, not a value, so that the index of the buried ones is used.
                let sql = format!(
                    "DELETE FROM visits WHERE id IN (SELECT id FROM visits
                         WHERE ended_ms < ?1 AND state = {state} ORDER BY ended_ms LIMIT {PRUNE_BATCH})"
                );
                deleted += connection.prepare_cached(&sql)?.execute([before])?;
            }
            Ok(deleted)
        })
        .await
    }

    /// Writes something small, to see that writing works.
    ///
    /// # Errors
    /// `Busy` or `Unwritable`.
    pub async fn probe(&self) -> Result<(), Error> {
        let now = self.now_ms();
        self.run(move |connection| {
            let sql = "INSERT INTO probe VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET at_ms = ?1";
            connection.prepare_cached(sql)?.execute([now]).map(|_| ())
        })
        .await
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let (job, result) = writer::job(work);
        self.jobs.try_send(job).map_err(|_| Error::Busy)?;
        result.await.unwrap_or_else(|_| Err(Error::Unwritable("the batch was rolled back".to_owned())))
    }

    fn now_ms(&self) -> i64 {
        self.clock.now().as_millisecond()
    }
}

/// Nobody else has the file: what is held was held by a process that is gone.
fn take_over(connection: &Connection, now_ms: i64) -> rusqlite::Result<()> {
    connection
        .execute("UPDATE visits SET state = ?1, due_ms = ?2 WHERE state = ?3", [WAITING, now_ms, HELD])?;
    let latest = now_ms.saturating_add(millis(LONGEST_WAIT));
    connection
        .execute("UPDATE visits SET due_ms = ?1 WHERE state = ?2 AND due_ms > ?1", [latest, WAITING])?;
    Ok(())
}

fn millis(duration: SignedDuration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
