//! POSTs that do something: print, invoice, accept. A 2xx can carry an error text inside.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::books::Books;
use super::cell::Cell;
use super::refusal::Refusal;
use super::rules::invoices::{self, Invoiced, double};
use super::rules::{from_orders, orders, quotations};
use super::schema::{Edm, Kind, Property};
use super::state::State;
use super::tables::sales_orders;
use super::write;
use crate::http::Reply;

const PATHS: [&str; 10] = [
    "crm/AcceptQuotation",
    "crm/EmailWithSignOffQuotation",
    "crm/PrintQuotation",
    "crm/RejectQuotation",
    "crm/ReopenQuotation",
    "crm/ReviewQuotation",
    "salesinvoice/InvoiceSalesOrders",
    "salesinvoice/PrintedSalesInvoices",
    "salesorder/CompleteSalesOrder",
    "salesorder/PrintedSalesOrders",
];

/// The action of an accepted quotation that makes a sales order of it.
const MAKE_ORDER: i64 = 1;

pub(super) fn known(path: &str) -> bool {
    PATHS.contains(&path)
}

pub(super) fn carry_out(
    state: &mut State,
    division: i64,
    path: &str,
    payload: &Map<String, Value>,
    now: DateTime<Utc>,
) -> Result<Reply, Refusal> {
    let answer = state.write(division, now, |books| match path {
        "salesinvoice/PrintedSalesInvoices" => print_invoice(books, payload),
        "salesinvoice/InvoiceSalesOrders" => invoice_orders(books, payload),
        "salesorder/CompleteSalesOrder" => complete_order(books, payload),
        "salesorder/PrintedSalesOrders" => print_order(books, payload),
        _ => quotation(books, path, payload),
    })?;
    let mut entity = payload.clone();
    let uri = format!("{}/api/v1/{division}/{path}", state.links());
    let name = path.rsplit('/').next().unwrap_or_default();
    entity.insert("__metadata".into(), json!({ "uri": uri, "type": format!("Exact.Web.Api.Models.{name}") }));
    entity.insert("Division".into(), json!(division));
    entity.extend(answer);
    Ok(state.created(&Value::Object(entity)))
}

