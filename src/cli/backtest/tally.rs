//! What was counted: numbers, and a few examples.
//!
//! Its size depends on the rules and the number of examples, not on the messages.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Pairs of rules that are told apart; more would help nobody, and are counted together.
const MAX_PAIRS: usize = 10_000;

/// Everything that was counted.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Tally {
    /// Threads of which something was read.
    pub(super) threads: u64,
    /// Threads whose events the plan does not show any more.
    pub(super) restricted: u64,
    pub(super) messages: Messages,
    /// Customers' messages to which no rule speaks, by the reason.
    pub(super) silent: BTreeMap<String, u64>,
    /// What became of the rules that spoke at least once.
    pub(super) rules: BTreeMap<String, Hits>,
    /// Who spoke, and who would have if that one had not.
    pub(super) collisions: Pairs,
    /// What the other rules say, and what these say.
    pub(super) changes: Pairs,
    pub(super) bad_lines: u64,
}

/// Who wrote what was read.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub(super) struct Messages {
    pub(super) customers: u64,
    pub(super) agents: u64,
    /// Never decided.
    pub(super) bots: u64,
    /// Chimein's own; never decided.
    pub(super) own: u64,
    /// Automatic greetings; never answered.
    pub(super) greetings: u64,
    /// Written before or after the time that is looked at.
    pub(super) outside: u64,
}

/// How often a rule spoke.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Hits {
    pub(super) messages: u64,
    /// How many of the messages were customers'.
    pub(super) of_customers: u64,
    pub(super) threads: u64,
    /// The number of the last thread, so that it is counted once.
    last_thread: Option<u64>,
    pub(super) examples: Vec<Example>,
}

/// A message to look at.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Example {
    pub(super) chat: String,
    pub(super) thread: String,
    pub(super) event: String,
    pub(super) at: Option<Timestamp>,
    /// With `--show-text` only: what was written, with marks around what was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) texts: Option<Vec<String>>,
}

/// How often which two came together.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Pairs {
    /// Messages that are in any of the pairs.
    pub(super) messages: u64,
    pub(super) list: BTreeMap<String, BTreeMap<String, Count>>,
    known: usize,
    /// Messages of pairs that are too many to be told apart.
    pub(super) left_out: u64,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Count {
    pub(super) messages: u64,
    pub(super) examples: Vec<Example>,
}

impl Hits {
    /// Of a rule that never spoke.
    pub(super) const NONE: Self =
        Self { messages: 0, of_customers: 0, threads: 0, last_thread: None, examples: Vec::new() };
}

impl Tally {
    /// A rule speaks to a message of the thread with this number.
    pub(super) fn speaks(
        &mut self,
        rule: &str,
        thread: u64,
        is_customer: bool,
        most: usize,
        example: &Example,
    ) {
        let hits = match self.rules.get_mut(rule) {
            Some(hits) => hits,
            None => self.rules.entry(rule.to_owned()).or_default(),
        };
        hits.messages += 1;
        hits.of_customers += u64::from(is_customer);
        if hits.last_thread.replace(thread) != Some(thread) {
            hits.threads += 1;
        }
        keep(&mut hits.examples, most, example);
    }
}

impl Pairs {
    pub(super) fn add(&mut self, first: &str, second: &str, most: usize, example: &Example) {
        let is_known = self.list.get(first).is_some_and(|others| others.contains_key(second));
        if !is_known && self.known >= MAX_PAIRS {
            self.left_out += 1;
            return;
        }
        self.known += usize::from(!is_known);
        let count = self.list.entry(first.to_owned()).or_default().entry(second.to_owned()).or_default();
        count.messages += 1;
        keep(&mut count.examples, most, example);
    }

    /// All pairs, the most frequent first.
    pub(super) fn sorted(&self) -> Vec<(&str, &str, &Count)> {
        let mut all: Vec<(&str, &str, &Count)> = self
            .list
            .iter()
            .flat_map(|(first, others)| {
                others.iter().map(move |(second, count)| (first.as_str(), second.as_str(), count))
            })
            .collect();
        all.sort_by_key(|(.., count)| std::cmp::Reverse(count.messages));
        all
    }
}

fn keep(examples: &mut Vec<Example>, most: usize, example: &Example) {
    if examples.len() < most {
        examples.push(example.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Example {
        Example { chat: "C".into(), thread: "T".into(), event: "E".into(), at: None, texts: None }
    }

    #[test]
    fn what_is_kept_is_limited_and_counting_goes_on() {
        let mut tally = Tally::default();
        for thread in [1, 1, 2, 3] {
            tally.speaks("pizza", thread, thread != 3, 2, &example());
        }
        let hits = tally.rules.get("pizza").unwrap();
        assert_eq!((hits.messages, hits.of_customers, hits.threads, hits.examples.len()), (4, 3, 3, 2));
        let mut pairs = Pairs::default();
        for number in 0..MAX_PAIRS + 5 {
            pairs.add("pizza", &number.to_string(), 1, &example());
        }
        pairs.add("pizza", "0", 1, &example());
        assert_eq!((pairs.sorted().len(), pairs.left_out), (MAX_PAIRS, 5));
        let (_, second, count) = *pairs.sorted().first().unwrap();
        assert_eq!((second, count.messages, count.examples.len()), ("0", 2, 1));
    }
}
