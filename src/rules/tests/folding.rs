//! Folding, over all of Unicode: the table agrees with itself however a text is asked for, and nothing breaks it.

use crate::rules::fold::{Folding, detailed, letters};

#[test]
fn the_letters_are_the_same_with_and_without_their_places() {
    let plain = |c: &char| matches!(c, '\u{3400}'..'\u{a000}' | '\u{ac10}'..'\u{d7a0}' | '\u{e000}'..'\u{f900}' | '\u{20000}'..'\u{e0000}');
    for folding in [Folding::Same, Folding::Cased] {
        for c in ('\0'..='\u{e0fff}').filter(|c| !plain(c)) {
            let text = format!("{c} e{c}x {c}\u{301}");
            assert_eq!(letters(&text, folding), detailed(&text, folding).base, "{:x}", u32::from(c));
        }
    }
}

#[test]
fn a_code_without_a_character_is_survived() {
    for text in ["\u{ffbf}", "x\u{ffc8}y", "\u{ffdf}\u{ffe0}", "\u{3130}\u{318f}"] {
        assert_eq!(letters(text, Folding::Same), detailed(text, Folding::Same).base);
    }
}
