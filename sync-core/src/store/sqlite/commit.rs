//! One batch, one transaction, a handful of statements: a statement costs far more than a row.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Sqlite, SqliteConnection};
use uuid::Uuid;

use crate::store::{Batch, Commit, Expect, Key, Lease, Put, Tenant};

/// Whether the batch is known, whether the lease in question is held, and what is there of the rows that the batch
/// touches, as one JSON text: place in the batch, revision, marks.
const STANDING: &str = "
    SELECT EXISTS (SELECT 1 FROM batch WHERE tenant = ?1 AND id = ?2),
           EXISTS (SELECT 1 FROM lease WHERE tenant = ?1 AND scope = ?3 AND owner = ?4 AND fence = ?5),
           (SELECT json_group_array(json_array(touched.key, old.revision, old.marks))
            FROM json_each(?6) AS touched
            CROSS JOIN stored_row AS old
                ON old.tenant = ?1
                AND old.tbl = substr(touched.value, 1, instr(touched.value, ' ') - 1)
                AND old.key = substr(touched.value, instr(touched.value, ' ') + 1))";

/// All that needs no row by row: notes the batch, takes away marks and rows, and gives the revision of the commit.
const TAKE: &str = "
    INSERT INTO batch (tenant, id, at) VALUES (?1, ?2, unixepoch());
    DELETE FROM mark WHERE (tenant, name, value, tbl, key) IN (
        SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?3));
    DELETE FROM stored_row WHERE (tenant, tbl, key) IN (
        SELECT ?1, substr(value, 1, instr(value, ' ') - 1), substr(value, instr(value, ' ') + 1) FROM json_each(?4));
    UPDATE counter SET revision = revision + 1 RETURNING revision";

// `OR FAIL`, because SQLite then keeps no copy of every page to take back a statement that fails half-way: where one
// fails, the whole transaction is taken back.

static ADD: Insert = Insert::new(
    "INSERT OR FAIL INTO stored_row (tenant, revision, tbl, key, value, marks) SELECT ?, ?, *",
    "",
);

static REPLACE: Insert = Insert::new(
    "INSERT INTO stored_row (tenant, revision, tbl, key, value, marks) SELECT ?, ?, *",
    " ON CONFLICT (tenant, tbl, key)
        DO UPDATE SET value = excluded.value, marks = excluded.marks, revision = excluded.revision",
);

static GIVE_MARKS: Insert =
    Insert::new("INSERT OR FAIL INTO mark (tenant, name, value, tbl, key) SELECT ?, *", "");

/// Applies a batch within a transaction; the answer where nothing is to be applied.
pub(super) async fn apply(
    connection: &mut SqliteConnection,
    tenant: &Tenant,
    lease: Option<&Lease>,
    batch: &Batch,
) -> sqlx::Result<Option<Commit>> {
    let keys: Vec<_> = batch.keys().map(place).collect();
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
    let touched = Touched::read(&found, keys.len())?;
    if let Some((put, _)) = touched.puts(batch).find(|(put, old)| !is_as_expected(put, *old)) {
        return Ok(Some(Commit::Conflict(put.key.clone())));
    }
    write(connection, tenant, batch, &touched).await?;
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
    batch: &Batch,
    touched: &Touched,
) -> sqlx::Result<()> {
    let change = MarkChange::of(batch, touched)?;
    let deletes: Vec<_> = batch.deletes.iter().map(place).collect();
    let revision: i64 = sqlx::query_scalar(TAKE)
        .bind(tenant.as_str())
        .bind(batch.id.to_string())
        .bind(json(&change.gone))
        .bind(json(&deletes))
        .fetch_one(&mut *connection)
        .await?;
    let tenant = |query: Query| query.bind(tenant.as_str());
    GIVE_MARKS
        .run(connection, &change.new, tenant, |query, (name, value, table, id)| {
            query.bind(*name).bind(*value).bind(*table).bind(*id)
        })
        .await?;
    let rows = touched.puts(batch).zip(change.marks);
    let (known, new): (Vec<_>, Vec<_>) = rows.partition(|((_, old), _)| old.is_some());
    for (insert, rows) in [(&REPLACE, known), (&ADD, new)] {
        insert
            .run(
                connection,
                &rows,
                |query| tenant(query).bind(revision),
                |query, ((put, _), marks)| {
                    let Put { key, value, .. } = put;
                    query
                        .bind(key.table.as_str())
                        .bind(key.id.as_str())
                        .bind(value.as_str())
                        .bind(marks.as_str())
                },
            )
            .await?;
    }
    Ok(())
}

fn is_as_expected(put: &Put, old: Option<&Old>) -> bool {
    match put.expect {
        Expect::Any => true,
        Expect::Absent => old.is_none(),
        Expect::Revision(revision) => old.is_some_and(|old| old.revision == revision),
    }
}

/// The rows that a batch touches as they are before it: of the puts, then of the deletes.
struct Touched(Vec<Option<Old>>);

struct Old {
    revision: u64,
    /// As the column holds them.
    marks: String,
}

