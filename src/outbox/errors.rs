//! Why the outbox could not do it, named by what to do next.

use std::path::PathBuf;
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
