//! A rules file as it was written: nothing is filled in, nothing is checked but the form.
//!
//! From these types the JSON Schema is made (`chimein schema rules`), and the form is checked by that schema (`form`), so
//! that an editor and `chimein check` say the same. A doc comment here is what an editor shows.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::rule::{From, HoursAre, Matching, Mode, OnOccupied, Visibility};

/// What chimein listens for, and what it says.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(title = "this file")]
#[serde(deny_unknown_fields, default)]
pub(super) struct WrittenFile {
    /// The format of this file: 1.
    pub(super) version: Option<Placed<i64>>,
    /// Other words for a keyword: a rule that looks for `pizza` finds these, too. For the rules of all files.
    pub(super) synonyms: BTreeMap<String, Placed<Vec<Placed<String>>>>,
    /// When the business is open; in one file of a folder only.
    pub(super) business_hours: Option<Placed<WrittenHours>>,
    /// What the rules of this file mean where they say nothing else.
    pub(super) defaults: WrittenDefaults,
    /// The rules in their order.
    pub(super) rules: Vec<Placed<WrittenRule>>,
    /// Messages, and what becomes of them; looked at every time the rules are loaded.
    pub(super) tests: Vec<Placed<WrittenTest>>,
}

/// What the rules of a file mean where they say nothing else.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(title = "`defaults`")]
#[serde(deny_unknown_fields, default)]
pub(super) struct WrittenDefaults {
    /// How a keyword must stand in the text. Default: "word".
    #[serde(rename = "match")]
    pub(super) matching: Option<Matching>,
    /// Who sees the reply. Default: "agents".
    pub(super) visibility: Option<Visibility>,
    /// What becomes of a reply to all where the customer may not be spoken to. Default: "whisper".
    pub(super) on_occupied: Option<OnOccupied>,
    /// Whose words a rule listens to; never a bot's. Default: "customer".
    pub(super) from: Option<From>,
    /// The higher one speaks; among equals the first in the file. Default: 0.
    pub(super) priority: Option<i64>,
    /// Whether a rule speaks. Default: "live".
    pub(super) mode: Option<Mode>,
    /// Whether "Pizza" and "pizza" are different words. Default: false.
    pub(super) case_sensitive: Option<bool>,
}

/// A rule: when one of its keywords is found, its reply is said.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(title = "a rule", extend("required" = ["name", "reply"], "allOf" = [words_are_there()]))]
#[serde(deny_unknown_fields, default)]
pub(super) struct WrittenRule {
    /// What the rule is called; unique over all files.
    pub(super) name: Option<Placed<String>>,
    /// Any of them is enough. `*` stands for the rest of a word; `["*"]` is any message.
    pub(super) keywords: Option<Placed<Vec<Placed<String>>>>,
    /// Each of them must be there.
    pub(super) all: Option<Placed<Vec<Placed<String>>>>,
    /// None of them may be there.
    pub(super) none: Option<Placed<Vec<Placed<String>>>>,
    /// How many different keywords must be there. Default: 1.
    pub(super) at_least: Option<Placed<i64>>,
    /// Phrases; what is found inside of one of them does not count.
    pub(super) ignore: Option<Placed<Vec<Placed<String>>>>,
    /// What is said: a text, or several of which one is said, each as likely as its weight.
    pub(super) reply: Option<Placed<WrittenReply>>,
    /// How a keyword must stand in the text. Default: "word".
    #[serde(rename = "match")]
    pub(super) matching: Option<Matching>,
    /// When the rule speaks; all of its conditions must be met.
    pub(super) when: WrittenWhen,
    /// Who sees the reply. Default: "agents".
    pub(super) visibility: Option<Visibility>,
    /// What becomes of a reply to all where the customer may not be spoken to. Default: "whisper".
    pub(super) on_occupied: Option<Placed<OnOccupied>>,
    /// Whose words the rule listens to; never a bot's. Default: "customer".
    pub(super) from: Option<From>,
    /// The higher one speaks; among equals the first in the file. Default: 0.
    pub(super) priority: Option<i64>,
    /// Whether the rule speaks. Default: "live".
    pub(super) mode: Option<Mode>,
    /// Whether "Pizza" and "pizza" are different words. Default: false.
    pub(super) case_sensitive: Option<bool>,
    /// Messages that this rule answers; looked at every time the rules are loaded.
    pub(super) should_match: Vec<Placed<String>>,
    /// Messages that this rule does not answer; looked at every time the rules are loaded.
    pub(super) should_not_match: Vec<Placed<String>>,
}

