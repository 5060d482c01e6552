//! The two windows' changing parts: what was said, and who is there.
//!
//! Every element of a list has an id, by which the page's script knows it again.
use super::scene::{Author, ChatState, Kind, Person, Saying, Scene};
use super::words::time_of_day;
use maud::{Markup, html};
use serde_json::Value;

/// How the chat stands, for the customer.
pub(super) fn standing(scene: &Scene) -> Markup {
    let text = match scene.state {
        ChatState::None => "No chat yet",
        ChatState::Open => "The chat is open",
        ChatState::Closed => "The chat is closed; writing opens it again",
    };
    html! { span id={ "standing-" (text.len()) } { (text) } }
}

/// What the customer sees.
pub(super) fn customer_log(scene: &Scene) -> Markup {
    if scene.outside.is_empty() {
        return html! {
            li.empty #c-empty {
                p.lead { "You are a customer with a question." }
                p { "Ask for a pizza, and look at what only the agents see. Anything else is met with silence." }
                form method="post" action={ "/desk/" (scene.customer_id) "/say" } data-stay {
                    button.suggestion name="text" value="Hey! Where is my PIZZA?" { "Hey! Where is my PIZZA?" }
                }
            }
        };
    }
    log("c", &scene.outside)
}

/// What the agents see.
pub(super) fn agents_log(scene: &Scene) -> Markup {
    if scene.inside.is_empty() {
        return html! {
            li.empty #a-empty {
                p { "The chat will be here as soon as the customer writes, with the bot's whisper in it." }
            }
        };
    }
    log("a", &scene.inside)
}

fn log(side: &str, sayings: &[Saying]) -> Markup {
    html! {
        @for saying in sayings {
            @if saying.begins_again {
                li.divider id={ (side) "-again-" (saying.id) } { span { "The chat is opened again" } }
            }
            @match &saying.author {
                None => li.note .whisper[saying.whisper] id={ (side) "-" (saying.id) } { (note(saying)) },
                Some(author) => {
                    li.saying .(kind_class(author.kind)) .whisper[saying.whisper] id={ (side) "-" (saying.id) } {
                        (said(saying, author))
                    }
                }
            }
        }
    }
}

/// What the platform itself says.
fn note(saying: &Saying) -> Markup {
    html! {
        span { (text(&saying.event, "text")) }
        @if saying.whisper { " " span.only { "only agents see this" } }
        " " (time(saying))
    }
}

fn said(saying: &Saying, author: &Author) -> Markup {
    html! {
        p.meta {
            span.author { (author.name) }
            @if author.kind == Kind::Bot { " " span.role { "bot" } }
            " " (time(saying))
        }
        div.bubble {
            @if saying.whisper { p.only { "Whisper: only agents see this" } }
            (content(&saying.event))
        }
    }
}

fn time(saying: &Saying) -> Markup {
    html! { time datetime=(saying.at) { (time_of_day(saying.at)) } }
}

/// The content of an event of any type.
fn content(event: &Value) -> Markup {
    match text(event, "type") {
        "message" => html! { p.text dir="auto" { (text(event, "text")) } },
        "rich_message" => html! {
            @for element in items(event, "elements") {
                p.text dir="auto" { strong { (text(element, "title")) } " " (text(element, "subtitle")) }
                @for button in items(element, "buttons") { span.choice { (text(button, "text")) } " " }
            }
        },
        "file" => html! { p.text dir="auto" { "File: " (text(event, "name")) } },
        "form" | "filled_form" => html! {
            @for field in items(event, "fields") {
                p.text dir="auto" { strong { (text(field, "label")) } " " (answered(field)) }
            }
        },
        other => html! { p.text dir="auto" { "(an event of type " (other) ")" } },
    }
}

/// A form field's answer: a text, a choice, or choices.
fn answered(field: &Value) -> String {
    let label = |choice: &Value| {
        choice.as_str().or_else(|| choice.get("label").and_then(Value::as_str)).unwrap_or_default().to_owned()
    };
    match field.get("answers").or_else(|| field.get("answer")) {
        Some(Value::Array(choices)) => choices.iter().map(label).collect::<Vec<_>>().join(", "),
        Some(choice) => label(choice),
        None => String::new(),
    }
}

/// Who is and who was in the chat.
pub(super) fn people(scene: &Scene) -> Markup {
    if scene.people.is_empty() {
        return html! { li.nobody #nobody { "Nobody yet" } };
    }
    html! { @for person in &scene.people { (entry(person)) } }
}

fn entry(person: &Person) -> Markup {
    let presence = match (person.present, person.unseen, person.kind) {
        (true, _, Kind::Customer) => "in the chat",
        (true, true, _) => "in the chat, unseen by the customer",
        (true, false, _) => "in the chat, seen by the customer",
        (false, true, _) => "has left, was unseen by the customer",
        (false, false, _) => "has left",
    };
    html! {
        li.person .(kind_class(person.kind)) .away[!person.present] id={ "person-" (person.id) } {
            span.face aria-hidden="true" { (person.name.chars().next().unwrap_or('?')) }
            span.who { (person.name) }
            " "
            span.presence { (presence) }
        }
    }
}

fn kind_class(kind: Kind) -> &'static str {
    match kind {
        Kind::Customer => "by-customer",
        Kind::Agent => "by-agent",
        Kind::Bot => "by-bot",
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn items<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}
