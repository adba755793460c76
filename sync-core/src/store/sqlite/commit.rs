//! One batch, one transaction.

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Transaction};
use uuid::Uuid;

use crate::store::column::{MarkChange, place};
use crate::store::{Batch, Commit, Lease, Put, Tenant};

const KNOWN: &str = "SELECT EXISTS (SELECT 1 FROM batch WHERE tenant = ?1 AND id = ?2)";
const NOTE: &str = "INSERT INTO batch (tenant, id, at) VALUES (?1, ?2, unixepoch())";
const HELD: &str = "
    SELECT EXISTS (SELECT 1 FROM lease WHERE tenant = ?1 AND scope = ?2 AND owner = ?3 AND fence = ?4)";
const OLD: &str = "SELECT id, revision, marks FROM stored_row WHERE tenant = ?1 AND key = ?2";
const REVISION: &str = "UPDATE counter SET revision = revision + 1 RETURNING revision";
const ADD: &str = "INSERT INTO stored_row (tenant, key, value, marks, revision) VALUES (?1, ?2, ?3, ?4, ?5)";
const REPLACE: &str = "UPDATE stored_row SET value = ?2, marks = ?3, revision = ?4 WHERE id = ?1";
const DELETE: &str = "DELETE FROM stored_row WHERE id = ?1";
const GIVE_MARK: &str = "INSERT INTO mark (tenant, mark, key) VALUES (?1, ?2, ?3)";
const TAKE_MARK: &str = "DELETE FROM mark WHERE tenant = ?1 AND mark = ?2 AND key = ?3";

/// Applies a batch within a transaction; the answer where nothing is to be applied.
pub(super) fn apply(
    transaction: &Transaction<'_>,
    tenant: &Tenant,
    lease: Option<&Lease>,
    batch: &Batch,
) -> rusqlite::Result<Option<Commit>> {
    if committed(transaction, tenant, batch.id)? {
        return Ok(Some(Commit::Applied));
    }
    if let Some(lease) = lease
        && !(lease.tenant == *tenant && is_held(transaction, lease)?)
    {
        return Ok(Some(Commit::Fenced));
    }
    let mut find = transaction.prepare_cached(OLD)?;
    let mut touched = Vec::with_capacity(batch.puts.len() + batch.deletes.len());
    for key in batch.keys() {
        let key = place(key);
        let old = find.query_row((tenant.as_str(), &key), |row| {
            Ok(Old { id: row.get(0)?, revision: row.get::<_, i64>(1)?.cast_unsigned(), marks: row.get(2)? })
        });
        touched.push(Touched { old: old.optional()?, key });
    }
    let unexpected =
        |(put, row): &(&Put, &Touched)| !put.expect.is_met_by(row.old.as_ref().map(|old| old.revision));
    if let Some((put, _)) = batch.puts.iter().zip(&touched).find(unexpected) {
        return Ok(Some(Commit::Conflict(put.key.clone())));
    }
    write(transaction, tenant, batch, &touched)?;
    Ok(None)
}

pub(super) fn committed(connection: &Connection, tenant: &Tenant, id: Uuid) -> rusqlite::Result<bool> {
    connection.prepare_cached(KNOWN)?.query_row((tenant.as_str(), id.to_string()), |row| row.get(0))
}

/// Ids are promised for seven days; a day more costs nothing.
pub(super) fn forget_old_batches(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM batch WHERE at < unixepoch() - 8 * 86400", ()).map(drop)
}

fn is_held(transaction: &Transaction<'_>, lease: &Lease) -> rusqlite::Result<bool> {
    let Lease { tenant, scope, owner, fence } = lease;
    let lease = (tenant.as_str(), scope, owner, fence.cast_signed());
    transaction.prepare_cached(HELD)?.query_row(lease, |row| row.get(0))
}

fn write(
    transaction: &Transaction<'_>,
    tenant: &Tenant,
    batch: &Batch,
    touched: &[Touched],
) -> rusqlite::Result<()> {
    let tenant = tenant.as_str();
    let marks = touched.iter().map(|row| (row.key.as_str(), row.old.as_ref().map(|old| old.marks.as_str())));
    let MarkChange { gone, new, columns } = MarkChange::of(batch, marks)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(2, Type::Text, Box::new(error)))?;
    transaction.prepare_cached(NOTE)?.execute((tenant, batch.id.to_string()))?;
    let revision: i64 = transaction.prepare_cached(REVISION)?.query_row((), |row| row.get(0))?;
    let mut take = transaction.prepare_cached(TAKE_MARK)?;
    for (mark, key) in gone {
        take.execute((tenant, mark, key))?;
    }
    let mut give = transaction.prepare_cached(GIVE_MARK)?;
    for (mark, key) in new {
        give.execute((tenant, mark, key))?;
    }
    let (mut add, mut replace) = (transaction.prepare_cached(ADD)?, transaction.prepare_cached(REPLACE)?);
    for ((put, marks), row) in batch.puts.iter().zip(columns).zip(touched) {
        match &row.old {
            Some(old) => replace.execute((old.id, &put.value, marks, revision))?,
            None => add.execute((tenant, &row.key, &put.value, marks, revision))?,
        };
    }
    let mut delete = transaction.prepare_cached(DELETE)?;
    for old in touched[batch.puts.len()..].iter().filter_map(|row| row.old.as_ref()) {
        delete.execute([old.id])?;
    }
    Ok(())
}

/// A row that a batch puts or deletes.
struct Touched {
    /// As the column holds it.
    key: String,
    old: Option<Old>,
}

/// A row as it is before the batch.
struct Old {
    id: i64,
    revision: u64,
    /// As the column holds them.
    marks: String,
}
