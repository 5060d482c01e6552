//! How far it is: a bar on a terminal, else a line now and then. Always on standard error.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal, Write};

/// Without a terminal, a line is written every so many steps.
const PLAIN_EVERY: u64 = 1_000;

/// How far it is.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    unit: &'static str,
    done: u64,
    all: Option<u64>,
}

impl Progress {
    /// Nothing is done yet of so many.
    pub(super) fn of(unit: &'static str, all: Option<u64>) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let template = format!("{{bar:30}} {{human_pos}} of {{human_len}} {unit}, {{elapsed}} {{msg}}");
            let bar = ProgressBar::new(all.unwrap_or(0));
            // A template that is wrong costs the looks only.
            bar.set_style(
                ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar()),
            );
            bar
        });
        Self { bar, unit, done: 0, all }
    }

    /// How many there are, by a new estimate.
    pub(super) fn expect(&mut self, all: Option<u64>) {
        self.all = all.or(self.all);
        if let (Some(bar), Some(all)) = (&self.bar, self.all) {
            bar.set_length(all.max(self.done));
        }
    }

    /// So many are done in all.
    pub(super) fn reach(&mut self, done: u64) {
        let before = std::mem::replace(&mut self.done, done);
        match &self.bar {
            Some(bar) => bar.set_position(done),
            None if done / PLAIN_EVERY > before / PLAIN_EVERY => {
                let all = self.all.map_or(String::new(), |all| format!(" of about {all}"));
                self.note(&format!("{done}{all} {}", self.unit));
            }
            None => {}
        }
    }

    /// Tells something beside it. When that cannot be written, nobody is there to tell.
    pub(super) fn note(&self, text: &str) {
        let say = || drop(writeln!(std::io::stderr(), "{text}"));
        match &self.bar {
            Some(bar) => bar.suspend(say),
            None => say(),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
