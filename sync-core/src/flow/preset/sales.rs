//! Invoices.

use super::fields::{Line, field};
use super::{Create, Flow, Preset, Vendor};

const INVOICES: [Line; 10] = [
    field("InvoiceNumber", "Invoice number").required().owned_by_exact(),
    field("InvoiceTo", "Company").named("", "association:company").via("companies").owned_by_exact(),
    field("InvoiceDate", "Invoice date").named("", "hs_invoice_date").owned_by_exact(),
    field("DueDate", "Due date").named("", "hs_due_date").owned_by_exact(),
    field("Currency", "Currency").named("", "hs_currency").owned_by_exact(),
    field("AmountDC", "Amount").owned_by_exact(),
    field("Payment.Status", "Payment status").owned_by_exact(),
    field("Payment.Outstanding", "Outstanding amount").owned_by_exact(),
    field("Payment.OverdueDays", "Days overdue").owned_by_exact(),
    field("Payment.LastPayment", "Last payment").owned_by_exact(),
];

pub(super) fn invoices(vendor: Vendor) -> Flow {
    Flow {
        create: Create::Crm,
        identity: vec!["InvoiceNumber".to_owned()],
        ..Preset::Invoices.with(vendor, &INVOICES)
    }
}
