//! One stay in one chat: does what its `course` asks for, against the platform and the outbox.
//!
//! Promises: every call waits for its turn at the organization's gate; the course is told right before a call, so that
//! one whose answer never comes leaves a doubt and no gap.

use super::course::{Ask, Call, Course, Halt, Terms};
use super::inside::Inside;
use super::settings::Settings;
use crate::livechat::agent::NewMessage;
use crate::livechat::model::Chat;
use crate::livechat::{Advice, Bot, ChatId, Error, Gates, OrganizationId, backoff};
use crate::outbox::{self, Outbox, Visit};
use crate::telemetry::metrics;
use jiff::SignedDuration;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// While the platform is down a visit waits no longer: it is to go on soon after.
const LONGEST_WAIT_FOR_AN_ANSWER: Duration = Duration::from_secs(60);

/// So long a stay that has not joined waits for its turn, when the platform wants fewer calls.
const PATIENCE_OUTSIDE: Duration = Duration::from_secs(2);
/// Those whose turn is farther away come back later, not all at once.
const COMES_BACK_WITHIN: Duration = Duration::from_secs(10);

/// What stays share.
pub(super) struct Means {
    pub(super) bot: Bot,
    pub(super) outbox: Outbox,
    pub(super) gates: Arc<Gates>,
    pub(super) inside: Inside,
    pub(super) settings: Settings,
    pub(super) terms: Terms,
}

/// A stay under way.
pub(super) struct Stay<'a> {
    means: &'a Means,
    pub(super) organization: OrganizationId,
    pub(super) chat: ChatId,
    pub(super) course: Course<'a>,
    /// Whether a call is under way.
    is_asking: bool,
}

impl<'a> Stay<'a> {
    /// A stay for the visits of one chat (at least one).
    pub(super) fn new(means: &'a Means, visits: Vec<Visit>) -> Option<Self> {
        let first = visits.first()?;
        let organization = OrganizationId::new(first.organization.clone());
        let chat = ChatId::new(first.chat.clone());
        let stay =
            Self { means, organization, chat, course: Course::new(&means.terms, visits), is_asking: false };
        stay.note_where_the_bot_may_be();
        Some(stay)
    }

    /// Does what is asked until nothing is left to do, or something stands in the way.
    ///
    /// # Cancel safety
    /// When dropped between two polls the last call's outcome is in doubt, and the course says so.
    pub(super) async fn run(&mut self) -> Result<(), Halt> {
        loop {
            match self.course.next(self.now_ms()) {
                Ask::Write(changes) => {
                    let kept = self.means.outbox.change(changes).await.map_err(|error| unwritten(&error))?;
                    self.course.written(&kept)?;
                }
                Ask::TakeMore => self.take_more().await,
                Ask::Call(call) => self.make(call).await?,
                Ask::Nothing => return Ok(()),
            }
        }
    }

    /// Makes a call, and those that belong behind it.
    pub(super) async fn make(&mut self, call: Call) -> Result<(), Halt> {
        let mut next = Some(call);
        while let Some(call) = next {
            self.pass_gate().await?;
            self.course.begin(&call, self.now_ms())?;
            self.note_where_the_bot_may_be();
            let began = Instant::now();
            self.is_asking = true;
            let answer = self.means.gates.heard(&self.organization, self.ask(&call).await);
            self.is_asking = false;
            metrics::step(call.name(), began.elapsed());
            if let (Call::Say(words), Ok(_)) = (&call, &answer) {
                let took_ms = self.now_ms().saturating_sub(words.admitted_ms).max(0);
                metrics::replied(Duration::from_millis(took_ms.unsigned_abs()));
                self.means.gates.open(&self.organization);
            }
            let heard = self.course.hear(call, answer);
            next = heard
                .map_err(|error| halt(&self.means.gates, &self.organization, &error, fastrand::f64()))?;
        }
        Ok(())
    }

