//! Reads the parts of records and works out their derived fields.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use crm_adapters::{Fields, Kind, Record, Result, Value, View};
use exact_client::{DocumentAttachment, Entity, Guid, OrderStatus, Row, Value as Exact};
use rust_decimal::Decimal;

use super::adapter::ExactAdapter;
use super::figures::{self, OrderLine};
use super::kept::DELIVERIES;
use super::kinds::{Lines, Shape, asks_for};
use super::read::List;
use super::value;

/// For so many records the store is asked at once.
pub(super) const RECORDS_AT_ONCE: usize = 250;

/// Where what people write is taken from that belongs to a record: the lines of a document, the addresses of a company.
/// Figures are always as the feeds told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// What the feeds told, as far as they were read.
    Told,
    /// A call: as they are now.
    Now,
    /// Nowhere: the document was made just now, and the feed of its lines will tell.
    Later,
}

/// What belongs to each record, by its id.
pub(super) type Of<T> = BTreeMap<Guid, Vec<T>>;

impl ExactAdapter {
    /// Adds the lines and the derived fields that a view asks for. A view that asks for none costs no call.
    pub(super) async fn derive(
        &self,
        shape: &Shape,
        view: &View,
        source: Source,
        records: &mut [Record],
    ) -> Result<()> {
        for records in records.chunks_mut(RECORDS_AT_ONCE) {
            let ids: Vec<Guid> = records.iter().filter_map(id).collect();
            let lines = match &shape.lines {
                Some(lines) if source != Source::Later && needs_lines(shape, lines, view) => {
                    self.lines(shape, lines, source, &ids).await?
                }
                _ => Of::new(),
            };
            if let Some(shown) = shape.lines.as_ref().filter(|lines| asks_for(&view.fields, lines.property)) {
                for record in &mut *records {
                    record.fields.set(shown.property, Value::Lines(neutral_lines(shown, of(&lines, record))));
                }
            }
            match shape.kind {
                Kind::Company => {
                    self.owed(view, &ids, records).await?;
                    self.agreements(view, &ids, records).await?;
                    self.note_lists(records).await?;
                    self.prices_of_lists(view, &ids, records).await?;
                    self.addresses(view, source, &ids, records).await?;
                }
                Kind::Product => {
                    self.prices(view, &ids, records).await?;
                    put_sale(view, records, self.today());
                }
                Kind::Order => self.orders(view, &ids, &lines, records).await?,
                Kind::Invoice => {
                    self.payments(view, &ids, records).await?;
                    self.links(view, records).await?;
                }
                Kind::Quotation => put_answer(view, records),
                _ => {}
            }
        }
        Ok(())
    }

    async fn lines(&self, shape: &Shape, lines: &Lines, source: Source, ids: &[Guid]) -> Result<Of<Row>> {
        let told = match (source, lines.kept) {
            (Source::Told, Some(kept)) => self.parts().by(kept, shape.key(), &guids(ids)).await?,
            _ => None,
        };
        let mut by_header = grouped(told.unwrap_or_default(), shape.key());
        // A document that was entered between its lines and itself were read has its lines all the same.
        let others: Vec<Guid> = ids.iter().filter(|id| !by_header.contains_key(id)).copied().collect();
        let mut select = lines.fields.to_vec();
        select.extend(["ID", shape.key()]);
        let rows = self.rows_by(lines.resource, List::Plain, &select, shape.key(), &guids(&others)).await?;
        by_header.extend(grouped(rows, shape.key()));
        by_header.values_mut().for_each(|lines| lines.sort_by_key(|line| line.int("LineNumber")));
        Ok(by_header)
    }

    /// Where the file of each invoice is.
    async fn links(&self, view: &View, records: &mut [Record]) -> Result<()> {
        if !asks_for(&view.fields, "Document.") {
            return Ok(());
        }
        let document = |record: &Record| match record.fields.get("Document") {
            Some(Value::Reference(id)) => id.as_str().parse().ok(),
            Some(Value::Text(id)) => id.parse().ok(),
            _ => None,
        };
        let ids: Vec<Guid> = records.iter().filter_map(document).collect();
        let select = ["Document", "FileName", "Url"];
        let rows =
            self.rows_by(DocumentAttachment::RESOURCE, List::Bulk, &select, "Document", &guids(&ids)).await?;
        for record in records {
            let mut own = rows
                .iter()
                .filter(|row| row.guid("Document").is_some() && row.guid("Document") == document(record));
            let link = own.find_map(|row| text(row, "Url"));
            record.fields.set("Document.Link", link.map_or(Value::Null, Value::text));
        }
        Ok(())
    }

    async fn orders(&self, view: &View, ids: &[Guid], lines: &Of<Row>, records: &mut [Record]) -> Result<()> {
        let asks = |need: &str| asks_for(&view.fields, need);
        let (mut invoices, mut terms) = (Of::new(), Of::new());
        if ["Invoicing.", "Payment.", "Progress."].into_iter().any(asks) {
            invoices = self.invoices(ids, records).await?;
        }
        let mut shipped = BTreeMap::new();
        if asks("Delivery.") || asks("Progress.") {
            shipped = self.shipped(lines.values().flatten()).await?;
        }
        if asks("Payment.") || asks("Progress.") {
            let all: Vec<Row> = invoices.values().flatten().cloned().collect();
            terms = self.terms(&all).await?;
        }
        for record in records {
            let lines = of(lines, record).iter().map(|line| order_line(line, &shipped)).collect::<Vec<_>>();
            let payment = self.put_invoiced(view, record, of(&invoices, record), &terms);
            let (delivered, invoiced) = put_progress(view, record, &lines);
            let along = figures::along(delivered, invoiced, payment.as_ref());
            put(view, record, [("Progress.Status", along.into())]);
        }
        Ok(())
    }

