//! Reads, each of which sees one moment.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension};

use crate::store::column::{end, key_of, mark, place, scanned, value_of};
use crate::store::{After, Key, Mark, Over, Row, Scan, Tenant};

const GET: &str = "SELECT value, revision FROM stored_row WHERE tenant = ?1 AND key = ?2";

const MARKED: &str = "
    SELECT old.key, old.value, old.revision
    FROM mark
    CROSS JOIN stored_row AS old ON old.tenant = ?1 AND old.key = mark.key
    WHERE mark.tenant = ?1 AND mark.mark = ?2";

// The bounds of a scan are one lower and one upper end of one index, so that a page is one walk along it wherever
// it starts.

pub(super) const SCAN_TABLE: &str = "
    SELECT key, value, revision
    FROM stored_row
    WHERE tenant = ?1 AND key >= ?2 AND key < ?3
    ORDER BY key
    LIMIT ?4";

pub(super) const COUNT_TABLE: &str =
    "SELECT count(*) FROM stored_row WHERE tenant = ?1 AND key >= ?2 AND key < ?3";

pub(super) const SCAN_MARK: &str = "
    SELECT old.key, old.value, old.revision, mark.mark
    FROM mark
    CROSS JOIN stored_row AS old ON old.tenant = ?1 AND old.key = mark.key
    WHERE mark.tenant = ?1 AND (mark.mark, mark.key) >= (?2, ?5) AND mark.mark < ?3
    ORDER BY mark.mark, mark.key
    LIMIT ?4";

pub(super) const COUNT_MARK: &str =
    "SELECT count(*) FROM mark WHERE tenant = ?1 AND (mark, key) >= (?2, ?4) AND mark < ?3";

pub(super) fn get(
    connection: &mut Connection,
    tenant: &Tenant,
    keys: Vec<Key>,
) -> rusqlite::Result<Vec<Option<Row>>> {
    let moment = connection.transaction()?;
    let mut found = moment.prepare_cached(GET)?;
    let rows = keys.into_iter().map(|key| {
        let held = found.query_row((tenant.as_str(), place(&key)), |row| Ok((row.get(0)?, row.get(1)?)));
        let row = |(value, revision): (String, i64)| Row {
            key,
            value,
            revision: revision.cast_unsigned(),
            mark: String::new(),
        };
        held.optional().map(|held| held.map(row))
    });
    rows.collect()
}

pub(super) fn marked(
    connection: &mut Connection,
    tenant: &Tenant,
    marks: &[Mark],
) -> rusqlite::Result<Vec<Row>> {
    let moment = connection.transaction()?;
    let mut found = moment.prepare_cached(MARKED)?;
    let mut rows = BTreeMap::new();
    for wanted in marks {
        for row in found.query_map((tenant.as_str(), mark(wanted.name, &wanted.value)), read)? {
            let row = row?;
            rows.insert(row.key.clone(), row);
        }
    }
    Ok(rows.into_values().collect())
}

pub(super) fn scan(connection: &Connection, tenant: &Tenant, scan: &Scan) -> rusqlite::Result<Vec<Row>> {
    let Bounds { from, to, key } = Bounds::of(scan);
    let (tenant, limit) = (tenant.as_str(), i64::try_from(scan.limit).unwrap_or(i64::MAX));
    match scan.over {
        Over::Table(_) => {
            connection.prepare_cached(SCAN_TABLE)?.query_map((tenant, from, to, limit), read)?.collect()
        }
        Over::Mark(_) => {
            let mut found = connection.prepare_cached(SCAN_MARK)?;
            let rows = found.query_map((tenant, from, to, limit, key), |row| {
                let mark: String = row.get(3)?;
                Ok(Row { mark: value_of(&mark).to_owned(), ..read(row)? })
            })?;
            rows.collect()
        }
    }
}

pub(super) fn count(connection: &Connection, tenant: &Tenant, scan: &Scan) -> rusqlite::Result<u64> {
    let Bounds { from, to, key } = Bounds::of(scan);
    let count = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
    let count = match scan.over {
        Over::Table(_) => {
            connection.prepare_cached(COUNT_TABLE)?.query_row((tenant.as_str(), from, to), count)
        }
        Over::Mark(_) => {
            connection.prepare_cached(COUNT_MARK)?.query_row((tenant.as_str(), from, to, key), count)
        }
    };
    count.map(i64::cast_unsigned)
}

/// The ends of a scan, as the columns hold them.
struct Bounds {
    from: String,
    to: String,
    /// In a scan by mark, the first key that it may answer with under the first mark.
    key: String,
}

impl Bounds {
    fn of(scan: &Scan) -> Self {
        let (from, key) = start(scan);
        Self { from: mark(scanned(scan), &from), to: end(scan), key }
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

/// A row as the statements give it: key, content, revision.
fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    let key = key_of(row.get_ref(0)?.as_str()?).map_err(|name| {
        let unknown = format!("there is no table {name}");
        rusqlite::Error::FromSqlConversionFailure(0, Type::Text, unknown.into())
    })?;
    Ok(Row { key, value: row.get(1)?, revision: row.get::<_, i64>(2)?.cast_unsigned(), mark: String::new() })
}
