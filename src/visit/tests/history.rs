//! One history after the other: what happens is drawn from a seed, then all is quiet and must become good.

use super::super::course::Terms;
use super::oracle::{MAX_AGE, OWN_PREFIX, Oracle};
use super::platform::{BOT, CUSTOMER, Luck, Platform};
use super::worker::{Bug, Seen, Stay, World};
use crate::livechat::{Gates, UserId};
use crate::outbox::tests::visit;
use crate::outbox::{Admission, Clock, Filter, NewVisit, Outbox, Settings, View};
use fastrand::Rng;
use jiff::SignedDuration;
use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::Duration;

/// What happens in a history, before it is quiet.
const EVENTS: usize = 80;
/// By then everything has ended: 5 s each, and the longest wait is two minutes.
const ROUNDS: usize = 400;
const CHATS: u8 = 2;

static TERMS: LazyLock<Terms> = LazyLock::new(|| Terms {
    bot: UserId::new(BOT),
    own_prefix: OWN_PREFIX,
    max_age: MAX_AGE,
    max_attempts: 4,
});

pub(super) struct History {
    settings: Settings,
    view: View,
    world: World,
    stays: Vec<Stay>,
    oracle: Oracle,
    told: Vec<String>,
    _folder: tempfile::TempDir,
}

