//! Subscriptions to webhooks.

use exact_client::{ErrorKind, WebhookTopic};
use serde_json::{Value as Json, json};
use wiremock::matchers::{body_json, method, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{DIVISION, ID, connected, count, json_body};

const CALLBACK: &str = "https://example.com/exact";
const PATH: &str = "webhooks/WebhookSubscriptions";

fn stored() -> Json {
    json!({"ID": ID, "CallbackURL": CALLBACK, "Topic": "Accounts"})
}

async fn there_are(server: &MockServer, rows: &[Json]) {
    Mock::given(method("GET"))
        .and(query_param("$filter", "Topic eq 'Accounts'"))
        .respond_with(json_body(&json!({"d": rows})))
        .mount(server)
        .await;
}

#[tokio::test]
async fn a_new_topic_is_looked_for_and_then_subscribed_to() {
    let (server, _clock, client) = connected().await;
    there_are(&server, &[]).await;
    Mock::given(method("POST"))
        .and(body_json(json!({"CallbackURL": CALLBACK, "Topic": "Accounts"})))
        .respond_with(ResponseTemplate::new(201).set_body_json(json!({"d": stored()})))
        .expect(1)
        .mount(&server)
        .await;
    let division = client.division(DIVISION);
    let made = division.subscribe(&WebhookTopic::Accounts, &CALLBACK.parse().unwrap()).await.unwrap();
    assert_eq!(made.topic, Some(WebhookTopic::Accounts));
    assert!(!division.unsubscribe(&WebhookTopic::Accounts).await.unwrap(), "there is nothing to end");
    assert_eq!(count(&server, PATH).await, 3);
}

#[tokio::test]
async fn a_subscription_that_is_there_is_kept_and_one_to_elsewhere_is_not_replaced() {
    let (server, _clock, client) = connected().await;
    there_are(&server, &[stored()]).await;
    let division = client.division(DIVISION);
    let kept = division.subscribe(&WebhookTopic::Accounts, &CALLBACK.parse().unwrap()).await.unwrap();
    assert_eq!(kept.id, Some(ID.parse().unwrap()));
    let elsewhere = "https://example.com/other".parse().unwrap();
    let error = division.subscribe(&WebhookTopic::Accounts, &elsewhere).await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_applied()), (ErrorKind::Invalid, false));
    assert!(error.to_string().contains("Accounts"), "{error}");
    assert_eq!(count(&server, PATH).await, 2);
}

#[tokio::test]
async fn unsubscribing_deletes_by_id() {
    let (server, _clock, client) = connected().await;
    there_are(&server, &[stored()]).await;
    Mock::given(method("DELETE")).respond_with(ResponseTemplate::new(204)).mount(&server).await;
    assert!(client.division(DIVISION).unsubscribe(&WebhookTopic::Accounts).await.unwrap());
    assert_eq!(count(&server, &format!("{PATH}(guid'{ID}')")).await, 1);
}

#[tokio::test]
async fn a_callback_without_tls_costs_no_call() {
    let (server, _clock, client) = connected().await;
    for callback in ["http://example.com/exact", "ftp://127.0.0.1/exact"] {
        let callback = callback.parse().unwrap();
        let error = client.division(DIVISION).subscribe(&WebhookTopic::Items, &callback).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{callback}");
    }
    assert_eq!(count(&server, PATH).await, 0);
}
