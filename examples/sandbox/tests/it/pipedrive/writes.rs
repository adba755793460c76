//! Writing organizations.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, World, organization, send};

async fn patch(world: &World, id: i64, fields: Value) -> Answer {
    send(world.pipedrive(Method::PATCH, &format!("/api/v2/organizations/{id}")).json(&fields)).await
}

async fn get(world: &World, id: i64) -> Answer {
    send(world.pipedrive(Method::GET, &format!("/api/v2/organizations/{id}"))).await
}

fn code(answer: &Answer) -> (u16, String) {
    (answer.status, answer.json()["code"].as_str().unwrap_or_default().to_owned())
}

fn invalid() -> (u16, String) {
    (400, "ERR_SCHEMA_VALIDATION_FAILED".to_owned())
}

#[tokio::test]
async fn a_create_answers_200_with_the_whole_organization() {
    let world = World::new().await;
    let answer = world.post_organization(organization("De Kaasmaker")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.json(),
        json!({ "success": true, "data": {
            "id": 1, "name": "De Kaasmaker", "owner_id": 1, "visible_to": 3, "label_ids": [], "address": null,
            "website": null, "linkedin": null, "industry": null, "annual_revenue": null, "employee_count": null,
            "is_deleted": false, "custom_fields": {},
            "add_time": "2026-07-01T08:00:10Z", "update_time": "2026-07-01T08:00:10Z",
        }})
    );
    world.configure_pipedrive(json!({ "create_status": 201 })).await;
    assert_eq!(world.post_organization(organization("Nog een")).await.status, 201);
}

