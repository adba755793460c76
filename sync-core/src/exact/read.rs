//! Reading by filter: a miss is an empty list, whereas a read by key would be a 404, which counts towards Exact's error
//! limit.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use crm_adapters::{Error, ErrorKind, Record, RecordId, Result, Value, View};
use exact_client::{Edm, Filter, Guid, Resource, Row, Value as Exact, WallTime};

use super::adapter::ExactAdapter;
use super::derive::Source;
use super::derived::{MADE_OF, is_derived};
use super::error::neutral;
use super::kept::Kept;
use super::kinds::{Shape, asks_for};
use super::value;

const MODIFIED: &str = "Modified";

/// How many values one filter names: the address must stay below what Exact takes.
pub(super) const VALUES_A_CALL: usize = 20;

/// Which list to read.
#[derive(Clone, Copy, Debug)]
pub(super) enum List {
    /// 60 rows a page, every property.
    Plain,
    /// 1,000 rows a page, fewer properties and filters.
    Bulk,
}

impl ExactAdapter {
    /// The records whose property has one of these values, with their derived fields. Costs one call per 20 values, and
    /// what the derived fields cost.
    pub(super) async fn records_by(
        &self,
        shape: &Shape,
        view: &View,
        source: Source,
        property: &str,
        values: &[Exact],
    ) -> Result<Vec<Record>> {
        let select = with_modified(own_fields(shape, view));
        let rows = self.rows_by(shape.resource, List::Plain, &select, property, values).await?;
        let records = rows.into_iter().map(|row| record(shape, view, row)).collect::<Result<Vec<_>>>()?;
        let mut by_id: BTreeMap<RecordId, Record> =
            records.into_iter().map(|record| (record.id.clone(), record)).collect();
        let mut records: Vec<Record> = std::mem::take(&mut by_id).into_values().collect();
        self.derive(shape, view, source, &mut records).await?;
        Ok(records)
    }

    /// The record as it is stored; `None` where it does not exist.
    pub(super) async fn stored(&self, shape: &Shape, view: &View, id: Guid) -> Result<Option<Record>> {
        Ok(self.records_by(shape, view, Source::Now, shape.key(), &[Exact::Guid(id)]).await?.pop())
    }

    /// The parts whose property has one of these values, as their feed told them. Where it was never read to its end they
    /// are read from that resource, at the cost of [`rows_by`](Self::rows_by).
    pub(super) async fn parts_by(
        &self,
        kept: &'static Kept,
        (resource, select): (&'static Resource, &[&str]),
        property: &str,
        values: &[Exact],
    ) -> Result<Vec<Row>> {
        match self.parts().by(kept, property, values).await? {
            Some(rows) => Ok(rows),
            None => {
                let list = if resource.bulk().is_some() { List::Bulk } else { List::Plain };
                self.rows_by(resource, list, select, property, values).await
            }
        }
    }

    /// Rows of any resource whose property has one of these values. Costs one call per 20 values and page.
    pub(super) async fn rows_by(
        &self,
        resource: &'static Resource,
        list: List,
        select: &[&str],
        property: &str,
        values: &[Exact],
    ) -> Result<Vec<Row>> {
        let api = self.division().resource(resource);
        let mut rows = Vec::new();
        for values in values.chunks(VALUES_A_CALL) {
            let filters = values.iter().map(|value| api.equals(property, value));
            let filters = filters.collect::<Result<Vec<_>, _>>().map_err(neutral)?;
            let Some(filter) = Filter::any(filters) else { continue };
            let found = match list {
                List::Plain => api.list(select),
                List::Bulk => api.bulk(select),
            };
            rows.extend(found.map_err(neutral)?.filter(&filter).all().await.map_err(neutral)?);
        }
        Ok(rows)
    }
}

/// The fields of a view that are Exact's own, without the lines; and those that derived ones are worked out from.
pub(super) fn own_fields<'a>(shape: &Shape, view: &'a View) -> Vec<&'a str> {
    let lines = shape.lines.as_ref().map(|lines| lines.property);
    let own = view.fields.iter().map(String::as_str);
    let mut own: Vec<&str> = own.filter(|name| !is_derived(name) && Some(*name) != lines).collect();
    for made in MADE_OF.iter().filter(|made| asks_for(&view.fields, made.field)) {
        own.extend(made.own.iter().filter(|name| !view.fields.iter().any(|field| field == *name)));
    }
    own.sort_unstable();
    own.dedup();
    own
}

/// A row as a record of the fields that the view names.
pub(super) fn record(shape: &Shape, view: &View, row: Row) -> Result<Record> {
    let id = row
        .guid(shape.key())
        .ok_or_else(|| Error::new(ErrorKind::Decode, "Exact sent a record without its id"))?;
    let (revision, changed_at) = (timestamp(&row), changed_at(&row));
    let own = own_fields(shape, view);
    let wanted = row
        .into_iter()
        .filter(|(property, _)| property.edm() != Edm::Lines && own.contains(&property.name()));
    let fields: BTreeMap<String, Value> = wanted
        .map(|(property, value)| (property.name().to_owned(), value::neutral(property, value)))
        .collect();
    let fields = fields.into_iter().collect();
    Ok(Record { kind: view.kind, id: RecordId::new(id.to_string()), fields, revision, changed_at })
}

/// Properties to read, and the one that tells when the record was changed last.
pub(super) fn with_modified(mut select: Vec<&str>) -> Vec<&str> {
    if !select.contains(&MODIFIED) {
        select.push(MODIFIED);
    }
    select
}

/// When a row was changed last; of an hour that Exact's clock shows twice, in the second one.
fn changed_at(row: &Row) -> Option<DateTime<Utc>> {
    let Some(Exact::Moment(shown)) = row.get(MODIFIED) else { return None };
    let first = shown.to_utc();
    let second = first + TimeDelta::hours(1);
    Some(if WallTime::from_utc(second) == *shown { second } else { first })
}

pub(super) fn timestamp(row: &Row) -> Option<i64> {
    row.int("Timestamp")
}
