//! Behaviour, through the front door: the real binary serves, the sandbox plays LiveChat, everything
//! goes over HTTP, and every test ends with `Bench::finish`, which asserts the silence.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod bench;

mod account;
mod bodies;
mod clients;
mod crashes;
mod disk;
mod doors;
mod faults;
mod load;
mod loops;
mod metrics;
mod outages;
mod outbox;
mod platform;
mod reload;
mod stops;
mod storms;
mod sweep;
mod visits;
mod webhooks;
