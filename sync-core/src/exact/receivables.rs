//! Terms of payment: what customers owe, and how far invoices are paid.

use std::collections::BTreeSet;

use crm_adapters::{Record, Result, Value, View};
use exact_client::{
    Entity, Guid, PaymentTermStatus, PaymentTermType, Receivable, Row, Scalar, Value as Exact,
};
use rust_decimal::Decimal;

use super::adapter::ExactAdapter;
use super::derive::{Of, day, decimal, grouped, guids, of, put};
use super::figures::{self, Ended, Payment, Term};
use super::kept::TERMS;
use super::kinds::asks_for;

/// What is read of a term.
pub(super) const TERM: &[&str] = &[
    "Account",
    "AmountDC",
    "AmountFC",
    "DueDate",
    "EndDate",
    "InvoiceDate",
    "InvoiceNumber",
    "IsFullyPaid",
    "LastPaymentDate",
    "Status",
    "TransactionAmountDC",
    "TransactionAmountFC",
    ENTRY,
];

/// The property of a term with the entry that its invoice was booked as. That is the id of the invoice, most likely.
pub(super) const ENTRY: &str = "TransactionEntryID";

/// In which currency amounts are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum In {
    /// That of the administration.
    Home,
    /// That of the invoice.
    Own,
}

impl ExactAdapter {
    pub(super) async fn owed(&self, view: &View, ids: &[Guid], records: &mut [Record]) -> Result<()> {
        if !asks_for(&view.fields, "Receivables.") {
            return Ok(());
        }
        let rows = self.parts_by(&TERMS, (Receivable::RESOURCE, TERM), "Account", &guids(ids)).await?;
        let terms = grouped(rows, "Account");
        for record in records {
            let terms = terms_in(In::Home, of(&terms, record));
            let owed = figures::owed(&terms, self.today());
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

    pub(super) async fn payments(&self, view: &View, ids: &[Guid], records: &mut [Record]) -> Result<()> {
        if !asks_for(&view.fields, "Payment.") {
            return Ok(());
        }
        let invoices = self.invoice_rows("InvoiceID", &guids(ids)).await?;
        let terms = self.terms(&invoices).await?;
        for record in records {
            let terms = terms_in(In::Own, of(&terms, record));
            put_payment(view, record, figures::payment(&terms, self.today()).as_ref());
        }
        Ok(())
    }

    /// The terms of booked invoices, by invoice: those of its entry, or else those of its number and its customer, since
    /// nothing promises that an invoice and its entry have one id. They are found by number alone, so what
    /// carries the same number and is another booking is left out here.
    pub(super) async fn terms(&self, invoices: &[Row]) -> Result<Of<Row>> {
        let numbers: BTreeSet<i64> = invoices.iter().filter_map(|row| row.int("InvoiceNumber")).collect();
        let numbers: Vec<Exact> = numbers.into_iter().map(Exact::Int).collect();
        let rows = self.parts_by(&TERMS, (Receivable::RESOURCE, TERM), "InvoiceNumber", &numbers).await?;
        let mut by_entry = grouped(rows, ENTRY);
        let ids: Vec<Guid> = invoices.iter().filter_map(|row| row.guid("InvoiceID")).collect();
        let mut of_invoices: Of<Row> =
            ids.iter().filter_map(|id| Some((*id, by_entry.remove(id)?))).collect();
        let others: Vec<Row> = by_entry.into_values().flatten().collect();
        for (id, invoice) in ids.iter().zip(invoices) {
            if !of_invoices.contains_key(id) {
                let own = others.iter().filter(|term| is_of(term, invoice)).cloned().collect();
                of_invoices.insert(*id, own);
            }
        }
        Ok(of_invoices)
    }

    /// The invoices of terms whose entry is none of the known invoices: those of their number and customer. Costs no call
    /// where there are no such terms.
    pub(super) async fn invoices_by_number(&self, terms: &[Row], known: &BTreeSet<Guid>) -> Result<Vec<Row>> {
        let other = |term: &&Row| {
            term.guid(ENTRY).is_some_and(|entry| !known.contains(&entry))
                && term.get("LineType").is_none_or(|ty| *ty == PaymentTermType::Receivable.to_value())
        };
        let terms: Vec<&Row> = terms.iter().filter(other).collect();
        let numbers: BTreeSet<i64> = terms.iter().filter_map(|term| term.int("InvoiceNumber")).collect();
        let numbers: Vec<Exact> = numbers.into_iter().map(Exact::Int).collect();
        let mut invoices = self.invoice_rows("InvoiceNumber", &numbers).await?;
        invoices.retain(|invoice| terms.iter().any(|term| is_of(term, invoice)));
        Ok(invoices)
    }
}

pub(super) fn put_payment(view: &View, record: &mut Record, payment: Option<&Payment>) {
    let value = |of: &dyn Fn(&Payment) -> Value| payment.map_or(Value::Null, of);
    let amount = |amount: Option<Decimal>| amount.map_or(Value::Null, |amount| amount.normalize().into());
    put(
        view,
        record,
        [
            ("Payment.Status", value(&|payment| payment.status.into())),
            ("Payment.Outstanding", value(&|payment| payment.owed.outstanding.normalize().into())),
            ("Payment.Paid", value(&|payment| amount(payment.paid))),
            ("Payment.WrittenOff", value(&|payment| amount(payment.written_off))),
            ("Payment.OverdueDays", value(&|payment| Decimal::from(payment.owed.overdue_days).into())),
            (
                "Payment.LastPayment",
                value(&|payment| payment.owed.last_payment.map_or(Value::Null, Value::Date)),
            ),
        ],
    );
}

fn terms_in(told: In, rows: &[Row]) -> Vec<Term> {
    rows.iter().map(|row| term(told, row)).collect()
}

pub(super) fn amount_of(told: In) -> &'static str {
    match told {
        In::Home => "AmountDC",
        In::Own => "AmountFC",
    }
}

/// To receive is negative in Exact, and positive here. A matched term has nothing open, whatever amount it shows.
pub(super) fn term(told: In, row: &Row) -> Term {
    let settled = row.get("IsFullyPaid") == Some(&Exact::Bool(true))
        || row.get("Status") == Some(&PaymentTermStatus::Matched.to_value());
    let entry = row.guid(ENTRY).map(|entry| entry.to_string());
    let amount = -decimal(row, amount_of(told));
    let whole = match told {
        In::Home => "TransactionAmountDC",
        In::Own => "TransactionAmountFC",
    };
    Term {
        open: if settled { Decimal::ZERO } else { amount },
        invoiced: decimal(row, whole),
        due: day(row, "DueDate"),
        paid_on: day(row, "LastPaymentDate"),
        ended: settled.then(|| Ended {
            by_money: ended_by_money(row),
            part: Some(amount).filter(|amount| !amount.is_zero()),
        }),
        invoice: entry.unwrap_or_else(|| row.int("InvoiceNumber").unwrap_or_default().to_string()),
    }
}

/// The end of a term is the latest day of all that was matched on it. Where that is later than both the invoice and the
/// last payment, something else ended it: a write-off or a credit note.
fn ended_by_money(row: &Row) -> bool {
    let Some(paid_on) = day(row, "LastPaymentDate") else { return false };
    let known = day(row, "InvoiceDate").map_or(paid_on, |invoiced| invoiced.max(paid_on));
    day(row, "EndDate").is_none_or(|end| end <= known)
}

/// Whether a term is one of an invoice by what people see of both.
fn is_of(term: &Row, invoice: &Row) -> bool {
    let customer = invoice.guid("InvoiceTo").or_else(|| invoice.guid("OrderedBy"));
    term.int("InvoiceNumber") == invoice.int("InvoiceNumber") && term.guid("Account") == customer
}
