//! Reads rules from the disk: a file, or a folder of them.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::compile::Rules;
use super::limits::MAX_FILE_BYTES;
use super::lint::{Linter, Warnings};
use super::mistakes::{Mistakes, Notes, Source};

impl Rules {
    /// Reads a file, or every `*.toml` file of a folder in the order of their names (not of folders inside).
    ///
    /// # Errors
    /// Every mistake at once, in reading and in the rules.
    pub fn load(path: &Path) -> Result<Self, Mistakes> {
        Self::read(path).map(|(rules, _)| rules)
    }

    /// Reads them as [`Rules::load`] does, and looks for what is hardly meant.
    ///
    /// # Errors
    /// Every mistake at once, in reading and in the rules.
    pub fn load_and_lint(path: &Path) -> Result<(Self, Warnings), Mistakes> {
        let (rules, linter) = Self::read(path)?;
        let warnings = linter.run(&rules);
        Ok((rules, warnings))
    }

    fn read(path: &Path) -> Result<(Self, Linter), Mistakes> {
        let files = match files(path) {
            Ok(files) => files,
            Err(reason) => return Err(unreadable(path, &reason)),
        };
        if files.is_empty() {
            return Err(unreadable(path, "there is no `*.toml` file in this folder"));
        }
        let mut notes = Notes::default();
        let mut sources = Vec::with_capacity(files.len());
        for (index, file) in files.iter().enumerate() {
            let text = read(file).unwrap_or_else(|reason| {
                notes.add_whole(index, reason, None);
                String::new()
            });
            sources.push(Source { name: file.display().to_string(), text });
        }
        Self::compile(sources, notes)
    }
}

/// The files to read.
fn files(path: &Path) -> Result<Vec<PathBuf>, String> {
    let about = fs::metadata(path).map_err(|error| reason(&error))?;
    if !about.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(|error| reason(&error))? {
        let file = entry.map_err(|error| reason(&error))?.path();
        let hidden = file.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if !hidden && file.extension().is_some_and(|extension| extension == "toml") && !file.is_dir() {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

/// The text of a file that is not too large.
fn read(path: &Path) -> Result<String, String> {
    let file = fs::File::open(path).map_err(|error| reason(&error))?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|error| reason(&error))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > MAX_FILE_BYTES) {
        return Err(format!("the file is larger than {MAX_FILE_BYTES} bytes"));
    }
    String::from_utf8(bytes)
        .map_err(|error| format!("the file is not UTF-8 (byte {})", error.utf8_error().valid_up_to() + 1))
}

fn reason(error: &io::Error) -> String {
    format!("it cannot be read: {error}")
}

fn unreadable(path: &Path, reason: &str) -> Mistakes {
    let mut notes = Notes::default();
    notes.add_whole(0, reason.to_owned(), None);
    notes.close(vec![Source { name: path.display().to_string(), text: String::new() }])
}