impl Touched {
    fn read(found: &str, keys: usize) -> sqlx::Result<Self> {
        let mut rows: Vec<Option<Old>> = (0..keys).map(|_| None).collect();
        for (at, revision, marks) in parse::<Vec<(usize, u64, String)>>(found)? {
            if let Some(row) = rows.get_mut(at) {
                *row = Some(Old { revision, marks });
            }
        }
        Ok(Self(rows))
    }

    fn puts<'b, 't>(&'t self, batch: &'b Batch) -> impl Iterator<Item = (&'b Put, Option<&'t Old>)> {
        batch.puts.iter().zip(self.0.iter().map(Option::as_ref))
    }

    fn deletes<'a>(&self, batch: &'a Batch) -> impl Iterator<Item = (&'a Key, &Old)> {
        let old = self.0.iter().skip(batch.puts.len());
        batch.deletes.iter().zip(old).filter_map(|(key, old)| Some((key, old.as_ref()?)))
    }
}

/// What becomes of the marks: most puts change few of them or none.
struct MarkChange<'a> {
    /// Each with name, value, and table and id of its row.
    gone: Vec<(String, String, &'static str, &'a str)>,
    new: Vec<(&'a str, &'a str, &'static str, &'a str)>,
    /// The column of each put: sorted and each once, so that equal marks are equal texts.
    marks: Vec<String>,
}

impl<'a> MarkChange<'a> {
    fn of(batch: &'a Batch, touched: &Touched) -> sqlx::Result<Self> {
        let mut change = Self { gone: Vec::new(), new: Vec::new(), marks: Vec::new() };
        for (put, old) in touched.puts(batch) {
            let new: BTreeSet<_> = put.marks.iter().map(|mark| (mark.name, mark.value.as_str())).collect();
            let marks = json(&new);
            let old = old.map_or("[]", |old| old.marks.as_str());
            if marks != old {
                let old: BTreeSet<(String, String)> = parse(old)?;
                let had = |(name, value): (&str, &str)| old.contains(&(name.to_owned(), value.to_owned()));
                let (table, id) = (put.key.table.as_str(), put.key.id.as_str());
                let fresh = new.iter().filter(|mark| !had(**mark));
                change.new.extend(fresh.map(|(name, value)| (*name, *value, table, id)));
                let gone = old.iter().filter(|(name, value)| !new.contains(&(name.as_str(), value.as_str())));
                change.gone.extend(gone.map(|(name, value)| (name.clone(), value.clone(), table, id)));
            }
            change.marks.push(marks);
        }
        for (key, old) in touched.deletes(batch) {
            let gone = parse::<Vec<(String, String)>>(&old.marks)?.into_iter();
            change.gone.extend(gone.map(|(name, value)| (name, value, key.table.as_str(), key.id.as_str())));
        }
        // Neighbours in the index are written one after the other.
        change.new.sort_unstable();
        Ok(change)
    }
}

type Query = sqlx::query::Query<'static, Sqlite, SqliteArguments>;

/// An insert of many rows of four columns each, beside what all of them share, in as few statements as may be: handing
/// one over to SQLite's thread costs more than a row.
struct Insert {
    /// Up to the rows; what they share stands in it.
    head: &'static str,
    conflict: &'static str,
    texts: OnceLock<[String; SIZES.len()]>,
}

/// Few sizes, so that the prepared statements stay in the connection's cache. What is not filled counts as null.
const SIZES: [usize; 3] = [16, 64, 256];

impl Insert {
    const fn new(head: &'static str, conflict: &'static str) -> Self {
        Self { head, conflict, texts: OnceLock::new() }
    }

    async fn run<T: Sync>(
        &'static self,
        connection: &mut SqliteConnection,
        rows: &[T],
        shared: impl Fn(Query) -> Query + Sync,
        bind: impl Fn(Query, &T) -> Query + Sync,
    ) -> sqlx::Result<()> {
        let texts = self.texts.get_or_init(|| SIZES.map(|size| self.text(size)));
        let [.., largest] = SIZES;
        for chunk in rows.chunks(largest) {
            let fitting = SIZES.iter().take_while(|size| **size < chunk.len()).count();
            let query = shared(sqlx::query(texts[fitting].as_str()));
            chunk.iter().fold(query, &bind).execute(&mut *connection).await?;
        }
        Ok(())
    }

    /// Nothing but question marks depends on the rows.
    fn text(&self, rows: usize) -> String {
        let rows = vec!["(?,?,?,?)"; rows].join(",");
        format!("{} FROM (VALUES {rows}) WHERE column1 IS NOT NULL{}", self.head, self.conflict)
    }
}

/// A key as one text, which SQLite takes apart faster than a list: no table has a space in its name.
pub(super) fn place(key: &Key) -> String {
    format!("{} {}", key.table.as_str(), key.id)
}

pub(super) fn json(value: &impl Serialize) -> String {
    // Text, numbers and lists have no way to fail.
    serde_json::to_string(value).unwrap_or_default()
}

pub(super) fn parse<T: DeserializeOwned>(text: &str) -> sqlx::Result<T> {
    serde_json::from_str(text).map_err(|error| sqlx::Error::Decode(error.into()))
}
