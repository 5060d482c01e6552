//! From rules as written to rules as meant.
//!
//! Fills the defaults in, checks what needs all rules together, and makes the search ready. Either everything is
//! right, or every mistake is told.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt::Write;
use std::ops::Range;

use bytesize::ByteSize;
use sha2::{Digest, Sha256};
use toml::Spanned;

use super::file::{self, Key, WrittenRule};
use super::fold::Folding;
use super::keyword::{Never, Shape};
use super::limits::{
    MAX_FILE_BYTES, MAX_KEYWORD_CHARS, MAX_KEYWORDS, MAX_NAME_CHARS, MAX_REPLY_BYTES, MAX_RULES,
    MAX_TEXT_BYTES,
};
use super::mistakes::{Mistakes, Notes, Source};
use super::rule::{Rule, Visibility};
use super::search::{Keyword, Search};

/// The rules in force: checked, and ready to decide.
#[derive(Debug)]
pub struct Rules {
    rules: Vec<Rule>,
    /// For each rule how many go before it.
    ranks: Vec<usize>,
    search: Search,
    version: String,
    /// How many bytes of a text are looked at.
    max_text: usize,
}

impl Rules {
    /// Reads rules from texts, each with the name that its mistakes are told under.
    ///
    /// # Errors
    /// Every mistake at once.
    pub fn parse(sources: Vec<(String, String)>) -> Result<Self, Mistakes> {
        let sources = sources.into_iter().map(|(name, text)| Source { name, text }).collect();
        Self::compile(sources, Notes::default())
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

    /// The search for their keywords.
    pub(super) fn search(&self) -> &Search {
        &self.search
    }

    /// Compiles what was read; `notes` holds what went wrong in reading.
    pub(super) fn compile(sources: Vec<Source>, notes: Notes) -> Result<Self, Mistakes> {
        let mut work = Work { notes, names: HashMap::new(), rules: Vec::new(), keywords: Vec::new() };
        let mut written = 0;
        for (index, source) in sources.iter().enumerate() {
            if u64::try_from(source.text.len()).is_ok_and(|length| length > MAX_FILE_BYTES) {
                work.notes.add_whole(index, format!("the file is larger than {MAX_FILE_BYTES} bytes"), None);
                continue;
            }
            for rule in file::read(index, &source.text, &mut work.notes).rules {
                written += 1;
                work.rule(index, rule, &sources);
            }
        }
        if written == 0 && work.notes.is_empty() {
            let suggestion = "begin each rule with a line `[[rules]]`".to_owned();
            work.notes.add_whole(0, "there is no rule in here".to_owned(), Some(suggestion));
        }
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
        Ok(Self {
            ranks: ranks(&work.rules),
            rules: work.rules,
            search,
            version: version(&sources),
            max_text: MAX_TEXT_BYTES,
        })
    }
}

/// Rules while they are compiled.
struct Work {
    notes: Notes,
    names: HashMap<String, (usize, Range<usize>)>,
    rules: Vec<Rule>,
    keywords: Vec<Keyword>,
}

impl Work {
    fn rule(&mut self, file: usize, written: WrittenRule, sources: &[Source]) {
        let name = self.name(file, &written, sources);
        let keywords = self.keywords(file, &written);
        let reply = self.reply(file, &written);
        if let Some(choice) = &written.on_occupied
            && written.visibility != Some(Visibility::All)
        {
            let message = "`on_occupied` has no meaning here: this rule whispers anyway".to_owned();
            let suggestion = Some("remove it, or add a line: visibility = \"all\"".to_owned());
            self.notes.add(file, choice.span(), message, suggestion);
        }
        let (Some(name), Some(keywords), Some(reply)) = (name, keywords, reply) else { return };
        if self.rules.len() == MAX_RULES {
            self.notes.add(file, written.place, format!("there are more than {MAX_RULES} rules"), None);
        }
        self.rules.push(Rule {
            name,
            keywords,
            matching: written.matching.unwrap_or_default(),
            visibility: written.visibility.unwrap_or_default(),
            on_occupied: written.on_occupied.map(Spanned::into_inner).unwrap_or_default(),
            reply,
            from: written.from.unwrap_or_default(),
            priority: written.priority.unwrap_or_default(),
            mode: written.mode.unwrap_or_default(),
            case_sensitive: written.case_sensitive.unwrap_or_default(),
        });
    }

