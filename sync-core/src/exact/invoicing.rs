//! Which invoices belong to an order, and what invoices come to.

use std::collections::{BTreeMap, BTreeSet};

use crm_adapters::{Record, Result, Value, View};
use exact_client::{
    Entity, Guid, Row, SalesInvoice, SalesInvoiceLine, SalesInvoiceStatus, SalesInvoiceType, SalesOrder,
    Scalar, Value as Exact,
};
use rust_decimal::Decimal;

use super::adapter::ExactAdapter;
use super::derive::{Of, decimal, grouped, guids, id, ids_in, put, text};
use super::figures::{self, Payment, Term};
use super::kept::{INVOICES, is_header};
use super::read::List;
use super::receivables::{In, amount_of, put_payment, term};
use super::wholes::distinct;
use crate::flow::ExactKey;

/// What orders and invoices call their reference and their customer.
pub(super) const REFERENCE: &str = "YourRef";
pub(super) const CUSTOMER: &str = "OrderedBy";

/// What is read of invoices for the figures made of them.
pub(super) const INVOICE: &[&str] = &[
    "AmountDC",
    "AmountFC",
    "Currency",
    "InvoiceNumber",
    "InvoiceTo",
    CUSTOMER,
    "Status",
    "Type",
    REFERENCE,
];

/// A customer and a reference: two customers may use the same.
pub(super) type Reference = (Guid, String);

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
        let rows = self.invoice_rows("InvoiceID", &distinct(&lines, "InvoiceID")).await?;
        let (lines, rows) = (grouped(lines, "SalesOrder"), grouped(rows, "InvoiceID"));
        let heads = self.heads(orders, records).await?;
        let referring = self.referring(&heads).await?;
        let of_order = |head: &Head| {
            let made = ids_in(lines.get(&head.id).map_or(&[], Vec::as_slice), "InvoiceID");
            let made = made.iter().filter_map(|invoice| rows.get(invoice));
            let referring = head.reference().and_then(|reference| referring.get(&reference));
            (head.id, made.chain(referring).flatten().cloned().collect())
        };
        Ok(heads.iter().map(of_order).collect())
    }

    /// The invoices that bear what orders bear and whose lines name none.
    async fn referring(&self, heads: &[Head]) -> Result<BTreeMap<Reference, Vec<Row>>> {
        let references = texts(heads.iter().filter_map(|head| head.text.as_deref()));
        let mut rows = self.invoice_rows(REFERENCE, &references).await?;
        let made = self.invoice_lines("InvoiceID", &distinct(&rows, "InvoiceID")).await?;
        let made = ids_in(&made, "InvoiceID");
        rows.retain(|row| row.guid("InvoiceID").is_some_and(|invoice| !made.contains(&invoice)));
        Ok(by_reference(rows))
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
        let select = [REFERENCE, CUSTOMER];
        let rows = self.rows_by(SalesOrder::RESOURCE, List::Bulk, &select, "OrderID", &guids(orders)).await?;
        let head = |row: &Row| {
            let text = text(row, REFERENCE).map(str::to_owned);
            Some(Head { id: row.guid("OrderID")?, customer: row.guid(CUSTOMER), text })
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

/// An order, and what its invoices bear of it.
struct Head {
    id: Guid,
    customer: Option<Guid>,
    /// As it is written.
    text: Option<String>,
}

impl Head {
    fn of(record: &Record) -> Option<Self> {
        let text = match record.fields.get(REFERENCE)? {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        };
        let customer = match record.fields.get(CUSTOMER)? {
            Value::Reference(id) => Some(id.as_str().parse().ok()?),
            _ => return None,
        };
        Some(Self { id: id(record)?, customer, text })
    }

    fn reference(&self) -> Option<Reference> {
        Some((self.customer?, ExactKey::canon(self.text.as_deref()?)))
    }
}

/// The customer and the reference that an order or an invoice bears, as these are compared.
pub(super) fn reference(row: &Row) -> Option<Reference> {
    let customer = row.guid(CUSTOMER).filter(|customer| !customer.is_nil())?;
    Some((customer, ExactKey::canon(text(row, REFERENCE)?)))
}

pub(super) fn by_reference(rows: Vec<Row>) -> BTreeMap<Reference, Vec<Row>> {
    let mut groups = BTreeMap::<_, Vec<Row>>::new();
    for (reference, row) in rows.into_iter().filter_map(|row| Some((reference(&row)?, row))) {
        groups.entry(reference).or_default().push(row);
    }
    groups
}

/// Texts to look for, each once.
pub(super) fn texts<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<Exact> {
    let texts: BTreeSet<&str> = texts.collect();
    texts.into_iter().map(|text| Exact::Text(text.to_owned())).collect()
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
