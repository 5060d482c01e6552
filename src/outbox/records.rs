//! What the outbox keeps of a visit.
//!
//! Of the message only ids and its time are kept, never its words: the reply is the rule's text.

use super::schema::{BURIED, DONE, HELD, WAITING};
use sha2::{Digest, Sha256};
use std::fmt;

/// A visit that a door asks for.
#[derive(Debug, Clone)]
pub struct NewVisit {
    /// The tenant.
    pub organization: String,
    /// The chat.
    pub chat: String,
    /// The thread that the message is in.
    pub thread: String,
    /// The message's event.
    pub event: String,
    /// The rule that speaks.
    pub rule: String,
    /// The version of the rules that decided.
    pub rules_version: String,
    /// What is said.
    pub reply: String,
    /// Whether the customer sees it too.
    pub is_public: bool,
    /// Whether it is not even whispered where the customer may not be spoken to.
    pub is_never_whispered: bool,
    /// When the message was written, in milliseconds since 1970, by the platform's clock.
    pub written_ms: i64,
    /// Whether the bot was in the chat when the push was sent; `None` when the push did not say.
    pub bot_inside: Option<bool>,
    /// Whether the chat must be asked first that a customer wrote it.
    pub check_author: Option<String>,
}

/// A visit's name: the same for the same organization, chat, event and rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key(pub(super) [u8; 16]);

impl Key {
    /// The key of a message under a rule.
    pub fn of(visit: &NewVisit) -> Self {
        Self(digest(&[&visit.organization, &visit.chat, &visit.event, &visit.rule]))
    }

    /// The key of a visit that only leaves, after the visit of this row.
    pub(super) fn of_leave(row: i64, now_ms: i64) -> Self {
        Self(digest(&["leave", &row.to_string(), &now_ms.to_string()]))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A short number for a chat, to find its rows by; collisions only cost a look.
pub(super) fn chat_key(organization: &str, chat: &str) -> i64 {
    let [a, b, c, d, e, f, g, h, ..] = digest(&[organization, chat]);
    i64::from_le_bytes([a, b, c, d, e, f, g, h])
}

fn digest(parts: &[&str]) -> [u8; 16] {
    let mut hash = Sha256::new();
    for part in parts {
        // Lengths keep ("ab", "c") and ("a", "bc") apart.
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    let mut short = [0; 16];
    short.iter_mut().zip(hash.finalize()).for_each(|(to, from)| *to = from);
    short
}

/// Whose doing it is that the bot is in the chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// We may have joined: we must leave.
    Ours,
    /// It was inside before us (routed there, or added by a person): it stays.
    Guest,
}

/// How far the words are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// Not said, as far as we know.
    NotYet,
    /// Said; seen or answered by the platform.
    Yes,
    /// Will not be said, for this reason.
    WillNot(String),
}

/// A visit in somebody's hands: which one, and the how-manieth claim of it that was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    /// The row.
    pub(super) id: i64,
    /// Its number of claims; whoever claims it next has a higher one.
    pub(super) claim: i64,
}

/// A visit as it stands.
#[derive(Debug, Clone)]
pub struct Visit {
    /// What its holder shows to change it.
    pub hold: Hold,
    /// When the lease ends, in milliseconds since 1970.
    pub until_ms: i64,
    /// Its name, part of the `custom_id` of what it says.
    pub key: Key,
    /// The tenant.
    pub organization: String,
    /// The chat.
    pub chat: String,
    /// The thread that the message is in.
    pub thread: String,
    /// The message's event.
    pub event: String,
    /// The rule that speaks.
    pub rule: String,
    /// The version of the rules that decided.
    pub rules_version: String,
    /// What is said.
    pub reply: String,
    /// Whether the customer sees it too.
    pub is_public: bool,
    /// Whether it is not even whispered where the customer may not be spoken to.
    pub is_never_whispered: bool,
    /// When the message was written, in milliseconds since 1970.
    pub written_ms: i64,
    /// When the visit was written down, in milliseconds since 1970.
    pub admitted_ms: i64,
    /// Whether the bot was in the chat when the push was sent.
    pub bot_inside: Option<bool>,
    /// The author whose being a customer must be checked first.
    pub check_author: Option<String>,
    /// Whether nobody ever held it: then no call can have been made for it.
    pub is_fresh: bool,
    /// Whose doing it is that the bot is inside; `None` while we do not know.
    pub standing: Option<Standing>,
    /// How far the words are.
    pub said: Said,
    /// How many attempts failed.
    pub attempts: u32,
}

/// How a visit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Said, or silent for a good reason.
    Done,
    /// Given up: kept, counted, shown.
    Buried,
}

/// What happens to a held visit.
#[derive(Debug, Clone)]
pub enum Change {
    /// It goes on later, from where it stands.
    Postpone {
        /// When, in milliseconds since 1970.
        due_ms: i64,
        /// Whether this attempt counts.
        counts: bool,
        /// Whether no call was made for it: then it is as fresh as before.
        untouched: bool,
        /// Whose doing it is that the bot is inside.
        standing: Option<Standing>,
        /// How far the words are.
        said: Said,
    },
    /// Who put the bot there is known now, and written down before the join.
    Stand(Standing),
    /// It is over.
    End {
        /// How.
        ending: Ending,
        /// Why, in a word.
        outcome: String,
    },
}

/// The state that a visit is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Not begun, or to go on later.
    Waiting,
    /// Somebody works on it.
    Held,
    /// Over.
    Done,
    /// Given up.
    Buried,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Held, Self::Done, Self::Buried];

    /// Its name for people and numbers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Held => "held",
            Self::Done => "done",
            Self::Buried => "buried",
        }
    }

    pub(super) fn number(self) -> i64 {
        match self {
            Self::Waiting => WAITING,
            Self::Held => HELD,
            Self::Done => DONE,
            Self::Buried => BURIED,
        }
    }

    pub(super) fn of(number: i64) -> Self {
        Self::ALL.into_iter().find(|state| state.number() == number).unwrap_or(Self::Buried)
    }
}

/// A visit as it is shown to people.
#[derive(Debug, Clone)]
pub struct Record {
    /// The row.
    pub id: i64,
    /// Its name.
    pub key: Key,
    /// The tenant.
    pub organization: String,
    /// The chat.
    pub chat: String,
    /// The thread that the message is in.
    pub thread: String,
    /// The message's event.
    pub event: String,
    /// The rule that speaks.
    pub rule: String,
    /// The version of the rules that decided.
    pub rules_version: String,
    /// What is said: the rule's text.
    pub reply: String,
    /// Whether the customer sees it too.
    pub is_public: bool,
    /// When the message was written, in milliseconds since 1970.
    pub written_ms: i64,
    /// When the visit was written down, in milliseconds since 1970.
    pub admitted_ms: i64,
    /// Its state.
    pub state: State,
    /// When a waiting one is due, or when a held one's lease ends, in milliseconds since 1970.
    pub due_ms: i64,
    /// How often somebody began to work on it.
    pub claims: u32,
    /// How many attempts failed.
    pub attempts: u32,
    /// Whose doing it is that the bot is inside, where that is known.
    pub standing: Option<Standing>,
    /// How far the words are.
    pub said: Said,
    /// Why it ended, in a word.
    pub outcome: Option<String>,
    /// When it ended, in milliseconds since 1970.
    pub ended_ms: Option<i64>,
}
