//! Text made comparable: the same words give the same letters, however they were typed.
//!
//! NFKC, full case folding, zero-width characters dropped, white space one space, accents set aside as marks of
//! their letters. Keywords and messages go through the same code. Each letter remembers its place in the text as
//! it was written, and every place is at borders of characters.

use std::borrow::Cow;
use std::ops::Range;

use icu_casemap::{CaseMapper, CaseMapperBorrowed};
use icu_normalizer::properties::{CanonicalComposition, CanonicalCompositionBorrowed};
use icu_normalizer::{ComposingNormalizer, ComposingNormalizerBorrowed};

use super::accents::{DOT_ABOVE, DOTLESS, is_accent, strip};
use super::glyphs::{Glyph, Glyphs, is_inert, is_zero_width};
use super::letters::is_mark;

const NFKC: ComposingNormalizerBorrowed<'static> = ComposingNormalizer::new_nfkc();
const PAIRS: CanonicalCompositionBorrowed<'static> = CanonicalComposition::new();
const CASE: CaseMapperBorrowed<'static> = CaseMapper::new();

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

/// A part of what a character folds to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// A letter; white space is a space.
    Letter(char),
    /// An accent of the letter before it.
    Mark(char),
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

    /// Adds a known character that stands alone.
    fn alone(&mut self, c: char, glyph: Glyph, glyphs: Glyphs, from: usize, to: usize) {
        if glyph.is_bare() || glyph.is_simple() && !self.detailed {
            self.push(glyph.letter(), from, to);
            return;
        }
        for piece in glyphs.pieces(c) {
            self.piece(*piece, from, to);
        }
    }

    fn piece(&mut self, piece: Piece, from: usize, to: usize) {
        match piece {
            Piece::Letter(letter) => self.push(letter, from, to),
            Piece::Mark(mark) => self.mark(mark),
        }
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
    let glyphs = Glyphs::of(folding);
    let mut rest = text.char_indices().map(|(at, c)| (at, c, glyphs.glyph(c)));
    let mut next = rest.next();
    let mut cluster = String::new();
    while let Some((from, c, glyph)) = next {
        next = rest.next();
        let mut to = from + c.len_utf8();
        if next.is_none_or(|(.., next)| !next.joins()) && glyph.is_known() {
            folded.alone(c, glyph, glyphs, from, to);
            continue;
        }
        if glyph.is_hidden() {
            continue;
        }
        cluster.clear();
        cluster.push(c);
        let mut accents = glyph.is_simple() && is_accented(glyph.letter());
        while let Some((at, sign, joining)) = next.filter(|(.., next)| next.joins()) {
            if !joining.is_hidden() {
                cluster.push(sign);
                to = at + sign.len_utf8();
                accents &= joining.is_accent();
            }
            next = rest.next();
        }
        if cluster.len() == c.len_utf8() && glyph.is_known() {
            folded.alone(c, glyph, glyphs, from, to);
        } else if accents {
            folded.alone(c, glyph, glyphs, from, to);
            cluster.chars().skip(1).for_each(|mark| folded.mark(mark));
        } else if !push_pair(&cluster, from, to, &mut folded, glyphs) {
            compose(&cluster, folding, |piece| folded.piece(piece, from, to));
        }
    }
    folded.trim();
    folded
}

/// Whether an accent that is set on this letter is set aside whatever it is.
fn is_accented(letter: char) -> bool {
    letter.is_alphanumeric() && !is_mark(letter) && !matches!(letter, 'и' | 'И')
}

/// Folds the most common cluster, a simple letter with one sign; false for any other.
fn push_pair(cluster: &str, from: usize, to: usize, folded: &mut Folded, glyphs: Glyphs) -> bool {
    let mut chars = cluster.chars();
    let (Some(letter), Some(sign), None) = (chars.next(), chars.next(), chars.next()) else { return false };
    if is_mark(letter) && !is_inert(letter) {
        return false;
    }
    let (letter, sign) = (glyphs.glyph(letter), glyphs.glyph(sign));
    if !letter.is_bare() || !sign.is_bare() {
        return false;
    }
    match PAIRS.compose(letter.letter(), sign.letter()) {
        None => {
            folded.push(letter.letter(), from, to);
            folded.push(sign.letter(), from, to);
            true
        }
        // A letter with another case may have been folded too early.
        Some(pair) if !letter.letter().is_lowercase() && !letter.letter().is_uppercase() => {
            let glyph = glyphs.glyph(pair);
            if glyph.is_bare() {
                folded.push(glyph.letter(), from, to);
            }
            glyph.is_bare()
        }
        Some(_) => false,
    }
}

/// Folds one letter with everything that composes with it.
pub(super) fn compose(cluster: &str, folding: Folding, mut each: impl FnMut(Piece)) {
    let mut composed = NFKC.normalize(cluster);
    if folding == Folding::Same
        && let Cow::Owned(cased) = CASE.fold_string(&composed)
    {
        composed = Cow::Owned(NFKC.normalize(&cased).into_owned());
    }
    let mut accents = Vec::new();
    for c in composed.chars() {
        if is_accent(c) {
            each(Piece::Mark(c));
        } else {
            each(Piece::Letter(strip(alike(c), &mut accents)));
            accents.drain(..).for_each(|mark| each(Piece::Mark(mark)));
        }
    }
}

/// Whether the character, which is no accent, folds to itself.
pub(super) fn is_normal(c: char, folding: Folding) -> bool {
    let mut text = [0; 4];
    let text = &*c.encode_utf8(&mut text);
    NFKC.is_normalized(text)
        && (folding == Folding::Cased || matches!(CASE.fold_string(text), Cow::Borrowed(_)))
        && alike(c) == c
        && strip(c, &mut Vec::new()) == c
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
