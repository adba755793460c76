//! What PostgreSQL complains of, in words that say what to do. The address is never among them: it may hold a password.

use std::io::ErrorKind;

use sqlx::Error;

use crate::store::{StoreError, StoreErrorKind};

const UNTRUSTED: &str =
    "the encrypted connection was not made: see to sslmode and sslrootcert in its address";

/// What was being done.
#[derive(Clone, Copy, Debug)]
pub(super) enum Doing {
    Open,
    Read,
    Write,
    Lease,
}

impl Doing {
    fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open the PostgreSQL database",
            Self::Read => "read from PostgreSQL",
            Self::Write => "write to PostgreSQL",
            Self::Lease => "see to a lease in PostgreSQL",
        }
    }
}

pub(super) fn of(doing: Doing, error: Error) -> StoreError {
    let (kind, what) = match &error {
        Error::Database(refused) => refusal(refused.code().as_deref().unwrap_or_default()),
        Error::Configuration(_) => (
            StoreErrorKind::Config,
            "its address is not understood: write postgres://USER:PASSWORD@HOST:PORT/DATABASE",
        ),
        Error::Tls(_) => (StoreErrorKind::Config, UNTRUSTED),
        // So a certificate is refused.
        Error::Io(broken) if broken.kind() == ErrorKind::InvalidData => (StoreErrorKind::Config, UNTRUSTED),
        Error::Io(_) => {
            (StoreErrorKind::Unavailable, "the server is not reached: check host and port, and that it runs")
        }
        Error::PoolTimedOut | Error::PoolClosed | Error::WorkerCrashed => {
            (StoreErrorKind::Unavailable, "no connection was free: check that the server runs, and try again")
        }
        Error::Protocol(_) => (StoreErrorKind::Unavailable, "the connection was broken: try again"),
        _ => (StoreErrorKind::Corrupt, "its content is not what this version writes"),
    };
    StoreError::new(kind, format!("cannot {}: {what}", doing.as_str())).with_source(error)
}

/// By the code: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn refusal(code: &str) -> (StoreErrorKind, &'static str) {
    use StoreErrorKind::{Config, Corrupt, Unavailable};
    match code {
        "25006" => (Config, "the server is a standby, or read-only: name the one that takes writes"),
        "42501" => (
            Config,
            "this user has not the right: grant it CREATE on the schema, or make it the owner of the tables",
        ),
        "42P01" | "42703" => {
            (Corrupt, "a table or column of the store is missing: restore it, or name an empty database")
        }
        "53100" => (Unavailable, "the server's disk is full: free some space and start again"),
        code => match code.get(..2).unwrap_or_default() {
            "28" => (
                Config,
                "the server refuses this user: check user and password, and who may connect from here",
            ),
            "3D" => (Config, "there is no such database: create it"),
            "3F" => (Config, "there is no schema to write to: create it, or check search_path"),
            "XX" => (Corrupt, "the server says that its data are damaged: restore them from a backup"),
            "53" => {
                (Unavailable, "the server has no connection or memory left: raise its limits, or try again")
            }
            "40" | "55" | "57" | "08" => (Unavailable, "the server broke it off: try again"),
            _ => (Unavailable, "PostgreSQL refused"),
        },
    }
}

/// The error of the last step of a commit, of which only a refusal tells for certain that nothing was applied.
pub(super) fn of_commit(error: Error) -> StoreError {
    match &error {
        // A server that shuts down says so before or after it has committed.
        Error::Database(refused) if !refused.code().is_some_and(|code| code.starts_with("57")) => {
            of(Doing::Write, error)
        }
        _ => {
            let message = "PostgreSQL did not confirm a commit: it may or may not be applied";
            StoreError::new(StoreErrorKind::Unknown, message).with_source(error)
        }
    }
}