    /// What was shipped by line, as the deliveries say that the feed told. Costs no call.
    async fn shipped(&self, lines: impl Iterator<Item = &Row>) -> Result<BTreeMap<Guid, Decimal>> {
        let ids: Vec<Guid> = lines.filter_map(|line| line.guid("ID")).collect();
        let deliveries = self.parts().by(&DELIVERIES, "SalesOrderLineID", &guids(&ids)).await?;
        let mut shipped = BTreeMap::new();
        for delivery in deliveries.iter().flatten() {
            if let Some(line) = delivery.guid("SalesOrderLineID") {
                *shipped.entry(line).or_default() += decimal(delivery, "QuantityDelivered");
            }
        }
        Ok(shipped)
    }
}

fn needs_lines(shape: &Shape, lines: &Lines, view: &View) -> bool {
    let asks = |need| asks_for(&view.fields, need);
    asks(lines.property)
        || shape.kind == Kind::Order && ["Delivery.", "Invoicing.", "Progress."].into_iter().any(asks)
}

fn neutral_lines(lines: &Lines, rows: &[Row]) -> Vec<Fields> {
    let line = |row: &Row| {
        let wanted = row.iter().filter(|(property, _)| lines.fields.contains(&property.name()));
        wanted
            .map(|(property, value)| (property.name().to_owned(), value::neutral(property, value.clone())))
            .collect()
    };
    rows.iter().map(line).collect()
}

fn put_sale(view: &View, records: &mut [Record], today: NaiveDate) {
    for record in records {
        let date = |name: &str| match record.fields.get(name) {
            Some(Value::Date(day)) => Some(*day),
            _ => None,
        };
        let sold = record.fields.get("IsSalesItem") == Some(&Value::Bool(true));
        let status = figures::sale(sold, date("StartDate"), date("EndDate"), today);
        let active = Value::Bool(status == figures::ON_SALE);
        put(view, record, [("Sale.Active", active), ("Sale.Status", status.into())]);
    }
}

fn put_answer(view: &View, records: &mut [Record]) {
    for record in records {
        let status = match record.fields.get("Status") {
            Some(Value::Decimal(status)) => figures::answer(*status),
            _ => "open",
        };
        put(view, record, [("Answer.Status", status.into())]);
    }
}

/// Puts down how far an order is delivered and invoiced, and says it.
fn put_progress(view: &View, record: &mut Record, lines: &[OrderLine]) -> (&'static str, &'static str) {
    let status = |name: &str| match record.fields.get(name) {
        Some(Value::Decimal(status)) => i32::try_from(*status).ok().map(OrderStatus::from),
        _ => None,
    };
    let delivered = figures::progress_of(status("DeliveryStatus"), lines, |line| line.delivered);
    let invoiced = figures::progress_of(status("InvoiceStatus"), lines, |line| line.invoiced);
    put(
        view,
        record,
        [
            ("Delivery.Status", delivered.into()),
            ("Delivery.Shipped", figures::shipped(lines).map_or(Value::Null, Value::Text)),
            ("Invoicing.Status", invoiced.into()),
        ],
    );
    (delivered, invoiced)
}

/// Sets what the view asks for.
pub(super) fn put<const N: usize>(view: &View, record: &mut Record, values: [(&str, Value); N]) {
    for (name, value) in values {
        if view.fields.iter().any(|field| field == name) {
            record.fields.set(name, value);
        }
    }
}

/// Of what was delivered the line and its deliveries may tell at different moments: the later one knows more.
fn order_line(row: &Row, shipped: &BTreeMap<Guid, Decimal>) -> OrderLine {
    let shipped = row.guid("ID").and_then(|id| shipped.get(&id)).copied().unwrap_or_default();
    OrderLine {
        item: text(row, "ItemCode").unwrap_or_default().to_owned(),
        ordered: decimal(row, "Quantity"),
        delivered: decimal(row, "QuantityDelivered").max(shipped),
        invoiced: decimal(row, "QuantityInvoiced"),
    }
}

pub(super) fn id(record: &Record) -> Option<Guid> {
    record.id.as_str().parse().ok()
}

pub(super) fn of<'a, T>(all: &'a Of<T>, record: &Record) -> &'a [T] {
    id(record).and_then(|id| all.get(&id)).map_or(&[], Vec::as_slice)
}

pub(super) fn grouped(rows: Vec<Row>, by: &str) -> Of<Row> {
    let mut groups = Of::new();
    for row in rows {
        if let Some(id) = row.guid(by) {
            groups.entry(id).or_insert_with(Vec::new).push(row);
        }
    }
    groups
}

/// The ids that rows have in a property, each once.
pub(super) fn ids_in(rows: &[Row], property: &str) -> BTreeSet<Guid> {
    rows.iter().filter_map(|row| row.guid(property)).filter(|id| !id.is_nil()).collect()
}

pub(super) fn guids(ids: &[Guid]) -> Vec<Exact> {
    ids.iter().copied().map(Exact::Guid).collect()
}

pub(super) fn decimal(row: &Row, name: &str) -> Decimal {
    match row.get(name) {
        Some(Exact::Decimal(number)) => *number,
        _ => Decimal::ZERO,
    }
}

pub(super) fn day(row: &Row, name: &str) -> Option<NaiveDate> {
    match row.get(name) {
        Some(Exact::Date(day)) => Some(*day),
        _ => None,
    }
}

pub(super) fn text<'a>(row: &'a Row, name: &str) -> Option<&'a str> {
    match row.get(name) {
        Some(Exact::Text(text)) => Some(text.trim()).filter(|text| !text.is_empty()),
        _ => None,
    }
}
