//! Why the outbox could not do it, named by what to do next.

use rusqlite::ErrorCode;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// What went wrong.
#[derive(Debug, Error)]
pub enum Error {
    /// The settings ask for something that is not there.
    #[error("outbox.url `{url}`: {why}")]
    Settings {
        /// The setting.
        url: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Another process has the file: stop that one, or use another file.
    #[error("{path} is in use by {holder}; two processes on one outbox would answer twice")]
    InUse {
        /// The lock file.
        path: PathBuf,
        /// What the lock file says of its holder.
        holder: String,
    },
    /// The file is not a healthy database: move it away or restore a backup. It was not changed.
    #[error(
        "{path} cannot be used as an outbox: {why}; move it away or restore a backup (nothing was changed)"
    )]
    Broken {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        why: String,
    },
    /// Nothing is known to be wrong with the file, but it cannot be used now.
    #[error("{path} cannot be used as an outbox: {why}; {advice} (nothing was changed)")]
    Unusable {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        why: String,
        /// What to do.
        advice: &'static str,
    },
    /// The file or its folder cannot be made or opened.
    #[error("{path}: {source}")]
    Open {
        /// What was opened.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// There is no database.
    #[error("there is no outbox at {path} (outbox.url); `chimein serve` makes it")]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// It cannot be read now.
    #[error("cannot read: {0}")]
    Unreadable(String),
    /// Too many writes wait already: try again later.
    #[error("too many writes are waiting for the disk")]
    Busy,
    /// Not written down: try again later.
    #[error("cannot write: {0}")]
    Unwritable(String),
}

impl Error {
    /// What it means that the database at `path` could not be opened.
    pub(super) fn opening(path: &Path, error: &rusqlite::Error) -> Self {
        let (path, why) = (path.to_owned(), error.to_string());
        let advice = match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                "another program has locked it; end that one and start again"
            }
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                "this user must be able to write it, and to make files in its folder"
            }
            Some(ErrorCode::DiskFull) => "make room on the disk",
            Some(ErrorCode::SystemIoFailure) => "look at the disk: is it full or failing?",
            _ => return Self::Broken { path, why },
        };
        Self::Unusable { path, why, advice }
    }
}
