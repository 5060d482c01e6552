//! The examples: what a file says about its own rules, tried on them before they are in force.

use std::borrow::Cow;
use std::ops::Range;

use super::compile::Rules;
use super::decide::{Author, Decision, Message};
use super::explain::Outcome;
use super::form::Form;
use super::keys::closest;
use super::mistakes::Notes;
use super::rule::{From, Mode, Rule};
use super::written::{Writer, WrittenRule, WrittenTest};

/// What is written in the place of a rule's name where none answers.
const SILENCE: &str = "silence";

/// The examples of all files.
#[derive(Default)]
pub(super) struct Examples {
    list: Vec<Example>,
}

struct Example {
    file: usize,
    place: Range<usize>,
    says: String,
    author: Author,
    at: Option<(String, Range<usize>)>,
    expects: Expects,
}

enum Expects {
    /// The rule of this number answers.
    Answer(usize),
    /// The rule of this number does not answer.
    NoAnswer(usize),
    /// The rule of this name answers; the place of the name.
    Speaks(String, Range<usize>),
    /// None answers.
    Silence,
}

impl Examples {
    /// Takes the examples of a rule up, which has this number.
    pub(super) fn of_rule(&mut self, file: usize, number: usize, rule: &Rule, written: &WrittenRule) {
        let author = if rule.from == From::Agent { Author::Agent } else { Author::Customer };
        let good = written.should_match.iter().map(|text| (text, Expects::Answer(number)));
        let bad = written.should_not_match.iter().map(|text| (text, Expects::NoAnswer(number)));
        let examples = good.chain(bad).map(|(text, expects)| Example {
            file,
            place: text.span(),
            says: text.get().clone(),
            author,
            at: None,
            expects,
        });
        self.list.extend(examples);
    }

    /// Takes a test up.
    pub(super) fn of_test(
        &mut self,
        file: usize,
        form: &Form,
        place: &Range<usize>,
        test: &WrittenTest,
        notes: &mut Notes,
    ) {
        let table = (file, place, "this test has");
        let says = form.needed(table, &test.say, "say = \"Where is my pizza?\"", notes);
        let expects =
            form.needed(table, &test.expect, "expect = \"pizza\" (a rule's name, or \"silence\")", notes);
        let (Some(says), Some(expects)) = (says, expects) else { return };
        let author = match test.from.unwrap_or_default() {
            Writer::Customer => Author::Customer,
            Writer::Agent => Author::Agent,
        };
        let at = test.at.as_ref().map(|at| (at.get().clone(), at.span()));
        let expects = match expects.get().as_str() {
            SILENCE => Expects::Silence,
            name => Expects::Speaks(name.to_owned(), expects.span()),
        };
        self.list.push(Example { file, place: says.span(), says: says.get().clone(), author, at, expects });
    }

    /// Tries all of them; those that fail go to the notes.
    pub(super) fn run(&self, rules: &Rules, notes: &mut Notes) {
        for example in &self.list {
            if let Expects::Speaks(name, place) = &example.expects
                && !rules.iter().any(|rule| rule.name == *name)
            {
                let names: Vec<&str> = rules.iter().map(|rule| rule.name.as_str()).chain([SILENCE]).collect();
                let suggestion =
                    closest(name, names.into_iter()).map(|meant| format!("did you mean \"{meant}\"?"));
                notes.add(example.file, place.clone(), format!("there is no rule `{name}`"), suggestion);
            } else if let Some((at, place)) = example.at.as_ref().filter(|(at, _)| rules.moment(at).is_none())
            {
                let suggestion = "write it as \"2026-12-24T18:00:00Z\", or as \"2026-12-24T18:00\" by the clock of the business hours";
                let message = format!("\"{}\" is no moment", at.escape_debug());
                notes.add(example.file, place.clone(), message, Some(suggestion.to_owned()));
            } else if let Some(why) = example.fails(rules) {
                notes.add(example.file, example.place.clone(), "this example fails".to_owned(), Some(why));
            }
        }
    }
}

impl Example {
    /// Why it fails.
    fn fails(&self, rules: &Rules) -> Option<String> {
        let texts = [Cow::Borrowed(self.says.as_str())];
        let at = self.at.as_ref().and_then(|(at, _)| rules.moment(at));
        let message = Message { texts: &texts, author: self.author, at };
        let speaker = match rules.decide(&message) {
            Decision::Speak(speak) => Some(speak.rule.name.as_str()),
            Decision::Silent(_) => None,
        };
        let speaks =
            || speaker.map_or("no rule answers it".to_owned(), |name| format!("`{name}` answers it"));
        match &self.expects {
            Expects::Silence => speaker.is_some().then(speaks),
            Expects::Speaks(name, _) => (speaker != Some(name)).then(speaks),
            Expects::Answer(number) => Self::of_rule(rules, *number, speaker, &message, true),
            Expects::NoAnswer(number) => Self::of_rule(rules, *number, speaker, &message, false),
        }
    }

    /// Why a rule does not do as expected: answer, or not.
    fn of_rule(
        rules: &Rules,
        number: usize,
        speaker: Option<&str>,
        message: &Message<'_>,
        is_to_answer: bool,
    ) -> Option<String> {
        let rule = rules.rule(number)?;
        let (is_speaker, is_off) = (speaker == Some(&rule.name), rule.mode == Mode::Off);
        // To explain takes a look at every rule: only where it is needed.
        if !is_off && is_speaker == is_to_answer {
            return None;
        }
        let told = rules.explain(message);
        let reason = told.rules.iter().find(|reason| reason.rule == rule.name)?;
        // A rule that is off is asked whether it would find something.
        let answers = is_speaker || (is_off && !reason.found.is_empty());
        (answers != is_to_answer).then(|| {
            let keyword = reason.found.first().map_or("", |seen| seen.keyword.as_str());
            if answers {
                format!("this rule answers it: `{keyword}` is found")
            } else {
                missed(&reason.outcome)
            }
        })
    }
}

/// Why a rule does not answer.
fn missed(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Outranked { by } => format!("`{by}` goes before this rule and answers it"),
        Outcome::NotTheirs => "this rule does not listen to its author".to_owned(),
        Outcome::Hours => "this rule does not speak at this time".to_owned(),
        Outcome::TooFew { found, at_least } => {
            format!("only {found} of at least {at_least} keywords of this rule are found in it")
        }
        Outcome::Lacks { word } => format!("`{word}` must be in it and is not"),
        Outcome::Vetoed { word } => format!("`{word}` may not be in it"),
        Outcome::Speaks | Outcome::Off | Outcome::ByBot | Outcome::NoKeyword => {
            "no keyword of this rule is found in it".to_owned()
        }
    }
}
