//! Which invoices belong to an order, and what invoices come to.

use std::collections::{BTreeMap, BTreeSet};

use crm_adapters::{Record, Result, Value, View};
use exact_client::{
    Entity, Guid, Row, SalesInvoice, SalesInvoiceLine, SalesInvoiceStatus, SalesInvoiceType, SalesOrder,
    Scalar, Value as Exact,
};
use rust_decimal::Decimal;

use super::adapter::ExactAdapter;
use super::derive::{Of, decimal, guids, id, ids_in, put, text};
use super::figures::{self, Payment, Term};
use super::kept::{INVOICES, is_header};
use super::read::List;
use super::receivables::{In, amount_of, put_payment, term};
use super::wholes::distinct;
use crate::flow::ExactKey;

/// What is read of invoices for the figures made of them.
pub(super) const INVOICE: &[&str] = &[
    "AmountDC",
    "AmountFC",
    "Currency",
    "InvoiceNumber",
    "InvoiceTo",
    "OrderedBy",
    "Status",
    "Type",
    "YourRef",
];

impl ExactAdapter {
    /// The lines of invoices that name orders, by those invoices or by these orders.
    pub(super) async fn invoice_lines(&self, property: &str, values: &[Exact]) -> Result<Vec<Row>> {
        let of_line = (SalesInvoiceLine::RESOURCE, &["InvoiceID", "SalesOrder"][..]);
        let mut lines = self.parts_by(&INVOICES, of_line, property, values).await?;
        lines.retain(|line| line.guid("SalesOrder").is_some_and(|order| !order.is_nil()));
        Ok(lines)
    }

    /// The invoices and credit notes of orders: those whose lines come from it, and of those whose lines name no order the
    /// ones that carry its `YourRef`. A credit note names no order, but takes the reference over.
    pub(super) async fn invoices(&self, orders: &[Guid], records: &[Record]) -> Result<Of<Row>> {
        let lines = self.invoice_lines("SalesOrder", &guids(orders)).await?;
        let orders = self.heads(orders, records).await?;
        let ids: Vec<Guid> = ids_in(&lines, "InvoiceID").into_iter().collect();
        let references: BTreeSet<&str> =
            orders.iter().filter_map(|order| order.reference.as_deref()).collect();
        let references: Vec<Exact> =
            references.into_iter().map(|text| Exact::Text(text.to_owned())).collect();
        let mut rows = self.invoice_rows("InvoiceID", &guids(&ids)).await?;
        let mut referring = self.invoice_rows("YourRef", &references).await?;
        referring.retain(|row| row.guid("InvoiceID").is_some_and(|id| !ids.contains(&id)));
        let made_of_others = self.invoice_lines("InvoiceID", &distinct(&referring, "InvoiceID")).await?;
        let made_of_others = ids_in(&made_of_others, "InvoiceID");
        referring.retain(|row| row.guid("InvoiceID").is_some_and(|id| !made_of_others.contains(&id)));
        rows.extend(referring);
        let rows: BTreeMap<Guid, Row> =
            rows.into_iter().filter_map(|row| Some((row.guid("InvoiceID")?, row))).collect();
        let of_order = |order: &Head| {
            let key = order.id;
            let by_line = |invoice: Guid| {
                lines.iter().any(|line| {
                    line.guid("SalesOrder") == Some(key) && line.guid("InvoiceID") == Some(invoice)
                })
            };
            let same = |id: Guid, row: &Row| {
                order.reference.is_some()
                    && !ids.contains(&id)
                    && reference(row) == order.reference
                    && row.guid("OrderedBy") == order.customer
            };
            let own = rows.iter().filter(|(id, row)| by_line(**id) || same(**id, row));
            (key, own.map(|(_, row)| row.clone()).collect())
        };
        Ok(orders.iter().map(of_order).collect())
    }

    /// The invoices whose property has one of these values.
    pub(super) async fn invoice_rows(&self, property: &str, values: &[Exact]) -> Result<Vec<Row>> {
        let of_invoice = (SalesInvoice::RESOURCE, INVOICE);
        let mut rows = self.parts_by(&INVOICES, of_invoice, property, values).await?;
        rows.retain(|row| row.get("LineNumber").is_none() || is_header(row));
        Ok(rows)
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
            Some(Head {
                id: row.guid("OrderID")?,
                reference: reference(row),
                customer: row.guid("OrderedBy"),
            })
        };
        Ok(rows.iter().filter_map(head).collect())
    }

    /// Puts down what was invoiced and how far it is paid, and says it. Amounts in different currencies have only that of
    /// the administration in common.
    pub(super) fn put_invoiced(
        &self,
        view: &View,
        record: &mut Record,
        invoices: &[Row],
        terms: &Of<Row>,
    ) -> Option<Payment> {
        let currency = one_currency(invoices);
        let told = if currency.is_some() || invoices.is_empty() { In::Own } else { In::Home };
        let currency = currency.or_else(|| (!invoices.is_empty()).then(|| self.home_currency()));
        let is_booked = |row: &&Row| row.get("Status") == Some(&SalesInvoiceStatus::Processed.to_value());
        let booked: Vec<&Row> = invoices.iter().filter(is_booked).collect();
        let (notes, bills): (Vec<&Row>, Vec<&Row>) = booked.iter().partition(|row| is_credit_note(row));
        let amount = booked.iter().map(|row| decimal(row, amount_of(told))).sum::<Decimal>();
        put(
            view,
            record,
            [
                ("Invoicing.Currency", currency.map_or(Value::Null, Value::text)),
                ("Invoicing.Numbers", numbers(&bills).into()),
                ("Invoicing.CreditNotes", numbers(&notes).into()),
                ("Invoicing.Amount", amount.normalize().into()),
            ],
        );
        let terms = invoices.iter().filter_map(|invoice| terms.get(&invoice.guid("InvoiceID")?)).flatten();
        let terms: Vec<Term> = terms.map(|row| term(told, row)).collect();
        let payment = figures::payment(&terms, self.today());
        put_payment(view, record, payment.as_ref());
        payment
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
            Value::Text(text) => Some(ExactKey::canon(text)),
            _ => None,
        };
        let customer = match record.fields.get("OrderedBy")? {
            Value::Reference(id) => Some(id.as_str().parse().ok()?),
            _ => return None,
        };
        Some(Self { id: id(record)?, reference, customer })
    }
}

/// The reference of an order or an invoice, in the form in which references are compared.
pub(super) fn reference(row: &Row) -> Option<String> {
    text(row, "YourRef").map(ExactKey::canon)
}

/// The numbers of invoices, in their order.
fn numbers(invoices: &[&Row]) -> String {
    let mut numbers: Vec<i64> = invoices.iter().filter_map(|row| row.int("InvoiceNumber")).collect();
    numbers.sort_unstable();
    numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}

fn is_credit_note(invoice: &Row) -> bool {
    [SalesInvoiceType::CreditNote, SalesInvoiceType::DirectCreditNote]
        .iter()
        .any(|ty| invoice.get("Type") == Some(&ty.to_value()))
}

/// The currency that all these invoices have.
fn one_currency(invoices: &[Row]) -> Option<&str> {
    let mut currencies = invoices.iter().map(|row| text(row, "Currency"));
    let first = currencies.next()??;
    currencies.all(|other| other == Some(first)).then_some(first)
}
