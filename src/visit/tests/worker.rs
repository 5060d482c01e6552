//! A worker's stay, with the steps of `next_step` and the writes of the real outbox, one step at a time.

use super::super::progress::{Presence, Step, View};
use super::super::stay::{custom_id, needs_look};
use super::platform::{By, Luck, Platform};
use crate::outbox::{Change, Ending, Outbox, Said, Standing, Visit};
use jiff::SignedDuration;
use tokio::time::{Duration, Instant};

const DEADLINE: Duration = Duration::from_secs(30);
const MAX_ATTEMPTS: u32 = 8;

/// What is under test, and where bugs are planted.
#[derive(Clone, Copy)]
pub(super) struct Ways {
    pub(super) next_step: fn(View) -> Step,
    pub(super) lease: SignedDuration,
}

/// What became of a step.
#[derive(PartialEq)]
pub(super) enum After {
    GoesOn,
    /// Ended, put back, or dead.
    IsOver,
}

pub(super) struct Stay {
    visits: Vec<Visit>,
    standing: Option<Standing>,
    presence: Presence,
    may_have_joined: bool,
    has_called: bool,
    began: Instant,
}

/// The stay cannot go on: put it back, or it is dead and puts nothing back.
struct Halt {
    is_dead: bool,
}

impl Stay {
    pub(super) fn new(visits: Vec<Visit>) -> Self {
        let earlier =
            |standing| visits.iter().any(|visit| !visit.is_fresh && visit.standing == Some(standing));
        let standing = match (earlier(Standing::Ours), earlier(Standing::Guest)) {
            (true, _) => Some(Standing::Ours),
            (false, true) => Some(Standing::Guest),
            (false, false) => None,
        };
        let presence = if visits.iter().any(needs_look) { Presence::Unknown } else { Presence::Out };
        let may_have_joined = standing == Some(Standing::Ours);
        Self { visits, standing, presence, may_have_joined, has_called: false, began: Instant::now() }
    }

    fn chat(&self) -> String {
        self.visits[0].chat.clone()
    }

    fn is_unsaid(&self) -> bool {
        self.visits.iter().any(|visit| visit.said == Said::NotYet)
    }

    fn may_be_inside(&self) -> bool {
        self.may_have_joined && self.presence != Presence::Out
    }

    /// One step; what it does is told.
    pub(super) async fn step(
        &mut self,
        ways: Ways,
        outbox: &Outbox,
        platform: &mut Platform,
        luck: Luck,
    ) -> (After, &'static str) {
        if self.began.elapsed() > DEADLINE {
            return (self.put_back(outbox, platform, luck).await, "is put back at its deadline");
        }
        let view = View {
            presence: self.presence,
            is_unsaid: self.is_unsaid(),
            may_have_joined: self.may_have_joined,
        };
        let step = (ways.next_step)(view);
        let done = match step {
            Step::Look => self.look(outbox, platform, luck).await,
            Step::Join => self.join(outbox, platform, luck).await,
            Step::Say => self.say(platform, luck),
            Step::Leave => {
                self.take_more(ways, outbox).await;
                if self.is_unsaid() { Ok(()) } else { self.leave(platform, luck) }
            }
            Step::End => {
                let changes = self.visits.iter().map(|visit| (visit.hold, end(visit))).collect();
                outbox.change(changes).await.unwrap();
                return (After::IsOver, "ends");
            }
        };
        let after = match done {
            Ok(()) => After::GoesOn,
            Err(Halt { is_dead: true }) => After::IsOver,
            Err(Halt { is_dead: false }) => self.put_back(outbox, platform, Luck::Good).await,
        };
        (after, step.name())
    }

    /// What the caller learns of a call.
    fn answer(&mut self, luck: Luck) -> Result<(), Halt> {
        self.has_called = true;
        match luck {
            Luck::Good => Ok(()),
            Luck::NotDone | Luck::AnswerLost => Err(Halt { is_dead: false }),
            Luck::Dies { .. } => Err(Halt { is_dead: true }),
        }
    }

