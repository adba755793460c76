use std::collections::BTreeSet;
use std::time::Duration;

use crm_adapters::{Action, Adapter, Change, FieldType, Fields, Key, Kind, NewField, RecordId, Value};
use serde_json::json;

use super::world::*;

#[tokio::test]
async fn a_deals_stage_goes_by_label_and_takes_its_pipeline_along() {
    let world = World::new().await;
    let schema = world.crm.schema(Kind::Deal).await.unwrap();
    let stage = schema.get("dealstage").unwrap().options.last().unwrap().clone();
    let view = view(Kind::Deal, &["dealname", "dealstage", "pipeline", "hubspot_owner_id"]);
    let fields = Fields::new()
        .with("dealname", "Roof")
        .with("dealstage", stage.as_str())
        .with("hubspot_owner_id", "Bram Jansen");
    let made = applied(world.write(&view, vec![Action::Create(fields)]).await.remove(0));
    let read = world.crm.get(&view, &[made.id]).await.unwrap().remove(0);
    assert_eq!(read.fields.get("dealstage"), Some(&Value::text(stage)));
    assert_eq!(read.fields.get("hubspot_owner_id"), Some(&Value::text("bram@example.com")));
    assert!(read.fields.get("pipeline").is_some_and(|pipeline| !pipeline.is_empty()));
}

#[tokio::test]
async fn an_association_is_written_with_a_create_changed_and_taken_away() {
    let world = World::new().await;
    let made = world.write(&companies(), vec![company(1), company(2)]).await;
    let ids: Vec<RecordId> = made.into_iter().map(|outcome| applied(outcome).id).collect();
    let view = view(Kind::Deal, &["dealname", "association:company"]);
    let to = |id: &RecordId| Value::Reference(id.clone());
    let fields = Fields::new().with("dealname", "Roof").with("association:company", to(&ids[0]));
    let deal = applied(world.write(&view, vec![Action::Create(fields)]).await.remove(0));
    assert_eq!(deal.fields.get("association:company"), Some(&to(&ids[0])));
    let table = [to(&ids[1]), Value::List(vec![to(&ids[0]), to(&ids[1])]), Value::Null];
    for wanted in table {
        let change = Fields::new().with("association:company", wanted.clone());
        let outcome = world.write(&view, vec![Action::Update(deal.id.clone(), change)]).await.remove(0);
        assert_eq!(applied(outcome).fields.get("association:company"), Some(&wanted));
        let read = world.crm.get(&view, std::slice::from_ref(&deal.id)).await.unwrap().remove(0);
        assert_eq!(read.fields.get("association:company"), Some(&wanted));
    }
}

#[tokio::test]
async fn the_lines_of_deals_are_read_in_bulk_and_only_when_the_view_asks() {
    let world = World::new().await;
    let hubspot = world.sandbox.hubspot();
    for n in 1..=3 {
        let deal = hubspot.create("deals", json!({"dealname": format!("Deal {n}")})).unwrap();
        for at in 0..n {
            let line = json!({"name": format!("Line {at}"), "quantity": "2", "price": "9.95"});
            let line = hubspot.create("line_items", line).unwrap();
            hubspot.associate(&deal, &line).unwrap();
        }
    }
    let plain = view(Kind::Deal, &["dealname"]);
    world.walk(&plain, None).await;
    assert_eq!(world.requests("line_items"), 0);
    let (changes, _) = world.walk(&view(Kind::Deal, &["dealname", "line_items"]), None).await;
    let counts: Vec<usize> = changes
        .iter()
        .map(|change| match change {
            Change::Present(deal) => match deal.fields.get("line_items") {
                Some(Value::Lines(lines)) => {
                    assert!(
                        lines
                            .iter()
                            .all(|line| line.get("price") == Some(&Value::Decimal("9.95".parse().unwrap())))
                    );
                    lines.len()
                }
                other => unreachable!("{other:?}"),
            },
            other => unreachable!("{other:?}"),
        })
        .collect();
    assert_eq!(counts, [1, 2, 3]);
    assert_eq!(world.requests("line_items/batch/read"), 2, "the associations and the lines");
}

