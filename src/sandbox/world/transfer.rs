//! Transferring a chat to a group or to an agent.
use super::access::{Mode, must_be_active, must_be_inside};
use super::conversation::{Chat, Visibility};
use super::events::SystemMessage;
use super::news::News;
use super::state::World;
use super::views::queue_view;
use crate::sandbox::auth::Requester;
use crate::sandbox::refusal::{Kind as Error, Refusal};
use jiff::Timestamp;
use serde_json::{Value, json};

/// Where a chat shall go.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    /// Somebody else in the groups where it is.
    SameGroups,
    Groups(Vec<i64>),
    Agents(Vec<String>),
}

impl World {
    /// `transfer_chat`.
    pub(crate) fn transfer(
        &mut self,
        by: &Requester,
        chat_id: &str,
        target: &Target,
        ignore: (bool, bool),
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let (ignore_availability, ignore_presence) = ignore;
        let chat = self.reach(by, Mode::Write, chat_id)?;
        self.target_exists(target, chat)?;
        if !ignore_presence {
            must_be_inside(chat, by)?;
        }
        must_be_active(chat)?;
        let leaving: Vec<String> = chat.public_agents().map(|member| member.id.clone()).collect();
        let access = match target {
            Target::Groups(groups) => groups.clone(),
            Target::SameGroups | Target::Agents(_) => chat.access.clone(),
        };
        let assignee = match target {
            Target::Agents(ids) => ids.iter().find(|id| self.takes_chats(id)).cloned(),
            Target::SameGroups | Target::Groups(_) => self.assignee(&access, &leaving),
        };
        if assignee.is_none() && !ignore_availability {
            return Err(Refusal::of(Error::AgentOffline));
        }
        self.hand_over(by, chat_id, &access, &leaving, assignee.as_deref(), now)?;
        self.announce_transfer(by, chat_id, target, assignee.as_deref(), now)
    }

    fn target_exists(&self, target: &Target, chat: &Chat) -> Result<(), Refusal> {
        match target {
            Target::SameGroups => Ok(()),
            Target::Groups(ids) if ids.iter().all(|id| self.groups.contains_key(id)) => Ok(()),
            Target::Groups(_) => Err(Refusal::not_found("Group")),
            Target::Agents(ids) if !ids.iter().all(|id| self.is_agent(id)) => {
                Err(Refusal::not_found("Agent"))
            }
            Target::Agents(ids) if ids.iter().all(|id| self.shares_group(id, &chat.access)) => Ok(()),
            Target::Agents(_) => Err(Refusal::new(Error::MissingAccess, "Agent has no access to the chat")),
        }
    }

    fn hand_over(
        &mut self,
        by: &Requester,
        chat_id: &str,
        access: &[i64],
        leaving: &[String],
        assignee: Option<&str>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let at = self.stamp(now);
        let chat = self.chat_mut(chat_id)?;
        let moved = chat.access != access;
        chat.access = access.to_vec();
        if let Some(thread) = chat.active_mut() {
            thread.access = access.to_vec();
        }
        chat.unqueue();
        for agent in leaving.iter().filter(|agent| Some(agent.as_str()) != assignee) {
            self.unseat(by, chat_id, agent)?;
        }
        match assignee {
            Some(agent) if !leaving.iter().any(|id| id == agent) => {
                self.chat_mut(chat_id)?.seat(agent, false, Visibility::All);
                self.tell_added(by, chat_id, agent)?;
            }
            Some(_) => {}
            None => self.chat_mut(chat_id)?.queue(at),
        }
        if moved {
            let payload = json!({"id": chat_id, "access": {"group_ids": access}});
            self.tell(News::of_chat("chat_access_updated", chat_id, by, payload));
        }
        Ok(())
    }

    fn announce_transfer(
        &mut self,
        by: &Requester,
        chat_id: &str,
        target: &Target,
        assignee: Option<&str>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let chat = self.chat_mut(chat_id)?;
        let thread = chat.active();
        let agents: Vec<&str> = assignee.into_iter().collect();
        let mut payload = json!({
            "chat_id": chat_id,
            "requester_id": by.id,
            "reason": "manual",
            "transferred_to": {"group_ids": chat.access, "agent_ids": agents},
        });
        if let (Some(thread), Some(fields)) = (thread, payload.as_object_mut()) {
            fields.insert("thread_id".to_owned(), json!(thread.id));
            if let Some(since) = thread.queued_at {
                fields.insert("queue".to_owned(), queue_view(since));
            }
        }
        self.tell(News::of_chat("chat_transferred", chat_id, by, payload));
        let initiator = self.name_of(&by.id);
        let targets = self.target_names(target, assignee);
        let message = SystemMessage {
            kind: "chat_transferred",
            text: format!("{initiator} transferred the chat to {targets}"),
            vars: json!({"initiator": initiator, "targets": Value::from(targets)}),
            visibility: Visibility::All,
        };
        self.system_message(by, chat_id, message, now)
    }

    fn target_names(&self, target: &Target, assignee: Option<&str>) -> String {
        match target {
            Target::Groups(groups) => {
                let names =
                    groups.iter().filter_map(|id| self.groups.get(id)).map(|group| group.name.as_str());
                names.collect::<Vec<_>>().join(", ")
            }
            Target::SameGroups | Target::Agents(_) => {
                assignee.map_or_else(|| "the queue".to_owned(), |id| self.name_of(id))
            }
        }
    }
}
