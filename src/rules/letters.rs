//! What is a letter, and where one word ends and the next begins.
//!
//! A border is asked for only between letters and digits of scripts that write spaces between words. Chinese,
//! Japanese, Thai and their like have a border everywhere; a Korean word may carry particles on its right.

use icu_properties::props::{GeneralCategory, GeneralCategoryGroup, Script};
use icu_properties::{CodePointMapData, CodePointMapDataBorrowed};

const CATEGORY: CodePointMapDataBorrowed<'static, GeneralCategory> = CodePointMapData::new();
const SCRIPT: CodePointMapDataBorrowed<'static, Script> = CodePointMapData::new();

/// Scripts that write no spaces between words.
const SPACELESS: &[Script] = &[
    Script::Han,
    Script::Hiragana,
    Script::Katakana,
    Script::Bopomofo,
    Script::Yi,
    Script::Thai,
    Script::Lao,
    Script::Khmer,
    Script::Myanmar,
    Script::Tibetan,
    Script::TaiLe,
    Script::NewTaiLue,
    Script::TaiTham,
    Script::TaiViet,
    Script::Javanese,
    Script::Balinese,
];

/// What a Korean word may carry on its right: particles, and the common forms of the copula.
const PARTICLES: &[&str] = &[
    "은",
    "는",
    "이",
    "가",
    "을",
    "를",
    "의",
    "에",
    "와",
    "과",
    "도",
    "만",
    "로",
    "으로",
    "랑",
    "이랑",
    "하고",
    "나",
    "이나",
    "에서",
    "에게",
    "에게서",
    "한테",
    "한테서",
    "께",
    "께서",
    "까지",
    "부터",
    "마저",
    "조차",
    "밖에",
    "처럼",
    "같이",
    "보다",
    "라도",
    "이라도",
    "라고",
    "이라고",
    "로서",
    "으로서",
    "로써",
    "으로써",
    "마다",
    "대로",
    "만큼",
    "뿐",
    "커녕",
    "든지",
    "이든지",
    "야",
    "아",
    "여",
    "이여",
    "요",
    "이요",
    "예요",
    "이에요",
    "입니다",
    "인가요",
    "인데",
    "인데요",
    "이다",
    "다",
];

/// Particles that may follow one another ("에서" + "는").
const PARTICLES_IN_A_ROW: usize = 3;

/// Whether the character is a part of words: a letter, a digit, or a mark on one.
pub(super) fn is_word(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() } else { c.is_alphanumeric() || is_mark(c) }
}

/// Whether the character is a mark that belongs to the letter before it.
pub(super) fn is_mark(c: char) -> bool {
    c >= '\u{300}' && GeneralCategoryGroup::Mark.contains(CATEGORY.get(c))
}

/// Whether the character is of a script that writes no spaces between words.
pub(super) fn is_spaceless(c: char) -> bool {
    // The long-vowel sign belongs to two scripts and is counted to none.
    c >= '\u{e00}' && (c == 'ー' || SPACELESS.contains(&SCRIPT.get(c)))
}

/// Whether a word may begin with `first` after the text `before`.
pub(super) fn starts_word(first: char, before: &str) -> bool {
    before.chars().next_back().is_none_or(|outside| is_border(outside, first))
}

/// Whether a word may end with `last` before the text `after`.
pub(super) fn ends_word(last: char, after: &str) -> bool {
    let Some(outside) = after.chars().next() else { return true };
    if is_mark(outside) {
        return false;
    }
    is_border(last, outside) || is_particles(after, PARTICLES_IN_A_ROW)
}

/// Whether the text begins in the middle of a letter: with a mark that belongs to what stands before.
pub(super) fn cuts_letter(after: &str) -> bool {
    after.chars().next().is_some_and(is_mark)
}

/// Whether a word may end between these two neighbours.
fn is_border(left: char, right: char) -> bool {
    if !is_word(left) || !is_word(right) {
        return true;
    }
    if left.is_ascii() && right.is_ascii() {
        return false;
    }
    // Single Korean letters after a syllable are laughter or tears: "피자ㅋㅋ", "피자ㅠㅠ".
    let laughter = is_syllable(left) && is_jamo(right) || is_jamo(left) && is_syllable(right);
    laughter || is_spaceless(left) || is_spaceless(right)
}

/// Whether the text begins with at most `depth` Korean particles and a border after them.
fn is_particles(text: &str, depth: usize) -> bool {
    if depth == 0 || !text.starts_with(is_syllable) {
        return false;
    }
    PARTICLES.iter().filter_map(|particle| Some((particle, text.strip_prefix(particle)?))).any(
        |(particle, after)| {
            let last = particle.chars().next_back().unwrap_or_default();
            after.chars().next().is_none_or(|outside| !is_mark(outside) && is_border(last, outside))
                || is_particles(after, depth - 1)
        },
    )
}

fn is_syllable(c: char) -> bool {
    ('\u{ac00}'..='\u{d7a3}').contains(&c)
}

fn is_jamo(c: char) -> bool {
    ('\u{1100}'..='\u{11ff}').contains(&c)
}
