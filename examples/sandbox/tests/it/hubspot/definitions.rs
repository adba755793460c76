//! Properties, groups, pipelines, custom types, owners, account; what deals, line items and invoices do of their own.

use reqwest::Method;
use sandbox::WriteRule;
use serde_json::{Value, json};

use crate::support::{Answer, World, send};

async fn define(world: &World, definition: Value) -> Answer {
    send(world.hubspot(Method::POST, "/crm/properties/2026-09/companies").json(&definition)).await
}

fn property(name: &str) -> Value {
    json!({
        "name": name, "label": "L", "type": "string", "fieldType": "text",
        "groupName": "companyinformation", "hasUniqueValue": true,
    })
}

async fn get(world: &World, path: &str) -> Value {
    send(world.hubspot(Method::GET, path)).await.json()
}

#[tokio::test]
async fn ten_unique_properties_and_each_name_once_even_when_archived() {
    let world = World::new().await;
    for number in 0..10 {
        assert_eq!(define(&world, property(&format!("p{number}"))).await.status, 201);
    }
    assert_eq!(define(&world, property("p10")).await.status, 400);
    let path = "/crm/properties/2026-09/companies/p0";
    assert_eq!(send(world.hubspot(Method::DELETE, path)).await.status, 204);
    let again = define(&world, property("p0")).await;
    assert_eq!((again.status, &again.json()["category"]), (409, &json!("OBJECT_ALREADY_EXISTS")));
    assert_eq!(send(world.hubspot(Method::GET, path)).await.status, 404);
}

#[tokio::test]
async fn a_property_needs_a_group_that_is_there_and_a_lower_case_name() {
    let world = World::new().await;
    let mut definition = property("exact_kvk_number");
    definition["groupName"] = json!("exact_online");
    assert_eq!(define(&world, definition.clone()).await.status, 400);
    let group = json!({ "name": "exact_online", "label": "Exact Online" });
    let path = "/crm/properties/2026-09/companies/groups";
    assert_eq!(send(world.hubspot(Method::POST, path).json(&group)).await.status, 201);
    assert_eq!(send(world.hubspot(Method::POST, path).json(&group)).await.status, 409);
    assert_eq!(define(&world, definition).await.status, 201);
    assert_eq!(define(&world, property("Upper")).await.status, 400);
}

#[tokio::test]
async fn a_batch_of_properties_makes_what_it_can() {
    let world = World::new().await;
    define(&world, property("p0")).await;
    let path = "/crm/properties/2026-09/companies/batch/create";
    let body = json!({ "inputs": [property("p0"), property("p1")] });
    let answer = send(world.hubspot(Method::POST, path).json(&body)).await;
    assert_eq!((answer.status, &answer.json()["results"][0]["name"]), (207, &json!("p1")));
}

#[tokio::test]
async fn rules_of_administrators_hold_on_2026_09_alone() {
    let world = World::new().await;
    let rules = json!([{ "object_type": "companies", "property": "city", "when": ["country", "NL"] }]);
    let rules: Vec<WriteRule> = serde_json::from_value(rules).unwrap();
    world.sandbox.hubspot().configure(|settings| settings.rules = rules);
    let body = json!({ "properties": { "name": "A", "country": "NL" } });
    let answer = world.objects(Method::POST, "companies", body.clone()).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["errors"][0]["context"]["propertyName"], json!(["city"]));
    for path in ["/crm/objects/2026-03/companies", "/crm/v3/objects/companies"] {
        assert_eq!(send(world.hubspot(Method::POST, path).json(&body)).await.status, 201, "{path}");
    }
    world.new_object("companies", json!({ "name": "A", "country": "BE" })).await;
}

