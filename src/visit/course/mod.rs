//! The course of one stay: what is known, and what is to be done next. Pure: it makes no call, writes nothing, reads no clock.
//!
//! `next` asks for something to be done outside; `begin`, `hear`, `written` and `take` tell it what came of that; `stop` and
//! `over` say what becomes of the visits. `stay` does what is asked against the platform and the outbox, the model in
//! `visit/tests` does it against a platform of its own.
//!
//! Promises: what a call did is known or doubted, never guessed; a doubt stops the stay, and the next attempt looks
//! first; the bot that was inside before us is left inside; no call is begun once the lease is over, because
//! somebody else may be at work in the chat by then; that leaving is up to us is written down before a join.

mod answers;
mod ending;
mod progress;

pub(super) use progress::outcome_label;

use crate::livechat::model::{Chat, Visibility};
use crate::livechat::{Error, ThreadId, UserId};
use crate::outbox::{Change, Hold, Key, Said, Standing, Visit};
use jiff::SignedDuration;
use progress::{Presence, Step, View, next_step};
use std::time::Duration;

/// What holds for every stay.
pub(super) struct Terms {
    /// Who we are.
    pub(super) bot: UserId,
    /// How the `custom_id` of everything that we say begins.
    pub(super) own_prefix: &'static str,
    /// A message older than this gets silence.
    pub(super) max_age: SignedDuration,
    /// How often a visit is attempted before it is buried.
    pub(super) max_attempts: u32,
}

/// What is to be done next.
pub(super) enum Ask {
    /// These changes are to be on disk before anything else is done.
    Write(Vec<(Hold, Change)>),
    /// Several waiting visits of a chat share one stay: what came meanwhile is to be claimed.
    TakeMore,
    /// The platform is to be called.
    Call(Call),
    /// Nothing is left to do.
    Nothing,
}

/// A call of the platform.
pub(super) enum Call {
    /// Read the chat with a thread: the latest, or the one named.
    Read { thread: Option<ThreadId>, why: Why },
    /// Join; `joined_before` when an earlier join of ours may have happened.
    Join { visibility: Visibility, joined_before: bool },
    /// Say something.
    Say(Words),
    /// Leave.
    Leave,
}

impl Call {
    /// Its name for numbers.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Read { .. } => "look",
            Self::Join { .. } => "join",
            Self::Say(_) => "say",
            Self::Leave => "leave",
        }
    }
}

/// What a chat is read for.
pub(super) enum Why {
    /// To know where the bot is, and what was said.
    Look,
    /// An earlier attempt may have spoken in a thread that is not the latest any more.
    EarlierThread { latest: Box<Chat> },
    /// Nobody knows what adding a present user is answered.
    JoinWasRefused { joined_before: bool, kind: String },
    /// Nobody knows what taking out somebody who is not inside is answered.
    LeaveWasRefused(Error),
}

/// What a visit says.
pub(super) struct Words {
    hold: Hold,
    pub(super) text: String,
    pub(super) visibility: Visibility,
    pub(super) custom_id: String,
    /// When the visit was written down, in milliseconds since 1970.
    pub(super) admitted_ms: i64,
}

/// Why a stay cannot go on now.
#[derive(Debug)]
pub(super) struct Halt {
    /// How long to wait; `None` leaves it to the backoff.
    pub(super) wait: Option<Duration>,
    /// Whether the attempt counts.
    pub(super) counts: bool,
    /// In a word.
    pub(super) reason: String,
}

/// Whether nobody else may have the chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lease {
    /// As far as we have looked.
    Runs,
    /// Nothing more is called or written.
    IsOver,
}

/// Whether more visits of the chat were asked for since the last call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum More {
    NotAsked,
    Asked,
}

