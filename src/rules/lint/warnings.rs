//! What the linter found: the same list as text for a terminal and as JSON, as [`Mistakes`] are told.

use serde::Serialize;

use super::super::mistakes::{Entry, Mistakes};

/// All warnings of the rules, in the order of files and lines.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Warnings(Mistakes);

impl Warnings {
    pub(super) fn new(list: Mistakes) -> Self {
        Self(list)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The same list, told as errors.
    #[must_use]
    pub fn into_errors(mut self) -> Self {
        self.0.make_strict();
        self
    }

    /// The warnings as JSON tells them.
    pub fn entries(&self) -> impl Iterator<Item = Entry> {
        self.0.entries()
    }

    /// The warnings as text for a terminal, a blank line between them.
    pub fn render(&self, colour: bool) -> String {
        self.0.render(colour)
    }
}
