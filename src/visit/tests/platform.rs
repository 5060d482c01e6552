//! A platform in a few lines: who is in which chat, what was said there, and calls that fail.

use super::super::course::Call;
use crate::livechat::Error;
use crate::livechat::model::{Chat, Visibility};
use fastrand::Rng;
use serde_json::json;
use std::collections::BTreeMap;

pub(super) const BOT: &str = "bot";
pub(super) const CUSTOMER: &str = "customer";

/// How a call goes.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Luck {
    Good,
    /// It never got there.
    Unreachable,
    /// Too many of them: it was not done.
    Slow,
    /// Nobody knows whether it was done; this is what it was.
    InDoubt {
        is_done: bool,
    },
    /// The caller dies, after it was done or before.
    Dies {
        is_done: bool,
    },
}

impl Luck {
    pub(super) fn roll(rng: &mut Rng) -> Self {
        match rng.u8(..40) {
            0..8 => Self::InDoubt { is_done: rng.bool() },
            8..10 => Self::Dies { is_done: rng.bool() },
            10 => Self::Unreachable,
            11 => Self::Slow,
            _ => Self::Good,
        }
    }
}

/// Who put the bot into a chat.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum By {
    Us,
    APerson,
}

/// What was said.
pub(super) struct Spoken {
    pub(super) custom_id: String,
    pub(super) to_all: bool,
    pub(super) at_ms: i64,
}

/// When the chat was closed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Closed {
    Never,
    Now,
    Before,
}

pub(super) struct Room {
    /// The bot, and whether the customer sees it.
    pub(super) inside: Option<(By, bool)>,
    pub(super) has_public_agent: bool,
    pub(super) waits_in_queue: bool,
    pub(super) closed: Closed,
    /// A person brought the bot in before anything else happened, and did not take it out: there it must stay.
    pub(super) keeps_guest: bool,
    threads: Vec<Vec<String>>,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            inside: None,
            has_public_agent: false,
            waits_in_queue: false,
            closed: Closed::Never,
            keeps_guest: false,
            threads: vec![Vec::new()],
        }
    }
}

impl Room {
    pub(super) fn bring_in(&mut self, is_public: bool) {
        if self.inside.is_none() && self.closed != Closed::Now {
            self.inside = Some((By::APerson, is_public));
        }
    }

    pub(super) fn take_out(&mut self) {
        self.inside = None;
        self.keeps_guest = false;
    }

    pub(super) fn close(&mut self) {
        self.take_out();
        self.closed = Closed::Now;
    }

    pub(super) fn reopen(&mut self) {
        if self.closed == Closed::Now {
            self.closed = Closed::Before;
            self.threads.push(Vec::new());
        }
    }

    pub(super) fn thread(&self) -> String {
        thread_name(self.threads.len() - 1)
    }

    fn read(&self, chat: &str, thread: Option<&str>) -> Chat {
        let latest = self.threads.len() - 1;
        let number = (0..=latest).find(|number| Some(thread_name(*number).as_str()) == thread);
        let number = number.unwrap_or(latest);
        let events: Vec<_> = self.threads[number].iter().map(|id| json!({ "custom_id": id })).collect();
        let visibility = if self.inside.is_some_and(|(_, is_public)| is_public) { "all" } else { "agents" };
        let queue = self.waits_in_queue.then(|| json!({ "position": 1 }));
        let read = json!({
            "id": chat,
            "thread": {
                "id": thread_name(number), "active": number == latest && self.closed != Closed::Now, "queue": queue,
                "events": events,
            },
            "users": [
                { "id": CUSTOMER, "type": "customer", "present": true },
                { "id": BOT, "type": "agent", "present": self.inside.is_some(), "visibility": visibility },
            ],
        });
        serde_json::from_value(read).unwrap()
    }
}

fn thread_name(number: usize) -> String {
    format!("t{number}")
}

#[derive(Default)]
pub(super) struct Platform {
    pub(super) rooms: BTreeMap<String, Room>,
    pub(super) spoken: Vec<Spoken>,
}

impl Platform {
    pub(super) fn room(&mut self, chat: &str) -> &mut Room {
        self.rooms.entry(chat.to_owned()).or_default()
    }

    /// Does what it is called for, or not, and answers, or not.
    pub(super) fn call(
        &mut self,
        chat: &str,
        call: &Call,
        luck: Luck,
        now_ms: i64,
    ) -> Result<Option<Chat>, Error> {
        let doubt = || Error::Unknown { status: None, cause: "luck".to_owned() };
        match luck {
            Luck::Good => self.act(chat, call, now_ms),
            Luck::Unreachable => Err(Error::Unavailable { cause: "luck" }),
            Luck::Slow => Err(Error::Slow { status: 429, wait: None }),
            Luck::InDoubt { is_done } | Luck::Dies { is_done } => {
                if is_done {
                    drop(self.act(chat, call, now_ms));
                }
                Err(doubt())
            }
        }
    }

    fn act(&mut self, chat: &str, call: &Call, now_ms: i64) -> Result<Option<Chat>, Error> {
        let refused =
            |kind: &str| Error::Refused { status: 400, kind: kind.to_owned(), message: String::new() };
        let room = self.room(chat);
        if let Call::Read { thread, .. } = call {
            return Ok(Some(room.read(chat, thread.as_ref().map(|thread| thread.as_str()))));
        }
        if room.closed == Closed::Now {
            return Err(Error::Gone { status: 400, kind: "chat_inactive".to_owned() });
        }
        match (call, room.inside) {
            (Call::Join { .. }, Some(_)) => return Err(refused("validation")),
            (Call::Join { visibility: Visibility::All, .. }, None) if room.has_public_agent => {
                return Err(refused("limit_reached"));
            }
            (Call::Join { visibility, .. }, None) => {
                room.inside = Some((By::Us, *visibility == Visibility::All));
            }
            (Call::Say(_), None) => return Err(Error::NotInChat { status: 403 }),
            (Call::Say(words), Some(_)) => {
                let custom_id = words.custom_id.clone();
                let latest = room.threads.last_mut().unwrap();
                latest.push(custom_id.clone());
                let to_all = words.visibility == Visibility::All;
                self.spoken.push(Spoken { custom_id, to_all, at_ms: now_ms });
            }
            (Call::Leave, None) => return Err(refused("validation")),
            (Call::Leave, Some(_)) => room.inside = None,
            (Call::Read { .. }, _) => {}
        }
        Ok(None)
    }
}
