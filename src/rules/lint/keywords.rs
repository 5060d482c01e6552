//! Single keywords: whether another rule has the same one, and whether it is short.

use std::collections::HashMap;
use std::mem::{Discriminant, discriminant};

use icu_properties::props::Script;
use icu_properties::{CodePointMapData, CodePointMapDataBorrowed};

use super::super::decide::listens;
use super::super::fold::{Folding, detailed};
use super::super::rule::{Matching, Rule};
use super::places::without_stars;
use super::{AUTHORS, ByAuthor};

const SCRIPT: CodePointMapDataBorrowed<'static, Script> = CodePointMapData::new();

/// Scripts of which a word usually has more letters than [`SHORT`]. In others (Chinese, Korean, Thai, Hebrew, Arabic, …) one to
/// three letters are a whole word.
const ALPHABETS: &[Script] = &[Script::Latin, Script::Greek, Script::Cyrillic];
/// Fewer letters are few.
const SHORT: usize = 4;

/// Keywords that find the same: folded, with their accents and wildcards.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    letters: String,
    has_stars: bool,
    matching: Discriminant<Matching>,
    case_sensitive: bool,
}

/// Which rules have a keyword first.
#[derive(Default)]
pub(super) struct Same {
    first: HashMap<Key, ByAuthor>,
}

impl Same {
    /// For each author that the rule listens to, another rule that has the keyword already. Rules come in the order in which
    /// they are asked.
    pub(super) fn first(&mut self, number: usize, rule: &Rule, keyword: &str) -> ByAuthor {
        let known = self.first.entry(Key::of(rule, keyword)).or_default();
        let mut others = ByAuthor::default();
        for ((author, first), other) in AUTHORS.iter().zip(known).zip(&mut others) {
            if listens(rule.from, *author) {
                *other = Some(*first.get_or_insert(number)).filter(|first| *first != number);
            }
        }
        others
    }
}

impl Key {
    fn of(rule: &Rule, keyword: &str) -> Self {
        let folding = if rule.case_sensitive { Folding::Cased } else { Folding::Same };
        let folded = detailed(keyword, folding);
        let mut letters = String::with_capacity(folded.base.len());
        for (at, letter) in folded.base.char_indices() {
            letters.push(letter);
            let mut accents = folded.accents(at).to_vec();
            accents.sort_unstable();
            letters.extend(accents);
        }
        Self {
            letters,
            has_stars: keyword.contains('*'),
            matching: discriminant(&rule.matching),
            case_sensitive: rule.case_sensitive,
        }
    }
}

/// How many letters a keyword has, when they are too few.
pub(super) fn is_short(rule: &Rule, keyword: &str) -> Option<usize> {
    if rule.matching == Matching::Exact || rule.case_sensitive {
        return None;
    }
    let letters = detailed(&without_stars(keyword), Folding::Same).base;
    // Digits and signs ("404", "c++") make a short one special enough.
    let plain = letters.chars().all(|c| c == ' ' || c.is_alphabetic() && ALPHABETS.contains(&SCRIPT.get(c)));
    let count = letters.chars().filter(|c| *c != ' ').count();
    (plain && (1..SHORT).contains(&count)).then_some(count)
}
