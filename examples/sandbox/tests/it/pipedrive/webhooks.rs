//! Webhooks: what was asked for, and events on their way.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{Answer, World, send};

const WEBHOOKS: &str = "/api/v1/webhooks";

async fn receiver() -> MockServer {
    let receiver = MockServer::start().await;
    answers(&receiver, ResponseTemplate::new(200)).await;
    receiver
}

/// From now on the receiver answers so.
async fn answers(receiver: &MockServer, answer: ResponseTemplate) {
    receiver.reset().await;
    Mock::given(method("POST")).respond_with(answer).mount(receiver).await;
}

async fn ask(world: &World, body: &Value) -> Answer {
    send(world.pipedrive(Method::POST, WEBHOOKS).json(body)).await
}

fn everything(url: &str) -> Value {
    json!({ "subscription_url": url, "event_action": "*", "event_object": "*", "name": "Exact Online",
        "http_auth_user": "pipedrive", "http_auth_password": "secret" })
}

/// A webhook for everything; the request that tried its address is forgotten.
async fn subscribe(world: &World, receiver: &MockServer) -> u64 {
    let answer = ask(world, &everything(&receiver.uri())).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answers(receiver, ResponseTemplate::new(200)).await;
    answer.json()["data"]["id"].as_u64().unwrap()
}

async fn events(receiver: &MockServer) -> Vec<Value> {
    let requests = receiver.received_requests().await.unwrap();
    requests.iter().map(|request| serde_json::from_slice(&request.body).unwrap()).collect()
}

async fn listed(world: &World) -> Vec<Value> {
    let answer = send(world.pipedrive(Method::GET, WEBHOOKS)).await;
    answer.json()["data"].as_array().unwrap().clone()
}

fn organization(world: &World, name: &str) -> i64 {
    world.sandbox.pipedrive().create_organization(json!({ "name": name })).unwrap()
}

async fn deliver(world: &World) -> usize {
    world.sandbox.pipedrive().deliver_webhooks().await
}

#[tokio::test]
async fn webhooks_are_made_listed_without_password_and_removed() {
    let (world, receiver) = (World::new().await, receiver().await);
    let id = subscribe(&world, &receiver).await;
    let all = listed(&world).await;
    assert_eq!((all.len(), all[0]["id"].as_u64()), (1, Some(id)));
    assert_eq!((&all[0]["is_active"], &all[0]["version"]), (&json!(1), &json!("2.0")));
    assert_eq!(
        (&all[0]["http_auth_user"], &all[0]["http_auth_password"]),
        (&json!("pipedrive"), &Value::Null)
    );
    let path = format!("{WEBHOOKS}/{id}");
    assert_eq!(
        send(world.pipedrive(Method::DELETE, &path)).await.json(),
        json!({"status": "ok", "success": true})
    );
    let gone = send(world.pipedrive(Method::DELETE, &path)).await;
    assert_eq!((gone.status, &gone.json()["errors"]), (404, &json!({ "id": ["not found"] })));
    assert_eq!(listed(&world).await, [] as [Value; 0]);
}

#[tokio::test]
async fn an_address_must_be_https_answer_and_not_redirect() {
    let (world, receiver) = (World::new().await, receiver().await);
    let wrong = json!({ "subscription_url": ["invalid or non-reachable URL"] });
    for url in ["http://sync.example.com/hook", "nonsense", "http://127.0.0.1:1/"] {
        let answer = ask(&world, &everything(url)).await;
        assert_eq!((answer.status, &answer.json()["errors"]), (400, &wrong), "{url}");
    }
    let elsewhere = ResponseTemplate::new(302).insert_header("location", "/other");
    answers(&receiver, elsewhere).await;
    assert_eq!(ask(&world, &everything(&receiver.uri())).await.status, 400);
}

#[tokio::test]
async fn a_forty_first_webhook_is_a_422() {
    let (world, receiver) = (World::new().await, receiver().await);
    for _ in 0..40 {
        subscribe(&world, &receiver).await;
    }
    assert_eq!(ask(&world, &everything(&receiver.uri())).await.status, 422);
}