#[tokio::test]
async fn a_name_is_required_and_types_are_strict() {
    let world = World::new().await;
    for body in [
        json!({}),
        json!({ "name": "" }),
        json!({ "name": 5 }),
        json!({ "name": "x".repeat(256) }),
        json!({ "name": "x", "owner_id": "1" }),
        json!({ "name": "x", "visible_to": 2 }),
        json!({ "name": "x", "label_ids": "1,2" }),
        json!({ "name": "x", "address": "Straat 1" }),
        json!({ "name": "x", "annual_revenue": "10" }),
        json!({ "name": "x", "update_time": "2026-01-01T00:00:00Z" }),
        json!({ "name": "x", "vat_number": "NL1" }),
        json!([]),
    ] {
        let answer = world.post_organization(body.clone()).await;
        assert_eq!(code(&answer), invalid(), "{body}");
        assert_eq!(answer.json()["success"], false);
    }
    assert_eq!(world.sandbox.pipedrive().organizations().len(), 0);
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_null_empties() {
    let world = World::new().await;
    world.post_organization(json!({ "name": "x", "website": "https://example.com", "industry": 2 })).await;
    let answer = patch(&world, 1, json!({ "website": null, "name": "y" })).await;
    assert_eq!(answer.status, 200);
    let data = &answer.json()["data"];
    assert_eq!((&data["name"], &data["website"], &data["industry"]), (&json!("y"), &Value::Null, &json!(2)));
}

#[tokio::test]
async fn update_time_is_in_whole_seconds_and_moves_with_changes_alone() {
    let world = World::new().await;
    world.post_organization(organization("x")).await;
    world.clock.advance(std::time::Duration::from_millis(5_700));
    let same = patch(&world, 1, json!({ "name": "x" })).await;
    assert_eq!(same.json()["data"]["update_time"], "2026-07-01T08:00:10Z");
    let changed = patch(&world, 1, json!({ "name": "y" })).await;
    assert_eq!(changed.json()["data"]["update_time"], "2026-07-01T08:00:15Z");
}

#[tokio::test]
async fn parts_of_an_address_that_are_left_out_become_null() {
    let world = World::new().await;
    let address = json!({ "value": "Markt 1, Gouda", "locality": "Gouda", "postal_code": "2801 JJ" });
    world.post_organization(json!({ "name": "x", "address": address })).await;
    let answer = patch(&world, 1, json!({ "address": { "value": "Markt 2, Gouda" } })).await;
    let address = answer.json()["data"]["address"].clone();
    assert_eq!((&address["value"], &address["locality"]), (&json!("Markt 2, Gouda"), &Value::Null));
}

#[tokio::test]
async fn there_is_no_check_for_duplicates() {
    let world = World::new().await;
    for id in 1..=2 {
        assert_eq!(world.post_organization(organization("Twin")).await.json()["data"]["id"], id);
    }
}

#[tokio::test]
async fn put_is_not_a_verb_of_the_api() {
    let world = World::new().await;
    world.post_organization(organization("x")).await;
    let request = world.pipedrive(Method::PUT, "/api/v2/organizations/1").json(&organization("y"));
    assert_eq!(send(request).await.status, 405);
}

#[tokio::test]
async fn deletes_are_soft_and_no_list_tells_of_them() {
    let world = World::new().await;
    world.post_organization(organization("x")).await;
    let answer = send(world.pipedrive(Method::DELETE, "/api/v2/organizations/1")).await;
    assert_eq!((answer.status, answer.json()), (200, json!({ "success": true, "data": { "id": 1 } })));
    assert_eq!(
        world.organizations(&[("updated_since", "2026-01-01T00:00:00Z")]).await.json()["data"],
        json!([])
    );
    assert_eq!(get(&world, 1).await.json()["data"]["is_deleted"], true);
    assert_eq!(patch(&world, 1, json!({ "name": "y" })).await.status, 404);
    world.configure_pipedrive(json!({ "deleted_readable": false })).await;
    assert_eq!(get(&world, 1).await.status, 404);
}

#[tokio::test]
async fn a_deleted_organization_is_purged_after_30_days() {
    let world = World::new().await;
    world.post_organization(organization("x")).await;
    send(world.pipedrive(Method::DELETE, "/api/v2/organizations/1")).await;
    world.advance(30 * 86_400);
    assert_eq!(get(&world, 1).await.status, 200);
    world.advance(1);
    assert_eq!(get(&world, 1).await.status, 404);
}

#[tokio::test]
async fn an_unknown_organization_is_404_in_the_envelope() {
    let world = World::new().await;
    let answer = get(&world, 4711).await;
    assert_eq!(
        (answer.status, &answer.json()["success"], &answer.json()["data"]),
        (404, &json!(false), &Value::Null)
    );
    assert_eq!(code(&send(world.pipedrive(Method::GET, "/api/v2/organizations/abc")).await), invalid());
}

#[tokio::test]
async fn a_missing_or_wrong_token_gets_the_gateways_401() {
    let world = World::new().await;
    let url = format!("{}/api/v2/organizations", world.sandbox.pipedrive().base_url());
    for request in [world.http.get(&url), world.http.get(&url).header("x-api-token", "nonsense")] {
        let answer = send(request).await;
        assert_eq!((answer.status, answer.header("x-401-by-gw")), (401, Some("true")));
        assert_eq!(
            answer.json(),
            json!({ "success": false, "error": "unauthorized access", "errorCode": 401,
                    "error_info": "Please check developers.pipedrive.com" })
        );
    }
}

#[tokio::test]
async fn the_user_and_the_company_are_read_from_version_1() {
    let world = World::new().await;
    for path in ["/api/v1/users/me", "/v1/users/me"] {
        let data = send(world.pipedrive(Method::GET, path)).await.json()["data"].clone();
        assert!(data["id"].is_i64() && data["company_id"].is_i64() && data["company_domain"].is_string());
    }
    assert_eq!(send(world.pipedrive(Method::GET, "/v2/organizations")).await.status, 404, "v2 has no alias");
}

#[tokio::test]
async fn nulls_that_the_specification_does_not_allow_can_be_left_out() {
    let world = World::new().await;
    world.configure_pipedrive(json!({ "omit_nulls": true })).await;
    world.post_organization(organization("x")).await;
    let list = world.organizations(&[]).await.json();
    assert_eq!(list["additional_data"], json!({}));
    assert!(!list["data"][0].as_object().unwrap().contains_key("address"));
    let answer = world.post_organization(json!({ "name": "y", "address": { "value": "Markt 1" } })).await;
    assert_eq!(answer.json()["data"]["address"], json!({ "value": "Markt 1" }));
}

#[tokio::test]
async fn people_name_fields_by_their_labels() {
    let world = World::new().await;
    let pipedrive = world.sandbox.pipedrive();
    pipedrive.create_field("KvK number", "varchar").unwrap();
    let id = pipedrive.create_organization(json!({ "name": "x", "KvK number": "12345678" })).unwrap();
    assert_eq!(pipedrive.find_organizations("KvK number", &json!("12345678"))[0]["id"], id);
    pipedrive.edit_organization(id, json!({ "KvK number": null })).unwrap();
    assert_eq!(pipedrive.find_organizations("KvK number", &json!("12345678")).len(), 0);
    assert!(pipedrive.edit_organization(id, json!({ "name": "" })).is_err());
    pipedrive.delete_organization(id).unwrap();
    assert_eq!(pipedrive.organizations().len(), 0);
    assert_eq!(pipedrive.stats().requests, 0);
}
