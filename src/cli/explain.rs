//! `chimein explain`: which rule would speak to a text, where it matched, and why the others would not.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use clap::ValueEnum;
use serde::Serialize;

use crate::config;
use crate::rules::{
    Author, Explanation, Message, Mistakes, Mode, OnOccupied, Outcome, Reason, Rule, Rules, Seen, Silence,
    Visibility,
};

/// What `explain` is asked.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What somebody would write
    pub text: String,
    /// A rules file, or a folder of them, in the place of `rules.path`
    #[arg(long, value_name = "PATH")]
    pub rules: Option<PathBuf>,
    /// Who would write it
    #[arg(long, value_enum, default_value_t = By::Customer)]
    pub from: By,
    /// When it would be written: 2026-12-24T18:00:00Z, or the wall clock of the business hours [default: now]
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// In which group's chat it would be written (not built yet)
    #[arg(long, value_name = "N")]
    pub group: Option<u64>,
    /// Prints JSON
    #[arg(long)]
    pub json: bool,
}

/// Who would write the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// A customer.
    Customer,
    /// An agent.
    Agent,
}

/// The answer as JSON.
#[derive(Serialize)]
struct Answer<'a> {
    text: &'a str,
    version: &'a str,
    reply: Option<&'a str>,
    /// All texts of the reply; one of them is said.
    replies: Option<Vec<&'a str>>,
    visibility: Option<Visibility>,
    /// Of a rule that speaks to all.
    on_occupied: Option<OnOccupied>,
    mode: Option<Mode>,
    #[serde(flatten)]
    explanation: &'a Explanation,
}

/// Answers on `out`; the exit code is 0 when a rule speaks, 1 when none does, 2 when the rules are wrong.
///
/// # Errors
/// When `out` cannot be written.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<u8> {
    if args.group.is_some() {
        writeln!(out, "--group is not built yet: rules have no conditions of groups so far")?;
        return Ok(2);
    }
    let config = config::load(&[]);
    let rules = match (Rules::load(&super::rules_path(args.rules.as_deref(), &config)), config) {
        (Ok(rules), Ok(config)) => rules.with_max_text(config.rules.max_text),
        (Ok(rules), Err(_)) => rules,
        (Err(mistakes), _) => return refuse(&mistakes, args.json, out),
    };
    let author = match args.from {
        By::Customer => Author::Customer,
        By::Agent => Author::Agent,
    };
    let at = match &args.at {
        Some(text) => {
            let Some(at) = rules.moment(text) else {
                writeln!(
                    out,
                    "--at {text}: write it as 2026-12-24T18:00:00Z, or as 2026-12-24T18:00 by the clock of the business hours"
                )?;
                return Ok(2);
            };
            at
        }
        None => now(),
    };
    let explanation = rules.explain(&Message { texts: &[args.text.as_str().into()], author, at: Some(at) });
    let speaker = rules.iter().find(|rule| explanation.speaks.as_deref() == Some(&rule.name));
    if args.json {
        let answer = Answer {
            text: &args.text,
            version: rules.version(),
            reply: speaker.and_then(|rule| rule.reply.texts().next()),
            replies: speaker.map(|rule| rule.reply.texts().collect()),
            visibility: speaker.map(|rule| rule.visibility),
            on_occupied: speaker
                .filter(|rule| rule.visibility == Visibility::All)
                .map(|rule| rule.on_occupied),
            mode: speaker.map(|rule| rule.mode),
            explanation: &explanation,
        };
        writeln!(out, "{}", serde_json::to_string_pretty(&answer)?)?;
    } else {
        tell(&args.text, speaker, &explanation, out)?;
    }
    Ok(u8::from(speaker.is_none_or(|rule| rule.mode == Mode::Shadow)))
}

#[expect(clippy::disallowed_methods, reason = "a person asks what would be said now")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

fn refuse(mistakes: &Mistakes, json: bool, out: &mut dyn Write) -> anyhow::Result<u8> {
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&serde_json::json!({ "mistakes": mistakes }))?)?;
    } else {
        writeln!(out, "{}", mistakes.render(std::io::stdout().is_terminal()))?;
    }
    Ok(2)
}

