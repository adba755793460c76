use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::json;

use super::*;
use crate::error::ErrorKind;
use crate::model::{Fields, Value};
use crate::pipedrive::entity::List;
use crate::pipedrive::entity::entity;
use crate::pipedrive::fields::{Choice, Lists};
use crate::pipedrive::wire::{WireField, WireRecord};

const KEY: &str = "0123456789abcdef0123456789abcdef01234567";

/// A catalogue with one custom field labelled `X`.
fn catalogue(field_type: &str, options: &serde_json::Value) -> Catalogue {
    let fields = json!([
        {"field_name": "X", "field_code": KEY, "field_type": field_type, "is_custom_field": true, "options": options},
        {"field_name": "Label", "field_code": "label_ids", "field_type": "set", "is_custom_field": false,
         "options": [{"id": 5, "label": "Customer"}, {"id": 6, "label": "Lead"}]},
    ]);
    let fields: Vec<WireField> = serde_json::from_str(&fields.to_string()).unwrap();
    Catalogue::new(entity(Kind::Company).unwrap(), &fields, &Lists::new())
}

fn soort() -> serde_json::Value {
    json!([{"id": 1, "label": "Project"}, {"id": 2, "label": "Handel"}])
}

/// Reads one field of a record given as JSON text.
fn read(catalogue: &Catalogue, name: &str, record: &str) -> (Option<Value>, bool) {
    let view = View { kind: Kind::Company, fields: vec![name.to_owned()] };
    let wire: WireRecord = serde_json::from_str(record).unwrap();
    let reading = Lens::new(catalogue, &view).unwrap().read(&wire).unwrap();
    (reading.record.fields.get(name).cloned(), reading.unknown_option)
}

