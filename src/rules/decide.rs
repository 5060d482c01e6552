//! Who speaks: one message in, one decision out.
//!
//! Finding comes first and choosing after it: of all rules that found a keyword and listen to the author, the one
//! with the highest priority speaks, among equals the first in the file. A bot is never answered.

use jiff::Timestamp;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;

use super::compile::Rules;
use super::limits::{MAX_FOUND, MAX_GATHERED};
use super::rule::{From, HoursAre, Mode, Rule};
use super::search::{Hit, Listener};

/// What somebody wrote.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// One text for a message, each answer of a form; a rule that matches any of them matches.
    pub texts: &'a [Cow<'a, str>],
    /// Who wrote it.
    pub author: Author,
    /// When; without it, conditions of time are taken as met.
    pub at: Option<Timestamp>,
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// A customer.
    Customer,
    /// A human agent.
    Agent,
    /// A bot, ourselves included: never answered.
    Bot,
    /// Not known yet: taken for a customer; the caller makes sure before anything is said.
    Unknown,
}

/// What to do about a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision<'r> {
    /// A rule speaks (or would: look at its mode).
    Speak(Speak<'r>),
    /// No rule speaks.
    Silent(Silence),
}

/// The rule that speaks, and what it heard.
#[derive(Debug, Clone, PartialEq)]
pub struct Speak<'r> {
    /// The rule. With [`Mode::Shadow`] the caller reports it and says nothing.
    pub rule: &'r Rule,
    /// Where its keywords stand, in the order of the text; at least one.
    pub found: Vec<Found<'r>>,
}

/// A place in a text where a keyword was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found<'r> {
    /// Which of the message's texts.
    pub text: usize,
    /// First byte in that text as it was written; always the border of a character.
    pub start: usize,
    /// The byte after the last one; always the border of a character.
    pub end: usize,
    /// The keyword as it is written in the rule.
    pub keyword: &'r str,
}

/// Why no rule speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Silence {
    /// No keyword of any rule was found.
    NoRuleFits,
    /// A keyword was found, but its rule does not listen to this author.
    NotTheirs,
    /// A keyword was found, but its rule does not speak at this time.
    Hours,
    /// A bot wrote it.
    ByBot,
    /// There is nothing to read: no text, or only white space.
    Empty,
    /// No keyword stands in what is looked at of a text that is longer than that.
    TooLong,
}

impl Silence {
    /// The reason's name in logs and JSON; it never changes.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoRuleFits => "no_rule_fits",
            Self::NotTheirs => "not_theirs",
            Self::Hours => "hours",
            Self::ByBot => "by_bot",
            Self::Empty => "empty",
            Self::TooLong => "too_long",
        }
    }
}

impl Rules {
    /// Decides who speaks. The same rules and the same message give the same decision.
    pub fn decide(&self, message: &Message<'_>) -> Decision<'_> {
        if message.author == Author::Bot {
            return Decision::Silent(Silence::ByBot);
        }
        let mut choice = Choice {
            rules: self,
            moment: self.moment_of(message),
            best: None,
            hits: Vec::new(),
            gathered: BTreeMap::new(),
            refusal: None,
        };
        let is_readable = self.scan(message, &mut choice);
        match choice.best() {
            Some((rule, hits)) => Decision::Speak(Speak { rule, found: found(rule, hits) }),
            None if let Some(refusal) = choice.refusal => Decision::Silent(refusal),
            None if message.texts.iter().any(|text| text.len() > self.max_text()) => {
                Decision::Silent(Silence::TooLong)
            }
            None if is_readable => Decision::Silent(Silence::NoRuleFits),
            None => Decision::Silent(Silence::Empty),
        }
    }

    /// What of a message rules ask beside its words.
    pub(super) fn moment_of(&self, message: &Message<'_>) -> Moment {
        Moment { author: message.author, is_open: message.at.and_then(|at| self.are_open(at)) }
    }

    /// Searches all texts of a message; false when none of them has anything to read.
    pub(super) fn scan(&self, message: &Message<'_>, listener: &mut impl Listener) -> bool {
        let mut readable = false;
        for (number, text) in message.texts.iter().enumerate() {
            let text = cut(text, self.max_text());
            readable |= self.search().scan(number, text, listener);
        }
        readable
    }
}

/// The best rule so far, while a message is searched.
struct Choice<'r> {
    rules: &'r Rules,
    moment: Moment,
    best: Option<&'r Rule>,
    hits: Vec<Hit>,
    /// Of rules that need more than one keyword, by their number: what was found of them so far.
    gathered: BTreeMap<usize, Vec<Hit>>,
    /// Why a rule whose keyword was found does not speak.
    refusal: Option<Silence>,
}

