//! Failures on request: what the sandbox shall do wrong, how often, and for which call or webhook.
mod fault;
mod store;

pub use fault::{CallEffect, Fault, Times, WebhookEffect};
pub use store::Faults;
