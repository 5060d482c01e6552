//! What must hold, from what was asked for, what the platform saw, and how the outbox says that it ended. It knows nothing of
//! how visits are made.

use super::platform::{By, Closed, Platform, Room, Spoken};
use crate::outbox::{Key, NewVisit, Record, State};
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const OWN_PREFIX: &str = "chimein-";
pub(super) const MAX_AGE: SignedDuration = SignedDuration::from_mins(5);
/// Reasons for silence that depend on who was in the chat, or how the platform answered.
const CIRCUMSTANCES: [&str; 3] = ["chat_inactive", "validation", "occupied"];

/// What was asked for, by the `custom_id` of its words.
#[derive(Default)]
pub(super) struct Oracle {
    asked: BTreeMap<String, NewVisit>,
    spoken: BTreeSet<String>,
    checked: usize,
}

impl Oracle {
    pub(super) fn ask(&mut self, visit: NewVisit) {
        self.asked.insert(custom_id(Key::of(&visit)), visit);
    }

    /// To be asked after each step.
    pub(super) fn check_what_was_said(&mut self, platform: &Platform) -> Result<(), String> {
        for spoken in platform.spoken.iter().skip(self.checked) {
            self.check_one(spoken)?;
        }
        self.checked = platform.spoken.len();
        Ok(())
    }

    fn check_one(&mut self, spoken: &Spoken) -> Result<(), String> {
        let Spoken { custom_id, to_all, at_ms } = spoken;
        let Some(asked) = self.asked.get(custom_id) else {
            return Err(format!("not asked for: {custom_id}"));
        };
        if !self.spoken.insert(custom_id.clone()) {
            return Err(format!("said twice: {custom_id}"));
        }
        if at_ms - asked.written_ms > max_age_ms() {
            return Err(format!("said too late: {custom_id}"));
        }
        if asked.check_author.as_deref().is_some_and(|author| author != super::platform::CUSTOMER) {
            return Err(format!("said to somebody who is no customer: {custom_id}"));
        }
        match (to_all, asked.is_public, asked.is_never_whispered) {
            (true, false, _) => Err(format!("said to all, not whispered: {custom_id}")),
            (false, _, true) => Err(format!("whispered, not said to all: {custom_id}")),
            _ => Ok(()),
        }
    }

    /// To be asked when all is quiet.
    pub(super) fn check_the_end(&self, platform: &Platform, records: &[Record]) -> Result<(), String> {
        for (chat, room) in &platform.rooms {
            check_room(chat, room)?;
        }
        let ended: BTreeMap<_, _> = records.iter().map(|record| (custom_id(record.key), record)).collect();
        for (custom_id, asked) in &self.asked {
            let Some(record) = ended.get(custom_id) else { return Err(format!("lost: {custom_id}")) };
            let room = &platform.rooms[&asked.chat];
            self.check_record(custom_id, asked, record, room)
                .map_err(|why| format!("{why}: {custom_id}, {record:?}"))?;
        }
        Ok(())
    }

    fn check_record(
        &self,
        custom_id: &str,
        asked: &NewVisit,
        record: &Record,
        room: &Room,
    ) -> Result<(), &'static str> {
        if matches!(record.state, State::Waiting | State::Held) {
            return Err("stuck");
        }
        let is_spoken = self.spoken.contains(custom_id);
        let aged_ms = record.ended_ms.unwrap_or(0) - asked.written_ms;
        let is_true = match record.outcome.as_deref().unwrap_or_default() {
            "said" => is_spoken,
            // A doubt that could not be resolved in time.
            "too_old" => aged_ms > max_age_ms(),
            "not_by_customer" => asked.check_author.is_some(),
            "occupied" if !asked.is_never_whispered => false,
            "chat_inactive" if room.closed == Closed::Never => false,
            reason => CIRCUMSTANCES.contains(&reason) || reason.starts_with("gave_up_after_"),
        };
        if is_true { Ok(()) } else { Err("ended for no reason") }
    }
}

fn check_room(chat: &str, room: &Room) -> Result<(), String> {
    match room.inside {
        Some((By::Us, _)) => Err(format!("left inside: {chat}")),
        None if room.keeps_guest => Err(format!("a guest was taken out: {chat}")),
        _ => Ok(()),
    }
}

fn custom_id(key: Key) -> String {
    format!("{OWN_PREFIX}{key}-1")
}

fn max_age_ms() -> i64 {
    i64::try_from(MAX_AGE.as_millis()).unwrap()
}
