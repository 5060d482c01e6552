//! Delivers webhooks as the platform does: one POST each, 200 counts, a few repetitions, every try in the journal.
//!
//! It never leaves this machine. Deliveries of a chat keep their order as long as the receiver answers;
//! different chats, and different webhooks of one piece of news, go at the same time.
mod courier;
mod lanes;
mod target;

pub(crate) use lanes::Sender;