/// When a rule speaks.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(title = "`when`")]
#[serde(deny_unknown_fields, default)]
pub(super) struct WrittenWhen {
    /// Inside or outside of the business hours.
    pub(super) hours: Option<Placed<HoursAre>>,
}

/// When the business is open.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(title = "`business_hours`", extend("required" = ["timezone", "hours"]))]
#[serde(deny_unknown_fields, default)]
pub(super) struct WrittenHours {
    /// A time zone's IANA name, as "Europe/Warsaw".
    pub(super) timezone: Option<Placed<String>>,
    /// Of each day of the week; a day that is not named is closed.
    pub(super) hours: Option<WrittenWeek>,
    /// Days on which nothing opens, as "2026-12-25".
    pub(super) closed: Vec<Placed<String>>,
}

/// Spans such as "09:00-17:30"; one that ends earlier than it begins ends on the next day.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(title = "`hours`")]
#[serde(deny_unknown_fields, default)]
pub(super) struct WrittenWeek {
    pub(super) monday: Vec<Placed<String>>,
    pub(super) tuesday: Vec<Placed<String>>,
    pub(super) wednesday: Vec<Placed<String>>,
    pub(super) thursday: Vec<Placed<String>>,
    pub(super) friday: Vec<Placed<String>>,
    pub(super) saturday: Vec<Placed<String>>,
    pub(super) sunday: Vec<Placed<String>>,
}

/// What is said: a text, a text with a weight, or several.
#[derive(Debug, JsonSchema)]
#[serde(untagged)]
pub(super) enum WrittenReply {
    /// The text.
    Text(String),
    /// The texts of which one is said.
    Texts(Vec<Placed<WrittenText>>),
    /// The text, with a weight.
    Weighted(Weighted),
}

/// A text among others.
#[derive(Debug, JsonSchema)]
#[serde(untagged)]
pub(super) enum WrittenText {
    /// The text; its weight is 1.
    Text(String),
    /// The text, with a weight.
    Weighted(Weighted),
}

/// A text and how often it is said, against the others of its rule.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(title = "a text of a reply")]
#[serde(deny_unknown_fields)]
pub(super) struct Weighted {
    /// What is said.
    #[serde(default)]
    pub(super) text: String,
    /// 1 to 1000. Default: 1.
    #[serde(default = "one")]
    pub(super) weight: i64,
}

/// A rule has `keywords` or `all`.
fn words_are_there() -> serde_json::Value {
    serde_json::json!({ "anyOf": [{ "required": ["keywords"] }, { "required": ["all"] }] })
}

fn one() -> i64 {
    1
}

/// A message, and what becomes of it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(title = "a test", extend("required" = ["say", "expect"]))]
#[serde(deny_unknown_fields, default)]
pub(super) struct WrittenTest {
    /// The message.
    pub(super) say: Option<Placed<String>>,
    /// When it is written: RFC 3339, or the wall clock of the business hours. Default: whenever rules want.
    pub(super) at: Option<Placed<String>>,
    /// Who writes it. Default: "customer".
    pub(super) from: Option<Writer>,
    /// The name of the rule that answers it, or "silence".
    pub(super) expect: Option<Placed<String>>,
}

/// Who writes the message of a test.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Writer {
    /// A customer.
    #[default]
    Customer,
    /// A human agent.
    Agent,
}

// By hand, because an untagged enum of serde's forgets the places of what is in it.
impl<'de> Deserialize<'de> for WrittenReply {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = WrittenReply;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a table or a list of them")
            }

            fn visit_str<E>(self, text: &str) -> Result<WrittenReply, E> {
                Ok(WrittenReply::Text(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<WrittenReply, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(WrittenReply::Texts)
            }

            fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<WrittenReply, A::Error> {
                Weighted::deserialize(MapAccessDeserializer::new(table)).map(WrittenReply::Weighted)
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

impl<'de> Deserialize<'de> for WrittenText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match WrittenReply::deserialize(deserializer)? {
            WrittenReply::Text(text) => Ok(Self::Text(text)),
            WrittenReply::Weighted(text) => Ok(Self::Weighted(text)),
            WrittenReply::Texts(_) => Err(D::Error::custom("a text of a reply cannot be a list")),
        }
    }
}

/// A value and its place in the file.
#[derive(Debug, Deserialize)]
#[serde(transparent, bound = "T: Deserialize<'de>")]
pub(super) struct Placed<T>(Spanned<T>);

impl<T> Placed<T> {
    /// The value.
    pub(super) fn get(&self) -> &T {
        self.0.get_ref()
    }

    /// Its bytes in the file.
    pub(super) fn span(&self) -> Range<usize> {
        self.0.span()
    }
}

impl<T: JsonSchema> JsonSchema for Placed<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> std::borrow::Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}
