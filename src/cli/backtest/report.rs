//! What is told in the end; this is what `--json` prints.

use super::tally::{Count, Example, Hits, Messages, Pairs};
use super::trial::{SILENCE, Trial};
use crate::rules::Mode;
use jiff::Timestamp;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Where the messages came from.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Source {
    Archives,
    File(String),
}

/// Everything that was found.
#[derive(Debug, Serialize)]
pub(super) struct Report<'a> {
    /// Whether everything was read.
    pub(super) complete: bool,
    pub(super) source: Source,
    pub(super) from: Option<Timestamp>,
    pub(super) to: Option<Timestamp>,
    /// The versions of the rules.
    pub(super) rules_version: &'a str,
    pub(super) against_version: Option<&'a str>,
    pub(super) threads: u64,
    pub(super) restricted_threads: u64,
    pub(super) bad_lines: u64,
    pub(super) messages: &'a Messages,
    /// Customers' messages that no rule fits.
    pub(super) unmatched: u64,
    /// Customers' messages to which no rule speaks, by the reason.
    pub(super) silent: &'a BTreeMap<String, u64>,
    /// All rules, the most frequent first.
    pub(super) rules: Vec<OfRule<'a>>,
    pub(super) collisions: Collisions<'a>,
    pub(super) changes: Option<Changes<'a>>,
}

/// What became of a rule.
#[derive(Debug, Serialize)]
pub(super) struct OfRule<'a> {
    pub(super) name: &'a str,
    pub(super) mode: Mode,
    pub(super) messages: u64,
    pub(super) of_customers: u64,
    /// Of all customers' messages, 1 is all; none when customers wrote nothing.
    pub(super) share: Option<f64>,
    pub(super) threads: u64,
    pub(super) examples: &'a [Example],
}

/// Messages that several rules fit.
#[derive(Debug, Serialize)]
pub(super) struct Collisions<'a> {
    pub(super) messages: u64,
    pub(super) pairs: Vec<Collision<'a>>,
    pub(super) pairs_left_out: u64,
}

#[derive(Debug, Serialize)]
pub(super) struct Collision<'a> {
    pub(super) speaks: &'a str,
    pub(super) outranked: &'a str,
    #[serde(flatten)]
    pub(super) count: Counted<'a>,
}

/// Messages that would be answered otherwise.
#[derive(Debug, Serialize)]
pub(super) struct Changes<'a> {
    pub(super) messages: u64,
    pub(super) pairs: Vec<Change<'a>>,
    pub(super) pairs_left_out: u64,
}

#[derive(Debug, Serialize)]
pub(super) struct Change<'a> {
    /// None is silence.
    pub(super) before: Option<&'a str>,
    pub(super) after: Option<&'a str>,
    #[serde(flatten)]
    pub(super) count: Counted<'a>,
}

#[derive(Debug, Serialize)]
pub(super) struct Counted<'a> {
    pub(super) messages: u64,
    pub(super) examples: &'a [Example],
}

impl<'a> Report<'a> {
    pub(super) fn of(trial: &'a Trial, source: Source, complete: bool) -> Self {
        let tally = &trial.tally;
        Self {
            complete,
            source,
            from: trial.window.from,
            to: trial.window.to,
            rules_version: trial.rules.version(),
            against_version: trial.against.as_ref().map(|rules| rules.version()),
            threads: tally.threads,
            restricted_threads: tally.restricted,
            bad_lines: tally.bad_lines,
            messages: &tally.messages,
            unmatched: tally.silent.get("no_rule_fits").copied().unwrap_or(0),
            silent: &tally.silent,
            rules: rules(trial),
            collisions: Collisions {
                messages: tally.collisions.messages,
                pairs: pairs(&tally.collisions, |speaks, outranked, count| Collision {
                    speaks,
                    outranked,
                    count,
                }),
                pairs_left_out: tally.collisions.left_out,
            },
            changes: trial.against.as_ref().map(|_| Changes {
                messages: tally.changes.messages,
                pairs: pairs(&tally.changes, |before, after, count| {
                    let named = |label: &'a str| Some(label).filter(|label| *label != SILENCE);
                    Change { before: named(before), after: named(after), count }
                }),
                pairs_left_out: tally.changes.left_out,
            }),
        }
    }
}

fn rules(trial: &Trial) -> Vec<OfRule<'_>> {
    static NONE: Hits = Hits::NONE;
    let customers = trial.tally.messages.customers;
    let mut rules: Vec<OfRule<'_>> = trial
        .rules
        .iter()
        .map(|rule| {
            let hits = trial.tally.rules.get(&rule.name).unwrap_or(&NONE);
            OfRule {
                name: &rule.name,
                mode: rule.mode,
                messages: hits.messages,
                of_customers: hits.of_customers,
                share: share(hits.of_customers, customers),
                threads: hits.threads,
                examples: &hits.examples,
            }
        })
        .collect();
    rules.sort_by_key(|rule| Reverse(rule.messages));
    rules
}

/// The part that it is; none of nothing.
#[expect(clippy::cast_precision_loss, reason = "a share needs no more than 15 digits")]
pub(super) fn share(part: u64, all: u64) -> Option<f64> {
    (all > 0).then(|| part as f64 / all as f64)
}

fn pairs<'a, T>(pairs: &'a Pairs, make: impl Fn(&'a str, &'a str, Counted<'a>) -> T) -> Vec<T> {
    let counted = |count: &'a Count| Counted { messages: count.messages, examples: &count.examples };
    pairs.sorted().into_iter().map(|(first, second, count)| make(first, second, counted(count))).collect()
}
