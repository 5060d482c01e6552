//! From rules as written to rules as meant.
//!
//! Fills the defaults in, checks what needs all rules together, and makes the search ready. Either everything is
//! right, or every mistake is told.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt::Write;
use std::ops::Range;

use sha2::{Digest, Sha256};

use super::examples::Examples;
use super::form::{self, Form};
use super::fold::Folding;
use super::keyword::{Never, Shape};
use super::lint::{Linter, Places};
use super::limits::{
    MAX_FILE_BYTES, MAX_KEYWORD_CHARS, MAX_KEYWORDS, MAX_NAME_CHARS, MAX_REPLIES, MAX_REPLY_BYTES, MAX_RULES, MAX_WEIGHT,
};
use super::mistakes::{Mistakes, Notes, Source};
use super::replies::Replies;
use super::rule::{Matching, Rule, Visibility};
use super::search::{Keyword, Search};
use super::written::{Placed, WrittenReply, WrittenRule, WrittenText};

/// The rules in force: checked, and ready to decide.
#[derive(Debug)]
pub struct Rules {
    rules: Vec<Rule>,
    /// For each rule how many go before it.
    ranks: Vec<usize>,
    search: Search,
    version: String,
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

    /// Compiles what was read; `notes` holds what went wrong in reading. What is right can be linted.
    pub(super) fn compile(sources: Vec<Source>, notes: Notes) -> Result<(Self, Linter), Mistakes> {
        let mut work = Work {
            notes,
            names: HashMap::new(),
            rules: Vec::new(),
            keywords: Vec::new(),
            examples: Examples::default(),
            places: Places::default(),
        };
        let mut written = 0;
        for (index, source) in sources.iter().enumerate() {
            if u64::try_from(source.text.len()).is_ok_and(|length| length > MAX_FILE_BYTES) {
                work.notes.add_whole(index, format!("the file is larger than {MAX_FILE_BYTES} bytes"), None);
                continue;
            }
            let form = form::read(index, &source.text, &mut work.notes);
            work.version(index, &form);
            for rule in &form.file.rules {
                written += 1;
                let at = At { file: index, form: &form, place: rule.span(), written: rule.get() };
                work.rule(&at, &sources);
            }
            for test in &form.file.tests {
                work.places.of_test(test.get());
                work.examples.of_test(index, &form, &test.span(), test.get(), &mut work.notes);
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
        let rules = Self { ranks: ranks(&work.rules), rules: work.rules, search, version: version(&sources) };
        work.examples.run(&rules, &mut work.notes);
        if !work.notes.is_empty() {
            return Err(work.notes.close(sources));
        }
        Ok((rules, Linter::new(sources, work.places)))
    }
}

/// Rules while they are compiled.
struct Work {
    notes: Notes,
    names: HashMap<String, (usize, Range<usize>)>,
    rules: Vec<Rule>,
    keywords: Vec<Keyword>,
    examples: Examples,
    places: Places,
}

/// A rule as written, and where it stands.
struct At<'f> {
    file: usize,
    form: &'f Form,
    place: Range<usize>,
    written: &'f WrittenRule,
}

impl At<'_> {
    fn matching(&self) -> Matching {
        self.written.matching.or(self.form.file.defaults.matching).unwrap_or_default()
    }

    fn is_case_sensitive(&self) -> bool {
        self.written.case_sensitive.or(self.form.file.defaults.case_sensitive).unwrap_or_default()
    }
}

impl Work {
    fn version(&mut self, file: usize, form: &Form) {
        if let Some(version) = form.file.version.as_ref().filter(|version| *version.get() != 1) {
            let message = format!("unknown version {}", version.get());
            let suggestion = "this chimein reads `version = 1`".to_owned();
            self.notes.add(file, version.span(), message, Some(suggestion));
        }
    }

    fn rule(&mut self, at: &At<'_>, sources: &[Source]) {
        let (written, usual) = (at.written, &at.form.file.defaults);
        let visibility = written.visibility.or(usual.visibility).unwrap_or_default();
        let name = self.name(at, sources);
        let keywords = self.keywords(at);
        let reply = self.reply(at);
        if let Some(choice) = &written.on_occupied
            && visibility != Visibility::All
        {
            let message = "`on_occupied` has no meaning here: this rule whispers anyway".to_owned();
            let suggestion = Some("remove it, or add a line: visibility = \"all\"".to_owned());
            self.notes.add(at.file, choice.span(), message, suggestion);
        }
        let (Some(name), Some(keywords), Some(reply)) = (name, keywords, reply) else { return };
        if self.rules.len() == MAX_RULES {
            self.notes.add(at.file, at.place.clone(), format!("there are more than {MAX_RULES} rules"), None);
        }
        let on_occupied = written.on_occupied.as_ref().map(|chosen| *chosen.get());
        let rule = Rule {
            name,
            keywords,
            matching: at.matching(),
            visibility,
            on_occupied: on_occupied.or(usual.on_occupied).unwrap_or_default(),
            reply,
            from: written.from.or(usual.from).unwrap_or_default(),
            priority: written.priority.or(usual.priority).unwrap_or_default(),
            mode: written.mode.or(usual.mode).unwrap_or_default(),
            case_sensitive: at.is_case_sensitive(),
        };
        self.examples.of_rule(at.file, self.rules.len(), &rule, written);
        self.places.of_rule(at.file, written);
        self.rules.push(rule);
    }

