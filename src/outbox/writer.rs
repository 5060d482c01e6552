//! The one thread that writes: takes what waits, runs it in one transaction, commits, answers.
//!
//! Promises: an answer comes after the commit; when anything in a batch fails, the whole batch is
//! rolled back and every job of it is told so; after a failed write the connection is opened anew
//! (after a failed flush the system may have dropped what it said it kept).

use super::errors::Error;
use super::schema;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::path::{Path, PathBuf};
use tokio::sync::{mpsc, oneshot};

/// Tells the one who asked how the commit went.
type Answer = Box<dyn FnOnce(Result<(), String>) + Send>;
/// Work in the batch's transaction.
pub(super) type Job = Box<dyn FnOnce(&Connection) -> rusqlite::Result<Answer> + Send>;

/// Makes a job of `work`, and the place where its result arrives after the commit.
pub(super) fn job<T: Send + 'static>(
    work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
) -> (Job, oneshot::Receiver<Result<T, Error>>) {
    let (sender, receiver) = oneshot::channel();
    let job: Job = Box::new(move |connection| {
        let result = work(connection)?;
        Ok(Box::new(move |commit: Result<(), String>| {
            // Whoever asked may have gone away meanwhile; the write stands.
            drop(sender.send(commit.map(|()| result).map_err(Error::Unwritable)));
        }))
    });
    (job, receiver)
}

/// Runs until every sender is gone.
pub(super) fn run(path: &Path, connection: Connection, max_batch: usize, mut jobs: mpsc::Receiver<Job>) {
    let mut writer = Writer { path: path.to_owned(), connection: Some(connection) };
    let mut batch = Vec::with_capacity(max_batch);
    while let Some(first) = jobs.blocking_recv() {
        batch.push(first);
        while batch.len() < max_batch {
            match jobs.try_recv() {
                Ok(job) => batch.push(job),
                Err(_) => break,
            }
        }
        writer.commit(&mut batch);
    }
}

struct Writer {
    path: PathBuf,
    connection: Option<Connection>,
}

impl Writer {
    fn commit(&mut self, batch: &mut Vec<Job>) {
        let mut answers = Vec::with_capacity(batch.len());
        // Jobs that do not get to run answer by being dropped.
        let result = self.attempt(batch.drain(..), &mut answers);
        if let Err(why) = &result {
            tracing::error!(why, "cannot write to the outbox");
            self.connection = None;
        }
        for answer in answers {
            answer(result.clone());
        }
    }

    fn attempt(&mut self, jobs: impl Iterator<Item = Job>, answers: &mut Vec<Answer>) -> Result<(), String> {
        let connection = match &self.connection {
            Some(connection) => connection,
            None => {
                let opened = schema::open(&self.path).map_err(|error| error.to_string())?;
                self.connection.insert(opened)
            }
        };
        // The write lock comes first: a batch that begins by reading would fail when a person wrote meanwhile.
        let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)
            .map_err(|error| error.to_string())?;
        for job in jobs {
            answers.push(job(&transaction).map_err(|error| error.to_string())?);
        }
        transaction.commit().map_err(|error| error.to_string())
    }
}
