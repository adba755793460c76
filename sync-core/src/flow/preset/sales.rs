//! Invoices.

use super::fields::{Line, field};
use super::{Condition, Create, Flow, Preset, Test, Vendor};

/// The dates go into fields of their own: HubSpot's are moments, which are another day in another time zone.
const INVOICES: [Line; 15] = [
    field("InvoiceNumber", "Invoice number").required().owned_by_exact(),
    field("InvoiceTo", "Company").named("", "association:company").via("companies").owned_by_exact(),
    field("InvoiceDate", "Invoice date").owned_by_exact(),
    field("DueDate", "Due date").owned_by_exact(),
    field("Currency", "Currency").named("", "hs_currency").owned_by_exact(),
    field("AmountDC", "Amount").owned_by_exact(),
    field("AmountFC", "Amount in the invoice's currency").owned_by_exact(),
    field("YourRef", "Your reference").owned_by_exact(),
    field("Document.Link", "Invoice PDF").owned_by_exact(),
    field("Payment.Status", "Payment status").owned_by_exact().cleared(),
    field("Payment.Outstanding", "Outstanding amount").owned_by_exact().cleared(),
    field("Payment.Paid", "Paid amount").owned_by_exact().cleared(),
    field("Payment.WrittenOff", "Written off or credited").owned_by_exact().cleared(),
    field("Payment.OverdueDays", "Days overdue").owned_by_exact().cleared(),
    field("Payment.LastPayment", "Last payment").owned_by_exact().cleared(),
];

pub(super) fn invoices(vendor: Vendor) -> Flow {
    Flow {
        create: Create::Crm,
        identity: vec!["InvoiceNumber".to_owned()],
        // A draft has no number yet, and may still change.
        creatable: Some(Condition::exact("Status", Test::Is("50".into()))),
        ..Preset::Invoices.with(vendor, &INVOICES)
    }
}
