//! The linter: what may stand in a rules file and is hardly meant.
//!
//! It warns only of what it is sure of, once for each cause, and never of a rule that is off. Its time grows with the files, not
//! with the square of them: what it asks of the rules, the search answers.

mod before;
mod keywords;
mod places;
mod warnings;

use serde::Serialize;

use super::compile::Rules;
use super::decide::{Author, listens};
use super::form::Form;
use super::mistakes::{Lines, Notes, Source};
use super::rule::{Mode, Rule, Visibility};
use super::search::{Hit, Listener};
use before::{Before, is_unconditional};
use keywords::Same;
use places::{Place, Places, without_stars};

pub use warnings::Warnings;

/// What a warning is about; its name in JSON never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Rules that go before it find everything that the rule listens for.
    NeverSpeaks,
    /// The keyword stands in a rule that goes before this one, too.
    SameKeyword,
    /// The keyword is so short that it is found where nobody means it.
    ShortKeyword,
    /// Who quotes the reply is answered again.
    Echo,
    /// Nothing shows what the rule answers.
    NoExamples,
}

/// Whom a rule can listen to.
const AUTHORS: [Author; 2] = [Author::Customer, Author::Agent];
/// For each of them the number of a rule.
type ByAuthor = [Option<usize>; AUTHORS.len()];
/// So many rules are named in one warning.
const NAMED: usize = 3;

/// Rules that were compiled and not linted yet: what they were made of.
pub(super) struct Linter {
    sources: Vec<Source>,
    /// Each with the number of its source.
    forms: Vec<(usize, Form)>,
}

impl Linter {
    pub(super) fn new(sources: Vec<Source>, forms: Vec<(usize, Form)>) -> Self {
        Self { sources, forms }
    }

    /// Looks at the rules, which are those of these sources.
    pub(super) fn run(self, rules: &Rules) -> Warnings {
        let lines = self.sources.iter().map(|source| Lines::of(&source.text)).collect();
        let places = Places::of_files(&self.forms);
        let mut look =
            Look { rules, sources: &self.sources, places: &places, lines, notes: Notes::default() };
        look.at_all();
        Warnings::new(look.notes.close(self.sources))
    }
}

/// One look at all rules.
struct Look<'r> {
    rules: &'r Rules,
    sources: &'r [Source],
    places: &'r Places,
    lines: Vec<Lines>,
    notes: Notes,
}