    fn name(&mut self, at: &At<'_>, sources: &[Source]) -> Option<String> {
        let name = self.needed(at, &at.written.name, "name = \"pizza\"")?;
        let (text, span) = (name.get(), name.span());
        if text.trim().is_empty() || text.chars().any(char::is_control) {
            self.notes.add(at.file, span, "a name must have letters, and be one line".to_owned(), None);
            return None;
        }
        if text.chars().count() > MAX_NAME_CHARS {
            let message = format!("a name can have {MAX_NAME_CHARS} characters, and this has more");
            self.notes.add(at.file, span, message, None);
            return None;
        }
        match self.names.entry(text.clone()) {
            Entry::Vacant(free) => {
                free.insert((at.file, span));
                Some(text.clone())
            }
            Entry::Occupied(taken) => {
                let (first_file, first_span) = taken.get();
                let first = first_place(sources, *first_file, first_span);
                let message = format!("two rules are called `{text}`");
                let suggestion = format!("the first one is at {first}: give this one another name");
                self.notes.add(at.file, span, message, Some(suggestion));
                None
            }
        }
    }

    fn keywords(&mut self, at: &At<'_>) -> Option<Vec<String>> {
        let keywords = self.needed(at, &at.written.keywords, "keywords = [\"pizza\"]")?;
        if keywords.get().is_empty() {
            let suggestion = "`[\"*\"]` is any message; `mode = \"off\"` turns a rule off".to_owned();
            self.notes.add(at.file, keywords.span(), "`keywords` is empty".to_owned(), Some(suggestion));
            return None;
        }
        let folding = if at.is_case_sensitive() { Folding::Cased } else { Folding::Same };
        let (alone, before) = (keywords.get().len() == 1, self.keywords.len());
        for (number, keyword) in keywords.get().iter().enumerate() {
            if let Some(shape) = self.keyword(at.file, keyword, folding, alone) {
                let (rule, matching) = (self.rules.len(), at.matching());
                self.keywords.push(Keyword { rule, number, shape, matching, folding });
            }
        }
        if before <= MAX_KEYWORDS && self.keywords.len() > MAX_KEYWORDS {
            let message = format!("there are more than {MAX_KEYWORDS} keywords");
            self.notes.add(at.file, keywords.span(), message, None);
        }
        Some(keywords.get().iter().map(|keyword| keyword.get().clone()).collect())
    }

    fn keyword(
        &mut self,
        file: usize,
        keyword: &Placed<String>,
        folding: Folding,
        alone: bool,
    ) -> Option<Shape> {
        if keyword.get().chars().count() > MAX_KEYWORD_CHARS {
            let message = format!("a keyword can have {MAX_KEYWORD_CHARS} characters, and this has more");
            self.notes.add(file, keyword.span(), message, None);
            return None;
        }
        let (message, suggestion) = match Shape::read(keyword.get(), folding) {
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

    fn reply(&mut self, at: &At<'_>) -> Option<Replies> {
        let reply = self.needed(at, &at.written.reply, "reply = \"Pizza is on the way!\"")?;
        let texts = match reply.get() {
            WrittenReply::Text(text) => vec![(text, 1, reply.span())],
            WrittenReply::Weighted(it) => vec![(&it.text, it.weight, reply.span())],
            WrittenReply::Texts(list) => list.iter().map(|it| match it.get() {
                WrittenText::Text(text) => (text, 1, it.span()),
                WrittenText::Weighted(one) => (&one.text, one.weight, it.span()),
            }).collect(),
        };
        let many = |count: usize| format!("a reply can have 1 to {MAX_REPLIES} texts, and this has {count}");
        if !(1..=MAX_REPLIES).contains(&texts.len()) {
            self.notes.add(at.file, reply.span(), many(texts.len()), None);
            return None;
        }
        let texts: Option<Vec<_>> =
            texts.into_iter().map(|(text, weight, place)| self.text(at, text, weight, place)).collect();
        texts.map(Replies::new)
    }

    /// One text of a reply and its weight.
    fn text(&mut self, at: &At<'_>, text: &str, weight: i64, span: Range<usize>) -> Option<(String, u64)> {
        let bytes = text.len();
        let Some(weight) = u64::try_from(weight).ok().filter(|_| (1..=MAX_WEIGHT).contains(&weight)) else {
            let message = format!("a weight is 1 to {MAX_WEIGHT}, and this is {weight}");
            self.notes.add(at.file, span, message, Some("a text that is never said can be removed".to_owned()));
            return None;
        };
        if let Some(mark) = ["{{", "{%"].into_iter().find(|mark| text.contains(mark)) {
            let message = format!("templates are not built yet, and this reply contains `{mark}`");
            self.notes.add(at.file, span, message, Some("write the text itself".to_owned()));
        } else if text.trim().is_empty() {
            self.notes.add(at.file, span, "the reply is empty".to_owned(), None);
        } else if bytes > MAX_REPLY_BYTES {
            let message = format!("a reply can have {MAX_REPLY_BYTES} bytes, and this has {bytes}");
            self.notes.add(at.file, span, message, None);
        } else {
            return Some((text.to_owned(), weight));
        }
        None
    }

    /// A key that every rule needs; missing, it is shown with an example.
    fn needed<'f, T>(
        &mut self,
        at: &At<'_>,
        value: &'f Option<Placed<T>>,
        example: &str,
    ) -> Option<&'f Placed<T>> {
        let key = example.split(' ').next().unwrap_or(example);
        if value.is_none() && !at.form.is_wrong(&at.place, key) {
            let (message, suggestion) =
                (format!("this rule has no `{key}`"), format!("add a line like: {example}"));
            self.notes.add(at.file, at.place.clone(), message, Some(suggestion));
        }
        value.as_ref()
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