    fn name(&mut self, file: usize, written: &WrittenRule, sources: &[Source]) -> Option<String> {
        let name = self.needed(file, written, &written.name, "name = \"pizza\"")?;
        let (text, span) = (name.get_ref(), name.span());
        if text.trim().is_empty() || text.chars().any(char::is_control) {
            self.notes.add(file, span, "a name must have letters, and be one line".to_owned(), None);
            return None;
        }
        if text.chars().count() > MAX_NAME_CHARS {
            let message = format!("a name can have {MAX_NAME_CHARS} characters, and this has more");
            self.notes.add(file, span, message, None);
            return None;
        }
        match self.names.entry(text.clone()) {
            Entry::Vacant(free) => {
                free.insert((file, span));
                Some(text.clone())
            }
            Entry::Occupied(taken) => {
                let (first_file, first_span) = taken.get();
                let first = first_place(sources, *first_file, first_span);
                let message = format!("two rules are called `{text}`");
                let suggestion = format!("the first one is at {first}: give this one another name");
                self.notes.add(file, span, message, Some(suggestion));
                None
            }
        }
    }

    fn keywords(&mut self, file: usize, written: &WrittenRule) -> Option<Vec<String>> {
        let keywords = self.needed(file, written, &written.keywords, "keywords = [\"pizza\"]")?;
        if keywords.get_ref().is_empty() {
            let suggestion = "`[\"*\"]` is any message; `mode = \"off\"` turns a rule off".to_owned();
            self.notes.add(file, keywords.span(), "`keywords` is empty".to_owned(), Some(suggestion));
            return None;
        }
        let folding = if written.case_sensitive == Some(true) { Folding::Cased } else { Folding::Same };
        let (alone, before) = (keywords.get_ref().len() == 1, self.keywords.len());
        for (number, keyword) in keywords.get_ref().iter().enumerate() {
            if let Some(shape) = self.keyword(file, keyword, folding, alone) {
                let (rule, matching) = (self.rules.len(), written.matching.unwrap_or_default());
                self.keywords.push(Keyword { rule, number, shape, matching, folding });
            }
        }
        if before <= MAX_KEYWORDS && self.keywords.len() > MAX_KEYWORDS {
            let message = format!("there are more than {MAX_KEYWORDS} keywords");
            self.notes.add(file, keywords.span(), message, None);
        }
        Some(keywords.get_ref().iter().map(|keyword| keyword.get_ref().clone()).collect())
    }

    fn keyword(
        &mut self,
        file: usize,
        keyword: &Spanned<String>,
        folding: Folding,
        alone: bool,
    ) -> Option<Shape> {
        if keyword.get_ref().chars().count() > MAX_KEYWORD_CHARS {
            let message = format!("a keyword can have {MAX_KEYWORD_CHARS} characters, and this has more");
            self.notes.add(file, keyword.span(), message, None);
            return None;
        }
        let (message, suggestion) = match Shape::read(keyword.get_ref(), folding) {
            Ok(Shape::Any) if !alone => {
                ("`*` is any message, so that the other keywords never matter", "keep one or the others")
            }
            Ok(shape) => return Some(shape),
            Err(Never::Empty) => ("this keyword can never be found: it has nothing to read", "remove it"),
            Err(Never::OnlyWildcards) => {
                ("this keyword has only wildcards", "`[\"*\"]` alone is any message; else add letters")
            }
            Err(Never::Address) => (
                "this keyword can never be found: words in URLs and e-mail addresses are not searched",
                "name a word that stands beside the address",
            ),
        };
        self.notes.add(file, keyword.span(), message.to_owned(), Some(suggestion.to_owned()));
        None
    }

    fn reply(&mut self, file: usize, written: &WrittenRule) -> Option<String> {
        let reply = self.needed(file, written, &written.reply, "reply = \"Pizza is on the way!\"")?;
        let bytes = reply.get_ref().len();
        if reply.get_ref().trim().is_empty() {
            self.notes.add(file, reply.span(), "the reply is empty".to_owned(), None);
        } else if bytes > MAX_REPLY_BYTES {
            let message = format!("a reply can have {MAX_REPLY_BYTES} bytes, and this has {bytes}");
            self.notes.add(file, reply.span(), message, None);
        } else {
            return Some(reply.get_ref().clone());
        }
        None
    }

    /// A key that every rule needs; missing, it is shown with an example.
    fn needed<'w, T>(
        &mut self,
        file: usize,
        written: &WrittenRule,
        key: &'w Key<Spanned<T>>,
        example: &str,
    ) -> Option<&'w Spanned<T>> {
        match key {
            Key::Given(value) => Some(value),
            Key::Wrong => None,
            Key::Missing => {
                let key = example.split(' ').next().unwrap_or(example);
                let suggestion = format!("add a line like: {example}");
                self.notes.add(
                    file,
                    written.place.clone(),
                    format!("this rule has no `{key}`"),
                    Some(suggestion),
                );
                None
            }
        }
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

/// Where a rule stands, in words.
fn first_place(sources: &[Source], file: usize, span: &Range<usize>) -> String {
    let Some(source) = sources.get(file) else { return String::new() };
    let line = source.text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() + 1;
    format!("{}:{line}", source.name)
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