impl Look<'_> {
    fn at_all(&mut self) {
        let (rules, places) = (self.rules, self.places);
        let (mut before, mut same) = (Before::new(rules), Same::default());
        let mut order: Vec<(usize, &Rule)> = rules.iter().enumerate().collect();
        order.sort_by_key(|(number, _)| rules.rank(*number));
        for (number, rule) in order {
            let Some(place) = places.of(number) else { continue };
            if rule.mode == Mode::Off {
                continue;
            }
            // Of a rule that never speaks nothing else matters before that is mended.
            if let Some(all) = before.always(number, rule) {
                self.never_speaks(place, &all);
                continue;
            }
            // Two rules may share a keyword where one of them wants more than that.
            if is_unconditional(rule) {
                self.same_keywords(&mut same, number, rule, place);
            }
            self.short_keywords(rule, place);
            self.echoes(number, rule, place);
            self.examples(rule, place);
        }
    }

    fn never_speaks(&mut self, place: &Place, all: &[usize]) {
        let mut names: Vec<String> = all.iter().take(NAMED).map(|number| self.named(*number)).collect();
        let verbs = if let [_] = all { "goes before it and finds" } else { "go before it and find" };
        if let Some(others) = all.len().checked_sub(NAMED).filter(|others| *others > 0) {
            names.push(if others == 1 { "another one".to_owned() } else { format!("{others} others") });
        }
        let names = match names.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, first)) => format!("{} and {last}", first.join(", ")),
            None => return,
        };
        let message = format!("this rule can never speak: {names} {verbs} every keyword of it");
        let mut suggestion = "give it a higher `priority`, put it earlier, or remove it".to_owned();
        if all.iter().any(|number| self.rules.rule(*number).is_some_and(|rule| rule.mode == Mode::Shadow)) {
            suggestion += "; a rule in mode shadow keeps those after it silent, too";
        }
        self.notes.warn(Kind::NeverSpeaks, place.file, place.name.clone(), message, suggestion);
    }

    fn same_keywords(&mut self, same: &mut Same, number: usize, rule: &Rule, place: &Place) {
        for (keyword, span) in rule.words.keywords.iter().zip(&place.keywords) {
            let first = same.first(number, rule, keyword);
            let Some(before) = first.iter().flatten().copied().next() else { continue };
            let whose = match first {
                [Some(_), None] => "a customer's message",
                [None, Some(_)] => "an agent's message",
                _ => "a message",
            };
            let message = format!(
                "`{keyword}` is also a keyword of {}, which goes before this rule",
                self.named(before)
            );
            let suggestion = format!("{whose} with it never comes this far: remove it from one of the two");
            self.notes.warn(Kind::SameKeyword, place.file, span.clone(), message, suggestion);
        }
    }

    fn short_keywords(&mut self, rule: &Rule, place: &Place) {
        for (keyword, span) in rule.words.keywords.iter().zip(&place.keywords) {
            let Some(letters) = keywords::is_short(rule, keyword) else { continue };
            let many = if letters == 1 { "one letter".to_owned() } else { format!("{letters} letters") };
            let message = format!("`{keyword}` has only {many}, and is found where nobody means it");
            let suggestion =
                "write more of what people say, or add a line: match = \"exact\", or case_sensitive = true \
                              for an abbreviation"
                    .to_owned();
            self.notes.warn(Kind::ShortKeyword, place.file, span.clone(), message, suggestion);
        }
    }

    /// Replies that the rule would answer, were they quoted by one who sees them.
    fn echoes(&mut self, number: usize, rule: &Rule, place: &Place) {
        let quoted = AUTHORS.iter().any(|author| {
            let sees = *author == Author::Agent || rule.visibility == Visibility::All;
            sees && listens(rule.from, *author)
        });
        if !quoted || is_any(rule) {
            return;
        }
        for (text, span) in rule.reply.texts().zip(&place.texts) {
            let mut own = Own { rule: number, heard: None };
            self.rules.search().scan(0, text, &mut own);
            let Some(keyword) = own.heard.and_then(|keyword| rule.words.keywords.get(keyword)) else {
                continue;
            };
            let message = format!(
                "this reply contains the rule's own keyword `{keyword}`: who quotes it is answered again"
            );
            let suggestion = "say it in other words, or listen for more than this keyword".to_owned();
            self.notes.warn(Kind::Echo, place.file, span.clone(), message, suggestion);
        }
    }

    fn examples(&mut self, rule: &Rule, place: &Place) {
        if place.has_examples || self.places.is_tested(&rule.name) {
            return;
        }
        let example =
            rule.words.keywords.first().filter(|_| !is_any(rule)).map(|keyword| without_stars(keyword));
        let example = toml::Value::from(example.as_deref().unwrap_or("Hello"));
        let message = format!("`{}` has no example of what it answers", rule.name);
        let suggestion = format!("add messages that it should answer, like: should_match = [{example}]");
        self.notes.warn(Kind::NoExamples, place.file, place.name.clone(), message, suggestion);
    }

    /// A rule and where it stands.
    fn named(&self, number: usize) -> String {
        let name = self.rules.rule(number).map_or("", |rule| rule.name.as_str());
        let place = self.places.of(number).and_then(|place| {
            let line = self.lines.get(place.file)?.number(place.name.start);
            Some(format!("{}:{line}", self.sources.get(place.file)?.name))
        });
        format!("`{name}` ({})", place.unwrap_or_default())
    }
}

/// Whether the rule answers any message.
fn is_any(rule: &Rule) -> bool {
    matches!(rule.words.keywords.as_slice(), [keyword] if without_stars(keyword).is_empty())
}

/// Listens to the first keyword of one rule.
struct Own {
    rule: usize,
    heard: Option<usize>,
}

impl Listener for Own {
    fn wants(&self, rule: usize) -> bool {
        rule == self.rule && self.heard.is_none()
    }

    fn hears(&mut self, hit: Hit) {
        self.heard = Some(hit.number);
    }
}
