//! What a rule as written means: its defaults filled in, its values checked.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;

use super::examples::Examples;
use super::fit::Words;
use super::fold::{Folding, letters};
use super::form::Form;
use super::hours::Hours;
use super::keyword::{Never, Shape};
use super::limits::{
    MAX_KEYWORD_CHARS, MAX_KEYWORDS, MAX_NAME_CHARS, MAX_REPLIES, MAX_REPLY_BYTES, MAX_RULES, MAX_WEIGHT,
};
use super::mistakes::{Notes, Source};
use super::opening;
use super::replies::Replies;
use super::rule::{Matching, Rule, Visibility};
use super::search::Keyword;
use super::written::{Placed, WrittenReply, WrittenRule, WrittenText};

/// Rules while they are compiled.
#[derive(Default)]
pub(super) struct Work {
    pub(super) notes: Notes,
    names: HashMap<String, (usize, Range<usize>)>,
    pub(super) rules: Vec<Rule>,
    pub(super) keywords: Vec<Keyword>,
    pub(super) examples: Examples,
    /// The business hours of the first file that has any, where they are right.
    pub(super) hours: Option<Option<Hours>>,
    /// Where rules speak of them.
    of_hours: Vec<(usize, Range<usize>)>,
    /// By a keyword as it is compared: other words for it.
    pub(super) synonyms: HashMap<String, Vec<String>>,
}