    async fn ask(&self, call: &Call) -> Result<Option<Chat>, Error> {
        let (bot, organization, chat) = (&self.means.bot, &self.organization, &self.chat);
        match call {
            Call::Read { thread, .. } => bot.chat(organization, chat, thread.as_ref()).await.map(Some),
            Call::Join { visibility, .. } => {
                bot.add_to_chat(organization, chat, *visibility).await.map(|()| None)
            }
            Call::Say(words) => {
                let message = NewMessage {
                    text: &words.text,
                    visibility: words.visibility,
                    custom_id: &words.custom_id,
                };
                bot.send_event(organization, chat, &message).await.map(|()| None)
            }
            Call::Leave => bot.remove_from_chat(organization, chat).await.map(|()| None),
        }
    }

    async fn take_more(&mut self) {
        let Some(first) = self.course.visits().first() else { return };
        match self.means.outbox.claim_more(first, lease(&self.means.settings)).await {
            Ok(more) => self.course.take(more),
            Err(error) => tracing::warn!(%error, "cannot look for more visits of the chat"),
        }
    }

    /// Whether a call is under way.
    pub(super) fn is_asking(&self) -> bool {
        self.is_asking
    }

    /// Asked before every call; waits for its turn.
    async fn pass_gate(&self) -> Result<(), Halt> {
        if let Some(wait) = self.means.gates.closed(&self.organization) {
            return Err(Halt { wait: Some(wait), counts: false, reason: "gate_closed".to_owned() });
        }
        // Who is inside goes first: whoever is not comes back later.
        let is_inside = self.course.may_be_inside();
        let patience =
            if is_inside { self.means.settings.deadline.unsigned_abs() / 2 } else { PATIENCE_OUTSIDE };
        self.means.gates.turn_within(&self.organization, patience).await.map_err(|wait| {
            let wait = wait + COMES_BACK_WITHIN.mul_f64(fastrand::f64());
            Halt { wait: Some(wait), counts: false, reason: "pace".to_owned() }
        })
    }

    fn note_where_the_bot_may_be(&self) {
        if self.course.may_be_inside() {
            self.means.inside.enter(&self.organization, &self.chat);
        }
    }

    fn now_ms(&self) -> i64 {
        self.means.outbox.clock().now().as_millisecond()
    }
}

/// What an error means for the stay, and for the whole organization: it slows down, or waits until the bot's secret is
/// right again. `chance` is a number in `0.0..=1.0`.
pub(super) fn halt(gates: &Gates, organization: &OrganizationId, error: &Error, chance: f64) -> Halt {
    let Advice::SlowDown(told) = error.advice() else {
        return tried(gates, organization, error.reason(), chance);
    };
    let reason = error.reason().to_owned();
    let was_closed = gates.closed(organization).is_some();
    let wait = gates.close(organization, told);
    if !was_closed {
        tracing::warn!(organization.id = %organization, reason,
            wait_ms = wait.as_millis(), "the organization's visits wait");
    }
    Halt { wait: Some(wait), counts: false, reason }
}

/// The deadline came; `chance` is a number in `0.0..=1.0`.
pub(super) fn late(gates: &Gates, organization: &OrganizationId, is_asking: bool, chance: f64) -> Halt {
    if is_asking {
        gates.unanswered(organization);
    }
    tried(gates, organization, "deadline", chance)
}

/// An attempt failed. It counts, unless the platform answers nobody: then it is no fault of this visit.
fn tried(gates: &Gates, organization: &OrganizationId, reason: &str, chance: f64) -> Halt {
    // Spread over all of it: those who wait must not come back all at once.
    let pause = |calls| backoff::pause(calls, 1.0).min(LONGEST_WAIT_FOR_AN_ANSWER).mul_f64(chance);
    let wait = gates.down(organization).map(pause);
    Halt { wait, counts: wait.is_none(), reason: reason.to_owned() }
}

/// How long a claim lasts: two deadlines, so that a stay which is put back in time keeps it.
pub(super) fn lease(settings: &Settings) -> SignedDuration {
    settings.deadline.saturating_mul(2)
}

fn unwritten(error: &outbox::Error) -> Halt {
    tracing::warn!(%error, "a visit's progress could not be written down");
    Halt { wait: None, counts: false, reason: "outbox".to_owned() }
}
