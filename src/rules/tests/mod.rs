//! The rules' tests: how text is compared, who speaks, what is refused, what is warned of.

mod comparison;
mod deciding;
mod examples;
mod folding;
mod hours;
mod linting;
mod refusing;
mod words;

use super::{Author, Decision, Message, Rules};

/// Rules from one file's text.
fn rules(text: &str) -> Rules {
    Rules::parse(vec![("rules.toml".to_owned(), text.to_owned())])
        .unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

/// One rule with this keyword; `options` are further lines of it.
fn one(keyword: &str, options: &str) -> Rules {
    let keyword = toml::Value::from(keyword);
    rules(&format!("[[rules]]\nname = \"r\"\nreply = \"x\"\nkeywords = [{keyword}]\n{options}\n"))
}

/// The first place where a rule found a keyword in a customer's text, as it was typed.
fn heard<'t>(rules: &Rules, text: &'t str) -> Option<&'t str> {
    match rules.decide(&Message { texts: &[text.into()], author: Author::Customer, at: None }) {
        Decision::Speak(speak) => text.get(speak.found[0].start..speak.found[0].end),
        Decision::Silent(_) => None,
    }
}