#[tokio::test]
async fn an_event_has_textual_ids_the_record_now_and_what_was_before() {
    let (world, receiver) = (World::new().await, receiver().await);
    world.sandbox.pipedrive().create_field("KvK number", "varchar").unwrap();
    let code = world.sandbox.pipedrive().field_code("KvK number").unwrap();
    subscribe(&world, &receiver).await;
    let id = organization(&world, "A");
    let body = json!({ "name": "B", "custom_fields": { code.as_str(): "1" } });
    send(world.pipedrive(Method::PATCH, &format!("/api/v2/organizations/{id}")).json(&body)).await;
    world.sandbox.pipedrive().delete_organization(id).unwrap();
    assert_eq!(deliver(&world).await, 3);
    let told = events(&receiver).await;
    for (event, action, source) in
        [(&told[0], "create", "app"), (&told[1], "change", "api"), (&told[2], "delete", "app")]
    {
        let meta = &event["meta"];
        assert_eq!((&meta["action"], &meta["change_source"]), (&json!(action), &json!(source)));
        assert_eq!((&meta["entity"], &meta["entity_id"]), (&json!("organization"), &json!(id.to_string())));
        assert!(meta["company_id"].is_string() && meta["webhook_id"].is_string() && meta["id"].is_string());
        assert_eq!((&meta["version"], &meta["attempt"]), (&json!("2.0"), &json!(1)));
    }
    assert_eq!((&told[0]["previous"], &told[0]["data"]["id"]), (&Value::Null, &json!(id)));
    assert!(told[0]["data"]["visible_to"].is_string());
    assert_eq!(told[1]["previous"]["name"], "A");
    assert_eq!(told[1]["data"]["custom_fields"][&code], json!({ "type": "varchar", "value": "1" }));
    assert_eq!(told[1]["previous"]["custom_fields"], json!({ code: null }));
    assert_eq!((&told[2]["data"], &told[2]["previous"]["name"]), (&Value::Null, &json!("B")));
    let authorization = &receiver.received_requests().await.unwrap()[0].headers["authorization"];
    assert_eq!(authorization, "Basic cGlwZWRyaXZlOnNlY3JldA==");
}

#[tokio::test]
async fn both_records_of_a_merge_tell_of_it() {
    let (world, receiver) = (World::new().await, receiver().await);
    subscribe(&world, &receiver).await;
    let (gone, stays) = (organization(&world, "A"), organization(&world, "B"));
    world.sandbox.pipedrive().merge("organizations", gone, stays).unwrap();
    deliver(&world).await;
    let told = events(&receiver).await;
    let of =
        |action: &str| told.iter().find(|event| event["meta"]["action"] == action).unwrap()["meta"].clone();
    assert_eq!(of("change")["merged_from_id"], json!(gone.to_string()));
    assert_eq!(of("delete")["merged_to_id"], json!(stays.to_string()));
}

#[tokio::test]
async fn a_product_on_a_deal_has_events_of_its_own() {
    let (world, receiver) = (World::new().await, receiver().await);
    let pipedrive = world.sandbox.pipedrive();
    let deal = pipedrive.create("deals", json!({ "title": "D" })).unwrap();
    let product = pipedrive.create("products", json!({ "name": "P" })).unwrap();
    let narrow = json!({ "subscription_url": receiver.uri(), "event_action": "create",
        "event_object": "deal_product", "name": "n" });
    assert_eq!(ask(&world, &narrow).await.status, 201);
    answers(&receiver, ResponseTemplate::new(200)).await;
    let line = json!({ "product_id": product, "item_price": 5, "quantity": 2 });
    let line = pipedrive.add_product(deal, &line).unwrap();
    deliver(&world).await;
    let told = events(&receiver).await;
    assert_eq!(told.len(), 1, "and nothing of the deal, whose value changed: {told:?}");
    assert_eq!(
        (&told[0]["meta"]["entity_id"], &told[0]["data"]["deal_id"]),
        (&json!(line.to_string()), &json!(deal))
    );
}

