//! One stay in one chat: the steps of `progress`, made with calls.
//!
//! Promises: what a step did is known or doubted, never guessed; a doubt halts the stay, and the
//! next attempt looks first; the bot that was inside before us is left inside.

use super::gate::Gates;
use super::progress::{Presence, Step, View, next_step};
use super::settings::Settings;
use crate::livechat::agent::NewMessage;
use crate::livechat::model::{Chat, Visibility};
use crate::livechat::{Bot, ChatId, Error, OrganizationId, ThreadId, UserId};
use crate::outbox::{self, Change, Outbox, Said, Standing, Visit};
use jiff::SignedDuration;
use std::time::Duration;

/// How often a send that meets "not in the chat" joins again (reference, 12.3: a join may lag).
const MAX_REJOINS: u32 = 2;

/// What stays share.
pub(super) struct Means {
    pub(super) bot: Bot,
    pub(super) outbox: Outbox,
    pub(super) gates: Gates,
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

/// A stay under way.
pub(super) struct Stay<'a> {
    means: &'a Means,
    pub(super) organization: OrganizationId,
    pub(super) chat: ChatId,
    pub(super) visits: Vec<Visit>,
    standing: Option<Standing>,
    presence: Presence,
    must_look: bool,
    may_have_joined: bool,
    /// A public agent is inside, and there may be only one.
    is_occupied: bool,
    rejoins: u32,
    /// Whether any call was made that the platform may have acted on.
    pub(super) has_called: bool,
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
        let must_look = visits.iter().any(needs_look);
        Some(Self {
            means,
            organization,
            chat,
            standing,
            presence: if must_look { Presence::Unknown } else { Presence::Out },
            must_look,
            may_have_joined: standing == Some(Standing::Ours),
            is_occupied: false,
            rejoins: 0,
            has_called: false,
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
            match next_step(self.view()) {
                Step::Look => self.look().await?,
                Step::Join => self.join().await?,
                Step::Say => self.say().await?,
                Step::Leave => {
                    self.take_more().await;
                    if !self.is_unsaid() {
                        self.leave().await?;
                    }
                }
                Step::End => return Ok(()),
            }
        }
    }

    /// Whether the bot may be inside by our doing.
    pub(super) fn may_be_inside(&self) -> bool {
        self.may_have_joined && self.presence != Presence::Out
    }

    /// Leaves, whatever else is unfinished.
    pub(super) async fn leave(&mut self) -> Result<(), Halt> {
        self.pass_gate()?;
        match self.means.bot.remove_from_chat(&self.organization, &self.chat).await {
            Ok(()) | Err(Error::Gone { .. } | Error::NotInChat { .. }) => self.is_out(),
            // What the platform answers to somebody who is not inside is not known: read the chat.
            Err(Error::Refused { kind, .. }) => match self.read_chat(None).await? {
                Some(chat) if chat.present(self.means.bot.id()).is_some() => {
                    return Err(Halt { wait: None, counts: true, reason: kind });
                }
                _ => self.is_out(),
            },
            Err(error) => return Err(self.halt(error)),
        }
        Ok(())
    }

    /// Whose doing the bot's presence is, to be kept with the visits.
    pub(super) fn standing(&self) -> Option<Standing> {
        self.standing
    }

    pub(super) fn is_unsaid(&self) -> bool {
        self.visits.iter().any(|visit| visit.said == Said::NotYet)
    }

    fn view(&self) -> View {
        View {
            presence: self.presence,
            is_unsaid: self.is_unsaid(),
            must_look: self.must_look,
            may_have_joined: self.may_have_joined,
        }
    }

    fn is_out(&mut self) {
        self.presence = Presence::Out;
        self.may_have_joined = false;
    }

    async fn look(&mut self) -> Result<(), Halt> {
        let Some(chat) = self.read_chat(None).await? else { return Ok(()) };
        self.find_what_was_said(&chat);
        let latest = chat.thread.as_ref().map(|thread| thread.id.as_str());
        if let Some(thread) = self.thread_not_yet_read(latest)
            && let Some(chat) = self.read_chat(Some(&thread)).await?
        {
            self.find_what_was_said(&chat);
        }
        match chat.present(self.means.bot.id()) {
            Some(user) => {
                self.presence = Presence::In { is_public: user.visibility.as_deref() != Some("agents") };
                if self.standing != Some(Standing::Ours) {
                    self.stand(Standing::Guest).await?;
                }
            }
            None => self.presence = Presence::Out,
        }
        if !chat.is_active() {
            self.give_up("chat_inactive");
        }
        self.check_authors(&chat);
        self.must_look = false;
        Ok(())
    }

