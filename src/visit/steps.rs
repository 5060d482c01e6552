//! The steps that call the platform: look, join, say, leave; what each answer means.

use super::progress::Presence;
use super::stay::{Halt, Stay, custom_id};
use crate::livechat::agent::NewMessage;
use crate::livechat::model::{Chat, Visibility};
use crate::livechat::{Error, ThreadId, UserId};
use crate::outbox::{Said, Standing};
use crate::telemetry::metrics;
use std::time::Duration;

/// How often a send that meets "not in the chat" joins again (reference, 12.3: a join may lag).
const MAX_REJOINS: u32 = 2;

impl Stay<'_> {
    /// Leaves, whatever else is unfinished.
    pub(super) async fn leave(&mut self) -> Result<(), Halt> {
        self.pass_gate().await?;
        let result = self.means.bot.remove_from_chat(&self.organization, &self.chat).await;
        match self.means.gates.heard(&self.organization, result) {
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

    pub(super) async fn look(&mut self) -> Result<(), Halt> {
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
        // A public join could take the chat out of the queue, and it would lose its place when the bot leaves.
        if self.presence != (Presence::In { is_public: true })
            && (chat.waits_for_an_agent() || self.is_hidden_guest())
        {
            self.keep_from_the_customer();
        }
        if !chat.is_active() {
            self.give_up("chat_inactive");
        }
        self.check_authors(&chat);
        Ok(())
    }

    /// Whether the bot was put into the chat for agents only, by somebody else: then it speaks to them only.
    fn is_hidden_guest(&self) -> bool {
        !self.may_have_joined && self.presence == Presence::In { is_public: false }
    }

    /// Reads the chat; `None` when it is gone, and then nothing will be said.
    async fn read_chat(&mut self, thread: Option<&ThreadId>) -> Result<Option<Chat>, Halt> {
        self.pass_gate().await?;
        let result = self.means.bot.chat(&self.organization, &self.chat, thread).await;
        match self.means.gates.heard(&self.organization, result) {
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

    pub(super) async fn join(&mut self) -> Result<(), Halt> {
        // On disk before the call: after a crash we must know that leaving is up to us.
        self.stand(Standing::Ours).await?;
        self.pass_gate().await?;
        let wants_public = self.visits.iter().any(|visit| visit.is_public && visit.said == Said::NotYet);
        let is_public = wants_public && !self.is_occupied;
        let visibility = if is_public { Visibility::All } else { Visibility::Agents };
        let before = std::mem::replace(&mut self.may_have_joined, true);
        self.means.inside.enter(&self.organization, &self.chat);
        // Until the answer is there, the bot may be inside.
        self.presence = Presence::Unknown;
        let result = self.means.bot.add_to_chat(&self.organization, &self.chat, visibility).await;
        match self.means.gates.heard(&self.organization, result) {
            Ok(()) => self.presence = Presence::In { is_public },
            Err(Error::Refused { kind, .. }) if is_public && kind == "limit_reached" => {
                self.did_not_join(before);
                self.keep_from_the_customer();
            }
            // Nobody knows what adding a present user is answered: read the chat.
            Err(Error::Refused { kind, .. }) => self.join_was_refused(before, &kind).await?,
            Err(error @ (Error::Gone { .. } | Error::NotInChat { .. })) => {
                self.did_not_join(before);
                self.give_up(error.reason());
            }
            Err(error @ (Error::Unknown { .. } | Error::Unreadable { .. })) => return Err(self.halt(error)),
            Err(error) => {
                self.did_not_join(before);
                return Err(self.halt(error));
            }
        }
        Ok(())
    }

    fn did_not_join(&mut self, joined_before: bool) {
        self.may_have_joined = joined_before;
        self.presence = Presence::Out;
    }

    async fn join_was_refused(&mut self, joined_before: bool, kind: &str) -> Result<(), Halt> {
        self.did_not_join(joined_before);
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

    pub(super) async fn say(&mut self) -> Result<(), Halt> {
        self.pass_gate().await?;
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
        let result = self.means.bot.send_event(&self.organization, &self.chat, &message).await;
        match self.means.gates.heard(&self.organization, result) {
            Ok(()) => {
                visit.said = Said::Yes;
                let now = self.means.outbox.clock().now().as_millisecond();
                metrics::replied(Duration::from_millis(
                    now.saturating_sub(visit.admitted_ms).max(0).unsigned_abs(),
                ));
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
}
