//! Reads, each of which is one statement and so sees one moment.

use std::collections::HashMap;

use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row as _};

use super::error::{self, Doing};
use crate::store::column::{end, key_of, mark, place, scanned, value_of};
use crate::store::{After, Key, Mark, Over, Result, Row, Scan, Tenant};

const GET: &str = "
    SELECT found.key, found.value, found.revision
    FROM unnest($2::text[]) AS wanted (key)
    CROSS JOIN LATERAL (
        SELECT key, value, revision FROM sync_row WHERE tenant = $1 AND key = wanted.key OFFSET 0) AS found";

const MARKED: &str = "
    SELECT found.key, found.value, found.revision
    FROM (
        SELECT DISTINCT bearing.key
        FROM unnest($2::text[]) AS wanted (mark)
        CROSS JOIN LATERAL (
            SELECT key FROM sync_mark WHERE tenant = $1 AND mark = wanted.mark OFFSET 0) AS bearing) AS bearing
    CROSS JOIN LATERAL (
        SELECT key, value, revision FROM sync_row WHERE tenant = $1 AND key = bearing.key OFFSET 0) AS found
    ORDER BY found.key";

const SCAN_TABLE: &str = "
    SELECT key, value, revision
    FROM sync_row
    WHERE tenant = $1 AND key >= $2 AND key > $3 AND key < $4
    ORDER BY key
    LIMIT $5";

const COUNT_TABLE: &str =
    "SELECT count(*) FROM sync_row WHERE tenant = $1 AND key >= $2 AND key > $3 AND key < $4";

// The page is found in the index alone; then come its rows.
const SCAN_MARK: &str = "
    SELECT found.key, found.value, found.revision, page.mark
    FROM (
        SELECT mark, key
        FROM sync_mark
        WHERE tenant = $1 AND mark >= $2 AND (mark, key) > ($3, $4) AND mark < $5
        ORDER BY mark, key
        LIMIT $6) AS page
    CROSS JOIN LATERAL (
        SELECT key, value, revision FROM sync_row WHERE tenant = $1 AND key = page.key OFFSET 0) AS found
    ORDER BY page.mark, page.key";

const COUNT_MARK: &str = "
    SELECT count(*)
    FROM sync_mark
    WHERE tenant = $1 AND mark >= $2 AND (mark, key) > ($3, $4) AND mark < $5";

pub(super) async fn get(pool: PgPool, tenant: Tenant, keys: Vec<Key>) -> Result<Vec<Option<Row>>> {
    let places: Vec<String> = keys.iter().map(place).collect();
    let found = sqlx::query(GET).bind(tenant.as_str()).bind(places).fetch_all(&pool).await;
    let rows = found.and_then(|rows| rows.iter().map(read).collect::<sqlx::Result<Vec<_>>>());
    let rows = rows.map_err(|error| error::of(Doing::Read, error))?;
    let rows: HashMap<_, _> = rows.into_iter().map(|row| (row.key.clone(), row)).collect();
    Ok(keys.iter().map(|key| rows.get(key).cloned()).collect())
}

pub(super) async fn marked(pool: PgPool, tenant: Tenant, marks: Vec<Mark>) -> Result<Vec<Row>> {
    let marks: Vec<String> = marks.iter().map(|wanted| mark(wanted.name, &wanted.value)).collect();
    let found = sqlx::query(MARKED).bind(tenant.as_str()).bind(marks).fetch_all(&pool).await;
    let rows = found.and_then(|rows| rows.iter().map(read).collect());
    rows.map_err(|error| error::of(Doing::Read, error))
}

pub(super) async fn scan(pool: PgPool, tenant: Tenant, scan: Scan) -> Result<Vec<Row>> {
    let Bounds { from, after, to } = Bounds::of(&scan);
    let limit = i64::try_from(scan.limit).unwrap_or(i64::MAX);
    let found = match scan.over {
        Over::Table(_) => sqlx::query(SCAN_TABLE).bind(tenant.as_str()).bind(from).bind(after.key),
        Over::Mark(_) => {
            sqlx::query(SCAN_MARK).bind(tenant.as_str()).bind(from).bind(after.mark).bind(after.key)
        }
    };
    let found = found.bind(to).bind(limit).fetch_all(&pool).await;
    let read = |row: &PgRow| match scan.over {
        Over::Table(_) => read(row),
        Over::Mark(_) => Ok(Row { mark: value_of(row.try_get(3)?).to_owned(), ..read(row)? }),
    };
    let rows = found.and_then(|rows| rows.iter().map(read).collect());
    rows.map_err(|error| error::of(Doing::Read, error))
}

pub(super) async fn count(pool: PgPool, tenant: Tenant, scan: Scan) -> Result<u64> {
    let Bounds { from, after, to } = Bounds::of(&scan);
    let count = match scan.over {
        Over::Table(_) => sqlx::query_scalar(COUNT_TABLE).bind(tenant.as_str()).bind(from).bind(after.key),
        Over::Mark(_) => {
            sqlx::query_scalar(COUNT_MARK).bind(tenant.as_str()).bind(from).bind(after.mark).bind(after.key)
        }
    };
    let count: sqlx::Result<i64> = count.bind(to).fetch_one(&pool).await;
    count.map(i64::cast_unsigned).map_err(|error| error::of(Doing::Read, error))
}

/// The ends of a scan, as the columns hold them.
struct Bounds {
    from: String,
    /// Behind this, and empty for no such end.
    after: Place,
    to: String,
}

#[derive(Default)]
struct Place {
    mark: String,
    key: String,
}

impl Bounds {
    fn of(scan: &Scan) -> Self {
        let name = scanned(scan);
        let after = scan
            .after
            .as_ref()
            .map(|after: &After| Place { mark: mark(name, &after.mark), key: place(&after.key) });
        Self { from: mark(name, &scan.from), after: after.unwrap_or_default(), to: end(scan) }
    }
}

/// A row as the statements give it: key, content, revision.
fn read(row: &PgRow) -> sqlx::Result<Row> {
    let key = key_of(row.try_get(0)?).map_err(|name| {
        let unknown = format!("there is no table {name}");
        sqlx::Error::ColumnDecode { index: "key".to_owned(), source: unknown.into() }
    })?;
    let revision = row.try_get::<i64, _>(2)?.cast_unsigned();
    Ok(Row { key, value: row.try_get(1)?, revision, mark: String::new() })
}
