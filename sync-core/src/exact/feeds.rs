//! Following the feeds of a division: those of the parts, that of the records, that of deletions.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use crm_adapters::{Change, Fields, Page, Record, RecordId, Result, View};
use exact_client::{
    Entity, Guid, Item, PaymentTermStatus, Property, Receivable, Resource, Row, Rows, SalesInvoiceLine,
    SalesItemPrice, Scalar, Value as Exact,
};

use super::adapter::ExactAdapter;
use super::cursor::{Place, Turn};
use super::derive::{Source, day};
use super::derived::WORKED_OUT;
use super::error::neutral;
use super::kept::{DELETED, INVOICES, Kept, is_header};
use super::kinds::{Daily, Part, Shape, To, asks_for};
use super::looks::Look;
use super::read::{List, own_fields, record, timestamp};
use super::receivables::ENTRY;

impl ExactAdapter {
    /// The next page of the turn; one part has a page of its own.
    pub(super) async fn follow(
        &self,
        shape: &Shape,
        view: &View,
        look: Look,
        mut place: Place,
    ) -> Result<Page> {
        if place.turn == Turn::Parts {
            if let Some(part) = shape.parts_for(&view.fields).nth(place.part) {
                return self.part(shape, view, part, look, place).await;
            }
            place.part = 0;
            place.turn = match self.parts().looks().at_records(self.division().id(), shape, look) {
                true => Turn::Records,
                false => self.after_records(look, &place),
            };
        }
        match place.turn {
            Turn::Parts => Ok(Page { changes: Vec::new(), cursor: place.to_cursor()?, more: false }),
            Turn::Records => self.records(shape, view, look, place).await,
            Turn::Deleted => self.deletions(shape, view, place).await,
        }
    }

    /// What was deleted is looked at with everything, and then only from time to time.
    fn after_records(&self, look: Look, place: &Place) -> Turn {
        match look == Look::Everything && self.deletions_are_due(place) {
            true => Turn::Deleted,
            false => Turn::Parts,
        }
    }

