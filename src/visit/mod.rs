//! Visits: the bot's one stay in one chat, join, act, leave.
//!
//! Promises: a reply is visible once (after any doubt the thread is read before anything is said
//! again); leave is tried once a join may have happened, until the platform says that we are out;
//! one visit at a time in a chat, many chats at once; what cannot be done now is put back with its
//! progress, never lost.

mod brake;
mod course;
mod inside;
mod settings;
mod stay;
mod worker;

pub use settings::Settings;
pub use worker::Worker;

#[cfg(test)]
mod tests;
