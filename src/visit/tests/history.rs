//! One history after the other: what happens is drawn from a seed, then all is quiet and must become good.

use super::platform::{By, Luck, Platform};
use super::worker::{After, Stay, Ways};
use crate::outbox::{Clock, NewVisit, Outbox, Settings, View};
use fastrand::Rng;
use jiff::SignedDuration;
use std::time::Duration;

/// What happens in a history, before it is quiet.
const EVENTS: usize = 60;
/// By then everything has ended.
const ROUNDS: usize = 200;
const CHATS: u8 = 2;

pub(super) struct History {
    ways: Ways,
    folder: tempfile::TempDir,
    clock: Clock,
    outbox: Option<Outbox>,
    platform: Platform,
    stays: Vec<Stay>,
    told: Vec<String>,
    said: usize,
}

impl History {
    pub(super) fn new(ways: Ways) -> Self {
        // Memory, where there is such a folder: nothing here is about the disk.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        Self {
            ways,
            folder,
            clock: Clock::start(),
            outbox: None,
            platform: Platform::default(),
            stays: Vec::new(),
            told: Vec::new(),
            said: 0,
        }
    }

    /// How much was said in all histories.
    pub(super) fn said(&self) -> usize {
        self.said
    }

    pub(super) fn told(&self) -> String {
        self.told.join("\n")
    }

    fn settings(&self) -> Settings {
        Settings {
            url: format!("sqlite://{}", self.folder.path().join("chimein.db").display()),
            max_queue: 64,
            max_batch: 16,
            keep_done: SignedDuration::from_hours(24),
            keep_buried: SignedDuration::from_hours(720),
        }
    }

    /// The outbox; after a crash it is opened again.
    fn outbox(&mut self) -> Outbox {
        while self.outbox.is_none() {
            // The thread of the one before may still hold the file.
            self.outbox = Outbox::open(&self.settings(), self.clock.clone()).ok();
        }
        self.outbox.clone().unwrap()
    }

    pub(super) async fn play(&mut self, seed: u64) -> Result<(), String> {
        let mut rng = Rng::with_seed(seed);
        self.platform = Platform::default();
        self.told.clear();
        for number in 0..EVENTS {
            self.happen(seed, number, &mut rng).await;
            self.look_for_doubles()?;
        }
        for _ in 0..ROUNDS {
            let is_all = self.claim(8).await && self.stays.is_empty();
            if is_all {
                break;
            }
            while let Some(stay) = self.stays.len().checked_sub(1) {
                self.step(stay, Luck::Good).await;
                self.look_for_doubles()?;
            }
            tokio::time::advance(Duration::from_secs(5)).await;
        }
        self.said += self.platform.said.len();
        let depth = View::open(&self.settings()).unwrap().depth().unwrap();
        if depth.waiting + depth.held > 0 {
            return Err(format!("stuck: {depth:?}"));
        }
        match self.platform.inside.iter().find(|(_, by)| **by == By::Us) {
            Some((chat, _)) => Err(format!("left inside {chat}")),
            None => Ok(()),
        }
    }

    fn look_for_doubles(&self) -> Result<(), String> {
        self.platform.said_twice.as_ref().map_or(Ok(()), |custom_id| Err(format!("said twice: {custom_id}")))
    }

    async fn happen(&mut self, seed: u64, number: usize, rng: &mut Rng) {
        let chat = format!("{seed}-{}", rng.u8(..CHATS));
        match rng.u8(..100) {
            0..15 => {
                // Now and then a message comes again.
                let event = if rng.u8(..4) == 0 { rng.usize(..=number) } else { number };
                let bot_inside = rng.bool().then(|| self.platform.has(&chat));
                self.tell(format!("message {event} in {chat}, bot inside: {bot_inside:?}"));
                self.outbox().put(vec![message(&chat, event, bot_inside)], 20).await.unwrap();
            }
            15..35 => {
                self.claim(rng.usize(1..3)).await;
            }
            35..80 if !self.stays.is_empty() => {
                let (stay, luck) = (rng.usize(..self.stays.len()), Luck::roll(rng));
                self.step(stay, luck).await;
            }
            80..90 => {
                let seconds = rng.u64(..25);
                self.tell(format!("{seconds} s pass"));
                tokio::time::advance(Duration::from_secs(seconds)).await;
            }
            90..92 => {
                self.tell("crash".to_owned());
                self.stays.clear();
                self.outbox = None;
            }
            92..94 => {
                self.tell(format!("a person brings the bot into {chat}"));
                self.platform.join(&chat, By::APerson);
            }
            94..96 => {
                self.tell(format!("a person takes the bot out of {chat}"));
                self.platform.leave(&chat);
            }
            96..98 if !self.stays.is_empty() => {
                self.tell("a stay is lost".to_owned());
                self.stays.swap_remove(rng.usize(..self.stays.len()));
            }
            _ => {}
        }
    }

    /// Claims; says whether nothing is open.
    async fn claim(&mut self, chats: usize) -> bool {
        let lease = self.ways.lease;
        let claimed = self.outbox().claim(chats, lease).await.unwrap();
        for visits in claimed.visits.chunk_by(|one, other| one.chat == other.chat) {
            self.tell(format!("{} visits of {} are claimed", visits.len(), visits[0].chat));
            self.stays.push(Stay::new(visits.to_vec()));
        }
        claimed.next_due_ms.is_none()
    }

    async fn step(&mut self, number: usize, luck: Luck) {
        let outbox = self.outbox();
        let stay = &mut self.stays[number];
        let (after, what) = stay.step(self.ways, &outbox, &mut self.platform, luck).await;
        self.tell(format!("stay {number} {what}"));
        if after == After::IsOver {
            self.stays.remove(number);
        }
    }

    fn tell(&mut self, what: String) {
        self.told.push(what);
    }
}

fn message(chat: &str, event: usize, bot_inside: Option<bool>) -> NewVisit {
    NewVisit {
        organization: "o".to_owned(),
        chat: chat.to_owned(),
        thread: "t".to_owned(),
        event: event.to_string(),
        rule: "pizza".to_owned(),
        rules_version: "v".to_owned(),
        reply: "Pizza is on the way!".to_owned(),
        is_public: false,
        is_never_whispered: false,
        written_ms: 0,
        bot_inside,
        check_author: None,
    }
}
