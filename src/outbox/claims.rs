//! Claiming visits, and what becomes of those that are held.

use super::records::{Change, Ending, Hold, Key, Said, Standing, Visit, chat_key};
use super::schema::{BURIED, DONE, HELD, WAITING};
use rusqlite::{Connection, Row, params};
use std::collections::HashSet;

/// What a claim gave.
#[derive(Debug, Default)]
pub struct Claimed {
    /// The visits, chat by chat, each chat's in the order of their admission.
    pub visits: Vec<Visit>,
    /// When the next open visit wants attention, in milliseconds since 1970.
    pub next_due_ms: Option<i64>,
    /// How many of the visits were held before, by somebody whose lease has ended.
    pub leases_lost: u64,
}

/// Holds everything that waits in up to `chats` chats in which something is due.
pub(super) fn claim(
    connection: &Connection,
    chats: usize,
    now_ms: i64,
    lease_ms: i64,
) -> rusqlite::Result<Claimed> {
    let mut due = connection
        .prepare_cached("SELECT chat_key FROM visits WHERE state < 2 AND due_ms <= ?1 ORDER BY due_ms")?;
    let mut rows = due.query([now_ms])?;
    let (mut seen, mut free) = (HashSet::new(), Vec::new());
    let mut claimed = Claimed::default();
    while free.len() < chats {
        let Some(row) = rows.next()? else { break };
        let chat = row.get::<_, i64>(0)?;
        if !seen.insert(chat) {
            continue;
        }
        let (held, lost) = leases(connection, chat, now_ms)?;
        // One visit at a time in a chat: nothing is taken while somebody holds a lease there, and what waits there
        // takes nobody's place.
        if held == 0 {
            free.push(chat);
            claimed.leases_lost += lost.unsigned_abs();
        }
    }
    drop(rows);
    for chat in free {
        claimed.visits.extend(hold(connection, chat, now_ms, lease_ms)?);
    }
    claimed.next_due_ms = connection
        .prepare_cached("SELECT min(due_ms) FROM visits WHERE state < 2")?
        .query_row([], |row| row.get(0))?;
    Ok(claimed)
}

/// Holds what came meanwhile in a chat that the caller holds already.
pub(super) fn claim_more(
    connection: &Connection,
    organization: &str,
    chat: &str,
    lease_ms: i64,
) -> rusqlite::Result<Vec<Visit>> {
    // No lease ends before the beginning of time: the caller's own visits are left alone.
    hold(connection, chat_key(organization, chat), i64::MIN, lease_ms)
}

