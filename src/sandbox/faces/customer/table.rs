//! Which action is where.
use super::{chats, events, profile};
use crate::sandbox::faces::action::{Found, Run};

const ACTIONS: &[(&str, Run)] = &[
    ("deactivate_chat", chats::deactivate),
    ("get_chat", chats::get),
    ("get_customer", profile::get),
    ("list_chats", chats::list),
    ("list_threads", chats::list_threads),
    ("mark_events_as_seen", events::seen),
    ("resume_chat", chats::resume),
    ("send_event", events::send),
    ("send_rich_message_postback", events::postback),
    ("send_sneak_peek", events::sneak_peek),
    ("start_chat", chats::start),
    ("update_customer", profile::update),
];

const NOT_BUILT: &[&str] = &[
    "delete_event",
    "get_configuration",
    "get_dynamic_configuration",
    "get_localization",
    "list_group_properties",
    "list_license_properties",
    "set_customer_session_fields",
    "upload_file",
];

/// What is under a name.
pub(in crate::sandbox::faces) fn find(action: &str) -> Found {
    if NOT_BUILT.contains(&action) {
        return Found::NotBuilt;
    }
    ACTIONS.iter().find(|(name, _)| *name == action).map_or(Found::Unknown, |(_, run)| Found::Run(*run))
}
