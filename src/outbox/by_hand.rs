//! Visits replayed and buried by a person, while a bot has the file or not.
//!
//! Promises: each is one transaction that looks at the visit's state first, so that what a bot does with it at the same
//! time comes wholly before or wholly after; doing it again changes nothing; a visit in whose chat the bot may
//! be is buried only after the bot has left. A running bot sees what is due within `visit`'s longest rest.

use super::claims::read_said;
use super::errors::Error;
use super::records::{Said, State};
use super::schema::{self, BURIED, WAITING};
use super::settings::Settings;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, params};

/// How the outcome of what a person buried begins.
pub const BY_HAND: &str = "by_hand";

/// What became of a visit that was to be replayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    /// It waits again.
    Waits,
    /// It is not over: nothing was changed.
    IsOpen,
    /// It is done: nothing was changed.
    IsDone,
    /// Its message is older than it may be, and it was not forced: nothing was changed.
    TooOld,
    /// It is not there any more.
    IsGone,
}

/// What became of a visit that was to be buried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Burial {
    /// It is buried.
    Buried,
    /// It will say nothing more, and is buried once the bot is out of the chat for certain.
    BuriedAfterLeaving,
    /// It was buried before: nothing was changed.
    IsBuried,
    /// It is done: nothing was changed.
    IsDone,
    /// It was said; only leaving is left, and that must happen: nothing was changed.
    IsSaid,
    /// Somebody works on it: nothing was changed.
    IsHeld,
    /// It is not there any more.
    IsGone,
}

/// The outbox in the hands of a person.
pub struct ByHand {
    connection: Connection,
}

struct Row {
    state: State,
    said: Said,
    claims: i64,
    written_ms: i64,
    due_ms: i64,
}

impl ByHand {
    /// Opens the outbox for writing beside whoever has it.
    ///
    /// # Errors
    /// `Missing` where there is none, `Broken` when it cannot be used, `Settings` when it is no SQLite.
    pub fn open(settings: &Settings) -> Result<Self, Error> {
        let path = schema::path_of(&settings.url)?;
        let connection = schema::open_existing(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        // Checkpoints are the bot's business; a commit must be on disk as the bot's are.
        let set = connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;");
        set.map_err(unwritable)?;
        Ok(Self { connection })
    }

    /// Lets a buried visit wait again, with all its attempts, as if it was written down now. It keeps its key, and is
    /// looked for in the chat before it is said. One written before `oldest_ms` would end in silence: it is refused, or
    /// with `is_forced` counts as written now.
    ///
    /// # Errors
    /// `Unwritable`: nothing was changed.
    pub fn replay(&mut self, id: i64, now_ms: i64, oldest_ms: i64, is_forced: bool) -> Result<Replay, Error> {
        self.change(id, |transaction, row| {
            let Some(row) = row else { return Ok(Replay::IsGone) };
            match row.state {
                State::Waiting | State::Held => return Ok(Replay::IsOpen),
                State::Done => return Ok(Replay::IsDone),
                State::Buried if row.written_ms < oldest_ms && !is_forced => return Ok(Replay::TooOld),
                State::Buried => {}
            }
            // Where the bot is must be found out anew: nothing that was known then holds.
            transaction.execute(
                "UPDATE visits SET state = ?2, due_ms = ?3, admitted_ms = ?3, attempts = 0, said = 0, outcome = NULL,
                     ended_ms = NULL, standing = NULL, bot_inside = NULL, claims = max(claims, 1),
                     written_ms = CASE WHEN ?4 THEN ?3 ELSE written_ms END WHERE id = ?1",
                params![id, WAITING, now_ms, is_forced && row.written_ms < oldest_ms],
            )?;
            Ok(Replay::Waits)
        })
    }

    /// Buries a visit that waits.
    ///
    /// # Errors
    /// `Unwritable`: nothing was changed.
    pub fn bury(&mut self, id: i64, reason: &str, now_ms: i64) -> Result<Burial, Error> {
        let outcome = if reason.is_empty() { BY_HAND.to_owned() } else { format!("{BY_HAND}: {reason}") };
        self.change(id, |transaction, row| {
            let Some(row) = row else { return Ok(Burial::IsGone) };
            match row.state {
                State::Buried => return Ok(Burial::IsBuried),
                State::Done => return Ok(Burial::IsDone),
                State::Held if row.due_ms > now_ms => return Ok(Burial::IsHeld),
                State::Waiting | State::Held if row.said == Said::Yes => return Ok(Burial::IsSaid),
                State::Waiting | State::Held => {}
            }
            if row.claims == 0 {
                let sql = "UPDATE visits SET state = ?2, outcome = ?3, ended_ms = ?4 WHERE id = ?1";
                transaction.execute(sql, params![id, BURIED, outcome, now_ms])?;
                return Ok(Burial::Buried);
            }
            // A bot may be in the chat: it has nothing to say any more, and leaves.
            let sql = "UPDATE visits SET state = ?2, said = 2, outcome = ?3, due_ms = ?4 WHERE id = ?1";
            transaction.execute(sql, params![id, WAITING, outcome, now_ms])?;
            Ok(Burial::BuriedAfterLeaving)
        })
    }

    fn change<T>(
        &mut self,
        id: i64,
        work: impl FnOnce(&Transaction<'_>, Option<Row>) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        let change = || {
            // The lock comes before the look, so that nobody changes the visit in between.
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let sql = "SELECT state, said, outcome, claims, written_ms, due_ms FROM visits WHERE id = ?1";
            let row = transaction.query_row(sql, [id], |row| {
                Ok(Row {
                    state: State::of(row.get("state")?),
                    said: read_said(row)?,
                    claims: row.get("claims")?,
                    written_ms: row.get("written_ms")?,
                    due_ms: row.get("due_ms")?,
                })
            });
            let result = work(&transaction, row.optional()?)?;
            transaction.commit()?;
            Ok(result)
        };
        change().map_err(unwritable)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn unwritable(error: rusqlite::Error) -> Error {
    Error::Unwritable(error.to_string())
}

#[cfg(test)]
#[path = "by_hand_tests.rs"]
mod tests;
