//! Which visits are meant: by filter, or by the beginning of a key.

use crate::cli::complain;
use crate::outbox::{Filter, Record, State, View};
use jiff::{Span, SpanRelativeTo, Timestamp};

/// Which visits are meant; without any of these, all.
#[derive(Debug, clap::Args)]
pub(super) struct Selection {
    /// Only those in this state; may be given several times
    #[arg(long, value_parser = state, value_name = "waiting|held|done|buried")]
    state: Vec<State>,
    #[command(flatten)]
    pub(super) of: Of,
}

/// Whose visits are meant.
#[derive(Debug, clap::Args)]
pub(super) struct Of {
    /// Only those of this rule
    #[arg(long, value_name = "NAME")]
    rule: Option<String>,
    /// Only those of this chat
    #[arg(long, value_name = "ID")]
    chat: Option<String>,
    /// Only those of this organization
    #[arg(long, value_name = "ID")]
    organization: Option<String>,
    /// Only those written down since: a time (2026-11-22T10:00:00Z), or how long ago (30m, 2h, 7d)
    #[arg(long, value_name = "WHEN", value_parser = since)]
    since: Option<Since>,
}

#[derive(Debug, Clone, Copy)]
enum Since {
    At(i64),
    Ago(i64),
}

impl Selection {
    pub(super) fn filter(&self, now_ms: i64) -> Filter {
        Filter { states: self.state.clone(), ..self.of.filter(now_ms) }
    }
}

impl Of {
    pub(super) fn is_a_choice(&self) -> bool {
        self.rule.is_some() || self.chat.is_some() || self.organization.is_some() || self.since.is_some()
    }

    pub(super) fn filter(&self, now_ms: i64) -> Filter {
        Filter {
            states: Vec::new(),
            rule: self.rule.clone(),
            chat: self.chat.clone(),
            organization: self.organization.clone(),
            since_ms: self.since.map(|since| match since {
                Since::At(ms) => ms,
                Since::Ago(ms) => now_ms.saturating_sub(ms),
            }),
        }
    }
}

fn state(word: &str) -> Result<State, String> {
    let found = State::ALL.into_iter().find(|state| state.name() == word);
    found.ok_or_else(|| "it is one of waiting, held, done, buried".to_owned())
}

fn since(word: &str) -> Result<Since, String> {
    if let Ok(at) = word.parse::<Timestamp>() {
        return Ok(Since::At(at.as_millisecond()));
    }
    let ago = word.parse::<Span>().and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()));
    let ago =
        ago.map_err(|_| "it is a time (2026-11-22T10:00:00Z) or how long ago (30m, 2h, 7d)".to_owned())?;
    i64::try_from(ago.as_millis()).map(Since::Ago).map_err(|_| "it is too long ago".to_owned())
}

/// A key, or how it begins.
pub(super) fn key(word: &str) -> Result<String, String> {
    let is_key = (4..=32).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_key.then(|| word.to_owned()).ok_or_else(|| {
        "a key is 32 hexadecimal digits; 4 are enough when they tell it from others".to_owned()
    })
}

/// The one visit whose key begins like this; tells when there is none, or more than one.
pub(super) fn one(view: &View, key: &str) -> anyhow::Result<Option<Record>> {
    let mut found = view.find(key)?.into_iter();
    match (found.next(), found.next()) {
        (Some(record), None) => Ok(Some(record)),
        (Some(one), Some(other)) => {
            complain(&format!("`{key}` is not enough: {} and {} begin with it", one.key, other.key));
            Ok(None)
        }
        (None, _) => {
            complain(&format!(
                "there is no visit `{key}` (it may be forgotten: outbox.keep_done, outbox.keep_buried)"
            ));
            Ok(None)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_is_a_time_or_how_long_ago() {
        let of = |word: &str| Of { rule: None, chat: None, organization: None, since: since(word).ok() };
        for (word, since_ms) in [
            ("1970-01-01T00:00:05Z", Some(5_000)),
            ("30m", Some(7 * 86_400_000 - 1_800_000)),
            ("7d", Some(0)),
            ("yesterday", None),
        ] {
            assert_eq!(of(word).filter(7 * 86_400_000).since_ms, since_ms, "{word}");
        }
    }

    #[test]
    fn a_key_is_hexadecimal_and_long_enough() {
        assert!(key("34989a00").is_ok() && key("ABCD").is_ok());
        for wrong in ["", "349", "pizza", "0123456789012345678901234567890123"] {
            assert!(key(wrong).is_err(), "{wrong}");
        }
    }
}
