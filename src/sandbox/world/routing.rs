//! Who gets a chat: by priority in its groups, then by the fewest chats.
use super::people::{PRIORITIES, Status};
use super::state::World;

impl World {
    /// Somebody who takes the chat now, of these groups, other than `but`.
    pub(super) fn assignee(&self, groups: &[i64], but: &[String]) -> Option<String> {
        let candidates = self.agents.keys().chain(self.bots.keys()).filter(|id| !but.contains(id));
        candidates
            .filter(|id| self.takes_chats(id))
            .filter_map(|id| {
                let rank = self.rank(id, groups)?;
                Some((rank, self.active_chats(id), id))
            })
            .min()
            .map(|(_, _, id)| id.clone())
    }

    /// Whether somebody accepts chats and has room. People have room always: the desk is never too small.
    pub(super) fn takes_chats(&self, id: &str) -> bool {
        match self.bots.get(id) {
            Some(bot) => {
                let room = usize::try_from(bot.max_chats_count).unwrap_or_default();
                bot.status == Status::Accepting && self.active_chats(id) < room
            }
            None => self.status_of(id) == Some(Status::Accepting),
        }
    }

    /// The best rank of a priority in the groups; supervisors get no chats.
    fn rank(&self, id: &str, groups: &[i64]) -> Option<usize> {
        let ranks = groups.iter().filter_map(|group| self.priority_in(id, *group));
        ranks
            .filter(|name| *name != "supervisor")
            .filter_map(|name| PRIORITIES.iter().position(|p| *p == name))
            .min()
    }

    /// In how many active chats somebody is now.
    pub(crate) fn active_chats(&self, id: &str) -> usize {
        self.chats.values().filter(|chat| chat.active().is_some() && chat.inside(id).is_some()).count()
    }

    /// An agent's or a bot's status.
    pub(crate) fn status_of(&self, id: &str) -> Option<Status> {
        self.agents.get(id).map(|agent| agent.status).or_else(|| self.bots.get(id).map(|bot| bot.status))
    }

    /// A group's status: the best one of its members.
    pub(crate) fn group_status(&self, group: i64) -> Status {
        let ids = self.agents.keys().chain(self.bots.keys());
        let members = ids.filter(|id| self.priority_in(id, group).is_some());
        members.filter_map(|id| self.status_of(id)).fold(Status::Offline, |best, status| {
            match (best, status) {
                (Status::Accepting, _) | (_, Status::Accepting) => Status::Accepting,
                (Status::NotAccepting, _) | (_, Status::NotAccepting) => Status::NotAccepting,
                (Status::Offline, Status::Offline) => Status::Offline,
            }
        })
    }
}
