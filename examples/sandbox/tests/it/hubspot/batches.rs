//! Up to a hundred records at a time.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, World};

async fn batch(world: &World, action: &str, inputs: Value) -> Answer {
    world.objects(Method::POST, &format!("companies/batch/{action}"), json!({ "inputs": inputs })).await
}

fn named(trace: Option<&str>, property: &str, value: &str) -> Value {
    let mut input = json!({ "properties": { property: value } });
    if let Some(trace) = trace {
        input["objectWriteTraceId"] = json!(trace);
    }
    input
}

#[tokio::test]
async fn without_trace_ids_one_bad_input_fails_the_whole_batch() {
    let world = World::new().await;
    let answer =
        batch(&world, "create", json!([named(None, "name", "A"), named(None, "nonsense", "B")])).await;
    assert_eq!(answer.status, 400);
    assert!(world.sandbox.hubspot().records("companies").is_empty());
    // A trace id that comes twice is none.
    let twice = json!([named(Some("1"), "name", "A"), named(Some("1"), "nonsense", "B")]);
    assert_eq!(batch(&world, "create", twice).await.status, 400);
}

#[tokio::test]
async fn with_trace_ids_each_input_stands_alone() {
    let world = World::new().await;
    let inputs = json!([named(Some("1"), "name", "A"), named(Some("2"), "nonsense", "B")]);
    let answer = batch(&world, "create", inputs).await;
    let body = answer.json();
    assert_eq!((answer.status, &body["status"], &body["numErrors"]), (207, &json!("COMPLETE"), &json!(1)));
    assert_eq!(body["results"][0]["objectWriteTraceId"], "1");
    assert_eq!(body["errors"][0]["context"]["objectWriteTraceId"], json!(["2"]));
    assert_eq!(body["errors"][0]["category"], "VALIDATION_ERROR");
    assert_eq!(world.sandbox.hubspot().records("companies").len(), 1);
}

#[tokio::test]
async fn an_upsert_on_a_unique_property_creates_once_and_says_so() {
    let world = World::new().await;
    world.unique_exact_id();
    let inputs = json!([{ "id": "1:a", "idProperty": "exact_id", "properties": { "name": "A" } }]);
    let first = batch(&world, "upsert", inputs.clone()).await;
    let again = batch(&world, "upsert", inputs).await;
    assert_eq!((first.status, &first.json()["results"][0]["new"]), (200, &json!(true)));
    assert_eq!((again.status, &again.json()["results"][0]["new"]), (200, &json!(false)));
    assert_eq!(first.json()["results"][0]["id"], again.json()["results"][0]["id"]);
    assert_eq!(world.sandbox.hubspot().find("companies", "exact_id", "1:a").len(), 1);
}

#[tokio::test]
async fn two_inputs_of_a_batch_cannot_take_one_unique_value() {
    let world = World::new().await;
    world.unique_exact_id();
    let inputs = json!([named(Some("1"), "exact_id", "x"), named(Some("2"), "exact_id", "x")]);
    let body = batch(&world, "create", inputs).await.json();
    assert_eq!(body["errors"][0]["errors"][0]["code"], "CONFLICTING_UNIQUE_VALUE");
    let id = &body["results"][0]["id"];
    let twice = json!([{ "id": id, "properties": {} }, { "id": id, "properties": {} }]);
    assert_eq!(batch(&world, "update", twice).await.status, 400, "one id twice");
}

#[tokio::test]
async fn a_read_of_missing_ids_is_a_207_that_lists_them() {
    let world = World::new().await;
    let id = world.new_object("companies", json!({ "name": "A" })).await;
    let body = json!({ "properties": ["name"], "inputs": [{ "id": "7" }, { "id": id }] });
    let answer = world.objects(Method::POST, "companies/batch/read", body).await;
    assert_eq!(answer.status, 207);
    assert_eq!(answer.json()["results"][0]["id"], json!(id));
    let error = &answer.json()["errors"][0];
    assert_eq!((&error["category"], &error["context"]["ids"]), (&json!("OBJECT_NOT_FOUND"), &json!(["7"])));
}

#[tokio::test]
async fn a_read_can_go_by_a_unique_property_and_by_the_recycle_bin() {
    let world = World::new().await;
    world.unique_exact_id();
    let id = world.new_object("companies", json!({ "exact_id": "1" })).await;
    let body = json!({ "idProperty": "exact_id", "properties": [], "inputs": [{ "id": "1" }] });
    let found = world.objects(Method::POST, "companies/batch/read", body.clone()).await;
    assert_eq!((found.status, &found.json()["results"][0]["id"]), (200, &json!(id)));
    world.sandbox.hubspot().archive("companies", &id).unwrap();
    assert_eq!(world.objects(Method::POST, "companies/batch/read", body.clone()).await.status, 207);
    let archived = world.objects(Method::POST, "companies/batch/read?archived=true", body).await;
    assert_eq!(archived.json()["results"][0]["archived"], true);
}

#[tokio::test]
async fn a_batch_takes_a_hundred_inputs() {
    let world = World::new().await;
    let inputs = |count: usize| (0..count).map(|number| named(None, "name", &number.to_string())).collect();
    assert_eq!(batch(&world, "create", Value::Array(inputs(100))).await.status, 201);
    assert_eq!(batch(&world, "create", Value::Array(inputs(101))).await.status, 400);
    assert_eq!(batch(&world, "create", json!([])).await.status, 400);
    assert_eq!(world.sandbox.hubspot().records("companies").len(), 100);
}

#[tokio::test]
async fn results_do_not_come_in_the_order_of_the_inputs() {
    let world = World::new().await;
    let body =
        batch(&world, "create", json!([named(None, "name", "A"), named(None, "name", "B")])).await.json();
    assert_eq!(body["results"][0]["properties"]["name"], "B");
}

#[tokio::test]
async fn archiving_many_ignores_unknown_ids() {
    let world = World::new().await;
    let id = world.new_object("companies", json!({ "name": "A" })).await;
    assert_eq!(batch(&world, "archive", json!([{ "id": "7" }, { "id": id }])).await.status, 204);
    assert!(world.sandbox.hubspot().records("companies").is_empty());
}
