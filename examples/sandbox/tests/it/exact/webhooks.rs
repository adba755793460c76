//! Subscriptions and notifications.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::shop::id_of;
use crate::support::World;

/// An app's callback: what it got, and what it answers.
struct Callback {
    url: String,
    got: Arc<Mutex<Vec<String>>>,
    answers: Arc<Mutex<StatusCode>>,
}

type Shared = (Arc<Mutex<Vec<String>>>, Arc<Mutex<StatusCode>>);

impl Callback {
    async fn start() -> Self {
        let (got, answers) = (Arc::default(), Arc::new(Mutex::new(StatusCode::OK)));
        let app =
            Router::new().route("/hook", post(take)).with_state((Arc::clone(&got), Arc::clone(&answers)));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, got, answers }
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.got.lock().unwrap())
    }

    fn answer(&self, status: StatusCode) {
        *self.answers.lock().unwrap() = status;
    }
}

async fn take(State((got, answers)): State<Shared>, body: String) -> StatusCode {
    got.lock().unwrap().push(body);
    *answers.lock().unwrap()
}

async fn subscribed(topic: &str) -> (World, Callback) {
    let (world, callback) = (World::new().await, Callback::start().await);
    let fields = json!({ "CallbackURL": callback.url, "Topic": topic });
    id_of(&world.post("webhooks/WebhookSubscriptions", fields).await, "ID");
    assert_eq!(callback.take(), [""]);
    (world, callback)
}

#[tokio::test]
async fn a_subscription_posts_an_empty_body_to_the_callback_first() {
    let (world, callback) = (World::new().await, Callback::start().await);
    callback.answer(StatusCode::SERVICE_UNAVAILABLE);
    let fields = json!({ "CallbackURL": callback.url, "Topic": "Accounts" });
    let answer = world.post("webhooks/WebhookSubscriptions", fields.clone()).await;
    assert_eq!(answer.status, 500);
    assert_eq!(answer.message(), "Ongeldig: Post to callback URL endpoint returns 503");
    callback.answer(StatusCode::OK);
    assert_eq!(world.post("webhooks/WebhookSubscriptions", fields.clone()).await.status, 201);
    assert_eq!(callback.take(), ["", ""]);
    let twice = world.post("webhooks/WebhookSubscriptions", fields).await;
    assert_eq!((twice.status, twice.message().as_str()), (500, "Gegeven bestaat reeds."));
    let nobody = json!({ "CallbackURL": "http://127.0.0.1:1/hook", "Topic": "Items" });
    let answer = world.post("webhooks/WebhookSubscriptions", nobody).await;
    assert!(answer.message().ends_with("An error occurred while sending the request."));
}

#[tokio::test]
async fn addresses_and_unknown_topics_cannot_be_subscribed_to() {
    let (world, callback) = (World::new().await, Callback::start().await);
    for (topic, instant) in [("Addresses", false), ("Nonsense", false), ("Items", true)] {
        let fields = json!({ "CallbackURL": callback.url, "Topic": topic, "IsInstant": instant });
        assert_eq!(world.post("webhooks/WebhookSubscriptions", fields).await.status, 500, "{topic}");
    }
}

#[tokio::test]
async fn a_notification_names_the_record_and_is_signed_over_its_raw_text() {
    let (world, callback) = subscribed("Accounts").await;
    let id = world.customer("Bakker");
    assert_eq!(world.sandbox.exact().deliver_webhooks().await, 0, "it takes its time");
    world.advance(60);
    assert_eq!(world.sandbox.exact().deliver_webhooks().await, 1);
    let body = callback.take().remove(0);
    let (content, rest) = body.strip_prefix("{\"Content\":").unwrap().split_once(",\"HashCode\":\"").unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(world.sandbox.exact().webhook_secret().as_bytes()).unwrap();
    mac.update(content.as_bytes());
    assert_eq!(rest.strip_suffix("\"}").unwrap(), hex::encode_upper(mac.finalize().into_bytes()));
    assert!(content.contains("http:\\/\\/"), "slashes come escaped: {content}");
    let content: Value = serde_json::from_str(content).unwrap();
    assert_eq!((&content["Topic"], &content["Action"]), (&json!("Accounts"), &json!("Create")));
    assert_eq!((&content["Key"], &content["Division"]), (&json!(id), &json!(world.division())));
    assert_eq!(content["EventCreatedOn"], "2026-07-01T10:00:10.000", "local time without a zone");
}

#[tokio::test]
async fn a_changed_line_is_told_as_its_header() {
    let (world, callback) = subscribed("SalesOrders").await;
    let order = world.order(world.customer("Bakker"), world.item("I-1"));
    world.advance(60);
    world.sandbox.exact().deliver_webhooks().await;
    let bodies = callback.take();
    assert_eq!(bodies.len(), 1);
    assert!(bodies[0].contains(&order.to_string()));
    let line =
        &world.sandbox.exact().records(world.division(), "salesorder/SalesOrderLines").unwrap()[0]["ID"];
    world
        .put("salesorder/SalesOrderLines", line.as_str().unwrap().parse().unwrap(), json!({ "Notes": "x" }))
        .await;
    world.advance(60);
    world.sandbox.exact().deliver_webhooks().await;
    assert!(callback.take()[0].contains(&format!("\"Key\":\"{order}\"")));
}

#[tokio::test]
async fn a_notification_that_is_not_taken_is_tried_again_and_then_given_up() {
    let (world, callback) = subscribed("Accounts").await;
    callback.answer(StatusCode::INTERNAL_SERVER_ERROR);
    world.customer("Bakker");
    for _ in 0..5 {
        world.advance(61);
        assert_eq!(world.sandbox.exact().deliver_webhooks().await, 0);
    }
    assert_eq!(callback.take().len(), 3);
}

#[tokio::test]
async fn notifications_can_be_lost_or_come_twice_by_a_setting() {
    let (world, callback) = subscribed("Accounts").await;
    world.configure_exact(json!({ "webhooks": { "duplicate_every": 2, "drop_every": 3 } })).await;
    for name in ["A", "B", "C"] {
        world.customer(name);
    }
    world.advance(60);
    assert_eq!(world.sandbox.exact().deliver_webhooks().await, 3, "one, the other twice, the third never");
    assert_eq!(callback.take().len(), 3);
}

#[tokio::test]
async fn no_notification_tells_of_a_write_that_was_refused() {
    let (world, callback) = subscribed("Items").await;
    world.item("I-1");
    assert_eq!(world.post("logistics/Items", json!({ "Code": "I-1", "Description": "x" })).await.status, 500);
    world.advance(60);
    world.sandbox.exact().deliver_webhooks().await;
    assert_eq!(callback.take().len(), 1);
}