#[tokio::test]
async fn a_deal_knows_whether_it_is_won_when_it_was_closed_and_since_when_it_stands_in_its_stage() {
    let world = World::new().await;
    let id = world.new_object("deals", json!({ "dealname": "D", "amount": "10.50" })).await;
    let read = || async {
        let names = [
            "dealstage",
            "closedate",
            "hs_is_closed",
            "hs_is_closed_won",
            "hs_closed_amount",
            "hs_v2_date_entered_current_stage",
        ];
        let path = format!("/crm/objects/2026-09/deals/{id}?properties={}", names.join(","));
        get(&world, &path).await["properties"].clone()
    };
    let open = read().await;
    assert_eq!(
        (&open["dealstage"], &open["hs_is_closed"]),
        (&json!("appointmentscheduled"), &json!("false"))
    );
    assert_eq!((&open["closedate"], &open["hs_closed_amount"]), (&Value::Null, &json!("0")));
    let move_to = |stage: &str| json!({ "properties": { "dealstage": stage } });
    let path = format!("deals/{id}");
    assert_eq!(world.objects(Method::PATCH, &path, move_to("Closed Won")).await.status, 400, "a label");
    world.objects(Method::PATCH, &path, move_to("closedwon")).await;
    let won = read().await;
    assert_eq!((&won["hs_is_closed_won"], &won["hs_closed_amount"]), (&json!("true"), &json!("10.50")));
    assert_eq!(won["closedate"], "2026-07-01T08:00:10.000Z");
    let entered = won["hs_v2_date_entered_current_stage"].clone();
    assert_eq!(entered, "2026-07-01T08:00:10.000Z");
    let edit = json!({ "properties": { "closedate": "2026-12-24T00:00:00Z" } });
    world.objects(Method::PATCH, &path, edit).await;
    let edited = read().await;
    assert_eq!(edited["closedate"], "2026-12-24T00:00:00.000Z", "people may");
    assert_eq!(edited["hs_v2_date_entered_current_stage"], entered);
    let edit = json!({ "properties": { "hs_v2_date_entered_current_stage": "2026-12-24T00:00:00Z" } });
    assert_eq!(world.objects(Method::PATCH, &path, edit).await.status, 400, "nobody may");
}

#[tokio::test]
async fn a_stage_belongs_to_its_pipeline() {
    let world = World::new().await;
    let stages = json!([{ "label": "Won", "displayOrder": 0, "metadata": { "probability": "1.0" } }]);
    let body = json!({ "label": "Second", "displayOrder": 1, "stages": stages });
    let made = send(world.hubspot(Method::POST, "/crm/pipelines/2026-09/deals").json(&body)).await.json();
    let (pipeline, stage) = (&made["id"], &made["stages"][0]["id"]);
    let create =
        |properties: Value| world.objects(Method::POST, "deals", json!({ "properties": properties }));
    assert_eq!(create(json!({ "dealstage": stage })).await.status, 400);
    assert_eq!(create(json!({ "pipeline": pipeline, "dealstage": stage })).await.status, 201);
    let all = get(&world, "/crm/pipelines/2026-09/deals").await;
    assert_eq!(
        all["results"][0]["stages"][5]["metadata"],
        json!({ "probability": "1.0", "isClosed": "true" })
    );
}

#[tokio::test]
async fn a_line_item_copies_its_product_once_and_computes_its_amount() {
    let world = World::new().await;
    let product = world.new_object("products", json!({ "name": "P", "price": "12.50", "hs_sku": "X" })).await;
    let item = json!({ "hs_product_id": product, "quantity": "3", "hs_discount_percentage": "10" });
    let item = world.new_object("line_items", item).await;
    let patch = json!({ "properties": { "price": "99" } });
    world.objects(Method::PATCH, &format!("products/{product}"), patch).await;
    let path = format!("/crm/objects/2026-09/line_items/{item}?properties=name,price,hs_sku,amount");
    let found = get(&world, &path).await["properties"].clone();
    assert_eq!(
        (&found["price"], &found["hs_sku"], &found["amount"]),
        (&json!("12.50"), &json!("X"), &json!("33.75"))
    );
}

#[tokio::test]
async fn an_invoice_begins_as_a_draft_and_is_voided_instead_of_deleted() {
    let world = World::new().await;
    let without = world.objects(Method::POST, "invoices", json!({ "properties": {} })).await;
    assert_eq!(without.json()["errors"][0]["context"]["propertyName"], json!(["hs_currency"]));
    let id = world.new_object("invoices", json!({ "hs_currency": "EUR" })).await;
    let path = format!("invoices/{id}");
    let set = |name: &str, value: &str| json!({ "properties": { name: value } });
    assert_eq!(world.objects(Method::PATCH, &path, set("hs_invoice_status", "open")).await.status, 200);
    assert_eq!(world.objects(Method::PATCH, &path, set("hs_title", "T")).await.status, 400);
    assert_eq!(world.objects(Method::DELETE, &path, Value::Null).await.status, 400);
}

#[tokio::test]
async fn the_number_of_an_external_order_is_unique() {
    let world = World::new().await;
    world.new_object("orders", json!({ "hs_external_order_id": "7" })).await;
    let again = json!({ "properties": { "hs_external_order_id": "7" } });
    let answer = world.objects(Method::POST, "orders", again).await;
    assert_eq!((answer.status, answer.body.contains("already has that value")), (400, true));
}

