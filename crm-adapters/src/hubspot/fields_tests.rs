use serde_json::json;

use super::*;
use crate::hubspot::entity::Entities;

fn catalogue(account: &serde_json::Value) -> Catalogue {
    let list = |name: &str| account.get(name).cloned().unwrap_or_else(|| json!([])).to_string();
    let account = Account {
        properties: serde_json::from_str(&list("properties")).unwrap(),
        pipelines: serde_json::from_str(&list("pipelines")).unwrap(),
        owners: serde_json::from_str(&list("owners")).unwrap(),
        associations: vec![(
            Kind::Company,
            "companies".to_owned(),
            vec![
                AssociationType {
                    category: "HUBSPOT_DEFINED".to_owned(),
                    id: 5,
                    label: Some("Primary".to_owned()),
                },
                AssociationType { category: "HUBSPOT_DEFINED".to_owned(), id: 341, label: None },
            ],
        )],
        required: Vec::new(),
    };
    let entities = Entities::new(&BTreeMap::new()).unwrap();
    Catalogue::new(entities.get(Kind::Deal).unwrap(), &account)
}

fn property(name: &str, ty: &str, field_type: &str) -> serde_json::Value {
    json!({"name": name, "label": name, "type": ty, "fieldType": field_type, "hubspotDefined": true})
}

#[test]
fn a_custom_property_goes_by_label_and_by_both_forms_of_its_name() {
    let own = json!({"name": "exact_kvk", "label": "KvK number", "type": "string", "fieldType": "text"});
    let catalogue = catalogue(&json!({"properties": [own, property("dealname", "string", "text")]}));
    for name in ["custom:KvK number", "custom:exact_kvk", "exact_kvk"] {
        assert_eq!(catalogue.column(name).unwrap().property(), Some("exact_kvk"), "{name}");
    }
    assert_eq!(catalogue.name_of("exact_kvk").as_deref(), Some("custom:KvK number"));
    assert_eq!(catalogue.name_of("dealname").as_deref(), Some("dealname"));
    assert!(catalogue.column("custom:dealname").is_err());
}

#[test]
fn a_label_that_stands_twice_is_an_error_that_says_to_use_the_name() {
    let own = |name: &str| json!({"name": name, "label": "Soort", "type": "string", "fieldType": "text"});
    let catalogue = catalogue(&json!({"properties": [own("a"), own("b")]}));
    let error = catalogue.column("custom:Soort").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("internal name"), "{error}");
    assert_eq!(catalogue.column("custom:b").unwrap().property(), Some("b"));
}

#[test]
fn a_stage_goes_by_its_label_where_that_is_unique_and_else_with_its_pipeline() {
    let pipeline = |id: &str, label: &str, stages: &[(&str, &str)]| {
        let stages: Vec<_> = stages.iter().map(|(id, label)| json!({"id": id, "label": label})).collect();
        json!({"id": id, "label": label, "stages": stages})
    };
    let catalogue = catalogue(&json!({
        "properties": [property("dealstage", "enumeration", "radio"), property("pipeline", "enumeration", "select")],
        "pipelines": [
            pipeline("default", "Sales", &[("closedwon", "Won"), ("1", "Talking")]),
            pipeline("77", "Projects", &[("2", "Won")]),
        ],
    }));
    let schema = catalogue.schema();
    assert_eq!(schema.get("dealstage").unwrap().options, ["Sales/Won", "Talking", "Projects/Won"]);
    assert_eq!(schema.get("pipeline").unwrap().options, ["Sales", "Projects"]);
    assert_eq!(catalogue.pipeline("dealstage", "2"), Some(("pipeline", "77")));
    assert_eq!(catalogue.pipeline("dealname", "2"), None);
}

#[test]
fn an_owner_goes_by_e_mail_address() {
    let owner = json!({"name": "hubspot_owner_id", "label": "Owner", "type": "enumeration", "fieldType": "select",
        "referencedObjectType": "OWNER", "hubspotDefined": true});
    let catalogue = catalogue(&json!({"properties": [owner],
        "owners": [{"id": "1001", "email": "anna@example.com", "firstName": "Anna", "lastName": "Jansen"}]}));
    let column = catalogue.column("hubspot_owner_id").unwrap();
    assert_eq!(column.options[0].label, "anna@example.com");
    assert_eq!(column.options[0].also, ["Anna Jansen"]);
}

#[test]
fn the_schema_tells_types_who_writes_and_what_a_record_must_have() {
    let calculated = json!({"name": "hs_is_closed_won", "label": "Won", "type": "bool", "fieldType": "booleancheckbox",
        "calculated": true, "hubspotDefined": true});
    let locked = json!({"name": "createdate", "label": "Created", "type": "datetime", "fieldType": "date",
        "modificationMetadata": {"readOnlyValue": true}, "hubspotDefined": true});
    let schema =
        catalogue(&json!({"properties": [calculated, locked, property("dealname", "string", "text"),
        property("amount", "number", "number"), property("closedate", "date", "date"),
        property("labels", "enumeration", "checkbox")]}))
        .schema();
    let is = |name: &str| schema.get(name).map(|field| (field.ty, field.read_only, field.required)).unwrap();
    assert_eq!(is("hs_is_closed_won"), (FieldType::Bool, true, false));
    assert_eq!(is("createdate"), (FieldType::Instant, true, false));
    assert_eq!(is("dealname"), (FieldType::Text, false, true));
    assert_eq!(is("amount"), (FieldType::Decimal, false, false));
    assert_eq!(is("closedate"), (FieldType::Date, false, false));
    assert_eq!(is("labels"), (FieldType::Choices, false, false));
    assert_eq!(is("association:company"), (FieldType::Reference(Kind::Company), false, false));
    assert_eq!(is("association:company:Primary"), (FieldType::Reference(Kind::Company), false, false));
    assert_eq!(schema.get("dealname").unwrap().max_length, Some(65_536));
}
