//! Who speaks: one message in, one decision out.
//!
//! Finding comes first and choosing after it: of all rules that found a keyword and listen to the author, the one
//! with the highest priority speaks, among equals the first in the file. A bot is never answered.

use super::compile::Rules;
use super::limits::MAX_TEXT_BYTES;
use super::rule::{From, Mode, Rule};

/// What somebody wrote.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// One text for a message, each answer of a form; a rule that matches any of them matches.
    pub texts: &'a [&'a str],
    /// Who wrote it.
    pub author: Author,
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// A customer.
    Customer,
    /// A human agent.
    Agent,
    /// A bot, ourselves included: never answered.
    Bot,
    /// Not known yet: taken for a customer; the caller makes sure before anything is said.
    Unknown,
}

/// What to do about a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision<'r> {
    /// A rule speaks (or would: look at its mode).
    Speak(Speak<'r>),
    /// No rule speaks.
    Silent(Silence),
}

/// The rule that speaks, and what it heard.
#[derive(Debug, Clone, PartialEq)]
pub struct Speak<'r> {
    /// The rule. With [`Mode::Shadow`] the caller reports it and says nothing.
    pub rule: &'r Rule,
    /// Where its keywords stand, in the order of the text; at least one.
    pub found: Vec<Found<'r>>,
}

/// A place in a text where a keyword was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found<'r> {
    /// Which of the message's texts.
    pub text: usize,
    /// First byte in that text as it was written; always the border of a character.
    pub start: usize,
    /// The byte after the last one; always the border of a character.
    pub end: usize,
    /// The keyword as it is written in the rule.
    pub keyword: &'r str,
}

/// Why no rule speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// No keyword of any rule was found.
    NoRuleFits,
    /// A keyword was found, but its rule does not listen to this author.
    NotTheirs,
    /// A bot wrote it.
    ByBot,
    /// There is nothing to read: no text, or only white space.
    Empty,
}

impl Silence {
    /// The reason's name in logs and JSON; it never changes.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoRuleFits => "no_rule_fits",
            Self::NotTheirs => "not_theirs",
            Self::ByBot => "by_bot",
            Self::Empty => "empty",
        }
    }
}

impl Rules {
    /// Decides who speaks. The same rules and the same message give the same decision.
    pub fn decide(&self, message: &Message<'_>) -> Decision<'_> {
        if message.author == Author::Bot {
            return Decision::Silent(Silence::ByBot);
        }
        let _ = MAX_TEXT_BYTES;
        for rule in self.iter() {
            if rule.mode == Mode::Off || !listens(rule.from, message.author) {
                continue;
            }
            for (index, text) in message.texts.iter().enumerate() {
                let lower = text.to_lowercase();
                for keyword in &rule.keywords {
                    if let Some(start) = lower.find(&keyword.to_lowercase()) {
                        let found = Found { text: index, start, end: start + keyword.len(), keyword };
                        return Decision::Speak(Speak { rule, found: vec![found] });
                    }
                }
            }
        }
        Decision::Silent(Silence::NoRuleFits)
    }
}

/// Whether a rule that listens to `from` listens to this author.
pub(super) fn listens(from: From, author: Author) -> bool {
    match (from, author) {
        (_, Author::Bot) => false,
        (From::Anyone, _)
        | (From::Customer, Author::Customer | Author::Unknown)
        | (From::Agent, Author::Agent) => true,
        (From::Customer, Author::Agent) | (From::Agent, Author::Customer | Author::Unknown) => false,
    }
}
