//! The naive reading of "Text is compared like this": letter by letter, every beginning, every end, every way of every
//! star. It shares no code with the engine, and knows only the letters that the tests are made of.

use icu_casemap::CaseMapper;
use icu_normalizer::{ComposingNormalizer, DecomposingNormalizer};

/// What texts and keywords are made of.
pub(crate) const ALPHABET: &[&str] = &[
    "a",
    "A",
    "b",
    "e",
    "é",
    "É",
    "e\u{301}",
    "ế",
    "\u{301}",
    "\u{323}",
    "\u{302}",
    "ß",
    "ẞ",
    "ss",
    "s",
    "S",
    "İ",
    "I",
    "i",
    "ı",
    "Í",
    "\u{307}",
    "ｐ",
    "p",
    "P",
    "ﬁ",
    "f",
    "ﬃ",
    "ł",
    "Ł",
    "l",
    "й",
    "и",
    "И",
    "\u{306}",
    "ё",
    "е",
    "σ",
    "ς",
    "Σ",
    "ά",
    "α",
    "ᾳ",
    "👍",
    "🏽",
    "👩",
    "\u{200d}",
    "\u{200b}",
    "\u{ad}",
    "\u{fe0f}",
    "❤",
    "ا",
    "أ",
    "\u{64e}",
    "\u{654}",
    "ש",
    "\u{5b8}",
    "क",
    "ी",
    "\u{93c}",
    "न",
    "ก",
    "\u{e34}",
    "\u{e48}",
    "ำ",
    "披",
    "萨",
    "ピ",
    "ﾋ",
    "ﾟ",
    "ー",
    "か",
    "\u{3099}",
    "が",
    "피",
    "자",
    "를",
    "는",
    "ㅋ",
    "ㅠ",
    "하",
    "\u{1112}\u{1161}",
    "\u{11ab}",
    "1",
    "²",
    "½",
    "-",
    "'",
    "’",
    "+",
    "!",
    "_",
    "…",
    ".",
    "=",
    "≠",
    "＊",
    " ",
    "  ",
    "\t",
    "\u{a0}",
    "\u{3000}",
];

/// Stands for `*` while a keyword is folded: no text has it.
const STAR: char = '\u{e000}';

/// A letter and its accents.
pub(crate) type Letter = (char, Vec<char>);

pub(crate) fn keyword(written: &str, cased: bool) -> Vec<Letter> {
    let mut letters = fold(&written.replace('*', &STAR.to_string()), cased, false);
    letters.dedup_by(|next, before| next.0 == STAR && before.0 == STAR);
    letters
}

pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_zero_width(c))
}

pub(crate) fn is_only_stars(keyword: &[Letter]) -> bool {
    keyword.iter().all(|(c, _)| *c == STAR || *c == ' ')
}

pub(crate) fn finds(keyword: &[Letter], matching: &str, cased: bool, text: &str) -> bool {
    if keyword.len() == 1 && keyword[0].0 == STAR {
        return !is_blank(text);
    }
    let text = fold(text, cased, true);
    let places = (0..=text.len()).flat_map(|start| (start..=text.len()).map(move |end| (start, end)));
    places.into_iter().any(|(start, end)| {
        let first = keyword[0].0 == STAR || starts_word(&text, start);
        let last = keyword[keyword.len() - 1].0 == STAR || ends_word(&text, end);
        let whole = text.get(end).is_none_or(|(next, _)| !is_mark(*next));
        let stands = match matching {
            "word" => first && last,
            "contains" => whole,
            "exact" => start == 0 && end == text.len(),
            "starts_with" => start == 0 && last,
            _ => first && end == text.len(),
        };
        stands && fits(keyword, &text[start..end])
    })
}

fn fits(keyword: &[Letter], text: &[Letter]) -> bool {
    match (keyword.split_first(), text.split_first()) {
        (None, None) => true,
        (Some(((STAR, _), rest)), Some(((c, _), after))) if is_word(*c) => {
            fits(rest, text) || fits(keyword, after)
        }
        (Some(((STAR, _), rest)), _) => fits(rest, text),
        (Some(((wanted, needs), rest)), Some(((c, has), after))) => {
            wanted == c
                && needs.iter().all(|accent| has.contains(accent) || *accent == 'ı' && has.contains(&'I'))
                && fits(rest, after)
        }
        _ => false,
    }
}

