//! The chats in which the bot may be by our doing, and since when.

use crate::livechat::{ChatId, OrganizationId};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Who is inside, and since when. It has an entry only for chats with an open visit, so it needs no limit of its own.
#[derive(Default)]
pub(super) struct Inside {
    since: Mutex<HashMap<(OrganizationId, ChatId), Instant>>,
}

impl Inside {
    /// From now on the bot may be in the chat, unless it was before.
    pub(super) fn enter(&self, organization: &OrganizationId, chat: &ChatId) {
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        since.entry((organization.clone(), chat.clone())).or_insert_with(Instant::now);
    }

    /// The bot is not in the chat, or not by our doing.
    pub(super) fn leave(&self, organization: &OrganizationId, chat: &ChatId) {
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        since.remove(&(organization.clone(), chat.clone()));
    }

    /// In how many chats it is for longer than this.
    pub(super) fn longer_than(&self, time: Duration) -> usize {
        let since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        since.values().filter(|since| since.elapsed() > time).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_chat_is_counted_from_the_first_time_until_the_bot_is_out() {
        let (inside, organization) = (Inside::default(), OrganizationId::new("o"));
        let (one, other) = (ChatId::new("1"), ChatId::new("2"));
        let limit = Duration::from_secs(30);
        inside.enter(&organization, &one);
        tokio::time::advance(Duration::from_secs(20)).await;
        inside.enter(&organization, &one);
        inside.enter(&organization, &other);
        assert_eq!(inside.longer_than(limit), 0);
        tokio::time::advance(Duration::from_secs(20)).await;
        assert_eq!(inside.longer_than(limit), 1);
        inside.leave(&organization, &one);
        assert_eq!(inside.longer_than(limit), 0);
    }
}
