//! One batch, one transaction.

use std::collections::HashMap;

use sqlx::{PgConnection, PgPool, Row as _};
use uuid::Uuid;

use super::error::{self, Doing};
use crate::store::column::{MarkChange, place};
use crate::store::{Batch, Commit, Lease, Result, Tenant};

/// Whatever the server's defaults are, a statement sees what was committed before it, and a commit is on disk when it
/// returns.
const BEGIN: &str = "
    BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
    SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'";
/// Waits for the batch before, of this tenant.
const REVISION: &str = "
    INSERT INTO sync_tenant (tenant, revision) VALUES ($1, 1)
    ON CONFLICT (tenant) DO UPDATE SET revision = sync_tenant.revision + 1
    RETURNING revision";
const NOTE: &str = "INSERT INTO sync_batch (tenant, id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
/// Nobody takes the lease over until the transaction ends.
const HELD: &str = "
    SELECT FROM sync_lease WHERE tenant = $1 AND scope = $2 AND owner = $3 AND fence = $4 FOR SHARE";
const OLD: &str = "
    SELECT old.key, old.revision, old.marks
    FROM unnest($2::text[]) AS touched (key)
    CROSS JOIN LATERAL (
        SELECT key, revision, marks FROM sync_row WHERE tenant = $1 AND key = touched.key OFFSET 0) AS old";
const TAKE_MARKS: &str = "
    DELETE FROM sync_mark
    WHERE ctid = ANY (ARRAY (
        SELECT old.ctid
        FROM unnest($2::text[], $3::text[]) AS gone (mark, key)
        CROSS JOIN LATERAL (
            SELECT ctid FROM sync_mark WHERE tenant = $1 AND mark = gone.mark AND key = gone.key OFFSET 0) AS old))";
const GIVE_MARKS: &str = "
    INSERT INTO sync_mark (tenant, mark, key)
    SELECT $1, mark, key FROM unnest($2::text[], $3::text[]) AS new (mark, key)";
const PUT: &str = "
    INSERT INTO sync_row (tenant, key, value, marks, revision)
    SELECT $1, key, value, marks, $5
    FROM unnest($2::text[], $3::text[], $4::text[]) AS new (key, value, marks)
    ON CONFLICT (tenant, key) DO UPDATE
    SET value = excluded.value, marks = excluded.marks, revision = excluded.revision";
const DELETE: &str = "
    DELETE FROM sync_row
    WHERE ctid = ANY (ARRAY (
        SELECT old.ctid
        FROM unnest($2::text[]) AS gone (key)
        CROSS JOIN LATERAL (SELECT ctid FROM sync_row WHERE tenant = $1 AND key = gone.key OFFSET 0) AS old))";

/// Waits for a batch that is under way, be it the tenant's first.
const SETTLED: &str = "
    INSERT INTO sync_tenant (tenant, revision) VALUES ($1, 0)
    ON CONFLICT (tenant) DO UPDATE SET revision = sync_tenant.revision";
const KNOWN: &str = "SELECT EXISTS (SELECT FROM sync_batch WHERE tenant = $1 AND id = $2)";
/// Ids are promised for seven days; a day more costs nothing.
const FORGET: &str = "DELETE FROM sync_batch WHERE at < now() - interval '8 days'";
const VACUUM: &str = "VACUUM sync_row, sync_mark";

pub(super) async fn commit(
    pool: PgPool,
    tenant: Tenant,
    lease: Option<Lease>,
    batch: Batch,
) -> Result<Commit> {
    let writing = |error| error::of(Doing::Write, error);
    let mut transaction = pool.begin_with(BEGIN).await.map_err(writing)?;
    match apply(&mut transaction, &tenant, lease.as_ref(), &batch).await.map_err(writing)? {
        Some(refused) => transaction.rollback().await.map(|()| refused).map_err(writing),
        None => {
            transaction.commit().await.map_err(error::of_commit)?;
            if batch.erase {
                erase(&pool).await;
            }
            Ok(Commit::Applied)
        }
    }
}