/// A stay, as far as it is thought.
pub(super) struct Course<'a> {
    terms: &'a Terms,
    visits: Vec<Visit>,
    /// Whose doing it is that the bot is inside; to be kept with the visits.
    standing: Option<Standing>,
    presence: Presence,
    may_have_joined: bool,
    /// The customer may not be spoken to: a public agent is inside, and there may be only one, or the chat waits for one.
    is_occupied: bool,
    rejoins: u32,
    /// Whether any call was made that the platform may have acted on.
    has_called: bool,
    more: More,
    lease: Lease,
    pause: Option<ending::Pause>,
}

impl<'a> Course<'a> {
    /// The course of a stay for the visits of one chat.
    pub(super) fn new(terms: &'a Terms, visits: Vec<Visit>) -> Self {
        let earlier =
            |standing| visits.iter().any(|visit| !visit.is_fresh && visit.standing == Some(standing));
        let standing = match (earlier(Standing::Ours), earlier(Standing::Guest)) {
            (true, _) => Some(Standing::Ours),
            (false, true) => Some(Standing::Guest),
            (false, false) => None,
        };
        Self {
            terms,
            standing,
            presence: if visits.iter().any(needs_look) { Presence::Unknown } else { Presence::Out },
            may_have_joined: standing == Some(Standing::Ours),
            is_occupied: false,
            rejoins: 0,
            has_called: false,
            more: More::NotAsked,
            lease: Lease::Runs,
            pause: None,
            visits,
        }
    }

    pub(super) fn visits(&self) -> &[Visit] {
        &self.visits
    }

    /// What is to be done next.
    pub(super) fn next(&mut self, now_ms: i64) -> Ask {
        self.drop_what_is_too_old(now_ms);
        let is_inside = matches!(self.presence, Presence::In { .. });
        if is_inside
            && self.standing == Some(Standing::Guest)
            && let Some(changes) = self.stand(Standing::Guest)
        {
            return Ask::Write(changes);
        }
        match next_step(self.view()) {
            Step::Look => Ask::Call(Call::Read { thread: None, why: Why::Look }),
            // On disk before the call: after a crash we must know that leaving is up to us.
            Step::Join => match self.stand(Standing::Ours) {
                Some(changes) => Ask::Write(changes),
                None => Ask::Call(self.join()),
            },
            Step::Say => self.say().map_or(Ask::Nothing, Ask::Call),
            Step::Leave if self.more == More::NotAsked && !self.lease_is_over(now_ms) => {
                self.more = More::Asked;
                Ask::TakeMore
            }
            Step::Leave => Ask::Call(Call::Leave),
            Step::End => Ask::Nothing,
        }
    }

    /// To be told right before a call: from here on the platform may have acted on it. Refused when the lease is over.
    pub(super) fn begin(&mut self, call: &Call, now_ms: i64) -> Result<(), Halt> {
        if self.lease_is_over(now_ms) {
            return Err(self.lose());
        }
        self.has_called = true;
        if let Call::Join { .. } = call {
            self.may_have_joined = true;
            // Until the answer is there, the bot may be inside.
            self.presence = Presence::Unknown;
        }
        Ok(())
    }

    /// What `Ask::Write` came to: of each change, whether its visit was still ours.
    pub(super) fn written(&mut self, kept: &[bool]) -> Result<(), Halt> {
        if kept.contains(&false) { Err(self.lose()) } else { Ok(()) }
    }

    /// What `Ask::TakeMore` gave.
    pub(super) fn take(&mut self, more: Vec<Visit>) {
        let is_free = !self.is_occupied;
        let wants_look =
            |visit: &Visit| !visit.is_fresh || visit.check_author.is_some() || (visit.is_public && is_free);
        if more.iter().any(wants_look) {
            self.presence = Presence::Unknown;
        }
        self.visits.extend(more);
        if self.is_occupied {
            self.keep_from_the_customer();
        }
    }

    /// Whether the bot may be inside by our doing.
    pub(super) fn may_be_inside(&self) -> bool {
        self.may_have_joined && self.presence != Presence::Out
    }

