//! The durable list of visits.
//!
//! What it promises:
//! - `put` answers after the visits are on disk (WAL, `synchronous=FULL`), never before;
//! - a message is admitted once: unique by organization, chat, event and rule, and a message that
//!   was admitted under one rule is not admitted under another when its webhook comes again;
//! - admission (dedupe, the cap of a thread, the visit) is one transaction;
//! - a visit is `waiting`, `held` (somebody works on it until a lease ends), `done` or `buried`;
//! - a held visit whose holder died is claimed again, and says so (`Visit::is_fresh`);
//! - who holds a visit no longer cannot change it, and is told so (each claim has a number).
//!
//! Nothing outside this module knows which store it is. One thread owns the connection and commits
//! what came in meanwhile together (group commit), so that many visits cost one flush. People look
//! ([`View`]) and mend ([`ByHand`]) from beside, in processes of their own.

mod admission;
mod by_hand;
mod claims;
mod clock;
mod errors;
mod records;
mod schema;
mod settings;
mod store;
mod strays;
mod view;
mod writer;

pub use admission::Admission;
pub use by_hand::{BY_HAND, Burial, ByHand, Replay};
pub use claims::Claimed;
pub use clock::Clock;
pub use errors::Error;
pub use records::{Change, Ending, Hold, Key, NewVisit, Record, Said, Standing, State, Visit};
pub use settings::Settings;
pub use store::{Outbox, PRUNE_BATCH};
pub use strays::LastVisit;
pub use view::{Depth, Filter, View};

#[cfg(test)]
pub(crate) mod tests;
