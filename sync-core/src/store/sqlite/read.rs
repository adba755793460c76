//! Reads: each is one statement, and so sees one moment.
//!
//! Rows come as one JSON text: handing rows over one by one costs more than finding them.

use sqlx::sqlite::SqliteArguments;
use sqlx::{Sqlite, SqliteConnection};

use super::commit::{json, parse, place};
use crate::store::{Key, Mark, Over, Row, Scan, Table, Tenant};

const GET: &str = "
    SELECT json_group_array(json_array(wanted.key, old.value, old.revision))
    FROM json_each(?2) AS wanted
    CROSS JOIN stored_row AS old
        ON old.tenant = ?1
        AND old.tbl = substr(wanted.value, 1, instr(wanted.value, ' ') - 1)
        AND old.key = substr(wanted.value, instr(wanted.value, ' ') + 1)";

const MARKED: &str = "
    SELECT json_group_array(json_array(tbl, key, value, revision, ''))
    FROM stored_row
    WHERE id IN (
        SELECT old.id
        FROM json_each(?2) AS wanted
        CROSS JOIN mark
            ON mark.tenant = ?1
            AND mark.name = substr(wanted.value, 1, instr(wanted.value, ' ') - 1)
            AND mark.value = substr(wanted.value, instr(wanted.value, ' ') + 1)
        CROSS JOIN stored_row AS old
            ON old.tenant = ?1 AND old.tbl = mark.tbl AND old.key = mark.key)";

// The bounds of a scan are one lower and one upper end of one index, so that a page is one walk along it wherever
// it starts. `?4` is an empty blob where the range has no end: SQLite sorts every blob behind every text.

pub(super) const SCAN_TABLE: &str = "
    SELECT json_group_array(json_array(tbl, key, value, revision, ''))
    FROM (
        SELECT tbl, key, value, revision
        FROM stored_row
        WHERE tenant = ?1 AND tbl = ?2 AND key >= ?3 AND key < ifnull(?4, x'')
        ORDER BY key
        LIMIT ?5)";

pub(super) const COUNT_TABLE: &str = "
    SELECT count(*)
    FROM stored_row
    WHERE tenant = ?1 AND tbl = ?2 AND key >= ?3 AND key < ifnull(?4, x'')";

pub(super) const SCAN_MARK: &str = "
    SELECT json_group_array(json_array(tbl, key, value, revision, mark))
    FROM (
        SELECT old.tbl, old.key, old.value, old.revision, mark.value AS mark
        FROM mark
        CROSS JOIN stored_row AS old
            ON old.tenant = ?1 AND old.tbl = mark.tbl AND old.key = mark.key
        WHERE mark.tenant = ?1 AND mark.name = ?2
            AND (mark.value, mark.tbl, mark.key) >= (?3, ?6, ?7) AND mark.value < ifnull(?4, x'')
        ORDER BY mark.value, mark.tbl, mark.key
        LIMIT ?5)";

pub(super) const COUNT_MARK: &str = "
    SELECT count(*)
    FROM mark
    WHERE tenant = ?1 AND name = ?2
        AND (value, tbl, key) >= (?3, ?6, ?7) AND value < ifnull(?4, x'')";

pub(super) async fn get(
    connection: &mut SqliteConnection,
    tenant: &Tenant,
    keys: &[Key],
) -> sqlx::Result<Vec<Option<Row>>> {
    let wanted: Vec<_> = keys.iter().map(place).collect();
    let found: String =
        sqlx::query_scalar(GET).bind(tenant.as_str()).bind(json(&wanted)).fetch_one(connection).await?;
    let mut rows = vec![None; keys.len()];
    for (at, value, revision) in parse::<Vec<(usize, String, u64)>>(&found)? {
        if let (Some(key), Some(row)) = (keys.get(at), rows.get_mut(at)) {
            *row = Some(Row { key: key.clone(), value, revision, mark: String::new() });
        }
    }
    Ok(rows)
}

pub(super) async fn marked(
    connection: &mut SqliteConnection,
    tenant: &Tenant,
    marks: &[Mark],
) -> sqlx::Result<Vec<Row>> {
    let wanted: Vec<_> = marks.iter().map(|mark| format!("{} {}", mark.name, mark.value)).collect();
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
    let (from, table, id) = start(scan);
    let to = (!scan.to.is_empty()).then(|| scan.to.clone());
    let limit = i64::try_from(scan.limit).unwrap_or(i64::MAX);
    let query = query.bind(tenant.as_str().to_owned()).bind(name).bind(from).bind(to).bind(limit);
    match scan.over {
        Over::Table(_) => query,
        Over::Mark(_) => query.bind(table).bind(id),
    }
}

/// The first place that the scan may answer with: the id or the value of the mark, and in a scan by mark the key.
fn start(scan: &Scan) -> (String, &'static str, String) {
    let Some(after) = &scan.after else { return (scan.from.clone(), "", String::new()) };
    // The least text behind an id is the id and a NUL.
    let id = format!("{}\0", after.key.id);
    match scan.over {
        Over::Table(_) => (id.max(scan.from.clone()), "", String::new()),
        Over::Mark(_) if after.mark < scan.from => (scan.from.clone(), "", String::new()),
        Over::Mark(_) => (after.mark.clone(), after.key.table.as_str(), id),
    }
}

/// Rows as a statement puts them together: table, id, content, revision, mark.
fn rows(found: &str) -> sqlx::Result<Vec<Row>> {
    let rows: Vec<(String, String, String, u64, String)> = parse(found)?;
    let row = |(name, id, value, revision, mark): (String, _, _, _, _)| {
        let table = Table::ALL.into_iter().find(|table| table.as_str() == name);
        let table = table.ok_or_else(|| sqlx::Error::Decode(format!("there is no table {name}").into()))?;
        Ok(Row { key: Key { table, id }, value, revision, mark })
    };
    rows.into_iter().map(row).collect()
}
