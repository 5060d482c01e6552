//! Agent Chat Web API.
mod archives;
mod chats;
mod customers;
mod events;
mod marks;
mod properties;
mod reading;
mod status;
mod table;
mod users;

pub(super) use chats::{opening, resumed, started};
pub(super) use customers::profile;
pub(super) use reading::age;
pub(super) use table::find;
