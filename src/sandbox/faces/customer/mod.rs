//! Customer Chat API.
mod chats;
mod events;
mod profile;
mod table;

pub(super) use table::find;
