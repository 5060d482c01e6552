//! The settings of the rules: the `[rules]` section.

use std::path::PathBuf;

use serde::Deserialize;

/// Where the rules are, and whether they are watched.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// A rules file, or a folder whose `*.toml` files are read in the order of their names.
    pub path: PathBuf,
    /// Whether a changed file is read again while the bot runs.
    pub watch: bool,
}
