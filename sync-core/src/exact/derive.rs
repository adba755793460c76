//! Reads the parts of records and works out their derived fields.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use crm_adapters::{Fields, Kind, Record, Result, Value, View};
use exact_client::{
    DocumentAttachment, Entity, Guid, PaymentTermStatus, Receivable, Row, SalesInvoice, SalesInvoiceLine,
    SalesInvoiceStatus, SalesOrder, Scalar, Value as Exact,
};
use rust_decimal::Decimal;

use super::adapter::ExactAdapter;
use super::figures::{self, OrderLine, Payment, Term};
use super::kinds::{Lines, Shape, asks_for};
use super::read::{List, VALUES_A_CALL};
use super::value;

/// What belongs to each record, by its id.
pub(super) type Of<T> = BTreeMap<Guid, Vec<T>>;

const TERM: &[&str] = &[
    "Account",
    "AmountDC",
    "DueDate",
    "InvoiceNumber",
    "IsFullyPaid",
    "LastPaymentDate",
    "Status",
    "TransactionAmountDC",
    "TransactionEntryID",
];

/// The same, and by whom and what they are told apart in the feed.
pub(super) const TERM_OF_FEED: &[&str] = &[
    "ID",
    "LineType",
    "Account",
    "AmountDC",
    "DueDate",
    "InvoiceNumber",
    "IsFullyPaid",
    "LastPaymentDate",
    "Status",
    "TransactionAmountDC",
    "TransactionEntryID",
];

