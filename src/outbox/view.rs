//! The outbox looked at from beside: works while a bot has the file, and never writes.

use super::claims::{read_said, read_standing};
use super::errors::Error;
use super::records::{Key, Record, State};
use super::schema;
use super::settings::Settings;
use rusqlite::{Connection, OpenFlags, Row, params};

const COLUMNS: &str =
    "id, key, organization, chat, thread, event, rule, rules_version, reply, is_public, written_ms,
    admitted_ms, state, due_ms, claims, attempts, standing, said, outcome, ended_ms";

/// Which visits are meant; what is not given does not matter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// In one of these states; in any, when there is none.
    pub states: Vec<State>,
    /// By this rule.
    pub rule: Option<String>,
    /// In this chat.
    pub chat: Option<String>,
    /// Of this tenant.
    pub organization: Option<String>,
    /// Written down at this time or later, in milliseconds since 1970.
    pub since_ms: Option<i64>,
}

/// How much there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Depth {
    /// Not begun, or to go on later.
    pub waiting: u64,
    /// Somebody works on them.
    pub held: u64,
    /// Over, and remembered.
    pub done: u64,
    /// Given up, and kept.
    pub buried: u64,
    /// When the oldest that is not over was written down, in milliseconds since 1970.
    pub oldest_ms: Option<i64>,
}

/// A look at the outbox.
pub struct View {
    connection: Connection,
}

impl View {
    /// Opens the outbox for reading.
    ///
    /// # Errors
    /// `Missing` where there is none, `Broken` when it cannot be used, `Settings` when it is no SQLite.
    pub fn open(settings: &Settings) -> Result<Self, Error> {
        let path = schema::path_of(&settings.url)?;
        let connection = schema::open_existing(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        Ok(Self { connection })
    }

    /// The visits that are meant, the latest first; `limit` at most.
    ///
    /// # Errors
    /// `Unreadable`.
    pub fn list(&self, filter: &Filter, limit: u32) -> Result<Vec<Record>, Error> {
        let states: Vec<String> = State::ALL
            .iter()
            .filter(|state| filter.states.contains(state))
            .map(|state| state.number().to_string())
            .collect();
        let states =
            if states.is_empty() { String::new() } else { format!("AND state IN ({})", states.join(", ")) };
        let sql = format!(
            "SELECT {COLUMNS} FROM visits
             WHERE (?1 IS NULL OR rule = ?1) AND (?2 IS NULL OR chat = ?2) AND (?3 IS NULL OR organization = ?3)
                 AND (?4 IS NULL OR admitted_ms >= ?4) {states} ORDER BY id DESC LIMIT ?5"
        );
        let values = params![filter.rule, filter.chat, filter.organization, filter.since_ms, limit];
        self.read(&sql, values)
    }

    /// The visits whose key begins like this (hexadecimal digits), two at most.
    ///
    /// # Errors
    /// `Unreadable`.
    pub fn find(&self, prefix: &str) -> Result<Vec<Record>, Error> {
        let sql =
            format!("SELECT {COLUMNS} FROM visits WHERE substr(hex(key), 1, length(?1)) = upper(?1) LIMIT 2");
        self.read(&sql, params![prefix])
    }

    /// How much there is.
    ///
    /// # Errors
    /// `Unreadable`.
    pub fn depth(&self) -> Result<Depth, Error> {
        let mut depth = Depth::default();
        let ask =
            |sql: &str| self.connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs);
        let mut read = || -> rusqlite::Result<()> {
            // One snapshot for all of it. Each question is answered by an index.
            let snapshot = self.connection.unchecked_transaction()?;
            let mut open = snapshot.prepare(
                "SELECT state, count(*), min(admitted_ms) FROM visits WHERE state < 2 GROUP BY state",
            )?;
            let mut rows = open.query([])?;
            while let Some(row) = rows.next()? {
                let (state, number, oldest): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
                if state == schema::WAITING {
                    depth.waiting = number.unsigned_abs();
                } else {
                    depth.held = number.unsigned_abs();
                }
                depth.oldest_ms = Some(depth.oldest_ms.map_or(oldest, |other| other.min(oldest)));
            }
            depth.buried = ask("SELECT count(*) FROM visits WHERE state = 3")?;
            let ended = ask("SELECT count(*) FROM visits WHERE ended_ms IS NOT NULL")?;
            depth.done = ended.saturating_sub(depth.buried);
            Ok(())
        };
        read().map_err(unreadable)?;
        Ok(depth)
    }

    fn read(&self, sql: &str, values: impl rusqlite::Params) -> Result<Vec<Record>, Error> {
        let read = || self.connection.prepare(sql)?.query_map(values, read_record)?.collect();
        let records: rusqlite::Result<_> = read();
        records.map_err(unreadable)
    }
}

fn read_record(row: &Row<'_>) -> rusqlite::Result<Record> {
    Ok(Record {
        id: row.get("id")?,
        key: Key(row.get("key")?),
        organization: row.get("organization")?,
        chat: row.get("chat")?,
        thread: row.get("thread")?,
        event: row.get("event")?,
        rule: row.get("rule")?,
        rules_version: row.get("rules_version")?,
        reply: row.get("reply")?,
        is_public: row.get("is_public")?,
        written_ms: row.get("written_ms")?,
        admitted_ms: row.get("admitted_ms")?,
        state: State::of(row.get("state")?),
        due_ms: row.get("due_ms")?,
        claims: row.get("claims")?,
        attempts: row.get("attempts")?,
        standing: read_standing(row)?,
        said: read_said(row)?,
        outcome: row.get("outcome")?,
        ended_ms: row.get("ended_ms")?,
    })
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn unreadable(error: rusqlite::Error) -> Error {
    Error::Unreadable(error.to_string())
}
