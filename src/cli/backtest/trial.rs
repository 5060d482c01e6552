//! The trial of the rules: one message in, the counters changed.
//!
//! Decides like the bot's doors, with what they know of a message: bots, chimein itself and greetings are never answered.

use super::tally::{Example, Tally};
use super::window::Window;
use crate::cli::explain::marked;
use crate::intake;
use crate::livechat::push::{Heard, Message as Pushed, Unreadable};
use crate::rules::{Author, Decision, Message, Mode, Outcome, Rule, Rules, Seen};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::borrow::Cow;
use std::sync::Arc;

/// What stands for no rule in a pair.
pub(super) const SILENCE: &str = "";

/// What somebody wrote.
pub(super) struct Said<'a> {
    pub(super) chat: &'a str,
    pub(super) thread: &'a str,
    pub(super) event: &'a str,
    pub(super) at: Option<Timestamp>,
    pub(super) author: Author,
    pub(super) texts: &'a [Cow<'a, str>],
}

/// The rules, and what they did so far.
pub(super) struct Trial {
    pub(super) rules: Arc<Rules>,
    pub(super) against: Option<Arc<Rules>>,
    pub(super) window: Window,
    pub(super) tally: Tally,
    examples: usize,
    show_text: bool,
    bot: String,
    /// Chat and thread of the last message.
    last: Option<(String, String)>,
}

impl Trial {
    pub(super) fn new(
        rules: Rules,
        against: Option<Rules>,
        examples: usize,
        show_text: bool,
        bot: &str,
    ) -> Self {
        let (window, tally) = Default::default();
        let (rules, against) = (Arc::new(rules), against.map(Arc::new));
        Self { rules, against, window, tally, examples, show_text, bot: bot.to_owned(), last: None }
    }

    /// Tries everything in a chat as the archives tell it: with one thread.
    pub(super) fn hear_chat(&mut self, text: &str) -> Result<(), Unreadable> {
        #[derive(Deserialize)]
        struct Chat {
            thread: Option<Thread>,
        }
        #[derive(Deserialize)]
        struct Thread {
            restricted_access: Option<IgnoredAny>,
        }
        let heard = Heard::in_chat(text)?;
        let thread = serde_json::from_str::<Chat>(text).ok().and_then(|chat| chat.thread);
        self.tally.restricted += u64::from(thread.is_some_and(|thread| thread.restricted_access.is_some()));
        for message in &heard.messages {
            if intake::is_own(message, &self.bot) {
                self.tally.messages.own += 1;
            } else if message.is_greeting() {
                self.tally.messages.greetings += 1;
            } else {
                self.hear(&said(message));
            }
        }
        Ok(())
    }

    /// Tries one message.
    pub(super) fn hear(&mut self, said: &Said<'_>) {
        if !self.window.holds(said.at) {
            self.tally.messages.outside += 1;
            return;
        }
        let thread = self.thread_of(said);
        let written = &mut self.tally.messages;
        match said.author {
            Author::Bot => {
                written.bots += 1;
                return;
            }
            Author::Agent => written.agents += 1,
            Author::Customer | Author::Unknown => written.customers += 1,
        }
        let message = Message { texts: said.texts, author: said.author, at: said.at };
        let rules = Arc::clone(&self.rules);
        let spoken = self.decide(&rules, &message, said, thread);
        self.compare(&message, said, spoken.as_ref());
    }

    /// The number of the message's thread. What names neither chat nor thread is a thread of its own.
    fn thread_of(&mut self, said: &Said<'_>) -> u64 {
        let is_same =
            self.last.as_ref().is_some_and(|(chat, thread)| chat == said.chat && thread == said.thread);
        if !is_same || (said.chat.is_empty() && said.thread.is_empty()) {
            self.tally.threads += 1;
            self.last = Some((said.chat.to_owned(), said.thread.to_owned()));
        }
        self.tally.threads
    }

    /// Counts what the rules decide; gives the rule that speaks, with what is shown of the message.
    fn decide<'r>(
        &mut self,
        rules: &'r Rules,
        message: &Message<'_>,
        said: &Said<'_>,
        thread: u64,
    ) -> Option<(&'r Rule, Example)> {
        let is_customer = said.author != Author::Agent;
        let rule = match rules.decide(message) {
            Decision::Speak(speak) => speak.rule,
            Decision::Silent(silence) => {
                if is_customer {
                    *self.tally.silent.entry(silence.name().to_owned()).or_default() += 1;
                }
                return None;
            }
        };
        // Only where a rule speaks, because it asks every rule.
        let explanation = rules.explain(message);
        let found = explanation.rules.iter().find(|reason| reason.rule == rule.name);
        let example = example(said, found.map_or(&[], |reason| &reason.found), self.show_text);
        self.tally.speaks(&rule.name, thread, is_customer, self.examples, &example);
        let mut collides = false;
        for other in
            explanation.rules.iter().filter(|reason| matches!(reason.outcome, Outcome::Outranked { .. }))
        {
            collides = true;
            self.tally.collisions.add(&rule.name, &other.rule, self.examples, &example);
        }
        self.tally.collisions.messages += u64::from(collides);
        Some((rule, example))
    }

    /// Counts what the other rules do instead.
    fn compare(&mut self, message: &Message<'_>, said: &Said<'_>, after: Option<&(&Rule, Example)>) {
        let Some(against) = self.against.clone() else { return };
        let (before, found) = match against.decide(message) {
            Decision::Speak(speak) => (Some(speak.rule), speak.found),
            Decision::Silent(_) => (None, Vec::new()),
        };
        let (old, mut new) = (label(before), label(after.map(|(rule, _)| *rule)));
        if old == new {
            match (before, after) {
                (Some(before), Some((after, _))) if !say_the_same(before, after) => {
                    new.push_str(" (says something else)");
                }
                _ => return,
            }
        }
        let example = match after {
            Some((_, example)) => example.clone(),
            None => {
                let found: Vec<Seen> = found.into_iter().map(Seen::from).collect();
                example(said, &found, self.show_text)
            }
        };
        self.tally.changes.messages += 1;
        self.tally.changes.add(&old, &new, self.examples, &example);
    }
}

/// A rule's name and whether it only would speak.
fn label(rule: Option<&Rule>) -> String {
    let Some(rule) = rule else { return SILENCE.to_owned() };
    let note = if rule.mode == Mode::Shadow { " (shadow)" } else { "" };
    format!("{}{note}", rule.name)
}

/// Whether two rules say the same to the same people; how they come to it makes no difference.
fn say_the_same(one: &Rule, other: &Rule) -> bool {
    let said = |rule: &Rule| (rule.visibility, rule.on_occupied);
    said(one) == said(other) && one.reply == other.reply
}

fn said<'a>(message: &'a Pushed<'a>) -> Said<'a> {
    let author = intake::author(message.author_kind);
    let (chat, thread, event) = (&*message.chat, &*message.thread, &*message.event);
    Said { chat, thread, event, at: message.written_at(), author, texts: &message.texts }
}

fn example(said: &Said<'_>, found: &[Seen], show_text: bool) -> Example {
    let marked = |(number, text): (usize, &Cow<'_, str>)| {
        let here: Vec<Seen> = found.iter().filter(|seen| seen.text == number).cloned().collect();
        marked(text, &here)
    };
    Example {
        chat: said.chat.to_owned(),
        thread: said.thread.to_owned(),
        event: said.event.to_owned(),
        at: said.at,
        texts: show_text.then(|| said.texts.iter().enumerate().map(marked).collect()),
    }
}
