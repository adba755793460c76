//! Following the feeds of a division: those of the parts, that of the records, that of deletions.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use crm_adapters::{Change, Page, Record, RecordId, Result, View};
use exact_client::{
    Deleted, Entity, Guid, Item, PaymentTermStatus, Property, Receivable, Resource, Row, Rows, SalesInvoice,
    SalesInvoiceLine, SalesItemPrice, Scalar, Value as Exact,
};

use super::adapter::ExactAdapter;
use super::cursor::{Place, Turn};
use super::derive::day;
use super::error::neutral;
use super::kinds::{Daily, Part, Shape, To};
use super::read::{List, own_fields, record, timestamp};
use super::receivables::ENTRY;

impl ExactAdapter {
    /// The next page of the turn; one part has a page of its own.
    pub(super) async fn follow(&self, shape: &Shape, view: &View, mut place: Place) -> Result<Page> {
        if place.turn == Turn::Parts {
            if let Some(part) = shape.parts_for(&view.fields).nth(place.part) {
                return self.part(shape, view, part, place).await;
            }
            place.turn = Turn::Records;
            place.part = 0;
        }
        match place.turn {
            Turn::Deleted => self.deletions(shape, place).await,
            _ => self.records(shape, view, place).await,
        }
    }

    async fn records(&self, shape: &Shape, view: &View, mut place: Place) -> Result<Page> {
        let own = own_fields(shape, view);
        let in_feed = own.iter().all(|name| delivers(shape.feed, name));
        let mut select = if in_feed { own } else { Vec::new() };
        select.push(shape.key());
        if shape.feed_mixes_lines() {
            select.push("LineNumber");
        }
        let rows = self.division().resource(shape.feed).feed(place.records, &select).map_err(neutral)?;
        let (all, more) = batch(&rows, place.records).await?;
        place.records = all.iter().filter_map(timestamp).fold(place.records, i64::max);
        if !more {
            place.turn = if self.deletions_are_due(&place) { Turn::Deleted } else { Turn::Parts };
        }
        let heads =
            all.into_iter().filter(|row| !shape.feed_mixes_lines() || row.int("LineNumber") == Some(0));
        let heads = latest(heads, shape.key());
        let records = if in_feed {
            let mut records = heads.map(|row| record(shape, view, row)).collect::<Result<Vec<_>>>()?;
            self.derive(shape, view, &mut records).await?;
            records
        } else {
            self.read_heads(shape, view, heads.collect()).await?
        };
        if !more {
            self.first_walk.forget();
        }
        let changes = records.into_iter().map(Change::Present).collect();
        Ok(Page { changes, cursor: place.to_cursor()?, more: place.turn != Turn::Parts })
    }

    /// Reads the records that the feed told of, for fields that it lacks.
    async fn read_heads(&self, shape: &Shape, view: &View, heads: Vec<Row>) -> Result<Vec<Record>> {
        let ids: Vec<Exact> = heads.iter().filter_map(|row| row.guid(shape.key())).map(Exact::Guid).collect();
        let revisions: BTreeMap<RecordId, Option<i64>> = heads
            .iter()
            .filter_map(|row| Some((RecordId::new(row.guid(shape.key())?.to_string()), timestamp(row))))
            .collect();
        let mut records = self.records_by(shape, view, shape.key(), &ids).await?;
        for record in &mut records {
            record.revision = revisions.get(&record.id).copied().flatten();
        }
        records.sort_by_key(|record| record.revision);
        Ok(records)
    }