#[tokio::test]
async fn what_is_not_taken_is_tried_again_after_3_30_and_150_seconds_and_then_dropped() {
    for answer in [ResponseTemplate::new(500), ResponseTemplate::new(302)] {
        let (world, receiver) = (World::new().await, receiver().await);
        subscribe(&world, &receiver).await;
        answers(&receiver, answer).await;
        organization(&world, "A");
        assert_eq!(deliver(&world).await, 0);
        for pause in [3, 30, 150, 1_000] {
            world.advance(pause - 1);
            deliver(&world).await;
            world.advance(1);
            deliver(&world).await;
        }
        let told = events(&receiver).await;
        let attempts: Vec<_> = told.iter().map(|event| event["meta"]["attempt"].as_u64().unwrap()).collect();
        assert_eq!(attempts, [1, 2, 3, 4]);
        assert!(told.iter().all(|event| event["meta"]["id"] == told[0]["meta"]["id"]), "one event");
        assert!(listed(&world).await[0]["last_http_status"].as_u64() >= Some(302));
    }
}

#[tokio::test]
async fn whoever_answers_too_late_has_not_answered() {
    let (world, receiver) = (World::new().await, receiver().await);
    subscribe(&world, &receiver).await;
    world.sandbox.pipedrive().configure(|settings| settings.webhook_timeout_ms = 100);
    answers(&receiver, ResponseTemplate::new(200).set_delay(Duration::from_secs(60))).await;
    organization(&world, "A");
    assert_eq!(deliver(&world).await, 0);
    assert_eq!(listed(&world).await[0]["last_http_status"], Value::Null);
}

#[tokio::test]
async fn ten_failed_first_attempts_ban_for_half_an_hour_and_what_happens_then_is_lost() {
    let (world, receiver) = (World::new().await, receiver().await);
    subscribe(&world, &receiver).await;
    answers(&receiver, ResponseTemplate::new(503)).await;
    for number in 0..10 {
        organization(&world, &number.to_string());
    }
    deliver(&world).await;
    answers(&receiver, ResponseTemplate::new(200)).await;
    organization(&world, "lost");
    world.advance(200);
    assert_eq!(deliver(&world).await, 10, "what was told before the ban is tried again");
    world.advance(30 * 60 - 200);
    organization(&world, "told");
    assert_eq!(deliver(&world).await, 1);
    let told = events(&receiver).await;
    assert!(told.iter().all(|event| event["data"]["name"] != "lost"));
    assert_eq!(told.last().unwrap()["data"]["name"], "told");
}

#[tokio::test]
async fn three_days_without_a_success_delete_the_webhook() {
    let (world, receiver) = (World::new().await, receiver().await);
    subscribe(&world, &receiver).await;
    answers(&receiver, ResponseTemplate::new(503)).await;
    for hour in 0..72 {
        assert_eq!(listed(&world).await.len(), 1, "after {hour} hours");
        organization(&world, &hour.to_string());
        deliver(&world).await;
        world.advance(3_600);
    }
    deliver(&world).await;
    assert_eq!(listed(&world).await.len(), 0);
}

#[tokio::test]
async fn events_can_be_lost_come_twice_and_in_any_order() {
    let (world, receiver) = (World::new().await, receiver().await);
    subscribe(&world, &receiver).await;
    world.configure_pipedrive(json!({ "lose_every": 5, "duplicate_every": 4, "shuffle_events": true })).await;
    for number in 0..20 {
        organization(&world, &number.to_string());
    }
    assert_eq!(deliver(&world).await, 20 - 4 + 4);
    let told = events(&receiver).await;
    let ids: Vec<u64> = told.iter().map(|event| event["data"]["id"].as_u64().unwrap()).collect();
    assert!(!ids.is_sorted());
    let different: std::collections::HashSet<_> =
        told.iter().map(|event| event["meta"]["id"].to_string()).collect();
    assert_eq!(different.len(), 16);
}
