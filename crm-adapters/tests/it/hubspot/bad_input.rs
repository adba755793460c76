//! Bad input towards HubSpot: each record has its outcome, with the field and what to do, and the others go through.

use crm_adapters::{Action, Adapter, Error, ErrorKind, Fields, Kind, Outcome, RecordId, Retry, Value, View};
use serde_json::json;

use super::world::*;

fn deals() -> View {
    view(Kind::Deal, &["dealname"])
}

fn good(name: &str) -> Fields {
    Fields::new().with("dealname", name)
}

async fn account() -> World {
    let world = World::new().await;
    let hubspot = world.sandbox.hubspot();
    let sort = json!({"name": "soort", "label": "Soort", "type": "enumeration", "fieldType": "select",
        "groupName": "dealinformation", "options": [{"label": "Project", "value": "p"}]});
    hubspot.create_property("deals", sort).unwrap();
    let number = json!({"name": "nummer", "label": "Nummer", "type": "string", "fieldType": "text",
        "groupName": "dealinformation", "hasUniqueValue": true});
    hubspot.create_property("deals", number).unwrap();
    world.crm.schema(Kind::Deal).await.unwrap();
    world
}

/// Writes the bad one among ninety-nine good ones, which must be stored.
async fn refused(world: &World, bad: Fields) -> Error {
    let mut all: Vec<Action> = (0..99).map(|n| Action::Create(good(&n.to_string()))).collect();
    all.insert(41, Action::Create(bad));
    let mut outcomes = world.write(&deals(), all).await;
    let (Outcome::Rejected(error) | Outcome::NotSent(error)) = outcomes.remove(41) else {
        unreachable!("taken: {outcomes:?}")
    };
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Applied(_))), "{outcomes:?}");
    error
}

#[tokio::test]
async fn what_the_schema_tells_is_found_before_the_call_and_named_with_a_remedy() {
    let world = account().await;
    let table = [
        ("over-long", "description", good("a").with("description", "x".repeat(65_537)), "65537 characters"),
        ("unknown option", "custom:Soort", good("a").with("custom:Soort", "Anders"), "Project"),
        ("wrong currency", "deal_currency_code", good("a").with("deal_currency_code", "XXX"), "EUR"),
        ("wrong stage", "dealstage", good("a").with("dealstage", "Nowhere"), "Closed"),
        ("no number", "amount", good("a").with("amount", "much"), "number"),
        ("missing required", "dealname", Fields::new().with("amount", "5"), "must have it"),
        ("cleared required", "dealname", Fields::new().with("dealname", Value::Null), "must"),
        (
            "read-only",
            "hs_is_closed",
            good("a").with("hs_is_closed", Value::Bool(true)),
            "only HubSpot writes",
        ),
        ("unknown field", "custom:Btw", good("a").with("custom:Btw", "1"), ""),
    ];
    for (at, (what, field, bad, says)) in (1..).zip(table) {
        let error = refused(&world, bad).await;
        let config = what == "unknown field";
        assert_eq!(
            error.kind(),
            if config { ErrorKind::Config } else { ErrorKind::Invalid },
            "{what}: {error}"
        );
        assert_eq!(error.field(), Some(field), "{what}: {error}");
        assert!(error.remedy().is_some() && error.to_string().contains(says), "{what}: {error}");
        assert!(!error.may_have_applied() && error.retry() == Retry::Never, "{what}: {error:?}");
        assert_eq!(world.requests("/batch/create"), at, "{what}: one batch, without the bad one");
        assert_eq!(world.sandbox.hubspot().stats().client_errors, 0, "{what}");
    }
}

#[tokio::test]
async fn what_only_hubspot_knows_is_a_refusal_of_that_record_with_its_field() {
    let world = account().await;
    let hubspot = world.sandbox.hubspot();
    hubspot.create("deals", json!({"dealname": "first", "nummer": "taken"})).unwrap();
    let rule = json!({"object_type": "deals", "property": "closedate", "when": ["description", "ruled"]});
    let rule = serde_json::from_value(rule).unwrap();
    hubspot.configure(|settings| {
        settings.value_length = 50;
        settings.rules = vec![rule];
    });
    let table = [
        ("a shorter limit", "dealname", good(&"x".repeat(60)), ErrorKind::Invalid),
        (
            "a rule of the administrator",
            "closedate",
            good("a").with("description", "ruled"),
            ErrorKind::Invalid,
        ),
        ("a taken value", "custom:Nummer", good("a").with("custom:Nummer", "taken"), ErrorKind::Conflict),
    ];
    for (what, field, bad, kind) in table {
        let error = refused(&world, bad).await;
        assert_eq!((error.kind(), error.field()), (kind, Some(field)), "{what}: {error}");
        assert!(error.remedy().is_some(), "{what}: {error}");
    }
    assert_eq!(hubspot.records("deals").len(), 1 + 3 * 99);
}

#[tokio::test]
async fn a_new_record_whose_association_is_refused_stands_without_it_and_is_not_made_twice() {
    let world = World::new().await;
    let exact_id = json!({"name": "exact_id", "label": "Exact ID", "type": "string", "fieldType": "text",
        "groupName": "contactinformation", "hasUniqueValue": true});
    world.sandbox.hubspot().create_property("contacts", exact_id).unwrap();
    let fields = ["lastname", "custom:Exact ID", "association:company"];
    let view = view(Kind::Contact, &fields);
    let nobody = Value::Reference(RecordId::new("999999999"));
    let new = |company: Value| {
        let fields = Fields::new().with("lastname", "Jansen").with("custom:Exact ID", "1:a");
        Action::Create(fields.with("association:company", company))
    };
    let made = applied(world.write(&view, vec![new(nobody.clone())]).await.remove(0));
    assert_eq!(made.fields.get("association:company"), Some(&Value::Null), "it stands, with nothing there");
    let read = world.crm.get(&view, std::slice::from_ref(&made.id)).await.unwrap().remove(0);
    assert_eq!(read.fields, made.fields);
    // To ask again for what HubSpot refused is refused by name, and makes no second record.
    let change = Fields::new().with("association:company", nobody.clone());
    let outcome = world.write(&view, vec![Action::Update(made.id.clone(), change)]).await.remove(0);
    let (Outcome::Rejected(error) | Outcome::Gone(error) | Outcome::NotSent(error)) = outcome else {
        unreachable!("{outcome:?}")
    };
    assert_eq!(error.field(), Some("association:company"), "{error}");
    let _ = world.write(&view, vec![new(nobody)]).await;
    assert_eq!(world.sandbox.hubspot().records("contacts").len(), 1);
}
