//! What the doors count: webhooks by action and outcome, messages by why nobody spoke.

use super::door::Answer;
use crate::telemetry::Grid;
use crate::telemetry::metrics::{DECISIONS, OTHER, WEBHOOKS};

/// The documented actions, those that tell of messages first.
const ACTIONS: [&str; 39] = [
    "incoming_event",
    "incoming_chat",
    "agent_approved",
    "agent_created",
    "agent_deleted",
    "agent_suspended",
    "agent_unsuspended",
    "agent_updated",
    "auto_accesses_updated",
    "bot_created",
    "bot_deleted",
    "bot_updated",
    "chat_access_updated",
    "chat_deactivated",
    "chat_properties_deleted",
    "chat_properties_updated",
    "chat_transferred",
    "customer_session_fields_updated",
    "event_deleted",
    "event_properties_deleted",
    "event_properties_updated",
    "event_updated",
    "events_marked_as_seen",
    "group_created",
    "group_deleted",
    "group_updated",
    "incoming_rich_message_postback",
    "routing_status_set",
    "tag_created",
    "tag_deleted",
    "tag_updated",
    "thread_properties_deleted",
    "thread_properties_updated",
    "thread_summary_set",
    "thread_tagged",
    "thread_untagged",
    "user_added_to_chat",
    "user_removed_from_chat",
    OTHER,
];

/// `Answer`s in the order of `place`, then what is refused before the body is looked at.
const OUTCOMES: [&str; 10] = [
    "accepted",
    "ignored",
    "duplicate",
    "silent",
    "not_a_webhook",
    "wrong_secret",
    "not_written",
    "not_json",
    "too_large",
    "broken_body",
];

/// Why nobody spoke, where no rule was found. The last one stands for what is new.
const SILENCES: [&str; 8] =
    ["no_rule_fits", "not_theirs", "hours", "by_bot", "empty", "own_words", "too_long", OTHER];

static HEARD: Grid<39, 10> = Grid::new(WEBHOOKS, ("action", "outcome"), ACTIONS, OUTCOMES);
static SILENT: Grid<1, 8> = Grid::new(DECISIONS, ("rule", "outcome"), [""], SILENCES);

/// Shows what is usual from the start.
pub(super) fn show() {
    HEARD.show(0..2);
    SILENT.show(0..1);
}

/// Where an action is counted.
pub(super) fn row(action: &str) -> usize {
    HEARD.row(action)
}

/// A webhook was answered; `row` is its action's.
pub(super) fn answered(row: usize, answer: Answer) {
    HEARD.count(row, place(answer));
}

/// A body was refused before it was looked at, for this reason.
pub(super) fn refused(outcome: &str) {
    HEARD.count(ACTIONS.len() - 1, HEARD.column(outcome));
}

/// No rule was found for a message.
pub(super) fn silent(reason: &str) {
    SILENT.count(0, SILENT.column(reason));
}

fn place(answer: Answer) -> usize {
    match answer {
        Answer::Accepted => 0,
        Answer::Ignored => 1,
        Answer::Duplicate => 2,
        Answer::Silent => 3,
        Answer::NotAWebhook => 4,
        Answer::WrongSecret => 5,
        Answer::NotWritten => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_under_their_names() {
        for (answer, name) in [
            (Answer::Accepted, "accepted"),
            (Answer::Ignored, "ignored"),
            (Answer::Duplicate, "duplicate"),
            (Answer::Silent, "silent"),
            (Answer::NotAWebhook, "not_a_webhook"),
            (Answer::WrongSecret, "wrong_secret"),
            (Answer::NotWritten, "not_written"),
        ] {
            assert_eq!(HEARD.column(name), place(answer));
        }
        for refusal in ["not_json", "too_large", "broken_body"] {
            assert_eq!(OUTCOMES[HEARD.column(refusal)], refusal);
        }
    }
}
