//! The fields of each kind on each side.

use crm_adapters::{Field, FieldType, Kind, Schema};
use sync_core::flow::Side;

use super::sort::{COMPANIES, KEY, PEOPLE, Sort, employer};

pub(super) fn of(side: Side, kind: Kind, trade: bool) -> Schema {
    Schema::new(match (side, kind) {
        (_, Kind::Company) => company(side, trade),
        (_, Kind::Contact) => person(side),
        (Side::Exact, Kind::Product) => item(),
        (Side::Crm, Kind::Product) => product(),
        (Side::Exact, _) => order(),
        (Side::Crm, _) => deal(),
    })
}

fn field(name: &str, ty: FieldType) -> Field {
    Field::new(name, name, ty)
}

fn text(name: &str) -> Field {
    field(name, FieldType::Text)
}

fn number(name: &str) -> Field {
    field(name, FieldType::Decimal)
}

fn company(side: Side, trade: bool) -> Vec<Field> {
    let mut fields = of_sort(&COMPANIES, side);
    fields.push(text(if side == Side::Exact { "Status" } else { KEY }));
    match (trade, side) {
        (false, _) => {}
        (true, Side::Exact) => {
            fields.extend(
                ["Receivables.Outstanding", "Receivables.OpenInvoices"].map(|name| number(name).read_only()),
            );
        }
        (true, Side::Crm) => {
            fields.extend(["custom:Outstanding amount", "custom:Open invoices"].map(number));
        }
    }
    fields
}

fn person(side: Side) -> Vec<Field> {
    let mut fields = of_sort(&PEOPLE, side);
    let company = field(employer(side), FieldType::Reference(Kind::Company));
    match side {
        Side::Exact => fields.extend([text("FirstName"), text("MiddleName"), company.required()]),
        Side::Crm => fields.extend([text(KEY), company]),
    }
    fields
}

fn of_sort(sort: &Sort, side: Side) -> Vec<Field> {
    (0..sort.fields.len()).map(|at| text(sort.field(at, side))).collect()
}

fn item() -> Vec<Field> {
    vec![
        text("Code").required(),
        text("Description"),
        field("IsSalesItem", FieldType::Bool),
        field("EndDate", FieldType::Date),
        number("Price.EUR").read_only(),
    ]
}

fn product() -> Vec<Field> {
    vec![text("code"), text("name").required(), number("prices:EUR"), text(KEY)]
}

fn order() -> Vec<Field> {
    vec![
        field("OrderedBy", FieldType::Reference(Kind::Company)).required(),
        text("Description"),
        text("YourRef"),
        field("SalesOrderLines", FieldType::Lines).required(),
        text("OrderNumber").read_only(),
        text("Delivery.Shipped").read_only(),
        number("Invoicing.Amount").read_only(),
        text("Payment.Status").read_only(),
        number("Payment.Outstanding").read_only(),
    ]
}

fn deal() -> Vec<Field> {
    vec![
        text("title").required(),
        field("org_id", FieldType::Reference(Kind::Company)),
        text("status"),
        field("won_time", FieldType::Instant),
        field("products", FieldType::Lines).read_only(),
        text("custom:Exact order number"),
        text("custom:Shipped"),
        number("custom:Invoiced amount"),
        text("custom:Payment status"),
        number("custom:Outstanding amount"),
        text(KEY),
    ]
}
