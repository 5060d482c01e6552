//! What the sweep asks the outbox: was this message admitted, did a visit leave the bot behind?
//!
//! Promises: a visit that only leaves is put on the list in the transaction that finds no open visit of the chat, so
//! that it is one of the chat's visits and never meets another of them.

use super::errors::Error;
use super::records::{Key, Standing, chat_key};
use super::schema::WAITING;
use super::store::Outbox;
use rusqlite::{Connection, OptionalExtension, params};

/// How a visit that only leaves says why it is there.
const LEFT_BEHIND: &str = "left_behind";

/// The last visit of a chat in which nothing is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastVisit {
    /// The row.
    pub id: i64,
    /// The thread that its message was in.
    pub thread: String,
    /// Whose doing it was that the bot was inside.
    pub standing: Standing,
}

impl Outbox {
    /// How many of these messages of a chat were admitted, whatever became of them.
    ///
    /// # Errors
    /// `Busy` or `Unwritable`.
    pub async fn known(&self, organization: &str, chat: &str, events: Vec<String>) -> Result<usize, Error> {
        let (organization, chat) = (organization.to_owned(), chat.to_owned());
        self.run(move |connection| known(connection, &organization, &chat, &events)).await
    }

    /// The visit of the chat that ended last, when none is open and it ended before `before_ms`; of visits that
    /// ended before anybody knew who put the bot inside nothing is said.
    ///
    /// # Errors
    /// `Busy` or `Unwritable`.
    pub async fn last_visit(
        &self,
        organization: &str,
        chat: &str,
        before_ms: i64,
    ) -> Result<Option<LastVisit>, Error> {
        let (organization, chat) = (organization.to_owned(), chat.to_owned());
        let last = self.run(move |connection| last_visit(connection, &organization, &chat)).await?;
        Ok(last.filter(|(_, ended_ms)| *ended_ms < before_ms).map(|(last, _)| last))
    }

    /// Puts a visit that only leaves on the list, in the place of one that ended; says whether it did, which it
    /// does not while a visit of the chat is open.
    ///
    /// # Errors
    /// `Busy` or `Unwritable`.
    pub async fn put_leave(&self, last: &LastVisit) -> Result<bool, Error> {
        let (id, now) = (last.id, self.clock().now().as_millisecond());
        let is_put = self.run(move |connection| put_leave(connection, id, now)).await?;
        self.arrived();
        Ok(is_put)
    }
}

fn known(
    connection: &Connection,
    organization: &str,
    chat: &str,
    events: &[String],
) -> rusqlite::Result<usize> {
    let mut one = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM visits WHERE chat_key = ?1 AND chat = ?2 AND organization = ?3 AND event = ?4)",
    )?;
    let key = chat_key(organization, chat);
    let mut found = 0;
    for event in events {
        found +=
            usize::from(one.query_row(params![key, chat, organization, event], |row| row.get::<_, bool>(0))?);
    }
    Ok(found)
}

fn last_visit(
    connection: &Connection,
    organization: &str,
    chat: &str,
) -> rusqlite::Result<Option<(LastVisit, i64)>> {
    connection
        .prepare_cached(
            "SELECT id, thread, standing, ended_ms FROM visits AS last
             WHERE chat_key = ?1 AND chat = ?2 AND organization = ?3 AND state >= 2 AND standing IS NOT NULL
                 AND NOT EXISTS (SELECT 1 FROM visits WHERE chat_key = ?1 AND state < 2)
             ORDER BY ended_ms DESC, id DESC LIMIT 1",
        )?
        .query_row(params![chat_key(organization, chat), chat, organization], |row| {
            let standing = if row.get::<_, i64>(2)? == 1 { Standing::Ours } else { Standing::Guest };
            Ok((LastVisit { id: row.get(0)?, thread: row.get(1)?, standing }, row.get(3)?))
        })
        .optional()
}

/// The row says that it was claimed before and that the bot is inside by our doing: whoever claims it leaves.
fn put_leave(connection: &Connection, id: i64, now_ms: i64) -> rusqlite::Result<bool> {
    let inserted = connection
        .prepare_cached(
            "INSERT INTO visits (key, chat_key, organization, chat, thread, event, rule, rules_version, reply,
                 is_public, written_ms, admitted_ms, bot_inside, state, due_ms, claims, standing, said, outcome)
             SELECT ?2, chat_key, organization, chat, thread, event, rule, rules_version, '',
                 0, ?3, ?3, 1, ?4, ?3, 1, 1, 2, ?5
             FROM visits AS last
             WHERE id = ?1 AND NOT EXISTS
                 (SELECT 1 FROM visits WHERE chat_key = last.chat_key AND state < 2)",
        )?
        .execute(params![id, Key::of_leave(id, now_ms).0, now_ms, WAITING, LEFT_BEHIND])?;
    Ok(inserted > 0)
}
