//! From rules as written to rules as meant.
//!
//! Has `meaning` look at each rule, checks what needs all rules together, makes the search ready and tries the examples.
//! Either everything is right, or every mistake is told.

use std::fmt::Write;

use bytesize::ByteSize;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use super::form;
use super::hours::{self, Hours};
use super::limits::{MAX_FILE_BYTES, MAX_TEXT_BYTES};
use super::lint::Linter;
use super::meaning::{At, Work};
use super::mistakes::{Mistakes, Notes, Source};
use super::rule::Rule;
use super::search::Search;

/// The rules in force: checked, and ready to decide.
#[derive(Debug)]
pub struct Rules {
    rules: Vec<Rule>,
    /// For each rule how many go before it.
    ranks: Vec<usize>,
    search: Search,
    hours: Option<Hours>,
    version: String,
    /// How many bytes of a text are looked at.
    max_text: usize,
    has_synonyms: bool,
}

impl Rules {
    /// Reads rules from texts, each with the name that its mistakes are told under.
    ///
    /// # Errors
    /// Every mistake at once.
    pub fn parse(sources: Vec<(String, String)>) -> Result<Self, Mistakes> {
        let sources = sources.into_iter().map(|(name, text)| Source { name, text }).collect();
        Self::compile(sources, Notes::default()).map(|(rules, _)| rules)
    }

    /// The same rules, looking at so many bytes of a text at most.
    #[must_use]
    pub fn with_max_text(self, max_text: ByteSize) -> Self {
        Self { max_text: usize::try_from(max_text.as_u64()).unwrap_or(usize::MAX), ..self }
    }

    /// How many bytes of a text are looked at.
    pub(super) fn max_text(&self) -> usize {
        self.max_text
    }

    /// The first 12 hexadecimal digits of the SHA-256 of the texts.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// How many rules there are; never none.
    #[expect(clippy::len_without_is_empty, reason = "rules are never empty")]
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// The rules in the order of the files.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter()
    }

    /// A rule by its number in the order of the files.
    pub(super) fn rule(&self, number: usize) -> Option<&Rule> {
        self.rules.get(number)
    }

    /// How many rules go before this one.
    pub(super) fn rank(&self, number: usize) -> usize {
        self.ranks.get(number).copied().unwrap_or(usize::MAX)
    }

    /// Reads a moment: RFC 3339, or the wall clock of the business hours; without those, of UTC.
    pub fn moment(&self, text: &str) -> Option<Timestamp> {
        hours::moment(text, self.hours.as_ref().map_or(&TimeZone::UTC, Hours::zone))
    }

    /// Whether [`super::Message::at`] matters.
    pub fn ask_for_the_time(&self) -> bool {
        self.hours.is_some()
    }

    /// Whether the business is open then; `None` without business hours.
    pub(super) fn are_open(&self, at: Timestamp) -> Option<bool> {
        self.hours.as_ref().map(|hours| hours.are_open(at))
    }

    /// Whether a keyword may be found as another word.
    pub(super) fn have_synonyms(&self) -> bool {
        self.has_synonyms
    }

    /// The search for their keywords.
    pub(super) fn search(&self) -> &Search {
        &self.search
    }

    /// Compiles what was read; `notes` holds what went wrong in reading. What is right can be linted.
    pub(super) fn compile(sources: Vec<Source>, notes: Notes) -> Result<(Self, Linter), Mistakes> {
        let mut work = Work::new(notes);
        let (mut forms, mut written) = (Vec::new(), 0);
        for (index, source) in sources.iter().enumerate() {
            if u64::try_from(source.text.len()).is_ok_and(|length| length > MAX_FILE_BYTES) {
                work.notes.add_whole(index, format!("the file is larger than {MAX_FILE_BYTES} bytes"), None);
                continue;
            }
            let form = form::read(index, &source.text, &mut work.notes);
            work.version(index, &form);
            work.business_hours(index, &form);
            work.synonyms(index, &form);
            forms.push((index, form));
        }
        for (index, form) in &forms {
            let index = *index;
            for rule in &form.file.rules {
                written += 1;
                let at = At { file: index, form, place: rule.span(), written: rule.get() };
                work.rule(&at, &sources);
            }
            for test in &form.file.tests {
                work.examples.of_test(index, form, &test.span(), test.get(), &mut work.notes);
            }
        }
        if written == 0 && work.notes.is_empty() {
            let suggestion = "begin each rule with a line `[[rules]]`".to_owned();
            work.notes.add_whole(0, "there is no rule in here".to_owned(), Some(suggestion));
        }
        work.hours_are_known();
        if !work.notes.is_empty() {
            return Err(work.notes.close(sources));
        }
        let search = match Search::new(work.keywords) {
            Ok(search) => search,
            Err(error) => {
                work.notes.add_whole(0, format!("the keywords cannot be searched together: {error}"), None);
                return Err(work.notes.close(sources));
            }
        };
        let rules = Self {
            ranks: ranks(&work.rules),
            rules: work.rules,
            search,
            hours: work.hours.flatten(),
            version: version(&sources),
            max_text: MAX_TEXT_BYTES,
            has_synonyms: !work.synonyms.is_empty(),
        };
        work.examples.run(&rules, &mut work.notes);
        if !work.notes.is_empty() {
            return Err(work.notes.close(sources));
        }
        Ok((rules, Linter::new(sources, forms)))
    }
}

/// How many rules go before each: those of a higher priority, and those before it in the files.
fn ranks(rules: &[Rule]) -> Vec<usize> {
    let mut order: Vec<(usize, &Rule)> = rules.iter().enumerate().collect();
    order.sort_by_key(|(_, rule)| std::cmp::Reverse(rule.priority));
    let mut ranks: Vec<(usize, usize)> =
        order.iter().enumerate().map(|(rank, (number, _))| (*number, rank)).collect();
    ranks.sort_unstable();
    ranks.into_iter().map(|(_, rank)| rank).collect()
}

/// The version of these texts; a text's end counts, so that moving a line to the next file changes it.
fn version(sources: &[Source]) -> String {
    let mut hash = Sha256::new();
    for source in sources {
        hash.update(&source.text);
        // A byte that UTF-8 never has: where one text ends and the next begins.
        hash.update([0xff]);
    }
    let mut version = String::with_capacity(12);
    for byte in hash.finalize().iter().take(6) {
        // Writing to a String cannot fail.
        write!(version, "{byte:02x}").unwrap_or_default();
    }
    version
}
