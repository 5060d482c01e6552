//! What the faces, the sender and the desk page share: the world behind its lock, and the ways out of it.
use super::addresses::Addresses;
use super::auth::{Kind, Presented, Requester};
use super::clock;
use super::faults::Faults;
use super::journal::{Face, Journal};
use super::locks::hold;
use super::options::Options;
use super::refusal::{Kind as Error, Refusal};
use super::sender::Sender;
use super::world::{Change, Credentials, World};
use jiff::Timestamp;
use std::sync::{Arc, Mutex};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

/// Changes that a slow subscriber may be behind before it misses some.
const CHANGES: usize = 4_096;

/// One organization of the platform, in memory.
#[derive(Debug)]
pub(crate) struct Shared {
    world: Mutex<World>,
    changes: broadcast::Sender<Arc<Change>>,
    sender: Sender,
    credentials: Arc<Credentials>,
    pub(crate) journal: Journal,
    pub(crate) faults: Faults,
    pub(crate) options: Options,
    pub(crate) addresses: Addresses,
    pub(crate) stop: CancellationToken,
    /// The other organization of the platform; only the first one has it.
    pub(crate) second: Option<Box<Shared>>,
}

impl Shared {
    pub(crate) fn new(
        credentials: Credentials,
        options: Options,
        addresses: Addresses,
        sender: Sender,
        (journal, faults): (Journal, Faults),
        stop: CancellationToken,
    ) -> Self {
        let credentials = Arc::new(credentials);
        let world = World::seeded(Arc::clone(&credentials), &options, clock::now());
        let changes = broadcast::Sender::new(CHANGES);
        Self {
            world: Mutex::new(world),
            changes,
            sender,
            credentials,
            journal,
            faults,
            options,
            addresses,
            stop,
            second: None,
        }
    }

    /// With a second organization beside it: its own world, the same journal, faults and sender.
    pub(crate) fn beside(mut self, credentials: Credentials, addresses: Addresses) -> Self {
        let (options, sender) = (self.options.clone(), self.sender.clone());
        let watched = (self.journal.clone(), self.faults.clone());
        let second = Self::new(credentials, options, addresses, sender, watched, self.stop.clone());
        self.second = Some(Box::new(second));
        self
    }

    /// The organization that gave out the token; the first when none did.
    pub(crate) fn of_token(&self, token: &str) -> &Self {
        let knows = |second: &&Self| hold(&second.world).tokens.find(token, clock::now()).is_some();
        self.second.as_deref().filter(knows).unwrap_or(self)
    }

    /// The same for what a request presents.
    pub(crate) fn of(&self, presented: Option<&Presented>) -> &Self {
        presented.map_or(self, |presented| self.of_token(presented.token()))
    }

    /// The organization with this id.
    pub(crate) fn named(&self, organization_id: &str) -> Option<&Self> {
        let all = [Some(self), self.second.as_deref()];
        all.into_iter().flatten().find(|one| one.addresses.organization_id == organization_id)
    }

    /// Does something in the world and sends the news of it. The lock is held while `act` runs.
    pub(crate) fn act<T>(&self, act: impl FnOnce(&mut World, Timestamp) -> T) -> T {
        let mut world = hold(&self.world);
        let now = clock::now();
        world.begin(now);
        let done = act(&mut world, now);
        let (batches, changes) = world.take_news();
        // Still under the lock, so that deliveries are queued in the order of what happened.
        for batch in batches {
            self.sender.enqueue(batch);
        }
        for change in changes {
            // An error only says that nobody listens.
            drop(self.changes.send(change));
        }
        done
    }

    /// Tells of everything that happens from now on.
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Arc<Change>> {
        self.changes.subscribe()
    }

    /// The world as at the start; tokens and addresses stay, journal and faults are emptied.
    pub(crate) fn reset(&self) {
        let seeded = World::seeded(Arc::clone(&self.credentials), &self.options, clock::now());
        *hold(&self.world) = seeded;
        if let Some(second) = &self.second {
            second.reset();
        }
        self.faults.clear();
        self.journal.clear();
    }

    /// The user behind a credential, if this API takes credentials of that kind.
    pub(crate) fn identify(&self, face: Face, presented: Option<&Presented>) -> Result<Requester, Refusal> {
        let unknown = || Refusal::new(Error::Authentication, "Invalid access token");
        let presented = presented.ok_or_else(unknown)?;
        let world = hold(&self.of(Some(presented)).world);
        let requester =
            world.tokens.find(presented.token(), clock::now()).map(|token| token.requester.clone());
        drop(world);
        let requester = requester.ok_or_else(unknown)?;
        let by_pat = requester.kind == Kind::Agent && requester.client_id.is_none();
        let right_scheme = match presented {
            Presented::Personal { account_id, .. } => {
                by_pat && requester.account_id.as_ref() == Some(account_id)
            }
            Presented::Bearer(_) => !by_pat,
        };
        let right_face = match face {
            Face::Agent => matches!(requester.kind, Kind::Agent | Kind::Bot),
            Face::Configuration | Face::Accounts => requester.kind == Kind::Agent,
            Face::Customer => requester.kind == Kind::Customer,
        };
        if right_scheme && right_face { Ok(requester) } else { Err(unknown()) }
    }
}
