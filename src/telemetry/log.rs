//! The log: set up once, and the rules for its lines.
//!
//! One line for each visit at info. Names are dotted (`chat.id`, `rule.name`), units are in names
//! (`took_ms`). `error` = somebody must act now, `warn` = it healed or will, `debug` = each call.
//! Never in a line: what a customer or an agent wrote, names, addresses, tokens, secrets, bodies.

use serde::Deserialize;
use std::io::IsTerminal;
use thiserror::Error;
use tracing_subscriber::EnvFilter;

/// Every field that a line of ours may have beside `timestamp`, `level`, `message` and `target`, and what it holds;
/// `tests/house.rs` compares the list with the code.
pub const FIELDS: &[(&str, &str)] = &[
    ("action", "what LiveChat calls a call or a webhook"),
    ("admin.listen", "the private door's address"),
    ("answered", "visits that a sweep put into the outbox"),
    ("api_version", "of LiveChat's APIs"),
    ("attempts", "how often a visit was tried"),
    ("bot.id", "ours"),
    ("buried", "whether a visit was given up"),
    ("chat.id", "LiveChat's"),
    ("chats", "that a sweep was told of"),
    ("debug_id", "LiveChat's name for an answer, for their support"),
    ("end", "when an API version ends"),
    ("error", "why something failed; never with an address of a person, a token or a body"),
    ("event.id", "LiveChat's, of the message"),
    ("first", "of the mistakes in the rules: where, and what"),
    ("left_behind", "chats that a sweep takes the bot out of"),
    ("max_chats", "the setting"),
    ("max_connections", "the setting"),
    ("mistakes", "in the rules, how many"),
    ("organization.id", "the tenant"),
    ("outcome", "how a visit ended, in a word; of `chimein outbox bury`, with the words of who did it"),
    ("per_thread", "the setting"),
    ("reads", "chats that a sweep read"),
    ("reason", "in a word"),
    ("region", "LiveChat's"),
    ("retry_ms", "until the next attempt"),
    ("rule.name", "as the rules have it"),
    ("rules", "how many"),
    ("rules.version", "of the rules' text"),
    ("server.listen", "the public door's address"),
    ("stage", "of an API version: legacy, deprecation"),
    ("status", "of HTTP"),
    ("thread.id", "LiveChat's"),
    ("too_old", "messages that a sweep found too late"),
    ("took_ms", "from written down to ended; of a sweep, from its beginning"),
    ("trouble", "why a sweep or a chat of it failed; as `error`"),
    ("unread", "chats that a sweep could not read"),
    ("version", "of chimein"),
    ("visit.key", "of the outbox; `chimein outbox show` takes it"),
    ("wait_ms", "until a visit goes on"),
    ("warnings", "of the linter about the rules, how many"),
    ("webhook_path", "the setting"),
    ("why", "what SQLite said"),
];

/// `[log]`: how the log looks, and how much of it there is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `json`, `pretty`, or `auto` (json when standard output is not a terminal).
    pub format: Format,
    /// `error`, `warn`, `info`, `debug`, `trace`, or directives such as `info,chimein::visit=debug`.
    pub level: String,
}

impl Settings {
    /// Whether `level` can be understood.
    pub fn has_a_level(&self) -> bool {
        EnvFilter::try_new(&self.level).is_ok()
    }
}

/// `[otel]`: traces; not built yet.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtelSettings {
    /// Where traces go; must stay empty until it is built.
    pub endpoint: String,
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// One JSON object a line.
    Json,
    /// For people.
    Pretty,
    /// `Json` when standard output is not a terminal.
    Auto,
}

/// The log cannot be set up.
#[derive(Debug, Error)]
pub enum Error {
    /// `log.level` is not a level.
    #[error("log.level `{0}` is not a level")]
    Level(String),
    /// Somebody set one up before.
    #[error("a log is set up already")]
    Taken,
}

/// Sets the log up for this process: lines go to standard output.
///
/// # Errors
/// When the level is not one, or a log is set up already.
pub fn start(settings: &Settings) -> Result<(), Error> {
    let filter = EnvFilter::try_new(&settings.level).map_err(|_| Error::Level(settings.level.clone()))?;
    let is_json = match settings.format {
        Format::Json => true,
        Format::Pretty => false,
        Format::Auto => !std::io::stdout().is_terminal(),
    };
    let lines = tracing_subscriber::fmt().with_env_filter(filter);
    let started = if is_json {
        lines.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init()
    } else {
        lines.with_target(false).with_ansi(std::io::stdout().is_terminal()).try_init()
    };
    started.map_err(|_| Error::Taken)
}