    /// Whether somebody else may have the chat: then nothing more is called or written.
    pub(super) fn is_lost(&self) -> bool {
        self.lease == Lease::IsOver
    }

    fn is_unsaid(&self) -> bool {
        self.visits.iter().any(|visit| visit.said == Said::NotYet)
    }

    fn view(&self) -> View {
        View { presence: self.presence, is_unsaid: self.is_unsaid(), may_have_joined: self.may_have_joined }
    }

    fn lose(&mut self) -> Halt {
        self.lease = Lease::IsOver;
        Halt { wait: None, counts: false, reason: "lease".to_owned() }
    }

    /// Whether the lease is over, as after a process that was stopped for long.
    fn lease_is_over(&self, now_ms: i64) -> bool {
        self.visits.iter().any(|visit| visit.until_ms <= now_ms)
    }

    fn join(&self) -> Call {
        let wants_public = self.visits.iter().any(|visit| visit.is_public && visit.said == Said::NotYet);
        let visibility = if wants_public && !self.is_occupied { Visibility::All } else { Visibility::Agents };
        Call::Join { visibility, joined_before: self.may_have_joined }
    }

    fn say(&self) -> Option<Call> {
        let Presence::In { is_public } = self.presence else { return None };
        let visit = self.visits.iter().find(|visit| visit.said == Said::NotYet)?;
        if visit.is_public && !is_public && !self.is_occupied && self.may_have_joined {
            // We came to whisper: the next join is public.
            return Some(Call::Leave);
        }
        let visibility = if visit.is_public && is_public { Visibility::All } else { Visibility::Agents };
        Some(Call::Say(Words {
            hold: visit.hold,
            text: visit.reply.clone(),
            visibility,
            custom_id: custom_id(self.terms.own_prefix, visit.key),
            admitted_ms: visit.admitted_ms,
        }))
    }

    /// Whose doing it is that the bot is inside, for those visits that say otherwise.
    fn stand(&mut self, standing: Standing) -> Option<Vec<(Hold, Change)>> {
        self.standing = Some(standing);
        let differing = self.visits.iter_mut().filter(|visit| visit.standing != Some(standing));
        let changes: Vec<_> = differing
            .map(|visit| {
                visit.standing = Some(standing);
                (visit.hold, Change::Stand(standing))
            })
            .collect();
        (!changes.is_empty()).then_some(changes)
    }

    fn drop_what_is_too_old(&mut self, now_ms: i64) {
        let max_age_ms = i64::try_from(self.terms.max_age.as_millis()).unwrap_or(i64::MAX);
        let oldest = now_ms.saturating_sub(max_age_ms);
        for visit in &mut self.visits {
            if visit.said == Said::NotYet && visit.written_ms < oldest {
                visit.said = Said::WillNot("too_old".to_owned());
            }
        }
    }

    /// The customer may not be spoken to: what is not whispered will not be said.
    fn keep_from_the_customer(&mut self) {
        self.is_occupied = true;
        let waiting = self.visits.iter_mut().filter(|visit| visit.said == Said::NotYet);
        for visit in waiting.filter(|visit| visit.is_never_whispered) {
            visit.said = Said::WillNot("occupied".to_owned());
        }
    }

    fn give_up(&mut self, reason: &str) {
        for visit in self.visits.iter_mut().filter(|visit| visit.said == Said::NotYet) {
            visit.said = Said::WillNot(reason.to_owned());
        }
    }
}

fn needs_look(visit: &Visit) -> bool {
    // Before it speaks to a customer it must know whether the chat waits for an agent; no webhook says that surely.
    !visit.is_fresh || visit.bot_inside != Some(false) || visit.check_author.is_some() || visit.is_public
}

/// Made from the visit's key and the step, so that a second attempt finds what the first one said.
fn custom_id(prefix: &str, key: Key) -> String {
    format!("{prefix}{key}-1")
}

#[cfg(test)]
mod tests;
