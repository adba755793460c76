//! Merges make a third record.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::World;

async fn merge(world: &World, primary: &str, other: &str) -> Value {
    let body = json!({ "primaryObjectId": primary, "objectIdToMerge": other });
    let answer = world.objects(Method::POST, "companies/merge", body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

async fn get(world: &World, id: &str) -> Value {
    let path = format!("companies/{id}?properties=name,city,hs_merged_object_ids");
    world.objects(Method::GET, &path, Value::Null).await.json()
}

#[tokio::test]
async fn a_merge_creates_a_third_record_and_both_ids_answer_with_it() {
    let world = World::new().await;
    let first = world.new_object("companies", json!({ "name": "A" })).await;
    let second = world.new_object("companies", json!({ "name": "B", "city": "Delft" })).await;
    let merged = merge(&world, &first, &second).await;
    let id = merged["id"].as_str().unwrap();
    assert!(id != first && id != second);
    for old in [&first, &second] {
        let found = get(&world, old).await;
        assert_eq!(found["id"], json!(id));
        assert_eq!(
            (&found["properties"]["name"], &found["properties"]["city"]),
            (&json!("A"), &json!("Delft"))
        );
    }
    let list = world.objects(Method::GET, "companies", Value::Null).await.json();
    assert_eq!(list["results"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_consumed_ids_are_told_cumulatively() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for name in ["A", "B", "C"] {
        ids.push(world.new_object("companies", json!({ "name": name })).await);
    }
    let first = merge(&world, &ids[0], &ids[1]).await["id"].as_str().unwrap().to_owned();
    // By its old id.
    let second = merge(&world, &ids[1], &ids[2]).await["id"].as_str().unwrap().to_owned();
    let found = get(&world, &ids[0]).await;
    assert_eq!(found["id"], json!(second));
    let consumed = format!("{};{};{first};{}", ids[0], ids[1], ids[2]);
    assert_eq!(found["properties"]["hs_merged_object_ids"], json!(consumed));
}

#[tokio::test]
async fn a_write_to_a_retired_id_reaches_the_new_record_or_not() {
    let world = World::new().await;
    let first = world.new_object("companies", json!({ "name": "A" })).await;
    let second = world.new_object("companies", json!({ "name": "B" })).await;
    merge(&world, &first, &second).await;
    let patch = || {
        let body = json!({ "properties": { "city": "Delft" } });
        let path = format!("companies/{second}");
        let world = &world;
        async move { world.objects(Method::PATCH, &path, body).await.status }
    };
    assert_eq!(patch().await, 200);
    world.sandbox.hubspot().configure(|settings| settings.merged_writable = false);
    assert_eq!(patch().await, 404);
}

#[tokio::test]
async fn the_primary_records_unique_value_survives_and_the_others_is_free() {
    let world = World::new().await;
    world.unique_exact_id();
    let first = world.new_object("companies", json!({ "exact_id": "1" })).await;
    let second = world.new_object("companies", json!({ "exact_id": "2" })).await;
    let id = merge(&world, &first, &second).await["id"].clone();
    let found = world.objects(Method::GET, "companies/1?idProperty=exact_id", Value::Null).await;
    assert_eq!(found.json()["id"], id);
    world.new_object("companies", json!({ "exact_id": "2" })).await;
}

#[tokio::test]
async fn ties_move_to_the_new_record() {
    let world = World::new().await;
    let first = world.new_object("companies", json!({ "name": "A" })).await;
    let second = world.new_object("companies", json!({ "name": "B" })).await;
    let contact = world.new_object("contacts", json!({ "lastname": "C" })).await;
    world.sandbox.hubspot().associate(&contact, &second).unwrap();
    let id = merge(&world, &first, &second).await["id"].clone();
    let path = format!("contacts/{contact}?associations=companies");
    let found = world.objects(Method::GET, &path, Value::Null).await.json();
    assert_eq!(found["associations"]["companies"]["results"][0]["id"], id);
}

#[tokio::test]
async fn line_items_cannot_be_merged() {
    let world = World::new().await;
    let first = world.new_object("line_items", json!({ "name": "A" })).await;
    let body = json!({ "primaryObjectId": first, "objectIdToMerge": first });
    assert_eq!(world.objects(Method::POST, "line_items/merge", body).await.status, 404);
}