/// Applies a batch within a transaction; the answer where nothing is to be applied.
async fn apply(
    transaction: &mut PgConnection,
    tenant: &Tenant,
    lease: Option<&Lease>,
    batch: &Batch,
) -> sqlx::Result<Option<Commit>> {
    let revision: i64 =
        sqlx::query_scalar(REVISION).bind(tenant.as_str()).fetch_one(&mut *transaction).await?;
    let noted = sqlx::query(NOTE).bind(tenant.as_str()).bind(batch.id.to_string());
    if noted.execute(&mut *transaction).await?.rows_affected() == 0 {
        return Ok(Some(Commit::Applied));
    }
    if let Some(lease) = lease
        && !(lease.tenant == *tenant && is_held(transaction, lease).await?)
    {
        return Ok(Some(Commit::Fenced));
    }
    let keys: Vec<String> = batch.keys().map(place).collect();
    let rows = sqlx::query(OLD).bind(tenant.as_str()).bind(&keys).fetch_all(&mut *transaction).await?;
    let old = rows.iter().map(|row| Ok((row.try_get(0)?, (row.try_get(1)?, row.try_get(2)?))));
    let old: HashMap<&str, (i64, &str)> = old.collect::<sqlx::Result<_>>()?;
    let (put, deleted) = keys.split_at(batch.puts.len());
    for (put, key) in batch.puts.iter().zip(put) {
        let revision = old.get(key.as_str()).map(|(revision, _)| revision.cast_unsigned());
        if !put.expect.is_met_by(revision) {
            return Ok(Some(Commit::Conflict(put.key.clone())));
        }
    }
    let marks = keys.iter().map(|key| (key.as_str(), old.get(key.as_str()).map(|(_, marks)| *marks)));
    let MarkChange { gone, new, columns } = MarkChange::of(batch, marks)
        .map_err(|error| sqlx::Error::ColumnDecode { index: "marks".to_owned(), source: error.into() })?;
    let (gone, gone_from): (Vec<String>, Vec<&str>) = gone.into_iter().unzip();
    let (new, new_for): (Vec<String>, Vec<&str>) = new.into_iter().unzip();
    let values: Vec<&str> = batch.puts.iter().map(|put| put.value.as_str()).collect();
    let tenant = tenant.as_str();
    let changes = [
        sqlx::query(TAKE_MARKS).bind(tenant).bind(gone).bind(gone_from),
        sqlx::query(GIVE_MARKS).bind(tenant).bind(new).bind(new_for),
        sqlx::query(PUT).bind(tenant).bind(put).bind(values).bind(columns).bind(revision),
        sqlx::query(DELETE).bind(tenant).bind(deleted),
    ];
    for change in changes {
        change.execute(&mut *transaction).await?;
    }
    Ok(None)
}

async fn is_held(transaction: &mut PgConnection, lease: &Lease) -> sqlx::Result<bool> {
    let Lease { tenant, scope, owner, fence } = lease;
    let held = sqlx::query(HELD).bind(tenant.as_str()).bind(scope).bind(owner).bind(fence.cast_signed());
    held.fetch_optional(transaction).await.map(|row| row.is_some())
}

/// Takes what was deleted and replaced out of the tables' pages, where nobody keeps it from that.
async fn erase(pool: &PgPool) {
    if let Err(error) = sqlx::query(VACUUM).execute(pool).await {
        tracing::warn!(%error, "something of what was erased stays in the tables until they are next vacuumed");
    }
}

pub(super) async fn committed(pool: PgPool, tenant: Tenant, id: Uuid) -> Result<bool> {
    let reading = |error| error::of(Doing::Read, error);
    let mut connection = pool.acquire().await.map_err(reading)?;
    let settled = sqlx::query(SETTLED).bind(tenant.as_str()).execute(&mut *connection).await;
    settled.map_err(reading)?;
    let known = sqlx::query_scalar(KNOWN).bind(tenant.as_str()).bind(id.to_string());
    known.fetch_one(&mut *connection).await.map_err(reading)
}

pub(super) async fn forget_old_batches(connection: &mut PgConnection) -> Result<()> {
    sqlx::query(FORGET).execute(connection).await.map(drop).map_err(|error| error::of(Doing::Open, error))
}