/// How many leases of a chat run, and how many have ended.
fn leases(connection: &Connection, chat: i64, now_ms: i64) -> rusqlite::Result<(i64, i64)> {
    connection
        .prepare_cached(
            "SELECT count(*) FILTER (WHERE due_ms > ?2), count(*) FILTER (WHERE due_ms <= ?2)
             FROM visits WHERE chat_key = ?1 AND state = 1",
        )?
        .query_row([chat, now_ms], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// A fresh visit whose push said that the bot was outside is ours from here on: the join may follow
/// at once, without another write.
fn hold(connection: &Connection, chat: i64, now_ms: i64, lease_ms: i64) -> rusqlite::Result<Vec<Visit>> {
    let mut statement = connection.prepare_cached(
        "UPDATE visits SET state = 1, due_ms = ?2, claims = claims + 1,
             standing = CASE WHEN standing IS NULL AND bot_inside = 0 THEN 1 ELSE standing END
         WHERE chat_key = ?1 AND (state = 0 OR (state = 1 AND due_ms <= ?3))
         RETURNING id, key, organization, chat, thread, event, rule, rules_version, reply, is_public, written_ms,
             admitted_ms, bot_inside, check_author, due_ms, claims, standing, said, outcome, attempts",
    )?;
    let mut visits =
        statement.query_map([chat, lease_ms, now_ms], read_visit)?.collect::<rusqlite::Result<Vec<_>>>()?;
    visits.sort_by_key(|visit| visit.hold.id);
    Ok(visits)
}

fn read_visit(row: &Row<'_>) -> rusqlite::Result<Visit> {
    let hold = Hold { id: row.get("id")?, claim: row.get("claims")? };
    Ok(Visit {
        hold,
        until_ms: row.get("due_ms")?,
        key: Key(row.get("key")?),
        organization: row.get("organization")?,
        chat: row.get("chat")?,
        thread: row.get("thread")?,
        event: row.get("event")?,
        rule: row.get("rule")?,
        rules_version: row.get("rules_version")?,
        reply: row.get("reply")?,
        is_public: row.get("is_public")?,
        is_never_whispered: row.get::<_, i64>("is_public")? > 1,
        written_ms: row.get("written_ms")?,
        admitted_ms: row.get("admitted_ms")?,
        bot_inside: row.get("bot_inside")?,
        check_author: row.get("check_author")?,
        is_fresh: hold.claim == 1,
        standing: read_standing(row)?,
        said: read_said(row)?,
        attempts: row.get("attempts")?,
    })
}

/// The words of a row with the columns `said` and `outcome`.
pub(super) fn read_said(row: &Row<'_>) -> rusqlite::Result<Said> {
    Ok(match row.get::<_, i64>("said")? {
        0 => Said::NotYet,
        1 => Said::Yes,
        _ => Said::WillNot(row.get::<_, Option<String>>("outcome")?.unwrap_or_default()),
    })
}

/// The standing of a row with that column.
pub(super) fn read_standing(row: &Row<'_>) -> rusqlite::Result<Option<Standing>> {
    Ok(match row.get::<_, Option<i64>>("standing")? {
        Some(1) => Some(Standing::Ours),
        Some(_) => Some(Standing::Guest),
        None => None,
    })
}

/// Writes down what becomes of a held visit; says whether it was still held by who asks. Only then is it changed:
/// somebody whose lease is over must not undo what the next holder did.
pub(super) fn change(
    connection: &Connection,
    hold: Hold,
    change: &Change,
    now_ms: i64,
) -> rusqlite::Result<bool> {
    let Hold { id, claim } = hold;
    let changed = match change {
        Change::Stand(standing) => connection
            .prepare_cached("UPDATE visits SET standing = ?4 WHERE id = ?1 AND claims = ?2 AND state = ?3")?
            .execute(params![id, claim, HELD, number(Some(*standing))])?,
        Change::Postpone { due_ms, counts, untouched, standing, said } => {
            let (said, outcome) = match said {
                Said::NotYet => (0, None),
                Said::Yes => (1, None),
                Said::WillNot(reason) => (2, Some(reason)),
            };
            connection
                .prepare_cached(
                    "UPDATE visits SET state = ?4, due_ms = ?5, attempts = attempts + ?6, claims = claims - ?7,
                         standing = ?8, said = ?9, outcome = ?10 WHERE id = ?1 AND claims = ?2 AND state = ?3",
                )?
                .execute(params![
                    id,
                    claim,
                    HELD,
                    WAITING,
                    due_ms,
                    counts,
                    untouched,
                    number(*standing),
                    said,
                    outcome
                ])?
        }
        Change::End { ending, outcome } => {
            let state = match ending {
                Ending::Done => DONE,
                Ending::Buried => BURIED,
            };
            connection
                .prepare_cached(
                    "UPDATE visits SET state = ?4, outcome = ?5, ended_ms = ?6
                     WHERE id = ?1 AND claims = ?2 AND state = ?3",
                )?
                .execute(params![id, claim, HELD, state, outcome, now_ms])?
        }
    };
    Ok(changed > 0)
}

fn number(standing: Option<Standing>) -> Option<i64> {
    standing.map(|standing| match standing {
        Standing::Ours => 1,
        Standing::Guest => 2,
    })
}
