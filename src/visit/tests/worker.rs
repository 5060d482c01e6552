//! A worker's stay: does what the real `Course` asks for, one step at a time, on the real outbox and the model's platform.
//!
//! Between two steps anything may happen: an answer that is under way is heard in the next one, and so is a write made.

use super::super::course::{Ask, Call, Course, Halt, Terms};
use super::super::stay::{halt, late};
use super::platform::{Luck, Platform};
use crate::livechat::model::Chat;
use crate::livechat::{Error, Gates, OrganizationId};
use crate::outbox::{Change, Clock, Hold, Key, Outbox, Standing, Visit};
use fastrand::Rng;
use jiff::SignedDuration;
use std::collections::HashMap;
use tokio::time::{Duration, Instant};

pub(super) const LEASE: SignedDuration = SignedDuration::from_secs(60);
const DEADLINE: Duration = Duration::from_secs(30);

/// What may be wrong with a worker.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Bug {
    None,
    /// The chat is read, and nobody looks for what was said in it.
    SaysWithoutLooking,
    /// Leaving is not called, and counts as done.
    SkipsLeave,
    /// Who put the bot there is not written down before the join.
    WritesNoStanding,
    /// A guest counts as ours.
    LeavesAsGuest,
    /// Chats are claimed that somebody else holds.
    IgnoresLeases,
    /// Who wakes up acts on, though the lease is over.
    ActsAfterTheLease,
    /// A write is done, though its claim is not the latest.
    WritesAfterTheLease,
}

/// What stays share.
pub(super) struct World {
    pub(super) bug: Bug,
    pub(super) terms: &'static Terms,
    pub(super) clock: Clock,
    /// None while a crash is under way.
    pub(super) outbox: Option<Outbox>,
    pub(super) gates: Gates,
    pub(super) platform: Platform,
    /// The latest claim of each visit.
    pub(super) holds: HashMap<Key, Hold>,
    pub(super) seen: Seen,
}

/// What has happened, in all histories: a model in which it does not happen shows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    pub(super) said: usize,
    /// Stays that stopped because their lease was over.
    pub(super) lost: usize,
    /// Changes that were refused because the visit was somebody else's.
    pub(super) refused: usize,
    pub(super) deadlines: usize,
    pub(super) crashes: usize,
}

impl std::iter::Sum for Seen {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            said: sum.said + one.said,
            lost: sum.lost + one.lost,
            refused: sum.refused + one.refused,
            deadlines: sum.deadlines + one.deadlines,
            crashes: sum.crashes + one.crashes,
        })
    }
}

impl World {
    pub(super) fn now_ms(&self) -> i64 {
        self.clock.now().as_millisecond()
    }

    pub(super) fn outbox(&self) -> &Outbox {
        self.outbox.as_ref().unwrap()
    }

    fn organization() -> OrganizationId {
        OrganizationId::new("o")
    }

    async fn write(&mut self, visits: &[Visit], mut changes: Vec<(Hold, Change)>) -> Vec<bool> {
        if self.bug == Bug::WritesAfterTheLease {
            for (hold, _) in &mut changes {
                let visit = visits.iter().find(|visit| visit.hold == *hold).unwrap();
                *hold = self.holds[&visit.key];
            }
        }
        let is_standing = |(_, change): &(Hold, Change)| matches!(change, Change::Stand(_));
        if self.bug == Bug::WritesNoStanding && changes.iter().all(is_standing) {
            return vec![true; changes.len()];
        }
        let kept = self.outbox().change(changes).await.unwrap();
        self.seen.refused += kept.iter().filter(|is_kept| !**is_kept).count();
        kept
    }

    /// Visits as they come out of a claim.
    pub(super) fn claimed(&mut self, mut visits: Vec<Visit>) -> Vec<Visit> {
        for visit in &mut visits {
            self.holds.insert(visit.key, visit.hold);
            if self.bug == Bug::LeavesAsGuest && visit.standing == Some(Standing::Guest) {
                visit.standing = Some(Standing::Ours);
            }
            if self.bug == Bug::IgnoresLeases {
                visit.until_ms += i64::try_from(LEASE.as_millis()).unwrap();
            }
        }
        visits
    }

    pub(super) fn lease(&self) -> SignedDuration {
        if self.bug == Bug::IgnoresLeases { SignedDuration::ZERO } else { LEASE }
    }
}

/// What is under way.
enum Pending {
    Nothing,
    Answer(Box<(Call, Result<Option<Chat>, Error>)>),
    Write(Vec<(Hold, Change)>),
    /// The last one.
    End(Vec<(Hold, Change)>),
}

pub(super) struct Stay {
    course: Course<'static>,
    pending: Pending,
    /// Its time limit.
    until: Instant,
    is_stopping: bool,
    began_ms: i64,
    pub(super) is_asleep: bool,
}

/// Whether there is a next step.
pub(super) type GoesOn = bool;

