//! Persons, deals, products, notes and leads: what each does that organizations do not.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, World, send};

async fn call(world: &World, method: Method, path: &str, body: Value) -> Answer {
    send(world.pipedrive(method, path).json(&body)).await
}

async fn post(world: &World, path: &str, body: Value) -> Value {
    let answer = call(world, Method::POST, path, body).await;
    assert!(answer.status < 300, "{path}: {}", answer.body);
    answer.json()["data"].clone()
}

async fn list(world: &World, path: &str) -> Value {
    let answer = send(world.pipedrive(Method::GET, path)).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.json()["data"].clone()
}

fn ids(rows: &Value) -> Vec<i64> {
    rows.as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn creates_answer_200_except_products_leads_and_products_of_deals() {
    let world = World::new().await;
    for (path, body, status) in [
        ("/api/v2/organizations", json!({ "name": "x" }), 200),
        ("/api/v2/persons", json!({ "name": "x" }), 200),
        ("/api/v2/deals", json!({ "title": "x" }), 200),
        ("/api/v2/products", json!({ "name": "x" }), 201),
        ("/api/v2/deals/1/products", json!({ "product_id": 1, "item_price": 1, "quantity": 1 }), 201),
        ("/v1/notes", json!({ "content": "x", "deal_id": 1 }), 200),
        ("/v1/leads", json!({ "title": "x", "person_id": 1 }), 201),
    ] {
        assert_eq!(call(&world, Method::POST, path, body).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn a_patch_of_emails_replaces_the_whole_array_and_the_first_becomes_primary() {
    let world = World::new().await;
    let emails = json!([{ "value": "a@x.nl" }, { "value": "b@x.nl", "label": "home" }]);
    let person = post(&world, "/api/v2/persons", json!({ "name": "Jan Jansen", "emails": emails })).await;
    assert_eq!(
        person["emails"],
        json!([{ "value": "a@x.nl", "primary": true, "label": "work" },
            { "value": "b@x.nl", "primary": false, "label": "home" }])
    );
    assert_eq!((&person["first_name"], &person["last_name"]), (&json!("Jan"), &json!("Jansen")));
    let one = json!({ "emails": [{ "value": "c@x.nl" }] });
    let patched = call(&world, Method::PATCH, "/api/v2/persons/1", one).await.json();
    assert_eq!(patched["data"]["emails"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_deals_value_is_that_of_its_enabled_products_whatever_was_written() {
    let world = World::new().await;
    post(&world, "/api/v2/products", json!({ "name": "Kaas" })).await;
    let deal = post(&world, "/api/v2/deals", json!({ "title": "x", "value": 5, "currency": "USD" })).await;
    assert_eq!((&deal["value"], &deal["status"], &deal["stage_id"]), (&json!(5), &json!("open"), &json!(1)));
    let line = json!({ "product_id": 1, "item_price": 100, "quantity": 2.5, "discount": 10 });
    let added = post(&world, "/api/v2/deals/1/products", line).await;
    assert_eq!(
        (&added["sum"], &added["currency"], &added["name"]),
        (&json!(225), &json!("USD"), &json!("Kaas"))
    );
    let off = json!({ "data": [{ "product_id": 1, "item_price": 7, "quantity": 1, "is_enabled": false }] });
    post(&world, "/api/v2/deals/1/products/bulk", off).await;
    assert_eq!(list(&world, "/api/v2/deals/1").await["value"], 225);
    let written = call(&world, Method::PATCH, "/api/v2/deals/1", json!({ "value": 9 })).await.json();
    assert_eq!(written["data"]["value"], 225);
    assert_eq!(ids(&list(&world, "/api/v2/deals/products?deal_ids=1,99").await), [1, 2]);
    let cheaper = json!({ "item_price": 10 });
    call(&world, Method::PATCH, "/api/v2/deals/1/products/1", cheaper).await;
    assert_eq!(list(&world, "/api/v2/deals/1").await["value"], 22.5);
}

#[tokio::test]
async fn discounts_on_a_deal_lower_its_value_and_are_listed_for_it_alone() {
    let world = World::new().await;
    post(&world, "/api/v2/products", json!({ "name": "Kaas" })).await;
    for title in ["x", "y"] {
        post(&world, "/api/v2/deals", json!({ "title": title })).await;
    }
    let line = json!({ "product_id": 1, "item_price": 100, "quantity": 2 });
    post(&world, "/api/v2/deals/1/products", line).await;
    let (path, loyal) =
        ("/api/v2/deals/1/discounts", json!({ "description": "Loyal", "amount": 10, "type": "percentage" }));
    let made = call(&world, Method::POST, path, loyal).await;
    assert_eq!((made.status, &made.json()["data"]["deal_id"]), (201, &json!(1)));
    let id = made.json()["data"]["id"].as_str().unwrap().to_owned();
    assert_eq!(id.len(), 36, "a UUID: {id}");
    post(&world, path, json!({ "description": "Off", "amount": 5, "type": "amount" })).await;
    assert_eq!(list(&world, "/api/v2/deals/1").await["value"], 175);
    assert_eq!(list(&world, path).await.as_array().unwrap().len(), 2);
    assert_eq!(list(&world, "/api/v2/deals/2/discounts").await, json!([]));
    let one = format!("{path}/{id}");
    call(&world, Method::PATCH, &one, json!({ "amount": 20 })).await;
    assert_eq!(list(&world, "/api/v2/deals/1").await["value"], 155);
    assert_eq!(send(world.pipedrive(Method::DELETE, &one)).await.status, 200);
    assert_eq!(list(&world, "/api/v2/deals/1").await["value"], 195);
    let none = json!({ "description": "Nothing", "amount": 0, "type": "amount" });
    assert_eq!(call(&world, Method::POST, path, none).await.status, 400, "must be above nothing");
}

#[tokio::test]
async fn deleting_products_of_a_deal_without_ids_takes_them_all() {
    let world = World::new().await;
    post(&world, "/api/v2/products", json!({ "name": "Kaas" })).await;
    post(&world, "/api/v2/deals", json!({ "title": "x" })).await;
    let line = json!({ "product_id": 1, "item_price": 1, "quantity": 1 });
    post(&world, "/api/v2/deals/1/products/bulk", json!({ "data": [line, line, line] })).await;
    send(world.pipedrive(Method::DELETE, "/api/v2/deals/1/products?ids=2")).await;
    assert_eq!(ids(&list(&world, "/api/v2/deals/1/products").await), [1, 3]);
    send(world.pipedrive(Method::DELETE, "/api/v2/deals/1/products")).await;
    assert_eq!(ids(&list(&world, "/api/v2/deals/1/products").await), [0_i64; 0]);
}

#[tokio::test]
async fn winning_stamps_its_times_and_opening_again_takes_them_away() {
    let world = World::new().await;
    post(&world, "/api/v2/deals", json!({ "title": "x" })).await;
    let won = call(&world, Method::PATCH, "/api/v2/deals/1", json!({ "status": "won" })).await.json();
    assert_eq!(won["data"]["won_time"], "2026-07-01T08:00:10Z");
    assert_eq!(won["data"]["close_time"], "2026-07-01T08:00:10Z");
    let reason = json!({ "lost_reason": "price" });
    assert_eq!(call(&world, Method::PATCH, "/api/v2/deals/1", reason).await.status, 400);
    let open = call(&world, Method::PATCH, "/api/v2/deals/1", json!({ "status": "open" })).await.json();
    assert_eq!(open["data"]["won_time"], Value::Null);
}

#[tokio::test]
async fn a_stage_belongs_to_one_pipeline() {
    let world = World::new().await;
    let pipeline = world.sandbox.pipedrive().create_pipeline("Service", &["Asked", "Done"]);
    let stages = list(&world, &format!("/api/v2/stages?pipeline_id={pipeline}")).await;
    let stage = ids(&stages)[1];
    let deal = post(&world, "/api/v2/deals", json!({ "title": "x", "stage_id": stage })).await;
    assert_eq!(deal["pipeline_id"], pipeline);
    let torn = json!({ "pipeline_id": 1, "stage_id": stage });
    assert_eq!(call(&world, Method::PATCH, "/api/v2/deals/1", torn).await.status, 400);
}

#[tokio::test]
async fn an_archived_deal_vanishes_from_the_list_without_being_deleted() {
    let world = World::new().await;
    for title in ["a", "b"] {
        post(&world, "/api/v2/deals", json!({ "title": title })).await;
    }
    call(&world, Method::PATCH, "/api/v2/deals/1", json!({ "is_archived": true })).await;
    assert_eq!(ids(&list(&world, "/api/v2/deals").await), [2]);
    assert_eq!(ids(&list(&world, "/api/v2/deals/archived").await), [1]);
    let archived = list(&world, "/api/v2/deals/1").await;
    assert_eq!((&archived["is_archived"], &archived["is_deleted"]), (&json!(true), &json!(false)));
}

#[tokio::test]
async fn deleted_deals_alone_are_listed_where_the_status_asks_for_them() {
    let world = World::new().await;
    for title in ["a", "b"] {
        post(&world, "/api/v2/deals", json!({ "title": title })).await;
    }
    send(world.pipedrive(Method::DELETE, "/api/v2/deals/1")).await;
    assert_eq!(ids(&list(&world, "/api/v2/deals").await), [2]);
    let all = list(&world, "/api/v2/deals?status=open,won,lost,deleted&sort_by=update_time").await;
    assert_eq!(ids(&all), [1, 2]);
    assert_eq!(all[0]["is_deleted"], true);
    world.advance(31 * 86_400);
    assert_eq!(ids(&list(&world, "/api/v2/deals?status=deleted").await), [0_i64; 0]);
}

#[tokio::test]
async fn a_product_without_prices_costs_nothing_in_the_users_currency() {
    let world = World::new().await;
    let product = post(&world, "/api/v2/products", json!({ "name": "Kaas" })).await;
    assert_eq!(
        (&product["prices"][0]["currency"], &product["prices"][0]["price"]),
        (&json!("EUR"), &json!(0))
    );
    let strange = json!({ "name": "Kaas", "prices": [{ "currency": "ZZZ", "price": 1 }] });
    assert_eq!(call(&world, Method::POST, "/api/v2/products", strange).await.status, 400);
}

#[tokio::test]
async fn version_1_has_its_own_times_flags_ids_and_pages() {
    let world = World::new().await;
    post(&world, "/api/v2/persons", json!({ "name": "Jan" })).await;
    for content in ["a", "b", "c"] {
        post(&world, "/v1/notes", json!({ "content": content, "person_id": 1 })).await;
    }
    let page = send(world.pipedrive(Method::GET, "/api/v1/notes?start=0&limit=2")).await.json();
    assert_eq!(page["additional_data"]["pagination"]["next_start"], 2);
    let note = &page["data"][0];
    assert_eq!((&note["add_time"], &note["active_flag"]), (&json!("2026-07-01 08:00:10"), &json!(true)));
    let lead = post(&world, "/v1/leads", json!({ "title": "x", "person_id": 1 })).await;
    assert_eq!(lead["id"].as_str().unwrap().len(), 36);
    let page = send(world.pipedrive(Method::GET, "/v1/leads?limit=1")).await.json();
    assert_eq!(page["additional_data"]["more_items_in_collection"], false);
    assert_eq!(page["additional_data"]["next_start"], Value::Null);
    let alone = call(&world, Method::POST, "/v1/notes", json!({ "content": "x" })).await;
    assert_eq!(alone.status, 400, "a note stands on something");
}

#[tokio::test]
async fn leads_carry_the_custom_fields_of_deals_at_the_root() {
    let world = World::new().await;
    let pipedrive = world.sandbox.pipedrive();
    let code = pipedrive.create_field_of("deals", "Bron", "varchar", &[]).unwrap();
    let person = pipedrive.create("persons", json!({ "name": "Jan" })).unwrap();
    pipedrive.create("leads", json!({ "title": "x", "person_id": person, "Bron": "beurs" })).unwrap();
    assert_eq!(list(&world, "/v1/leads").await[0][code], "beurs");
}

#[tokio::test]
async fn a_merge_keeps_the_record_that_is_merged_with_and_moves_what_pointed_to_the_other() {
    let world = World::new().await;
    let pipedrive = world.sandbox.pipedrive();
    pipedrive.create_field("Exact ID", "varchar").unwrap();
    pipedrive.create_organization(json!({ "name": "Acme", "website": "acme.nl", "Exact ID": "1" })).unwrap();
    pipedrive.create_organization(json!({ "name": "ACME", "Exact ID": "2" })).unwrap();
    pipedrive.create("persons", json!({ "name": "Jan", "org_id": 1 })).unwrap();
    let merged = call(&world, Method::PUT, "/v1/organizations/1/merge", json!({ "merge_with_id": 2 })).await;
    assert_eq!(merged.json()["data"]["id"], 2);
    let left = pipedrive.organizations();
    assert_eq!((left.len(), &left[0]["id"], &left[0]["name"]), (1, &json!(2), &json!("ACME")));
    assert_eq!(
        (&left[0]["website"], &left[0]["custom_fields"]["Exact ID"]),
        (&json!("acme.nl"), &json!("2"))
    );
    assert_eq!(pipedrive.records("persons")[0]["org_id"], 2);
    assert_eq!(list(&world, "/api/v2/organizations/1").await["is_deleted"], true);
}

#[tokio::test]
async fn every_kind_has_its_own_fields_and_its_own_search() {
    let world = World::new().await;
    let pipedrive = world.sandbox.pipedrive();
    pipedrive.create_field_of("persons", "Exact ID", "varchar", &[]).unwrap();
    let emails = json!([{ "value": "jan@x.nl" }]);
    pipedrive.create("persons", json!({ "name": "Jan", "Exact ID": "9", "emails": emails })).unwrap();
    pipedrive.create("products", json!({ "name": "Kaas", "code": "K-1" })).unwrap();
    world.advance(10);
    assert_eq!(list(&world, "/api/v2/organizationFields").await.as_array().unwrap().len(), 13);
    let by_email = "/api/v2/persons/search?fields=email&exact_match=true&term=JAN@x.nl";
    assert_eq!(list(&world, by_email).await["items"][0]["item"]["id"], 1);
    let by_code = "/api/v2/products/search?fields=code&exact_match=true&term=k-1";
    assert_eq!(list(&world, by_code).await["items"][0]["item"]["id"], 1);
    let owner = json!({ "title": "x", "owner_id": 77 });
    assert_eq!(call(&world, Method::POST, "/api/v2/deals", owner).await.status, 400, "no such user");
}
