//! Opening the file: what must be set on a connection, and what is tried again.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

use super::error::{self, Cause};
use crate::store::Result;

/// How long a call waits while another process writes.
const BUSY: Duration = Duration::from_secs(10);

/// The log is on disk when a commit returns.
const EVERY: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA temp_store = memory";

/// The cache is in KiB below zero: ids are random, so a commit touches pages all over the file. The connection that reads
/// has SQLite's own measure of 2 MiB.
///
/// `wal_autocheckpoint` is how many pages the log takes before it is folded into the file: a page that many commits touch is
/// then folded once.
///
/// What is deleted or replaced is overwritten where it stands. Overwriting pages that become free, too, costs a first load a
/// quarter more processor time: it is done where somebody's data are to be forgotten.
const WRITING: &str = "
    PRAGMA cache_size = -8192;
    PRAGMA secure_delete = fast;
    PRAGMA wal_autocheckpoint = 4096";

const READING: &str = "PRAGMA query_only = on";

/// Statements that stay prepared: all there are.
const STATEMENTS: usize = 64;

pub(super) fn writing(path: &Path) -> Result<Connection> {
    connect(path, WRITING, Cause::new(path, "open"))
}

pub(super) fn reading(path: &Path) -> Result<Connection> {
    connect(path, READING, Cause::new(path, "open"))
}

/// Connects, again and again while another process brings a new file into its final mode: SQLite does not wait for
/// that by itself.
fn connect(path: &Path, own: &str, cause: Cause<'_>) -> Result<Connection> {
    const PAUSE: Duration = Duration::from_millis(20);
    let start = Instant::now();
    loop {
        match connect_once(path, own) {
            Err(error) if error::is_busy(&error) && start.elapsed() < BUSY => thread::sleep(PAUSE),
            done => return done.map_err(|error| cause.of(error)),
        }
    }
}

fn connect_once(path: &Path, own: &str) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.execute_batch(EVERY)?;
    connection.execute_batch(own)?;
    Ok(connection)
}

/// Creates the file before SQLite does, which would make it readable by everybody. Its log files follow suit.
pub(super) fn create(path: &Path) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(error::of_file(path, "create", error))
        }
        _ => Ok(()),
    }
}
