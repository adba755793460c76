use std::collections::BTreeMap;

use async_trait::async_trait;
use crm_adapters::{
    Adapter, Capabilities, Change, Cursor, Error, ErrorKind, Key, Kind, NewField, Outcome, Pace, Page,
    Record, RecordId, Result, Schema, Usage, Value, View, Write,
};
use exact_client::{
    Account, Client, Deleted, DivisionApi, DivisionId, Entity, EntityType, Filter, Guid, Resource, Row,
    WallTime,
};
use futures_util::StreamExt;

use super::cursor::{Place, Turn};
use super::error::neutral;
use super::{value, write};

/// How many ids one filter names: the address must stay below what Exact takes.
const IDS_A_CALL: usize = 20;
/// How many writes may usefully be under way at once.
const CONCURRENCY: usize = 8;

/// One division of Exact Online as a side of a sync. Companies are its accounts.
///
/// A poll of a division where nothing happened costs two calls: the feed of accounts, and that of deletions. The
/// feeds deliver 1,000 records a call.
#[derive(Clone, Debug)]
pub struct ExactAdapter {
    client: Client,
    division: DivisionApi,
    moved: Option<WallTime>,
    max_lengths: BTreeMap<String, usize>,
}

impl ExactAdapter {
    /// The side that this division is. `moved` is its `DivisionMoveDate` as read just now: when it changes, the
    /// feeds start over.
    #[must_use]
    pub fn new(client: Client, division: DivisionId, moved: Option<WallTime>) -> Self {
        let division = client.division(division);
        Self { client, division, moved, max_lengths: BTreeMap::new() }
    }

    /// Replaces what is assumed of the length of texts, by property, in characters. Exact does not publish it.
    #[must_use]
    pub fn max_lengths(mut self, lengths: BTreeMap<String, usize>) -> Self {
        self.max_lengths = lengths;
        self
    }

    async fn records(&self, view: &View, mut place: Place) -> Result<Page> {
        let api = self.division.resource(resource(view.kind)?);
        let rows = api.feed(place.records, &view.fields).map_err(neutral)?;
        let mut page = rows.page(None).await.map_err(neutral)?;
        let mut all = std::mem::take(&mut page.items);
        while let Some(next) = page.next.take_if(|_| !can_go_on(all.iter().map(timestamp), place.records)) {
            page = rows.page(Some(&next)).await.map_err(neutral)?;
            all.append(&mut page.items);
        }
        let more = page.next.is_some();
        place.records = all.iter().filter_map(timestamp).fold(place.records, i64::max);
        if !more {
            place.turn = Turn::Deleted;
        }
        let changes =
            latest(all).map(|row| Ok(Change::Present(record(view, row)?))).collect::<Result<_>>()?;
        Ok(Page { changes, cursor: place.to_cursor()?, more: true })
    }

    async fn deletions(&self, mut place: Place) -> Result<Page> {
        let list = self.division.deleted(place.deleted, EntityType::Account);
        let mut page = list.page(None).await.map_err(neutral)?;
        let mut all = std::mem::take(&mut page.items);
        let at = |all: &[Deleted], after| can_go_on(all.iter().map(|deleted| deleted.timestamp), after);
        while let Some(next) = page.next.take_if(|_| !at(&all, place.deleted)) {
            page = list.page(Some(&next)).await.map_err(neutral)?;
            all.append(&mut page.items);
        }
        place.deleted = all.iter().filter_map(|deleted| deleted.timestamp).fold(place.deleted, i64::max);
        let more = page.next.is_some();
        if !more {
            place.turn = Turn::Records;
        }
        let ids = all.iter().filter_map(|deleted| deleted.entity_key);
        let changes = ids.map(|id| Change::Deleted(RecordId::new(id.to_string()))).collect();
        Ok(Page { changes, cursor: place.to_cursor()?, more })
    }

    /// The records that meet a condition, by filter: a miss is an empty list, whereas a read by key would be a 404,
    /// which counts towards Exact's error limit.
    async fn filtered(&self, view: &View, filter: &Filter<Row>) -> Result<Vec<Record>> {
        let api = self.division.resource(resource(view.kind)?);
        let rows = api.list(&view.fields).map_err(neutral)?.filter(filter);
        let rows = rows.all().await.map_err(neutral)?;
        rows.into_iter().map(|row| record(view, row)).collect()
    }

    /// The record as it is stored; `None` where it does not exist.
    pub(super) async fn stored(&self, view: &View, id: Guid) -> Result<Option<Record>> {
        let api = self.division.resource(resource(view.kind)?);
        let filter = api.equals("ID", &exact_client::Value::Guid(id)).map_err(neutral)?;
        Ok(self.filtered(view, &filter).await?.pop())
    }

    pub(super) fn division(&self) -> &DivisionApi {
        &self.division
    }
}

#[async_trait]
impl Adapter for ExactAdapter {
    fn capabilities(&self, kind: Kind) -> Capabilities {
        if resource(kind).is_err() {
            return Capabilities::read_only();
        }
        let mut capabilities = Capabilities::read_write(CONCURRENCY);
        capabilities.deletes_visible = true;
        capabilities
    }

    fn pace(&self, _kind: Kind) -> Pace {
        match self.client.pace(self.division.id()) {
            exact_client::Pace::Ready(calls) => Pace::Ready(calls),
            exact_client::Pace::Wait(wait) => Pace::Wait(wait),
            exact_client::Pace::Spent(until) => Pace::Spent(until),
        }
    }

