//! One stay in one chat: the steps of `progress`, made with calls.
//!
//! Promises: what a step did is known or doubted, never guessed; a doubt halts the stay, and the
//! next attempt looks first; the bot that was inside before us is left inside; no call is begun once the
//! lease is over, because somebody else may be at work in the chat by then.

use super::inside::Inside;
use super::progress::{Presence, Step, View, next_step};
use super::settings::Settings;
use crate::livechat::{Advice, Bot, ChatId, Error, Gates, OrganizationId, backoff};
use crate::outbox::{self, Change, Outbox, Said, Standing, Visit};
use crate::telemetry::metrics;
use jiff::SignedDuration;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// While the platform is down a visit waits no longer: it is to go on soon after.
const LONGEST_WAIT_FOR_AN_ANSWER: Duration = Duration::from_secs(60);

/// What stays share.
pub(super) struct Means {
    pub(super) bot: Bot,
    pub(super) outbox: Outbox,
    pub(super) gates: Arc<Gates>,
    pub(super) inside: Inside,
    pub(super) settings: Settings,
    /// A message older than this gets silence.
    pub(super) max_age: SignedDuration,
    /// How the `custom_id` of everything that we say begins.
    pub(super) own_prefix: &'static str,
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
pub(super) enum Lease {
    /// As far as we have looked.
    Runs,
    /// Nothing more is called or written.
    IsOver,
}

/// A stay under way.
pub(super) struct Stay<'a> {
    pub(super) means: &'a Means,
    pub(super) organization: OrganizationId,
    pub(super) chat: ChatId,
    pub(super) visits: Vec<Visit>,
    /// Whose doing it is that the bot is inside; to be kept with the visits.
    pub(super) standing: Option<Standing>,
    pub(super) presence: Presence,
    pub(super) may_have_joined: bool,
    /// The customer may not be spoken to: a public agent is inside, and there may be only one, or the chat waits for one.
    pub(super) is_occupied: bool,
    pub(super) rejoins: u32,
    /// Whether any call was made that the platform may have acted on.
    pub(super) has_called: bool,
    pub(super) lease: Lease,
}

impl<'a> Stay<'a> {
    /// A stay for the visits of one chat (at least one).
    pub(super) fn new(means: &'a Means, visits: Vec<Visit>) -> Option<Self> {
        let first = visits.first()?;
        let organization = OrganizationId::new(first.organization.clone());
        let chat = ChatId::new(first.chat.clone());
        let earlier =
            |standing| visits.iter().any(|visit| !visit.is_fresh && visit.standing == Some(standing));
        let standing = match (earlier(Standing::Ours), earlier(Standing::Guest)) {
            (true, _) => Some(Standing::Ours),
            (false, true) => Some(Standing::Guest),
            (false, false) => None,
        };
        if standing == Some(Standing::Ours) {
            means.inside.enter(&organization, &chat);
        }
        Some(Self {
            means,
            organization,
            chat,
            standing,
            presence: if visits.iter().any(needs_look) { Presence::Unknown } else { Presence::Out },
            may_have_joined: standing == Some(Standing::Ours),
            is_occupied: false,
            rejoins: 0,
            has_called: false,
            lease: Lease::Runs,
            visits,
        })
    }

    /// Makes steps until nothing is left to do, or something stands in the way.
    ///
    /// # Cancel safety
    /// When dropped between two polls the last call's outcome is in doubt: look before going on.
    pub(super) async fn run(&mut self) -> Result<(), Halt> {
        loop {
            self.drop_what_is_too_old();
            let step = next_step(self.view());
            let began = Instant::now();
            let taken = match step {
                Step::Look => self.look().await,
                Step::Join => self.join().await,
                Step::Say => self.say().await,
                Step::Leave => {
                    self.take_more().await;
                    if self.is_unsaid() {
                        continue;
                    }
                    self.leave().await
                }
                Step::End => return Ok(()),
            };
            metrics::step(step.name(), began.elapsed());
            taken?;
        }
    }

    /// Whether the bot may be inside by our doing.
    pub(super) fn may_be_inside(&self) -> bool {
        self.may_have_joined && self.presence != Presence::Out
    }

    pub(super) fn is_unsaid(&self) -> bool {
        self.visits.iter().any(|visit| visit.said == Said::NotYet)
    }

    fn view(&self) -> View {
        View { presence: self.presence, is_unsaid: self.is_unsaid(), may_have_joined: self.may_have_joined }
    }

    pub(super) fn is_out(&mut self) {
        self.presence = Presence::Out;
        self.may_have_joined = false;
    }

    /// Several waiting visits of a chat share one stay.
    async fn take_more(&mut self) {
        let Some(first) = self.visits.first() else { return };
        match self.means.outbox.claim_more(first, lease(&self.means.settings)).await {
            Ok(more) => {
                let is_free = !self.is_occupied;
                let wants_look = |visit: &Visit| {
                    !visit.is_fresh || visit.check_author.is_some() || (visit.is_public && is_free)
                };
                if more.iter().any(wants_look) {
                    self.presence = Presence::Unknown;
                }
                self.visits.extend(more);
                if self.is_occupied {
                    self.keep_from_the_customer();
                }
            }
            Err(error) => tracing::warn!(%error, "cannot look for more visits of the chat"),
        }
    }

