//! The parts of the page that change, by the id of the element that holds them.
use super::line::{summary, timeline};
use super::scene::{ChatState, Scene};
use super::windows::{agents_log, customer_log, people, standing};

/// Every changing part as HTML. `state` is no element: it is how the chat stands.
pub(super) fn regions(scene: &Scene) -> Vec<(&'static str, String)> {
    vec![
        ("state", state_name(scene.state).to_owned()),
        ("standing", standing(scene).into_string()),
        ("customer-log", customer_log(scene).into_string()),
        ("agents-log", agents_log(scene).into_string()),
        ("people", people(scene).into_string()),
        ("summary", summary(scene).into_string()),
        ("line", timeline(scene).into_string()),
    ]
}

/// The state's name in the page's `data-state`.
pub(super) fn state_name(state: ChatState) -> &'static str {
    match state {
        ChatState::None => "none",
        ChatState::Open => "open",
        ChatState::Closed => "closed",
    }
}
