use std::collections::BTreeMap;

use serde_json::json;

use super::*;
use crate::hubspot::entity::Entities;
use crate::hubspot::fields::Account;
use crate::hubspot::wire::WireRecord;
use crate::model::{Fields, RecordId, Value};

fn catalogue() -> Catalogue {
    let property = |name: &str, ty: &str, field_type: &str| {
        json!({"name": name, "label": name, "type": ty, "fieldType": field_type, "hubspotDefined": true,
            "options": [{"label": "Building", "value": "B"}, {"label": "Trade", "value": "T"}]})
    };
    let properties = json!([
        property("name", "string", "text"),
        property("amount", "number", "number"),
        property("closed", "bool", "booleancheckbox"),
        property("day", "date", "date"),
        property("moment", "datetime", "date"),
        property("sector", "enumeration", "select"),
        property("sectors", "enumeration", "checkbox"),
    ]);
    let properties = serde_json::from_value(properties).unwrap();
    let entities = Entities::new(&BTreeMap::new()).unwrap();
    Catalogue::new(entities.get(Kind::Company).unwrap(), &Account { properties, ..Account::default() })
}

/// A property, what HubSpot writes there, and what it is here.
fn table() -> Vec<(&'static str, &'static str, Value)> {
    let labels = ["Building", "Trade"].map(Value::text).to_vec();
    vec![
        ("name", "Acme B.V.", Value::text("Acme B.V.")),
        ("amount", "1250.5", Value::Decimal("1250.5".parse().unwrap())),
        ("closed", "true", Value::Bool(true)),
        ("day", "2026-01-31", Value::Date("2026-01-31".parse().unwrap())),
        ("moment", "2026-01-31T10:00:00.000Z", Value::Instant("2026-01-31T10:00:00Z".parse().unwrap())),
        ("sector", "T", Value::text("Trade")),
        ("sectors", "B;T", Value::List(labels)),
        ("name", "", Value::Null),
        ("amount", "", Value::Null),
        ("sectors", "", Value::Null),
    ]
}

fn read(properties: &serde_json::Value) -> Reading {
    let entities = Entities::new(&BTreeMap::new()).unwrap();
    let names = properties.as_object().unwrap().keys().filter(|name| !name.starts_with("hs_"));
    let view = View { kind: Kind::Company, fields: names.cloned().collect() };
    let lens = Lens::new(entities.get(Kind::Company).unwrap(), &catalogue(), &view).unwrap();
    let wire: WireRecord = serde_json::from_value(json!({"id": "7", "properties": properties})).unwrap();
    lens.read(&wire).unwrap()
}

#[test]
fn every_type_is_read_as_what_it_is_and_written_as_it_was() {
    for (name, text, value) in table() {
        let reading = read(&json!({name: text}));
        assert_eq!(reading.record.fields.get(name), Some(&value), "{name}");
        let written = encode(&catalogue(), &Fields::new().with(name, value)).unwrap();
        assert_eq!(written.properties.get(name).map(String::as_str), Some(text), "{name}");
    }
}

#[test]
fn a_day_in_a_property_for_moments_is_its_midnight() {
    let day = Value::Date("2026-04-01".parse().unwrap());
    let written = encode(&catalogue(), &Fields::new().with("moment", day)).unwrap();
    assert_eq!(written.properties["moment"], "2026-04-01T00:00:00.000Z");
}

#[test]
fn null_is_empty_and_a_value_of_another_type_is_no_opinion() {
    let reading = read(&json!({"name": null, "amount": "twelve", "day": "soon", "sector": "X"}));
    assert_eq!(reading.record.fields, Fields::new().with("name", Value::Null));
    assert!(reading.unknown_option);
}

#[test]
fn what_cannot_be_written_is_named_with_its_field() {
    let table = [("amount", "twelve"), ("closed", "perhaps"), ("day", "soon"), ("sector", "Fishing")];
    for (name, text) in table {
        let error = encode(&catalogue(), &Fields::new().with(name, text)).unwrap_err();
        assert_eq!((error.kind(), error.field()), (crate::ErrorKind::Invalid, Some(name)), "{error}");
    }
}

#[test]
fn merged_ids_come_without_the_record_itself() {
    let reading = read(&json!({"name": "x", "hs_merged_object_ids": "7;3; 4"}));
    assert_eq!(reading.merged, ["3", "4"].map(RecordId::new));
}
