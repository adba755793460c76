//! One batch, one transaction, a handful of statements: each takes the whole batch as one JSON text, because
//! a statement costs far more than a row.

use std::collections::BTreeSet;

use sqlx::{Connection, SqliteConnection};
use uuid::Uuid;

use super::error::Cause;
use crate::store::{Batch, Commit, Expect, Key, Lease, Put, Result, Tenant};

/// Whether the batch is known, and whether the lease in question is held.
const STANDING: &str = "
    SELECT EXISTS (SELECT 1 FROM batch WHERE tenant = ?1 AND id = ?2),
           EXISTS (SELECT 1 FROM lease WHERE tenant = ?1 AND scope = ?3 AND owner = ?4 AND fence = ?5)";

/// The place in the batch of the first put that does not find what it expects.
const UNEXPECTED: &str = "
    SELECT put.key
    FROM json_each(?2) AS put
    LEFT JOIN stored_row AS old
        ON old.tenant = ?1 AND old.tbl = put.value ->> 0 AND old.key = put.value ->> 1
    WHERE put.value ->> 3 IS NOT NULL AND put.value ->> 3 <> ifnull(old.revision, -1)
    ORDER BY put.key
    LIMIT 1";

const REVISION: &str = "UPDATE counter SET revision = revision + 1 RETURNING revision";

const TAKE_MARKS: &str = "
    DELETE FROM mark WHERE (tenant, name, value, tbl, key) IN (
        SELECT ?1, gone.value ->> 0, gone.value ->> 1, old.tbl, old.key
        FROM json_each(?2) AS put
        CROSS JOIN stored_row AS old
            ON old.tenant = ?1 AND old.tbl = put.value ->> 0 AND old.key = put.value ->> 1
        CROSS JOIN json_each(old.marks) AS gone
        WHERE old.marks <> put.value ->> 2)";

const GIVE_MARKS: &str = "
    INSERT OR IGNORE INTO mark (tenant, name, value, tbl, key)
    SELECT ?1, new.value ->> 0, new.value ->> 1, put.value ->> 0, put.value ->> 1
    FROM json_each(?2) AS put
    LEFT JOIN stored_row AS old
        ON old.tenant = ?1 AND old.tbl = put.value ->> 0 AND old.key = put.value ->> 1
    CROSS JOIN json_each(put.value ->> 2) AS new
    WHERE old.marks IS NOT put.value ->> 2";

const PUT: &str = "
    INSERT INTO stored_row (tenant, tbl, key, value, marks, revision)
    SELECT ?1, put.value ->> 0, put.value ->> 1, put.value ->> 2, put.value ->> 3, ?3
    FROM json_each(?2) AS put
    WHERE true
    ON CONFLICT (tenant, tbl, key)
        DO UPDATE SET value = excluded.value, marks = excluded.marks, revision = excluded.revision";

const DELETE: &str = "
    DELETE FROM stored_row WHERE id IN (
        SELECT old.id
        FROM json_each(?2) AS gone
        CROSS JOIN stored_row AS old
            ON old.tenant = ?1 AND old.tbl = gone.value ->> 0 AND old.key = gone.value ->> 1)";

pub(super) async fn commit(
    connection: &mut SqliteConnection,
    tenant: &Tenant,
    lease: Option<&Lease>,
    batch: &Batch,
    cause: &Cause<'_>,
) -> Result<Commit> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(|error| cause.of(error))?;
    let refused = refusal(&mut transaction, tenant, lease, batch).await.map_err(|error| cause.of(error))?;
    if let Some(answer) = refused {
        transaction.rollback().await.map_err(|error| cause.of(error))?;
        return Ok(answer);
    }
    apply(&mut transaction, tenant, batch).await.map_err(|error| cause.of(error))?;
    transaction.commit().await.map_err(|error| cause.of_commit(error))?;
    Ok(Commit::Applied)
}

pub(super) async fn committed(
    connection: &mut SqliteConnection,
    tenant: &Tenant,
    id: Uuid,
) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM batch WHERE tenant = ?1 AND id = ?2)")
        .bind(tenant.as_str())
        .bind(id.to_string())
        .fetch_one(connection)
        .await
}