    async fn deletions(&self, shape: &Shape, mut place: Place) -> Result<Page> {
        let list = self.division().deleted(place.deleted, shape.deleted);
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
            place.turn = Turn::Parts;
            place.deleted_at = self.deletions_read_at();
        }
        let ids = all.iter().filter_map(|deleted| deleted.entity_key);
        let changes = ids.map(|id| Change::Deleted(RecordId::new(id.to_string()))).collect();
        Ok(Page { changes, cursor: place.to_cursor()?, more })
    }

    /// Records whose parts changed, with their figures read anew. Before the records were read for the first time
    /// nothing is told: they come with their figures.
    async fn part(&self, shape: &Shape, view: &View, part: &Part, mut place: Place) -> Result<Page> {
        let first = place.records == 0;
        let after = place.parts.get(part.feed.path()).copied().unwrap_or_default();
        let gathers = part.gathers.filter(|_| first);
        let rows =
            self.division().resource(part.feed).feed(after, part.properties(gathers)).map_err(neutral)?;
        let (mut all, more) = batch(&rows, after).await?;
        if let Some(gathers) = gathers {
            self.first_walk.take(gathers, after, &all, more);
        }
        let read = all.iter().filter_map(timestamp).fold(after, i64::max);
        place.parts.insert(part.feed.path().to_owned(), read);
        all.retain(|row| part.tells(row));
        let mut turned = Vec::new();
        if !more {
            place.part += 1;
            match self.new_day(part, &mut place, first) {
                Some((Daily::Overdue, _)) => all.extend(self.overdue(part.whole).await?),
                Some((Daily::Price, last)) => turned = self.turned(last).await?,
                None => {}
            }
        }
        let records = if first { Vec::new() } else { self.wholes(shape, view, part, &all, turned).await? };
        let changes = records.into_iter().map(Change::Present).collect();
        Ok(Page { changes, cursor: place.to_cursor()?, more: true })
    }

    /// What of a part a new day changes by itself, and the day that was the last one. To look for it costs a call, on the
    /// first poll of a day.
    fn new_day(&self, part: &Part, place: &mut Place, first: bool) -> Option<(Daily, NaiveDate)> {
        let today = self.today();
        let daily = part.daily?;
        let last = place.day.replace(today).filter(|last| !first && *last < today)?;
        Some((daily, last))
    }

    /// Terms of payment that are late.
    async fn overdue(&self, whole: &str) -> Result<Vec<Row>> {
        use PaymentTermStatus::{Open, Processed, Selected};
        let open = [Open, Selected, Processed].map(|status| status.to_value());
        let mut select = vec!["Account", "DueDate", "InvoiceNumber"];
        select.extend((whole == ENTRY).then_some(whole));
        let rows = self.rows_by(Receivable::RESOURCE, List::Bulk, &select, "Status", &open).await?;
        let today = self.today();
        Ok(rows.into_iter().filter(|row| day(row, "DueDate").is_some_and(|due| due < today)).collect())
    }

    /// Items that began or ended to be sold since the last day, or one of whose prices did.
    async fn turned(&self, last: NaiveDate) -> Result<Vec<Exact>> {
        let today = self.today();
        let began = SalesItemPrice::START_DATE.gt(last).and(SalesItemPrice::START_DATE.le(today));
        let ended = SalesItemPrice::END_DATE.ge(last).and(SalesItemPrice::END_DATE.lt(today));
        let prices = self.division().bulk::<SalesItemPrice>().filter(began.or(ended)).all().await;
        let began = Item::START_DATE.gt(last).and(Item::START_DATE.le(today));
        let ended = Item::END_DATE.ge(last).and(Item::END_DATE.lt(today));
        let items = self.division().list::<Item>().filter(began.or(ended)).all().await;
        let of_prices = prices.map_err(neutral)?.into_iter().filter_map(|price| price.item);
        let own = items.map_err(neutral)?.into_iter().filter_map(|item| item.id);
        let items: BTreeSet<Guid> = of_prices.chain(own).collect();
        Ok(items.into_iter().map(Exact::Guid).collect())
    }

    /// The records that rows of a part are about, and those that a day turned.
    async fn wholes(
        &self,
        shape: &Shape,
        view: &View,
        part: &Part,
        rows: &[Row],
        turned: Vec<Exact>,
    ) -> Result<Vec<Record>> {
        let mut named = distinct(rows, part.whole);
        named.extend(turned);
        match part.to {
            To::Record(property) => self.records_by(shape, view, property, &named).await,
            To::Invoice => {
                let mut records = self.records_by(shape, view, "InvoiceID", &named).await?;
                let known = records.iter().filter_map(|record| record.id.as_str().parse().ok()).collect();
                let others = self.invoices_by_number(rows, &known).await?;
                let others = distinct(&others, "InvoiceID");
                records.extend(self.records_by(shape, view, "InvoiceID", &others).await?);
                Ok(records)
            }
            To::OrdersOfInvoice => self.orders_of(shape, view, rows, &named).await,
        }
    }

    /// The orders of the invoices that rows are about.
    async fn orders_of(
        &self,
        shape: &Shape,
        view: &View,
        rows: &[Row],
        named: &[Exact],
    ) -> Result<Vec<Record>> {
        let mut invoices =
            self.rows_by(SalesInvoice::RESOURCE, List::Bulk, &["YourRef"], "InvoiceID", named).await?;
        let known = invoices.iter().filter_map(|row| row.guid("InvoiceID")).collect();
        invoices.extend(self.invoices_by_number(rows, &known).await?);
        let ids = distinct(&invoices, "InvoiceID");
        let lines =
            self.rows_by(SalesInvoiceLine::RESOURCE, List::Bulk, &["SalesOrder"], "InvoiceID", &ids).await?;
        let orders = distinct(&lines, "SalesOrder");
        let references = distinct(&invoices, "YourRef");
        let mut records = self.records_by(shape, view, "OrderID", &orders).await?;
        records.extend(self.records_by(shape, view, "YourRef", &references).await?);
        records.sort_by(|a, b| a.id.cmp(&b.id));
        records.dedup_by(|a, b| a.id == b.id);
        Ok(records)
    }
}

/// The values of a property, each once; neither null nor an empty text.
fn distinct(rows: &[Row], property: &str) -> Vec<Exact> {
    let empty = |value: &Exact| match value {
        Exact::Null => true,
        Exact::Text(text) => text.trim().is_empty(),
        Exact::Guid(id) => id.is_nil(),
        _ => false,
    };
    let mut values: Vec<Exact> =
        rows.iter().filter_map(|row| row.get(property)).filter(|value| !empty(value)).cloned().collect();
    values.sort_by_key(|value| format!("{value:?}"));
    values.dedup();
    values
}

fn delivers(feed: &Resource, name: &str) -> bool {
    feed.property(name).is_some_and(Property::is_in_feed)
}

/// Rows of a feed up to where the next page can be asked for by timestamp, and whether there is one.
async fn batch(rows: &Rows, after: i64) -> Result<(Vec<Row>, bool)> {
    let mut page = rows.page(None).await.map_err(neutral)?;
    let mut all = std::mem::take(&mut page.items);
    while let Some(next) = page.next.take_if(|_| !can_go_on(all.iter().map(timestamp), after)) {
        page = rows.page(Some(&next)).await.map_err(neutral)?;
        all.append(&mut page.items);
    }
    Ok((all, page.next.is_some()))
}

/// Each record once, as its highest timestamp has it, in the order of the timestamps.
fn latest(rows: impl Iterator<Item = Row>, key: &str) -> impl Iterator<Item = Row> {
    let mut by_id: BTreeMap<Option<Guid>, Row> = BTreeMap::new();
    for row in rows {
        let id = row.guid(key);
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
