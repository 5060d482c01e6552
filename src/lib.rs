//! chimein: hears a message, joins the chat, says its line, leaves.
pub mod cli;
pub mod intake;
pub mod livechat;
pub mod outbox;
pub mod rules;
pub mod sandbox;
pub mod visit;
