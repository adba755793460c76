//! One batch, one transaction, a handful of statements: a statement costs far more than a row.

use std::sync::OnceLock;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Sqlite, SqliteConnection};
use uuid::Uuid;

use super::pieces::Pieces;
use crate::store::{Batch, Commit, Expect, Key, Lease, Put, Tenant};

/// Whether the batch is known, whether the lease in question is held, and what is there of the rows that the batch
/// touches, as [`Pieces`]: place in the batch, revision, marks.
const STANDING: &str = "
    SELECT EXISTS (SELECT 1 FROM batch WHERE tenant = ?1 AND id = ?2),
           EXISTS (SELECT 1 FROM lease WHERE tenant = ?1 AND scope = ?3 AND owner = ?4 AND fence = ?5),
           (SELECT ifnull(group_concat(concat(
                touched.key, ' ', old.revision, ' ', octet_length(old.marks), ' ', old.marks), ''), '')
            FROM json_each(?6) AS touched
            CROSS JOIN stored_row AS old ON old.tenant = ?1 AND old.key = touched.value)";

/// All that needs no row by row: notes the batch, takes away marks and rows, and gives the revision of the commit.
const TAKE: &str = "
    INSERT INTO batch (tenant, id, at) VALUES (?1, ?2, unixepoch());
    DELETE FROM mark WHERE (tenant, mark, key) IN (SELECT ?1, value ->> 0, value ->> 1 FROM json_each(?3));
    DELETE FROM stored_row WHERE (tenant, key) IN (SELECT ?1, value FROM json_each(?4));
    UPDATE counter SET revision = revision + 1 RETURNING revision";

// `OR FAIL`, because SQLite then keeps no copy of every page to take back a statement that fails half-way: where one
// fails, the whole transaction is taken back.

static ADD: Insert<3> =
    Insert::new("INSERT OR FAIL INTO stored_row (tenant, revision, key, value, marks) SELECT ?, ?, *", "");

static REPLACE: Insert<3> = Insert::new(
    "INSERT INTO stored_row (tenant, revision, key, value, marks) SELECT ?, ?, *",
    " ON CONFLICT (tenant, key)
        DO UPDATE SET value = excluded.value, marks = excluded.marks, revision = excluded.revision",
);

static GIVE_MARKS: Insert<2> = Insert::new("INSERT OR FAIL INTO mark (tenant, mark, key) SELECT ?, *", "");

/// Applies a batch within a transaction; the answer where nothing is to be applied.
pub(super) async fn apply(
    connection: &mut SqliteConnection,
    tenant: &Tenant,
    lease: Option<&Lease>,
    batch: Batch,
) -> sqlx::Result<Option<Commit>> {
    let keys: Vec<String> = batch.keys().map(place).collect();
    let (known, held, found): (bool, bool, String) = sqlx::query_as(STANDING)
        .bind(tenant.as_str())
        .bind(batch.id.to_string())
        .bind(lease.map(|lease| lease.scope.as_str()))
        .bind(lease.map(|lease| lease.owner.as_str()))
        .bind(lease.map(|lease| lease.fence.cast_signed()))
        .bind(json(&keys))
        .fetch_one(&mut *connection)
        .await?;
    if known {
        return Ok(Some(Commit::Applied));
    }
    if lease.is_some_and(|lease| !held || lease.tenant != *tenant) {
        return Ok(Some(Commit::Fenced));
    }
    let touched = touched(&found, keys.len())?;
    if let Some((put, _)) = batch.puts.iter().zip(&touched).find(|(put, old)| !is_as_expected(put, old)) {
        return Ok(Some(Commit::Conflict(put.key.clone())));
    }
    write(connection, tenant, batch, keys, &touched).await?;
    Ok(None)
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

async fn write(
    connection: &mut SqliteConnection,
    tenant: &Tenant,
    batch: Batch,
    keys: Vec<String>,
    touched: &[Option<Old<'_>>],
) -> sqlx::Result<()> {
    let MarkChange { gone, new, columns } = MarkChange::of(&batch, &keys, touched)?;
    let revision: i64 = sqlx::query_scalar(TAKE)
        .bind(tenant.as_str())
        .bind(batch.id.to_string())
        .bind(json(&gone))
        .bind(json(&keys[batch.puts.len()..]))
        .fetch_one(&mut *connection)
        .await?;
    let tenant = |query: Query| query.bind(tenant.as_str());
    GIVE_MARKS.run(connection, new, tenant, |query, (mark, key)| query.bind(mark).bind(key)).await?;
    let rows = batch.puts.into_iter().zip(keys).zip(columns).zip(touched);
    let (known, new): (Vec<_>, Vec<_>) = rows
        .map(|(((put, key), marks), old)| (old.is_some(), (key, put.value, marks)))
        .partition(|row| row.0);
    for (insert, rows) in [(&REPLACE, known), (&ADD, new)] {
        insert
            .run(
                connection,
                rows,
                |query| tenant(query).bind(revision),
                |query, (_, (key, value, marks))| query.bind(key).bind(value).bind(marks),
            )
            .await?;
    }
    Ok(())
}

fn is_as_expected(put: &Put, old: &Option<Old<'_>>) -> bool {
    match put.expect {
        Expect::Any => true,
        Expect::Absent => old.is_none(),
        Expect::Revision(revision) => old.as_ref().is_some_and(|old| old.revision == revision),
    }
}

/// A row that a batch touches as it is before it.
struct Old<'t> {
    revision: u64,
    /// As the column holds them.
    marks: &'t str,
}

/// The rows that a batch touches, one for each of its keys.
fn touched(found: &str, keys: usize) -> sqlx::Result<Vec<Option<Old<'_>>>> {
    let mut rows: Vec<Option<Old<'_>>> = (0..keys).map(|_| None).collect();
    let mut found = Pieces::new(found);
    while !found.is_empty() {
        let (at, revision, marks) = (found.number()?, found.number()?, found.text()?);
        if let Some(row) = usize::try_from(at).ok().and_then(|at| rows.get_mut(at)) {
            *row = Some(Old { revision, marks });
        }
    }
    Ok(rows)
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
    fn of(batch: &Batch, keys: &'k [String], touched: &[Option<Old<'_>>]) -> sqlx::Result<Self> {
        let mut change = Self { gone: Vec::new(), new: Vec::new(), columns: Vec::new() };
        let mut keys = keys.iter().map(String::as_str).zip(touched);
        for (put, (key, old)) in batch.puts.iter().zip(keys.by_ref()) {
            let mut new: Vec<String> = put.marks.iter().map(|new| mark(new.name, &new.value)).collect();
            new.sort_unstable();
            new.dedup();
            let column = json(&new);
            let old = old.as_ref().map_or("[]", |old| old.marks);
            if column != old {
                let mut old: Vec<String> = parse(old)?;
                old.retain(|mark| match new.iter().position(|other| other == mark) {
                    Some(stays) => {
                        new.swap_remove(stays);
                        false
                    }
                    None => true,
                });
                change.new.extend(new.into_iter().map(|mark| (mark, key)));
                change.gone.extend(old.into_iter().map(|mark| (mark, key)));
            }
            change.columns.push(column);
        }
        for (key, old) in keys {
            let Some(old) = old else { continue };
            change.gone.extend(parse::<Vec<String>>(old.marks)?.into_iter().map(|mark| (mark, key)));
        }
        // Neighbours in the index are written one after the other.
        change.new.sort_unstable();
        Ok(change)
    }
}

