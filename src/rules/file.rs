//! A rules file as it was written.
//!
//! The whole file is walked, so that every mistake is told at once, each at its place. What is looked at here is
//! the form: keys, types and the words of a choice. What needs all rules together is looked at in `compile`.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use super::keys::{self, closest};
use super::mistakes::Notes;
use super::rule::{From, Matching, Mode, OnOccupied, Visibility};

/// What one file says.
#[derive(Debug, Default)]
pub(super) struct RuleFile {
    /// The rules in their order.
    pub(super) rules: Vec<WrittenRule>,
}

/// A rule as written: nothing is filled in.
#[derive(Debug)]
pub(super) struct WrittenRule {
    /// Where to point when something is missing.
    pub(super) place: Range<usize>,
    pub(super) name: Key<Spanned<String>>,
    pub(super) keywords: Key<Spanned<Vec<Spanned<String>>>>,
    pub(super) reply: Key<Spanned<String>>,
    pub(super) matching: Option<Matching>,
    pub(super) visibility: Option<Visibility>,
    pub(super) on_occupied: Option<Spanned<OnOccupied>>,
    pub(super) from: Option<From>,
    pub(super) priority: Option<i64>,
    pub(super) mode: Option<Mode>,
    pub(super) case_sensitive: Option<bool>,
}

/// A key that every rule needs.
#[derive(Debug)]
pub(super) enum Key<T> {
    /// It is not there.
    Missing,
    /// It is there and wrong; that was said already.
    Wrong,
    /// It is there.
    Given(T),
}

/// Reads a file; what is wrong with it goes to the notes.
pub(super) fn read(index: usize, text: &str, notes: &mut Notes) -> RuleFile {
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Walk { file: index, notes }.top(table.get_ref());
    }
    // A broken file is not walked: what was repaired by guessing would only bring mistakes that nobody made.
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        notes.add(index, span, format!("this is not TOML: {}", error.message().replace('\n', ", ")), None);
    }
    RuleFile::default()
}

/// The walk through one file.
struct Walk<'n> {
    file: usize,
    notes: &'n mut Notes,
}

