//! Sales invoices: open until they are printed, then numbered, booked and fixed for good.

use std::collections::BTreeMap;

use chrono::{Datelike, Days};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::super::books::{Books, USER_NAME};
use super::super::cell::{Cell, Row};
use super::super::refusal::Refusal;
use super::super::schema::Kind;
use super::super::tables::sales_invoices;
use super::super::write;
use super::lines::{self, INVOICE};
use super::{documents, orders, terms};

pub(in super::super) const OPEN: i64 = 20;
pub(in super::super) const PROCESSED: i64 = 50;
/// Invoice, credit note, and the two that a larger licence has.
const TYPES: [i64; 4] = [8020, 8021, 8023, 8024];

pub(super) fn prepare(books: &mut Books<'_>, row: &mut Row, before: Option<&Row>) -> Vec<String> {
    if before.is_some_and(is_processed) {
        return vec![is_fixed(books)];
    }
    if before.is_some() {
        set_due_date(books, row);
        return Vec::new();
    }
    lines::default_parties(
        books,
        row,
        &[
            ("OrderedBy", "OrderedByContactPerson"),
            ("InvoiceTo", "InvoiceToContactPerson"),
            ("DeliverTo", "DeliverToContactPerson"),
        ],
    );
    let mut complaints = lines::check_customer(books, row, &["InvoiceTo"]);
    if row.str("Journal").is_none() {
        let journal = books.division.rows(Kind::Journal).find(|journal| journal.int("Type") == Some(SALES));
        row.set("Journal", journal.and_then(|row| row.stored("Code")).cloned().unwrap_or(Cell::Null));
    }
    let kind = row.int("Type").unwrap_or(TYPES[0]);
    row.set("Type", Cell::Int(kind));
    row.set("TypeDescription", Cell::text(if kind % 2 == 0 { "Sales invoice" } else { "Credit note" }));
    if !TYPES.contains(&kind) {
        complaints.push(books.invalid("Type"));
    }
    lines::default_address(books, row, "DeliverTo", "DeliverToAddress");
    lines::default_payment(books, row, "InvoiceTo");
    lines::default_days(books, row, &["OrderDate"]);
    if row.int("OrderNumber").is_none() {
        row.set("OrderNumber", Cell::Int(books.division.next_number("InvoiceOrders", 1)));
    }
    set_due_date(books, row);
    set_status(row, OPEN);
    row.set("Salesperson", Cell::Guid(books.user));
    row.set("SalespersonFullName", Cell::text(USER_NAME));
    complaints
}

/// The journal type of sales.
pub(in super::super) const SALES: i64 = 20;

fn set_status(row: &mut Row, status: i64) {
    row.set("Status", Cell::Int(status));
    let described = if status == PROCESSED { "Processed" } else { "Open" };
    row.set("StatusDescription", Cell::text(described));
}

fn is_processed(row: &Row) -> bool {
    row.int("Status") == Some(PROCESSED)
}

fn is_fixed(books: &Books<'_>) -> String {
    books.say("Wijzigen niet mogelijk: Factuur is verwerkt", "Cannot change: Invoice is processed")
}

fn set_due_date(books: &Books<'_>, row: &mut Row) {
    let code = row.str("PaymentCondition").unwrap_or_default();
    let days = books.by_code(Kind::PaymentCondition, code).and_then(|found| found.int("PaymentDays"));
    let days = Days::new(days.and_then(|days| days.try_into().ok()).unwrap_or_default());
    let date = row.stored("InvoiceDate").filter(|date| **date != Cell::Null);
    let due = match date.or_else(|| row.stored("OrderDate")) {
        Some(Cell::Moment(date)) => date.checked_add_days(days).map_or(Cell::Null, Cell::Moment),
        _ => Cell::Null,
    };
    row.set("DueDate", due);
}

pub(super) fn prepare_line(books: &mut Books<'_>, row: &mut Row, before: Option<&Row>) -> Vec<String> {
    if books.of(row, "InvoiceID", Kind::SalesInvoice).is_some_and(is_processed) {
        return vec![is_fixed(books)];
    }
    if row.guid("GLAccount").is_none() {
        let item = books.of(row, "Item", Kind::Item);
        let own = item.and_then(|item| item.guid("GLRevenue"));
        let of_group = || books.of(item?, "ItemGroup", Kind::ItemGroup)?.guid("GLRevenue");
        row.set("GLAccount", own.or_else(of_group).map_or(Cell::Null, Cell::Guid));
    }
    lines::prepare(books, &INVOICE, row, before)
}

