//! Folding, over all of Unicode: the table agrees with itself however a text is asked for, and nothing breaks it.

use crate::rules::fold::{Folding, detailed, letters};

#[test]
fn the_letters_are_the_same_with_and_without_their_places() {
    for folding in [Folding::Same, Folding::Cased] {
        for c in '\0'..=char::MAX {
            for text in [String::from(c), format!("e{c}x"), format!("ㅋ{c}\u{301}")] {
                assert_eq!(
                    letters(&text, folding),
                    detailed(&text, folding).base,
                    "{text:?} {:x}",
                    u32::from(c)
                );
            }
        }
    }
}

#[test]
fn a_code_without_a_character_is_survived() {
    for text in ["\u{ffbf}", "x\u{ffc8}y", "\u{ffdf}\u{ffe0}", "\u{3130}\u{318f}"] {
        assert_eq!(letters(text, Folding::Same), detailed(text, Folding::Same).base);
    }
}
