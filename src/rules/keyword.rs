//! One keyword, ready to be found, and the question whether it really stands in a text.
//!
//! The search finds a keyword's letters; whether they count is asked here: borders, accents, addresses.

use std::ops::Range;

use super::fold::{Folded, Folding, detailed};
use super::letters::{cuts_letter, ends_word, starts_word};
use super::mask::addresses;
use super::rule::Matching;
use super::wildcard::Wildcard;

/// What a keyword asks for.
#[derive(Debug)]
pub(super) enum Shape {
    /// `*` alone: any message.
    Any,
    /// Letters.
    Plain(Plain),
    /// Letters with `*` among them.
    Wildcard(Wildcard),
}

/// A keyword without wildcards.
#[derive(Debug)]
pub(super) struct Plain {
    letters: String,
    accents: Vec<Accents>,
}

/// The accents that a letter of a keyword has, and that the text's letter must have.
#[derive(Debug)]
struct Accents {
    at: usize,
    marks: Vec<char>,
}

/// A text with everything that the questions need.
pub(super) struct Text<'t> {
    pub(super) folded: Folded,
    written: &'t str,
    addresses: Vec<Range<usize>>,
}

/// Why a keyword can never be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Never {
    /// Nothing is left of it when texts are compared.
    Empty,
    /// It is made of wildcards only.
    OnlyWildcards,
    /// It is, or holds, an address, and addresses are not searched.
    Address,
}

impl Shape {
    /// Reads a keyword as it is written.
    pub(super) fn read(keyword: &str, folding: Folding) -> Result<Self, Never> {
        if !addresses(keyword).is_empty() {
            return Err(Never::Address);
        }
        let folded = detailed(keyword, folding);
        if folded.base.is_empty() {
            return Err(Never::Empty);
        }
        if keyword.contains('*') {
            return match Wildcard::read(&folded, keyword) {
                Some(wildcard) => Ok(Self::Wildcard(wildcard)),
                None if folded.base.bytes().all(|byte| byte == b'*') => Ok(Self::Any),
                None => Err(Never::OnlyWildcards),
            };
        }
        let accents = folded
            .base
            .char_indices()
            .map(|(at, _)| Accents { at, marks: folded.accents(at).to_vec() })
            .filter(|accents| !accents.marks.is_empty())
            .collect();
        Ok(Self::Plain(Plain { accents, letters: folded.base }))
    }

    /// The letters to search for; none for any message.
    pub(super) fn needle(&self) -> Option<&str> {
        match self {
            Self::Any => None,
            Self::Plain(plain) => Some(&plain.letters),
            Self::Wildcard(wildcard) => Some(wildcard.needle()),
        }
    }
}

impl Plain {
    /// The keyword's place in the text as it was written, when its letters at this byte count.
    pub(super) fn stands(&self, text: &Text<'_>, start: usize, matching: Matching) -> Option<Range<usize>> {
        let end = start + self.letters.len();
        let base = text.folded.base.as_str();
        let (before, after) = (base.get(..start)?, base.get(end..)?);
        let starts = || self.letters.chars().next().is_some_and(|first| starts_word(first, before));
        let ends = || self.letters.chars().next_back().is_some_and(|last| ends_word(last, after));
        let stands = match matching {
            Matching::Word => starts() && ends(),
            Matching::Contains => !cuts_letter(after),
            Matching::Exact => before.is_empty() && after.is_empty(),
            Matching::StartsWith => before.is_empty() && ends(),
            Matching::EndsWith => after.is_empty() && starts(),
        };
        let accented = || self.accents.iter().all(|accents| text.bears(start + accents.at, &accents.marks));
        let place = text.folded.original(start..end);
        (stands && accented() && !text.is_address(&place)).then_some(place)
    }
}

impl<'t> Text<'t> {
    /// Makes a text ready for the questions.
    pub(super) fn new(written: &'t str, folding: Folding) -> Self {
        Self { folded: detailed(written, folding), written, addresses: addresses(written) }
    }

    /// Whether the letter at this byte of the folded text bears these accents.
    pub(super) fn bears(&self, letter: usize, accents: &[char]) -> bool {
        self.folded.bears(letter, accents, self.written)
    }

    /// Whether any of this place is inside an address.
    pub(super) fn is_address(&self, place: &Range<usize>) -> bool {
        let next = self.addresses.partition_point(|address| address.end <= place.start);
        self.addresses.get(next).is_some_and(|address| address.start < place.end)
    }
}
