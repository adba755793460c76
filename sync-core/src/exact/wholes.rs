//! What changed about records whose parts did: their figures, worked out anew, or the whole record, read anew.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use crm_adapters::{Change, Fields, Kind, Record, RecordId, Result, View};
use exact_client::{
    Entity, Guid, Item, PaymentTermStatus, Receivable, Row, SalesItemPrice, Scalar, Value as Exact,
};

use super::adapter::ExactAdapter;
use super::cursor::Place;
use super::derive::{Source, day, ids_in};
use super::derived::MADE_OF;
use super::error::neutral;
use super::kept::{ORDER_LINES, PRICES};
use super::kinds::{Daily, Part, Shape, To, asks_for};
use super::price_lists::{Known, turns};
use super::prices::PRICE;
use super::read::List;
use super::receivables::ENTRY;

impl ExactAdapter {
    /// What of a part a new day changes by itself, and the day that was the last one. To look for it costs a call, on the
    /// first poll of a day.
    pub(super) fn new_day(&self, part: &Part, place: &mut Place, first: bool) -> Option<(Daily, NaiveDate)> {
        let today = self.today();
        let daily = part.daily?;
        let last = place.days.insert(part.kept.feed.path().to_owned(), today);
        let last = last.filter(|last| !first && *last < today)?;
        Some((daily, last))
    }

