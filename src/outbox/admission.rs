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
    let (known, in_thread) = told_before(connection, chat, visit)?;
    if known {
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
            i64::from(visit.is_public) + i64::from(visit.is_never_whispered),
            visit.written_ms,
            now_ms,
            visit.bot_inside,
            visit.check_author,
            WAITING,
        ])?;
    Ok(Admission::New)
}

/// Whether the message was admitted before, and how many visits its thread has had.
fn told_before(connection: &Connection, chat: i64, visit: &NewVisit) -> rusqlite::Result<(bool, u32)> {
    let mut statement = connection
        .prepare_cached("SELECT organization, chat, event, thread FROM visits WHERE chat_key = ?1")?;
    let mut rows = statement.query([chat])?;
    let (mut known, mut in_thread) = (false, 0);
    while let Some(row) = rows.next()? {
        let is = |column: usize, text: &str| Ok::<_, rusqlite::Error>(row.get_ref(column)?.as_str()? == text);
        if is(0, &visit.organization)? && is(1, &visit.chat)? {
            known |= is(2, &visit.event)?;
            in_thread += u32::from(is(3, &visit.thread)?);
        }
    }
    Ok((known, in_thread))
}
