//! The 38 actions that webhooks can be registered for, with their filters and additional data.

/// What one action of a webhook accepts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told {
    pub(crate) action: &'static str,
    pub(crate) filters: &'static [&'static str],
    pub(crate) additional_data: &'static [&'static str],
}

const EVENT: &[&str] = &["chat_presence", "author_type", "only_my_chats", "source_type"];
const CHAT: &[&str] = &["chat_presence", "only_my_chats", "source_type"];
const SESSION: &[&str] = &["chat_presence", "source_type"];
const STATUS: &[&str] = &["agent_ids", "source_type"];
const ACCOUNT: &[&str] = &["source_type"];
const CHAT_DATA: &[&str] = &["chat_properties", "chat_presence_user_ids"];

const EVENT_ACTIONS: [&str; 2] = ["incoming_event", "event_updated"];
const CHAT_ACTIONS: [&str; 18] = [
    "incoming_chat",
    "chat_deactivated",
    "chat_access_updated",
    "chat_transferred",
    "user_added_to_chat",
    "user_removed_from_chat",
    "event_deleted",
    "incoming_rich_message_postback",
    "chat_properties_updated",
    "chat_properties_deleted",
    "thread_properties_updated",
    "thread_properties_deleted",
    "event_properties_updated",
    "event_properties_deleted",
    "thread_tagged",
    "thread_untagged",
    "events_marked_as_seen",
    "thread_summary_set",
];
const ACCOUNT_ACTIONS: [&str; 16] = [
    "group_created",
    "group_updated",
    "group_deleted",
    "agent_created",
    "agent_updated",
    "agent_deleted",
    "agent_suspended",
    "agent_unsuspended",
    "agent_approved",
    "bot_created",
    "bot_updated",
    "bot_deleted",
    "auto_accesses_updated",
    "tag_created",
    "tag_deleted",
    "tag_updated",
];

/// All actions.
pub(crate) fn catalogue() -> impl Iterator<Item = Told> {
    let told = |filters, additional_data| move |action| Told { action, filters, additional_data };
    EVENT_ACTIONS
        .into_iter()
        .map(told(EVENT, CHAT_DATA))
        .chain(CHAT_ACTIONS.into_iter().map(told(CHAT, CHAT_DATA)))
        .chain(std::iter::once("customer_session_fields_updated").map(told(SESSION, CHAT_DATA)))
        .chain(std::iter::once("routing_status_set").map(told(STATUS, &[])))
        .chain(ACCOUNT_ACTIONS.into_iter().map(told(ACCOUNT, &[])))
}

/// One action, if it exists.
pub(crate) fn told(action: &str) -> Option<Told> {
    catalogue().find(|told| told.action == action)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_catalogue_has_every_documented_action_once() {
        let names: std::collections::BTreeSet<_> = super::catalogue().map(|told| told.action).collect();
        assert_eq!((names.len(), super::catalogue().count()), (38, 38));
    }
}
