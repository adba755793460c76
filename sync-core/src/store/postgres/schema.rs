//! The schema and its history: one SQL file a version, each applied in a transaction.

use sqlx::{Connection, PgConnection};

use super::error::{self, Doing};
use crate::store::{Result, StoreError, StoreErrorKind};

/// What brings a database from version `n` to `n + 1`, for each `n` from 0.
const MIGRATIONS: [&str; 1] = [include_str!("migrations/0001.sql")];

/// Two programs that start at once do it one after the other. Any number does that nobody else uses.
const ALONE: &str = "SELECT pg_advisory_xact_lock(7340112950182342913)";
const VERSIONS: &str = "CREATE TABLE IF NOT EXISTS sync_schema (version integer PRIMARY KEY)";
/// By a statement that sees what another program has created since the transaction began: a look-up of the name does not.
const THERE: &str = "
    SELECT EXISTS (
        SELECT FROM pg_catalog.pg_class AS named
        JOIN pg_catalog.pg_namespace AS space ON space.oid = named.relnamespace
        WHERE named.relname = 'sync_schema' AND space.nspname = ANY (current_schemas(false)))";
const VERSION: &str = "SELECT coalesce(max(version), 0) FROM sync_schema";
const NOTE: &str = "INSERT INTO sync_schema (version) VALUES ($1)";

pub(super) async fn migrate(connection: &mut PgConnection) -> Result<()> {
    let opening = |error| error::of(Doing::Open, error);
    let version = version(connection).await.map_err(opening)?;
    if version > MIGRATIONS.len() {
        let message = format!(
            "the database was written by a newer version (its schema is {version}, this program knows {}): update this program",
            MIGRATIONS.len()
        );
        return Err(StoreError::new(StoreErrorKind::Config, message));
    }
    // The usual case asks for no right to change anything.
    if version < MIGRATIONS.len() {
        steps(connection).await.map_err(opening)?;
    }
    Ok(())
}

async fn steps(connection: &mut PgConnection) -> sqlx::Result<()> {
    let mut transaction = connection.begin().await?;
    sqlx::query(ALONE).execute(&mut *transaction).await?;
    // Another program may have been first.
    let version = version(&mut transaction).await?;
    sqlx::query(VERSIONS).execute(&mut *transaction).await?;
    for (from, migration) in MIGRATIONS.iter().enumerate().skip(version) {
        sqlx::raw_sql(*migration).execute(&mut *transaction).await?;
        let to = i32::try_from(from + 1).unwrap_or(i32::MAX);
        sqlx::query(NOTE).bind(to).execute(&mut *transaction).await?;
    }
    transaction.commit().await
}

/// The version of the database, 0 where it has nothing of a store.
async fn version(connection: &mut PgConnection) -> sqlx::Result<usize> {
    if !sqlx::query_scalar::<_, bool>(THERE).fetch_one(&mut *connection).await? {
        return Ok(0);
    }
    let version: i32 = sqlx::query_scalar(VERSION).fetch_one(connection).await?;
    Ok(usize::try_from(version).unwrap_or_default())
}
