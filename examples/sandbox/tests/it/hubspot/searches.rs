//! Search, which knows everything later.

use reqwest::Method;
use sandbox::{Company, Limits, Load};
use serde_json::{Value, json};

use crate::support::{Answer, World};

async fn search(world: &World, body: Value) -> Answer {
    world.objects(Method::POST, "companies/search", body).await
}

fn filter(name: &str, operator: &str, value: &str) -> Value {
    json!({ "filterGroups": [{ "filters": [{ "propertyName": name, "operator": operator, "value": value }] }] })
}

/// Without lag and limits.
async fn settled() -> World {
    let world = World::with(|builder| builder.limits(Limits::off())).await;
    world.sandbox.hubspot().configure(|settings| settings.search_lag_ms = (0, 0));
    world
}

#[tokio::test]
async fn the_index_lags_behind_while_a_read_by_id_does_not() {
    let world = World::new().await;
    world.sandbox.hubspot().configure(|settings| settings.search_lag_ms = (5_000, 5_000));
    let id = world.new_object("companies", json!({ "name": "A" })).await;
    let found = || search(&world, filter("name", "EQ", "a"));
    assert_eq!(found().await.json()["total"], 0);
    assert_eq!(world.objects(Method::GET, &format!("companies/{id}"), Value::Null).await.status, 200);
    world.advance(5);
    assert_eq!(found().await.json()["results"][0]["id"], json!(id));
    world.sandbox.hubspot().archive("companies", &id).unwrap();
    assert_eq!(found().await.json()["total"], 1, "deletions are learned late too");
    world.advance(5);
    assert_eq!(found().await.json()["total"], 0);
}

#[tokio::test]
async fn every_operator_compares_by_the_type_of_the_property() {
    let world = settled().await;
    let hubspot = world.sandbox.hubspot();
    for (name, employees) in [("Alpha Bakery", "9"), ("Beta", "10"), ("Gamma", "")] {
        hubspot.create("companies", json!({ "name": name, "numberofemployees": employees })).unwrap();
    }
    let number = |operator: &str, value: &str| filter("numberofemployees", operator, value);
    let with = |mut body: Value, name: &str, value: Value| {
        body["filterGroups"][0]["filters"][0][name] = value;
        body
    };
    for (body, expected) in [
        (number("EQ", "9.0"), 1),
        (number("NEQ", "9"), 2),
        (number("LT", "10"), 1),
        (number("LTE", "10"), 2),
        (number("GT", "9"), 1),
        (number("GTE", "9"), 2),
        (with(number("BETWEEN", "1"), "highValue", json!("9")), 1),
        (number("HAS_PROPERTY", ""), 2),
        (number("NOT_HAS_PROPERTY", ""), 1),
        (with(number("IN", ""), "values", json!(["9", "10"])), 2),
        (with(number("NOT_IN", ""), "values", json!(["9"])), 2),
        (filter("name", "EQ", "BETA"), 1),
        (with(filter("name", "IN", ""), "values", json!(["Beta"])), 0),
        (with(filter("name", "IN", ""), "values", json!(["beta"])), 1),
        (filter("name", "CONTAINS_TOKEN", "bakery"), 1),
        (filter("name", "CONTAINS_TOKEN", "bak*"), 1),
        (filter("name", "CONTAINS_TOKEN", "bak"), 0),
        (filter("name", "NOT_CONTAINS_TOKEN", "bakery"), 2),
        (filter("nonsense", "EQ", "1"), 0),
        (json!({ "query": "alpha bak" }), 1),
    ] {
        assert_eq!(search(&world, body.clone()).await.json()["total"], expected, "{body}");
    }
    assert_eq!(search(&world, filter("name", "LIKE", "a")).await.status, 400);
}

#[tokio::test]
async fn changes_are_found_from_a_millisecond_on_and_sorted_by_it() {
    let world = settled().await;
    let first = world.new_object("companies", json!({ "name": "A" })).await;
    world.advance(1);
    let second = world.new_object("companies", json!({ "name": "B" })).await;
    world.advance(1);
    world.sandbox.hubspot().edit("companies", &first, json!({ "name": "C" })).unwrap();
    let since = (world.clock.now() - chrono::TimeDelta::seconds(1)).timestamp_millis().to_string();
    let mut body = filter("hs_lastmodifieddate", "GTE", &since);
    body["sorts"] = json!([{ "propertyName": "hs_lastmodifieddate", "direction": "ASCENDING" }]);
    let found = search(&world, body.clone()).await.json();
    let ids: Vec<&Value> = found["results"].as_array().unwrap().iter().map(|row| &row["id"]).collect();
    assert_eq!(ids, [&json!(second), &json!(first)]);
    body["sorts"] = json!(["-hs_lastmodifieddate"]);
    assert_eq!(search(&world, body).await.json()["results"][0]["id"], json!(first));
}

#[tokio::test]
async fn nobody_gets_past_ten_thousand_results() {
    let companies = (0..10_050).map(|number| Company::new(format!("N{number}"), ""));
    let world = World::with(|builder| {
        builder.companies(companies.collect()).load(Load::HubSpot).limits(Limits::off())
    })
    .await;
    let page = |after: u32| search(&world, json!({ "limit": 200, "after": after.to_string() }));
    let last = page(9_800).await.json();
    assert_eq!((last["results"].as_array().unwrap().len(), &last["total"]), (200, &json!(10_050)));
    assert_eq!(page(10_000).await.status, 400);
    let mut body = filter("hs_object_id", "GT", last["results"][199]["id"].as_str().unwrap());
    body["sorts"] = json!([{ "propertyName": "hs_object_id", "direction": "ASCENDING" }]);
    assert_eq!(search(&world, body).await.json()["total"], 50, "who goes on by id gets the rest");
}

#[tokio::test]
async fn filters_sorts_pages_and_queries_have_limits() {
    let world = settled().await;
    let one = json!({ "propertyName": "name", "operator": "HAS_PROPERTY" });
    let group = |filters: usize| json!({ "filters": vec![one.clone(); filters] });
    for (body, status) in [
        (json!({ "filterGroups": vec![group(3); 5] }), 200),
        (json!({ "filterGroups": vec![group(3); 6] }), 400),
        (json!({ "filterGroups": [group(7)] }), 400),
        (json!({ "filterGroups": vec![group(6); 4] }), 400),
        (json!({ "limit": 200 }), 200),
        (json!({ "limit": 201 }), 400),
        (json!({ "query": "x".repeat(3_001) }), 400),
        (json!({ "sorts": ["name", "city"] }), 400),
    ] {
        assert_eq!(search(&world, body.clone()).await.status, status, "{body}");
    }
}

#[tokio::test]
async fn five_searches_a_second_and_their_answers_carry_no_limit_headers() {
    let world = World::new().await;
    for _ in 0..5 {
        let answer = search(&world, json!({})).await;
        assert_eq!((answer.status, answer.header("x-hubspot-ratelimit-max")), (200, None));
    }
    let refused = search(&world, json!({})).await;
    assert_eq!((refused.status, refused.header("x-hubspot-ratelimit-max")), (429, None));
    assert_eq!(refused.json()["policyName"], "SECONDLY");
    assert_eq!(refused.json()["message"], "You have reached your secondly limit.");
    world.advance(1);
    assert_eq!(search(&world, json!({})).await.status, 200);
}