    async fn look(&mut self, outbox: &Outbox, platform: &Platform, luck: Luck) -> Result<(), Halt> {
        self.answer(luck)?;
        for visit in &mut self.visits {
            if visit.said == Said::NotYet && platform.said.contains(&custom_id("", visit)) {
                visit.said = Said::Yes;
            }
        }
        self.presence = Presence::Out;
        if platform.has(&self.chat()) {
            self.presence = Presence::In { is_public: false };
            if self.standing != Some(Standing::Ours) {
                self.stand(outbox, Standing::Guest).await;
            }
        }
        Ok(())
    }

    async fn join(&mut self, outbox: &Outbox, platform: &mut Platform, luck: Luck) -> Result<(), Halt> {
        self.stand(outbox, Standing::Ours).await;
        let before = std::mem::replace(&mut self.may_have_joined, true);
        self.presence = Presence::Unknown;
        let is_refused = luck.is_done() && !platform.join(&self.chat(), By::Us);
        self.answer(luck)?;
        self.presence = Presence::In { is_public: false };
        if is_refused {
            self.may_have_joined = before;
            if !before {
                self.stand(outbox, Standing::Guest).await;
            }
        }
        Ok(())
    }

    fn say(&mut self, platform: &mut Platform, luck: Luck) -> Result<(), Halt> {
        let chat = self.chat();
        let visit = self.visits.iter().position(|visit| visit.said == Said::NotYet).unwrap();
        let is_said = luck.is_done() && platform.say(&chat, custom_id("", &self.visits[visit]));
        self.answer(luck)?;
        if is_said {
            self.visits[visit].said = Said::Yes;
        } else {
            // A person has taken the bot out.
            self.presence = Presence::Out;
        }
        Ok(())
    }

    fn leave(&mut self, platform: &mut Platform, luck: Luck) -> Result<(), Halt> {
        if luck.is_done() {
            platform.leave(&self.chat());
        }
        self.answer(luck)?;
        self.presence = Presence::Out;
        self.may_have_joined = false;
        Ok(())
    }

    async fn take_more(&mut self, ways: Ways, outbox: &Outbox) {
        let more = outbox.claim_more(&self.visits[0], ways.lease).await.unwrap();
        if more.iter().any(|visit| !visit.is_fresh) {
            self.presence = Presence::Unknown;
        }
        self.visits.extend(more);
    }

    async fn stand(&mut self, outbox: &Outbox, standing: Standing) {
        self.standing = Some(standing);
        let differing = self.visits.iter_mut().filter(|visit| visit.standing != Some(standing));
        let changes: Vec<_> = differing
            .map(|visit| {
                visit.standing = Some(standing);
                (visit.hold, Change::Stand(standing))
            })
            .collect();
        if !changes.is_empty() {
            outbox.change(changes).await.unwrap();
        }
    }

    async fn put_back(&mut self, outbox: &Outbox, platform: &mut Platform, luck: Luck) -> After {
        let attempts = self.visits.iter().map(|visit| visit.attempts).max().unwrap();
        for visit in self.visits.iter_mut().filter(|visit| visit.attempts + 1 >= MAX_ATTEMPTS) {
            if visit.said == Said::NotYet {
                visit.said = Said::WillNot("gave_up".to_owned());
            }
        }
        // Whether it works or not: it was tried.
        if self.may_be_inside() && self.leave(platform, luck).is_err_and(|halt| halt.is_dead) {
            return After::IsOver;
        }
        let due_ms = outbox.clock().now().as_millisecond() + i64::from(attempts) * 500;
        let (may_be_inside, standing, untouched) = (self.may_be_inside(), self.standing, !self.has_called);
        let change = |visit: &Visit| {
            if visit.said != Said::NotYet && !may_be_inside {
                return (visit.hold, end(visit));
            }
            let (standing, said) = (standing.or(visit.standing), visit.said.clone());
            let untouched = untouched && visit.is_fresh;
            (visit.hold, Change::Postpone { due_ms, counts: true, untouched, standing, said })
        };
        outbox.change(self.visits.iter().map(change).collect()).await.unwrap();
        After::IsOver
    }
}

fn end(visit: &Visit) -> Change {
    let (ending, outcome) = match &visit.said {
        Said::Yes => (Ending::Done, "said"),
        Said::WillNot(_) | Said::NotYet => (Ending::Buried, "gave_up"),
    };
    Change::End { ending, outcome: outcome.to_owned() }
}
