//! The list of active chats: which of them hold something that was not looked at.

use super::{Sweep, Tally, Trouble};
use crate::intake::door::TOO_OLD;
use crate::livechat::agent::MAX_PAGE;
use crate::livechat::model::ChatsPage;
use crate::livechat::push::Listed;
use jiff::Timestamp;

/// An active chat, as the list shows it.
pub(super) struct Seen {
    pub(super) id: String,
    /// Differs when something was written since.
    pub(super) mark: String,
    /// When the newest of it was written, where the list says so.
    pub(super) written_at: Option<Timestamp>,
    pub(super) is_bot_inside: bool,
    pub(super) news: News,
}

/// What a chat holds that was not looked at.
pub(super) enum News {
    /// Nothing.
    Nothing,
    /// Nothing young enough to be answered; with the newest messages that a rule would have answered.
    TooOld(Vec<String>),
    /// Something: the chat must be read.
    Young,
}

impl Sweep {
    /// Reads the list to its end, or to `max_chats`; what was read before a failure counts.
    pub(super) async fn list(&self, tally: &mut Tally) -> (Vec<Seen>, Result<(), Trouble>) {
        let mut seen = Vec::new();
        let mut page_id = None;
        let pages = self.settings.max_chats.div_ceil(MAX_PAGE as usize);
        for _ in 0..pages {
            let page = self.call(|| self.bot.active_chats(&self.organization, page_id.as_deref())).await;
            let ChatsPage { chats_summary, next_page_id } = match page {
                Ok(page) => page,
                Err(error) => return (seen, Err(error.into())),
            };
            let room = self.settings.max_chats - seen.len();
            let is_all = next_page_id.is_none() && chats_summary.len() <= room;
            for chat in chats_summary.iter().take(room) {
                tally.chats += 1;
                match Listed::parse(chat.get()) {
                    Ok(listed) if !listed.chat().is_empty() => seen.push(self.see(listed)),
                    Ok(_) | Err(_) => tally.unread += 1,
                }
            }
            if is_all {
                return (seen, Ok(()));
            }
            page_id = next_page_id;
            if page_id.is_none() {
                break;
            }
        }
        tracing::warn!(
            organization.id = %self.organization, max_chats = self.settings.max_chats,
            "there are more active chats than sweep.max_chats: those that began earliest are not swept"
        );
        (seen, Ok(()))
    }

    fn see(&self, listed: Listed<'_>) -> Seen {
        let (id, mark, written_at) = (listed.chat().to_owned(), listed.mark(), listed.written_at());
        let is_bot_inside = listed.is_present(&self.door.bot);
        let known = self.known.get(&id);
        let news = if mark.is_empty() || known.is_some_and(|known| known.mark == mark) {
            News::Nothing
        } else if written_at.is_some_and(|written_at| self.door.is_too_old(written_at)) {
            News::TooOld(self.missed(listed, known.and_then(|known| known.up_to)))
        } else {
            News::Young
        };
        Seen { id, mark, written_at, is_bot_inside, news }
    }

    /// The newest messages, where they came too late for the rule that fits.
    fn missed(&self, listed: Listed<'_>, since: Option<Timestamp>) -> Vec<String> {
        let (heard, rules) = (listed.heard(), self.door.rules.get());
        let newer = heard.messages.iter().filter(|message| message.written_at() > since);
        let missed = newer.filter(|message| self.door.speaker(&rules, message).err() == Some(TOO_OLD));
        missed.map(|message| message.event.to_string()).collect()
    }
}
