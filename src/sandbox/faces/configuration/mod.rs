//! Configuration API.
mod agents;
mod batch;
mod bots;
mod groups;
mod table;
mod tags;
mod templates;
mod webhooks;

pub(super) use table::find;
