//! The verdict: what every message that fits got, and where the bot is.

use crate::bot::Bot;
use crate::people::{FITS, Written};
use crate::platform::Platform;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The counts; the first three and `open` must be nothing.
#[derive(Default)]
pub(crate) struct Verdict {
    doubled: usize,
    missing: usize,
    left_inside: usize,
    /// Visits that are not over.
    open: usize,
    /// Messages that fit the rule.
    fitting: usize,
    said: usize,
    /// Silence, because the message was too old when its turn came.
    too_old: usize,
    /// Messages whose visits were given up; they are missing too.
    given_up: usize,
}

impl Verdict {
    pub(crate) fn is_good(&self) -> bool {
        self.doubled + self.missing + self.left_inside + self.open == 0
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { doubled, missing, left_inside, open, fitting, said, too_old, given_up } = self;
        write!(f, "doubled {doubled}, missing {missing}, left inside {left_inside}, still open {open}")?;
        write!(f, "\nfit the rule {fitting}: said {said}, too old {too_old}, given up {given_up}")
    }
}

/// What a visit's row says: its key, and how it ended.
struct Row {
    key: String,
    outcome: Option<String>,
}

/// Looks at the outbox and at every chat.
pub(crate) async fn look(platform: &Platform, bot: &Bot, written: &Written) -> anyhow::Result<Verdict> {
    let rows = rows(bot)?;
    let open = rows.values().filter(|row| row.outcome.is_none()).count();
    let mut verdict = Verdict { open, ..Verdict::default() };
    let (mut said, mut pizzas) = (BTreeSet::new(), Vec::new());
    for chat in written.chats() {
        let shown = platform.administer("agent", "get_chat", json!({ "chat_id": chat })).await?;
        let list = |pointer| shown.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
        let is_bot = |user: &&Value| user.get("id").and_then(Value::as_str) == Some(&platform.bot_id);
        let present = |user: &Value| user.get("present").and_then(Value::as_bool) == Some(true);
        verdict.left_inside += list("/users").filter(is_bot).filter(|user| present(user)).count();
        for event in list("/thread/events") {
            let field = |name| event.get(name).and_then(Value::as_str).unwrap_or_default();
            if field("author_id") == platform.bot_id {
                verdict.doubled += usize::from(!said.insert(field("custom_id").to_owned()));
            } else if field("text") == FITS {
                pizzas.push((chat.clone(), field("id").to_owned()));
            }
        }
    }
    verdict.fitting = pizzas.len();
    for pizza in &pizzas {
        let row = rows.get(pizza);
        let outcome = row.and_then(|row| row.outcome.as_deref()).unwrap_or_default();
        verdict.given_up += usize::from(outcome.starts_with("gave_up"));
        if row.is_some_and(|row| said.remove(&format!("chimein-{}-1", row.key))) {
            verdict.said += 1;
        } else if outcome == "too_old" {
            verdict.too_old += 1;
        } else {
            verdict.missing += 1;
        }
    }
    // What nobody asked for.
    verdict.doubled += said.len();
    Ok(verdict)
}

/// The outbox's rows by chat and event.
fn rows(bot: &Bot) -> anyhow::Result<BTreeMap<(String, String), Row>> {
    let connection = Connection::open_with_flags(bot.database(), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let sql = "SELECT chat, event, lower(hex(key)), CASE WHEN state < 2 THEN NULL ELSE outcome END
               FROM visits WHERE outcome IS NOT 'left_behind'";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| {
        Ok(((row.get(0)?, row.get(1)?), Row { key: row.get(2)?, outcome: row.get(3)? }))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
