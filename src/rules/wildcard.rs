//! Keywords with `*`, which stands for any run of letters and digits, also for none.
//!
//! One walk over the text finds every place, whatever the keyword: the time is the text's length times the
//! keyword's, never more.

use std::ops::Range;

use super::fold::Folded;
use super::keyword::Text;
use super::letters::{cuts_letter, ends_word, is_word, starts_word};
use super::rule::Matching;

/// A keyword with wildcards.
#[derive(Debug)]
pub(super) struct Wildcard {
    steps: Vec<Step>,
    needle: String,
}

/// What comes next in a keyword.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// This letter with at least these accents.
    Letter(char, Vec<char>),
    /// `*`.
    Star,
}

/// The walk: for each step, where the farthest-back way began that waits for it.
struct Walk {
    waiting: Vec<Option<usize>>,
    next: Vec<Option<usize>>,
}

impl Wildcard {
    /// Reads a folded keyword; none when it has no letters between its wildcards.
    ///
    /// A star is one that was written as `*`: a full-width one only looks like it after folding.
    pub(super) fn read(folded: &Folded, written: &str) -> Option<Self> {
        let mut steps: Vec<Step> = Vec::new();
        let (mut needle, mut piece) = (String::new(), String::new());
        for (at, c) in folded.base.char_indices() {
            let star =
                c == '*' && written.get(folded.original(at..at + 1)).is_some_and(|it| it.starts_with('*'));
            if !star {
                piece.push(c);
                steps.push(Step::Letter(c, folded.accents(at).to_vec()));
            } else if steps.last() != Some(&Step::Star) {
                longer(&mut needle, &mut piece);
                steps.push(Step::Star);
            }
        }
        longer(&mut needle, &mut piece);
        (!needle.trim().is_empty()).then_some(Self { steps, needle })
    }

    /// The longest piece without a wildcard.
    pub(super) fn needle(&self) -> &str {
        &self.needle
    }

    /// Every place of the keyword in the text as it was written: the longest at each beginning.
    pub(super) fn places(&self, text: &Text<'_>, matching: Matching) -> Vec<Range<usize>> {
        let base = text.folded.base.as_str();
        let mut walk =
            Walk { waiting: vec![None; self.steps.len() + 1], next: vec![None; self.steps.len() + 1] };
        let mut found: Vec<Range<usize>> = Vec::new();
        let mut before = None;
        for (at, c) in base.char_indices() {
            self.arrive(&mut walk, base, at, before, matching, &mut found);
            if self.may_start(base, at, c, matching) {
                walk.enter(&self.steps, at);
            }
            let address = text.is_address(&text.folded.original(at..at + c.len_utf8()));
            walk.step(&self.steps, |step| match step {
                _ if address => false,
                Step::Letter(letter, accents) => *letter == c && text.bears(at, accents),
                Step::Star => is_word(c),
            });
            before = Some(c);
        }
        self.arrive(&mut walk, base, base.len(), before, matching, &mut found);
        found.into_iter().map(|letters| text.folded.original(letters)).collect()
    }

    fn may_start(&self, base: &str, at: usize, c: char, matching: Matching) -> bool {
        match matching {
            Matching::Exact | Matching::StartsWith => at == 0,
            Matching::Contains => true,
            // A star in front takes the rest of the word itself.
            Matching::Word | Matching::EndsWith if self.steps.first() == Some(&Step::Star) => true,
            Matching::Word | Matching::EndsWith => starts_word(c, base.get(..at).unwrap_or_default()),
        }
    }

    /// Notes a way that is complete at this byte, if it may end there.
    fn arrive(
        &self,
        walk: &mut Walk,
        base: &str,
        at: usize,
        before: Option<char>,
        matching: Matching,
        found: &mut Vec<Range<usize>>,
    ) {
        walk.skip_stars(&self.steps);
        let (Some(Some(start)), Some(last)) = (walk.waiting.last().copied(), before) else { return };
        let after = base.get(at..).unwrap_or_default();
        let ends = match matching {
            Matching::Exact | Matching::EndsWith => after.is_empty(),
            Matching::Contains => !cuts_letter(after),
            // A star at the end takes the rest of the word itself.
            Matching::Word | Matching::StartsWith if self.steps.last() == Some(&Step::Star) => {
                !cuts_letter(after)
            }
            Matching::Word | Matching::StartsWith => ends_word(last, after),
        };
        match found.last_mut() {
            _ if !ends => {}
            Some(last) if last.start == start => last.end = at,
            _ => found.push(start..at),
        }
    }
}

impl Walk {
    /// A new way begins at this byte.
    fn enter(&mut self, steps: &[Step], at: usize) {
        if let Some(first) = self.waiting.first_mut() {
            first.get_or_insert(at);
        }
        self.skip_stars(steps);
    }

    /// A star may stand for nothing.
    fn skip_stars(&mut self, steps: &[Step]) {
        for (index, step) in steps.iter().enumerate() {
            if *step == Step::Star {
                let here = self.waiting.get(index).copied().flatten();
                advance(&mut self.waiting, index + 1, here);
            }
        }
    }

    /// Goes one character on.
    fn step(&mut self, steps: &[Step], fits: impl Fn(&Step) -> bool) {
        self.next.fill(None);
        for (index, step) in steps.iter().enumerate() {
            let here = self.waiting.get(index).copied().flatten();
            if here.is_some() && fits(step) {
                let stays = *step == Step::Star;
                advance(&mut self.next, if stays { index } else { index + 1 }, here);
            }
        }
        std::mem::swap(&mut self.waiting, &mut self.next);
    }
}

/// Lets a way wait here, unless one that began earlier waits already.
fn advance(waiting: &mut [Option<usize>], index: usize, way: Option<usize>) {
    if let Some(slot) = waiting.get_mut(index) {
        *slot = match (*slot, way) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
}

/// Keeps the longer of the two and clears the piece.
fn longer(needle: &mut String, piece: &mut String) {
    if piece.trim().len() > needle.trim().len() {
        std::mem::swap(needle, piece);
    }
    piece.clear();
}