impl Stay {
    pub(super) fn new(world: &World, visits: Vec<Visit>) -> Self {
        Self {
            course: Course::new(world.terms, visits),
            pending: Pending::Nothing,
            until: Instant::now() + DEADLINE,
            is_stopping: false,
            began_ms: world.now_ms(),
            is_asleep: false,
        }
    }

    pub(super) fn chat(&self) -> String {
        self.course.visits()[0].chat.clone()
    }

    /// One step, and what it was.
    pub(super) async fn step(
        &mut self,
        world: &mut World,
        rng: &mut Rng,
        luck: Luck,
    ) -> (GoesOn, &'static str) {
        let pending = std::mem::replace(&mut self.pending, Pending::Nothing);
        let is_late = Instant::now() >= self.until;
        match pending {
            Pending::End(changes) => {
                world.write(self.course.visits(), changes).await;
                (false, "is written down")
            }
            // The answer and the time limit are both there: either may come first.
            Pending::Answer(..) | Pending::Nothing if is_late && rng.bool() => self.time_is_up(world, rng),
            Pending::Write(changes) => {
                let kept = world.write(self.course.visits(), changes).await;
                if is_late && rng.bool() {
                    // Written, and nobody heard of it.
                    return self.time_is_up(world, rng);
                }
                match self.course.written(&kept) {
                    Ok(()) => (true, "writes"),
                    Err(halt) => self.halted(world, rng, &halt, luck),
                }
            }
            Pending::Answer(answered) => {
                let (call, answer) = *answered;
                if matches!((&call, &answer), (Call::Say(_), Ok(_))) {
                    world.gates.open(&World::organization());
                }
                match self.course.hear(call, answer) {
                    Ok(Some(call)) => self.call(world, rng, call, luck),
                    Ok(None) if self.is_stopping => (self.end(world), "has left"),
                    Ok(None) => (true, "hears"),
                    Err(error) => {
                        let halt = halt(&world.gates, &World::organization(), &error, rng.f64());
                        self.halted(world, rng, &halt, luck)
                    }
                }
            }
            Pending::Nothing => match self.course.next(world.now_ms()) {
                Ask::Write(changes) => {
                    self.pending = Pending::Write(changes);
                    (true, "will write")
                }
                Ask::TakeMore => {
                    let more = world.outbox().claim_more(&self.course.visits()[0], world.lease()).await;
                    let more = world.claimed(more.unwrap());
                    self.course.take(more);
                    (true, "takes more")
                }
                Ask::Call(call) => self.call(world, rng, call, luck),
                Ask::Nothing => (self.end(world), "ends"),
            },
        }
    }

    fn call(&mut self, world: &mut World, rng: &mut Rng, call: Call, luck: Luck) -> (GoesOn, &'static str) {
        if let Some(wait) = world.gates.closed(&World::organization()) {
            let halt = Halt { wait: Some(wait), counts: false, reason: "gate_closed".to_owned() };
            return self.halted(world, rng, &halt, luck);
        }
        let now = if world.bug == Bug::ActsAfterTheLease { self.began_ms } else { world.now_ms() };
        if let Err(halt) = self.course.begin(&call, now) {
            return self.halted(world, rng, &halt, luck);
        }
        if world.bug == Bug::SkipsLeave && matches!(call, Call::Leave) {
            self.pending = Pending::Answer(Box::new((call, Ok(None))));
            return (true, "skips leave");
        }
        let mut answer = world.platform.call(&self.chat(), &call, luck, world.now_ms());
        if world.bug == Bug::SaysWithoutLooking
            && let Ok(Some(Chat { thread: Some(thread), .. })) = &mut answer
        {
            thread.events.clear();
        }
        let answer = world.gates.heard(&World::organization(), answer);
        let name = call.name();
        self.pending = Pending::Answer(Box::new((call, answer)));
        (!matches!(luck, Luck::Dies { .. }), name)
    }

    fn time_is_up(&mut self, world: &mut World, rng: &mut Rng) -> (GoesOn, &'static str) {
        world.seen.deadlines += 1;
        let halt = late(&world.gates, &World::organization(), true, rng.f64());
        self.halted(world, rng, &halt, Luck::Good)
    }

    fn halted(
        &mut self,
        world: &mut World,
        rng: &mut Rng,
        halt: &Halt,
        luck: Luck,
    ) -> (GoesOn, &'static str) {
        if self.is_stopping {
            return (self.end(world), "could not leave");
        }
        self.is_stopping = true;
        self.until = Instant::now() + DEADLINE / 2;
        self.course.stop(halt, rng.f64());
        if self.course.leaves_first() {
            let (goes_on, _) = self.call(world, rng, Call::Leave, luck);
            return (goes_on, "stops and leaves");
        }
        (self.end(world), "stops")
    }

    fn end(&mut self, world: &mut World) -> GoesOn {
        world.seen.lost += usize::from(self.course.is_lost());
        let changes = self.course.over(world.now_ms());
        let goes_on = !changes.is_empty();
        self.pending = Pending::End(changes);
        goes_on
    }
}
