//! The files of the repository, read for the house rules.

use std::fs;
use std::path::{Path, PathBuf};

/// One file: its path from the root of the repository, with `/`, and its text.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Source {
    /// A file that was never on disk, for the tests of the checks.
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// Whether a file below `src/` holds only tests.
    pub(crate) fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The text of one file that must be there.
pub(crate) fn read(path: &str) -> String {
    assert!(root().join(path).is_file(), "{path} is missing");
    fs::read_to_string(root().join(path)).expect("a document is readable UTF-8")
}

/// Every file with one of the endings below the folders, sorted by path; a folder that is not there has none.
///
/// Hidden folders, `node_modules` and virtual environments are not ours and are left out.
pub(crate) fn sources(folders: &[&str], endings: &[&str]) -> Vec<Source> {
    let mut paths = Vec::new();
    for folder in folders {
        collect(&root().join(folder), endings, &mut paths);
    }
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).expect("a source file is readable UTF-8");
            let short = path.strip_prefix(root()).expect("collected below the root");
            Source { path: short.to_string_lossy().replace('\\', "/"), text }
        })
        .collect()
}

fn collect(folder: &Path, endings: &[&str], paths: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.expect("a folder that opened can be listed").path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            let foreign = name.starts_with('.') || name == "node_modules" || name == "venv";
            if !foreign {
                collect(&path, endings, paths);
            }
        } else if path.extension().is_some_and(|ending| endings.iter().any(|wanted| ending == *wanted)) {
            paths.push(path);
        }
    }
}

#[test]
fn finds_this_file() {
    assert!(sources(&["tests"], &["rs"]).iter().any(|file| file.path == "tests/house/tree.rs"));
    assert!(sources(&["no-such-folder"], &["rs"]).is_empty());
}
