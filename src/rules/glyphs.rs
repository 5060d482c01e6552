//! What each character folds to, looked up: a table in blocks of 128, each made when its first character is seen.
//!
//! A character that stands alone costs one look into its block, whatever it expands to. The table is made by the long
//! way of `fold`, so that both ways agree.

use std::sync::OnceLock;

use icu_properties::props::DefaultIgnorableCodePoint;
use icu_properties::{CodePointSetData, CodePointSetDataBorrowed};

use super::accents::{DOT_ABOVE, is_accent};
use super::fold::{Folding, Piece, compose, is_normal};
use super::letters::is_mark;

const ZERO_WIDTH: CodePointSetDataBorrowed<'static> = CodePointSetData::new::<DefaultIgnorableCodePoint>();

const BLOCK: usize = 128;
const BLOCKS: usize = 0x11_0000 / BLOCK;

static SAME: [OnceLock<Block>; BLOCKS] = [const { OnceLock::new() }; BLOCKS];
static CASED: [OnceLock<Block>; BLOCKS] = [const { OnceLock::new() }; BLOCKS];

const LETTER: u32 = 0x1f_ffff;
const SIMPLE: u32 = 1 << 21;
const BARE: u32 = 1 << 22;
const JOINS: u32 = 1 << 23;
const HIDDEN: u32 = 1 << 24;
const ACCENT: u32 = 1 << 25;
const KNOWN: u32 = 1 << 26;

/// What is known of a character without looking at its neighbours.
#[derive(Debug, Clone, Copy)]
pub(super) struct Glyph(u32);

/// The glyphs of one folding.
#[derive(Clone, Copy)]
pub(super) struct Glyphs {
    blocks: &'static [OnceLock<Block>; BLOCKS],
    folding: Folding,
}

struct Block {
    glyphs: [u32; BLOCK],
    /// What the characters that are not a bare letter fold to.
    pieces: Vec<(char, Box<[Piece]>)>,
}

impl Glyph {
    /// Whether it folds to one letter, accents aside.
    pub(super) fn is_simple(self) -> bool {
        self.0 & SIMPLE != 0
    }

    /// Whether it folds to one letter without accents.
    pub(super) fn is_bare(self) -> bool {
        self.0 & BARE != 0
    }

    /// Whether it may change what stands before it.
    pub(super) fn joins(self) -> bool {
        self.0 & JOINS != 0
    }

    /// Whether it cannot be seen, and is dropped.
    pub(super) fn is_hidden(self) -> bool {
        self.0 & HIDDEN != 0
    }

    /// Whether it is an accent that folds to itself.
    pub(super) fn is_accent(self) -> bool {
        self.0 & ACCENT != 0
    }

    /// Whether what it folds to alone is in the table.
    pub(super) fn is_known(self) -> bool {
        self.0 & KNOWN != 0
    }

    /// The letter that it folds to, when it is simple.
    pub(super) fn letter(self) -> char {
        char::from_u32(self.0 & LETTER).unwrap_or_default()
    }
}

impl Glyphs {
    pub(super) fn of(folding: Folding) -> Self {
        let blocks = match folding {
            Folding::Same => &SAME,
            Folding::Cased => &CASED,
        };
        Self { blocks, folding }
    }

    pub(super) fn glyph(self, c: char) -> Glyph {
        if is_plain(c) {
            return Glyph(u32::from(c) | SIMPLE | BARE | KNOWN);
        }
        let block = self.block(c);
        Glyph(block.and_then(|block| block.glyphs.get(c as usize % BLOCK)).copied().unwrap_or_default())
    }

    /// What a known character that is not bare folds to.
    pub(super) fn pieces(self, c: char) -> &'static [Piece] {
        let pieces = self.block(c).map(|block| block.pieces.as_slice()).unwrap_or_default();
        let place = pieces.binary_search_by_key(&c, |(it, _)| *it);
        place.ok().and_then(|place| pieces.get(place)).map(|(_, pieces)| &**pieces).unwrap_or_default()
    }

    fn block(self, c: char) -> Option<&'static Block> {
        let block = self.blocks.get(c as usize / BLOCK)?;
        Some(block.get_or_init(|| Block::new(c, self.folding)))
    }
}

impl Block {
    fn new(c: char, folding: Folding) -> Self {
        let mut block = Self { glyphs: [0; BLOCK], pieces: Vec::new() };
        let first = u32::from(c) & !0x7f;
        for (slot, code) in block.glyphs.iter_mut().zip(first..) {
            let Some(c) = char::from_u32(code) else { continue };
            let joins = if stands_alone(c) { 0 } else { JOINS };
            if is_zero_width(c) {
                *slot = HIDDEN | joins;
                continue;
            }
            if is_accent(c) {
                let own = pieces(c, folding);
                let safe = matches!(*own, [Piece::Mark(mark)] if mark == c);
                *slot = if safe { ACCENT } else { 0 } | joins;
                continue;
            }
            if is_normal(c, folding) {
                *slot = code | SIMPLE | BARE | KNOWN | joins;
                continue;
            }
            let own = pieces(c, folding);
            let (letter, flags) = match *own {
                [Piece::Letter(letter)] => (letter, SIMPLE | BARE | KNOWN),
                [Piece::Letter(letter), ref marks @ ..]
                    if marks.iter().all(|it| matches!(it, Piece::Mark(_))) =>
                {
                    (letter, SIMPLE | KNOWN)
                }
                _ => ('\0', KNOWN),
            };
            *slot = u32::from(letter) | flags | joins;
            if flags & BARE == 0 {
                block.pieces.push((c, own));
            }
        }
        block
    }
}

/// What a character folds to, by the long way.
fn pieces(c: char, folding: Folding) -> Box<[Piece]> {
    let mut pieces = Vec::new();
    compose(c.encode_utf8(&mut [0; 4]), folding, |piece| {
        let idle = match (pieces.last(), piece) {
            (Some(Piece::Letter('i')), Piece::Mark(DOT_ABOVE)) => folding == Folding::Same,
            (Some(Piece::Letter(' ')), Piece::Mark(_)) => true,
            _ => false,
        };
        if !idle {
            pieces.push(piece);
        }
    });
    pieces.into()
}

/// Whether the character cannot be seen.
pub(super) fn is_zero_width(c: char) -> bool {
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
            match *pieces(c, Folding::Cased) {
                // Some have no character yet, and stay what they are.
                [Piece::Letter(first), ..] => first == c || stands_alone(first),
                _ => false,
            }
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
pub(super) fn is_inert(c: char) -> bool {
    matches!(c,
        '\u{900}'..='\u{903}'
        | '\u{93e}'..='\u{94c}'
        | '\u{e31}'
        | '\u{e34}'..='\u{e37}'
        | '\u{eb1}'
        | '\u{eb4}'..='\u{eb7}')
}