impl History {
    pub(super) fn new(bug: Bug) -> Self {
        // Memory, where there is such a folder: nothing here is about the disk.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let settings = Settings {
            url: format!("sqlite://{}", folder.path().join("chimein.db").display()),
            max_queue: 64,
            max_batch: 16,
            keep_done: SignedDuration::ZERO,
            keep_buried: SignedDuration::ZERO,
        };
        let clock = Clock::start();
        let outbox = Some(Outbox::open(&settings, clock.clone()).unwrap());
        let view = View::open(&settings).unwrap();
        let (platform, gates) = (Platform::default(), Gates::default());
        let (holds, seen) = (HashMap::new(), Seen::default());
        let world = World { bug, terms: &TERMS, clock, outbox, gates, platform, holds, seen };
        let (stays, oracle, told) = (Vec::new(), Oracle::default(), Vec::new());
        Self { settings, view, world, stays, oracle, told, _folder: folder }
    }

    /// What has happened in all histories.
    pub(super) fn seen(&self) -> Seen {
        self.world.seen
    }

    pub(super) fn told(&self) -> String {
        self.told.join("\n")
    }

    /// Plays the history of this seed; an error says what went wrong in it.
    pub(super) async fn play(&mut self, seed: u64) -> Result<(), String> {
        let mut rng = Rng::with_seed(seed);
        (self.world.platform, self.world.gates) = (Platform::default(), Gates::default());
        self.world.holds.clear();
        self.oracle = Oracle::default();
        self.told.clear();
        if rng.u8(..4) == 0 {
            self.tell("a person has brought the bot into c0".to_owned());
            let room = self.world.platform.room("c0");
            room.bring_in(rng.bool());
            room.keeps_guest = true;
        }
        for number in 0..EVENTS {
            self.happen(number, &mut rng).await;
            self.oracle.check_what_was_said(&self.world.platform)?;
        }
        self.become_quiet(&mut rng).await?;
        self.world.seen.said += self.world.platform.spoken.len();
        let records = self.view.list(&Filter::default(), 1_000).unwrap();
        self.oracle.check_the_end(&self.world.platform, &records)?;
        // The next history finds nothing of this one.
        tokio::time::advance(Duration::from_secs(1)).await;
        self.world.outbox().prune().await.unwrap();
        Ok(())
    }

    async fn become_quiet(&mut self, rng: &mut Rng) -> Result<(), String> {
        self.tell("all is quiet from now on".to_owned());
        for stay in &mut self.stays {
            stay.is_asleep = false;
        }
        for _ in 0..ROUNDS {
            let is_all = self.claim(8).await && self.stays.is_empty();
            if is_all {
                break;
            }
            while !self.stays.is_empty() {
                let stay = rng.usize(..self.stays.len());
                self.step(stay, Luck::Good, rng).await;
                self.oracle.check_what_was_said(&self.world.platform)?;
            }
            tokio::time::advance(Duration::from_secs(5)).await;
        }
        Ok(())
    }

    async fn happen(&mut self, number: usize, rng: &mut Rng) {
        let chat = format!("c{}", rng.u8(..CHATS));
        match rng.u8(..100) {
            0..12 => self.message(&chat, number, rng).await,
            12..26 => {
                self.claim(rng.usize(1..3)).await;
            }
            26..82 if !self.stays.is_empty() => {
                let stay = rng.usize(..self.stays.len());
                if !self.stays[stay].is_asleep {
                    self.step(stay, Luck::roll(rng), rng).await;
                }
            }
            82..88 => self.pass(rng.u64(..25)).await,
            88 => self.crash().await,
            // A process that is stopped: its answers and its time limit come when it goes on.
            89..92 if !self.stays.is_empty() => {
                let stay = rng.usize(..self.stays.len());
                self.tell(format!("stay {stay} falls asleep"));
                self.stays[stay].is_asleep = true;
                self.pass(rng.u64(30..90)).await;
            }
            92..94 => {
                self.tell("who sleeps wakes up".to_owned());
                self.stays.iter_mut().for_each(|stay| stay.is_asleep = false);
            }
            94 if !self.stays.is_empty() => {
                self.tell("a stay is lost".to_owned());
                self.stays.swap_remove(rng.usize(..self.stays.len()));
            }
            95 if rng.u8(..8) == 0 => self.pass(rng.u64(60..360)).await,
            96..100 => self.interfere(&chat, rng),
            _ => {}
        }
    }

    async fn message(&mut self, chat: &str, number: usize, rng: &mut Rng) {
        let room = self.world.platform.room(chat);
        let bot_inside = rng.bool().then(|| room.inside.is_some());
        let authors = [None, None, None, None, Some(CUSTOMER), Some("an agent")];
        let publicity = rng.u8(..4);
        let message = NewVisit {
            thread: room.thread(),
            written_ms: self.world.now_ms() - rng.i64(0..1_000),
            bot_inside,
            check_author: rng.choice(authors).flatten().map(str::to_owned),
            is_public: publicity > 1,
            is_never_whispered: publicity > 2,
            // Now and then a message comes again.
            ..visit(chat, &if rng.u8(..4) == 0 { rng.usize(..=number) } else { number }.to_string())
        };
        self.tell(format!("{message:?}"));
        if self.world.outbox().put(vec![message.clone()], 20).await.unwrap() == [Admission::New] {
            self.oracle.ask(message);
        }
    }

    /// What people do.
    fn interfere(&mut self, chat: &str, rng: &mut Rng) {
        let deed = rng.u8(..8);
        let room = self.world.platform.room(chat);
        let what = match deed {
            0 | 1 => {
                room.bring_in(rng.bool());
                "a person brings the bot in"
            }
            2 => {
                room.take_out();
                "a person takes the bot out"
            }
            3 | 4 => {
                room.has_public_agent = !room.has_public_agent;
                "an agent comes or goes"
            }
            5 => {
                room.waits_in_queue = !room.waits_in_queue;
                "the queue is entered or left"
            }
            6 => {
                room.close();
                "the chat is closed"
            }
            _ => {
                room.reopen();
                "the chat begins anew"
            }
        };
        self.tell(format!("{what}: {chat}"));
    }

    async fn crash(&mut self) {
        self.tell("crash".to_owned());
        self.stays.clear();
        self.world.seen.crashes += 1;
        self.world.outbox = None;
        while self.world.outbox.is_none() {
            // The thread of the one before may still hold the file.
            self.world.outbox = Outbox::open(&self.settings, self.world.clock.clone()).ok();
        }
    }

    async fn pass(&mut self, seconds: u64) {
        self.tell(format!("{seconds} s pass"));
        tokio::time::advance(Duration::from_secs(seconds)).await;
    }

    /// Claims; says whether nothing is open.
    async fn claim(&mut self, chats: usize) -> bool {
        let claimed = self.world.outbox().claim(chats, self.world.lease()).await.unwrap();
        let visits = self.world.claimed(claimed.visits);
        for visits in visits.chunk_by(|one, other| one.chat == other.chat) {
            self.tell(format!("stay {}: {} visits of {}", self.stays.len(), visits.len(), visits[0].chat));
            self.stays.push(Stay::new(&self.world, visits.to_vec()));
        }
        claimed.next_due_ms.is_none()
    }

    async fn step(&mut self, number: usize, luck: Luck, rng: &mut Rng) {
        let stay = &mut self.stays[number];
        let (goes_on, what) = stay.step(&mut self.world, rng, luck).await;
        let chat = stay.chat();
        self.tell(format!("stay {number} in {chat}: {what}"));
        if !goes_on {
            self.stays.remove(number);
        }
    }

    fn tell(&mut self, what: String) {
        self.told.push(what);
    }
}
