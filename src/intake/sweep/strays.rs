//! A bot that is in a chat in which it has nothing to do: a guest, or left behind by a visit of ours.
//!
//! A visit ends only when the platform said that the bot is out; a join whose answer was lost can take effect after
//! that. The bot counts as left behind when the chat's last visit was the one that brought it into this
//! thread and the thread does not say that somebody else did. Then a visit that only leaves is put into the outbox,
//! because visits of a chat come one at a time: a call from here could meet one that has just joined.

use super::listing::Seen;
use super::{Sweep, Tally, Trouble};
use crate::livechat::model::{Chat, Event, User};
use crate::livechat::{ChatId, Error};
use crate::outbox::{LastVisit, Standing};
use jiff::Timestamp;

/// System messages that name who came or went by their own doing.
const OWN_DOING: [&str; 2] = ["agent_joined", "agent_left"];

impl Sweep {
    /// Sees to it that a bot that was left behind leaves; asks the chat at most once after each visit.
    pub(super) async fn take_out_the_stray(
        &mut self,
        seen: &Seen,
        began: Timestamp,
        tally: &mut Tally,
    ) -> Result<(), Trouble> {
        let organization = self.door.organization.as_str();
        // What ended after the list was asked for may still be inside in the list.
        let last = self.door.outbox.last_visit(organization, &seen.id, began.as_millisecond()).await?;
        let Some(last) = last.filter(|last| last.standing == Standing::Ours) else { return Ok(()) };
        if self.known.get(&seen.id).is_some_and(|known| known.guest_after == Some(last.id)) {
            return Ok(());
        }
        let id = ChatId::new(seen.id.clone());
        let chat = match self.call(|| self.bot.chat(&self.organization, &id, None)).await {
            Ok(chat) => chat,
            Err(Error::Gone { .. }) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        tally.reads += 1;
        let Some(user) = chat.present(self.bot.id()) else { return Ok(()) };
        if !is_our_doing(&chat, user, &last) {
            self.known.entry(seen.id.clone()).or_default().guest_after = Some(last.id);
            return Ok(());
        }
        if self.door.outbox.put_leave(&last).await? {
            tally.left_behind += 1;
            tracing::warn!(chat.id = seen.id, "the bot was left behind in a chat; it is taken out");
        }
        Ok(())
    }
}

/// Whether it was our visit that put the bot where it is, as far as the thread tells.
fn is_our_doing(chat: &Chat, bot: &User, last: &LastVisit) -> bool {
    let Some(thread) = &chat.thread else { return false };
    let is_same = last.thread.is_empty() || thread.id.as_str() == last.thread;
    let mut about = thread.events.iter().rev().filter(|event| is_about(event, bot));
    let kind = about.next().and_then(|event| event.system_message_type.as_deref());
    is_same && kind.is_none_or(|kind| OWN_DOING.contains(&kind))
}

/// System messages know people by their names only.
fn is_about(event: &Event, user: &User) -> bool {
    let name = user.name.as_deref().unwrap_or_default();
    let texts = event.text_vars.as_ref().and_then(|vars| vars.as_object());
    let is_named = |text: &str| !name.is_empty() && text.contains(name);
    texts.is_some_and(|texts| texts.values().any(|text| text.as_str().is_some_and(is_named)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const BOT: &str = "5c9871d5372c824cbf22d860a707a578";

    fn judged(kinds: &[(&str, &str)]) -> bool {
        let event = |(kind, name): &(&str, &str)| json!({ "type": "system_message", "system_message_type": kind, "text_vars": { "agent": name } });
        let events: Vec<_> = kinds.iter().map(event).collect();
        let user = json!({ "id": BOT, "type": "agent", "name": "Pizza Bot", "present": true });
        let chat = json!({ "id": "C", "users": [user], "thread": { "id": "T", "events": events } });
        let chat: Chat = serde_json::from_value(chat).unwrap();
        let last = LastVisit { id: 1, thread: "T".to_owned(), standing: Standing::Ours };
        let elsewhere = LastVisit { thread: "S".to_owned(), ..last.clone() };
        assert!(!is_our_doing(&chat, &chat.users[0], &elsewhere), "what brought it into another thread");
        is_our_doing(&chat, &chat.users[0], &last)
    }

    #[test]
    fn the_last_system_message_about_the_bot_tells_who_put_it_there() {
        let (joined, added) = (("agent_joined", "Pizza Bot"), ("agent_added", "Pizza Bot"));
        assert!(judged(&[]));
        assert!(judged(&[joined]));
        assert!(judged(&[added, ("agent_left", "Pizza Bot"), joined]));
        assert!(judged(&[joined, ("agent_added", "Smith")]), "about somebody else");
        for guest in ["agent_added", "chat_transferred", "routing.assigned_other"] {
            assert!(!judged(&[joined, ("agent_left", "Pizza Bot"), (guest, "Pizza Bot")]), "{guest}");
        }
    }
}
