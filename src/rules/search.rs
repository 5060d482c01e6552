//! Finds every keyword of every rule in one pass over a text.
//!
//! Two automata at the most: one for rules that fold case, one for those that do not. A text without any keyword
//! costs folding and the pass; places, accents and addresses are looked at only when letters were found.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError};

use super::fold::{Folding, is_blank, letters};
use super::keyword::{Shape, Text};
use super::rule::Matching;

/// Up to so many keywords the fast automaton is small enough; beyond it, it is slower than the compact one.
const FAST_UP_TO: usize = 5_000;

/// Everything that can be found.
#[derive(Debug)]
pub(super) struct Search {
    automata: Vec<Automaton>,
    keywords: Vec<Keyword>,
    any: Vec<usize>,
}

/// A keyword of a rule.
#[derive(Debug)]
pub(super) struct Keyword {
    /// The rule's number.
    pub(super) rule: usize,
    /// The keyword's number in the rule.
    pub(super) number: usize,
    pub(super) shape: Shape,
    pub(super) matching: Matching,
    pub(super) folding: Folding,
}

/// A keyword found at a place of the text as it was written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hit {
    pub(super) text: usize,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) rule: usize,
    pub(super) number: usize,
}

/// Who wants to know what is found.
pub(super) trait Listener {
    /// Whether more of this rule is worth looking at.
    fn wants(&self, rule: usize) -> bool;
    /// A keyword of a wanted rule was found.
    fn hears(&mut self, hit: Hit);
}

/// All keywords of one folding.
#[derive(Debug)]
struct Automaton {
    search: AhoCorasick,
    folding: Folding,
    /// For each needle the keywords that it may be.
    owners: Vec<Vec<usize>>,
}

/// One text while it is searched.
struct Pass<'s, 't, L> {
    keywords: &'s [Keyword],
    number: usize,
    written: &'t str,
    listener: &'s mut L,
    text: Option<Text<'t>>,
    /// Keywords with wildcards that are done: one walk finds all their places.
    walked: Vec<usize>,
}

impl Search {
    /// Makes keywords ready to be found.
    pub(super) fn new(keywords: Vec<Keyword>) -> Result<Self, BuildError> {
        let mut automata = Vec::new();
        for folding in [Folding::Same, Folding::Cased] {
            automata.extend(Automaton::new(&keywords, folding)?);
        }
        let any = keywords.iter().enumerate().filter(|(_, keyword)| keyword.shape.needle().is_none());
        let any = any.map(|(id, _)| id).collect();
        Ok(Self { automata, keywords, any })
    }

    /// Tells the listener every wanted keyword in the text; false when there is nothing to read.
    pub(super) fn scan(&self, number: usize, written: &str, listener: &mut impl Listener) -> bool {
        if is_blank(written) {
            return false;
        }
        for automaton in &self.automata {
            let folded = letters(written, automaton.folding);
            let mut pass = Pass {
                keywords: &self.keywords,
                number,
                written,
                listener: &mut *listener,
                text: None,
                walked: Vec::new(),
            };
            for found in automaton.search.find_overlapping_iter(&folded) {
                for id in automaton.owners.get(found.pattern().as_usize()).into_iter().flatten() {
                    pass.candidate(*id, automaton.folding, found.start());
                }
            }
        }
        for keyword in self.any.iter().filter_map(|id| self.keywords.get(*id)) {
            if listener.wants(keyword.rule) {
                listener.hears(keyword.hit(number, 0..written.len()));
            }
        }
        true
    }
}

impl Automaton {
    fn new(keywords: &[Keyword], folding: Folding) -> Result<Option<Self>, BuildError> {
        let mut needles: Vec<&str> = Vec::new();
        let mut owners: Vec<Vec<usize>> = Vec::new();
        let mut known: HashMap<&str, usize> = HashMap::new();
        for (id, keyword) in keywords.iter().enumerate().filter(|(_, keyword)| keyword.folding == folding) {
            let Some(needle) = keyword.shape.needle() else { continue };
            match known.entry(needle) {
                Entry::Occupied(place) => {
                    if let Some(owners) = owners.get_mut(*place.get()) {
                        owners.push(id);
                    }
                }
                Entry::Vacant(place) => {
                    place.insert(needles.len());
                    needles.push(needle);
                    owners.push(vec![id]);
                }
            }
        }
        if needles.is_empty() {
            return Ok(None);
        }
        let kind =
            if needles.len() <= FAST_UP_TO { AhoCorasickKind::DFA } else { AhoCorasickKind::ContiguousNFA };
        let search = AhoCorasick::builder().kind(Some(kind)).build(&needles)?;
        Ok(Some(Self { search, folding, owners }))
    }
}

impl Keyword {
    fn hit(&self, text: usize, place: Range<usize>) -> Hit {
        Hit { text, start: place.start, end: place.end, rule: self.rule, number: self.number }
    }
}

impl<L: Listener> Pass<'_, '_, L> {
    /// The letters of a keyword stand at this byte: looks whether the keyword does.
    fn candidate(&mut self, id: usize, folding: Folding, start: usize) {
        let Some(keyword) = self.keywords.get(id) else { return };
        if !self.listener.wants(keyword.rule) {
            return;
        }
        let text = self.text.get_or_insert_with(|| Text::new(self.written, folding));
        let places = match &keyword.shape {
            Shape::Plain(plain) => Vec::from_iter(plain.stands(text, start, keyword.matching)),
            Shape::Wildcard(_) if self.walked.contains(&id) => Vec::new(),
            Shape::Wildcard(wildcard) => {
                self.walked.push(id);
                wildcard.places(text, keyword.matching)
            }
            Shape::Any => Vec::new(),
        };
        for place in places {
            self.listener.hears(keyword.hit(self.number, place));
        }
    }
}
