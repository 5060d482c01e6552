//! chimein is a keyword responder for LiveChat: it hears a message, joins the chat, says its line, leaves.
//!
//! The flow goes one way: `intake` hears a push, `rules` decide, `outbox` writes a visit down, the
//! sender gets its 200, and `visit` joins, says and leaves through `livechat`. `sandbox` is a
//! LiveChat on your desk. `serve` and `cli` wire it all; ARCHITECTURE.md says who may import whom.

pub mod accept;
pub mod cli;
pub mod config;
pub mod health;
pub mod intake;
pub mod livechat;
pub mod outbox;
pub mod rules;
pub mod sandbox;
pub mod serve;
pub mod telemetry;
pub mod visit;