/// Header and lines share their changes: in the feed all of them come again.
pub(super) fn settle(books: &mut Books<'_>, id: Uuid, before: Option<&Row>) {
    if before.is_some() {
        restamp_lines(books, id, None);
    }
}

pub(super) fn settle_line(books: &mut Books<'_>, id: Uuid) {
    let Some(line) = books.get(Kind::SalesInvoiceLine, id).cloned() else { return };
    lines::total(books, &INVOICE, &line);
    if let Some(invoice) = line.guid("InvoiceID") {
        restamp_lines(books, invoice, Some(id));
    }
}

fn restamp_lines(books: &mut Books<'_>, invoice: Uuid, except: Option<Uuid>) {
    for line in books.ids(Kind::SalesInvoiceLine, "InvoiceID", invoice) {
        if Some(line) != except {
            books.change(Kind::SalesInvoiceLine, line, |_| {});
        }
    }
}

pub(super) fn before_delete(books: &mut Books<'_>, row: &Row) -> Vec<String> {
    let header = books.of(row, "InvoiceID", Kind::SalesInvoice);
    if header.is_some_and(is_processed) { vec![is_fixed(books)] } else { Vec::new() }
}

/// Prints an open invoice: it gets its date, its number, a document and a term to pay. A processed one stays as it is.
pub(in super::super) fn print(books: &mut Books<'_>, id: Uuid, date: Option<Cell>) -> Result<(), Refusal> {
    let mut row = books.get(Kind::SalesInvoice, id).cloned().ok_or_else(Refusal::not_found)?;
    if is_processed(&row) {
        return Ok(());
    }
    let complaints = lines::check_customer(books, &row, &["InvoiceTo"]);
    if !complaints.is_empty() {
        return Err(Refusal::business(&complaints));
    }
    let date = date.filter(|date| *date != Cell::Null);
    let date = date.or_else(|| row.stored("InvoiceDate").filter(|date| **date != Cell::Null).cloned());
    row.set("InvoiceDate", date.unwrap_or_else(|| Cell::day(books.now)));
    set_due_date(books, &mut row);
    row.set("InvoiceNumber", Cell::Int(next_invoice_number(books, &row)));
    set_status(&mut row, PROCESSED);
    row.set("Modified", Cell::moment(books.now));
    let document = documents::of_invoice(books, id, &row);
    row.set("Document", Cell::Guid(document));
    books.put(Kind::SalesInvoice, id, row.clone());
    restamp_lines(books, id, None);
    terms::owe(books, id, &row);
    Ok(())
}

/// Year, journal and a running number: 26700001.
fn next_invoice_number(books: &mut Books<'_>, row: &Row) -> i64 {
    let year = match row.stored("InvoiceDate") {
        Some(Cell::Moment(date)) => i64::from(date.year()),
        _ => 0,
    };
    let journal: i64 = row.str("Journal").and_then(|code| code.trim().parse().ok()).unwrap_or(70);
    let first = (year % 100 * 100 + journal % 100) * 10_000 + 1;
    books.division.next_number(&format!("Invoices {year} {journal}"), first)
}

/// Which quantities of an order are invoiced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Invoiced {
    Delivered,
    Ordered,
}