type Query = sqlx::query::Query<'static, Sqlite, SqliteArguments>;

/// An insert of many rows of so many columns each, beside what all of them share, in as few statements as may be: handing
/// one over to SQLite's thread costs more than a row.
struct Insert<const COLUMNS: usize> {
    /// Up to the rows; what they share stands in it.
    head: &'static str,
    conflict: &'static str,
    texts: OnceLock<[String; SIZES.len()]>,
}

/// Few sizes, so that the prepared statements stay in the connection's cache. What is not filled counts as null.
const SIZES: [usize; 3] = [16, 64, 256];

impl<const COLUMNS: usize> Insert<COLUMNS> {
    const fn new(head: &'static str, conflict: &'static str) -> Self {
        Self { head, conflict, texts: OnceLock::new() }
    }

    async fn run<T: Send>(
        &'static self,
        connection: &mut SqliteConnection,
        rows: Vec<T>,
        shared: impl Fn(Query) -> Query + Sync,
        bind: impl Fn(Query, T) -> Query + Sync,
    ) -> sqlx::Result<()> {
        let texts = self.texts.get_or_init(|| SIZES.map(|size| self.text(size)));
        let [.., largest] = SIZES;
        let mut rows = rows.into_iter();
        while rows.len() > 0 {
            let chunk = rows.len().min(largest);
            let fitting = SIZES.iter().take_while(|size| **size < chunk).count();
            let query = shared(sqlx::query(texts[fitting].as_str()));
            rows.by_ref().take(chunk).fold(query, &bind).execute(&mut *connection).await?;
        }
        Ok(())
    }

    /// Nothing but question marks depends on the rows.
    fn text(&self, rows: usize) -> String {
        let row = format!("({})", ["?"; COLUMNS].join(","));
        let rows = vec![row; rows].join(",");
        format!("{} FROM (VALUES {rows}) WHERE column1 IS NOT NULL{}", self.head, self.conflict)
    }
}

/// A key as the column holds it: no table has a space in its name.
pub(super) fn place(key: &Key) -> String {
    [key.table.as_str(), " ", &key.id].concat()
}

/// A mark as the column holds it.
pub(super) fn mark(name: &str, value: &str) -> String {
    [name, " ", value].concat()
}

pub(super) fn json(value: &(impl Serialize + ?Sized)) -> String {
    // Text, numbers and lists have no way to fail.
    serde_json::to_string(value).unwrap_or_default()
}

pub(super) fn parse<T: DeserializeOwned>(text: &str) -> sqlx::Result<T> {
    serde_json::from_str(text).map_err(|error| sqlx::Error::Decode(error.into()))
}
