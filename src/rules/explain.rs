//! Why a rule speaks, or why none does: the whole decision, told.
//!
//! It is the decision itself that is told, made by the same search; the first reason in the list is about the
//! rule that would be asked first.

use serde::Serialize;

use super::compile::Rules;
use super::decide::{Author, Decision, Found, Message, Silence, found};
use super::fit::Misfit;
use super::limits::{MAX_FOUND, MAX_GATHERED};
use super::rule::{Mode, Rule};
use super::search::{Hit, Listener};

/// A decision with the reason for every rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The rule that speaks.
    pub speaks: Option<String>,
    /// Why none does.
    pub silence: Option<Silence>,
    /// Every rule, the one that goes first in front.
    pub rules: Vec<Reason>,
}

/// What a rule had to do with a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The rule's name.
    pub rule: String,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Where its keywords stand, in the order of the text.
    pub found: Vec<Seen>,
}

/// What became of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It speaks (in mode shadow: it would).
    Speaks,
    /// It would speak, but another rule goes before it.
    Outranked {
        /// The rule that speaks.
        by: String,
    },
    /// Its mode is off.
    Off,
    /// A keyword was found, but the rule does not listen to this author.
    NotTheirs,
    /// A keyword was found, but the rule does not speak at this time.
    Hours,
    /// A bot wrote the message.
    ByBot,
    /// No keyword of it was found.
    NoKeyword,
    /// Fewer different keywords were found than must be there.
    TooFew {
        /// So many were found.
        found: usize,
        /// So many must be there.
        at_least: usize,
    },
    /// A word that must be there is not.
    Lacks {
        /// The word as it is written in the rule.
        word: String,
    },
    /// A word is there that may not be.
    Vetoed {
        /// The word as it is written in the rule.
        word: String,
    },
}

impl Misfit<'_> {
    fn outcome(self, rule: &Rule) -> Outcome {
        match self {
            Self::Nothing => Outcome::NoKeyword,
            Self::TooFew(found) => Outcome::TooFew { found, at_least: rule.words.at_least },
            Self::Lacks(word) => Outcome::Lacks { word: word.to_owned() },
            Self::Vetoed(word) => Outcome::Vetoed { word: word.to_owned() },
        }
    }
}

/// A place where a keyword was found; bytes at borders of characters of the text as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// Which of the message's texts.
    pub text: usize,
    /// The first byte.
    pub start: usize,
    /// The byte after the last one.
    pub end: usize,
    /// The keyword as it is written in the rule.
    pub keyword: String,
}

impl Rules {
    /// Explains what [`Rules::decide`] decides about this message.
    pub fn explain(&self, message: &Message<'_>) -> Explanation {
        let moment = self.moment_of(message);
        let mut all = Everything { rules: self, hits: vec![Vec::new(); self.len()] };
        self.scan(message, &mut all);
        let (speaks, silence) = match self.decide(message) {
            Decision::Speak(speak) => (Some(speak.rule.name.clone()), None),
            Decision::Silent(silence) => (None, Some(silence)),
        };
        let mut rules: Vec<(usize, Reason)> = self
            .iter()
            .zip(all.hits)
            .enumerate()
            .map(|(number, (rule, hits))| {
                let fit = rule.fit(hits.clone());
                let outcome = outcome(
                    rule,
                    fit.as_ref().err().copied(),
                    rule.refusal(moment),
                    message,
                    speaks.as_deref(),
                );
                // Of one that does not fit, what was found is told all the same; of one that is off, what would count.
                let hits = fit.unwrap_or(if rule.mode == Mode::Off { Vec::new() } else { hits });
                let found = found(rule, hits).into_iter().map(Seen::from).collect();
                (self.rank(number), Reason { rule: rule.name.clone(), outcome, found })
            })
            .collect();
        rules.sort_by_key(|(rank, _)| *rank);
        Explanation { speaks, silence, rules: rules.into_iter().map(|(_, reason)| reason).collect() }
    }
}

/// Listens to every rule.
struct Everything<'r> {
    rules: &'r Rules,
    hits: Vec<Vec<Hit>>,
}

impl Listener for Everything<'_> {
    fn wants(&self, rule: usize) -> bool {
        let is_plain = self.rules.rule(rule).is_some_and(|rule| rule.words.is_plain());
        let enough = if is_plain { MAX_FOUND } else { MAX_GATHERED };
        self.hits.get(rule).is_some_and(|hits| hits.len() < enough)
    }

    fn hears(&mut self, hit: Hit) {
        if let Some(hits) = self.hits.get_mut(hit.rule) {
            hits.push(hit);
        }
    }
}

fn outcome(
    rule: &Rule,
    misfit: Option<Misfit<'_>>,
    refusal: Option<Silence>,
    message: &Message<'_>,
    speaks: Option<&str>,
) -> Outcome {
    match speaks {
        _ if rule.mode == Mode::Off => Outcome::Off,
        _ if let Some(misfit) = misfit => misfit.outcome(rule),
        Some(name) if name == rule.name => Outcome::Speaks,
        _ if message.author == Author::Bot => Outcome::ByBot,
        _ if refusal == Some(Silence::Hours) => Outcome::Hours,
        Some(name) if refusal.is_none() => Outcome::Outranked { by: name.to_owned() },
        _ => Outcome::NotTheirs,
    }
}

impl std::convert::From<Found<'_>> for Seen {
    fn from(place: Found<'_>) -> Self {
        let Found { text, start, end, keyword } = place;
        Self { text, start, end, keyword: keyword.to_owned() }
    }
}
