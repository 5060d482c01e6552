//! Text made comparable: the same words give the same letters, however they were typed.
//!
//! NFKC, full case folding, zero-width characters dropped, white space one space, accents set aside as marks of
//! their letters. Keywords and messages go through the same code. Each letter remembers its place in the text as
//! it was written, and every place is at borders of characters.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use icu_casemap::{CaseMapper, CaseMapperBorrowed};
use icu_normalizer::properties::{CanonicalComposition, CanonicalCompositionBorrowed};
use icu_normalizer::{ComposingNormalizer, ComposingNormalizerBorrowed};
use icu_properties::props::DefaultIgnorableCodePoint;
use icu_properties::{CodePointSetData, CodePointSetDataBorrowed};

use super::accents::{DOT_ABOVE, DOTLESS, is_accent, strip};
use super::letters::is_mark;

const NFKC: ComposingNormalizerBorrowed<'static> = ComposingNormalizer::new_nfkc();
const PAIRS: CanonicalCompositionBorrowed<'static> = CanonicalComposition::new();
const CASE: CaseMapperBorrowed<'static> = CaseMapper::new();
const ZERO_WIDTH: CodePointSetDataBorrowed<'static> = CodePointSetData::new::<DefaultIgnorableCodePoint>();

/// Whether upper and lower case are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Folding {
    /// They are: "Pizza" is "pizza".
    Same,
    /// They are not.
    Cased,
}

/// A folded text.
#[derive(Debug)]
pub(super) struct Folded {
    /// The letters without accents, trimmed.
    pub(super) base: String,
    /// One for each character of `base`; empty when every byte stands where it stood (plain ASCII).
    places: Vec<Place>,
    /// The accents, in the order of their letters.
    marks: Vec<char>,
    folding: Folding,
    detailed: bool,
}

/// Where a letter of the folded text comes from.
#[derive(Debug, Clone, Copy)]
struct Place {
    base: usize,
    from: usize,
    to: usize,
    marks: usize,
}

/// What most characters fold to: one letter with at most two accents.
#[derive(Debug, Clone, Copy)]
struct Simple {
    base: char,
    marks: [Option<char>; 2],
}

impl Simple {
    fn is_bare(&self) -> bool {
        self.marks == [None; 2]
    }
}

/// The letters alone, to search in. The same as [`detailed`]'s, in less time.
pub(super) fn letters(text: &str, folding: Folding) -> String {
    if is_tidy_ascii(text) {
        return ascii(text, folding);
    }
    if text.is_ascii() {
        let mut words = String::with_capacity(text.len());
        for word in text.split_whitespace() {
            words.extend((!words.is_empty()).then_some(" "));
            words.push_str(word);
        }
        return ascii(&words, folding);
    }
    walk(text, folding, false).base
}

/// The letters, with their places and accents.
pub(super) fn detailed(text: &str, folding: Folding) -> Folded {
    if is_tidy_ascii(text) {
        let base = ascii(text, folding);
        return Folded { base, places: Vec::new(), marks: Vec::new(), folding, detailed: true };
    }
    walk(text, folding, true)
}

/// Whether there is nothing to read in the text.
pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_zero_width(c))
}

impl Folded {
    /// Where these letters stood in the text as it was written.
    pub(super) fn original(&self, letters: Range<usize>) -> Range<usize> {
        if self.places.is_empty() {
            return letters;
        }
        let first = self.places.get(self.index(letters.start)).map_or(0, |place| place.from);
        let last = self.places.get(self.index(letters.end.saturating_sub(1))).map_or(first, |place| place.to);
        first..last
    }

    /// The accents of the letter at this byte.
    pub(super) fn accents(&self, letter: usize) -> &[char] {
        let index = self.index(letter);
        let Some(place) = self.places.get(index) else { return &[] };
        let end = self.places.get(index + 1).map_or(self.marks.len(), |next| next.marks);
        self.marks.get(place.marks..end).unwrap_or_default()
    }

    /// Whether the letter at this byte bears these accents; `text` is the text as it was written.
    pub(super) fn bears(&self, letter: usize, accents: &[char], text: &str) -> bool {
        let own = self.accents(letter);
        accents.iter().all(|accent| {
            let capital = *accent == DOTLESS && self.folding == Folding::Same;
            own.contains(accent)
                || capital && text.get(self.original(letter..letter + 1)).is_some_and(may_be_dotless)
        })
    }

