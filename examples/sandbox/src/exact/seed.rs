//! What every new administration has from its first day: the master data that orders and invoices name.

use serde_json::{Map, Value, json};

use super::books::Books;
use super::cell::Cell;
use super::rules::invoices::SALES;
use super::schema::{Entity, Property};
use super::tables::{
    currencies, gl_accounts, item_groups, journals, payment_conditions, units, vat_codes, warehouses,
};
use super::write::look_up;

pub(super) fn master_data(books: &mut Books<'_>) {
    let revenue =
        add(books, &gl_accounts::ENTITY, &json!({ "Code": "8000", "Description": "Omzet", "Type": 110 }));
    add(books, &gl_accounts::ENTITY, &json!({ "Code": "1300", "Description": "Debiteuren", "Type": 20 }));
    for (code, description) in [("EUR", "Euro"), ("USD", "Amerikaanse dollar")] {
        let fields = json!({
            "Code": code, "Description": description, "AmountPrecision": 0.01, "PricePrecision": 0.01,
        });
        add(books, &currencies::ENTITY, &fields);
    }
    for (code, description, main) in [("pc", "Stuk", 1), ("hour", "Uur", 0)] {
        let fields = json!({ "Code": code, "Description": description, "Main": main, "Active": true });
        add(books, &units::ENTITY, &fields);
    }
    for (code, description, percentage, kind) in [
        ("0", "Btw 0%", 0.0, "B"),
        ("2", "Btw hoog tarief, exclusief", 0.21, "E"),
        ("4", "Btw laag tarief, exclusief", 0.09, "E"),
    ] {
        let fields = json!({
            "Code": code, "Description": description, "Percentage": percentage, "Type": kind,
            "VATTransactionType": "B", "IsBlocked": false,
        });
        add(books, &vat_codes::ENTITY, &fields);
    }
    for (code, description, days) in [("00", "Contant", 0), ("14", "14 dagen", 14), ("30", "30 dagen", 30)] {
        let fields =
            json!({ "Code": code, "Description": description, "PaymentDays": days, "PaymentMethod": "B" });
        add(books, &payment_conditions::ENTITY, &fields);
    }
    for (code, description, kind) in
        [("70", "Verkoopboek", SALES), ("20", "Bank", 12), ("90", "Memoriaal", 90)]
    {
        let fields = json!({ "Code": code, "Description": description, "Type": kind, "Currency": "EUR" });
        add(books, &journals::ENTITY, &fields);
    }
    add(books, &warehouses::ENTITY, &json!({ "Code": "1", "Description": "Hoofdmagazijn" }));
    add(
        books,
        &item_groups::ENTITY,
        &json!({ "Code": "ALG", "Description": "Algemeen", "IsDefault": 1, "GLRevenue": revenue }),
    );
}

/// Stores a row as it is, read-only properties too.
fn add(books: &mut Books<'_>, entity: &'static Entity, fields: &Value) -> uuid::Uuid {
    let (id, mut row) = books.blank(entity);
    for (name, value) in fields.as_object().unwrap_or(&Map::new()) {
        let property: Option<&Property> = entity.property(name);
        if let Some(property) = property {
            row.set(property.name, Cell::from_json(property, value).unwrap_or(Cell::Null));
        }
    }
    look_up(books, entity, &mut row);
    books.put(entity.kind, id, row);
    id
}
