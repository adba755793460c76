//! Reads: each is one statement, and so sees one moment.
//!
//! Rows come as [`Pieces`].

use std::borrow::Cow;

use sqlx::sqlite::SqliteArguments;
use sqlx::{Sqlite, SqliteConnection};

use super::commit::{json, mark, place};
use super::pieces::Pieces;
use crate::store::{After, Key, Mark, Over, Row, Scan, Table, Tenant};

const GET: &str = "
    SELECT ifnull(group_concat(concat(
        wanted.key, ' ', old.revision, ' ', octet_length(old.value), ' ', old.value), ''), '')
    FROM json_each(?2) AS wanted
    CROSS JOIN stored_row AS old ON old.tenant = ?1 AND old.key = wanted.value";

const MARKED: &str = "
    SELECT ifnull(group_concat(concat(
        octet_length(key), ' ', key, octet_length(value), ' ', value, revision, ' 0 '), ''), '')
    FROM stored_row
    WHERE id IN (
        SELECT old.id
        FROM json_each(?2) AS wanted
        CROSS JOIN mark ON mark.tenant = ?1 AND mark.mark = wanted.value
        CROSS JOIN stored_row AS old ON old.tenant = ?1 AND old.key = mark.key)";

// The bounds of a scan are one lower and one upper end of one index, so that a page is one walk along it wherever
// it starts.

pub(super) const SCAN_TABLE: &str = "
    SELECT ifnull(group_concat(concat(
        octet_length(key), ' ', key, octet_length(value), ' ', value, revision, ' 0 '), ''), '')
    FROM (
        SELECT key, value, revision
        FROM stored_row
        WHERE tenant = ?1 AND key >= ?2 AND key < ?3
        ORDER BY key
        LIMIT ?4)";

pub(super) const COUNT_TABLE: &str =
    "SELECT count(*) FROM stored_row WHERE tenant = ?1 AND key >= ?2 AND key < ?3";

pub(super) const SCAN_MARK: &str = "
    SELECT ifnull(group_concat(concat(
        octet_length(key), ' ', key, octet_length(value), ' ', value, revision, ' ',
        octet_length(mark), ' ', mark), ''), '')
    FROM (
        SELECT old.key, old.value, old.revision, mark.mark
        FROM mark
        CROSS JOIN stored_row AS old ON old.tenant = ?1 AND old.key = mark.key
        WHERE mark.tenant = ?1 AND (mark.mark, mark.key) >= (?2, ?5) AND mark.mark < ?3
        ORDER BY mark.mark, mark.key
        LIMIT ?4)";

pub(super) const COUNT_MARK: &str =
    "SELECT count(*) FROM mark WHERE tenant = ?1 AND (mark, key) >= (?2, ?5) AND mark < ?3";

pub(super) async fn get(
    connection: &mut SqliteConnection,
    tenant: &Tenant,
    keys: &[Key],
) -> sqlx::Result<Vec<Option<Row>>> {
    let wanted: Vec<_> = keys.iter().map(place).collect();
    let found: String =
        sqlx::query_scalar(GET).bind(tenant.as_str()).bind(json(&wanted)).fetch_one(connection).await?;
    let mut rows = vec![None; keys.len()];
    let mut found = Pieces::new(&found);
    while !found.is_empty() {
        let (at, revision, value) = (found.number()?, found.number()?, found.text()?);
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        if let (Some(key), Some(row)) = (keys.get(at), rows.get_mut(at)) {
            *row = Some(Row { key: key.clone(), value: value.to_owned(), revision, mark: String::new() });
        }
    }
    Ok(rows)
}

pub(super) async fn marked(
    connection: &mut SqliteConnection,
    tenant: &Tenant,
    marks: &[Mark],
) -> sqlx::Result<Vec<Row>> {
    let wanted: Vec<_> = marks.iter().map(|wanted| mark(wanted.name, &wanted.value)).collect();
    let found: String =
        sqlx::query_scalar(MARKED).bind(tenant.as_str()).bind(json(&wanted)).fetch_one(connection).await?;
    let mut rows = rows(&found)?;
    rows.sort_unstable_by(|one, other| one.key.cmp(&other.key));
    Ok(rows)
}

pub(super) async fn scan(
    connection: &mut SqliteConnection,
    tenant: &Tenant,
    scan: &Scan,
) -> sqlx::Result<Vec<Row>> {
    let statement = match scan.over {
        Over::Table(_) => SCAN_TABLE,
        Over::Mark(_) => SCAN_MARK,
    };
    let found: String = bounds(sqlx::query_scalar(statement), tenant, scan).fetch_one(connection).await?;
    rows(&found)
}

pub(super) async fn count(
    connection: &mut SqliteConnection,
    tenant: &Tenant,
    scan: &Scan,
) -> sqlx::Result<u64> {
    let statement = match scan.over {
        Over::Table(_) => COUNT_TABLE,
        Over::Mark(_) => COUNT_MARK,
    };
    let count: i64 = bounds(sqlx::query_scalar(statement), tenant, scan).fetch_one(connection).await?;
    Ok(count.cast_unsigned())
}

type Query<T> = sqlx::query::QueryScalar<'static, Sqlite, T, SqliteArguments>;

fn bounds<T>(query: Query<T>, tenant: &Tenant, scan: &Scan) -> Query<T> {
    let name = match scan.over {
        Over::Table(table) => table.as_str(),
        Over::Mark(name) => name,
    };
    let (from, key) = start(scan);
    // A space is what comes before an exclamation mark.
    let to = if scan.to.is_empty() { format!("{name}!") } else { mark(name, &scan.to) };
    let limit = i64::try_from(scan.limit).unwrap_or(i64::MAX);
    let query = query.bind(tenant.as_str().to_owned()).bind(mark(name, &from)).bind(to).bind(limit);
    match scan.over {
        Over::Table(_) => query,
        Over::Mark(_) => query.bind(key),
    }
}

/// The first place that the scan may answer with: the id or the value of the mark, and in a scan by mark the key.
fn start(scan: &Scan) -> (Cow<'_, str>, String) {
    let from = Cow::Borrowed(scan.from.as_str());
    let Some(After { mark, key }) = &scan.after else { return (from, String::new()) };
    // The least text behind a key is the key and a NUL.
    match scan.over {
        Over::Table(_) => (from.max(Cow::Owned(format!("{}\0", key.id))), String::new()),
        Over::Mark(_) if *mark < scan.from => (from, String::new()),
        Over::Mark(_) => (Cow::Borrowed(mark), format!("{}\0", place(key))),
    }
}

/// Rows as a statement puts them together: key, content, revision, mark.
fn rows(found: &str) -> sqlx::Result<Vec<Row>> {
    let mut found = Pieces::new(found);
    let mut rows = Vec::new();
    while !found.is_empty() {
        let (key, value, revision) = (found.text()?, found.text()?.to_owned(), found.number()?);
        let (_, mark) = found.text()?.split_once(' ').unwrap_or_default();
        rows.push(Row { key: key_at(key)?, value, revision, mark: mark.to_owned() });
    }
    Ok(rows)
}

/// The key that the column holds.
fn key_at(place: &str) -> sqlx::Result<Key> {
    let (name, id) = place.split_once(' ').unwrap_or((place, ""));
    let table = Table::ALL.into_iter().find(|table| table.as_str() == name);
    let table = table.ok_or_else(|| sqlx::Error::Decode(format!("there is no table {name}").into()))?;
    Ok(Key::new(table, id))
}
