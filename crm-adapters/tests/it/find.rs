use crm_adapters::{Adapter, ErrorKind, Key, Kind, Value, View};
use serde_json::json;

use crate::world::*;

fn key(value: &str) -> Key {
    Key { field: "custom:KvK number".to_owned(), value: Value::text(value) }
}

#[tokio::test]
async fn a_find_searches_one_field_and_then_compares_that_field_of_the_records() {
    let world = World::new().await;
    let hits = json!([{"id": 1, "name": "A"}, {"result_score": 0.5, "item": {"id": 2}}]);
    world.on("GET", SEARCH, ok(hits, None)).await;
    world.on("GET", ORGANIZATIONS, ok(json!([organization(1, "A", 0), organization(2, "B", 0)]), None)).await;
    let found = world.crm.find(&view(), &key("00000002")).await.unwrap();
    assert_eq!(found.iter().map(|record| record.id.as_str()).collect::<Vec<_>>(), ["2"]);
    let search = &world.requests("GET", SEARCH).await[0];
    assert_eq!(query(search, "entity_type").as_deref(), Some("organization"));
    assert_eq!(query(search, "field").as_deref(), Some(KVK));
    assert_eq!(query(search, "match").as_deref(), Some("exact"));
    assert_eq!(query(search, "term").as_deref(), Some("00000002"));
    let read = &world.requests("GET", ORGANIZATIONS).await[0];
    assert_eq!(query(read, "ids").as_deref(), Some("1,2"));
}

#[tokio::test]
async fn a_find_by_a_field_outside_the_view_delivers_the_view_only() {
    let world = World::new().await;
    world.on("GET", SEARCH, ok(json!([{"id": 3}]), None)).await;
    world.on("GET", "/api/v2/organizations/3", ok(organization(3, "C", 0), None)).await;
    let view = View { kind: Kind::Company, fields: vec!["name".to_owned()] };
    let found = world.crm.find(&view, &key("00000003")).await.unwrap();
    assert_eq!(found[0].fields.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["name"]);
}

#[tokio::test]
async fn nothing_found_costs_no_second_call_and_an_empty_value_none_at_all() {
    let world = World::new().await;
    world.on("GET", SEARCH, ok(json!([]), None)).await;
    assert_eq!(world.crm.find(&view(), &key("1")).await.unwrap(), []);
    let empty = Key { value: Value::Null, ..key("1") };
    assert_eq!(world.crm.find(&view(), &empty).await.unwrap(), []);
    assert_eq!((world.count("GET", SEARCH).await, world.count("GET", ORGANIZATIONS).await), (1, 0));
}

#[tokio::test]
async fn a_choice_field_cannot_be_searched() {
    let world = World::new().await;
    let by_choice = Key { field: "custom:Soort".to_owned(), value: Value::text("Project") };
    let error = world.crm.find(&view(), &by_choice).await.unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::Unsupported, Some("custom:Soort")));
}

#[tokio::test]
async fn the_adapter_says_that_its_search_lags_and_that_deletes_are_invisible() {
    let world = World::bare().await;
    let facts = world.crm.capabilities(Kind::Company);
    assert!(facts.create && facts.update && facts.find_lags);
    assert!(!facts.deletes_visible && !facts.unique_key);
    assert_eq!((facts.batch, facts.concurrency), (1, 32));
}
