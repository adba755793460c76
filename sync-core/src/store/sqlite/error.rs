//! What SQLite complains of, in words that say what to do.

use std::io;
use std::path::Path;

use crate::store::{StoreError, StoreErrorKind};

/// Where an error happened: the file, and what was being done to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cause<'a> {
    path: &'a Path,
    doing: &'static str,
}

// SQLite's primary result codes, as its documentation numbers them.
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const READONLY: i32 = 8;
const IOERR: i32 = 10;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CANTOPEN: i32 = 14;
const NOTADB: i32 = 26;

impl<'a> Cause<'a> {
    pub(super) fn new(path: &'a Path, doing: &'static str) -> Self {
        Self { path, doing }
    }

    pub(super) fn of(self, error: sqlx::Error) -> StoreError {
        let (kind, what) = match primary_code(&error) {
            Some(BUSY | LOCKED) => {
                (StoreErrorKind::Unavailable, "another process keeps it locked: let it finish, or end it")
            }
            Some(FULL) => (StoreErrorKind::Unavailable, "the disk is full: free some space and start again"),
            Some(IOERR) => {
                (StoreErrorKind::Unavailable, "the disk refused: check the disk, and that it is a local one")
            }
            Some(READONLY) => (
                StoreErrorKind::Config,
                "it is read-only: give this user the right to write the file and its folder",
            ),
            Some(CANTOPEN) => {
                (StoreErrorKind::Config, "it cannot be opened: check the path and the rights of its folder")
            }
            Some(NOTADB) => (
                StoreErrorKind::Corrupt,
                "it is not a SQLite database: check the path, or restore the file from a backup",
            ),
            Some(CORRUPT) => (StoreErrorKind::Corrupt, "it is damaged: restore it from a backup"),
            _ => match error {
                sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::RowNotFound => {
                    (StoreErrorKind::Corrupt, "its content is not what this version writes")
                }
                _ => (StoreErrorKind::Unavailable, "SQLite refused"),
            },
        };
        StoreError::new(kind, format!("cannot {} {}: {what}", self.doing, self.path.display()))
            .with_source(error)
    }

    /// The error of the last step of a commit, of which only a lock tells for certain that nothing was applied.
    pub(super) fn of_commit(self, error: sqlx::Error) -> StoreError {
        if is_busy(&error) {
            return self.of(error);
        }
        let message =
            format!("{} did not confirm a commit: it may or may not be applied", self.path.display());
        StoreError::new(StoreErrorKind::Unknown, message).with_source(error)
    }
}

pub(super) fn of_file(path: &Path, doing: &str, error: io::Error) -> StoreError {
    let (kind, remedy) = match error.kind() {
        io::ErrorKind::NotFound => (StoreErrorKind::Config, "its folder does not exist: create it"),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            (StoreErrorKind::Config, "give this user the right to write in its folder")
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            (StoreErrorKind::Unavailable, "the disk is full: free some space and start again")
        }
        _ => (StoreErrorKind::Unavailable, "check the disk and the path"),
    };
    StoreError::new(kind, format!("cannot {doing} {}: {remedy}", path.display())).with_source(error)
}

pub(super) fn is_busy(error: &sqlx::Error) -> bool {
    matches!(primary_code(error), Some(BUSY | LOCKED))
}

fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let code: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}
