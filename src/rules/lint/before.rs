//! Whether rules that go before a rule find everything that it listens for.
//!
//! It is proven with the search itself. A keyword is put into the text that is hardest for other keywords: between letters of no
//! language where it may stand inside of words, between words where it must be one, alone where it must be the whole text; a
//! wildcard stands for such letters, too. What is found inside the keyword's own place there, is found wherever the keyword is.
//! A rule with a condition beside its keywords never counts as going before, nor does any where there are synonyms.

use std::collections::HashMap;
use std::mem::{Discriminant, discriminant};
use std::ops::Range;

use super::super::compile::Rules;
use super::super::decide::listens;
use super::super::rule::{Matching, Mode, Rule};
use super::super::search::{Hit, Listener};
use super::places::trimmed;
use super::{AUTHORS, ByAuthor, is_any};

/// A letter that no keyword has: Ogham.
const LETTER: &str = "\u{168d}";
/// A mark that a wildcard may stand for, and before which a letter does not end.
const MARK: &str = "\u{93e}";

/// What is known of the keywords so far.
pub(super) struct Before<'r> {
    rules: &'r Rules,
    /// The first rules for any message.
    any: ByAuthor,
    known: HashMap<(&'r str, Discriminant<Matching>, bool), ByAuthor>,
}

/// A text that holds a keyword, and where.
struct Probe {
    text: String,
    place: Range<usize>,
}

impl<'r> Before<'r> {
    pub(super) fn new(rules: &'r Rules) -> Self {
        let mut any = ByAuthor::default();
        for (number, rule) in rules
            .iter()
            .enumerate()
            .filter(|(_, rule)| rule.mode != Mode::Off && is_unconditional(rule) && is_any(rule))
        {
            count(rules, &mut any, number, rule);
        }
        Self { rules, any, known: HashMap::new() }
    }

    /// The rules that go before this one and find all that it listens for, in their order; none when it can speak.
    pub(super) fn always(&mut self, number: usize, rule: &'r Rule) -> Option<Vec<usize>> {
        if rule.words.keywords.is_empty() || self.rules.have_synonyms() {
            return None;
        }
        let mut all = Vec::new();
        for position in 0..rule.words.keywords.len() {
            let first = self.first(number, rule, position);
            for (_, first) in AUTHORS.iter().zip(first).filter(|(author, _)| listens(rule.from, **author)) {
                all.push(first.filter(|first| self.rules.rank(*first) < self.rules.rank(number))?);
            }
        }
        all.sort_by_key(|number| self.rules.rank(*number));
        all.dedup();
        Some(all)
    }

    /// For each author the first rule that finds all that this keyword finds; it may be the keyword's own.
    fn first(&mut self, number: usize, rule: &'r Rule, position: usize) -> ByAuthor {
        let Some(keyword) = rule.words.keywords.get(position) else { return ByAuthor::default() };
        let key = (keyword.as_str(), discriminant(&rule.matching), rule.case_sensitive);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let found = if is_any(rule) { None } else { self.found(number, position, &probes(rule, keyword)) };
        let mut first = found.unwrap_or_default();
        for number in self.any.iter().flatten() {
            if let Some(any) = self.rules.rule(*number) {
                count(self.rules, &mut first, *number, any);
            }
        }
        self.known.insert(key, first);
        first
    }

    /// For each author the first rule that finds the keyword in every probe; nothing is known when it does not itself.
    fn found(&self, rule: usize, keyword: usize, probes: &[Probe]) -> Option<ByAuthor> {
        let mut all: Option<ByAuthor> = None;
        for Probe { text, place } in probes {
            let first = ByAuthor::default();
            let mut ear =
                Ear { rules: self.rules, rule, keyword, place: place.clone(), first, is_heard: false };
            self.rules.search().scan(0, text, &mut ear);
            if !ear.is_heard {
                return None;
            }
            let all = all.get_or_insert(ear.first);
            for (one, other) in all.iter_mut().zip(ear.first) {
                let later = one.zip(other).map(|(one, other)| [one, other]);
                *one = later.and_then(|both| both.into_iter().max_by_key(|number| self.rules.rank(*number)));
            }
        }
        all
    }
}

/// Whether one keyword is all that it needs.
pub(super) fn is_unconditional(rule: &Rule) -> bool {
    rule.words.is_plain() && rule.hours.is_none()
}

/// Lets a rule be the first for those authors for whom it goes before the one that was.
fn count(rules: &Rules, first: &mut ByAuthor, number: usize, rule: &Rule) {
    for (author, first) in AUTHORS.iter().zip(first) {
        if listens(rule.from, *author) && first.is_none_or(|first| rules.rank(number) < rules.rank(first)) {
            *first = Some(number);
        }
    }
}

/// Whether it would be for any of them.
fn is_first(rules: &Rules, mut first: ByAuthor, number: usize, rule: &Rule) -> bool {
    let before = first;
    count(rules, &mut first, number, rule);
    first != before
}

/// The texts in which a keyword is tried.
fn probes(rule: &Rule, keyword: &str) -> Vec<Probe> {
    let keyword = trimmed(keyword);
    // A capital may be more than its small letter: "I" is the capital of "ı", too.
    let keyword = if rule.case_sensitive { keyword.to_owned() } else { keyword.to_lowercase() };
    let fillings: &[&str] = match keyword.contains('*') {
        true if keyword.is_ascii() => &[LETTER],
        true => &[LETTER, MARK],
        false => &[""],
    };
    let inside = rule.matching == Matching::Contains;
    let beside = |star: bool| if inside && !star { LETTER.to_owned() } else { String::new() };
    let (mut front, mut back) = (beside(keyword.starts_with('*')), beside(keyword.ends_with('*')));
    if matches!(rule.matching, Matching::Word | Matching::EndsWith | Matching::Contains) && front.is_empty() {
        front = format!("{LETTER} ");
    }
    if matches!(rule.matching, Matching::Word | Matching::StartsWith | Matching::Contains) && back.is_empty()
    {
        back = format!(" {LETTER}");
    }
    let probe = |filling: &&str| {
        let middle = keyword.replace('*', filling);
        Probe { place: front.len()..front.len() + middle.len(), text: format!("{front}{middle}{back}") }
    };
    fillings.iter().map(probe).collect()
}

/// Listens for the first rules whose keywords stand at a place.
struct Ear<'r> {
    rules: &'r Rules,
    /// The rule that is asked for, and which of its keywords.
    rule: usize,
    keyword: usize,
    place: Range<usize>,
    first: ByAuthor,
    is_heard: bool,
}

impl Listener for Ear<'_> {
    fn wants(&self, number: usize) -> bool {
        if number == self.rule && !self.is_heard {
            return true;
        }
        let (Some(rule), Some(own)) = (self.rules.rule(number), self.rules.rule(self.rule)) else {
            return false;
        };
        // Who tells capitals from small letters does not find what is found in both.
        let knows_case = rule.case_sensitive && !own.case_sensitive;
        rule.mode != Mode::Off
            && is_unconditional(rule)
            && !knows_case
            && is_first(self.rules, self.first, number, rule)
    }

    fn hears(&mut self, hit: Hit) {
        let is_inside = self.place.start <= hit.start && hit.end <= self.place.end;
        let Some(rule) = self.rules.rule(hit.rule).filter(|_| is_inside) else { return };
        self.is_heard |= hit.rule == self.rule && hit.number == self.keyword;
        if is_unconditional(rule) {
            count(self.rules, &mut self.first, hit.rule, rule);
        }
    }
}
