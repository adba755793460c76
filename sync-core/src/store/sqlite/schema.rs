//! The schema and its history: one SQL file a version, each applied in a transaction.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::error::Cause;
use crate::store::{Result, StoreError, StoreErrorKind};

/// What brings a file from version `n` to `n + 1`, for each `n` from 0.
const MIGRATIONS: [&str; 2] = [include_str!("migrations/0001.sql"), include_str!("migrations/0002.sql")];

pub(super) fn migrate(connection: &mut Connection, path: &Path) -> Result<()> {
    let cause = Cause::new(path, "open");
    let version = version(connection).map_err(|error| cause.of(error))?;
    let Some(version) = version else {
        let message = format!(
            "{} is a database of another program: name a file of its own for this store",
            path.display()
        );
        return Err(StoreError::new(StoreErrorKind::Config, message));
    };
    if version > MIGRATIONS.len() {
        let message = format!(
            "{} was written by a newer version (its schema is {version}, this program knows {}): update this program",
            path.display(),
            MIGRATIONS.len()
        );
        return Err(StoreError::new(StoreErrorKind::Config, message));
    }
    for (from, migration) in MIGRATIONS.iter().enumerate().skip(version) {
        step(connection, from, migration).map_err(|error| cause.of(error))?;
    }
    Ok(())
}

/// The version of the file, 0 for an empty one; `None` for a database of somebody else.
fn version(connection: &Connection) -> rusqlite::Result<Option<usize>> {
    let (ours, tables): (bool, bool) = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'schema_version'), \
                EXISTS (SELECT 1 FROM sqlite_schema)",
        (),
        |row| row.try_into(),
    )?;
    if !ours {
        return Ok((!tables).then_some(0));
    }
    let version = connection.query_row("SELECT max(version) FROM schema_version", (), |row| row.get(0));
    version.map(|version: u32| usize::try_from(version).ok())
}

fn step(connection: &mut Connection, from: usize, migration: &str) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been first.
    if version(&transaction)? == Some(from) {
        transaction.execute_batch(
            "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY) STRICT",
        )?;
        transaction.execute_batch(migration)?;
        transaction.execute(
            "INSERT INTO schema_version (version) VALUES (?1)",
            [i64::try_from(from + 1).unwrap_or(i64::MAX)],
        )?;
    }
    transaction.commit()
}
