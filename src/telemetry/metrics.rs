//! The numbers of `GET /metrics`: their names, and one function for each thing that is counted or measured.
//!
//! Promises: every label has a bounded number of values (actions, outcomes and error types from lists, the first
//! `MAX_RULES` rules by name, never a chat or a person); nothing is counted before [`start`].

use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::collections::BTreeSet;
use std::sync::{OnceLock, PoisonError, RwLock};
use std::time::Duration;

/// How many rules have numbers of their own; those after them are counted together as `other`.
const MAX_RULES: usize = 500;
/// What stands for everything that is in no list.
pub const OTHER: &str = "other";
/// What a number is while it is not known.
const UNKNOWN: f64 = f64::NAN;
/// Seconds; a visit takes some 50 ms, a call gives up after 10 s, a retry may wait two minutes.
const BUCKETS: &[f64] =
    &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 600.0];

/// What kind of number it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// How many took how long.
    Histogram,
}

/// One name of the page.
#[derive(Debug)]
pub struct Metric {
    /// What it is called.
    pub name: &'static str,
    /// What kind of number it is.
    pub kind: Kind,
    /// What it tells; the `HELP` of the page.
    pub help: &'static str,
}

const fn metric(name: &'static str, kind: Kind, help: &'static str) -> Metric {
    Metric { name, kind, help }
}

/// Webhooks, by action and outcome; counted by `intake`.
pub const WEBHOOKS: &str = "chimein_webhooks_total";
/// Decisions, by rule and outcome; counted by `intake`.
pub const DECISIONS: &str = "chimein_decisions_total";
const VISITS: &str = "chimein_visits_total";
const STEP: &str = "chimein_step_seconds";
const REPLY: &str = "chimein_reply_seconds";
const OUTBOX: &str = "chimein_outbox_visits";
const OLDEST: &str = "chimein_outbox_oldest_seconds";
const LEASES: &str = "chimein_leases_lost_total";
const FINDINGS: &str = "chimein_sweep_findings_total";
const CALLS: &str = "chimein_platform_calls_total";
const CALL: &str = "chimein_platform_call_seconds";
const TOKEN: &str = "chimein_token_age_seconds";
const PRESENT: &str = "chimein_bot_present_too_long";
const BREAKERS: &str = "chimein_breakers_open";
const BRAKED: &str = "chimein_braked_total";
const RELOADS: &str = "chimein_rules_reloads_total";
const BUILD: &str = "chimein_build_info";

/// Every name of the page.
pub const ALL: &[Metric] = &[
    metric(WEBHOOKS, Kind::Counter, "Webhooks that were answered, by action and outcome."),
    metric(DECISIONS, Kind::Counter, "Messages that were decided on, by rule (empty: none) and outcome."),
    metric(VISITS, Kind::Counter, "Visits that ended, by rule and outcome."),
    metric(STEP, Kind::Histogram, "Time that a step of a visit took."),
    metric(REPLY, Kind::Histogram, "Time from a webhook to the reply."),
    metric(OUTBOX, Kind::Gauge, "Visits in the outbox, by state; NaN while it cannot be read."),
    metric(
        OLDEST,
        Kind::Gauge,
        "Age of the oldest visit that is not over; 0 without one, NaN while it cannot be read.",
    ),
    metric(LEASES, Kind::Counter, "Visits that were claimed again because their lease ended first."),
    metric(FINDINGS, Kind::Counter, "What the sweep found."),
    metric(CALLS, Kind::Counter, "Calls of LiveChat, by action and error type (none: it succeeded)."),
    metric(CALL, Kind::Histogram, "Time that a call of LiveChat took."),
    metric(TOKEN, Kind::Gauge, "Age of the oldest bot token in use; NaN without one."),
    metric(PRESENT, Kind::Gauge, "Chats in which the bot is longer than visits.deadline allows."),
    metric(BREAKERS, Kind::Gauge, "Organizations in which no visit begins, because too many want to."),
    metric(
        BRAKED,
        Kind::Counter,
        "Visits that a limit kept from beginning: per_minute (they wait), per_thread (silence).",
    ),
    metric(RELOADS, Kind::Counter, "How often the rules were read again, by what came of it."),
    metric(BUILD, Kind::Gauge, "Always 1; which chimein runs, with which rules."),
];