/// Ids are promised for seven days; a day more costs nothing.
pub(super) async fn forget_old_batches(connection: &mut SqliteConnection) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM batch WHERE at < unixepoch() - 8 * 86400").execute(connection).await?;
    Ok(())
}

/// The answer where nothing is to be applied.
async fn refusal(
    connection: &mut SqliteConnection,
    tenant: &Tenant,
    lease: Option<&Lease>,
    batch: &Batch,
) -> sqlx::Result<Option<Commit>> {
    let (known, held): (bool, bool) = sqlx::query_as(STANDING)
        .bind(tenant.as_str())
        .bind(batch.id.to_string())
        .bind(lease.map(|lease| lease.scope.as_str()))
        .bind(lease.map(|lease| lease.owner.as_str()))
        .bind(lease.map(|lease| lease.fence.cast_signed()))
        .fetch_one(&mut *connection)
        .await?;
    if known {
        return Ok(Some(Commit::Applied));
    }
    if lease.is_some_and(|lease| !held || lease.tenant != *tenant) {
        return Ok(Some(Commit::Fenced));
    }
    if batch.puts.iter().all(|put| put.expect == Expect::Any) {
        return Ok(None);
    }
    let unexpected: Option<i64> = sqlx::query_scalar(UNEXPECTED)
        .bind(tenant.as_str())
        .bind(heads(&batch.puts))
        .fetch_optional(connection)
        .await?;
    let put = unexpected.and_then(|at| batch.puts.get(usize::try_from(at).ok()?));
    Ok(put.map(|put| Commit::Conflict(put.key.clone())))
}

async fn apply(connection: &mut SqliteConnection, tenant: &Tenant, batch: &Batch) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO batch (tenant, id, at) VALUES (?1, ?2, unixepoch())")
        .bind(tenant.as_str())
        .bind(batch.id.to_string())
        .execute(&mut *connection)
        .await?;
    if !batch.deletes.is_empty() {
        delete(connection, tenant, &batch.deletes).await?;
    }
    if !batch.puts.is_empty() {
        put(connection, tenant, &batch.puts).await?;
    }
    Ok(())
}

async fn delete(connection: &mut SqliteConnection, tenant: &Tenant, keys: &[Key]) -> sqlx::Result<()> {
    let gone: Vec<_> = keys.iter().map(|key| (key.table.as_str(), key.id.as_str(), "[]")).collect();
    let gone = json(&gone);
    for statement in [TAKE_MARKS, DELETE] {
        sqlx::query(statement).bind(tenant.as_str()).bind(gone.as_str()).execute(&mut *connection).await?;
    }
    Ok(())
}

async fn put(connection: &mut SqliteConnection, tenant: &Tenant, puts: &[Put]) -> sqlx::Result<()> {
    let heads = heads(puts);
    for statement in [TAKE_MARKS, GIVE_MARKS] {
        sqlx::query(statement).bind(tenant.as_str()).bind(heads.as_str()).execute(&mut *connection).await?;
    }
    let revision: i64 = sqlx::query_scalar(REVISION).fetch_one(&mut *connection).await?;
    let rows: Vec<_> = puts
        .iter()
        .map(|put| (put.key.table.as_str(), put.key.id.as_str(), put.value.as_str(), marks(put)))
        .collect();
    sqlx::query(PUT).bind(tenant.as_str()).bind(json(&rows)).bind(revision).execute(connection).await?;
    Ok(())
}

/// The puts without their content: table, id, marks, and the revision expected, -1 for none.
fn heads(puts: &[Put]) -> String {
    let heads: Vec<_> = puts
        .iter()
        .map(|put| {
            let expect = match put.expect {
                Expect::Any => None,
                Expect::Absent => Some(-1),
                Expect::Revision(revision) => Some(revision.cast_signed()),
            };
            (put.key.table.as_str(), put.key.id.as_str(), marks(put), expect)
        })
        .collect();
    json(&heads)
}

/// The marks as their column holds them: sorted and each once, so that equal marks are equal texts.
fn marks(put: &Put) -> String {
    json(&put.marks.iter().map(|mark| (mark.name, mark.value.as_str())).collect::<BTreeSet<_>>())
}

pub(super) fn json(value: &impl serde::Serialize) -> String {
    // Text, numbers and lists have no way to fail.
    serde_json::to_string(value).unwrap_or_default()
}
