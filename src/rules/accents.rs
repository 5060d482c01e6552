//! Accents: which marks are accents, and a letter without them.
//!
//! An accent is a mark that people leave out when they type in a hurry: the marks of Latin, Greek and Cyrillic
//! letters, the strokes of "ł" and "ø", Hebrew and Arabic vowel points. The vowel signs of Indian and Thai
//! letters and the voicing of Japanese ones are no accents: without them it is another word.

use icu_normalizer::properties::{CanonicalDecomposition, CanonicalDecompositionBorrowed, Decomposed};

const CANONICAL: CanonicalDecompositionBorrowed<'static> = CanonicalDecomposition::new();

/// The mark of a dotless i; a capital I bears it, too, because it may be the capital of either.
pub(super) const DOTLESS: char = 'ı';

/// The dot of an i; it is no accent on an i, which has it anyway.
pub(super) const DOT_ABOVE: char = '\u{307}';

/// Marks that are accents.
const ACCENTS: &[std::ops::RangeInclusive<char>] = &[
    '\u{300}'..='\u{36f}',
    '\u{483}'..='\u{487}',
    '\u{591}'..='\u{5bd}',
    '\u{5bf}'..='\u{5bf}',
    '\u{5c1}'..='\u{5c2}',
    '\u{5c4}'..='\u{5c5}',
    '\u{5c7}'..='\u{5c7}',
    '\u{610}'..='\u{61a}',
    '\u{64b}'..='\u{65f}',
    '\u{670}'..='\u{670}',
    '\u{6d6}'..='\u{6dc}',
    '\u{6df}'..='\u{6e4}',
    '\u{6e7}'..='\u{6e8}',
    '\u{6ea}'..='\u{6ed}',
    '\u{730}'..='\u{74a}',
    '\u{8d3}'..='\u{8e1}',
    '\u{8e3}'..='\u{8ff}',
    '\u{1ab0}'..='\u{1ace}',
    '\u{1dc0}'..='\u{1dff}',
    '\u{20d0}'..='\u{20f0}',
    '\u{fe20}'..='\u{fe2f}',
];

/// Letters whose accent is drawn through them (or, for "ı", left away), and the letter without it.
const STROKES: &[(char, char)] = &[
    ('ł', 'l'),
    ('ø', 'o'),
    ('đ', 'd'),
    ('ħ', 'h'),
    ('ŧ', 't'),
    (DOTLESS, 'i'),
    ('Ł', 'L'),
    ('Ø', 'O'),
    ('Đ', 'D'),
    ('Ħ', 'H'),
    ('Ŧ', 'T'),
];

/// Whether the character is an accent.
pub(super) fn is_accent(c: char) -> bool {
    c >= '\u{300}' && ACCENTS.iter().any(|range| range.contains(&c))
}

/// The letter without its accents, which go to `accents` in no order that matters.
pub(super) fn strip(letter: char, accents: &mut Vec<char>) -> char {
    let mut letter = letter;
    // The Cyrillic short i is a letter of its own for everyone who writes it: "мой" is not "мои".
    while !matches!(letter, 'й' | 'Й') {
        match CANONICAL.decompose(letter) {
            Decomposed::Expansion(base, mark) if is_accent(mark) && base.is_alphanumeric() => {
                accents.push(mark);
                letter = base;
            }
            Decomposed::Expansion(..) | Decomposed::Singleton(_) | Decomposed::Default => break,
        }
    }
    // A letter with a stroke is its own mark: it stands for what the plain letter lacks.
    if let Some((stroked, plain)) = STROKES.iter().find(|(stroked, _)| *stroked == letter) {
        accents.push(*stroked);
        letter = *plain;
    }
    letter
}