fn read_custom(field_type: &str, raw: &str) -> Option<Value> {
    let record = format!(r#"{{"id": 1, "custom_fields": {{"{KEY}": {raw}}}}}"#);
    read(&catalogue(field_type, &soort()), "custom:X", &record).0
}

fn write(catalogue: &Catalogue, name: &str, value: Value) -> Result<serde_json::Value> {
    let mut fields = Fields::new();
    fields.set(name, value);
    Ok(serde_json::from_slice(&body(catalogue, &fields, &Basis::default())?).unwrap())
}

fn write_custom(field_type: &str, value: Value) -> Result<serde_json::Value> {
    let body = write(&catalogue(field_type, &soort()), "custom:X", value)?;
    Ok(body["custom_fields"][KEY].clone())
}

fn decimal(text: &str) -> Value {
    Value::Decimal(text.parse().unwrap())
}

fn day() -> Value {
    Value::Date("2026-01-31".parse().unwrap())
}

fn labels(labels: &[&str]) -> Value {
    Value::List(labels.iter().copied().map(Value::text).collect())
}

#[test]
fn each_type_of_custom_field_is_read_as_its_neutral_value() {
    let table = [
        ("varchar", r#""  Janssen "#.to_owned() + r#"& Zn.""#, Some(Value::text("Janssen & Zn."))),
        ("varchar", r#""""#.to_owned(), Some(Value::Null)),
        ("varchar", "12345678".to_owned(), Some(Value::text("12345678"))),
        ("double", "12345678901234.567891".to_owned(), Some(decimal("12345678901234.567891"))),
        ("double", "1e3".to_owned(), Some(decimal("1000"))),
        ("date", r#""2026-01-31""#.to_owned(), Some(day())),
        ("enum", "2".to_owned(), Some(Value::text("Handel"))),
        ("enum", r#"{"id": 2, "label": "Handel"}"#.to_owned(), Some(Value::text("Handel"))),
        ("set", "[2, 1]".to_owned(), Some(labels(&["Project", "Handel"]))),
        ("set", "[]".to_owned(), Some(Value::Null)),
        ("monetary", r#"{"value": 500.10, "currency": "EUR"}"#.to_owned(), Some(decimal("500.1"))),
        (
            "address",
            r#"{"value": "Dam 1, Amsterdam", "locality": null}"#.to_owned(),
            Some(Value::text("Dam 1, Amsterdam")),
        ),
        ("org", "77".to_owned(), Some(Value::Reference(crate::RecordId::new("77")))),
        ("varchar", "null".to_owned(), Some(Value::Null)),
    ];
    for (field_type, raw, expected) in table {
        assert_eq!(read_custom(field_type, &raw), expected, "{field_type} {raw}");
    }
}

#[test]
fn the_country_of_an_organization_is_a_part_of_its_address() {
    let country = |address: &str| {
        let record = format!(r#"{{"id": 1, "address": {address}}}"#);
        read(&catalogue("varchar", &json!([])), "country", &record).0
    };
    assert_eq!(country(r#"{"value": "Dam 1", "country": "Netherlands"}"#), Some(Value::text("Netherlands")));
    assert_eq!(country(r#"{"value": "Dam 1"}"#), Some(Value::Null));
    assert_eq!(country("null"), Some(Value::Null));
}

#[test]
fn a_value_of_another_type_is_left_out_and_not_called_empty() {
    for (field_type, raw) in [
        ("double", r#""much""#),
        ("date", r#""soon""#),
        ("varchar", "[1]"),
        ("time", r#"{"value": "10:00"}"#),
    ] {
        assert_eq!(read_custom(field_type, raw), None, "{field_type} {raw}");
    }
}

#[test]
fn an_option_that_is_not_known_is_no_opinion() {
    let record = format!(r#"{{"id": 1, "custom_fields": {{"{KEY}": 99}}}}"#);
    assert_eq!(read(&catalogue("enum", &soort()), "custom:X", &record), (None, true));
}

#[test]
fn absent_null_and_value_are_three_things() {
    let catalogue = catalogue("varchar", &json!(null));
    let read = |name, record: &str| read(&catalogue, name, record).0;
    assert_eq!(read("website", r#"{"id": 1}"#), None);
    assert_eq!(read("website", r#"{"id": 1, "website": null}"#), Some(Value::Null));
    assert_eq!(read("website", r#"{"id": 1, "website": "a.nl"}"#), Some(Value::text("a.nl")));
    assert_eq!(read("custom:X", r#"{"id": 1}"#), None);
    assert_eq!(read("custom:X", r#"{"id": 1, "custom_fields": {}}"#), None);
    assert_eq!(
        read("custom:X", &format!(r#"{{"id": 1, "custom_fields": {{"{KEY}": null}}}}"#)),
        Some(Value::Null)
    );
}

#[test]
fn the_revision_is_the_second_of_the_last_change() {
    let view = View { kind: Kind::Company, fields: vec![] };
    let lens = Lens::new(&catalogue("varchar", &json!(null)), &view).unwrap();
    for (text, revision) in [
        ("2026-01-01T00:00:05Z", Some(1_767_225_605)),
        ("2026-01-01T00:00:05.900Z", Some(1_767_225_605)),
        ("2026-01-01 00:00:05", Some(1_767_225_605)),
        ("yesterday", None),
    ] {
        let wire: WireRecord = serde_json::from_value(json!({"id": 1, "update_time": text})).unwrap();
        assert_eq!(lens.read(&wire).unwrap().record.revision, revision, "{text}");
    }
}

#[test]
fn a_record_without_an_id_is_a_decode_error() {
    let view = View { kind: Kind::Company, fields: vec![] };
    let lens = Lens::new(&catalogue("varchar", &json!(null)), &view).unwrap();
    assert_eq!(lens.read(&WireRecord::default()).unwrap_err().kind(), ErrorKind::Decode);
}

#[test]
fn each_type_of_custom_field_is_written_in_its_own_form() {
    let table = [
        ("varchar", Value::text("12345678"), json!("12345678")),
        ("varchar", decimal("7"), json!("7")),
        ("double", decimal("500.10"), json!(500.1)),
        ("date", day(), json!("2026-01-31")),
        ("enum", Value::text("Handel"), json!(2)),
        ("set", labels(&["Handel", "Project"]), json!([2, 1])),
        ("set", Value::List(vec![]), json!(null)),
        ("enum", Value::Null, json!(null)),
        ("varchar", Value::Null, json!(null)),
        ("address", Value::text("Dam 1"), json!({"value": "Dam 1"})),
        ("org", Value::Reference(crate::RecordId::new("77")), json!(77)),
    ];
    for (field_type, value, expected) in table {
        assert_eq!(write_custom(field_type, value.clone()).unwrap(), expected, "{field_type} {value:?}");
    }
}

#[test]
fn built_in_properties_stand_beside_the_custom_ones() {
    let catalogue = catalogue("varchar", &json!(null));
    let fields = Fields::new()
        .with("name", "Bakkerij 't Hoekje")
        .with("address", "Dam 1")
        .with("label_ids", labels(&["Lead"]))
        .with("custom:X", "9");
    let body: serde_json::Value =
        serde_json::from_slice(&body(&catalogue, &fields, &Basis::default()).unwrap()).unwrap();
    let expected = json!({
        "name": "Bakkerij 't Hoekje", "address": {"value": "Dam 1"}, "label_ids": [6], "custom_fields": {KEY: "9"},
    });
    assert_eq!(body, expected);
    assert_eq!(write(&catalogue, "label_ids", Value::Null).unwrap(), json!({"label_ids": []}));
}

#[test]
fn what_cannot_be_written_is_refused_by_field_and_reason() {
    let catalogue = catalogue("enum", &soort());
    let long = "x".repeat(256);
    let table = [
        ("name", Value::Null, "must not be empty"),
        ("name", Value::text(&long), "256 characters and Pipedrive takes 255"),
        ("update_time", Value::text("x"), "only Pipedrive writes"),
        ("annual_revenue", Value::text("much"), "is not a number"),
        ("custom:X", Value::text("Ander"), "Project, Handel"),
    ];
    for (name, value, said) in table {
        let error = write(&catalogue, name, value).unwrap_err();
        assert_eq!((error.kind(), error.field()), (ErrorKind::Invalid, Some(name)));
        assert!(error.to_string().contains(said), "{error}");
        assert!(error.remedy().is_some(), "{error}");
    }
    assert_eq!(write(&catalogue, "custom:Y", Value::text("1")).unwrap_err().kind(), ErrorKind::Config);
    let error = write_custom("monetary", decimal("1")).unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::Invalid, Some("custom:X")));
}

/// The standing record of an update.
fn standing(record: &serde_json::Value) -> WireRecord {
    serde_json::from_str(&record.to_string()).unwrap()
}

fn update(
    kind: Kind,
    fields: &[WireField],
    current: &WireRecord,
    change: &Fields,
) -> Result<serde_json::Value> {
    let euro = Choice::new("EUR".to_owned(), "EUR");
    let lists = Lists::from([(List::Currencies, std::sync::Arc::new(vec![euro]))]);
    let catalogue = Catalogue::new(entity(kind).unwrap(), fields, &lists);
    let basis = Basis { current: Some(current), currency: Some("SEK") };
    Ok(serde_json::from_slice(&body(&catalogue, change, &basis)?).unwrap())
}

#[test]
fn a_new_primary_address_leaves_the_others_as_they_stand() {
    let person = standing(&json!({"id": 1, "emails": [
        {"value": "home@x.nl", "primary": false, "label": "home"},
        {"value": "old@x.nl", "primary": true, "label": "work"},
    ]}));
    let table = [
        (
            Value::text("new@x.nl"),
            json!([{"value": "new@x.nl", "primary": true, "label": "work"},
                {"value": "home@x.nl", "primary": false, "label": "home"}]),
        ),
        (Value::text("home@x.nl"), json!([{"value": "home@x.nl", "primary": true, "label": "work"}])),
        (Value::Null, json!([{"value": "home@x.nl", "primary": false, "label": "home"}])),
    ];
    for (value, emails) in table {
        let change = Fields::new().with("email", value);
        assert_eq!(update(Kind::Contact, &[], &person, &change).unwrap(), json!({ "emails": emails }));
    }
}

#[test]
fn a_price_in_one_currency_leaves_the_others_and_the_costs() {
    let product = standing(&json!({"id": 1, "prices": [
        {"product_id": 1, "currency": "USD", "price": 9.5, "cost": 1},
        {"product_id": 1, "currency": "EUR", "price": 8, "cost": 2},
    ]}));
    let change = Fields::new().with("prices:EUR", decimal("7.25"));
    let expected = json!({"prices": [
        {"currency": "USD", "price": 9.5, "cost": 1},
        {"currency": "EUR", "price": 7.25, "cost": 2},
    ]});
    assert_eq!(update(Kind::Product, &[], &product, &change).unwrap(), expected);
    let unknown = Fields::new().with("prices:XXX", decimal("1"));
    assert_eq!(update(Kind::Product, &[], &product, &unknown).unwrap_err().kind(), ErrorKind::Config);
}

#[test]
fn an_amount_keeps_its_currency_and_a_new_one_takes_the_deals_or_the_users() {
    let field = json!([{"field_name": "Budget", "field_code": KEY, "field_type": "monetary"}]);
    let fields: Vec<WireField> = serde_json::from_str(&field.to_string()).unwrap();
    let filled = json!({"id": 1, "currency": "GBP", "custom_fields": {KEY: {"value": 5, "currency": "USD"}}});
    let empty = json!({"id": 1, "currency": "GBP", "custom_fields": {KEY: null}});
    let bare = json!({"id": 1});
    let amount = Fields::new().with("custom:Budget", decimal("7"));
    let currency = Fields::new().with("custom:Budget:currency", "eur");
    let both = Fields::new().with("custom:Budget", decimal("7")).with("custom:Budget:currency", "EUR");
    let cleared = Fields::new().with("custom:Budget", Value::Null);
    let table = [
        (&filled, &amount, json!({"value": 7, "currency": "USD"})),
        (&empty, &amount, json!({"value": 7, "currency": "GBP"})),
        (&bare, &amount, json!({"value": 7, "currency": "SEK"})),
        (&filled, &currency, json!({"value": 5, "currency": "EUR"})),
        (&bare, &both, json!({"value": 7, "currency": "EUR"})),
        (&filled, &cleared, json!(null)),
    ];
    for (current, change, expected) in table {
        let written = update(Kind::Deal, &fields, &standing(current), change).unwrap();
        assert_eq!(written["custom_fields"][KEY], expected, "{current} {change:?}");
    }
    let alone = update(Kind::Deal, &fields, &standing(&empty), &currency).unwrap_err();
    assert_eq!(alone.field(), Some("custom:Budget:currency"));
    let wrong = Fields::new().with("custom:Budget:currency", "euros");
    let error = update(Kind::Deal, &fields, &standing(&filled), &wrong).unwrap_err();
    assert!(error.to_string().contains("such as EUR"), "{error}");
}

/// Whatever a vendor may send in a field's place.
fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|yes| json!(yes)),
        any::<i64>().prop_map(|number| json!(number)),
        any::<f64>().prop_map(|number| json!(number)),
        ".*".prop_map(|text| json!(text)),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::Array),
            proptest::collection::btree_map("id|value|label|x", inner, 0..4)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

const TYPES: [&str; 12] = [
    "varchar", "text", "double", "boolean", "date", "enum", "set", "address", "monetary", "org", "user",
    "time",
];

proptest! {
    #[test]
    fn text_comes_back_as_it_was_written(text in "[^\\s].{0,200}[^\\s]") {
        prop_assume!(text.trim() == text);
        let written = write_custom("varchar", Value::text(&text)).unwrap();
        prop_assert_eq!(read_custom("varchar", &written.to_string()), Some(Value::text(&text)));
    }

    #[test]
    fn a_number_keeps_every_digit_both_ways(units in any::<i64>(), scale in 0_u32..10) {
        let catalogue = catalogue("double", &json!(null));
        let number = Decimal::new(units, scale);
        let fields = Fields::new().with("custom:X", number);
        let text = String::from_utf8(body(&catalogue, &fields, &Basis::default()).unwrap()).unwrap();
        let record = format!("{{\"id\": 1, {}", text.trim_start_matches('{'));
        prop_assert_eq!(read(&catalogue, "custom:X", &record).0, Some(Value::Decimal(number)));
    }

    #[test]
    fn no_answer_makes_it_panic(raw in any_json(), at in 0..TYPES.len()) {
        let record = json!({"id": 1, "name": raw, "label_ids": raw, "update_time": raw, "is_deleted": raw,
            "custom_fields": {KEY: raw}});
        let catalogue = catalogue(TYPES[at], &soort());
        for name in ["name", "label_ids", "update_time", "custom:X"] {
            read(&catalogue, name, &record.to_string());
        }
        let broken = json!({"id": 1, "custom_fields": raw});
        read(&catalogue, "custom:X", &broken.to_string());
    }
}
