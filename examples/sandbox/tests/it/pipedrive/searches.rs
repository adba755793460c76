//! The two searches.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, World, send};

/// Two organizations whose reference differs in case alone; the index is up to date.
async fn world() -> (World, String) {
    let world = World::new().await;
    let pipedrive = world.sandbox.pipedrive();
    let code = pipedrive.create_field("Reference", "varchar").unwrap();
    pipedrive.create_organization(json!({ "name": "De Kaasmaker", "Reference": "AB-1" })).unwrap();
    pipedrive.create_organization(json!({ "name": "ab-1", "Reference": "ab-1" })).unwrap();
    world.advance(10);
    (world, code)
}

async fn search(world: &World, query: &[(&str, &str)]) -> Answer {
    send(world.pipedrive(Method::GET, "/api/v2/organizations/search").query(query)).await
}

async fn search_field(world: &World, query: &[(&str, &str)]) -> Answer {
    let query = [&[("entity_type", "organization")], query].concat();
    send(world.pipedrive(Method::GET, "/api/v2/itemSearch/field").query(&query)).await
}

fn found(answer: &Answer) -> Vec<i64> {
    let data = answer.json()["data"].clone();
    let items = data.as_array().or_else(|| data["items"].as_array()).unwrap().clone();
    let id = |item: &Value| item["id"].as_i64().or_else(|| item["item"]["id"].as_i64()).unwrap();
    items.iter().map(id).collect()
}

#[tokio::test]
async fn the_organization_search_ignores_case_and_compares_whole_values_of_any_field() {
    let (world, _) = world().await;
    let by_value =
        search(&world, &[("term", "AB-1"), ("exact_match", "true"), ("fields", "custom_fields")]).await;
    assert_eq!(found(&by_value), [1, 2]);
    assert_eq!(
        by_value.json()["data"]["items"][0]["item"]["custom_fields"],
        json!(["AB-1"]),
        "values without keys"
    );
    assert_eq!(
        found(&search(&world, &[("term", "AB-1"), ("exact_match", "true"), ("fields", "name")]).await),
        [2]
    );
    assert_eq!(found(&search(&world, &[("term", "AB"), ("exact_match", "true")]).await), [0_i64; 0]);
    assert_eq!(found(&search(&world, &[("term", "kaas")]).await), [1]);
}

#[tokio::test]
async fn the_field_search_heeds_case() {
    let (world, code) = world().await;
    assert_eq!(found(&search_field(&world, &[("field", &code), ("term", "ab-1")]).await), [2]);
    let answer = search_field(&world, &[("field", &code), ("term", "AB-1"), ("match", "exact")]).await;
    assert_eq!(answer.json()["data"], json!([{ "id": 1, "name": "De Kaasmaker" }]));
    assert_eq!(
        found(&search_field(&world, &[("field", &code), ("term", "AB"), ("match", "beginning")]).await),
        [1]
    );
    assert_eq!(
        found(&search_field(&world, &[("field", &code), ("term", "-1"), ("match", "middle")]).await),
        [1, 2]
    );
    assert_eq!(found(&search_field(&world, &[("field", "name"), ("term", "ab-1")]).await), [2]);
}

#[tokio::test]
async fn terms_have_a_shortest_length() {
    let (world, code) = world().await;
    assert_eq!(search(&world, &[("term", "a")]).await.status, 400);
    assert_eq!(search(&world, &[("term", "a"), ("exact_match", "true")]).await.status, 200);
    assert_eq!(
        search_field(&world, &[("field", &code), ("term", "a"), ("match", "middle")]).await.status,
        400
    );
    assert_eq!(search(&world, &[]).await.status, 400);
}

#[tokio::test]
async fn fields_of_chosen_options_and_dates_cannot_be_searched() {
    let world = World::new().await;
    let code = world.sandbox.pipedrive().create_field("Since", "date").unwrap();
    assert_eq!(search_field(&world, &[("field", &code), ("term", "2026-01-01")]).await.status, 400);
    assert_eq!(search_field(&world, &[("field", "nonsense"), ("term", "x")]).await.status, 400);
}

#[tokio::test]
async fn the_index_lags_behind_by_up_to_ten_seconds() {
    let world = World::new().await;
    world.configure_pipedrive(json!({ "search_lag_ms": [5_000, 5_000] })).await;
    world.sandbox.pipedrive().create_organization(json!({ "name": "Fresh" })).unwrap();
    let term = [("term", "Fresh"), ("exact_match", "true")];
    world.advance(4);
    assert_eq!(found(&search(&world, &term).await), [0_i64; 0]);
    world.advance(1);
    assert_eq!(found(&search(&world, &term).await), [1]);
    world.sandbox.pipedrive().edit_organization(1, json!({ "name": "Renamed" })).unwrap();
    assert_eq!(found(&search(&world, &term).await), [1], "the old name is still found");
    world.sandbox.pipedrive().delete_organization(1).unwrap();
    world.advance(5);
    assert_eq!(found(&search(&world, &[("term", "Renamed")]).await), [0_i64; 0]);
}

#[tokio::test]
async fn without_a_lag_a_write_is_found_at_once() {
    let world = World::new().await;
    world.configure_pipedrive(json!({ "search_lag_ms": [0, 0] })).await;
    world.sandbox.pipedrive().create_organization(json!({ "name": "Fresh" })).unwrap();
    assert_eq!(found(&search(&world, &[("term", "Fresh")]).await), [1]);
}

#[tokio::test]
async fn search_results_come_in_pages() {
    let world = World::new().await;
    for number in 0..5 {
        world.sandbox.pipedrive().create_organization(json!({ "name": format!("Kaas {number}") })).unwrap();
    }
    world.advance(10);
    let first = search(&world, &[("term", "kaas"), ("limit", "3")]).await;
    let cursor = first.json()["additional_data"]["next_cursor"].as_str().unwrap().to_owned();
    let second = search(&world, &[("term", "kaas"), ("limit", "3"), ("cursor", &cursor)]).await;
    assert_eq!((found(&first), found(&second)), (vec![1, 2, 3], vec![4, 5]));
}
