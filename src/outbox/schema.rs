//! The database file: its lock, its settings and its one table.

use super::errors::Error;
use rusqlite::{Connection, OpenFlags};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// States as they are stored.
pub(super) const WAITING: i64 = 0;
pub(super) const HELD: i64 = 1;
pub(super) const DONE: i64 = 2;
pub(super) const BURIED: i64 = 3;

const VERSION: i64 = 1;
/// How long another program's short lock (a backup, a shell) is waited for.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

/// `due_ms`: when a waiting visit is due, or when a held one's lease ends.
/// `is_public`: 0 whispered, 1 said to all or whispered, 2 said to all or not at all.
/// `standing`: null unknown, 1 ours, 2 guest. `said`: 0 not yet, 1 yes, 2 will not (`outcome` says why).
const SCHEMA: &str = "
    CREATE TABLE visits (
        id INTEGER PRIMARY KEY,
        chat_key INTEGER NOT NULL,
        key BLOB NOT NULL,
        organization TEXT NOT NULL,
        chat TEXT NOT NULL,
        thread TEXT NOT NULL,
        event TEXT NOT NULL,
        rule TEXT NOT NULL,
        rules_version TEXT NOT NULL,
        reply TEXT NOT NULL,
        is_public INTEGER NOT NULL,
        written_ms INTEGER NOT NULL,
        admitted_ms INTEGER NOT NULL,
        bot_inside INTEGER,
        check_author TEXT,
        state INTEGER NOT NULL DEFAULT 0,
        due_ms INTEGER NOT NULL,
        claims INTEGER NOT NULL DEFAULT 0,
        attempts INTEGER NOT NULL DEFAULT 0,
        standing INTEGER,
        said INTEGER NOT NULL DEFAULT 0,
        outcome TEXT,
        ended_ms INTEGER,
        UNIQUE (chat_key, key)
    ) STRICT;
    CREATE INDEX visits_open ON visits (due_ms) WHERE state < 2;
    CREATE INDEX visits_ended ON visits (ended_ms) WHERE ended_ms IS NOT NULL;
    CREATE TABLE probe (id INTEGER PRIMARY KEY CHECK (id = 1), at_ms INTEGER NOT NULL) STRICT;
";

/// Came after version 1 and changes nothing that an older chimein reads.
const LATER: &str = "CREATE INDEX IF NOT EXISTS visits_buried ON visits (ended_ms) WHERE state = 3;";

/// The path in `sqlite://PATH`.
pub(super) fn path_of(url: &str) -> Result<PathBuf, Error> {
    let settings = |why| Error::Settings { url: url.to_owned(), why };
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Err(settings("Postgres is not built yet; use sqlite://PATH"));
    }
    match url.strip_prefix("sqlite://") {
        Some(path) if !path.is_empty() => Ok(PathBuf::from(path)),
        _ => Err(settings("must be sqlite://PATH")),
    }
}

/// Takes the file for this process, until the returned lock is dropped (the system frees it when
/// the process dies).
pub(super) fn lock(database: &Path) -> Result<File, Error> {
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    let path = PathBuf::from(path);
    let open = |source| Error::Open { path: path.clone(), source };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|source| Error::Open { path: folder.to_owned(), source })?;
    }
    let mut file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(open)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let known = file.read_to_string(&mut holder).is_ok() && !holder.trim().is_empty();
            let holder = if known { holder.trim().to_owned() } else { "another process".to_owned() };
            return Err(Error::InUse { path, holder });
        }
        Err(TryLockError::Error(source)) => return Err(open(source)),
    }
    file.set_len(0).and_then(|()| writeln!(file, "process {}", std::process::id())).map_err(open)?;
    Ok(file)
}

/// Reads the whole database, where there is one, without changing it: a damaged one is better refused at the start than
/// found out by a visit.
pub(super) fn check(path: &Path) -> Result<(), Error> {
    if !path.exists() {
        return Ok(());
    }
    let look = || -> rusqlite::Result<String> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
    };
    match look() {
        Ok(told) if told == "ok" => Ok(()),
        Ok(why) => Err(Error::Broken { path: path.to_owned(), why }),
        Err(error) => Err(Error::opening(path, &error)),
    }
}

/// Opens the database and makes its table where there is none.
pub(super) fn open(path: &Path) -> Result<Connection, Error> {
    let broken = |error: rusqlite::Error| Error::opening(path, &error);
    let connection = Connection::open(path).map_err(broken)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(broken)?;
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;
             PRAGMA wal_autocheckpoint = 16000; PRAGMA cache_size = -4000; PRAGMA temp_store = MEMORY;",
        )
        .map_err(broken)?;
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(broken)?;
    match version {
        0 => {
            let create = format!("BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;");
            connection.execute_batch(&create).map_err(broken)?;
        }
        VERSION => {}
        newer => {
            let why = format!("its version is {newer}, this chimein knows {VERSION}");
            return Err(Error::Broken { path: path.to_owned(), why });
        }
    }
    connection.execute_batch(LATER).map_err(broken)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// Opens a database that is there, beside whoever has it.
pub(super) fn open_existing(path: &Path, access: OpenFlags) -> Result<Connection, Error> {
    if !path.exists() {
        return Err(Error::Missing { path: path.to_owned() });
    }
    let open = || {
        let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        Ok((connection, version))
    };
    let opened: rusqlite::Result<_> = open();
    match opened.map_err(|error| Error::opening(path, &error))? {
        (connection, VERSION) => Ok(connection),
        (_, other) => {
            let why = format!("its version is {other}, this chimein knows {VERSION}");
            Err(Error::Broken { path: path.to_owned(), why })
        }
    }
}