/// The page.
#[derive(Clone)]
pub struct Page(PrometheusHandle);

impl Page {
    /// The numbers as Prometheus reads them.
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// Puts away what was measured since the last time: without it, histograms that nobody asks for grow for ever.
    pub fn upkeep(&self) {
        self.0.run_upkeep();
    }
}

/// Begins to count; again gives the same page.
#[expect(clippy::missing_panics_doc, reason = "the buckets are there")]
pub fn start() -> Page {
    static PAGE: OnceLock<Page> = OnceLock::new();
    let begin = || {
        let builder = [STEP, REPLY, CALL].into_iter().fold(PrometheusBuilder::new(), |builder, name| {
            let matcher = Matcher::Full(name.to_owned());
            builder.set_buckets_for_metric(matcher, BUCKETS).expect("there are buckets")
        });
        let recorder = builder.build_recorder();
        let page = Page(recorder.handle());
        if ::metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("another recorder has the numbers; /metrics stays empty");
        }
        describe();
        page
    };
    PAGE.get_or_init(begin).clone()
}

fn describe() {
    for Metric { name, kind, help } in ALL {
        match kind {
            Kind::Counter => describe_counter!(*name, *help),
            Kind::Gauge => describe_gauge!(*name, *help),
            Kind::Histogram => describe_histogram!(*name, *help),
        }
    }
    // What has no labels or few is shown from the start.
    counter!(LEASES).increment(0);
    Finding::ALL.iter().for_each(|finding| found(*finding, 0));
    Limit::ALL.iter().for_each(|limit| braked(*limit, 0));
    Reload::ALL.iter().for_each(|reload| counter!(RELOADS, "outcome" => reload.name()).increment(0));
    breakers_open(0);
    token_age(None);
    present_too_long(0);
}

static RULES: RwLock<BTreeSet<String>> = RwLock::new(BTreeSet::new());

/// These rules are in force: they are counted by name, as far as there is room.
pub fn know_rules<'a>(version: &str, names: impl Iterator<Item = &'a str>) {
    let mut known = RULES.write().unwrap_or_else(PoisonError::into_inner);
    for name in names {
        if known.len() >= MAX_RULES {
            break;
        }
        if known.insert(name.to_owned()) {
            counter!(DECISIONS, "rule" => name.to_owned(), "outcome" => "speak").increment(0);
            counter!(VISITS, "rule" => name.to_owned(), "outcome" => "said").increment(0);
        }
    }
    drop(known);
    static LAST: RwLock<String> = RwLock::new(String::new());
    let mut last = LAST.write().unwrap_or_else(PoisonError::into_inner);
    build(&last, 0.0);
    version.clone_into(&mut last);
    build(&last, 1.0);
}

/// Rules that were in force before are shown as 0.
fn build(rules_version: &str, number: f64) {
    if !rules_version.is_empty() {
        let version = env!("CARGO_PKG_VERSION");
        gauge!(BUILD, "version" => version, "rules_version" => rules_version.to_owned()).set(number);
    }
}

/// The rule's name where it has numbers of its own.
fn label(rule: &str) -> String {
    let known = RULES.read().unwrap_or_else(PoisonError::into_inner);
    if known.contains(rule) { rule.to_owned() } else { OTHER.to_owned() }
}

/// A rule was found for a message: it speaks, or does not for this reason.
///
/// Messages without a rule, which are nearly all, are counted in a [`super::Grid`].
pub fn decided(rule: &str, outcome: &'static str) {
    counter!(DECISIONS, "rule" => label(rule), "outcome" => outcome).increment(1);
}

/// A visit ended.
pub fn visit_ended(rule: &str, outcome: &'static str) {
    counter!(VISITS, "rule" => label(rule), "outcome" => outcome).increment(1);
}

/// A step of a visit took so long, whatever came of it.
pub fn step(step: &'static str, took: Duration) {
    histogram!(STEP, "step" => step).record(took);
}

/// A reply was said so long after its webhook was written down.
pub fn replied(after: Duration) {
    histogram!(REPLY).record(after);
}

/// So many visits were claimed again because their lease ended first.
pub fn leases_lost(number: u64) {
    counter!(LEASES).increment(number);
}

