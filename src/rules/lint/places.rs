//! Where the parts of the rules stand in their files, which the rules as meant do not know any more.

use std::collections::HashSet;
use std::ops::Range;

use super::super::fold::is_blank;
use super::super::form::Form;
use super::super::written::{WrittenReply, WrittenRule, WrittenTest};

/// The places of all rules, by their numbers.
#[derive(Default)]
pub(super) struct Places {
    rules: Vec<Place>,
    tested: HashSet<String>,
}

/// Where one rule stands.
pub(super) struct Place {
    pub(super) file: usize,
    pub(super) name: Range<usize>,
    pub(super) keywords: Vec<Range<usize>>,
    /// One for each text of the reply.
    pub(super) texts: Vec<Range<usize>>,
    pub(super) has_examples: bool,
}

impl Places {
    /// The places of the rules and tests of these files.
    pub(super) fn of_files(forms: &[(usize, Form)]) -> Self {
        let mut places = Self::default();
        for (file, form) in forms {
            form.file.rules.iter().for_each(|rule| places.of_rule(*file, rule.get()));
            form.file.tests.iter().for_each(|test| places.of_test(test.get()));
        }
        places
    }

    /// Takes the next rule up.
    fn of_rule(&mut self, file: usize, written: &WrittenRule) {
        let keywords = written.keywords.iter().flat_map(|keywords| keywords.get().iter());
        let texts = written.reply.as_ref().map_or(Vec::new(), |reply| match reply.get() {
            WrittenReply::Texts(texts) => texts.iter().map(|text| text.span()).collect(),
            WrittenReply::Text(_) | WrittenReply::Weighted(_) => vec![reply.span()],
        });
        self.rules.push(Place {
            file,
            name: written.name.as_ref().map_or(0..0, |name| name.span()),
            keywords: keywords.map(|keyword| keyword.span()).collect(),
            texts,
            has_examples: !written.should_match.is_empty(),
        });
    }

    /// Takes a test up: it is an example of the rule that it expects.
    fn of_test(&mut self, test: &WrittenTest) {
        self.tested.extend(test.expect.iter().map(|name| name.get().clone()));
    }

    pub(super) fn of(&self, number: usize) -> Option<&Place> {
        self.rules.get(number)
    }

    /// Whether a test expects the rule of this name to answer.
    pub(super) fn is_tested(&self, name: &str) -> bool {
        self.tested.contains(name)
    }
}

/// A keyword as it is compared: without what is dropped at its ends.
pub(super) fn trimmed(keyword: &str) -> &str {
    keyword.trim_matches(|c: char| is_blank(c.encode_utf8(&mut [0; 4])))
}

/// A keyword where its wildcards stand for nothing; empty when it is any message.
pub(super) fn without_stars(keyword: &str) -> String {
    trimmed(&trimmed(keyword).replace('*', "")).to_owned()
}
