//! Reading a chat in which something was written, and deciding on it.

use super::listing::Seen;
use super::{Sweep, Tally, Trouble};
use crate::intake::door::TOO_OLD;
use crate::livechat::model::Chat;
use crate::livechat::push::Heard;
use crate::livechat::{ChatId, Error, ThreadId};
use crate::outbox::Admission;
use jiff::Timestamp;

/// How many of a chat's threads are read: one usually, more when the customer closed it and came back meanwhile.
const MAX_THREADS: usize = 3;

impl Sweep {
    /// Reads a chat back to the last look and decides on what is there; gives when its newest message was written.
    pub(super) async fn read(&self, seen: &Seen, tally: &mut Tally) -> Result<Option<Timestamp>, Trouble> {
        let chat = ChatId::new(seen.id.clone());
        let since = self.known.get(&seen.id).and_then(|known| known.up_to);
        let (mut newest, mut thread) = (None, None);
        for _ in 0..MAX_THREADS {
            let told = self.call(|| self.bot.chat_as_told(&self.organization, &chat, thread.as_ref())).await;
            let told = match told {
                Ok(told) => told,
                // Closed to us meanwhile: nobody is left to be answered.
                Err(Error::Gone { .. }) => break,
                Err(error) => return Err(error.into()),
            };
            tally.reads += 1;
            let unreadable = || Error::Unreadable { status: 200, path: "(the chat)".to_owned() };
            let heard = Heard::in_chat(told.get()).map_err(|_| unreadable())?;
            newest = newest.max(self.decide(seen, &heard, since, tally).await?);
            let typed: Chat = serde_json::from_str(told.get()).map_err(|_| unreadable())?;
            thread = self.earlier_thread(typed, since);
            if thread.is_none() {
                break;
            }
        }
        Ok(newest)
    }

    /// Decides like every door; messages up to `since` were counted before. One that does not say when it was
    /// written is left alone: it may be older than the outbox remembers.
    async fn decide(
        &self,
        seen: &Seen,
        heard: &Heard<'_>,
        since: Option<Timestamp>,
        tally: &mut Tally,
    ) -> Result<Option<Timestamp>, Trouble> {
        let (mut newest, mut visits, mut too_old) = (None, Vec::new(), Vec::new());
        let rules = self.door.rules.get();
        for message in &heard.messages {
            let written_at = message.written_at();
            if written_at.is_none() {
                continue;
            }
            newest = newest.max(written_at);
            match self.door.speaker(&rules, message) {
                // The visit looks first: it sees an answer of which the outbox may know nothing any more.
                Ok(rule) => visits.push(self.door.unseen_visit(&rules, rule, message)),
                Err(TOO_OLD) if written_at > since => too_old.push(message.event.to_string()),
                Err(_) => {}
            }
        }
        drop(rules);
        if !visits.is_empty() {
            let admissions = self.door.outbox.put(visits, self.door.per_thread).await?;
            tally.answered += admissions.iter().filter(|admission| **admission == Admission::New).count();
        }
        tally.too_old += self.never_admitted(&seen.id, &too_old).await?;
        Ok(newest)
    }

    /// The thread before this one, when it may hold something young that was not looked at: a thread ends
    /// before the next one begins.
    fn earlier_thread(&self, chat: Chat, since: Option<Timestamp>) -> Option<ThreadId> {
        let thread = chat.thread?;
        let began: Timestamp = thread.created_at?.parse().ok()?;
        (Some(began) > since && !self.door.is_too_old(began)).then_some(thread.previous_thread_id)?
    }
}