/// A call of the platform ended; `error` is its type, from a list.
pub fn called(action: &str, error: Option<&'static str>, took: Duration) {
    counter!(CALLS, "action" => action.to_owned(), "error" => error.unwrap_or("none")).increment(1);
    histogram!(CALL, "action" => action.to_owned()).record(took);
}

/// What a sweep may find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// A message that no webhook told of, and that is young enough to be answered.
    Missed,
    /// One that is too old.
    TooOld,
    /// Our bot in a chat in which it has no visit.
    LeftBehind,
}

impl Finding {
    const ALL: [Self; 3] = [Self::Missed, Self::TooOld, Self::LeftBehind];

    fn name(self) -> &'static str {
        match self {
            Self::Missed => "missed",
            Self::TooOld => "too_old",
            Self::LeftBehind => "left_behind",
        }
    }
}

/// A sweep found so many of these.
pub fn found(finding: Finding, number: u64) {
    counter!(FINDINGS, "finding" => finding.name()).increment(number);
}

/// What comes of reading the rules again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reload {
    /// They are in force.
    InForce,
    /// They are as they were.
    Unchanged,
    /// They are wrong; the old ones stay in force.
    Refused,
}

impl Reload {
    const ALL: [Self; 3] = [Self::InForce, Self::Unchanged, Self::Refused];

    fn name(self) -> &'static str {
        match self {
            Self::InForce => "in_force",
            Self::Unchanged => "unchanged",
            Self::Refused => "refused",
        }
    }
}

/// The rules were read again.
pub fn reloaded(reload: Reload) {
    counter!(RELOADS, "outcome" => reload.name()).increment(1);
}

/// What keeps a visit from beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Too many begin in a minute: it waits.
    PerMinute,
    /// Its thread has had as many as one may have: it is not admitted.
    PerThread,
}

impl Limit {
    const ALL: [Self; 2] = [Self::PerMinute, Self::PerThread];

    fn name(self) -> &'static str {
        match self {
            Self::PerMinute => "per_minute",
            Self::PerThread => "per_thread",
        }
    }
}

/// A limit kept so many visits from beginning.
pub fn braked(limit: Limit, number: u64) {
    counter!(BRAKED, "limit" => limit.name()).increment(number);
}

/// In how many organizations the breaker is open.
pub fn breakers_open(number: usize) {
    gauge!(BREAKERS).set(float(u64::try_from(number).unwrap_or(u64::MAX)));
}

/// How many visits of a state there are; `None` while nobody knows.
pub fn outbox_visits(state: &'static str, number: Option<u64>) {
    gauge!(OUTBOX, "state" => state).set(number.map_or(UNKNOWN, float));
}

/// The age of the oldest visit that is not over; `None` while nobody knows.
pub fn outbox_oldest(age: Option<Duration>) {
    gauge!(OLDEST).set(age.map_or(UNKNOWN, |age| age.as_secs_f64()));
}

/// The age of the oldest token in use.
pub fn token_age(age: Option<Duration>) {
    gauge!(TOKEN).set(age.map_or(UNKNOWN, |age| age.as_secs_f64()));
}

/// In how many chats the bot is longer than it may be.
pub fn present_too_long(chats: usize) {
    gauge!(PRESENT).set(float(u64::try_from(chats).unwrap_or(u64::MAX)));
}

/// Exact below 2^53, which no number of visits reaches.
#[expect(clippy::cast_precision_loss, reason = "said above")]
fn float(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_tell_their_unit() {
        let names: BTreeSet<_> = ALL.iter().map(|metric| metric.name).collect();
        assert_eq!(names.len(), ALL.len());
        for Metric { name, kind, help } in ALL {
            assert!(name.starts_with("chimein_") && help.ends_with('.'), "{name}");
            assert_eq!(name.ends_with("_total"), *kind == Kind::Counter, "{name}");
            assert!(*kind != Kind::Histogram || name.ends_with("_seconds"), "{name}");
        }
    }

    #[test]
    fn rules_beyond_the_limit_are_counted_together() {
        let names: Vec<String> = (0..MAX_RULES + 5).map(|number| format!("rule {number}")).collect();
        know_rules("v", names.iter().map(String::as_str));
        know_rules("w", ["late"].into_iter());
        assert_eq!((label("rule 0"), label("late")), ("rule 0".to_owned(), OTHER.to_owned()));
        assert_eq!(label(&format!("rule {}", MAX_RULES + 4)), OTHER);
    }
}