    /// The place of the character that holds this byte.
    fn index(&self, byte: usize) -> usize {
        self.places.partition_point(|place| place.base <= byte).saturating_sub(1)
    }

    /// Adds a letter; white space comes as a space here.
    fn push(&mut self, letter: char, from: usize, to: usize) {
        if letter == ' ' && (self.base.is_empty() || self.base.ends_with(' ')) {
            if let Some(last) = self.places.last_mut() {
                last.to = to;
            }
            return;
        }
        if self.detailed {
            self.places.push(Place { base: self.base.len(), from, to, marks: self.marks.len() });
        }
        self.base.push(letter);
    }

    fn mark(&mut self, mark: char) {
        let redundant = mark == DOT_ABOVE && self.folding == Folding::Same && self.base.ends_with('i');
        if self.detailed && !redundant && !self.base.is_empty() && !self.base.ends_with(' ') {
            self.marks.push(mark);
        }
    }

    fn trim(&mut self) {
        if self.base.ends_with(' ') {
            self.base.pop();
            self.places.pop();
        }
    }
}

/// Whether lower case is all that the text may need.
fn is_tidy_ascii(text: &str) -> bool {
    let mut after_space = true;
    for byte in text.bytes() {
        let space = byte == b' ';
        if !byte.is_ascii() || space && after_space || (b'\t'..=b'\r').contains(&byte) {
            return false;
        }
        after_space = space;
    }
    !after_space
}

fn ascii(text: &str, folding: Folding) -> String {
    match folding {
        Folding::Same => text.to_ascii_lowercase(),
        Folding::Cased => text.to_owned(),
    }
}

/// Folds any text, letter by letter.
fn walk(text: &str, folding: Folding, detailed: bool) -> Folded {
    let base = String::with_capacity(text.len());
    let mut folded = Folded { base, places: Vec::new(), marks: Vec::new(), folding, detailed };
    let mut rest = text.char_indices().peekable();
    let mut cluster = String::new();
    while let Some((from, c)) = rest.next() {
        let mut to = from + c.len_utf8();
        let alone = rest.peek().is_none_or(|(_, next)| stands_alone(*next));
        if alone && let Some(simple) = simple(c, folding) {
            folded.push(simple.base, from, to);
            simple.marks.iter().flatten().for_each(|mark| folded.mark(*mark));
            continue;
        }
        if is_zero_width(c) {
            continue;
        }
        cluster.clear();
        cluster.push(c);
        while let Some((at, next)) = rest.next_if(|(_, next)| !stands_alone(*next)) {
            if !is_zero_width(next) {
                cluster.push(next);
                to = at + next.len_utf8();
            }
        }
        if !push_pair(&cluster, from, to, &mut folded) {
            compose(&cluster, from, to, &mut folded);
        }
    }
    folded.trim();
    folded
}

/// Folds the most common cluster, a simple letter with one sign that does not compose with it; false for any other.
fn push_pair(cluster: &str, from: usize, to: usize, folded: &mut Folded) -> bool {
    let mut chars = cluster.chars();
    let (Some(letter), Some(sign), None) = (chars.next(), chars.next(), chars.next()) else { return false };
    if is_mark(letter) && !is_inert(letter) {
        return false;
    }
    let (Some(letter), Some(sign)) = (simple(letter, folded.folding), simple(sign, folded.folding)) else {
        return false;
    };
    if PAIRS.compose(letter.base, sign.base).is_some() || !letter.is_bare() || !sign.is_bare() {
        return false;
    }
    folded.push(letter.base, from, to);
    folded.push(sign.base, from, to);
    true
}

/// Folds one letter with everything that composes with it; all of it has one place.
fn compose(cluster: &str, from: usize, to: usize, folded: &mut Folded) {
    let mut composed = NFKC.normalize(cluster);
    if folded.folding == Folding::Same
        && let Cow::Owned(cased) = CASE.fold_string(&composed)
    {
        composed = Cow::Owned(NFKC.normalize(&cased).into_owned());
    }
    let mut accents = Vec::new();
    for c in composed.chars() {
        if is_accent(c) {
            folded.mark(c);
        } else {
            folded.push(strip(alike(c), &mut accents), from, to);
            accents.drain(..).for_each(|mark| folded.mark(mark));
        }
    }
}

