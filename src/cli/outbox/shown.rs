//! Visits as people and programs read them. Only ids and the rule's text: what customers wrote is not kept.

use crate::outbox::{Record, Said, Standing};
use jiff::Timestamp;
use serde::Serialize;
use std::io::Write;

/// How much of a key the table shows: enough to name it.
const SHORT_KEY: usize = 12;

/// A visit as JSON has it.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    key: String,
    state: &'static str,
    organization: String,
    chat: String,
    thread: String,
    event: String,
    rule: String,
    rules_version: String,
    reply: String,
    visibility: &'static str,
    said: &'static str,
    outcome: Option<String>,
    attempts: u32,
    claims: u32,
    /// Whose doing it is that the bot is in the chat.
    standing: Option<&'static str>,
    written_at: Option<Timestamp>,
    admitted_at: Option<Timestamp>,
    due_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
}

impl From<Record> for Shown {
    fn from(record: Record) -> Self {
        let is_over = record.ended_ms.is_some();
        Self {
            key: record.key.to_string(),
            state: record.state.name(),
            organization: record.organization,
            chat: record.chat,
            thread: record.thread,
            event: record.event,
            rule: record.rule,
            rules_version: record.rules_version,
            reply: record.reply,
            visibility: if record.is_public { "all" } else { "agents" },
            said: said(&record.said, is_over, record.outcome.as_deref()),
            outcome: record.outcome,
            attempts: record.attempts,
            claims: record.claims,
            standing: record.standing.map(|standing| match standing {
                Standing::Ours => "ours",
                Standing::Guest => "guest",
            }),
            written_at: time(record.written_ms),
            admitted_at: time(record.admitted_ms),
            due_at: if is_over { None } else { time(record.due_ms) },
            ended_at: record.ended_ms.and_then(time),
        }
    }
}

/// A visit that is over says it by its outcome.
fn said(said: &Said, is_over: bool, outcome: Option<&str>) -> &'static str {
    match said {
        _ if is_over && outcome == Some("said") => "yes",
        _ if is_over => "no",
        Said::Yes => "yes",
        Said::NotYet => "not_yet",
        Said::WillNot(_) => "no",
    }
}

fn time(ms: i64) -> Option<Timestamp> {
    // Whole seconds are enough for people, and what the platform gives.
    Timestamp::from_millisecond(ms).ok()
}

fn seconds(time: Option<Timestamp>) -> String {
    time.and_then(|time| Timestamp::from_second(time.as_second()).ok())
        .map_or_else(String::new, |time| time.to_string())
}

impl Shown {
    fn row(&self) -> [String; 7] {
        [
            self.key.chars().take(SHORT_KEY).collect(),
            self.state.to_owned(),
            self.rule.clone(),
            self.chat.clone(),
            seconds(self.admitted_at),
            self.attempts.to_string(),
            self.outcome.clone().unwrap_or_default(),
        ]
    }

    /// Tells a person all of it.
    pub(super) fn tell(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let optional = |text: Option<&str>| text.unwrap_or("-").to_owned();
        for (name, value) in [
            ("key", self.key.clone()),
            ("state", self.state.to_owned()),
            ("outcome", optional(self.outcome.as_deref())),
            ("said", self.said.replace('_', " ")),
            ("rule", format!("{} (rules {})", self.rule, self.rules_version)),
            ("reply", self.reply.clone()),
            ("visibility", self.visibility.to_owned()),
            ("organization", self.organization.clone()),
            ("chat", self.chat.clone()),
            ("thread", self.thread.clone()),
            ("event", self.event.clone()),
            ("written", seconds(self.written_at)),
            ("admitted", seconds(self.admitted_at)),
            ("due", seconds(self.due_at)),
            ("ended", seconds(self.ended_at)),
            ("failed attempts", self.attempts.to_string()),
            ("bot inside by", optional(self.standing)),
        ] {
            let value = if value.is_empty() { "-" } else { &value };
            writeln!(out, "{name:<16} {}", one_line(value))?;
        }
        Ok(())
    }
}

/// Writes the visits below each other.
pub(super) fn table(visits: &[Shown], out: &mut dyn Write) -> std::io::Result<()> {
    let heads = ["KEY", "STATE", "RULE", "CHAT", "ADMITTED", "FAILED", "OUTCOME"].map(str::to_owned);
    let rows: Vec<[String; 7]> = std::iter::once(heads).chain(visits.iter().map(Shown::row)).collect();
    let mut widths = [0; 7];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    for row in rows {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{:<width$}", one_line(cell)));
        writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}

/// A reply may have several lines, and nothing in it may steer the terminal.
fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}
