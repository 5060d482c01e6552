//! A platform in a few lines: who is in which chat, what was said there, and calls that fail.

use fastrand::Rng;
use std::collections::{BTreeMap, BTreeSet};

/// How a call goes.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Luck {
    Good,
    /// An error, and nothing happened.
    NotDone,
    /// It happened, and the answer was lost.
    AnswerLost,
    /// The caller dies, after it happened or before.
    Dies {
        is_done: bool,
    },
}

impl Luck {
    pub(super) fn roll(rng: &mut Rng) -> Self {
        match rng.u8(..20) {
            0 | 1 => Self::NotDone,
            2 | 3 => Self::AnswerLost,
            4 => Self::Dies { is_done: rng.bool() },
            _ => Self::Good,
        }
    }

    pub(super) fn is_done(self) -> bool {
        matches!(self, Self::Good | Self::AnswerLost | Self::Dies { is_done: true })
    }
}

/// Who put the bot into a chat.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum By {
    Us,
    APerson,
}

#[derive(Default)]
pub(super) struct Platform {
    pub(super) inside: BTreeMap<String, By>,
    pub(super) said: BTreeSet<String>,
    pub(super) said_twice: Option<String>,
}

impl Platform {
    pub(super) fn has(&self, chat: &str) -> bool {
        self.inside.contains_key(chat)
    }

    /// False: it is inside already.
    pub(super) fn join(&mut self, chat: &str, by: By) -> bool {
        let is_new = !self.has(chat);
        self.inside.entry(chat.to_owned()).or_insert(by);
        is_new
    }

    /// False: it is not inside.
    pub(super) fn say(&mut self, chat: &str, custom_id: String) -> bool {
        let is_inside = self.has(chat);
        if is_inside && !self.said.insert(custom_id.clone()) {
            self.said_twice = Some(custom_id);
        }
        is_inside
    }

    pub(super) fn leave(&mut self, chat: &str) {
        self.inside.remove(chat);
    }
}