/// The whole text at once: no clusters, no tables, no places.
fn fold(text: &str, cased: bool, of_message: bool) -> Vec<Letter> {
    let nfkc = ComposingNormalizer::new_nfkc();
    let visible: String = text.chars().filter(|c| !is_zero_width(*c)).collect();
    let mut letters: Vec<Letter> = Vec::new();
    for typed in nfkc.normalize(&visible).chars() {
        let folded = match cased {
            true => typed.to_string(),
            false => nfkc.normalize(&CaseMapper::new().fold_string(&typed.to_string())).into_owned(),
        };
        for c in folded.chars() {
            add(&mut letters, c, cased);
        }
        let parts: Vec<char> =
            DecomposingNormalizer::new_nfd().normalize(&typed.to_string()).chars().collect();
        if parts[0] == 'I' && !parts.contains(&'\u{307}') && of_message && !cased {
            letters.last_mut().unwrap().1.push('I');
        }
    }
    if letters.last().is_some_and(|(c, _)| *c == ' ') {
        letters.pop();
    }
    letters
}

fn add(letters: &mut Vec<Letter>, c: char, cased: bool) {
    let nfd = DecomposingNormalizer::new_nfd();
    let parts: Vec<char> = nfd.normalize(&c.to_string()).chars().collect();
    let letter = parts[0].is_alphanumeric() && parts[1..].iter().all(|part| is_accent(*part));
    let (base, mut accents) =
        if letter && c != 'й' && c != 'Й' { (parts[0], parts[1..].to_vec()) } else { (c, vec![]) };
    match base {
        accent if is_accent(accent) => match letters.last_mut() {
            Some((' ', _)) | None => {}
            Some(('i', has)) if accent == '\u{307}' && !cased => has.retain(|it| *it != 'I'),
            Some((_, has)) => has.push(accent),
        },
        space if space.is_whitespace() => {
            if letters.last().is_some_and(|(before, _)| *before != ' ') {
                letters.push((' ', vec![]));
            }
        }
        'ł' => letters.push(('l', vec!['ł'])),
        'ı' => letters.push(('i', vec!['ı'])),
        '’' => letters.push(('\'', vec![])),
        other => {
            if other == 'i' && !cased {
                accents.retain(|accent| *accent != '\u{307}');
            }
            letters.push((other, accents));
        }
    }
}

fn starts_word(text: &[Letter], start: usize) -> bool {
    start == 0 || text.get(start).is_none_or(|(first, _)| is_border(text[start - 1].0, *first))
}

fn ends_word(text: &[Letter], end: usize) -> bool {
    let Some((next, _)) = text.get(end) else { return true };
    let after_particles = |count: usize| {
        let particles = text.get(end..end + count).unwrap_or_default();
        let all = particles.len() == count && particles.iter().all(|(c, _)| matches!(c, '를' | '는'));
        all && (end + count == text.len()
            || is_border(text[end + count - 1].0, text[end + count].0) && !is_mark(text[end + count].0))
    };
    !is_mark(*next) && (end == 0 || is_border(text[end - 1].0, *next) || (1..=3).any(after_particles))
}

fn is_border(left: char, right: char) -> bool {
    let korean = |c| ('가'..='힣').contains(&c);
    let jamo = |c| ('\u{1100}'..='\u{11ff}').contains(&c);
    !is_word(left)
        || !is_word(right)
        || is_spaceless(left)
        || is_spaceless(right)
        || korean(left) && jamo(right)
        || jamo(left) && korean(right)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || is_mark(c)
}

fn is_mark(c: char) -> bool {
    matches!(c, 'ी' | '\u{93c}' | '\u{e34}' | '\u{e48}' | '\u{e4d}' | '\u{3099}' | '\u{309a}') || is_accent(c)
}

fn is_spaceless(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{e7f}' | 'ぁ'..='ゖ' | 'ァ'..='ー' | '一'..='龥')
}

fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{5b0}'..='\u{5bd}' | '\u{64b}'..='\u{655}')
}

fn is_zero_width(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{200d}' | '\u{ad}' | '\u{fe0f}' | '\u{feff}')
}
