//! Custom fields.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, World, send};

async fn create_field(world: &World, body: Value) -> Answer {
    send(world.pipedrive(Method::POST, "/api/v2/organizationFields").json(&body)).await
}

async fn code_of(world: &World, name: &str, field_type: &str) -> String {
    let answer = create_field(world, json!({ "field_name": name, "field_type": field_type })).await;
    answer.json()["data"]["field_code"].as_str().unwrap().to_owned()
}

async fn post_custom(world: &World, code: &str, value: Value) -> Answer {
    world.post_organization(json!({ "name": "x", "custom_fields": { code: value } })).await
}

#[tokio::test]
async fn a_custom_fields_code_is_40_hexadecimal_digits_and_its_name_is_not_unique() {
    let world = World::new().await;
    let (first, second) = (code_of(&world, "KvK", "varchar").await, code_of(&world, "KvK", "varchar").await);
    assert_ne!(first, second);
    assert!(first.len() == 40 && first.bytes().all(|byte| byte.is_ascii_hexdigit()));
}

#[tokio::test]
async fn built_in_and_custom_fields_are_listed_with_cursors() {
    let world = World::new().await;
    code_of(&world, "KvK", "varchar").await;
    let mut all: Vec<Value> = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let request = world.pipedrive(Method::GET, "/api/v2/organizationFields").query(&[("limit", "5")]);
        let request = request.query(&cursor.map(|cursor| [("cursor", cursor)]).unwrap_or_default());
        let page = send(request).await.json();
        all.extend(page["data"].as_array().unwrap().clone());
        cursor = page["additional_data"]["next_cursor"].as_str().map(str::to_owned);
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!((all.len(), &all[1]["field_code"]), (14, &json!("name")));
    let custom = all.last().unwrap();
    assert_eq!((&custom["field_name"], &custom["is_custom_field"]), (&json!("KvK"), &json!(true)));
    assert_eq!((&custom["options"], &custom["subfields"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn every_custom_field_is_there_and_null_when_unset() {
    let world = World::new().await;
    let code = code_of(&world, "KvK", "varchar").await;
    let created = world.post_organization(json!({ "name": "x" })).await.json();
    assert_eq!(created["data"]["custom_fields"], json!({ code.as_str(): null }));
    assert_eq!(world.organizations(&[]).await.json()["data"][0], created["data"]);
}

#[tokio::test]
async fn up_to_15_custom_fields_can_be_asked_for() {
    let world = World::new().await;
    let (first, _) = (code_of(&world, "A", "varchar").await, code_of(&world, "B", "varchar").await);
    world.post_organization(json!({ "name": "x" })).await;
    let page = world.organizations(&[("custom_fields", &first)]).await.json();
    assert_eq!(page["data"][0]["custom_fields"], json!({ first.as_str(): null }));
    let sixteen = vec!["a"; 16].join(",");
    assert_eq!(world.organizations(&[("custom_fields", &sixteen)]).await.status, 400);
}

#[tokio::test]
async fn an_unknown_custom_field_fails_the_whole_write_and_is_named() {
    let world = World::new().await;
    let code = "0123456789abcdef0123456789abcdef01234567";
    let answer = post_custom(&world, code, json!("x")).await;
    assert_eq!((answer.status, &answer.json()["code"]), (400, &json!("ERR_SCHEMA_VALIDATION_FAILED")));
    assert_eq!(answer.json()["field_code"], code);
    assert_eq!(world.sandbox.pipedrive().organizations().len(), 0);
}

#[tokio::test]
async fn custom_fields_at_the_root_are_refused() {
    let world = World::new().await;
    let code = code_of(&world, "KvK", "varchar").await;
    assert_eq!(world.post_organization(json!({ "name": "x", code.as_str(): "1" })).await.status, 400);
}

#[tokio::test]
async fn values_have_to_fit_their_fields_type() {
    let world = World::new().await;
    for (field_type, good, bad) in [
        ("varchar", json!("x".repeat(255)), json!("x".repeat(256))),
        ("varchar", json!("12345678"), json!(12_345_678)),
        ("text", json!("x".repeat(65_535)), json!("x".repeat(65_536))),
        ("phone", json!("+31 20"), json!(31)),
        ("double", json!(1.5), json!("1.5")),
        ("date", json!("2026-01-31"), json!("31-01-2026")),
        ("monetary", json!({ "value": 5, "currency": "EUR" }), json!(5)),
        ("address", json!({ "value": "Markt 1" }), json!("Markt 1")),
        ("user", json!(1), json!("1")),
    ] {
        let code = code_of(&world, field_type, field_type).await;
        assert_eq!(post_custom(&world, &code, good).await.status, 200, "{field_type}");
        assert_eq!(post_custom(&world, &code, bad).await.status, 400, "{field_type}");
        assert_eq!(post_custom(&world, &code, Value::Null).await.status, 200, "{field_type}");
    }
}

#[tokio::test]
async fn options_are_chosen_by_id_and_an_empty_set_is_refused() {
    let world = World::new().await;
    let options = json!([{ "label": "Red" }, { "label": "Blue" }]);
    let body = json!({ "field_name": "Colours", "field_type": "set", "options": options });
    let field = create_field(&world, body).await.json()["data"].clone();
    let (code, red) = (field["field_code"].as_str().unwrap(), &field["options"][0]["id"]);
    assert_eq!(post_custom(&world, code, json!([red])).await.status, 200);
    assert_eq!(post_custom(&world, code, Value::Null).await.status, 200);
    assert_eq!(post_custom(&world, code, json!([])).await.status, 400);
    assert_eq!(post_custom(&world, code, json!(["Red"])).await.status, 400);
}

#[tokio::test]
async fn a_field_needs_a_name_a_known_type_and_its_options() {
    let world = World::new().await;
    for body in [
        json!({ "field_type": "varchar" }),
        json!({ "field_name": "x", "field_type": "boolean" }),
        json!({ "field_name": "x", "field_type": "enum" }),
    ] {
        assert_eq!(create_field(&world, body.clone()).await.status, 400, "{body}");
    }
}
