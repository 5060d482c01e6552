//! The state of the account, and the small questions that all laws ask of it.
use super::conversation::{Chat, Thread};
use super::lag::Lagging;
use super::news::{Batch, Change};
use super::people::{Agent, Bot, Customer, Group, Tag};
use super::seed::Credentials;
use super::webhooks::Webhook;
use crate::sandbox::auth::Tokens;
use crate::sandbox::options::Switches;
use crate::sandbox::refusal::Refusal;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

/// One organization with everything in it.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) credentials: Arc<Credentials>,
    pub(crate) switches: Switches,
    /// The apps that exist.
    pub(crate) clients: BTreeSet<String>,
    pub(crate) agents: BTreeMap<String, Agent>,
    pub(crate) bots: BTreeMap<String, Bot>,
    pub(crate) templates: BTreeMap<String, Bot>,
    pub(crate) customers: HashMap<String, Customer>,
    pub(crate) groups: BTreeMap<i64, Group>,
    pub(crate) tags: BTreeMap<String, Tag>,
    pub(crate) chats: HashMap<String, Chat>,
    pub(crate) webhooks: Vec<Webhook>,
    /// Whether license webhooks are on, for each app whose switch was ever touched.
    pub(super) license_switches: BTreeMap<String, Lagging<bool>>,
    pub(super) propagation_delay: Duration,
    pub(crate) tokens: Tokens,
    /// When the call came that is at work; what is told is judged by it.
    pub(super) clock: Timestamp,
    pub(super) last_stamp: Timestamp,
    pub(super) batches: Vec<Batch>,
    pub(super) changes: Vec<Arc<Change>>,
}

impl World {
    /// A call begins.
    pub(crate) fn begin(&mut self, now: Timestamp) {
        // A clock that is set back must not undo what has taken effect.
        self.clock = self.clock.max(now);
    }

    /// When a change that is made now begins to govern deliveries.
    pub(crate) fn effective_from(&self) -> Timestamp {
        self.clock.saturating_add(self.propagation_delay).unwrap_or(Timestamp::MAX)
    }

    /// The next point in time: `now`, but later than every one given before.
    pub(crate) fn stamp(&mut self, now: Timestamp) -> Timestamp {
        let next = self.last_stamp.saturating_add(SignedDuration::from_micros(1)).unwrap_or(self.last_stamp);
        self.last_stamp = now.max(next);
        self.last_stamp
    }

    /// The display name of any user.
    pub(crate) fn name_of(&self, id: &str) -> String {
        let agent = self.agents.get(id).map(|agent| agent.name.clone());
        let bot = || self.bots.get(id).map(|bot| bot.name.clone());
        let customer =
            || self.customers.get(id).map(|c| c.name.clone().unwrap_or_else(|| "Customer".to_owned()));
        agent.or_else(bot).or_else(customer).unwrap_or_else(|| id.to_owned())
    }

    /// A chat that must be there because it was looked up before.
    pub(crate) fn chat_mut(&mut self, chat_id: &str) -> Result<&mut Chat, Refusal> {
        self.chats.get_mut(chat_id).ok_or_else(|| Refusal::not_found("Chat"))
    }

    /// A thread of a chat.
    pub(crate) fn thread_mut(&mut self, chat_id: &str, thread_id: &str) -> Result<&mut Thread, Refusal> {
        let mut threads = self.chat_mut(chat_id)?.threads.iter_mut();
        threads.find(|thread| thread.id == thread_id).ok_or_else(|| Refusal::not_found("Thread"))
    }

    /// Whether the id is an agent's or a bot's.
    pub(crate) fn is_agent(&self, id: &str) -> bool {
        self.agents.contains_key(id) || self.bots.contains_key(id)
    }

    /// What has to be delivered and what has changed since the last time.
    pub(crate) fn take_news(&mut self) -> (Vec<Batch>, Vec<Arc<Change>>) {
        (std::mem::take(&mut self.batches), std::mem::take(&mut self.changes))
    }
}