impl ExactAdapter {
    /// Adds the lines and the derived fields that a view asks for. A view that asks for none costs no call.
    pub(super) async fn derive(&self, shape: &Shape, view: &View, records: &mut [Record]) -> Result<()> {
        for records in records.chunks_mut(VALUES_A_CALL) {
            let ids: Vec<Guid> = records.iter().filter_map(id).collect();
            let lines = match &shape.lines {
                Some(lines) if needs_lines(shape, lines, view) => self.lines(shape, lines, &ids).await?,
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
                    self.addresses(view, &ids, records).await?;
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

    async fn lines(&self, shape: &Shape, lines: &Lines, ids: &[Guid]) -> Result<Of<Row>> {
        let mut select = lines.fields.to_vec();
        select.push(shape.key());
        let rows = self.rows_by(lines.resource, List::Plain, &select, shape.key(), &guids(ids)).await?;
        let mut by_header = grouped(rows, shape.key());
        by_header.values_mut().for_each(|lines| lines.sort_by_key(|line| line.int("LineNumber")));
        Ok(by_header)
    }

    async fn owed(&self, view: &View, ids: &[Guid], records: &mut [Record]) -> Result<()> {
        if !asks_for(&view.fields, "Receivables.") {
            return Ok(());
        }
        let terms = match self.first_walk.terms.of(ids) {
            Some(terms) => terms,
            None => self.terms_of(ids).await?,
        };
        for record in records {
            let terms = of(&terms, record);
            let owed = figures::owed(terms, self.today());
            // Who was never invoiced owes nothing that is worth a field.
            let known = |value: Value| if terms.is_empty() { Value::Null } else { value };
            put(
                view,
                record,
                [
                    ("Receivables.Outstanding", known(owed.outstanding.normalize().into())),
                    ("Receivables.Overdue", known(owed.overdue.normalize().into())),
                    ("Receivables.OverdueDays", known(Decimal::from(owed.overdue_days).into())),
                    ("Receivables.OpenInvoices", known(Decimal::from(owed.open_invoices).into())),
                    ("Receivables.LastPayment", owed.last_payment.map_or(Value::Null, Value::Date)),
                ],
            );
        }
        Ok(())
    }

    async fn terms_of(&self, accounts: &[Guid]) -> Result<Of<Term>> {
        let rows = self.rows_by(Receivable::RESOURCE, List::Bulk, TERM, "Account", &guids(accounts)).await?;
        let terms = grouped(rows, "Account").into_iter();
        Ok(terms.map(|(account, rows)| (account, rows.iter().map(term).collect())).collect())
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

    async fn payments(&self, view: &View, ids: &[Guid], records: &mut [Record]) -> Result<()> {
        if !asks_for(&view.fields, "Payment.") {
            return Ok(());
        }
        let invoices = self
            .rows_by(SalesInvoice::RESOURCE, List::Bulk, &["InvoiceNumber"], "InvoiceID", &guids(ids))
            .await?;
        let terms = self.terms(&invoices).await?;
        for record in records {
            put_payment(view, record, figures::payment(of(&terms, record), self.today()).as_ref());
        }
        Ok(())
    }

    /// The terms of booked invoices, by invoice. The bulk list is filtered by number alone, so what carries the same
    /// number and is another booking is left out here.
    async fn terms(&self, invoices: &[Row]) -> Result<Of<Term>> {
        let numbers: BTreeSet<i64> = invoices.iter().filter_map(|row| row.int("InvoiceNumber")).collect();
        let numbers: Vec<Exact> = numbers.into_iter().map(Exact::Int).collect();
        let rows = self.rows_by(Receivable::RESOURCE, List::Bulk, TERM, "InvoiceNumber", &numbers).await?;
        let by_entry = grouped(rows, "TransactionEntryID");
        Ok(by_entry.into_iter().map(|(entry, rows)| (entry, rows.iter().map(term).collect())).collect())
    }

    async fn orders(&self, view: &View, ids: &[Guid], lines: &Of<Row>, records: &mut [Record]) -> Result<()> {
        let asks = |need: &str| asks_for(&view.fields, need);
        let (mut invoices, mut terms) = (Of::new(), Of::new());
        if ["Invoicing.", "Payment.", "Progress."].into_iter().any(asks) {
            invoices = self.invoices(ids, records).await?;
        }
        if asks("Payment.") || asks("Progress.") {
            let all: Vec<Row> = invoices.values().flatten().cloned().collect();
            terms = self.terms(&all).await?;
        }
        for record in records {
            let lines: Vec<OrderLine> = of(lines, record).iter().map(order_line).collect();
            let invoices = of(&invoices, record);
            put_order(view, record, &lines, invoices);
            let terms: Vec<Term> = invoices
                .iter()
                .filter_map(|invoice| terms.get(&invoice.guid("InvoiceID")?))
                .flatten()
                .cloned()
                .collect();
            let payment = figures::payment(&terms, self.today());
            put_payment(view, record, payment.as_ref());
            let along = figures::along(&lines, payment.as_ref());
            put(view, record, [("Progress.Status", along.into())]);
        }
        Ok(())
    }

    /// The invoices and credit notes of orders: those whose lines come from it, and those that carry its `YourRef`. A
    /// credit note names no order, but takes the reference over.
    async fn invoices(&self, orders: &[Guid], records: &[Record]) -> Result<Of<Row>> {
        let lines = self
            .rows_by(
                SalesInvoiceLine::RESOURCE,
                List::Bulk,
                &["InvoiceID", "SalesOrder"],
                "SalesOrder",
                &guids(orders),
            )
            .await?;
        let orders = self.heads(orders, records).await?;
        let ids: BTreeSet<Guid> = lines.iter().filter_map(|line| line.guid("InvoiceID")).collect();
        let ids: Vec<Guid> = ids.into_iter().collect();
        let references: BTreeSet<&str> =
            orders.iter().filter_map(|order| order.reference.as_deref()).collect();
        let references: Vec<Exact> =
            references.into_iter().map(|text| Exact::Text(text.to_owned())).collect();
        const INVOICE: &[&str] = &["AmountDC", "InvoiceNumber", "OrderedBy", "Status", "YourRef"];
        let mut rows =
            self.rows_by(SalesInvoice::RESOURCE, List::Bulk, INVOICE, "InvoiceID", &guids(&ids)).await?;
        rows.extend(self.rows_by(SalesInvoice::RESOURCE, List::Bulk, INVOICE, "YourRef", &references).await?);
        let rows: BTreeMap<Guid, Row> =
            rows.into_iter().filter_map(|row| Some((row.guid("InvoiceID")?, row))).collect();
        let of_order = |order: &Head| {
            let key = order.id;
            let by_line = |invoice: Guid| {
                lines.iter().any(|line| {
                    line.guid("SalesOrder") == Some(key) && line.guid("InvoiceID") == Some(invoice)
                })
            };
            let same = |row: &Row| {
                order.reference.is_some()
                    && text(row, "YourRef") == order.reference.as_deref()
                    && row.guid("OrderedBy") == order.customer
            };
            let own = rows.iter().filter(|(id, row)| by_line(**id) || same(row));
            (key, own.map(|(_, row)| row.clone()).collect())
        };
        Ok(orders.iter().map(of_order).collect())
    }

    /// What invoices of orders are found by: from the records, where they hold it, else read.
    async fn heads(&self, orders: &[Guid], records: &[Record]) -> Result<Vec<Head>> {
        let told: Option<Vec<Head>> = records.iter().map(Head::of).collect();
        if let Some(told) = told {
            return Ok(told);
        }
        let select = ["YourRef", "OrderedBy"];
        let rows = self.rows_by(SalesOrder::RESOURCE, List::Bulk, &select, "OrderID", &guids(orders)).await?;
        let head = |row: &Row| {
            let reference = text(row, "YourRef").map(str::to_owned);
            Some(Head { id: row.guid("OrderID")?, reference, customer: row.guid("OrderedBy") })
        };
        Ok(rows.iter().filter_map(head).collect())
    }
}

/// What the invoices of an order bear of it.
struct Head {
    id: Guid,
    reference: Option<String>,
    customer: Option<Guid>,
}

impl Head {
    fn of(record: &Record) -> Option<Self> {
        let reference = match record.fields.get("YourRef")? {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        };
        let customer = match record.fields.get("OrderedBy")? {
            Value::Reference(id) => Some(id.as_str().parse().ok()?),
            _ => return None,
        };
        Some(Self { id: id(record)?, reference, customer })
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

fn put_order(view: &View, record: &mut Record, lines: &[OrderLine], invoices: &[Row]) {
    let booked = invoices
        .iter()
        .filter(|row| row.get("Status") == Some(&SalesInvoiceStatus::Processed.to_value()))
        .collect::<Vec<_>>();
    let mut numbers: Vec<i64> = booked.iter().filter_map(|row| row.int("InvoiceNumber")).collect();
    numbers.sort_unstable();
    let numbers: Vec<String> = numbers.into_iter().map(|number| number.to_string()).collect();
    let amount: Decimal = booked.iter().map(|row| decimal(row, "AmountDC")).sum();
    put(
        view,
        record,
        [
            ("Delivery.Status", figures::progress(lines, |line| line.delivered).into()),
            ("Delivery.Shipped", figures::shipped(lines).into()),
            ("Invoicing.Status", figures::progress(lines, |line| line.invoiced).into()),
            ("Invoicing.Numbers", numbers.join(", ").into()),
            ("Invoicing.Amount", amount.normalize().into()),
        ],
    );
}

fn put_payment(view: &View, record: &mut Record, payment: Option<&Payment>) {
    let value = |of: &dyn Fn(&Payment) -> Value| payment.map_or(Value::Null, of);
    put(
        view,
        record,
        [
            ("Payment.Status", value(&|payment| payment.status.into())),
            ("Payment.Outstanding", value(&|payment| payment.owed.outstanding.normalize().into())),
            ("Payment.Paid", value(&|payment| payment.paid.normalize().into())),
            ("Payment.OverdueDays", value(&|payment| Decimal::from(payment.owed.overdue_days).into())),
            (
                "Payment.LastPayment",
                value(&|payment| payment.owed.last_payment.map_or(Value::Null, Value::Date)),
            ),
        ],
    );
}

/// Sets what the view asks for.
fn put<const N: usize>(view: &View, record: &mut Record, values: [(&str, Value); N]) {
    for (name, value) in values {
        if view.fields.iter().any(|field| field == name) {
            record.fields.set(name, value);
        }
    }
}

/// To receive is negative in Exact, and positive here. A matched term has nothing open, whatever amount it shows.
pub(super) fn term(row: &Row) -> Term {
    let settled = row.get("IsFullyPaid") == Some(&Exact::Bool(true))
        || row.get("Status") == Some(&PaymentTermStatus::Matched.to_value());
    let entry = row.guid("TransactionEntryID").map(|entry| entry.to_string());
    Term {
        open: if settled { Decimal::ZERO } else { -decimal(row, "AmountDC") },
        invoiced: decimal(row, "TransactionAmountDC"),
        due: day(row, "DueDate"),
        paid_on: day(row, "LastPaymentDate"),
        invoice: entry.unwrap_or_else(|| row.int("InvoiceNumber").unwrap_or_default().to_string()),
    }
}

fn order_line(row: &Row) -> OrderLine {
    OrderLine {
        item: text(row, "ItemCode").unwrap_or_default().to_owned(),
        ordered: decimal(row, "Quantity"),
        delivered: decimal(row, "QuantityDelivered"),
        invoiced: decimal(row, "QuantityInvoiced"),
    }
}

fn id(record: &Record) -> Option<Guid> {
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
