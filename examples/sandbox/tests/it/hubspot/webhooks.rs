//! Webhooks: subscriptions, and events on their way.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::support::{Answer, World, send};

/// The app: its address answers with this status.
async fn app(world: &World, status: u16) -> MockServer {
    let app = MockServer::start().await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(status)).mount(&app).await;
    let settings =
        json!({ "targetUrl": format!("{}/hook", app.uri()), "throttling": { "maxConcurrentRequests": 10 } });
    assert_eq!(call(world, Method::PUT, "settings", settings).await.status, 200);
    app
}

async fn call(world: &World, method: Method, path: &str, body: Value) -> Answer {
    let app_id = world.sandbox.hubspot().app_id();
    send(world.hubspot(method, &format!("/app-webhooks/2026-09/{app_id}/{path}")).json(&body)).await
}

async fn subscribe(world: &World, mut body: Value) {
    body["active"] = json!(true);
    let answer = call(world, Method::POST, "subscriptions", body).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
}

async fn deliveries(app: &MockServer) -> Vec<(Request, Value)> {
    let all = app.received_requests().await.unwrap();
    all.into_iter().map(|request| (request.clone(), serde_json::from_slice(&request.body).unwrap())).collect()
}

fn create(world: &World, name: &str) -> String {
    world.sandbox.hubspot().create("companies", json!({ "name": name })).unwrap()
}

