//! The schema and its history: one SQL file a version, each applied in a transaction.

use std::path::Path;

use sqlx::{Connection, SqliteConnection};

use super::error::Cause;
use super::file::BEGIN;
use crate::store::{Result, StoreError, StoreErrorKind};

/// What brings a file from version `n` to `n + 1`, for each `n` from 0.
const MIGRATIONS: [&str; 2] = [include_str!("migrations/0001.sql"), include_str!("migrations/0002.sql")];

pub(super) async fn migrate(connection: &mut SqliteConnection, path: &Path) -> Result<()> {
    let cause = Cause::new(path, "open");
    let version = version(connection).await.map_err(|error| cause.of(error))?;
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
        step(connection, from, migration).await.map_err(|error| cause.of(error))?;
    }
    Ok(())
}

/// The version of the file, 0 for an empty one; `None` for a database of somebody else.
async fn version(connection: &mut SqliteConnection) -> sqlx::Result<Option<usize>> {
    let (ours, tables): (bool, bool) = sqlx::query_as(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'schema_version'), \
                EXISTS (SELECT 1 FROM sqlite_schema)",
    )
    .fetch_one(&mut *connection)
    .await?;
    if !ours {
        return Ok((!tables).then_some(0));
    }
    let version: i64 =
        sqlx::query_scalar("SELECT max(version) FROM schema_version").fetch_one(connection).await?;
    Ok(Some(usize::try_from(version).unwrap_or(usize::MAX)))
}

async fn step(connection: &mut SqliteConnection, from: usize, migration: &'static str) -> sqlx::Result<()> {
    let mut transaction = connection.begin_with(BEGIN).await?;
    // Another process may have been first.
    if version(&mut transaction).await? == Some(from) {
        sqlx::raw_sql("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY) STRICT")
            .execute(&mut *transaction)
            .await?;
        sqlx::raw_sql(migration).execute(&mut *transaction).await?;
        sqlx::query("INSERT INTO schema_version (version) VALUES (?1)")
            .bind(i64::try_from(from + 1).unwrap_or(i64::MAX))
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await
}
