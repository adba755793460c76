//! Exact's values in neutral terms, and back.

use crm_adapters::{Field, FieldType, Kind, RecordId, Value};
use exact_client::{Edm, Padding, Property, Value as Exact, WallTime};
use rust_decimal::Decimal;

const ACCOUNTS: &str = "crm/Accounts";
const CONTACTS: &str = "crm/Contacts";
const ITEMS: &str = "logistics/Items";
const ORDERS: &str = "salesorder/SalesOrders";
const QUOTATIONS: &str = "crm/Quotations";
const INVOICES: &str = "salesinvoice/SalesInvoices";
/// The length of an id, in characters.
const GUID: usize = 36;

/// What Exact delivered, in neutral terms.
pub(super) fn neutral(property: &Property, value: Exact) -> Value {
    match value {
        Exact::Null => Value::Null,
        Exact::Text(text) => Value::text(text),
        Exact::Guid(id) if id.is_nil() => Value::Null,
        Exact::Guid(id) if refers_to(property).is_some() => Value::Reference(RecordId::new(id.to_string())),
        Exact::Guid(id) => Value::Text(id.to_string()),
        Exact::Bool(yes) => Value::Bool(yes),
        Exact::Int(number) => Value::Decimal(Decimal::from(number)),
        Exact::Decimal(number) => Value::Decimal(number.normalize()),
        Exact::Date(day) => Value::Date(day),
        Exact::Moment(time) => Value::Instant(time.to_utc()),
        Exact::Lines(lines) => Value::Lines(lines.into_iter().map(line).collect()),
    }
}

fn line(row: exact_client::Row) -> crm_adapters::Fields {
    row.into_iter().map(|(property, value)| (property.name().to_owned(), neutral(property, value))).collect()
}

/// A neutral value as this property takes it; `None` where it cannot hold it.
pub(super) fn exact(property: &Property, value: &Value) -> Option<Exact> {
    Some(match (property.edm(), value) {
        (_, Value::Null) => Exact::Null,
        (Edm::Text, Value::Text(text)) => Exact::Text(text.clone()),
        (Edm::Text, Value::Decimal(number)) => Exact::Text(number.normalize().to_string()),
        (Edm::Guid, Value::Text(id)) => Exact::Guid(id.parse().ok()?),
        (Edm::Guid, Value::Reference(id)) => Exact::Guid(id.as_str().parse().ok()?),
        (Edm::Boolean, Value::Bool(yes)) => Exact::Bool(*yes),
        (Edm::Byte, Value::Bool(yes)) => Exact::Int(i64::from(*yes)),
        (Edm::Double, Value::Decimal(number)) => Exact::Decimal(*number),
        (Edm::Byte | Edm::Int16 | Edm::Int32 | Edm::Int64, Value::Decimal(number)) => {
            Exact::Int(i64::try_from(number.normalize()).ok().filter(|_| number.fract().is_zero())?)
        }
        (Edm::Date | Edm::Moment, Value::Date(day)) => Exact::Date(*day),
        (Edm::Moment, Value::Instant(moment)) => Exact::Moment(WallTime::from_utc(*moment)),
        _ => return None,
    })
}

/// What the engine may know of a property before it writes it.
pub(super) fn field(property: &Property, max_length: Option<usize>) -> Field {
    let mut field = Field::new(property.name(), property.name(), field_type(property));
    let told = property.max_length().map(usize::from);
    // A code that Exact fills up is no longer than that; an id that names no record of a known kind is a text.
    let width = match property.padding() {
        Padding::Left(width) | Padding::Right(width) => Some(usize::from(width)),
        _ => (property.edm() == Edm::Guid).then_some(GUID),
    };
    if let Some(characters) = max_length.or(told).or(width) {
        field = field.max_length(characters);
    }
    if matches!(property.edm(), Edm::Byte | Edm::Int16 | Edm::Int32 | Edm::Int64) {
        field = field.decimals(0);
    }
    if property.is_required() {
        field = field.required();
    }
    if property.is_writable() { field } else { field.read_only() }
}

