//! Creating, reading, changing and archiving one record at a time.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{World, send};

fn codes(body: &Value) -> Vec<String> {
    let errors = body["errors"].as_array().unwrap();
    errors.iter().map(|error| error["code"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn ids_and_values_are_text_and_unset_properties_are_null() {
    let world = World::new().await;
    let id = world.new_object("companies", json!({ "name": "A", "numberofemployees": "12" })).await;
    let path = format!("companies/{id}?properties=name,numberofemployees,city,nonsense");
    let body = world.objects(Method::GET, &path, Value::Null).await.json();
    assert_eq!(body["id"], json!(id));
    assert_eq!(body["properties"]["numberofemployees"], "12");
    assert_eq!(body["properties"]["city"], Value::Null);
    assert!(body["properties"].get("nonsense").is_none(), "unknown names are ignored");
    assert_eq!(body["properties"]["hs_lastmodifieddate"], "2026-07-01T08:00:10.000Z");
    assert_eq!((&body["archived"], &body["createdAt"]), (&json!(false), &json!("2026-07-01T08:00:10.000Z")));
}

#[tokio::test]
async fn without_a_list_of_properties_custom_ones_are_silently_missing() {
    let world = World::new().await;
    world.unique_exact_id();
    let id = world.new_object("companies", json!({ "name": "A", "exact_id": "1" })).await;
    let body = world.objects(Method::GET, &format!("companies/{id}"), Value::Null).await.json();
    let shown: Vec<&String> = body["properties"].as_object().unwrap().keys().collect();
    assert_eq!(shown, ["createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"]);
}

#[tokio::test]
async fn contacts_name_the_moment_of_their_last_change_differently() {
    let world = World::new().await;
    let id = world.new_object("contacts", json!({ "lastname": "A" })).await;
    let path = format!("contacts/{id}?properties=lastmodifieddate,hs_lastmodifieddate");
    let body = world.objects(Method::GET, &path, Value::Null).await.json();
    assert!(body["properties"]["lastmodifieddate"].is_string());
    assert!(body["properties"].get("hs_lastmodifieddate").is_none());
}

#[tokio::test]
async fn unknown_and_read_only_properties_and_wrong_values_are_refused_all_at_once() {
    let world = World::new().await;
    let properties = json!({
        "nonsense": "1", "hs_object_id": "1", "numberofemployees": "1,000", "lifecyclestage": "Customer",
    });
    let answer = world.objects(Method::POST, "companies", json!({ "properties": properties })).await;
    let body = answer.json();
    assert_eq!((answer.status, body["category"].as_str()), (400, Some("VALIDATION_ERROR")));
    let expected = ["READ_ONLY_VALUE", "INVALID_OPTION", "PROPERTY_DOESNT_EXIST", "INVALID_LONG"];
    let mut found = codes(&body);
    found.sort();
    let mut expected = expected.map(str::to_owned);
    expected.sort();
    assert_eq!(found, expected);
    assert!(body["message"].as_str().unwrap().starts_with("Property values were not valid: [{"));
    assert!(world.sandbox.hubspot().records("companies").is_empty());
}

#[tokio::test]
async fn numbers_and_booleans_travel_as_text_too() {
    let world = World::new().await;
    let body = json!({ "properties": { "numberofemployees": 12 } });
    assert_eq!(world.objects(Method::POST, "companies", body).await.status, 400);
}

#[tokio::test]
async fn the_empty_text_clears_a_value() {
    let world = World::new().await;
    let id = world.new_object("companies", json!({ "name": "A", "city": "Delft" })).await;
    let patch = json!({ "properties": { "city": "" } });
    let body = world.objects(Method::PATCH, &format!("companies/{id}"), patch).await.json();
    assert_eq!(body["properties"]["city"], Value::Null);
}

#[tokio::test]
async fn a_write_of_what_stands_there_is_no_change() {
    let world = World::new().await;
    let id = world.new_object("companies", json!({ "name": "A" })).await;
    world.advance(5);
    let patch = |name: &str| json!({ "properties": { "name": name } });
    let path = format!("companies/{id}");
    let same = world.objects(Method::PATCH, &path, patch("A")).await.json();
    assert_eq!(same["updatedAt"], "2026-07-01T08:00:10.000Z");
    let changed = world.objects(Method::PATCH, &path, patch("B")).await.json();
    assert_eq!(changed["updatedAt"], "2026-07-01T08:00:15.000Z");
}

#[tokio::test]
async fn dates_are_days_and_moments_come_in_two_forms() {
    let world = World::new().await;
    let definition = json!({ "name": "last_payment", "type": "date", "fieldType": "date" });
    world.sandbox.hubspot().create_property("companies", definition).unwrap();
    for (given, stored) in [("2026-06-30", Some("2026-06-30")), ("1782777600000", Some("2026-06-30"))] {
        let id = world.new_object("companies", json!({ "last_payment": given })).await;
        let found = world.sandbox.hubspot().find("companies", "hs_object_id", &id);
        assert_eq!(found[0]["properties"]["last_payment"].as_str(), stored);
    }
    let noon = json!({ "properties": { "last_payment": "1782820800000" } });
    assert_eq!(world.objects(Method::POST, "companies", noon).await.status, 400, "midnight UTC only");
}

#[tokio::test]
async fn a_record_is_found_by_a_unique_property_at_once() {
    let world = World::new().await;
    world.unique_exact_id();
    let id = world.new_object("companies", json!({ "exact_id": "1:a" })).await;
    let found = world.objects(Method::GET, "companies/1:a?idProperty=exact_id", Value::Null).await;
    assert_eq!(found.json()["id"], json!(id));
    let patch = json!({ "properties": { "city": "Delft" } });
    let changed = world.objects(Method::PATCH, "companies/1:a?idProperty=exact_id", patch).await;
    assert_eq!(changed.json()["id"], json!(id));
    let other = world.objects(Method::GET, "companies/A?idProperty=name", Value::Null).await;
    assert_eq!(other.status, 400, "name is not unique");
}

#[tokio::test]
async fn a_value_that_another_record_holds_is_a_400_that_names_the_property() {
    let world = World::new().await;
    world.unique_exact_id();
    let first = world.new_object("companies", json!({ "exact_id": "1" })).await;
    let again = json!({ "properties": { "exact_id": " 1 " } });
    let answer = world.objects(Method::POST, "companies", again).await;
    let body = answer.json();
    assert_eq!((answer.status, codes(&body)), (400, vec!["CONFLICTING_UNIQUE_VALUE".to_owned()]));
    assert_eq!(body["errors"][0]["context"]["propertyName"][0], "exact_id");
    assert!(body["message"].as_str().unwrap().contains(&format!("{first} already has that value")));
}

#[tokio::test]
async fn a_taken_address_is_a_409_with_the_others_id_in_the_text() {
    let world = World::new().await;
    let first = world.new_object("contacts", json!({ "email": "a@example.com" })).await;
    let again = json!({ "properties": { "email": "A@Example.com" } });
    let answer = world.objects(Method::POST, "contacts", again).await;
    assert_eq!((answer.status, answer.json()["category"].as_str()), (409, Some("CONFLICT")));
    assert_eq!(answer.json()["message"], format!("Contact already exists. Existing ID: {first}"));
}

#[tokio::test]
async fn two_companies_may_have_one_domain() {
    let world = World::new().await;
    for _ in 0..2 {
        world.new_object("companies", json!({ "domain": "example.com" })).await;
    }
}

#[tokio::test]
async fn archived_records_leave_the_list_and_keep_their_unique_value() {
    let world = World::new().await;
    world.unique_exact_id();
    let id = world.new_object("companies", json!({ "exact_id": "1" })).await;
    let path = format!("companies/{id}");
    for _ in 0..2 {
        assert_eq!(world.objects(Method::DELETE, &path, Value::Null).await.status, 204);
    }
    assert_eq!(world.objects(Method::GET, &path, Value::Null).await.status, 404);
    let archived = world.objects(Method::GET, &format!("{path}?archived=true"), Value::Null).await.json();
    assert_eq!(archived["archived"], true);
    assert!(archived["archivedAt"].is_string());
    let list = |query: &'static str| world.objects(Method::GET, query, Value::Null);
    assert_eq!(list("companies").await.json()["results"], json!([]));
    assert_eq!(list("companies?archived=true").await.json()["results"][0]["id"], json!(id));
    let again = || world.objects(Method::POST, "companies", json!({ "properties": { "exact_id": "1" } }));
    assert_eq!(again().await.status, 400);
    world.sandbox.hubspot().restore_record("companies", &id).unwrap();
    assert_eq!(world.objects(Method::GET, &path, Value::Null).await.status, 200);
    world.sandbox.hubspot().configure(|settings| settings.archived_hold_unique = false);
    world.sandbox.hubspot().archive("companies", &id).unwrap();
    assert_eq!(again().await.status, 201);
}

#[tokio::test]
async fn the_recycle_bin_is_emptied_after_90_days() {
    let world = World::new().await;
    let id = world.new_object("companies", json!({ "name": "A" })).await;
    world.sandbox.hubspot().archive("companies", &id).unwrap();
    let path = format!("companies/{id}?archived=true");
    world.advance(90 * 86_400);
    assert_eq!(world.objects(Method::GET, &path, Value::Null).await.status, 200);
    world.advance(1);
    assert_eq!(world.objects(Method::GET, &path, Value::Null).await.status, 404);
}

#[tokio::test]
async fn lists_have_pages_of_ten_up_to_a_hundred_in_the_order_of_ids() {
    let world = World::new().await;
    for number in 0..12 {
        world.sandbox.hubspot().create("companies", json!({ "name": format!("N{number}") })).unwrap();
    }
    let first = world.objects(Method::GET, "companies", Value::Null).await.json();
    assert_eq!(first["results"].as_array().unwrap().len(), 10);
    let after = first["paging"]["next"]["after"].as_str().unwrap();
    let last = world.objects(Method::GET, &format!("companies?after={after}"), Value::Null).await.json();
    assert_eq!(last["results"][1]["properties"]["name"], "N11");
    assert!(last.get("paging").is_none());
    assert_eq!(world.objects(Method::GET, "companies?limit=101", Value::Null).await.status, 400);
}

#[tokio::test]
async fn types_are_named_or_numbered_and_both_families_of_paths_answer() {
    let world = World::new().await;
    let id = world.new_object("companies", json!({ "name": "A" })).await;
    let get = |path: String| send(world.hubspot(Method::GET, &path));
    for path in [
        "objects/2026-09/companies",
        "objects/2026-09/0-2",
        "objects/2026-03/company",
        "v3/objects/companies",
    ] {
        assert_eq!(get(format!("/crm/{path}/{id}")).await.json()["id"], json!(id), "{path}");
    }
    let unknown = get("/crm/objects/2026-09/nonsense".to_owned()).await;
    assert_eq!(
        (unknown.status, unknown.json()["message"].as_str()),
        (400, Some("Unable to infer object type from: nonsense"))
    );
    world.sandbox.hubspot().configure(|settings| settings.numbered_paths = false);
    assert_eq!(get(format!("/crm/v3/objects/companies/{id}")).await.status, 404);
    world.sandbox.hubspot().configure(|settings| settings.dated_paths = false);
    assert_eq!(get(format!("/crm/objects/2026-09/companies/{id}")).await.status, 404);
}

#[tokio::test]
async fn a_body_that_is_not_json_is_a_415() {
    let world = World::new().await;
    let request = world.hubspot(Method::POST, "/crm/objects/2026-09/companies").body("{}");
    assert_eq!(send(request).await.status, 415);
}

#[tokio::test]
async fn history_tells_who_wrote_each_value() {
    let world = World::new().await;
    let id = world.new_object("companies", json!({ "name": "A" })).await;
    world.sandbox.hubspot().edit("companies", &id, json!({ "name": "B" })).unwrap();
    let path = format!("companies/{id}?propertiesWithHistory=name");
    let body = world.objects(Method::GET, &path, Value::Null).await.json();
    let versions = body["propertiesWithHistory"]["name"].as_array().unwrap();
    let shown: Vec<(&str, &str)> = versions
        .iter()
        .map(|version| (version["value"].as_str().unwrap(), version["sourceType"].as_str().unwrap()))
        .collect();
    assert_eq!(shown, [("B", "CRM_UI"), ("A", "INTEGRATION")]);
}
