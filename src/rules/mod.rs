//! The rules: what to listen for, what to say, and why.
//!
//! Pure thought: no clock, no network, no async, no chance. A file becomes [`Rules`] once ([`Rules::load`]), or
//! all of its [`Mistakes`] at once; a [`Message`] becomes a [`Decision`] in about a microsecond, the same one
//! every time. Nothing of a message is kept.
//!
//! The way of a file: `load` (read) → `form` (is it well-formed) → `written` (as written) → `meaning`,
//! `compile` (as meant) → `search` (ready to find); `lint` (what is hardly meant) looks at both ends.
//! The way of a message: `fold` (comparable text) → `search` (candidates in one pass) → `border`, `mask` (which of
//! them count), `fit` (any, all, none) → `decide` (who speaks) or `explain` (why).

mod accents;
mod compile;
mod decide;
mod examples;
mod explain;
mod fit;
mod fold;
mod form;
mod glyphs;
mod hours;
mod in_force;
mod keys;
mod keyword;
mod letters;
mod limits;
mod lint;
mod load;
mod mask;
mod meaning;
mod mistakes;
mod opening;
mod replies;
mod rule;
mod search;
mod settings;
mod wildcard;
mod written;

#[cfg(test)]
mod tests;

pub use compile::Rules;
pub use decide::{Author, Decision, Found, Message, Silence, Speak};
pub use explain::{Explanation, Outcome, Reason, Seen};
pub use fit::Words;
pub use form::schema;
pub use in_force::InForce;
pub use lint::{Kind, Warnings};
pub use mistakes::{Entry, Mistakes, Severity};
pub use replies::Replies;
pub use rule::{From, HoursAre, Matching, Mode, OnOccupied, Rule, Visibility};
pub use settings::Settings;
