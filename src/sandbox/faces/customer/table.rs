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
    "accept_greeting",
    "cancel_greeting",
    "check_goals",
    "delete_chat_properties",
    "delete_event",
    "delete_event_properties",
    "delete_thread_properties",
    "get_configuration",
    "get_dynamic_configuration",
    "get_form",
    "get_localization",
    "get_predicted_agent",
    "get_url_info",
    "list_group_properties",
    "list_group_statuses",
    "list_license_properties",
    "request_email_verification",
    "request_welcome_message",
    "set_customer_session_fields",
    "update_chat_properties",
    "update_event_properties",
    "update_thread_properties",
    "upload_file",
];

/// What is under a name.
pub(in crate::sandbox::faces) fn find(action: &str) -> Found {
    if NOT_BUILT.contains(&action) {
        return Found::NotBuilt;
    }
    ACTIONS.iter().find(|(name, _)| *name == action).map_or(Found::Unknown, |(_, run)| Found::Run(*run))
}