    async fn records(&self, shape: &Shape, view: &View, look: Look, mut place: Place) -> Result<Page> {
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
            place.turn = self.after_records(look, &place);
        }
        let heads = all.into_iter().filter(|row| !shape.feed_mixes_lines() || is_header(row));
        let heads = latest(heads, shape.key());
        let records = if in_feed {
            let mut records = heads.map(|row| record(shape, view, row)).collect::<Result<Vec<_>>>()?;
            self.derive(shape, view, Source::Told, &mut records).await?;
            records
        } else {
            self.read_heads(shape, view, heads.collect()).await?
        };
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
        let mut records = self.records_by(shape, view, Source::Told, shape.key(), &ids).await?;
        for record in &mut records {
            record.revision = revisions.get(&record.id).copied().flatten();
        }
        records.sort_by_key(|record| record.revision);
        Ok(records)
    }

    /// The records that were deleted, and those of which a part was.
    async fn deletions(&self, shape: &Shape, view: &View, mut place: Place) -> Result<Page> {
        let parts = self.parts();
        if parts.is_due(&DELETED, shape.kind, Look::Everything, self.client.now()) {
            while parts.read(&DELETED).await? {}
        }
        let (gone, next) = parts.gone_since(place.deleted).await?;
        place.deleted = match next {
            Some(next) => next,
            None => place.deleted.max(parts.read_to(&DELETED).await?),
        };
        if next.is_none() {
            place.turn = Turn::Parts;
            place.deleted_at = self.deletions_read_at();
        }
        let mut changes = Vec::new();
        for gone in &gone {
            if gone.row.get("EntityType") == Some(&shape.deleted.to_value()) {
                let id = gone.row.guid("EntityKey");
                changes.extend(id.map(|id| Change::Deleted(RecordId::new(id.to_string()))));
            }
        }
        for part in shape.parts_for(&view.fields) {
            let own = gone
                .iter()
                .filter(|gone| Kept::of_deleted(&gone.row).is_some_and(|kept| kept.name == part.kept.name));
            let rows: Vec<Row> = own.flat_map(|gone| gone.parts.iter().cloned()).collect();
            changes.extend(self.wholes(shape, view, part, &rows, Vec::new()).await?);
        }
        Ok(Page { changes, cursor: place.to_cursor()?, more: next.is_some() })
    }

    /// Records whose parts changed, with their figures worked out anew. Before the records were read for the first time
    /// nothing is told: they come with their figures.
    async fn part(
        &self,
        shape: &Shape,
        view: &View,
        part: &Part,
        look: Look,
        mut place: Place,
    ) -> Result<Page> {
        let parts = self.parts();
        let first = place.records == 0;
        let after = place.parts.get(part.kept.feed.path()).copied().unwrap_or_default();
        let due = parts.is_due(part.kept, shape.kind, look, self.client.now())
            || !parts.is_complete(part.kept).await?;
        let mut more = due && parts.read(part.kept).await?;
        let (rows, next) = match first {
            true => (Vec::new(), None),
            false => loop {
                let told = parts.since(part.kept, after).await?;
                // What is told already is read on at once: a page always brings its cursor forward.
                if !more || !told.0.is_empty() {
                    break told;
                }
                more = parts.read(part.kept).await?;
            },
        };
        let read_to = parts.read_to(part.kept).await?;
        let told = next.unwrap_or(if first { read_to } else { after.max(read_to) });
        place.parts.insert(part.kept.feed.path().to_owned(), told);
        let (mut rows, mut turned) = (rows, Vec::new());
        if !more && next.is_none() {
            place.part += 1;
            match self.new_day(part, &mut place, first) {
                Some((Daily::Overdue, _)) => rows.extend(self.overdue(part.whole).await?),
                Some((Daily::Price, last)) => turned = self.turned(last).await?,
                Some((Daily::Agreement, last)) => turned = self.turned_agreements(last).await?,
                None => {}
            }
        }
        let changes = match first {
            true => Vec::new(),
            false => self.wholes(shape, view, part, &rows, turned).await?,
        };
        Ok(Page { changes, cursor: place.to_cursor()?, more: true })
    }

    /// What of a part a new day changes by itself, and the day that was the last one. To look for it costs a call, on the
    /// first poll of a day.
    fn new_day(&self, part: &Part, place: &mut Place, first: bool) -> Option<(Daily, NaiveDate)> {
        let today = self.today();
        let daily = part.daily?;
        let last = place.days.insert(part.kept.name.to_owned(), today);
        let last = last.filter(|last| !first && *last < today)?;
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

    /// Prices that began or ended since the last day.
    async fn turned_prices(&self, last: NaiveDate) -> Result<Vec<SalesItemPrice>> {
        let today = self.today();
        let began = SalesItemPrice::START_DATE.gt(last).and(SalesItemPrice::START_DATE.le(today));
        let ended = SalesItemPrice::END_DATE.ge(last).and(SalesItemPrice::END_DATE.lt(today));
        self.division().bulk::<SalesItemPrice>().filter(began.or(ended)).all().await.map_err(neutral)
    }

    /// Customers with whom something was agreed that began or ended since the last day.
    async fn turned_agreements(&self, last: NaiveDate) -> Result<Vec<Exact>> {
        let accounts = self.turned_prices(last).await?.into_iter().filter_map(|price| price.account);
        let accounts: BTreeSet<Guid> = accounts.filter(|account| !account.is_nil()).collect();
        Ok(accounts.into_iter().map(Exact::Guid).collect())
    }

    /// Items that began or ended to be sold since the last day, or one of whose prices did.
    async fn turned(&self, last: NaiveDate) -> Result<Vec<Exact>> {
        let today = self.today();
        let prices = self.turned_prices(last).await?;
        let began = Item::START_DATE.gt(last).and(Item::START_DATE.le(today));
        let ended = Item::END_DATE.ge(last).and(Item::END_DATE.lt(today));
        let items = self.division().list::<Item>().filter(began.or(ended)).all().await;
        let of_prices = prices.into_iter().filter_map(|price| price.item);
        let own = items.map_err(neutral)?.into_iter().filter_map(|item| item.id);
        let items: BTreeSet<Guid> = of_prices.chain(own).collect();
        Ok(items.into_iter().map(Exact::Guid).collect())
    }

    /// What changed about the records that rows of a part are about, and about those that a day turned.
    async fn wholes(
        &self,
        shape: &Shape,
        view: &View,
        part: &Part,
        rows: &[Row],
        turned: Vec<Exact>,
    ) -> Result<Vec<Change>> {
        let mut named = distinct(rows, part.whole);
        let records = match (part.to, part.daily) {
            // Whether an item is sold today is worked out of the item itself.
            (To::Figures, Some(Daily::Price)) => {
                let mut changes = self.figures(shape, view, part, &named).await?;
                let turned = self.records_by(shape, view, Source::Told, shape.key(), &turned).await?;
                changes.extend(turned.into_iter().map(Change::Present));
                return Ok(changes);
            }
            (To::Figures, _) => {
                named.extend(turned);
                return self.figures(shape, view, part, &named).await;
            }
            (To::Invoice, _) => {
                let own = self.invoice_rows("InvoiceID", &named).await?;
                let known = own.iter().filter_map(|row| row.guid("InvoiceID")).collect();
                let others = self.invoices_by_number(rows, &known).await?;
                let ids = distinct(&[own, others].concat(), "InvoiceID");
                return self.figures(shape, view, part, &ids).await;
            }
            (To::Record(property), _) => self.records_by(shape, view, Source::Told, property, &named).await?,
            (To::OrdersOfInvoice, _) => self.orders_of(shape, view, rows, &named).await?,
        };
        Ok(records.into_iter().map(Change::Present).collect())
    }

    /// The figures that a part is needed for, of these records.
    async fn figures(&self, shape: &Shape, view: &View, part: &Part, ids: &[Exact]) -> Result<Vec<Change>> {
        let own = |field: &String| WORKED_OUT.iter().any(|(start, _)| field.starts_with(start));
        let needed = |field: &&String| {
            let asked = std::slice::from_ref(*field);
            !own(field) && part.needed_by.iter().any(|need| asks_for(asked, need))
        };
        let view = View { kind: view.kind, fields: view.fields.iter().filter(needed).cloned().collect() };
        let record = |id: &Exact| match id {
            Exact::Guid(id) => Some(Record {
                kind: shape.kind,
                id: RecordId::new(id.to_string()),
                fields: Fields::new(),
                revision: None,
            }),
            _ => None,
        };
        let mut records: Vec<Record> = ids.iter().filter_map(record).collect();
        self.derive(shape, &view, Source::Told, &mut records).await?;
        Ok(records.into_iter().map(Change::Derived).collect())
    }

    /// The orders of the invoices that rows are about.
    async fn orders_of(
        &self,
        shape: &Shape,
        view: &View,
        rows: &[Row],
        named: &[Exact],
    ) -> Result<Vec<Record>> {
        let mut invoices = self.invoice_rows("InvoiceID", named).await?;
        let known = invoices.iter().filter_map(|row| row.guid("InvoiceID")).collect();
        invoices.extend(self.invoices_by_number(rows, &known).await?);
        let ids = distinct(&invoices, "InvoiceID");
        let of_line = (SalesInvoiceLine::RESOURCE, &["SalesOrder"][..]);
        let lines = self.parts_by(&INVOICES, of_line, "InvoiceID", &ids).await?;
        // Of an invoice that was deleted nothing else is left.
        let orders = distinct(&[&lines[..], rows].concat(), "SalesOrder");
        let references = distinct(&[&invoices[..], rows].concat(), "YourRef");
        // How much of an order is invoiced stands in its lines, of which no topic tells then.
        let mut records = self.records_by(shape, view, Source::Now, "OrderID", &orders).await?;
        records.extend(self.records_by(shape, view, Source::Now, "YourRef", &references).await?);
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
pub(super) async fn batch(rows: &Rows, after: i64) -> Result<(Vec<Row>, bool)> {
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