    /// Reads the chat; `None` when it is gone, and then nothing will be said.
    async fn read_chat(&mut self, thread: Option<&ThreadId>) -> Result<Option<Chat>, Halt> {
        self.pass_gate()?;
        match self.means.bot.chat(&self.organization, &self.chat, thread).await {
            Ok(chat) => Ok(Some(chat)),
            Err(error @ Error::Gone { .. }) => {
                self.give_up(error.reason());
                Ok(None)
            }
            Err(error) => Err(self.halt(error)),
        }
    }

    /// An earlier attempt may have spoken in a thread that is not the latest any more.
    fn thread_not_yet_read(&self, latest: Option<&str>) -> Option<ThreadId> {
        let unsaid = self.visits.iter().filter(|visit| visit.said == Said::NotYet && !visit.is_fresh);
        let mut threads = unsaid.map(|visit| visit.thread.as_str());
        threads.find(|thread| !thread.is_empty() && Some(*thread) != latest).map(ThreadId::new)
    }

    fn find_what_was_said(&mut self, chat: &Chat) {
        let Some(thread) = &chat.thread else { return };
        for visit in self.visits.iter_mut().filter(|visit| visit.said == Said::NotYet) {
            let ours = custom_id(self.means.own_prefix, visit);
            if thread.events.iter().any(|event| event.custom_id.as_ref() == Some(&ours)) {
                visit.said = Said::Yes;
            }
        }
    }

    fn check_authors(&mut self, chat: &Chat) {
        for visit in self.visits.iter_mut().filter(|visit| visit.said == Said::NotYet) {
            let Some(author) = visit.check_author.clone().map(UserId::new) else { continue };
            if !chat.users.iter().any(|user| user.id == author && user.kind == "customer") {
                visit.said = Said::WillNot("not_by_customer".to_owned());
            }
        }
    }

    async fn join(&mut self) -> Result<(), Halt> {
        // On disk before the call: after a crash we must know that leaving is up to us.
        self.stand(Standing::Ours).await?;
        self.pass_gate()?;
        let wants_public = self.visits.iter().any(|visit| visit.is_public && visit.said == Said::NotYet);
        let is_public = wants_public && !self.is_occupied;
        let visibility = if is_public { Visibility::All } else { Visibility::Agents };
        let before = std::mem::replace(&mut self.may_have_joined, true);
        match self.means.bot.add_to_chat(&self.organization, &self.chat, visibility).await {
            Ok(()) => self.presence = Presence::In { is_public },
            Err(Error::Refused { kind, .. }) if is_public && kind == "limit_reached" => {
                self.may_have_joined = before;
                self.is_occupied = true;
            }
            // Nobody knows what adding a present user is answered: read the chat.
            Err(Error::Refused { kind, .. }) => self.join_was_refused(before, &kind).await?,
            Err(error @ (Error::Gone { .. } | Error::NotInChat { .. })) => {
                self.may_have_joined = before;
                self.give_up(error.reason());
            }
            Err(error @ (Error::Unknown { .. } | Error::Unreadable { .. })) => return Err(self.halt(error)),
            Err(error) => {
                self.may_have_joined = before;
                return Err(self.halt(error));
            }
        }
        Ok(())
    }

    async fn join_was_refused(&mut self, joined_before: bool, kind: &str) -> Result<(), Halt> {
        self.may_have_joined = joined_before;
        let Some(chat) = self.read_chat(None).await? else { return Ok(()) };
        match chat.present(self.means.bot.id()) {
            Some(user) => {
                self.presence = Presence::In { is_public: user.visibility.as_deref() != Some("agents") };
                if !joined_before {
                    self.stand(Standing::Guest).await?;
                }
            }
            None => {
                self.presence = Presence::Out;
                self.give_up(kind);
            }
        }
        Ok(())
    }