#[tokio::test]
async fn a_merge_is_told_with_the_record_that_remains_and_old_ids_lead_to_it() {
    let world = World::new().await;
    let view = companies();
    let made = world.write(&view, vec![company(1), company(2)]).await;
    let ids: Vec<RecordId> = made.into_iter().map(|outcome| applied(outcome).id).collect();
    world.wait(Duration::from_secs(60));
    let (_, cursor) = world.walk(&view, None).await;
    let new = world.sandbox.hubspot().merge("companies", ids[0].as_str(), ids[1].as_str()).unwrap();
    world.wait(Duration::from_secs(60));
    let (changes, _) = world.walk(&view, Some(&cursor)).await;
    let told = changes.iter().find_map(|change| match change {
        Change::Merged { into, from } => Some((into.as_str(), from.iter().collect::<BTreeSet<_>>())),
        _ => None,
    });
    assert_eq!(told, Some((new.as_str(), ids.iter().collect())));
    let found = world.crm.get(&view, &ids).await.unwrap();
    assert_eq!(found.iter().map(|record| record.id.as_str()).collect::<Vec<_>>(), [new]);
}

#[tokio::test]
async fn a_find_by_the_unique_property_needs_no_search_and_sees_what_was_just_written() {
    let world = World::new().await;
    world.write(&companies(), (0..5).map(company).collect()).await;
    let values = Value::List(vec![Value::text("1:1"), Value::text("1:3"), Value::text("1:77")]);
    let key = Key { field: "custom:Exact ID".to_owned(), value: values };
    assert_eq!(world.crm.find(&companies(), &key).await.unwrap().len(), 2);
    assert_eq!(world.requests("/search"), 0);
}

#[tokio::test]
async fn the_first_walk_and_a_quiet_one_cost_their_pages_and_one_call() {
    let world = World::new().await;
    world.write(&companies(), (0..100).map(company).collect()).await;
    world.write(&companies(), (100..200).map(company).collect()).await;
    world.wait(Duration::from_secs(300));
    let before = world.sandbox.hubspot().stats().requests;
    let (changes, cursor) = world.walk(&companies(), None).await;
    assert_eq!(changes.len(), 200);
    assert_eq!(world.sandbox.hubspot().stats().requests - before, 2);
    let (_, cursor) = world.walk(&companies(), Some(&cursor)).await;
    let (changes, _) = world.walk(&companies(), Some(&cursor)).await;
    assert_eq!(changes, []);
    assert_eq!(world.sandbox.hubspot().stats().requests - before, 4);
}

#[tokio::test]
async fn missing_properties_are_made_in_their_group_and_the_exact_id_is_unique() {
    let world = World::new().await;
    let new = |label: &str, ty| NewField { label: label.to_owned(), ty };
    let fields = [
        new("Exact ID", FieldType::Text),
        new("Last payment", FieldType::Date),
        new("Blocked", FieldType::Bool),
    ];
    let known = world.crm.schema(Kind::Contact).await.unwrap();
    assert!(known.get("association:company").is_some());
    let reads = world.requests("GET ");
    world.crm.create_fields(Kind::Contact, &fields).await.unwrap();
    assert_eq!(world.requests("GET ") - reads, 1, "the properties, and nothing else, are read anew");
    assert!(world.crm.capabilities(Kind::Contact).unique_key);
    let schema = world.crm.schema(Kind::Contact).await.unwrap();
    assert_eq!(schema.get("custom:Last payment").unwrap().ty, FieldType::Date);
    assert_eq!(schema.get("exact_blocked").unwrap().ty, FieldType::Bool);
    let before = world.crm.usage().calls;
    world.crm.create_fields(Kind::Contact, &fields).await.unwrap();
    assert_eq!(world.crm.usage().calls, before, "what is there is left alone");
}