impl<'r> Choice<'r> {
    /// The rule that speaks and what was found of it, once all is searched.
    fn best(&mut self) -> Option<(&'r Rule, Vec<Hit>)> {
        let mut best = self
            .best
            .zip(self.hits.first().map(|hit| hit.rule))
            .map(|(rule, number)| (number, rule, std::mem::take(&mut self.hits)));
        for (number, hits) in std::mem::take(&mut self.gathered) {
            let goes_before =
                best.as_ref().is_none_or(|(best, ..)| self.rules.rank(number) < self.rules.rank(*best));
            if goes_before
                && let Some(rule) = self.rules.rule(number)
                && let Ok(hits) = rule.fit(hits)
            {
                best = Some((number, rule, hits));
            }
        }
        best.map(|(_, rule, hits)| (rule, hits))
    }

    /// Whether this is the best rule so far, or a better one.
    fn is_best(&self, number: usize) -> bool {
        let Some(best) = self.hits.first() else { return true };
        self.rules.rank(number) <= self.rules.rank(best.rule)
    }
}

impl Listener for Choice<'_> {
    fn wants(&self, number: usize) -> bool {
        let Some(rule) = self.rules.rule(number).filter(|rule| rule.mode != Mode::Off) else { return false };
        let is_plain = rule.words.is_plain();
        if rule.refusal(self.moment).is_some() {
            return is_plain && self.best.is_none() && self.refusal.is_none();
        }
        let enough = if is_plain {
            self.hits.len() >= MAX_FOUND && self.hits.first().is_some_and(|best| best.rule == number)
        } else {
            self.gathered.get(&number).is_some_and(|hits| hits.len() >= MAX_GATHERED)
        };
        self.is_best(number) && !enough
    }

    fn hears(&mut self, hit: Hit) {
        let Some(rule) = self.rules.rule(hit.rule) else { return };
        if let Some(refusal) = rule.refusal(self.moment) {
            self.refusal = Some(refusal);
            return;
        }
        if !rule.words.is_plain() {
            self.gathered.entry(hit.rule).or_default().push(hit);
            return;
        }
        if self.hits.first().is_some_and(|best| best.rule != hit.rule) {
            self.hits.clear();
        }
        self.best = Some(rule);
        self.hits.push(hit);
    }
}

/// The places of a rule's keywords, in the order of the text.
pub(super) fn found(rule: &Rule, mut hits: Vec<Hit>) -> Vec<Found<'_>> {
    hits.sort();
    hits.truncate(MAX_FOUND);
    hits.into_iter()
        .filter_map(|hit| {
            let keyword = rule.words.get(hit.number)?;
            Some(Found { text: hit.text, start: hit.start, end: hit.end, keyword })
        })
        .collect()
}

/// The beginning of a text that is looked at, cut at the border of a character.
fn cut(text: &str, max_text: usize) -> &str {
    if text.len() <= max_text {
        return text;
    }
    (0..=max_text).rev().find_map(|end| text.get(..end)).unwrap_or_default()
}

/// What of a message rules ask beside its words.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    author: Author,
    /// Whether the business is open; not known without business hours, or without a time.
    is_open: Option<bool>,
}

impl Rule {
    /// Why it does not speak now, whatever is found of it.
    pub(super) fn refusal(&self, moment: Moment) -> Option<Silence> {
        let is_theirs = listens(self.from, moment.author);
        let is_time = match (self.hours, moment.is_open) {
            (Some(HoursAre::Inside), Some(is_open)) => is_open,
            (Some(HoursAre::Outside), Some(is_open)) => !is_open,
            (None, _) | (_, None) => true,
        };
        match (is_theirs, is_time) {
            (false, _) => Some(Silence::NotTheirs),
            (true, false) => Some(Silence::Hours),
            (true, true) => None,
        }
    }
}

/// Whether a rule that listens to `from` listens to this author.
pub(super) fn listens(from: From, author: Author) -> bool {
    match (from, author) {
        (_, Author::Bot)
        | (From::Customer, Author::Agent)
        | (From::Agent, Author::Customer | Author::Unknown) => false,
        (From::Anyone, _)
        | (From::Customer, Author::Customer | Author::Unknown)
        | (From::Agent, Author::Agent) => true,
    }
}
