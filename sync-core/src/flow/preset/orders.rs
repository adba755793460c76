//! Orders: deals that are won become sales orders.

use super::fields::{Line, field};
use super::{Condition, Create, Flow, Preset, Test, Vendor};
use crm_adapters::{Fields, Value};

use crate::flow::{ExactKey, FieldRule, Fit, IfEmpty, Owner, Promotion, Start, Transform};

const ORDERS: [Line; 9] = [
    field("OrderedBy", "Company")
        .named("org_id", "association:company:Primary")
        .required()
        .via("companies")
        .once(),
    field("OrderedByContactPerson", "Contact person")
        .named("person_id", "association:contact")
        .via("contacts")
        .or_left_out()
        .once(),
    field("Description", "Title").named("title", "dealname").once(),
    field("Currency", "Currency").named("currency", "deal_currency_code").once(),
    field("OrderNumber", "Exact order number").owned_by_exact(),
    field("StatusDescription", "Order status").owned_by_exact(),
    field("Delivery.Status", "Delivery status").owned_by_exact(),
    field("Delivery.Shipped", "Shipped").owned_by_exact().cleared(),
    field("Invoicing.Status", "Invoice status").owned_by_exact(),
];

/// What was invoiced, and how far it is paid.
const INVOICED: [Line; 10] = [
    field("Invoicing.Numbers", "Invoice numbers").owned_by_exact().cleared(),
    field("Invoicing.CreditNotes", "Credit notes").owned_by_exact().cleared(),
    field("Invoicing.Amount", "Invoiced amount").owned_by_exact(),
    field("Invoicing.Currency", "Currency of the amounts").owned_by_exact().cleared(),
    field("Payment.Status", "Payment status").owned_by_exact().cleared(),
    field("Payment.Outstanding", "Outstanding amount").owned_by_exact().cleared(),
    field("Payment.Paid", "Paid amount").owned_by_exact().cleared(),
    field("Payment.WrittenOff", "Written off or credited").owned_by_exact().cleared(),
    field("Payment.OverdueDays", "Days overdue").owned_by_exact().cleared(),
    field("Payment.LastPayment", "Last payment").owned_by_exact().cleared(),
];

const LINES: [Line; 5] = [
    field("Item", "Product").named("product_id", "hs_product_id").required().via("products").once(),
    field("Quantity", "Quantity").named("quantity", "quantity").required().once(),
    field("UnitPrice", "Price").named("item_price", "price").required().once(),
    field("Discount", "Discount").named("discount", "hs_discount_percentage").percent().once(),
    field("Description", "Name").named("name", "name").once(),
];

pub(super) fn flow(vendor: Vendor) -> Flow {
    let (won, moment) = match vendor {
        Vendor::Pipedrive => (Condition::crm("status", Test::Is("won".into())), "won_time"),
        // Not the close date, which people type.
        Vendor::HubSpot => {
            (Condition::crm("hs_is_closed_won", Test::Is("true".into())), "hs_v2_date_entered_current_stage")
        }
    };
    let mut flow = Preset::Orders.with(vendor, ORDERS.iter().chain(&INVOICED));
    flow.rules.push(lines("SalesOrderLines", vendor));
    flow.rules.extend(discount(vendor));
    Flow {
        create: Create::Exact,
        when: Some(won),
        ask_when_left: true,
        exact_key: Some(deal_key()),
        start: Some(Start { field: moment.to_owned(), since: None }),
        promotion: Some(Promotion {
            of: "OrderedBy".to_owned(),
            when: Condition::exact("Status", Test::In(vec!["P".into(), "S".into()])),
            to: Fields::new().with("Status", Value::text("C")),
        }),
        ..flow
    }
}

/// What was invoiced for a deal without an order.
pub(super) fn billing(vendor: Vendor) -> Flow {
    let title = match vendor {
        Vendor::Pipedrive => "title",
        Vendor::HubSpot => "dealname",
    };
    Flow {
        create: Create::None,
        sync_key: None,
        exact_key: Some(deal_key()),
        title: Some(title),
        ..Preset::Billing.with(vendor, &INVOICED)
    }
}

/// What is taken off the whole deal, which HubSpot does not know. Taken back after the order was made, it is asked about.
fn discount(vendor: Vendor) -> Option<FieldRule> {
    (vendor == Vendor::Pipedrive).then(|| FieldRule {
        owner: Owner::Once,
        if_empty: IfEmpty::Clear,
        optional: true,
        transform: vec![Transform::Percent],
        ..FieldRule::new("Discount", "discounts")
    })
}

/// The deal's id in the document made from it.
pub(super) fn deal_key() -> ExactKey {
    ExactKey { property: "YourRef".to_owned(), prefix: "D-".to_owned() }
}

/// The lines of a deal as those of a document. What the deal does not say, Exact fills in: the unit, and the VAT code of
/// the item and the customer.
pub(super) fn lines(property: &str, vendor: Vendor) -> FieldRule {
    let (crm, counted) = match vendor {
        Vendor::Pipedrive => ("products", Some(Condition::crm("is_enabled", Test::IsNot("false".into())))),
        Vendor::HubSpot => ("line_items", None),
    };
    FieldRule {
        owner: Owner::Once,
        lines: LINES.iter().map(|line| line.rule(vendor)).collect(),
        lines_counted: counted,
        lines_fit: checks(vendor),
        ..FieldRule::new(property, crm)
    }
}

/// What holds for a line that a document can have: something is sold, its price is without tax, and what is taken off is a
/// percentage.
fn checks(vendor: Vendor) -> Vec<Fit> {
    let check = |holds: Condition, otherwise: &str| Fit { holds, otherwise: otherwise.to_owned() };
    let none = |name: &str| {
        Condition::Any(vec![
            Condition::crm(name, Test::Present(false)),
            Condition::crm(name, Test::Is("0".into())),
        ])
    };
    let any = |one: Condition, other: Condition| Condition::Any(vec![one, other]);
    let mut checks = vec![check(
        Condition::Not(Box::new(none("quantity"))),
        "its quantity is 0; say how many were sold, or remove the line",
    )];
    match vendor {
        Vendor::Pipedrive => checks.extend([
            check(
                any(none("discount"), Condition::crm("discount_type", Test::Is("percentage".into()))),
                "its discount is an amount, and Exact's is a percentage; lower the price instead",
            ),
            check(
                any(none("tax"), Condition::crm("tax_method", Test::IsNot("inclusive".into()))),
                "its price includes tax, and Exact's does not; enter the price without tax",
            ),
        ]),
        Vendor::HubSpot => checks.extend([
            check(
                Condition::crm("price", Test::Present(true)),
                "it has no price; enter one, 0 for what is given away",
            ),
            check(
                none("discount"),
                "its discount is an amount, and Exact's is a percentage; lower the price instead",
            ),
        ]),
    }
    checks
}
