//! What SQLite complains of, in words that say what to do.

use std::io;
use std::path::Path;

use rusqlite::ErrorCode;

use crate::store::{StoreError, StoreErrorKind};

/// Where an error happened: the file, and what was being done to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cause<'a> {
    path: &'a Path,
    doing: &'static str,
}

impl<'a> Cause<'a> {
    pub(super) fn new(path: &'a Path, doing: &'static str) -> Self {
        Self { path, doing }
    }

    pub(super) fn of(self, error: rusqlite::Error) -> StoreError {
        let (kind, what) = match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                (StoreErrorKind::Unavailable, "another process keeps it locked: let it finish, or end it")
            }
            Some(ErrorCode::DiskFull) => {
                (StoreErrorKind::Unavailable, "the disk is full: free some space and start again")
            }
            Some(ErrorCode::SystemIoFailure) => {
                (StoreErrorKind::Unavailable, "the disk refused: check the disk, and that it is a local one")
            }
            Some(ErrorCode::ReadOnly) => (
                StoreErrorKind::Config,
                "it is read-only: give this user the right to write the file and its folder",
            ),
            Some(ErrorCode::CannotOpen) => {
                (StoreErrorKind::Config, "it cannot be opened: check the path and the rights of its folder")
            }
            Some(ErrorCode::NotADatabase) => (
                StoreErrorKind::Corrupt,
                "it is not a SQLite database: check the path, or restore the file from a backup",
            ),
            Some(ErrorCode::DatabaseCorrupt) => {
                (StoreErrorKind::Corrupt, "it is damaged: restore it from a backup")
            }
            Some(_) => (StoreErrorKind::Unavailable, "SQLite refused"),
            None => (StoreErrorKind::Corrupt, "its content is not what this version writes"),
        };
        StoreError::new(kind, format!("cannot {} {}: {what}", self.doing, self.path.display()))
            .with_source(error)
    }

    /// The error of the last step of a commit, of which only a lock tells for certain that nothing was applied.
    pub(super) fn of_commit(self, error: rusqlite::Error) -> StoreError {
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

pub(super) fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}