fn members(answer: Value) -> Map<String, Value> {
    match answer {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn key(books: &Books<'_>, payload: &Map<String, Value>, name: &'static str) -> Result<Uuid, Refusal> {
    match payload.get(name) {
        None | Some(Value::Null) => Err(Refusal::business(&[books.mandatory(name)])),
        Some(value) => match Cell::from_json(&Property::new(name, Edm::Guid), value) {
            Ok(Cell::Guid(id)) => Ok(id),
            Ok(_) => Err(Refusal::syntax()),
            Err(why) => Err(Refusal::bad_request(why)),
        },
    }
}

fn is_true(payload: &Map<String, Value>, name: &str) -> bool {
    payload.get(name) == Some(&Value::Bool(true))
}

/// The mail goes nowhere, and the answer is still a success.
fn print_invoice(books: &mut Books<'_>, payload: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    let id = key(books, payload, "InvoiceID")?;
    if books.get(Kind::SalesInvoice, id).is_none() {
        return Err(Refusal::business(&[books.invalid_reference("InvoiceID")]));
    }
    let date = payload.get("InvoiceDate").unwrap_or(&Value::Null);
    let date = Cell::from_json(&Property::new("InvoiceDate", Edm::DateTime), date);
    invoices::print(books, id, Some(date.map_err(Refusal::bad_request)?))?;
    let invoice = books.get(Kind::SalesInvoice, id);
    let document = invoice.and_then(|invoice| invoice.guid("Document"));
    let customer = invoice.and_then(|invoice| books.of(invoice, "InvoiceTo", Kind::Account));
    let has_address =
        customer.and_then(|customer| customer.str("Email")).is_some_and(|mail| !mail.is_empty());
    let mailed = is_true(payload, "SendEmailToCustomer");
    let no_address = books.say("Geen e-mailadres", "No e-mail address");
    Ok(members(json!({
        "Document": document,
        "DocumentCreationSuccess": books.say("Document aangemaakt", "Document created"),
        "DocumentCreationError": Value::Null,
        "EmailCreationSuccess": (mailed && has_address).then(|| books.say("E-mail verstuurd", "E-mail sent")),
        "EmailCreationError": (mailed && !has_address).then_some(no_address),
        "PeppolCreationSuccess": Value::Null,
        "PeppolCreationError": Value::Null,
    })))
}

/// One invoice for each order or each customer. What fails is counted and told; the rest is invoiced.
fn invoice_orders(
    books: &mut Books<'_>,
    payload: &Map<String, Value>,
) -> Result<Map<String, Value>, Refusal> {
    let number = |name: &'static str| payload.get(name).and_then(Value::as_i64);
    let missing: Vec<String> = ["CreateMode", "InvoiceMode"]
        .into_iter()
        .filter(|name| number(name).is_none())
        .chain(["JournalCode"].into_iter().filter(|name| !payload.get(*name).is_some_and(Value::is_string)))
        .map(|name| books.mandatory(name))
        .collect();
    if !missing.is_empty() {
        return Err(Refusal::business(&missing));
    }
    let mode = if number("InvoiceMode") == Some(0) { Invoiced::Delivered } else { Invoiced::Ordered };
    let journal = payload.get("JournalCode").and_then(Value::as_str).unwrap_or_default();
    let (mut created, mut errors) = (0, Vec::new());
    for orders in groups(books, payload, number("CreateMode") == Some(0))? {
        let before = books.division.savepoint();
        match from_orders(books, &orders, journal, mode) {
            Ok(Some(_)) => created += 1,
            Ok(None) => errors.push(books.say("Niets te factureren", "Nothing to invoice")),
            Err(refusal) => {
                books.division.roll_back(before);
                errors.push(refusal.message().to_owned());
            }
        }
    }
    Ok(members(json!({
        "NumberOfCreatedInvoices": created,
        "NumberOfFailedInvoices": errors.len(),
        "Errors": errors.join("\r\n"),
    })))
}

/// The orders that become one invoice.
fn groups(
    books: &Books<'_>,
    payload: &Map<String, Value>,
    per_customer: bool,
) -> Result<Vec<Vec<Uuid>>, Refusal> {
    let ids = payload.get("SalesOrderIDs").and_then(Value::as_array);
    let ids = ids.ok_or_else(|| Refusal::business(&[books.mandatory("SalesOrderIDs")]))?;
    let mut groups: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
    for id in ids {
        let id = id.as_object().ok_or_else(Refusal::syntax).and_then(|id| key(books, id, "ID"))?;
        let customer = books.get(Kind::SalesOrder, id).and_then(|order| order.guid("InvoiceTo"));
        groups.entry(customer.filter(|_| per_customer).unwrap_or(id)).or_default().push(id);
    }
    Ok(groups.into_values().collect())
}

fn complete_order(
    books: &mut Books<'_>,
    payload: &Map<String, Value>,
) -> Result<Map<String, Value>, Refusal> {
    let id = key(books, payload, "OrderID")?;
    if books.get(Kind::SalesOrder, id).is_none() {
        let error = books.invalid_reference("OrderID");
        return Ok(members(json!({ "SuccessMessage": Value::Null, "ErrorMessage": error })));
    }
    orders::complete(books, id);
    let done = books.say("Verkooporder is volledig", "Sales order completed");
    Ok(members(json!({ "SuccessMessage": done, "ErrorMessage": Value::Null })))
}

fn print_order(books: &mut Books<'_>, payload: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    let id = key(books, payload, "OrderId")?;
    if books.get(Kind::SalesOrder, id).is_none() {
        return Err(Refusal::business(&[books.invalid_reference("OrderId")]));
    }
    let done = books.say("Document aangemaakt", "Document created");
    Ok(members(json!({ "DocumentCreationSuccess": done, "DocumentCreationError": Value::Null })))
}

/// Moves a quotation on, where its status allows it. Where not, the answer is a success with an error text.
fn quotation(
    books: &mut Books<'_>,
    path: &str,
    payload: &Map<String, Value>,
) -> Result<Map<String, Value>, Refusal> {
    let id = key(books, payload, "QuotationID")?;
    let status = books.get(Kind::Quotation, id).and_then(|row| row.int("Status"));
    let Some(status) = status else {
        return Err(Refusal::business(&[books.invalid_reference("QuotationID")]));
    };
    let running = quotations::is_running(status);
    let closed = matches!(status, quotations::ACCEPTED | quotations::REJECTED | quotations::CLOSED);
    let mut answer = Map::new();
    match path {
        "crm/AcceptQuotation" if running => {
            quotations::end(books, id, quotations::ACCEPTED);
            if payload.get("Action").and_then(Value::as_i64) == Some(MAKE_ORDER) {
                order_of(books, id)?;
                let done = books.say("Verkooporder aangemaakt", "Sales order created");
                answer.insert("SalesOrderSuccess".into(), done.into());
            }
        }
        "crm/RejectQuotation" if running => quotations::end(books, id, quotations::REJECTED),
        "crm/ReopenQuotation" if closed => {
            books.edit(Kind::Quotation, id, |row| {
                quotations::set_status(row, quotations::OPEN);
                row.set("CloseDate", Cell::Null);
            });
        }
        "crm/ReviewQuotation" if status != quotations::CLOSED => {
            let new = quotations::review(books, id);
            answer.insert("NewQuotationID".into(), json!(new));
        }
        "crm/PrintQuotation" | "crm/EmailWithSignOffQuotation" if running => {
            books.edit(Kind::Quotation, id, |row| quotations::set_status(row, quotations::PRINTED));
            let done = books.say("Document aangemaakt", "Document created");
            answer.insert("DocumentCreationSuccess".into(), done.into());
        }
        _ => {
            let error = books.say("Ongeldig: Status", "Invalid: Status");
            answer.insert("ErrorMessage".into(), error.into());
            answer.insert("SuccessMessage".into(), Value::Null);
            return Ok(answer);
        }
    }
    answer.insert("SuccessMessage".into(), books.say("Gelukt", "Success").into());
    answer.insert("ErrorMessage".into(), Value::Null);
    Ok(answer)
}

/// The sales order of an accepted quotation.
fn order_of(books: &mut Books<'_>, id: Uuid) -> Result<Uuid, Refusal> {
    let row = books.get(Kind::Quotation, id).cloned().ok_or_else(Refusal::not_found)?;
    let lines: Vec<Value> = books
        .ids(Kind::QuotationLine, "QuotationID", id)
        .into_iter()
        .filter_map(|line| {
            let line = books.get(Kind::QuotationLine, line)?;
            Some(json!({
                "Item": line.guid("Item"),
                "Description": line.str("Description"),
                "Quantity": double(line, "Quantity"),
                "UnitPrice": double(line, "UnitPrice"),
                "NetPrice": double(line, "NetPrice"),
                "Discount": double(line, "Discount"),
                "VATCode": line.str("VATCode"),
            }))
        })
        .collect();
    let order = members(json!({
        "OrderedBy": row.guid("OrderAccount"),
        "DeliverTo": row.guid("DeliveryAccount"),
        "InvoiceTo": row.guid("InvoiceAccount"),
        "Description": row.str("Description"),
        "YourRef": row.str("YourRef"),
        "SalesOrderLines": lines,
    }));
    write::create(books, &sales_orders::ENTITY, &order)
}