fn tell(
    text: &str,
    speaker: Option<&Rule>,
    explanation: &Explanation,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let spoken = explanation.rules.iter().find(|reason| reason.outcome == Outcome::Speaks);
    writeln!(out, "{}", marked(text, spoken.map_or(&[], |reason| &reason.found)))?;
    writeln!(out)?;
    match speaker {
        Some(rule) => {
            let verb =
                if rule.mode == Mode::Shadow { "would speak, but its mode is shadow" } else { "speaks" };
            let to = match (rule.visibility, rule.on_occupied) {
                (Visibility::Agents, _) => "agents only",
                (Visibility::All, OnOccupied::Whisper) => {
                    "everyone, the customer too; agents only, if an agent is in the chat or it waits for one"
                }
                (Visibility::All, OnOccupied::Skip) => {
                    "everyone, the customer too; nobody, if an agent is in the chat or it waits for one"
                }
            };
            writeln!(
                out,
                "Rule  `{}` {verb}: {}",
                rule.name,
                keywords(spoken.map_or(&[], |spoken| &spoken.found))
            )?;
            for (number, reply) in rule.reply.texts().enumerate() {
                let head = if number == 0 { "Says" } else { "or  " };
                writeln!(out, "{head}  {}", reply.trim_end().replace('\n', "\n      "))?;
            }
            writeln!(out, "To    {to}")?;
        }
        None => writeln!(out, "No rule speaks: {}.", explanation.silence.map_or("", silence))?,
    }
    let others: Vec<&Reason> =
        explanation.rules.iter().filter(|reason| reason.outcome != Outcome::Speaks).collect();
    if others.is_empty() {
        return Ok(());
    }
    let width = others.iter().map(|reason| reason.rule.chars().count()).max().unwrap_or(0);
    writeln!(out, "\n{}", if speaker.is_some() { "The others" } else { "The rules" })?;
    for reason in others {
        writeln!(out, "  {:width$}  {}", reason.rule, why(reason))?;
    }
    Ok(())
}

/// The text with »marks« around what was found; places that overlap are one.
pub(super) fn marked(text: &str, found: &[Seen]) -> String {
    let mut marked = String::with_capacity(text.len() + 8);
    let mut written = 0;
    let mut places = found.iter().map(|seen| (seen.start, seen.end)).peekable();
    while let Some((start, mut end)) = places.next() {
        while let Some((_, more)) = places.next_if(|(next, _)| *next < end) {
            end = end.max(more);
        }
        let (before, hit) = (text.get(written..start), text.get(start..end));
        marked.extend([before.unwrap_or_default(), "»", hit.unwrap_or_default(), "«"]);
        written = end;
    }
    marked.push_str(text.get(written..).unwrap_or_default());
    marked
}

/// The keywords that were found, each once.
fn keywords(found: &[Seen]) -> String {
    let mut keywords: Vec<&str> = Vec::new();
    for seen in found {
        if !keywords.contains(&seen.keyword.as_str()) {
            keywords.push(&seen.keyword);
        }
    }
    let list = keywords.iter().map(|keyword| format!("\"{keyword}\"")).collect::<Vec<_>>().join(", ");
    format!("found {list}")
}

fn why(reason: &Reason) -> String {
    match &reason.outcome {
        Outcome::Speaks => "speaks".to_owned(),
        Outcome::Outranked { by } => format!("{}, but `{by}` goes first", keywords(&reason.found)),
        Outcome::Off => "its mode is off".to_owned(),
        Outcome::NotTheirs => format!("{}, but it does not listen to this author", keywords(&reason.found)),
        Outcome::ByBot => "a bot is never answered".to_owned(),
        Outcome::NoKeyword => "no keyword found".to_owned(),
        Outcome::Hours => "not at this time (`when.hours`)".to_owned(),
        Outcome::TooFew { found, at_least } => format!("only {found} of at least {at_least} keywords found"),
        Outcome::Lacks { word } => format!("\"{word}\" must be there and is not"),
        Outcome::Vetoed { word } => format!("\"{word}\" is there and may not be"),
    }
}

/// A silence in words.
fn silence(silence: Silence) -> &'static str {
    match silence {
        Silence::NotTheirs => "a keyword was found, but its rule does not listen to this author",
        Silence::Hours => "a keyword was found, but its rule does not speak at this time",
        Silence::Empty => "there is nothing to read",
        Silence::TooLong => "no keyword was found in as much of the text as is looked at (rules.max_text)",
        Silence::ByBot => "a bot is never answered",
        Silence::NoRuleFits => "no keyword was found",
    }
}
