//! Which action is where.
use super::{archives, chats, customers, events, marks, properties, reading, status, users};
use crate::sandbox::faces::action::{Found, Run};

const ACTIONS: &[(&str, Run)] = &[
    ("add_user_to_chat", users::add),
    ("deactivate_chat", chats::deactivate),
    ("delete_chat_properties", properties::delete_of_chat),
    ("delete_event_properties", properties::delete_of_event),
    ("delete_thread_properties", properties::delete_of_thread),
    ("follow_chat", chats::follow),
    ("get_chat", reading::get_chat),
    ("get_customer", customers::get),
    ("list_agents_for_transfer", status::list_for_transfer),
    ("list_archives", archives::list_archives),
    ("list_chats", reading::list_chats),
    ("list_routing_statuses", status::list),
    ("list_threads", reading::list_threads),
    ("mark_events_as_seen", marks::seen),
    ("remove_user_from_chat", users::remove),
    ("resume_chat", chats::resume),
    ("send_event", events::send),
    ("send_rich_message_postback", events::postback),
    ("send_typing_indicator", marks::typing),
    ("set_routing_status", status::set),
    ("start_chat", chats::start),
    ("tag_thread", marks::tag),
    ("transfer_chat", chats::transfer),
    ("unfollow_chat", chats::unfollow),
    ("untag_thread", marks::untag),
    ("update_chat_properties", properties::update_of_chat),
    ("update_customer", customers::update),
    ("update_event_properties", properties::update_of_event),
    ("update_thread_properties", properties::update_of_thread),
];

const NOT_BUILT: &[&str] = &[
    "ban_customer",
    "get_thread_transcript",
    "logout",
    "multicast",
    "request_thread_summary",
    "send_event_preview",
    "send_thinking_indicator",
    "upload_file",
];

/// What is under a name.
pub(in crate::sandbox::faces) fn find(action: &str) -> Found {
    if NOT_BUILT.contains(&action) {
        return Found::NotBuilt;
    }
    ACTIONS.iter().find(|(name, _)| *name == action).map_or(Found::Unknown, |(_, run)| Found::Run(*run))
}