/// Makes an open invoice of what is left to invoice of these orders of one customer; `None` when nothing is.
pub(in super::super) fn from_orders(
    books: &mut Books<'_>,
    orders: &[Uuid],
    journal: &str,
    mode: Invoiced,
) -> Result<Option<Uuid>, Refusal> {
    let mut lines = Vec::new();
    for order in orders {
        for line in books.ids(Kind::SalesOrderLine, "OrderID", *order) {
            lines.extend(invoice_line(books, line, mode).map(|(quantity, fields)| (line, quantity, fields)));
        }
    }
    let Some(header) = orders.first().and_then(|order| books.get(Kind::SalesOrder, *order)) else {
        return Err(Refusal::not_found());
    };
    if lines.is_empty() {
        return Ok(None);
    }
    let text = |name: &str| header.str(name).map_or(Value::Null, Value::from);
    let guid = |name: &str| header.guid(name).map_or(Value::Null, |id| json!(id));
    let fields: Vec<&Value> = lines.iter().map(|(_, _, fields)| fields).collect();
    let payload = json!({
        "Journal": journal,
        "OrderedBy": guid("OrderedBy"),
        "InvoiceTo": guid("InvoiceTo"),
        "DeliverTo": guid("DeliverTo"),
        "DeliverToAddress": guid("DeliveryAddress"),
        "Description": text("Description"),
        "YourRef": text("YourRef"),
        "PaymentCondition": text("PaymentCondition"),
        "Currency": text("Currency"),
        "OrderNumber": header.int("OrderNumber"),
        "Discount": double(header, "Discount"),
        "SalesInvoiceLines": fields,
    });
    let payload = payload.as_object().cloned().unwrap_or_else(Map::new);
    let invoice = write::create(books, &sales_invoices::ENTITY, &payload)?;
    for (line, quantity, _) in lines {
        orders::advance(books, line, "QuantityInvoiced", quantity);
    }
    Ok(Some(invoice))
}

fn invoice_line(books: &Books<'_>, line: Uuid, mode: Invoiced) -> Option<(Decimal, Value)> {
    let row = books.get(Kind::SalesOrderLine, line)?;
    let so_far = row.number("QuantityInvoiced").unwrap_or_default();
    let up_to = match mode {
        Invoiced::Delivered => row.number("QuantityDelivered"),
        Invoiced::Ordered => row.number("Quantity"),
    };
    let quantity = up_to.unwrap_or_default() - so_far;
    (!quantity.is_zero()).then(|| {
        let fields = json!({
            "Item": row.guid("Item"),
            "Description": row.str("Description"),
            "Quantity": quantity.to_f64(),
            "UnitPrice": double(row, "UnitPrice"),
            "NetPrice": double(row, "NetPrice"),
            "Discount": double(row, "Discount"),
            "UnitCode": row.str("UnitCode"),
            "VATCode": row.str("VATCode"),
            "SalesOrder": row.guid("OrderID"),
            "SalesOrderLine": line,
        });
        (quantity, fields)
    })
}

/// The credit note of a processed invoice, printed: of the whole of it, or of these quantities by product.
pub(in super::super) fn credit(
    books: &mut Books<'_>,
    id: Uuid,
    quantities: Option<&BTreeMap<Uuid, Decimal>>,
) -> Result<Uuid, Refusal> {
    let row = books.get(Kind::SalesInvoice, id).cloned().ok_or_else(Refusal::not_found)?;
    let lines: Vec<Value> = books
        .ids(Kind::SalesInvoiceLine, "InvoiceID", id)
        .into_iter()
        .filter_map(|line| {
            let line = books.get(Kind::SalesInvoiceLine, line)?;
            let quantity = match quantities {
                Some(quantities) => *quantities.get(&line.guid("Item")?)?,
                None => line.number("Quantity")?,
            };
            Some(json!({
                "Item": line.guid("Item"),
                "Description": line.str("Description"),
                "Quantity": (-quantity).to_f64(),
                "NetPrice": double(line, "NetPrice"),
                "VATCode": line.str("VATCode"),
            }))
        })
        .collect();
    let payload = json!({
        "Type": TYPES[1],
        "Journal": row.str("Journal"),
        "OrderedBy": row.guid("OrderedBy"),
        "InvoiceTo": row.guid("InvoiceTo"),
        "YourRef": row.str("YourRef"),
        "Currency": row.str("Currency"),
        "SalesInvoiceLines": lines,
    });
    let payload = payload.as_object().cloned().unwrap_or_else(Map::new);
    let note = write::create(books, &sales_invoices::ENTITY, &payload)?;
    print(books, note, None)?;
    Ok(note)
}

/// A number as a payload has it.
pub(in super::super) fn double(row: &Row, name: &str) -> Option<f64> {
    row.number(name)?.to_f64()
}
