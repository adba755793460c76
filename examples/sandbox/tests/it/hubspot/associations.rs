//! Associations, their labels and their directions.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, World, send};

async fn pair(world: &World) -> (String, String) {
    let contact = world.new_object("contacts", json!({ "lastname": "A" })).await;
    (contact, world.new_object("companies", json!({ "name": "B" })).await)
}

async fn post(world: &World, path: &str, body: Value) -> Answer {
    let path = format!("/crm/associations/2026-09/{path}");
    send(world.hubspot(Method::POST, &path).json(&body)).await
}

async fn types(world: &World, from: &str, to: &str, id: &str) -> Vec<u64> {
    let answer = post(world, &format!("{from}/{to}/batch/read"), json!({ "inputs": [{ "id": id }] })).await;
    let body = answer.json();
    let rows = body["results"][0]["to"].as_array().cloned().unwrap_or_default();
    let kinds = rows.iter().flat_map(|row| row["associationTypes"].as_array().unwrap());
    let mut ids: Vec<u64> = kinds.map(|kind| kind["typeId"].as_u64().unwrap()).collect();
    ids.sort_unstable();
    ids
}

#[tokio::test]
async fn types_differ_by_direction_and_are_read_as_labels() {
    let world = World::new().await;
    let labels = |pair: &'static str| {
        send(world.hubspot(Method::GET, &format!("/crm/associations/2026-09/{pair}/labels")))
    };
    let forward = labels("contacts/companies").await.json();
    assert_eq!(forward["results"][0], json!({ "category": "HUBSPOT_DEFINED", "typeId": 279, "label": null }));
    assert_eq!(forward["results"][1]["label"], "Primary");
    assert_eq!(labels("companies/contacts").await.json()["results"][0]["typeId"], 280);
    assert_eq!(labels("deals/line_items").await.json()["results"][0]["typeId"], 19);
}

#[tokio::test]
async fn the_first_company_becomes_the_primary_one() {
    let world = World::new().await;
    let (contact, company) = pair(&world).await;
    let path = format!("/crm/objects/2026-09/contacts/{contact}/associations/default/companies/{company}");
    assert_eq!(send(world.hubspot(Method::PUT, &path)).await.status, 200);
    assert_eq!(types(&world, "contacts", "companies", &contact).await, [1, 279]);
    assert_eq!(types(&world, "companies", "contacts", &company).await, [2, 280]);
    let second = world.new_object("companies", json!({ "name": "C" })).await;
    // From the company's end this time.
    let path = format!("/crm/objects/2026-09/companies/{second}/associations/default/contacts/{contact}");
    assert_eq!(send(world.hubspot(Method::PUT, &path)).await.status, 200);
    assert_eq!(types(&world, "companies", "contacts", &second).await, [280]);
    assert_eq!(types(&world, "contacts", "companies", &contact).await, [1, 279, 279]);
}

#[tokio::test]
async fn a_create_can_bring_its_associations() {
    let world = World::new().await;
    let company = world.new_object("companies", json!({ "name": "A" })).await;
    let with_type = |id: u32| {
        let types = json!([{ "associationCategory": "HUBSPOT_DEFINED", "associationTypeId": id }]);
        let associations = json!([{ "to": { "id": company }, "types": types }]);
        json!({ "properties": { "dealname": "D" }, "associations": associations })
    };
    let wrong = world.objects(Method::POST, "deals", with_type(342)).await;
    assert_eq!(wrong.status, 400, "that is the other direction");
    assert!(world.sandbox.hubspot().records("deals").is_empty());
    let deal = world.objects(Method::POST, "deals", with_type(341)).await.json();
    let path = format!("deals/{}?associations=companies", deal["id"].as_str().unwrap());
    let found = world.objects(Method::GET, &path, Value::Null).await.json();
    assert_eq!(
        found["associations"]["companies"]["results"][0],
        json!({ "id": company, "type": "deal_to_company" })
    );
}

#[tokio::test]
async fn an_account_makes_labels_of_its_own_in_both_directions() {
    let world = World::new().await;
    let (contact, company) = pair(&world).await;
    let label = json!({ "label": "Buyer", "name": "buyer", "inverseLabel": "Buys for" });
    let made = post(&world, "contacts/companies/labels", label).await.json();
    let id = made["results"][0]["typeId"].as_u64().unwrap();
    assert_eq!(made["results"][1]["label"], "Buys for");
    let kinds = json!([{ "associationCategory": "USER_DEFINED", "associationTypeId": id }]);
    let input = json!({ "from": { "id": contact }, "to": { "id": company }, "types": kinds });
    let tied = post(&world, "contacts/companies/batch/create", json!({ "inputs": [input] })).await;
    assert_eq!((tied.status, &tied.json()["results"][0]["labels"]), (200, &json!(["Primary", "Buyer"])));
    assert_eq!(types(&world, "contacts", "companies", &contact).await, [1, 279, id]);
    post(&world, "contacts/companies/batch/labels/archive", json!({ "inputs": [input] })).await;
    assert_eq!(types(&world, "contacts", "companies", &contact).await, [1, 279]);
}

#[tokio::test]
async fn taking_the_tie_away_takes_all_labels_and_both_directions() {
    let world = World::new().await;
    let (contact, company) = pair(&world).await;
    world.sandbox.hubspot().associate(&contact, &company).unwrap();
    let path = format!("contacts/{contact}/associations/companies/{company}");
    assert_eq!(world.objects(Method::DELETE, &path, Value::Null).await.status, 204);
    assert!(types(&world, "companies", "contacts", &company).await.is_empty());
}

#[tokio::test]
async fn a_record_without_ties_is_missing_from_a_batch_read() {
    let world = World::new().await;
    let (contact, company) = pair(&world).await;
    world.sandbox.hubspot().associate(&contact, &company).unwrap();
    let body = json!({ "inputs": [{ "id": contact }, { "id": "7" }] });
    let answer = post(&world, "contacts/companies/batch/read", body).await;
    assert_eq!((answer.status, &answer.json()["numErrors"]), (207, &json!(1)));
    assert_eq!(answer.json()["results"][0]["to"][0]["toObjectId"], json!(company), "as text");
}

#[tokio::test]
async fn a_line_item_belongs_to_one_parent() {
    let world = World::new().await;
    let item = world.new_object("line_items", json!({ "name": "A", "price": "1" })).await;
    let mut statuses = Vec::new();
    for _ in 0..2 {
        let deal = world.new_object("deals", json!({ "dealname": "D" })).await;
        let path = format!("line_items/{item}/associations/default/deals/{deal}");
        statuses.push(world.objects(Method::PUT, &path, Value::Null).await.json()["numErrors"].is_null());
    }
    let ties = types(&world, "line_items", "deals", &item).await;
    assert_eq!(ties, [20], "{statuses:?}");
}