#[tokio::test]
async fn events_come_as_signed_arrays_that_name_the_record_and_who_did_it() {
    let world = World::new().await;
    let app = app(&world, 200).await;
    subscribe(&world, json!({ "eventType": "company.creation" })).await;
    subscribe(&world, json!({ "eventType": "company.propertyChange", "propertyName": "name" })).await;
    let id = create(&world, "A");
    world.new_object("companies", json!({ "city": "Delft" })).await;
    assert_eq!(world.sandbox.hubspot().deliver_webhooks().await, 1);
    let (request, events) = deliveries(&app).await.remove(0);
    let kinds: Vec<&str> =
        events.as_array().unwrap().iter().map(|event| event["subscriptionType"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["company.creation", "company.propertyChange", "company.creation"]);
    assert_eq!(events[0]["objectId"].to_string(), id, "as a number");
    assert_eq!((&events[0]["changeSource"], &events[0]["attemptNumber"]), (&json!("CRM_UI"), &json!(0)));
    assert_eq!((&events[1]["propertyName"], &events[1]["propertyValue"]), (&json!("name"), &json!("A")));
    assert_eq!(events[2]["changeSource"], "INTEGRATION");

    let header = |name: &str| request.headers[name].to_str().unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(world.sandbox.hubspot().client_secret().as_bytes()).unwrap();
    mac.update(format!("POST{}/hook", app.uri()).as_bytes());
    mac.update(&request.body);
    mac.update(header("x-hubspot-request-timestamp").as_bytes());
    assert_eq!(header("x-hubspot-signature-v3"), STANDARD.encode(mac.finalize().into_bytes()));
    assert_eq!(header("x-hubspot-request-timestamp"), world.clock.now().timestamp_millis().to_string());
}

#[tokio::test]
async fn the_generic_style_names_the_type_by_its_number() {
    let world = World::new().await;
    let app = app(&world, 200).await;
    subscribe(&world, json!({ "eventType": "object.deletion", "objectTypeId": "0-2" })).await;
    let id = create(&world, "A");
    world.sandbox.hubspot().archive("companies", &id).unwrap();
    world.sandbox.hubspot().deliver_webhooks().await;
    let (_, events) = deliveries(&app).await.remove(0);
    assert_eq!(
        (&events[0]["subscriptionType"], &events[0]["objectTypeId"]),
        (&json!("object.deletion"), &json!("0-2"))
    );
    assert_eq!(events.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_merge_and_a_tie_have_events_of_their_own_form() {
    let world = World::new().await;
    let app = app(&world, 200).await;
    subscribe(&world, json!({ "eventType": "company.merge" })).await;
    subscribe(&world, json!({ "eventType": "contact.associationChange" })).await;
    let (first, second) = (create(&world, "A"), create(&world, "B"));
    let contact = world.sandbox.hubspot().create("contacts", json!({ "lastname": "C" })).unwrap();
    world.sandbox.hubspot().associate(&contact, &first).unwrap();
    let merged = world.sandbox.hubspot().merge("companies", &first, &second).unwrap();
    world.sandbox.hubspot().deliver_webhooks().await;
    let (_, events) = deliveries(&app).await.remove(0);
    assert_eq!(
        (&events[0]["associationType"], &events[0]["associationRemoved"]),
        (&json!("CONTACT_TO_COMPANY"), &json!(false))
    );
    assert_eq!(events[1]["newObjectId"].to_string(), merged);
    assert_eq!(events[1]["primaryObjectId"].to_string(), first);
    assert_eq!(events[1]["mergedObjectIds"][0].to_string(), second);
}

#[tokio::test]
async fn a_refused_delivery_is_tried_ten_times_within_a_day_and_says_which_attempt_it_is() {
    for status in [400, 500] {
        let world = World::new().await;
        let app = app(&world, status).await;
        subscribe(&world, json!({ "eventType": "company.creation" })).await;
        create(&world, "A");
        assert_eq!(world.sandbox.hubspot().deliver_webhooks().await, 0);
        for _ in 0..24 * 6 {
            world.advance(600);
            world.sandbox.hubspot().deliver_webhooks().await;
        }
        let all = deliveries(&app).await;
        let attempts: Vec<u64> =
            all.iter().map(|(_, events)| events[0]["attemptNumber"].as_u64().unwrap()).collect();
        assert_eq!(attempts, (0..=10).collect::<Vec<u64>>());
        let signatures: std::collections::HashSet<_> =
            all.iter().map(|(request, _)| request.headers["x-hubspot-signature-v3"].clone()).collect();
        assert_eq!(signatures.len(), 11, "each attempt is signed afresh");
    }
}

#[tokio::test]
async fn events_may_come_twice_and_in_any_order() {
    let world = World::new().await;
    let app = app(&world, 200).await;
    subscribe(&world, json!({ "eventType": "company.creation" })).await;
    world.sandbox.hubspot().configure(|settings| {
        settings.duplicate_every = 5;
        settings.shuffle_events = true;
    });
    for number in 0..20 {
        create(&world, &number.to_string());
    }
    world.sandbox.hubspot().deliver_webhooks().await;
    let (_, events) = deliveries(&app).await.remove(0);
    let ids: Vec<u64> =
        events.as_array().unwrap().iter().map(|event| event["eventId"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), 24);
    assert!(!ids.is_sorted());
}

#[tokio::test]
async fn a_delivery_carries_a_hundred_events() {
    let world = World::new().await;
    let app = app(&world, 200).await;
    subscribe(&world, json!({ "eventType": "company.creation" })).await;
    for number in 0..101 {
        create(&world, &number.to_string());
    }
    assert_eq!(world.sandbox.hubspot().deliver_webhooks().await, 2);
    assert_eq!(deliveries(&app).await[0].1.as_array().unwrap().len(), 100);
}

#[tokio::test]
async fn subscriptions_are_made_listed_paused_and_removed() {
    let world = World::new().await;
    let app = app(&world, 200).await;
    let missing = json!({ "eventType": "company.propertyChange", "active": true });
    assert_eq!(call(&world, Method::POST, "subscriptions", missing).await.status, 400);
    let unknown = json!({ "eventType": "invoice.creation", "active": true });
    assert_eq!(call(&world, Method::POST, "subscriptions", unknown).await.status, 400);
    subscribe(&world, json!({ "eventType": "company.creation" })).await;
    let all = call(&world, Method::GET, "subscriptions", Value::Null).await.json();
    let path = format!("subscriptions/{}", all["results"][0]["id"].as_str().unwrap());
    call(&world, Method::PATCH, &path, json!({ "active": false })).await;
    create(&world, "A");
    assert_eq!(world.sandbox.hubspot().deliver_webhooks().await, 0);
    assert_eq!(call(&world, Method::DELETE, &path, Value::Null).await.status, 204);
    assert_eq!(call(&world, Method::GET, &path, Value::Null).await.status, 404);
    assert!(deliveries(&app).await.is_empty());
    let narrow = json!({ "targetUrl": app.uri(), "throttling": { "maxConcurrentRequests": 5 } });
    assert_eq!(call(&world, Method::PUT, "settings", narrow).await.status, 400);
}