/// Characters that keyboards type one for the other: white space, curly apostrophes, the hyphen of word processors.
fn alike(c: char) -> char {
    match c {
        '\u{2018}' | '\u{2019}' | '\u{2bc}' => '\'',
        '\u{2010}' => '-',
        space if space.is_whitespace() => ' ',
        other => other,
    }
}

/// Whether this is a capital I without a dot: it is the capital of both i and ı.
fn may_be_dotless(letter: &str) -> bool {
    let mut accents = Vec::from_iter(letter.chars().skip(1));
    let capital = letter.chars().next().is_some_and(|first| strip(first, &mut accents) == 'I');
    capital && !accents.contains(&DOT_ABOVE)
}

fn is_zero_width(c: char) -> bool {
    !c.is_ascii() && ZERO_WIDTH.contains(c)
}

/// Whether the character begins a letter of its own, so that what stands before it can be folded without it.
fn stands_alone(c: char) -> bool {
    match c {
        '\u{ad}' => false,
        '\0'..'\u{300}' | '\u{370}'..'\u{483}' | '\u{48a}'..'\u{591}' | '\u{1e00}'..'\u{2000}' => true,
        _ if is_plain(c) || is_inert(c) => true,
        // Korean letters that compose with what stands before; the compatibility and half-width ones may.
        '\u{1160}'..='\u{11ff}' | '\u{d7b0}'..='\u{d7fb}' | '\u{ff9e}'..='\u{ff9f}' => false,
        '\u{3131}'..='\u{318e}' | '\u{ffa0}'..='\u{ffdc}' => {
            NFKC.normalize_iter(std::iter::once(c)).next().is_none_or(stands_alone)
        }
        other => !is_mark(other) && !is_zero_width(other),
    }
}

/// Kana, Chinese characters, Korean syllables, pictures: they stand alone and fold to themselves.
fn is_plain(c: char) -> bool {
    matches!(c,
        '\u{3041}'..='\u{3096}'
        | '\u{30a1}'..='\u{30fc}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{1f300}'..='\u{1faff}')
}

/// Vowel signs that neither compose with the letter before them nor change places with other marks.
fn is_inert(c: char) -> bool {
    matches!(c,
        '\u{900}'..='\u{903}'
        | '\u{93e}'..='\u{94c}'
        | '\u{e31}'
        | '\u{e34}'..='\u{e37}'
        | '\u{eb1}'
        | '\u{eb4}'..='\u{eb7}')
}

/// What a character that stands alone folds to, when that is simple and known.
fn simple(c: char, folding: Folding) -> Option<Simple> {
    const ALPHABETS: usize = 0x1200;
    static SAME: LazyLock<Vec<Option<Simple>>> = LazyLock::new(|| table(Folding::Same));
    static CASED: LazyLock<Vec<Option<Simple>>> = LazyLock::new(|| table(Folding::Cased));
    /// The alphabets, and behind them Vietnamese, old Greek and punctuation.
    fn table(folding: Folding) -> Vec<Option<Simple>> {
        ('\0'..'\u{1200}').chain('\u{1e00}'..'\u{3100}').map(|c| fold_alone(c, folding)).collect()
    }
    let index = match c {
        '\0'..'\u{1200}' => usize::try_from(u32::from(c)).ok()?,
        '\u{1e00}'..'\u{3100}' => usize::try_from(u32::from(c) - 0x1e00).ok()? + ALPHABETS,
        _ if is_plain(c) => return Some(Simple { base: c, marks: [None; 2] }),
        _ => return None,
    };
    let known = match folding {
        Folding::Same => &SAME,
        Folding::Cased => &CASED,
    };
    known.get(index).copied().flatten()
}

/// Folds a character by the long way; none when the result is not simple.
fn fold_alone(c: char, folding: Folding) -> Option<Simple> {
    if is_zero_width(c) || is_accent(c) {
        return None;
    }
    let mut folded =
        Folded { base: "x".to_owned(), places: Vec::new(), marks: Vec::new(), folding, detailed: true };
    compose(c.encode_utf8(&mut [0; 4]), 0, 0, &mut folded);
    let mut letters = folded.base.chars().skip(1);
    let (base, rest) = (letters.next()?, letters.next());
    let mut marks = folded.marks.into_iter();
    let simple = Simple { base, marks: [marks.next(), marks.next()] };
    (rest.is_none() && marks.next().is_none()).then_some(simple)
}
