//! What is kept between two runs: the next page, and what was counted up to it.
//!
//! Promises: the file is always whole, also when the process is killed; nobody but its owner can read it; it is of no use for
//! other rules or another span of time, and says so.

use super::tally::Tally;
use super::window::Window;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// What was asked for; another question has other counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Asked {
    pub(super) organization: String,
    /// The versions of the rules.
    pub(super) rules: String,
    pub(super) against: Option<String>,
    /// The span as it was typed: "30d" means the same while the file is there.
    pub(super) since: Option<String>,
    pub(super) until: Option<String>,
    pub(super) examples: u16,
    pub(super) show_text: bool,
}

/// How far it came.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) from: Option<Timestamp>,
    pub(super) to: Option<Timestamp>,
    /// None before the first page.
    pub(super) next_page: Option<String>,
    /// Threads on the pages before it.
    pub(super) done: u64,
    pub(super) all: Option<u64>,
}

impl Place {
    pub(super) fn at_the_beginning(window: Window) -> Self {
        Self { from: window.from, to: window.to, next_page: None, done: 0, all: None }
    }
}

#[derive(Serialize)]
struct ToKeep<'a> {
    version: u32,
    asked: &'a Asked,
    place: &'a Place,
    tally: &'a Tally,
}

#[derive(Deserialize)]
struct Kept {
    version: u32,
    asked: Asked,
    place: Place,
    tally: Tally,
}

const VERSION: u32 = 1;

/// The file of `--resume`.
pub(super) struct File {
    path: PathBuf,
    asked: Asked,
}

impl File {
    pub(super) fn new(path: &Path, asked: Asked) -> Self {
        Self { path: path.to_owned(), asked }
    }

    /// What an earlier run kept; nothing when there was none.
    pub(super) fn read(&self) -> Result<Option<(Place, Tally)>, String> {
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(format!("{} cannot be read: {error}", self.path.display())),
        };
        let kept = serde_json::from_slice::<Kept>(&text).ok().filter(|kept| kept.version == VERSION);
        let Some(kept) = kept else {
            return Err(format!(
                "{} was not written by --resume of this version; name another file",
                self.path.display()
            ));
        };
        match self.asked.differs(&kept.asked) {
            None => Ok(Some((kept.place, kept.tally))),
            Some(what) => Err(format!(
                "{} was begun with {what}; ask for the same again, or remove it to begin anew",
                self.path.display()
            )),
        }
    }

    /// Keeps how far it came.
    pub(super) fn keep(&self, place: &Place, tally: &Tally) -> std::io::Result<()> {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(".new");
        let new = self.path.with_file_name(name);
        let kept = ToKeep { version: VERSION, asked: &self.asked, place, tally };
        let mut file =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(&serde_json::to_vec(&kept)?)?;
        file.sync_all()?;
        fs::rename(new, &self.path)
    }

    /// Everything was read: there is nothing to go on with.
    pub(super) fn remove(&self) -> std::io::Result<()> {
        fs::remove_file(&self.path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Asked {
    fn differs(&self, other: &Self) -> Option<&'static str> {
        let parts = [
            ("another organization", self.organization != other.organization),
            ("other rules", self.rules != other.rules),
            ("other rules in --against", self.against != other.against),
            ("another --since", self.since != other.since),
            ("another --until", self.until != other.until),
            ("another number of --examples", self.examples != other.examples),
            ("another --show-text", self.show_text != other.show_text),
        ];
        parts.into_iter().find(|(_, differs)| *differs).map(|(what, _)| what)
    }
}
