//! One batch, one transaction.

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Transaction};
use uuid::Uuid;

use crate::store::column::{mark, place};
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
    let MarkChange { gone, new, columns } = MarkChange::of(batch, touched)?;
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

/// What becomes of the marks: most puts change few of them or none.
struct MarkChange<'k> {
    /// Each with the key of its row.
    gone: Vec<(String, &'k str)>,
    new: Vec<(String, &'k str)>,
    /// The column of each put: sorted and each once, so that equal marks are equal texts.
    columns: Vec<String>,
}

impl<'k> MarkChange<'k> {
    fn of(batch: &Batch, touched: &'k [Touched]) -> rusqlite::Result<Self> {
        let mut change = Self { gone: Vec::new(), new: Vec::new(), columns: Vec::new() };
        let (put, deleted) = touched.split_at(batch.puts.len());
        for (put, Touched { key, old }) in batch.puts.iter().zip(put) {
            let mut new: Vec<String> = put.marks.iter().map(|new| mark(new.name, &new.value)).collect();
            new.sort_unstable();
            new.dedup();
            let column = column(&new);
            let old = old.as_ref().map_or("[]", |old| &old.marks);
            if column != old {
                let mut old = marks(old)?;
                old.retain(|mark| match new.iter().position(|other| other == mark) {
                    Some(stays) => {
                        new.swap_remove(stays);
                        false
                    }
                    None => true,
                });
                change.new.extend(new.into_iter().map(|mark| (mark, key.as_str())));
                change.gone.extend(old.into_iter().map(|mark| (mark, key.as_str())));
            }
            change.columns.push(column);
        }
        for Touched { key, old } in deleted {
            let Some(old) = old else { continue };
            change.gone.extend(marks(&old.marks)?.into_iter().map(|mark| (mark, key.as_str())));
        }
        // Neighbours in the index are written one after the other.
        change.new.sort_unstable();
        change.gone.sort_unstable();
        Ok(change)
    }
}

/// The marks of a row as the column holds them.
fn column(marks: &[String]) -> String {
    // A list of texts has no way to fail.
    serde_json::to_string(marks).unwrap_or_default()
}

fn marks(column: &str) -> rusqlite::Result<Vec<String>> {
    serde_json::from_str(column)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(2, Type::Text, Box::new(error)))
}
