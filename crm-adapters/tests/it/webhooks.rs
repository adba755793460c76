use crm_adapters::ErrorKind;
use crm_adapters::pipedrive::webhook::{Repaired, Subscription, Verifier};
use serde_json::{Value, json};

use crate::world::*;

const WEBHOOKS: &str = "/api/v1/webhooks";
const URL: &str = "https://sync.example.com/pipedrive/5f0c";

fn wanted() -> Subscription {
    let verifier = Verifier::new("pipedrive", "secret").unwrap();
    Subscription { name: "Exact Online".to_owned(), url: URL.parse().unwrap(), verifier }
}

fn webhook(id: u64, change: &Value) -> Value {
    let mut webhook = json!({"id": id, "subscription_url": URL, "event_action": "*", "event_object": "*",
        "version": "2.0", "is_active": 1, "http_auth_user": "pipedrive"});
    webhook.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    webhook
}

#[tokio::test]
async fn a_subscription_that_is_there_and_active_costs_one_call() {
    let world = World::bare().await;
    let other = webhook(1, &json!({"subscription_url": "https://other.example.com/"}));
    world.on("GET", WEBHOOKS, ok(json!([other, webhook(2, &json!({}))]), None)).await;
    assert_eq!(world.crm.repair_webhook(&wanted()).await.unwrap(), Repaired::Intact);
    assert_eq!(crm_adapters::Adapter::usage(&world.crm).calls, 1);
}

#[tokio::test]
async fn a_subscription_that_vanished_is_made_with_its_credentials_for_everything() {
    let world = World::bare().await;
    world.on("GET", WEBHOOKS, ok(json!([]), None)).await;
    world.on("POST", WEBHOOKS, ok(webhook(3, &json!({})), None)).await;
    assert_eq!(world.crm.repair_webhook(&wanted()).await.unwrap(), Repaired::Created);
    let body: Value = serde_json::from_slice(&world.requests("POST", WEBHOOKS).await[0].body).unwrap();
    let expected = json!({"subscription_url": URL, "event_action": "*", "event_object": "*",
        "name": "Exact Online", "http_auth_user": "pipedrive", "http_auth_password": "secret", "version": "2.0"});
    assert_eq!(body, expected);
}

#[tokio::test]
async fn one_that_is_inactive_or_of_another_form_is_deleted_and_made_anew() {
    for change in [
        json!({"is_active": 0}),
        json!({"is_active": false}),
        json!({"version": "1.0"}),
        json!({"event_object": "deal"}),
        json!({"http_auth_user": "somebody"}),
    ] {
        let world = World::bare().await;
        world.on("GET", WEBHOOKS, ok(json!([webhook(7, &change)]), None)).await;
        world.on("DELETE", "/api/v1/webhooks/7", ok(json!({"id": 7}), None)).await;
        world.on("POST", WEBHOOKS, ok(webhook(8, &json!({})), None)).await;
        assert_eq!(world.crm.repair_webhook(&wanted()).await.unwrap(), Repaired::Replaced, "{change}");
        assert_eq!(world.count("DELETE", "/api/v1/webhooks/7").await, 1);
    }
}

#[tokio::test]
async fn the_limit_of_forty_webhooks_is_said_as_such() {
    let world = World::bare().await;
    world.on("GET", WEBHOOKS, ok(json!([]), None)).await;
    world.on("POST", WEBHOOKS, refused(422, "limit")).await;
    let error = world.crm.repair_webhook(&wanted()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    assert!(error.to_string().contains("40"), "{error}");
    assert!(!format!("{error:?}").contains("secret"));
}
