//! The form of a rules file: its keys, its types and the words of a choice, held against the schema of `written`.
//!
//! The whole file is walked, so that every mistake is told at once, each at its place; what is wrong is left out, so that
//! the rest can still be looked at. What needs more than the form is looked at in `compile`.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use serde::Deserialize;
use serde_json::Value;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::keys::{closest, not_built_yet};
use super::mistakes::Notes;
use super::written::WrittenFile;

static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    let settings = SchemaSettings::draft2020_12().with_transform(RecursiveTransform(without_null));
    settings.into_generator().into_root_schema_for::<WrittenFile>().to_value()
});

/// The JSON Schema (2020-12) of a rules file.
pub fn schema() -> &'static Value {
    &SCHEMA
}

/// What of a file has the right form.
pub(super) struct Form {
    pub(super) file: WrittenFile,
    /// Where tables begin, and keys of theirs that are there and wrong; that was said.
    wrong: HashSet<(usize, String)>,
}

impl Form {
    /// The value of a key that a table needs; missing, it is shown with an example, which begins with the key. Of one that
    /// is there and wrong that was said.
    pub(super) fn needed<'f, T>(
        &self,
        (file, table, name): (usize, &Range<usize>, &str),
        value: &'f Option<T>,
        example: &str,
        notes: &mut Notes,
    ) -> Option<&'f T> {
        let key = example.split([' ', '.']).next().unwrap_or(example);
        if value.is_none() && !self.wrong.contains(&(table.start, key.to_owned())) {
            let suggestion = Some(format!("add a line like: {example}"));
            notes.add(file, table.clone(), format!("{name} no `{key}`"), suggestion);
        }
        value.as_ref()
    }
}

/// Reads a file; what is wrong with it goes to the notes.
pub(super) fn read(index: usize, text: &str, notes: &mut Notes) -> Form {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut walk = Walk { file: index, notes, wrong: HashSet::new() };
    // A broken file is not walked: what was repaired by guessing would only bring mistakes that nobody made.
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        walk.note(span, format!("this is not TOML: {}", error.message().replace('\n', ", ")), None);
    }
    let mut file = WrittenFile::default();
    if errors.is_empty() {
        let place = table.span();
        let value = Spanned::new(place.clone(), DeValue::Table(table.into_inner()));
        if let Some(right) = walk.value(schema(), "this file", value) {
            match WrittenFile::deserialize(toml::de::ValueDeserializer::from(right)) {
                Ok(written) => file = written,
                Err(error) => walk.note(error.span().unwrap_or(place), error.message().to_owned(), None),
            }
        }
    }
    Form { file, wrong: walk.wrong }
}

/// The walk through one file.
struct Walk<'n> {
    file: usize,
    notes: &'n mut Notes,
    wrong: HashSet<(usize, String)>,
}

impl Walk<'_> {
    /// What of the value fits the schema.
    fn value<'i>(
        &mut self,
        schema: &Value,
        key: &str,
        value: Spanned<DeValue<'i>>,
    ) -> Option<Spanned<DeValue<'i>>> {
        let Some(schema) = fitting(schema, value.get_ref()) else {
            let message = format!("{} must be {}, and this is {}", quoted(key), wanted(schema), kind(&value));
            self.note(value.span(), message, advice(schema, key));
            return None;
        };
        let place = value.span();
        let right = match value.into_inner() {
            DeValue::Table(table) => DeValue::Table(self.table(schema, &place, table)),
            DeValue::Array(array) => {
                let was_empty = array.is_empty();
                let right = self.array(schema, key, array);
                if right.is_empty() && !was_empty {
                    return None;
                }
                DeValue::Array(right)
            }
            DeValue::String(word) => {
                if !self.word(schema, key, &word, &place) {
                    return None;
                }
                DeValue::String(word)
            }
            DeValue::Integer(number) => {
                if i64::from_str_radix(number.as_str(), number.radix()).is_err() {
                    self.note(place, format!("{} is too large a number", quoted(key)), None);
                    return None;
                }
                DeValue::Integer(number)
            }
            other @ (DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_)) => other,
        };
        Some(Spanned::new(place, right))
    }

    fn table<'i>(&mut self, schema: &Value, place: &Range<usize>, table: DeTable<'i>) -> DeTable<'i> {
        let mut right = DeTable::new();
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let known = schema.get("properties").and_then(|properties| properties.get(name));
            let Some(node) = known.or_else(|| additional(schema)) else {
                self.stranger(schema, key.span(), name);
                continue;
            };
            match self.value(node, name, value) {
                Some(value) => drop(right.insert(key, value)),
                None => drop(self.wrong.insert((place.start, name.to_owned()))),
            }
        }
        right
    }

    fn array<'i>(&mut self, schema: &Value, key: &str, array: DeArray<'i>) -> DeArray<'i> {
        let (mut right, each) = (DeArray::new(), format!("each of `{key}`"));
        for item in array {
            if let Some(item) = schema.get("items").and_then(|items| self.value(items, &each, item)) {
                right.push(item);
            }
        }
        right
    }

    /// Whether this word may stand here.
    fn word(&mut self, schema: &Value, key: &str, word: &str, place: &Range<usize>) -> bool {
        let words = words(schema);
        if words.is_empty() || words.contains(&word) {
            return true;
        }
        let suggestion = match closest(word, words.iter().copied()) {
            Some(meant) => format!("did you mean \"{meant}\"?"),
            None => format!("it is one of {}", listed(words.into_iter())),
        };
        let message = format!("{} cannot be \"{}\"", quoted(key), word.escape_debug());
        self.note(place.clone(), message, Some(suggestion));
        false
    }

    /// A key that the schema does not know: one of the design's that is still to be built, or a slip.
    fn stranger(&mut self, schema: &Value, span: Range<usize>, key: &str) {
        let place = schema.get("title").and_then(Value::as_str).unwrap_or("this table");
        let known = schema.get("properties").and_then(Value::as_object);
        let known = || known.into_iter().flatten().map(|(name, _)| name.as_str());
        let (shown, later) = (key.escape_debug(), not_built_yet(place));
        if later.contains(&key) {
            self.note(span, format!("`{shown}` is not built yet"), Some("remove it".to_owned()));
            return;
        }
        let all: Vec<&str> = known().chain(later.iter().copied()).collect();
        let suggestion = match closest(key, all.into_iter()) {
            Some(meant) if later.contains(&meant) => format!("did you mean `{meant}`? It is not built yet"),
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("the keys of {place} are {}", listed(known())),
        };
        self.note(span, format!("unknown key `{shown}`"), Some(suggestion));
    }

    fn note(&mut self, span: Range<usize>, message: String, suggestion: Option<String>) {
        self.notes.add(self.file, span, message, suggestion);
    }
}

