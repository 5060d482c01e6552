//! Admission: dedupe, the cap of a thread and the visit, in one transaction.

use super::records::{Key, NewVisit, chat_key};
use super::schema::WAITING;
use rusqlite::{Connection, params};

/// What became of a visit that a door asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It is on the list now.
    New,
    /// Its message was admitted before.
    Duplicate,
    /// Its thread has had as many visits as one thread may have.
    ThreadFull,
}

/// Admits the visits of one push, in order.
pub(super) fn put(
    connection: &Connection,
    visits: &[NewVisit],
    per_thread: u32,
    now_ms: i64,
) -> rusqlite::Result<Vec<Admission>> {
    visits.iter().map(|visit| put_one(connection, visit, per_thread, now_ms)).collect()
}

fn put_one(
    connection: &Connection,
    visit: &NewVisit,
    per_thread: u32,
    now_ms: i64,
) -> rusqlite::Result<Admission> {
    let chat = chat_key(&visit.organization, &visit.chat);
    let (known, in_thread): (u32, u32) = connection
        .prepare_cached(
            "SELECT count(*) FILTER (WHERE event = ?2), count(*) FILTER (WHERE thread = ?3)
             FROM visits WHERE chat_key = ?1 AND chat = ?4 AND organization = ?5",
        )?
        .query_row(params![chat, visit.event, visit.thread, visit.chat, visit.organization], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    if known > 0 {
        return Ok(Admission::Duplicate);
    }
    if in_thread >= per_thread {
        return Ok(Admission::ThreadFull);
    }
    connection
        .prepare_cached(
            "INSERT INTO visits (key, chat_key, organization, chat, thread, event, rule, rules_version, reply,
                 is_public, written_ms, admitted_ms, bot_inside, check_author, state, due_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?12)",
        )?
        .execute(params![
            Key::of(visit).0,
            chat,
            visit.organization,
            visit.chat,
            visit.thread,
            visit.event,
            visit.rule,
            visit.rules_version,
            visit.reply,
            visit.is_public,
            visit.written_ms,
            now_ms,
            visit.bot_inside,
            visit.check_author,
            WAITING,
        ])?;
    Ok(Admission::New)
}
