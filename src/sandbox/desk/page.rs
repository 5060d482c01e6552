//! The whole page.
use super::problem::Problem;
use super::regions::state_name;
use super::scene::Scene;
use super::{line, windows};
use axum::http::StatusCode;
use maud::{DOCTYPE, Markup, html};

/// What was written and not sent, in each window.
#[derive(Debug, Default)]
pub(super) struct Drafts {
    pub(super) customer: Draft,
    pub(super) agent: Draft,
}

/// A text that was not sent, and why.
#[derive(Debug, Default)]
pub(super) struct Draft {
    text: String,
    problem: Option<String>,
    /// The status of the page that shows it.
    pub(super) status: StatusCode,
}

impl Draft {
    /// A text with its problem.
    pub(super) fn with(text: String, problem: &Problem) -> Self {
        Self { text, problem: Some(problem.to_string()), status: problem.status() }
    }
}

/// The page with everything in it as it is now.
pub(super) fn page(scene: &Scene, drafts: &Drafts) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "A LiveChat on your desk · chimein" }
                link rel="icon" href="/desk.svg" type="image/svg+xml";
                link rel="stylesheet" href="/desk.css";
                script src="/desk.js" defer {}
            }
            body {
                a.skip href="#say" { "Skip to the customer's message" }
                (masthead(scene))
                main #desk data-state=(state_name(scene.state)) data-updates={(path(scene, "updates"))} {
                    (customer(scene, &drafts.customer))
                    (agents(scene, &drafts.agent))
                    (bot(scene))
                }
            }
        }
    }
}

fn path(scene: &Scene, act: &str) -> String {
    format!("/desk/{}/{act}", scene.customer_id)
}

fn masthead(scene: &Scene) -> Markup {
    html! {
        header.masthead {
            p.brand { img src="/desk.svg" alt="" width="28" height="28"; "chimein" }
            h1 { "A LiveChat on your desk" }
            p.live #live role="status" { "Not live" }
            noscript {
                p.live { a href={ "/desk/" (scene.customer_id) } { "Look again" } }
            }
        }
    }
}

fn customer(scene: &Scene, draft: &Draft) -> Markup {
    html! {
        section.window.customer aria-labelledby="customer-title" {
            header {
                div {
                    h2 #customer-title { "The customer's window" }
                    p.sub #standing { (windows::standing(scene)) }
                }
                div.acts {
                    form.close method="post" action=(path(scene, "close")) data-stay { button.plain { "Close chat" } }
                    form method="post" action=(path(scene, "new")) { button.plain { "New chat" } }
                }
            }
            div.log role="log" aria-live="polite" aria-label="What the customer sees" tabindex="0" {
                ol #customer-log { (windows::customer_log(scene)) }
            }
            form.composer method="post" action=(path(scene, "say")) data-stay {
                label for="say" { "Write as the customer" }
                (composer("say", "as the customer", draft))
                (problem("say", draft))
            }
        }
    }
}

fn agents(scene: &Scene, draft: &Draft) -> Markup {
    html! {
        section.window.agents aria-labelledby="agents-title" {
            header {
                div {
                    h2 #agents-title { "The agents' view" }
                    p.sub { "The same chat, with what only agents see" }
                }
            }
            div.people aria-labelledby="people-title" role="group" {
                h3 #people-title { "In this chat" }
                ul #people { (windows::people(scene)) }
            }
            div.log role="log" aria-live="polite" aria-label="What the agents see" tabindex="0" {
                ol #agents-log { (windows::agents_log(scene)) }
            }
            form.composer method="post" action=(path(scene, "answer")) data-stay {
                div.labels {
                    label for="answer" { "Write as " (scene.agent) ", an agent" }
                    label.check { input type="checkbox" name="whisper" value="yes"; " Whisper: only agents see it" }
                }
                (composer("answer", "as the agent", draft))
                (problem("answer", draft))
            }
        }
    }
}

fn bot(scene: &Scene) -> Markup {
    html! {
        section.window.bot aria-labelledby="bot-title" {
            header {
                h2 #bot-title { "What the bot did" }
                p #summary role="status" { (line::summary(scene)) }
            }
            div.log role="region" aria-label="Call by call" tabindex="0" {
                ol #line { (line::timeline(scene)) }
            }
        }
    }
}

/// The text box and its button. Enter sends; that is the script's doing.
fn composer(id: &str, whom: &str, draft: &Draft) -> Markup {
    let trouble = draft.problem.is_some();
    html! {
        div.writing {
            textarea id=(id) name="text" rows="1" required dir="auto" autocomplete="off" aria-describedby={ (id) "-problem" }
                aria-invalid=[trouble.then_some("true")] { (draft.text) }
            button.send { "Send" span.hidden { " " (whom) } }
        }
    }
}

fn problem(id: &str, draft: &Draft) -> Markup {
    html! {
        p.problem id={ (id) "-problem" } role="alert" { @if let Some(problem) = &draft.problem { (problem) } }
    }
}