    fn usage(&self) -> Usage {
        let used = self.client.usage(self.division.id());
        let mut usage = Usage::default();
        usage.calls = used.calls;
        usage.day_limit = Some(used.day_limit);
        usage.day_left = Some(used.day_left);
        usage.minute_limit = Some(used.minute_limit);
        usage.write_cost = 1;
        usage
    }

    async fn schema(&self, kind: Kind) -> Result<Schema> {
        let properties = resource(kind)?.properties().iter();
        Ok(Schema::new(
            properties.map(|property| value::field(property, self.max_lengths.get(property.name()).copied())),
        ))
    }

    async fn create_fields(&self, _kind: Kind, fields: &[NewField]) -> Result<()> {
        match fields.first() {
            None => Ok(()),
            Some(field) => {
                let message = format!("Exact takes no custom field ({}) through this adapter", field.label);
                Err(Error::new(ErrorKind::Unsupported, message))
            }
        }
    }

    async fn changes(&self, view: &View, after: Option<&Cursor>) -> Result<Page> {
        let place = Place::of(after, self.moved)?;
        match place.turn {
            Turn::Records => self.records(view, place).await,
            Turn::Deleted => self.deletions(place).await,
        }
    }

    async fn get(&self, view: &View, ids: &[RecordId]) -> Result<Vec<Record>> {
        let api = self.division.resource(resource(view.kind)?);
        let ids: Vec<Guid> = ids.iter().filter_map(|id| id.as_str().parse().ok()).collect();
        let mut records = Vec::with_capacity(ids.len());
        for ids in ids.chunks(IDS_A_CALL) {
            let filters = ids.iter().map(|id| api.equals("ID", &exact_client::Value::Guid(*id)));
            let filters: Vec<_> = filters.collect::<Result<_, _>>().map_err(neutral)?;
            if let Some(filter) = Filter::any(filters) {
                records.extend(self.filtered(view, &filter).await?);
            }
        }
        Ok(records)
    }

    async fn find(&self, view: &View, key: &Key) -> Result<Vec<Record>> {
        let resource = resource(view.kind)?;
        let property = resource.property(&key.field).filter(|property| property.is_filterable());
        let property = property.ok_or_else(|| {
            Error::new(ErrorKind::Unsupported, "Exact cannot filter by this property").with_field(&key.field)
        })?;
        // What the property cannot hold, or an empty value, is no key of anything.
        let Some(wanted) = value::exact(property, &key.value).filter(|_| !key.value.is_empty()) else {
            return Ok(Vec::new());
        };
        let filter = self.division.resource(resource).equals(&key.field, &wanted).map_err(neutral)?;
        self.filtered(view, &filter).await
    }

    async fn write(&self, view: &View, writes: Vec<Write>) -> Vec<Outcome> {
        let sent = writes.into_iter().map(|one| write::write(self, view, one));
        futures_util::stream::iter(sent).buffered(CONCURRENCY).collect().await
    }
}

/// The resource that holds records of a kind.
pub(super) fn resource(kind: Kind) -> Result<&'static Resource> {
    match kind {
        Kind::Company => Ok(Account::RESOURCE),
        other => Err(Error::new(
            ErrorKind::Unsupported,
            format!("Exact is not read for records of kind {other} yet"),
        )),
    }
}

/// A row as a record of the fields that the view names.
pub(super) fn record(view: &View, row: Row) -> Result<Record> {
    let id =
        row.guid("ID").ok_or_else(|| Error::new(ErrorKind::Decode, "Exact sent a record without an ID"))?;
    let revision = timestamp(&row);
    let wanted =
        row.into_iter().filter(|(property, _)| view.fields.iter().any(|name| name == property.name()));
    let fields: BTreeMap<String, Value> = wanted
        .map(|(property, value)| (property.name().to_owned(), value::neutral(property, value)))
        .collect();
    let fields = fields.into_iter().collect();
    Ok(Record { kind: view.kind, id: RecordId::new(id.to_string()), fields, revision })
}

/// Each record once, as its highest timestamp has it, in the order of the timestamps.
fn latest(rows: Vec<Row>) -> impl Iterator<Item = Row> {
    let mut by_id: BTreeMap<Option<Guid>, Row> = BTreeMap::new();
    for row in rows {
        let id = row.guid("ID");
        if by_id.get(&id).is_none_or(|known| timestamp(known) <= timestamp(&row)) {
            by_id.insert(id, row);
        }
    }
    let mut rows: Vec<Row> = by_id.into_values().collect();
    rows.sort_by_key(timestamp);
    rows.into_iter()
}

/// Whether the next page can be asked for by the highest timestamp. That skips nothing if the rows came in order.
/// They do, but it is nowhere promised; where they do not, and on an empty page, Exact's own link is followed.
fn can_go_on(timestamps: impl Iterator<Item = Option<i64>>, after: i64) -> bool {
    let mut highest = Some(after);
    let mut rows = 0;
    let ascending = timestamps
        .inspect(|_| rows += 1)
        .all(|timestamp| timestamp >= std::mem::replace(&mut highest, timestamp));
    ascending && rows > 0 && highest > Some(after)
}

fn timestamp(row: &Row) -> Option<i64> {
    row.int("Timestamp")
}