    /// Writes down whose doing it is that the bot is inside, for those visits that say otherwise.
    pub(super) async fn stand(&mut self, standing: Standing) -> Result<(), Halt> {
        self.standing = Some(standing);
        let differing = self.visits.iter_mut().filter(|visit| visit.standing != Some(standing));
        let changes: Vec<_> = differing
            .map(|visit| {
                visit.standing = Some(standing);
                (visit.hold, Change::Stand(standing))
            })
            .collect();
        if changes.is_empty() {
            return Ok(());
        }
        let kept = self.means.outbox.change(changes).await.map_err(|error| unwritten(&error))?;
        if kept.contains(&false) { Err(self.lost()) } else { Ok(()) }
    }

    /// Somebody else may have the chat now.
    pub(super) fn lost(&mut self) -> Halt {
        self.lease = Lease::IsOver;
        Halt { wait: None, counts: false, reason: "lease".to_owned() }
    }

    /// Whether the lease is over, as after a process that was stopped for long.
    pub(super) fn lease_is_over(&self) -> bool {
        let now = self.means.outbox.clock().now().as_millisecond();
        self.visits.iter().any(|visit| visit.until_ms <= now)
    }

    fn drop_what_is_too_old(&mut self) {
        let oldest = self.means.outbox.clock().now().as_millisecond()
            - i64::try_from(self.means.max_age.as_millis()).unwrap_or(i64::MAX);
        for visit in &mut self.visits {
            if visit.said == Said::NotYet && visit.written_ms < oldest {
                visit.said = Said::WillNot("too_old".to_owned());
            }
        }
    }

    /// The customer may not be spoken to: what is not whispered will not be said.
    pub(super) fn keep_from_the_customer(&mut self) {
        self.is_occupied = true;
        let waiting = self.visits.iter_mut().filter(|visit| visit.said == Said::NotYet);
        for visit in waiting.filter(|visit| visit.is_never_whispered) {
            visit.said = Said::WillNot("occupied".to_owned());
        }
    }

    pub(super) fn give_up(&mut self, reason: &str) {
        for visit in self.visits.iter_mut().filter(|visit| visit.said == Said::NotYet) {
            visit.said = Said::WillNot(reason.to_owned());
        }
    }

    /// Asked before every call; waits for its turn.
    pub(super) async fn pass_gate(&mut self) -> Result<(), Halt> {
        if let Some(wait) = self.means.gates.closed(&self.organization) {
            return Err(Halt { wait: Some(wait), counts: false, reason: "gate_closed".to_owned() });
        }
        self.means.gates.turn(&self.organization).await;
        if self.lease_is_over() {
            return Err(self.lost());
        }
        self.has_called = true;
        Ok(())
    }

    pub(super) fn halt(&self, error: Error) -> Halt {
        // The whole organization slows down, or waits until the bot's secret is right again.
        if let Advice::SlowDown(told) = error.advice() {
            return self.close_gate(&error, told);
        }
        self.tried(error.reason())
    }

    /// The deadline came while a call was under way.
    pub(super) fn is_late(&self) -> Halt {
        self.means.gates.unanswered(&self.organization);
        self.tried("deadline")
    }

    /// An attempt failed. It counts, unless the platform answers nobody: then it is no fault of this visit.
    fn tried(&self, reason: &str) -> Halt {
        let wait = self.means.gates.down(&self.organization).map(|calls| {
            let pause = backoff::pause(calls, fastrand::f64());
            pause.min(LONGEST_WAIT_FOR_AN_ANSWER)
        });
        Halt { wait, counts: wait.is_none(), reason: reason.to_owned() }
    }

    fn close_gate(&self, error: &Error, told: Option<Duration>) -> Halt {
        let was_closed = self.means.gates.closed(&self.organization).is_some();
        let wait = self.means.gates.close(&self.organization, told);
        if !was_closed {
            tracing::warn!(organization.id = %self.organization, reason = error.reason(),
                wait_ms = wait.as_millis(), "the organization's visits wait");
        }
        Halt { wait: Some(wait), counts: false, reason: error.reason().to_owned() }
    }
}

/// How long a claim lasts: two deadlines, so that a stay which is put back in time keeps it.
pub(super) fn lease(settings: &Settings) -> SignedDuration {
    settings.deadline.saturating_mul(2)
}

pub(super) fn needs_look(visit: &Visit) -> bool {
    // Before it speaks to a customer it must know whether the chat waits for an agent; no webhook says that surely.
    !visit.is_fresh || visit.bot_inside != Some(false) || visit.check_author.is_some() || visit.is_public
}

/// Made from the visit's key and the step, so that a second attempt finds what the first one said.
pub(super) fn custom_id(prefix: &str, visit: &Visit) -> String {
    format!("{prefix}{}-1", visit.key)
}

fn unwritten(error: &outbox::Error) -> Halt {
    tracing::warn!(%error, "a visit's progress could not be written down");
    Halt { wait: None, counts: false, reason: "outbox".to_owned() }
}
