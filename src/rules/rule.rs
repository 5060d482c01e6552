//! One rule, as meant.
//!
//! Every default is filled in and every value is checked; what a person wrote is in `file`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fit::Words;
use super::replies::Replies;

/// A rule: when one of its keywords is found, its reply is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What the rule is called; unique over all files.
    pub name: String,
    /// What it looks for.
    pub words: Words,
    /// How a keyword must stand in the text. Default: as a word.
    pub matching: Matching,
    /// When it speaks, by the business hours. Default: always.
    pub hours: Option<HoursAre>,
    /// Who sees the reply. Default: agents.
    pub visibility: Visibility,
    /// What becomes of a reply to all where the customer may not be spoken to. Default: whisper.
    pub on_occupied: OnOccupied,
    /// What is said: texts of 1 to 16,384 bytes.
    pub reply: Replies,
    /// Whose words the rule listens to. Default: the customer's.
    pub from: From,
    /// The higher one speaks; among equals the first in the file. Default: 0.
    pub priority: i64,
    /// Whether the rule speaks. Default: live.
    pub mode: Mode,
    /// Whether "Pizza" and "pizza" are different words. Default: false.
    pub case_sensitive: bool,
}

/// How a keyword must stand in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Matching {
    /// As a word: "pizza" in "PIZZA!!!", not in "pizzas".
    #[default]
    Word,
    /// Anywhere, inside of words too.
    Contains,
    /// As the whole text, white space around it aside.
    Exact,
    /// At the beginning of the text, as a word.
    StartsWith,
    /// At the end of the text, as a word.
    EndsWith,
}

/// When a rule speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HoursAre {
    /// Inside of the business hours.
    Inside,
    /// Outside of them.
    Outside,
}

/// Who sees the reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Only agents: a whisper.
    #[default]
    Agents,
    /// The customer, too.
    All,
}

/// What becomes of a reply to all in a chat in which an agent is inside already, or that waits for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnOccupied {
    /// Only the agents hear it.
    #[default]
    Whisper,
    /// It is not said.
    Skip,
}

/// Whose words a rule listens to; never a bot's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum From {
    /// The customer's.
    #[default]
    Customer,
    /// A human agent's.
    Agent,
    /// Both.
    Anyone,
}

/// Whether a rule speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// It speaks.
    #[default]
    Live,
    /// It is decided and reported, and never speaks.
    Shadow,
    /// It is not looked at.
    Off,
}
