//! `chimein check`: what is wrong, before anything runs.

use std::path::Path;

use serde::Serialize;

use crate::rules::{Mistakes, Rules};

/// What a check of the rules found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// How many rules are in force with these files; 0 when something is wrong.
    pub rules: usize,
    /// The version of the rules: 12 hexadecimal digits; none when something is wrong.
    pub version: Option<String>,
    /// Everything that is wrong.
    pub mistakes: Option<Mistakes>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_good(&self) -> bool {
        self.mistakes.is_none()
    }
}

/// Checks a rules file, or a folder of them.
pub fn check_rules(path: &Path) -> Report {
    match Rules::load(path) {
        Ok(rules) => Report { rules: rules.len(), version: Some(rules.version().to_owned()), mistakes: None },
        Err(mistakes) => Report { rules: 0, version: None, mistakes: Some(mistakes) },
    }
}