#[tokio::test]
async fn a_note_needs_its_moment() {
    let world = World::new().await;
    let note = |properties: Value| world.objects(Method::POST, "notes", json!({ "properties": properties }));
    assert_eq!(note(json!({ "hs_note_body": "x" })).await.status, 400);
    assert_eq!(note(json!({ "hs_note_body": "x", "hs_timestamp": "1782777600000" })).await.status, 201);
}

#[tokio::test]
async fn a_custom_type_is_used_like_any_other() {
    let world = World::new().await;
    let body = json!({
        "name": "erp_invoice",
        "labels": { "singular": "ERP invoice", "plural": "ERP invoices" },
        "primaryDisplayProperty": "number",
        "requiredProperties": ["number"],
        "searchableProperties": ["number"],
        "secondaryDisplayProperties": [],
        "associatedObjects": ["COMPANY"],
        "properties": [{
            "name": "number", "label": "Number", "type": "string", "fieldType": "text", "hasUniqueValue": true,
        }],
    });
    let made = send(world.hubspot(Method::POST, "/crm-object-schemas/2026-09/schemas").json(&body)).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let type_id = made.json()["objectTypeId"].as_str().unwrap().to_owned();
    let id = world.new_object(&type_id, json!({ "number": "1" })).await;
    for name in ["p_erp_invoice", made.json()["fullyQualifiedName"].as_str().unwrap()] {
        let found = world.objects(Method::GET, &format!("{name}/{id}"), Value::Null).await.json();
        assert_eq!(found["properties"]["number"], "1", "{name}");
    }
    assert_eq!(world.objects(Method::POST, &type_id, json!({ "properties": {} })).await.status, 400);
}

#[tokio::test]
async fn the_account_tells_of_owners_currencies_and_use() {
    let world = World::new().await;
    let owners = get(&world, "/crm/owners/2026-09?email=bram@example.com").await;
    let owner = &owners["results"][0];
    assert_ne!(owner["id"], owner["userId"].to_string(), "an owner is not its user");
    let archived = get(&world, "/crm/owners/2026-09?archived=true").await;
    assert_eq!(archived["results"].as_array().unwrap().len(), 1);
    let details = get(&world, "/account-info/2026-09/details").await;
    assert_eq!(
        (&details["companyCurrency"], &details["timeZone"]),
        (&json!("EUR"), &json!("Europe/Amsterdam"))
    );
    let usage = get(&world, "/account-info/2026-09/api-usage/daily/private-apps").await;
    assert_eq!(usage["results"][0]["currentUsage"], 4);
}

#[tokio::test]
async fn erasing_a_contact_for_good_leaves_nothing() {
    let world = World::new().await;
    let id = world.new_object("contacts", json!({ "email": "a@example.com" })).await;
    let answer = world.objects(Method::POST, "contacts/gdpr-delete", json!({ "objectId": id })).await;
    assert_eq!(answer.status, 204);
    let path = format!("contacts/{id}?archived=true");
    assert_eq!(world.objects(Method::GET, &path, Value::Null).await.status, 404);
}

#[tokio::test]
async fn a_restored_sandbox_goes_on_where_hubspot_stopped() {
    let world = World::new().await;
    world.unique_exact_id();
    let company = world.new_object("companies", json!({ "name": "A", "exact_id": "1" })).await;
    let contact = world.new_object("contacts", json!({ "email": "a@example.com" })).await;
    world.sandbox.hubspot().associate(&contact, &company).unwrap();
    let kept = serde_json::to_string(&world.sandbox.snapshot()).unwrap();
    let kept: sandbox::Snapshot = serde_json::from_str(&kept).unwrap();
    let clock = sandbox::Clock::virtual_at(kept.taken_at());
    let restored = sandbox::Sandbox::builder().clock(clock).restore(kept).start().await.unwrap();
    assert_eq!(restored.hubspot().token(), world.sandbox.hubspot().token());
    let restored = World::around(restored);
    let found = restored
        .objects(Method::GET, "companies/1?idProperty=exact_id&associations=contacts", Value::Null)
        .await;
    assert_eq!(found.json()["associations"]["contacts"]["results"][0]["id"], json!(contact));
    let searched = restored.objects(Method::POST, "companies/search", json!({ "query": "a" })).await;
    assert_eq!(searched.json()["total"], 1);
    let next = restored.new_object("companies", json!({})).await;
    assert!(next > contact, "numbers are not given a second time");
}
