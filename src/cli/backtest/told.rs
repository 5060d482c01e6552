//! The report for people.

use super::report::{Change, Collision, Counted, OfRule, Report, Source, share};
use super::tally::Example;
use crate::rules::Mode;
use std::io::{self, Write};

/// Names of rules that fit nothing, before the rest is only counted.
const MAX_NAMED: usize = 20;
/// Pairs that are shown; `--json` has all.
const MAX_PAIRS: usize = 20;

/// Tells it.
pub(super) fn tell(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    head(report, out)?;
    rules(report, out)?;
    let unmatched = percent(share(report.unmatched, report.messages.customers));
    writeln!(out, "\nNo rule fits {} ({unmatched}).", counted(report.unmatched, "message of customers"))?;
    let collisions = &report.collisions;
    if collisions.messages > 0 {
        writeln!(out, "\nSeveral rules fit {}:", counted(collisions.messages, "message"))?;
        let line = |pair: &Collision<'_>| format!("`{}` goes before `{}`", pair.speaks, pair.outranked);
        let pairs = collisions.pairs.iter().map(|pair| (line(pair), &pair.count));
        tell_pairs(pairs, collisions.pairs_left_out, out)?;
    }
    let Some(changes) = &report.changes else { return Ok(()) };
    let against = report.against_version.unwrap_or_default();
    if changes.messages == 0 {
        return writeln!(out, "\nThe rules {against} do the same with every message.");
    }
    writeln!(out, "\nThe rules {against} do otherwise with {}:", counted(changes.messages, "message"))?;
    let line = |pair: &Change<'_>| {
        let name = |label: Option<&str>| label.map_or("silence".to_owned(), |label| format!("`{label}`"));
        format!("{} → {}", name(pair.before), name(pair.after))
    };
    let pairs = changes.pairs.iter().map(|pair| (line(pair), &pair.count));
    tell_pairs(pairs, changes.pairs_left_out, out)
}

fn head(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let place = match &report.source {
        Source::Archives => "the archives".to_owned(),
        Source::File(name) => name.clone(),
    };
    let from = report.from.map_or(String::new(), |from| format!(" from {from:.0}"));
    let to = report.to.map_or(String::new(), |to| format!(" to {to:.0}"));
    writeln!(out, "Rules {} on {place}{from}{to}", report.rules_version)?;
    if !report.complete {
        writeln!(out, "NOT EVERYTHING WAS READ: these are the counts so far.")?;
    }
    let messages = report.messages;
    let customers = counted(messages.customers, "message of customers");
    writeln!(out, "{customers} and {} of agents in {}", messages.agents, counted(report.threads, "thread"))?;
    let left_out = [
        (messages.bots, "of other bots"),
        (messages.own, "of chimein itself"),
        (messages.greetings, "greetings"),
        (messages.outside, "of another time"),
        (report.restricted_threads, "threads that LiveChat does not show"),
        (report.bad_lines, "that cannot be read"),
    ];
    let left_out: Vec<String> = left_out
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{number} {what}"))
        .collect();
    if !left_out.is_empty() {
        writeln!(out, "Left out: {}", left_out.join(", "))?;
    }
    Ok(())
}

fn rules(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (speaking, others): (Vec<&OfRule<'_>>, Vec<_>) =
        report.rules.iter().partition(|rule| rule.messages > 0);
    if !speaking.is_empty() {
        let width =
            speaking.iter().map(|rule| rule.name.chars().count()).max().unwrap_or(0).max("Rule".len());
        writeln!(out, "\n{:width$}  Messages     Share  Threads", "Rule")?;
        for rule in speaking {
            let note = if rule.mode == Mode::Shadow { "  (shadow)" } else { "" };
            let share = percent(rule.share);
            writeln!(out, "{:width$}  {:8}  {share:>8}  {:7}{note}", rule.name, rule.messages, rule.threads)?;
            examples(rule.examples, out)?;
        }
    }
    if !others.is_empty() {
        let names: Vec<&str> = others.iter().take(MAX_NAMED).map(|rule| rule.name).collect();
        let more = others.len() - names.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        writeln!(out, "\nNothing to say: {}{more}", names.join(", "))?;
    }
    Ok(())
}

fn tell_pairs<'a>(
    pairs: impl ExactSizeIterator<Item = (String, &'a Counted<'a>)>,
    left_out: u64,
    out: &mut dyn Write,
) -> io::Result<()> {
    let more = pairs.len().saturating_sub(MAX_PAIRS);
    for (line, count) in pairs.take(MAX_PAIRS) {
        writeln!(out, "{:8}  {line}", count.messages)?;
        examples(count.examples, out)?;
    }
    if more > 0 || left_out > 0 {
        writeln!(out, "          and {more} more pairs (--json)")?;
    }
    Ok(())
}

fn examples(examples: &[Example], out: &mut dyn Write) -> io::Result<()> {
    for example in examples {
        let Example { chat, thread, event, at, texts } = example;
        let places = [("event", event), ("thread", thread), ("chat", chat)];
        let named = places.iter().filter(|(_, id)| !id.is_empty());
        let mut place: Vec<String> = named.map(|(what, id)| format!("{what} {}", plain(id))).collect();
        place.extend(at.map(|at| format!("{at:.0}")));
        let texts: Vec<String> = texts.iter().flatten().map(|text| plain(text)).collect();
        if !place.is_empty() {
            writeln!(out, "          {}", place.join(", "))?;
        }
        for text in texts {
            writeln!(out, "          {text}")?;
        }
    }
    Ok(())
}

/// What somebody wrote, in one line and without what would steer the terminal.
fn plain(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

fn percent(share: Option<f64>) -> String {
    share.map_or("-".to_owned(), |share| format!("{:.2} %", share * 100.0))
}

/// `1 message of customers`, `2 messages of customers`.
fn counted(number: u64, what: &str) -> String {
    let (first, rest) =
        what.split_once(' ').map_or((what, String::new()), |(first, rest)| (first, format!(" {rest}")));
    let many = if number == 1 { "" } else { "s" };
    format!("{number} {first}{many}{rest}")
}