fn field_type(property: &Property) -> FieldType {
    match property.edm() {
        Edm::Text => FieldType::Text,
        Edm::Guid => refers_to(property).map_or(FieldType::Text, FieldType::Reference),
        Edm::Boolean => FieldType::Bool,
        Edm::Byte | Edm::Int16 | Edm::Int32 | Edm::Int64 | Edm::Double => FieldType::Decimal,
        Edm::Date => FieldType::Date,
        Edm::Moment => FieldType::Instant,
        Edm::Lines => FieldType::Lines,
        _ => FieldType::Other,
    }
}

fn refers_to(property: &Property) -> Option<Kind> {
    match property.links_to() {
        Some(ACCOUNTS) => Some(Kind::Company),
        Some(CONTACTS) => Some(Kind::Contact),
        Some(ITEMS) => Some(Kind::Product),
        Some(ORDERS) => Some(Kind::Order),
        Some(QUOTATIONS) => Some(Kind::Quotation),
        Some(INVOICES) => Some(Kind::Invoice),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use exact_client::{Account, Entity};

    use super::*;

    fn property(name: &str) -> &'static Property {
        Account::RESOURCE.property(name).unwrap()
    }

    const ID: &str = "71b961de-0000-4000-8000-000000000001";

    #[test]
    fn what_is_read_can_be_written_back() {
        let day = NaiveDate::from_ymd_opt(2026, 1, 31).unwrap();
        let cases = [
            ("Name", Exact::Text("'t Hof".into()), Value::Text("'t Hof".into())),
            ("Parent", Exact::Guid(ID.parse().unwrap()), Value::Reference(RecordId::new(ID))),
            ("AccountManager", Exact::Guid(ID.parse().unwrap()), Value::Text(ID.into())),
            ("Blocked", Exact::Bool(true), Value::Bool(true)),
            ("InvoicingMethod", Exact::Int(2), Value::Decimal(Decimal::from(2))),
            ("DiscountSales", Exact::Decimal(Decimal::new(55, 3)), Value::Decimal(Decimal::new(55, 3))),
            ("EndDate", Exact::Date(day), Value::Date(day)),
            ("Name", Exact::Null, Value::Null),
        ];
        for (name, stored, value) in cases {
            assert_eq!(neutral(property(name), stored.clone()), value, "{name}");
            assert_eq!(exact(property(name), &value), Some(stored), "{name}");
        }
    }

    #[test]
    fn empty_texts_and_empty_ids_are_null() {
        assert_eq!(neutral(property("Email"), Exact::Text("  ".into())), Value::Null);
        let nil = "00000000-0000-0000-0000-000000000000".parse().unwrap();
        assert_eq!(neutral(property("Parent"), Exact::Guid(nil)), Value::Null);
    }

    #[test]
    fn what_a_property_cannot_hold_is_refused() {
        for (name, value) in [
            ("Parent", Value::Text("none".into())),
            ("Blocked", Value::Text("yes".into())),
            ("InvoicingMethod", Value::Decimal(Decimal::new(15, 1))),
            ("EndDate", Value::Text("tomorrow".into())),
            ("Name", Value::List(Vec::new())),
        ] {
            assert_eq!(exact(property(name), &value), None, "{name}");
        }
    }

    #[test]
    fn lengths_are_a_setting() {
        assert_eq!(field(property("Name"), None).max_length, Some(50));
        assert_eq!(field(property("Name"), Some(60)).max_length, Some(60));
        assert_eq!(field(property("Country"), None).max_length, Some(3), "the width of the code");
        assert!(field(property("Created"), None).read_only);
    }

    #[test]
    fn whole_numbers_are_told_from_those_with_decimals() {
        assert_eq!(field(property("InvoicingMethod"), None).decimals, Some(0));
        assert_eq!(field(property("DiscountSales"), None).decimals, None);
    }
}