impl Walk<'_> {
    fn top(&mut self, table: &DeTable<'_>) -> RuleFile {
        let mut file = RuleFile::default();
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "version" => self.version(value),
                "rules" => file.rules = self.rules(key.span(), value),
                other => self.stranger(key.span(), other, "this file", keys::TOP, keys::TOP_LATER),
            }
        }
        file
    }

    fn version(&mut self, value: &Spanned<DeValue<'_>>) {
        let Some(number) = self.integer(value, "version") else { return };
        if number != 1 {
            let suggestion = "this chimein reads `version = 1`";
            self.note(value.span(), format!("unknown version {number}"), Some(suggestion.to_owned()));
        }
    }

    fn rules(&mut self, key: Range<usize>, value: &Spanned<DeValue<'_>>) -> Vec<WrittenRule> {
        let suggestion = Some("begin each rule with a line `[[rules]]`".to_owned());
        let Some(array) = value.get_ref().as_array() else {
            let message = format!("`rules` must be a list of tables, and this is {}", kind(value));
            self.note(key, message, suggestion);
            return Vec::new();
        };
        let mut rules = Vec::new();
        for item in array.iter() {
            match item.get_ref().as_table() {
                Some(table) => rules.push(self.rule(item.span(), table)),
                None => {
                    let message = format!("a rule must be a table, and this is {}", kind(item));
                    self.note(item.span(), message, suggestion.clone());
                }
            }
        }
        rules
    }

    fn rule(&mut self, place: Range<usize>, table: &DeTable<'_>) -> WrittenRule {
        let mut rule = WrittenRule {
            place,
            name: Key::Missing,
            keywords: Key::Missing,
            reply: Key::Missing,
            matching: None,
            visibility: None,
            on_occupied: None,
            from: None,
            priority: None,
            mode: None,
            case_sensitive: None,
        };
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "name" => rule.name = given(self.string(value, "name")),
                "keywords" => rule.keywords = given(self.strings(value, "keywords")),
                "reply" => rule.reply = given(self.reply(value)),
                "match" => rule.matching = self.choice(value, "match", Matching::ALL),
                "visibility" => rule.visibility = self.choice(value, "visibility", Visibility::ALL),
                "on_occupied" => {
                    let chosen = self.choice(value, "on_occupied", OnOccupied::ALL);
                    rule.on_occupied = chosen.map(|chosen| Spanned::new(key.span(), chosen));
                }
                "from" => rule.from = self.choice(value, "from", From::ALL),
                "priority" => rule.priority = self.integer(value, "priority"),
                "mode" => rule.mode = self.choice(value, "mode", Mode::ALL),
                "case_sensitive" => rule.case_sensitive = self.boolean(value, "case_sensitive"),
                other => self.stranger(key.span(), other, "a rule", keys::RULE, keys::RULE_LATER),
            }
        }
        rule
    }

    /// A key that is not one of `known`: one of the design's that is still to be built, or a slip.
    fn stranger(&mut self, span: Range<usize>, key: &str, place: &str, known: &[&str], later: &[&str]) {
        let shown = key.escape_debug();
        if later.contains(&key) {
            self.note(span, format!("`{shown}` is not built yet"), Some("remove it".to_owned()));
            return;
        }
        let suggestion = match closest(key, known.iter().chain(later).copied()) {
            Some(meant) if later.contains(&meant) => format!("did you mean `{meant}`? It is not built yet"),
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("the keys of {place} are {}", listed(known.iter().copied())),
        };
        self.note(span, format!("unknown key `{shown}`"), Some(suggestion));
    }

    fn reply(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Spanned<String>> {
        if value.get_ref().is_array() || value.get_ref().is_table() {
            let message = "a reply of several texts or weights is not built yet";
            self.note(value.span(), message.to_owned(), Some("give one text: reply = \"…\"".to_owned()));
            return None;
        }
        let text = self.string(value, "reply")?;
        if let Some(mark) = ["{{", "{%"].into_iter().find(|mark| text.get_ref().contains(mark)) {
            let message = format!("templates are not built yet, and this reply contains `{mark}`");
            self.note(value.span(), message, Some("write the text itself".to_owned()));
            return None;
        }
        Some(text)
    }

    fn string(&mut self, value: &Spanned<DeValue<'_>>, key: &str) -> Option<Spanned<String>> {
        let Some(text) = value.get_ref().as_str() else {
            self.wrong_type(value, key, "a text", "put it in quotes");
            return None;
        };
        Some(Spanned::new(value.span(), text.to_owned()))
    }

    fn strings(&mut self, value: &Spanned<DeValue<'_>>, key: &str) -> Option<Spanned<Vec<Spanned<String>>>> {
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(value, key, "a list of texts", "put it in brackets: keywords = [\"pizza\"]");
            return None;
        };
        let texts: Vec<Option<Spanned<String>>> =
            array.iter().map(|item| self.string(item, &format!("each of `{key}`"))).collect();
        // What is wrong was said; the others are looked at all the same.
        let good: Vec<Spanned<String>> = texts.into_iter().flatten().collect();
        (!good.is_empty() || array.is_empty()).then(|| Spanned::new(value.span(), good))
    }

    fn integer(&mut self, value: &Spanned<DeValue<'_>>, key: &str) -> Option<i64> {
        let number = value.get_ref().as_integer();
        if number.is_none() {
            self.wrong_type(value, key, "a whole number", "write it without quotes and without a point");
        }
        let number = number.and_then(whole);
        if number.is_none() && value.get_ref().is_integer() {
            self.note(value.span(), format!("`{key}` is too large a number"), None);
        }
        number
    }

    fn boolean(&mut self, value: &Spanned<DeValue<'_>>, key: &str) -> Option<bool> {
        let answer = value.get_ref().as_bool();
        if answer.is_none() {
            self.wrong_type(value, key, "true or false", "write it without quotes");
        }
        answer
    }

    fn choice<T: Copy>(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        key: &str,
        choices: &[(&'static str, T)],
    ) -> Option<T> {
        let names = || choices.iter().map(|(name, _)| *name);
        let Some(word) = value.get_ref().as_str() else {
            self.wrong_type(value, key, "a text", &format!("it is one of {}", listed(names())));
            return None;
        };
        if let Some((_, choice)) = choices.iter().find(|(name, _)| *name == word) {
            return Some(*choice);
        }
        let suggestion = match closest(word, names()) {
            Some(meant) => format!("did you mean \"{meant}\"?"),
            None => format!("it is one of {}", listed(names())),
        };
        let message = format!("`{key}` cannot be \"{}\"", word.escape_debug());
        self.note(value.span(), message, Some(suggestion));
        None
    }

    fn wrong_type(&mut self, value: &Spanned<DeValue<'_>>, key: &str, wanted: &str, suggestion: &str) {
        let key = if key.contains('`') { key.to_owned() } else { format!("`{key}`") };
        let message = format!("{key} must be {wanted}, and this is {}", kind(value));
        self.note(value.span(), message, Some(suggestion.to_owned()));
    }

    fn note(&mut self, span: Range<usize>, message: String, suggestion: Option<String>) {
        self.notes.add(self.file, span, message, suggestion);
    }
}

/// What was read of a key that is there.
fn given<T>(read: Option<T>) -> Key<T> {
    read.map_or(Key::Wrong, Key::Given)
}

/// The number, when it fits.
fn whole(number: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

/// A value's type in words.
fn kind(value: &Spanned<DeValue<'_>>) -> &'static str {
    match value.get_ref() {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a number with a point",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// Words as a sentence lists them.
fn listed<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