    async fn say(&mut self) -> Result<(), Halt> {
        self.pass_gate()?;
        let Presence::In { is_public } = self.presence else { return Ok(()) };
        let Some(visit) = self.visits.iter_mut().find(|visit| visit.said == Said::NotYet) else {
            return Ok(());
        };
        if visit.is_public && !is_public && !self.is_occupied && self.may_have_joined {
            // We came to whisper: the next join is public.
            return self.leave().await;
        }
        let visibility = if visit.is_public && is_public { Visibility::All } else { Visibility::Agents };
        let custom_id = custom_id(self.means.own_prefix, visit);
        let message = NewMessage { text: &visit.reply, visibility, custom_id: &custom_id };
        self.has_called = true;
        match self.means.bot.send_event(&self.organization, &self.chat, &message).await {
            Ok(()) => {
                visit.said = Said::Yes;
                self.means.gates.open(&self.organization);
            }
            Err(Error::Gone { kind, .. }) => self.give_up(&kind),
            Err(Error::Refused { kind, .. }) => visit.said = Said::WillNot(kind),
            Err(Error::NotInChat { .. }) if self.rejoins < MAX_REJOINS => {
                self.rejoins += 1;
                self.presence = Presence::Out;
            }
            Err(error) => return Err(self.halt(error)),
        }
        Ok(())
    }

    /// Several waiting visits of a chat share one stay.
    async fn take_more(&mut self) {
        let Some(first) = self.visits.first() else { return };
        match self.means.outbox.claim_more(first, lease(&self.means.settings)).await {
            Ok(more) => {
                self.must_look = more.iter().any(|visit| !visit.is_fresh || visit.check_author.is_some());
                self.visits.extend(more);
            }
            Err(error) => tracing::warn!(%error, "cannot look for more visits of the chat"),
        }
    }

    /// Writes down whose doing it is that the bot is inside, for those visits that say otherwise.
    async fn stand(&mut self, standing: Standing) -> Result<(), Halt> {
        self.standing = Some(standing);
        let differing = self.visits.iter_mut().filter(|visit| visit.standing != Some(standing));
        let changes: Vec<_> = differing
            .map(|visit| {
                visit.standing = Some(standing);
                (visit.id, Change::Stand(standing))
            })
            .collect();
        if changes.is_empty() {
            return Ok(());
        }
        self.means.outbox.change(changes).await.map_err(|error| unwritten(&error))
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

    fn give_up(&mut self, reason: &str) {
        for visit in self.visits.iter_mut().filter(|visit| visit.said == Said::NotYet) {
            visit.said = Said::WillNot(reason.to_owned());
        }
    }

    fn pass_gate(&mut self) -> Result<(), Halt> {
        if let Some(wait) = self.means.gates.closed(&self.organization) {
            return Err(Halt { wait: Some(wait), counts: false, reason: "gate_closed".to_owned() });
        }
        self.has_called = true;
        Ok(())
    }

    fn halt(&self, error: Error) -> Halt {
        use crate::livechat::Advice;
        match error.advice() {
            // The whole organization slows down, or waits until the bot's secret is right again.
            Advice::Refresh | Advice::Later(Some(_)) => self.close_gate(&error),
            Advice::Later(None) if matches!(error, Error::Slow { .. }) => self.close_gate(&error),
            _ => Halt { wait: None, counts: true, reason: error.reason().to_owned() },
        }
    }

    fn close_gate(&self, error: &Error) -> Halt {
        let told = match error {
            Error::Slow { wait, .. } => *wait,
            _ => None,
        };
        let wait = self.means.gates.close(&self.organization, told);
        tracing::warn!(organization.id = %self.organization, reason = error.reason(), wait_ms = wait.as_millis(),
            "the organization's visits wait");
        Halt { wait: Some(wait), counts: false, reason: error.reason().to_owned() }
    }
}

/// How long a claim lasts: two deadlines, so that a stay which is put back in time keeps it.
pub(super) fn lease(settings: &Settings) -> SignedDuration {
    settings.deadline.saturating_mul(2)
}

fn needs_look(visit: &Visit) -> bool {
    !visit.is_fresh || visit.bot_inside != Some(false) || visit.check_author.is_some()
}

/// Made from the visit's key and the step, so that a second attempt finds what the first one said.
fn custom_id(prefix: &str, visit: &Visit) -> String {
    format!("{prefix}{}-1", visit.key)
}

fn unwritten(error: &outbox::Error) -> Halt {
    tracing::warn!(%error, "a visit's progress could not be written down");
    Halt { wait: None, counts: false, reason: "outbox".to_owned() }
}
