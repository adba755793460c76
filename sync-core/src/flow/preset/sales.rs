//! Orders and invoices.

use super::fields::{Line, field};
use super::{Condition, Create, Flow, Preset, Test, Vendor};
use crate::flow::{ExactKey, FieldRule, Owner, Start};

const ORDERS: [Line; 11] = [
    field("OrderedBy", "Company")
        .named("org_id", "association:company:Primary")
        .required()
        .via("companies")
        .once(),
    field("Description", "Title").named("title", "dealname").once(),
    field("OrderNumber", "Exact order number").owned_by_exact(),
    field("StatusDescription", "Order status").owned_by_exact(),
    field("Delivery.Status", "Delivery status").owned_by_exact(),
    field("Delivery.Shipped", "Shipped").owned_by_exact(),
    field("Invoicing.Numbers", "Invoice numbers").owned_by_exact(),
    field("Invoicing.Amount", "Invoiced amount").owned_by_exact(),
    field("Payment.Status", "Payment status").owned_by_exact(),
    field("Payment.Outstanding", "Outstanding amount").owned_by_exact(),
    field("Payment.LastPayment", "Last payment").owned_by_exact(),
];

const ORDER_LINES: [Line; 5] = [
    field("Item", "Product").named("product_id", "hs_product_id").required().via("products").once(),
    field("Quantity", "Quantity").named("quantity", "quantity").required().once(),
    field("UnitPrice", "Price").named("item_price", "price").required().once(),
    field("Discount", "Discount").named("discount", "hs_discount_percentage").percent().once(),
    field("Description", "Name").named("name", "name").once(),
];

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

pub(super) fn orders(vendor: Vendor) -> Flow {
    let (lines, won, moment) = match vendor {
        Vendor::Pipedrive => ("products", Condition::crm("status", Test::Is("won".into())), "won_time"),
        Vendor::HubSpot => {
            ("line_items", Condition::crm("hs_is_closed_won", Test::Is("true".into())), "closedate")
        }
    };
    let mut flow = Preset::Orders.with(vendor, &ORDERS);
    flow.rules.push(FieldRule {
        owner: Owner::Once,
        lines: ORDER_LINES.iter().map(|line| line.rule(vendor)).collect(),
        lines_fit: Some(plain_lines(vendor)),
        ..FieldRule::new("SalesOrderLines", lines)
    });
    Flow {
        create: Create::Exact,
        when: Some(won),
        exact_key: Some(ExactKey { property: "YourRef".to_owned(), prefix: "D-".to_owned() }),
        start: Some(Start { field: moment.to_owned(), since: None }),
        ..flow
    }
}

/// Lines whose price is without tax and whose discount, if any, is a percentage.
fn plain_lines(vendor: Vendor) -> Condition {
    let none = |name: &str| {
        Condition::Any(vec![
            Condition::crm(name, Test::Present(false)),
            Condition::crm(name, Test::Is("0".into())),
        ])
    };
    match vendor {
        Vendor::Pipedrive => Condition::All(vec![
            Condition::Any(vec![
                none("discount"),
                Condition::crm("discount_type", Test::Is("percentage".into())),
            ]),
            // Without tax there is none in the price; Pipedrive says `inclusive` where nobody chose.
            Condition::Any(vec![none("tax"), Condition::crm("tax_method", Test::IsNot("inclusive".into()))]),
        ]),
        Vendor::HubSpot => none("discount"),
    }
}

pub(super) fn invoices(vendor: Vendor) -> Flow {
    Flow {
        create: Create::Crm,
        identity: vec!["InvoiceNumber".to_owned()],
        ..Preset::Invoices.with(vendor, &INVOICES)
    }
}