/// Of the forms that the schema allows, the one of this value's type.
fn fitting<'s>(schema: &'s Value, value: &DeValue<'_>) -> Option<&'s Value> {
    let wanted = match value {
        DeValue::String(_) => "string",
        DeValue::Integer(_) => "integer",
        DeValue::Float(_) => "number",
        DeValue::Boolean(_) => "boolean",
        DeValue::Array(_) => "array",
        DeValue::Table(_) => "object",
        DeValue::Datetime(_) => return None,
    };
    forms(schema).into_iter().find(|form| type_of(form) == wanted)
}

/// The forms that a schema allows, references followed.
fn forms(schema: &Value) -> Vec<&Value> {
    let schema = resolved(schema);
    match schema.get("anyOf").and_then(Value::as_array) {
        Some(forms) => forms.iter().map(resolved).collect(),
        None => vec![schema],
    }
}

fn resolved(schema: &Value) -> &Value {
    let target = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix('#'));
    target.and_then(|path| SCHEMA.pointer(path)).unwrap_or(schema)
}

/// The type of a form; one that is a choice of words is a string.
fn type_of(form: &Value) -> &str {
    form.get("type").and_then(Value::as_str).unwrap_or("string")
}

/// The words of a choice; none when it is free text.
fn words(form: &Value) -> Vec<&str> {
    let bare = form.get("enum").and_then(Value::as_array).into_iter().flatten();
    let described = form.get("oneOf").and_then(Value::as_array).into_iter().flatten();
    let described = described.flat_map(|one| {
        one.get("const").into_iter().chain(one.get("enum").and_then(Value::as_array).into_iter().flatten())
    });
    bare.chain(described).filter_map(Value::as_str).collect()
}

/// The schema of every key of a table whose keys are free.
fn additional(schema: &Value) -> Option<&Value> {
    schema.get("additionalProperties").filter(|schema| schema.is_object())
}

/// What a schema wants, in words.
fn wanted(schema: &Value) -> String {
    let one = |form: &Value| match type_of(form) {
        "integer" => "a whole number".to_owned(),
        "boolean" => "true or false".to_owned(),
        "object" => "a table".to_owned(),
        "array" => {
            let of = form.get("items").map(|items| type_of(forms(items).first().unwrap_or(&items)));
            format!("a list of {}", if of == Some("object") { "tables" } else { "texts" })
        }
        _ => "a text".to_owned(),
    };
    forms(schema).into_iter().map(one).collect::<Vec<_>>().join(" or ")
}

/// How to write what a schema wants.
fn advice(schema: &Value, key: &str) -> Option<String> {
    let forms = forms(schema);
    let form = forms.first()?;
    let words = words(form);
    Some(match type_of(form) {
        "string" if !words.is_empty() => format!("it is one of {}", listed(words.into_iter())),
        "string" => "put it in quotes".to_owned(),
        "integer" => "write it without quotes and without a point".to_owned(),
        "boolean" => "write it without quotes".to_owned(),
        "array" if wanted(form).ends_with("tables") => format!("begin each with a line `[[{key}]]`"),
        "array" => format!("put it in brackets: {key} = [\"…\"]"),
        _ => return None,
    })
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

fn quoted(key: &str) -> String {
    if key.contains('`') { key.to_owned() } else { format!("`{key}`") }
}

/// Words as a sentence lists them.
fn listed<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// TOML has no null: a key that need not be there is left out.
fn without_null(schema: &mut schemars::Schema) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|one| one != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            schema.insert("type".to_owned(), one);
        }
    }
    if let Some(Value::Array(forms)) = schema.get_mut("anyOf") {
        forms.retain(|form| form.get("type").is_none_or(|one| one != "null"));
        if let [Value::Object(one)] = forms.as_slice() {
            let one = one.clone();
            schema.remove("anyOf");
            for (key, value) in one {
                schema.insert(key, value);
            }
        }
    }
}
