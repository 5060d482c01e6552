//! What a stay does next: pure, from what is known.

use crate::livechat::errors;
use crate::outbox::BY_HAND;

/// Where the bot is, as far as we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    /// In the chat or not: the chat must be read before anything is said. So it is too when an
    /// earlier attempt may have said it already.
    Unknown,
    /// Not in the chat.
    Out,
    /// In the chat; `is_public` when the customer sees it.
    In {
        /// Whether it may say what the customer sees.
        is_public: bool,
    },
}

/// What is known of a stay.
#[derive(Debug, Clone, Copy)]
pub(super) struct View {
    /// Where the bot is.
    pub(super) presence: Presence,
    /// Whether something is still to be said.
    pub(super) is_unsaid: bool,
    /// Whether a join of ours may have happened.
    pub(super) may_have_joined: bool,
}

/// The next step of a stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Read the chat and its thread.
    Look,
    /// Join.
    Join,
    /// Say the next of what is unsaid.
    Say,
    /// Leave.
    Leave,
    /// Nothing is left to do.
    End,
}

/// The next step.
pub(super) fn next_step(view: View) -> Step {
    match (view.is_unsaid, view.presence) {
        (true, Presence::Unknown) => Step::Look,
        (true, Presence::Out) => Step::Join,
        (true, Presence::In { .. }) => Step::Say,
        (false, Presence::Out) => Step::End,
        (false, _) if view.may_have_joined => Step::Leave,
        (false, _) => Step::End,
    }
}

/// Reasons not to speak that are normal life: the visit is done. All others are buried.
const NORMAL: &[&str] = &[
    "authorization",
    "chat_anonymized",
    "chat_inactive",
    "group_not_found",
    "left_behind",
    "license_expired",
    "license_not_found",
    "missing_access",
    "not_by_customer",
    "not_found",
    "occupied",
    "too_old",
];

/// Whether a reason not to speak is normal life.
pub(super) fn is_normal(reason: &str) -> bool {
    NORMAL.contains(&reason)
}

/// How an outcome is counted: a list that does not grow.
pub(in super::super) fn outcome_label(outcome: &str) -> &'static str {
    match outcome {
        "said" => "said",
        "too_old" => "too_old",
        "not_by_customer" => "not_by_customer",
        "occupied" => "occupied",
        "unfinished" => "unfinished",
        "left_behind" => "left_behind",
        _ if outcome.starts_with("gave_up_after_") => "gave_up",
        _ if outcome.starts_with(BY_HAND) => BY_HAND,
        _ => errors::label(outcome),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IN: Presence = Presence::In { is_public: false };

    #[test]
    fn the_steps_of_a_stay() {
        // presence, unsaid, may have joined → step
        for (presence, is_unsaid, may_have_joined, step) in [
            (Presence::Out, true, false, Step::Join),
            (IN, true, true, Step::Say),
            (IN, false, true, Step::Leave),
            (Presence::Out, false, true, Step::End),
            // After a crash: look, then go on where it stood.
            (Presence::Unknown, true, true, Step::Look),
            (Presence::Unknown, false, true, Step::Leave),
            // A guest stays.
            (IN, true, false, Step::Say),
            (IN, false, false, Step::End),
            (Presence::Unknown, false, false, Step::End),
        ] {
            let view = View { presence, is_unsaid, may_have_joined };
            assert_eq!(next_step(view), step, "{view:?}");
        }
    }

    #[test]
    fn outcomes_are_counted_by_names_from_a_list() {
        for (outcome, label) in [
            ("said", "said"),
            ("chat_inactive", "chat_inactive"),
            ("gave_up_after_unknown_outcome", "gave_up"),
            ("by_hand: a duplicate of another", "by_hand"),
            ("surely_new", "other"),
        ] {
            assert_eq!(outcome_label(outcome), label);
        }
        for reason in NORMAL {
            assert_eq!(outcome_label(reason), *reason);
        }
    }

    #[test]
    fn nothing_is_said_before_a_needed_look_and_no_stay_ends_inside() {
        for presence in [Presence::Unknown, Presence::Out, IN] {
            for bits in 0..4u8 {
                let (is_unsaid, may_have_joined) = (bits & 1 > 0, bits & 2 > 0);
                let step = next_step(View { presence, is_unsaid, may_have_joined });
                assert!(presence != Presence::Unknown || !matches!(step, Step::Say | Step::Join));
                assert!(step != Step::End || !is_unsaid);
                assert!(step != Step::End || !may_have_joined || presence == Presence::Out);
            }
        }
    }
}
