//! An account as it is at the start: one organization, two groups, two people, three apps.
use super::people::{Agent, Group, Membership, Status, Tag};
use super::state::World;
use crate::sandbox::addresses::WIDGET_CLIENT_ID;
use crate::sandbox::auth::{ADMINISTRATOR, Kind, Requester, Tokens};
use crate::sandbox::ids;
use crate::sandbox::options::Options;
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The region in front of OAuth tokens.
pub(crate) const REGION: &str = "dal";

/// What stays the same when the world is reset.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    pub(crate) organization_id: String,
    pub(crate) license_id: u64,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    /// The app that human agents use.
    pub(crate) agent_client_id: String,
    pub(crate) account_id: String,
    pub(crate) personal_access_token: String,
    pub(crate) agent_id: String,
    pub(crate) agent_name: &'static str,
    pub(crate) agent_token: String,
}

impl Credentials {
    /// New ones, drawn at random.
    pub(crate) fn draw(agent_id: &str, agent_name: &'static str) -> Self {
        Self {
            organization_id: ids::uuid(),
            license_id: 100_000_000 + fastrand::u64(..10_000_000),
            client_id: ids::hex(),
            client_secret: ids::hex(),
            agent_client_id: ids::hex(),
            account_id: ids::uuid(),
            personal_access_token: ids::access_token(REGION),
            agent_id: agent_id.to_owned(),
            agent_name,
            agent_token: ids::access_token(REGION),
        }
    }
}

impl World {
    /// The world at its start.
    pub(crate) fn seeded(credentials: Arc<Credentials>, options: &Options, now: Timestamp) -> Self {
        let mut tokens = Tokens::default();
        tokens.keep(credentials.agent_token.clone(), agent_requester(&credentials, true));
        tokens.keep(credentials.personal_access_token.clone(), agent_requester(&credentials, false));
        let clients = [&credentials.client_id, &credentials.agent_client_id].map(Clone::clone);
        Self {
            clients: clients.into_iter().chain([WIDGET_CLIENT_ID.to_owned()]).collect(),
            agents: people(&credentials),
            groups: [(0, "General"), (1, "Sales")]
                .into_iter()
                .map(|(id, name)| (id, group(id, name)))
                .collect(),
            tags: ["complaint", "sales", "support"]
                .into_iter()
                .map(|name| (name.to_owned(), tag(name, now)))
                .collect(),
            credentials,
            switches: options.switches,
            bots: BTreeMap::new(),
            templates: BTreeMap::new(),
            customers: HashMap::new(),
            chats: HashMap::new(),
            webhooks: Vec::new(),
            license_switches: BTreeMap::new(),
            propagation_delay: options.propagation_delay,
            tokens,
            clock: now,
            last_stamp: now,
            batches: Vec::new(),
            changes: Vec::new(),
        }
    }
}

fn agent_requester(credentials: &Credentials, by_app: bool) -> Requester {
    Requester {
        id: credentials.agent_id.clone(),
        kind: Kind::Agent,
        account_id: Some(credentials.account_id.clone()),
        client_id: by_app.then(|| credentials.agent_client_id.clone()),
        scopes: ADMINISTRATOR,
    }
}

fn people(credentials: &Credentials) -> BTreeMap<String, Agent> {
    let administrator = Agent {
        id: credentials.agent_id.clone(),
        account_id: credentials.account_id.clone(),
        name: credentials.agent_name.to_owned(),
        role: "administrator",
        job_title: "Support Agent",
        groups: membership(&[0, 1]),
        status: Status::Accepting,
    };
    let oscar = Agent {
        id: "oscar@example.com".to_owned(),
        account_id: ids::uuid(),
        name: "Oscar".to_owned(),
        role: "normal",
        job_title: "Sales Agent",
        groups: membership(&[1]),
        status: Status::Offline,
    };
    [administrator, oscar].into_iter().map(|agent| (agent.id.clone(), agent)).collect()
}

fn membership(groups: &[i64]) -> Membership {
    groups.iter().map(|group| (*group, "normal".to_owned())).collect()
}

fn group(id: i64, name: &str) -> Group {
    Group { id, name: name.to_owned(), language_code: "en".to_owned() }
}

fn tag(name: &str, now: Timestamp) -> Tag {
    Tag { name: name.to_owned(), group_ids: vec![0], author_id: String::new(), created_at: now }
}