    /// Terms of payment that are late.
    pub(super) async fn overdue(&self, whole: &str) -> Result<Vec<Row>> {
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

    /// The same as the feed of prices tells them.
    pub(super) async fn turned_agreements(&self, last: NaiveDate) -> Result<Vec<Row>> {
        let items: BTreeSet<Guid> =
            self.turned_prices(last).await?.into_iter().filter_map(|price| price.item).collect();
        let items: Vec<Exact> = items.into_iter().map(Exact::Guid).collect();
        let mut rows = self.parts_by(&PRICES, (SalesItemPrice::RESOURCE, PRICE), "Item", &items).await?;
        rows.retain(|row| turns(row, last, self.today()));
        Ok(rows)
    }

    /// Items that began or ended to be sold since the last day, or one of whose prices did.
    pub(super) async fn turned(&self, last: NaiveDate) -> Result<Vec<Exact>> {
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

    /// What changed about the records that rows of a part are about, and about those that a day turned. Records that have to
    /// be read for it are noted, to be read once, whatever else is told of them.
    pub(super) async fn wholes(
        &self,
        shape: &Shape,
        view: &View,
        (part, rows): (&Part, &[Row]),
        turned: Vec<Exact>,
        unread: &mut BTreeSet<Guid>,
    ) -> Result<Vec<Change>> {
        let named = distinct(rows, part.whole);
        match (part.to, part.daily) {
            // Whether an item is sold today is worked out of the item itself.
            (To::Figures, Some(Daily::Price)) => {
                let mut changes = self.figures(shape, view, part, &named).await?;
                let turned = self.records_by(shape, view, Source::Told, shape.key(), &turned).await?;
                changes.extend(turned.into_iter().map(Change::Present));
                Ok(changes)
            }
            (To::Figures, _) => self.figures(shape, view, part, &named).await,
            (To::Customers, _) => {
                let mut known = bare(&named);
                if asks_for(&view.fields, "Prices.OfList") {
                    known.extend(self.customers_of_standard(rows).await?);
                }
                self.figures_of(shape, view, part, known).await
            }
            (To::PriceList, _) => self.listed(shape, view, part, rows, &[]).await,
            (To::PeriodOfPriceList, _) => {
                let discounts = self.discounts_in(rows).await?;
                self.listed(shape, view, part, &discounts, rows).await
            }
            (To::Invoice, _) => {
                let own = self.invoice_rows("InvoiceID", &named).await?;
                let known = own.iter().filter_map(|row| row.guid("InvoiceID")).collect();
                let others = self.invoices_by_number(rows, &known).await?;
                let ids = distinct(&[own, others].concat(), "InvoiceID");
                self.figures(shape, view, part, &ids).await
            }
            (To::Record, _) => {
                unread.extend(bare(&named).into_keys());
                Ok(Vec::new())
            }
            (To::DocumentOfLine(lines), _) => {
                unread.extend(self.parts().documents_of(lines, shape.key(), &named).await?);
                Ok(Vec::new())
            }
            (To::BillingOfInvoice, _) => self.billing_of(view, rows, &named).await,
            (To::OrdersOfInvoice, _) => self.orders_of(shape, view, rows, &named, unread).await,
        }
    }

    /// The figures that a part is needed for, of these records.
    async fn figures(&self, shape: &Shape, view: &View, part: &Part, ids: &[Exact]) -> Result<Vec<Change>> {
        self.figures_of(shape, view, part, bare(ids)).await
    }

    /// What price lists give, by rows of theirs and periods, to the customers or the items that these are about.
    async fn listed(
        &self,
        shape: &Shape,
        view: &View,
        part: &Part,
        discounts: &[Row],
        periods: &[Row],
    ) -> Result<Vec<Change>> {
        let known = match shape.kind {
            Kind::Company => self.customers_of(discounts, periods).await?,
            _ => self.items_of(discounts).await?,
        };
        self.figures_of(shape, view, part, known).await
    }

    /// The same, where something is known of them that is no field of the view.
    async fn figures_of(&self, shape: &Shape, view: &View, part: &Part, known: Known) -> Result<Vec<Change>> {
        let own =
            |field: &String| MADE_OF.iter().any(|made| !made.changes_alone && field.starts_with(made.field));
        let needed = |field: &&String| {
            let asked = std::slice::from_ref(*field);
            !own(field) && part.needed_by.iter().any(|need| asks_for(asked, need))
        };
        let view = View { kind: view.kind, fields: view.fields.iter().filter(needed).cloned().collect() };
        let record = |(id, fields): (Guid, Fields)| Record {
            kind: shape.kind,
            id: RecordId::new(id.to_string()),
            fields,
            revision: None,
            changed_at: None,
        };
        let mut records: Vec<Record> = known.into_iter().map(record).collect();
        self.derive(shape, &view, Source::Told, &mut records).await?;
        let of_view = |record: Record| {
            let fields = record.fields.into_iter().filter(|(name, _)| view.fields.contains(name)).collect();
            Change::Derived(Record { fields, ..record })
        };
        Ok(records.into_iter().map(of_view).collect())
    }

    /// The orders of the invoices that rows are about: those that their lines name, and else those of their reference, which
    /// are looked for.
    async fn orders_of(
        &self,
        shape: &Shape,
        view: &View,
        rows: &[Row],
        named: &[Exact],
        unread: &mut BTreeSet<Guid>,
    ) -> Result<Vec<Change>> {
        let mut invoices = self.invoice_rows("InvoiceID", named).await?;
        let known = invoices.iter().filter_map(|row| row.guid("InvoiceID")).collect();
        invoices.extend(self.invoices_by_number(rows, &known).await?);
        let ids = distinct(&invoices, "InvoiceID");
        let lines = self.invoice_lines("InvoiceID", &ids).await?;
        if !ids_in(rows, "SalesOrder").is_empty() {
            // How much of an order is invoiced stands in its lines.
            self.parts().looks().at_next(self.division().id(), &ORDER_LINES);
        }
        // Of an invoice that was deleted nothing else is left.
        unread.extend(ids_in(&[&lines[..], rows].concat(), "SalesOrder"));
        let made_of_orders = ids_in(&lines, "InvoiceID");
        invoices.extend_from_slice(rows);
        invoices.retain(|row| row.guid("InvoiceID").is_none_or(|id| !made_of_orders.contains(&id)));
        let references = distinct(&invoices, "YourRef");
        let records = self.records_by(shape, view, Source::Told, "YourRef", &references).await?;
        Ok(records.into_iter().map(Change::Present).collect())
    }
}

/// Records of which nothing is known but their ids.
fn bare(ids: &[Exact]) -> Known {
    let id = |value: &Exact| match value {
        Exact::Guid(id) => Some((*id, Fields::new())),
        _ => None,
    };
    ids.iter().filter_map(id).collect()
}

/// The values of a property, each once; neither null nor an empty text.
pub(super) fn distinct(rows: &[Row], property: &str) -> Vec<Exact> {
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
