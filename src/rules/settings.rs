//! The settings of the rules: the `[rules]` section.

use std::path::PathBuf;

use bytesize::ByteSize;
use serde::Deserialize;

/// Where the rules are, whether they are watched, and how much they read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// A rules file, or a folder whose `*.toml` files are read in the order of their names.
    pub path: PathBuf,
    /// Whether a changed file is read again while the bot runs.
    pub watch: bool,
    /// How much of a message's text is looked at.
    pub max_text: ByteSize,
}