/// A rule as written, and where it stands.
pub(super) struct At<'f> {
    pub(super) file: usize,
    pub(super) form: &'f Form,
    pub(super) place: Range<usize>,
    pub(super) written: &'f WrittenRule,
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
    /// None so far; `notes` holds what went wrong in reading.
    pub(super) fn new(notes: Notes) -> Self {
        Self { notes, ..Self::default() }
    }

    pub(super) fn version(&mut self, file: usize, form: &Form) {
        if let Some(version) = form.file.version.as_ref().filter(|version| *version.get() != 1) {
            let message = format!("unknown version {}", version.get());
            let suggestion = "this chimein reads `version = 1`".to_owned();
            self.notes.add(file, version.span(), message, Some(suggestion));
        }
    }

    pub(super) fn business_hours(&mut self, file: usize, form: &Form) {
        let Some(written) = &form.file.business_hours else { return };
        if self.hours.is_some() {
            let suggestion = Some("keep those of one file; they are the same for all rules".to_owned());
            self.notes.add(
                file,
                written.span(),
                "there are business hours in another file".to_owned(),
                suggestion,
            );
            return;
        }
        self.hours = Some(opening::hours(file, form, written, &mut self.notes));
    }

    pub(super) fn synonyms(&mut self, file: usize, form: &Form) {
        for (keyword, others) in &form.file.synonyms {
            for other in others.get() {
                if self.keyword(file, other, Folding::Same, false).is_some() {
                    let known = self.synonyms.entry(letters(keyword, Folding::Same)).or_default();
                    known.push(other.get().clone());
                }
            }
        }
    }

    /// Rules speak of business hours only where there are any.
    pub(super) fn hours_are_known(&mut self) {
        if self.hours.is_none() {
            for (file, place) in std::mem::take(&mut self.of_hours) {
                let suggestion = Some("add a table `[business_hours]`".to_owned());
                self.notes.add(file, place, "there are no business hours".to_owned(), suggestion);
            }
        }
    }

    pub(super) fn rule(&mut self, at: &At<'_>, sources: &[Source]) {
        let (written, usual) = (at.written, &at.form.file.defaults);
        let visibility = written.visibility.or(usual.visibility).unwrap_or_default();
        let name = self.name(at, sources);
        let words = self.words(at);
        let reply = self.reply(at);
        if let Some(choice) = &written.on_occupied
            && visibility != Visibility::All
        {
            let message = "`on_occupied` has no meaning here: this rule whispers anyway".to_owned();
            let suggestion = Some("remove it, or add a line: visibility = \"all\"".to_owned());
            self.notes.add(at.file, choice.span(), message, suggestion);
        }
        if let Some(hours) = &written.when.hours {
            self.of_hours.push((at.file, hours.span()));
        }
        let (Some(name), Some(words), Some(reply)) = (name, words, reply) else { return };
        if self.rules.len() == MAX_RULES {
            self.notes.add(at.file, at.place.clone(), format!("there are more than {MAX_RULES} rules"), None);
        }
        let on_occupied = written.on_occupied.as_ref().map(|chosen| *chosen.get());
        let rule = Rule {
            name,
            words,
            matching: at.matching(),
            hours: written.when.hours.as_ref().map(|hours| *hours.get()),
            visibility,
            on_occupied: on_occupied.or(usual.on_occupied).unwrap_or_default(),
            reply,
            from: written.from.or(usual.from).unwrap_or_default(),
            priority: written.priority.or(usual.priority).unwrap_or_default(),
            mode: written.mode.or(usual.mode).unwrap_or_default(),
            case_sensitive: at.is_case_sensitive(),
        };
        self.examples.of_rule(at.file, self.rules.len(), &rule, written);
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

    /// The words of a rule: what is searched for, in the order of `Words`.
    fn words(&mut self, at: &At<'_>) -> Option<Words> {
        let written = at.written;
        let keywords = match (&written.keywords, &written.all) {
            (None, Some(_)) => None,
            _ => Some(self.needed(at, &written.keywords, "keywords = [\"pizza\"]")?),
        };
        let lists = [
            (keywords, "keywords"),
            (written.all.as_ref(), "all"),
            (written.none.as_ref(), "none"),
            (written.ignore.as_ref(), "ignore"),
        ];
        let empty =
            lists.iter().filter_map(|(list, key)| Some((list.filter(|list| list.get().is_empty())?, *key)));
        for (list, key) in empty.clone() {
            let suggestion = match key {
                "keywords" => "`[\"*\"]` is any message; `mode = \"off\"` turns a rule off".to_owned(),
                _ => "remove it".to_owned(),
            };
            self.notes.add(at.file, list.span(), format!("`{key}` is empty"), Some(suggestion));
        }
        if empty.count() > 0 {
            return None;
        }
        let before = self.keywords.len();
        let mut number = 0;
        for (list, key) in lists {
            let list = list.map_or(&[][..], |list| list.get());
            let is_alone = key == "keywords" && list.len() == 1 && written.all.is_none();
            for word in list {
                self.word(at, word, (number, key), is_alone);
                number += 1;
            }
        }
        if before <= MAX_KEYWORDS && self.keywords.len() > MAX_KEYWORDS {
            let message = format!("there are more than {MAX_KEYWORDS} keywords");
            self.notes.add(at.file, at.place.clone(), message, None);
        }
        let texts = |list: Option<&Placed<Vec<Placed<String>>>>| -> Vec<String> {
            list.into_iter().flat_map(|list| list.get()).map(|word| word.get().clone()).collect()
        };
        let [keywords, all, none, ignore] = lists.map(|(list, _)| texts(list));
        let at_least = self.at_least(at, keywords.len())?;
        Some(Words { keywords, all, none, ignore, at_least })
    }

    fn at_least(&mut self, at: &At<'_>, keywords: usize) -> Option<usize> {
        let Some(written) = &at.written.at_least else { return Some(1) };
        let number = usize::try_from(*written.get()).ok().filter(|number| (1..=keywords).contains(number));
        if number.is_none() {
            let message = format!(
                "`at_least` is 1 to the number of keywords ({keywords}), and this is {}",
                written.get()
            );
            self.notes.add(at.file, written.span(), message, None);
        }
        number
    }

    /// One word of a list; those that are no keywords are looked for as words, or inside of words where keywords are.
    fn word(&mut self, at: &At<'_>, word: &Placed<String>, (number, key): (usize, &str), is_alone: bool) {
        let folding = if at.is_case_sensitive() { Folding::Cased } else { Folding::Same };
        let matching = at.matching();
        let is_of_the_rule = key == "keywords" || matching == Matching::Contains;
        let matching = if is_of_the_rule { matching } else { Matching::Word };
        if let Some(shape) = self.keyword(at.file, word, folding, is_alone) {
            let others = self.synonyms.get(&letters(word.get(), Folding::Same)).into_iter().flatten();
            let others = others.filter_map(|other| Shape::read(other, folding).ok());
            let rule = self.rules.len();
            let keyword = |shape| Keyword { rule, number, shape, matching, folding };
            self.keywords.extend([shape].into_iter().chain(others).map(keyword));
        }
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
            WrittenReply::Texts(list) => list
                .iter()
                .map(|it| match it.get() {
                    WrittenText::Text(text) => (text, 1, it.span()),
                    WrittenText::Weighted(one) => (&one.text, one.weight, it.span()),
                })
                .collect(),
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
            self.notes.add(
                at.file,
                span,
                message,
                Some("a text that is never said can be removed".to_owned()),
            );
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

    /// A key that every rule needs.
    fn needed<'f, T>(&mut self, at: &At<'_>, value: &'f Option<T>, example: &str) -> Option<&'f T> {
        at.form.needed((at.file, &at.place, "this rule has"), value, example, &mut self.notes)
    }
}

/// Where a rule stands, in words.
fn first_place(sources: &[Source], file: usize, span: &Range<usize>) -> String {
    let Some(source) = sources.get(file) else { return String::new() };
    let line = source.text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() + 1;
    format!("{}:{line}", source.name)
}
