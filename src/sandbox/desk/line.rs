//! The live line: what followed each message, step by step, with bars as long as the steps took.
use super::scene::Scene;
use super::story::{Opening, Step, Story, Tone};
use super::words::{duration, exact_time_of_day, time_of_day};
use maud::{Markup, html};

/// The width of the bars' drawing, in its own units.
const WIDTH: u64 = 1_000;
/// The shortest bar that can be seen.
const SHORTEST: u64 = 16;

/// The last visit in one sentence.
pub(super) fn summary(scene: &Scene) -> Markup {
    let tale = scene.stories.iter().rev().find_map(|story| Some((&story.id, story.tale()?)));
    html! {
        @if let Some((id, tale)) = tale { span.tale id={ "tale-" (id) } { "Last visit: " (tale) } }
    }
}

/// All stories, flat: a heading, then its steps.
pub(super) fn timeline(scene: &Scene) -> Markup {
    if scene.stories.is_empty() {
        return html! {
            li.empty #l-empty {
                p { "Each step of the bot will be here as it happens: join, say, leave, with its answer and its time." }
            }
        };
    }
    html! {
        @for story in &scene.stories {
            @if let Some(opening) = &story.opening { (heading(&story.id, opening)) }
            @for step in &story.steps { (row(step, story)) }
        }
    }
}

fn heading(id: &str, opening: &Opening) -> Markup {
    html! {
        li.heading id={ "story-" (id) } {
            time datetime=(opening.at) { (time_of_day(opening.at)) }
            " " span.who { (opening.who) }
            " " q { (opening.text) }
        }
    }
}

fn row(step: &Step, story: &Story) -> Markup {
    html! {
        li.step .delivery[step.delivery] .(tone_class(step.tone)) id={ "step-" (step.seq) } {
            time datetime=(step.at) { (exact_time_of_day(step.at)) }
            " " span.after { @if let Some(after) = step.after { "+" (duration(after)) } }
            " " span.who { (step.who) }
            " " span.does { (step.does) }
            " " code { (step.action) }
            " " span.answer { (step.answer) }
            " " span.took { @if let Some(took) = step.took { (duration(took)) } }
            (bar(step, story.length()))
        }
    }
}

/// Where the step stands between the message and the end of the story.
fn bar(step: &Step, length: u64) -> Markup {
    let scaled = |micros: u64| micros.saturating_mul(WIDTH) / length;
    let wide = scaled(step.took.unwrap_or(0)).clamp(SHORTEST, WIDTH);
    let from = scaled(step.after.unwrap_or(0)).min(WIDTH - wide);
    html! {
        svg.bar viewBox={ "0 0 " (WIDTH) " 10" } preserveAspectRatio="none" aria-hidden="true" {
            rect.track x="0" y="4" width=(WIDTH) height="2" {}
            rect x=(from) y="0" width=(wide) height="10" rx="4" {}
        }
    }
}

fn tone_class(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "good",
        Tone::Bad => "bad",
        Tone::Waiting => "waiting",
    }
}
