use std::sync::Arc;
use std::time::Duration;

use crm_adapters::pipedrive::{ApiToken, Pipedrive};
use crm_adapters::{Action, Adapter, Clock, ErrorKind, Fields, Kind, Outcome, RecordId, Retry, Value, Write};
use serde_json::json;
use wiremock::ResponseTemplate;

use crate::world::*;

const FIFTH: &str = "/api/v2/organizations/5";

fn rename(id: &str) -> Action {
    Action::Update(RecordId::new(id), Fields::new().with("name", "New").with("website", Value::Null))
}

#[tokio::test]
async fn a_create_sends_the_vendors_form_and_hands_back_what_was_stored() {
    let world = World::new().await;
    world.on("POST", ORGANIZATIONS, ok(organization(12_345_678, "ACME", 9), None)).await;
    let Outcome::Applied(record) = world.write(new_company(), None).await else { panic!("not applied") };
    assert_eq!(record.id.as_str(), "12345678");
    assert_eq!(record.fields.get("name"), Some(&Value::text("ACME")));
    assert_eq!(record.fields.get("custom:Soort"), Some(&Value::Null));
    assert_eq!(record.revision, Some(START + 9));
    let body: serde_json::Value = world.requests("POST", ORGANIZATIONS).await[0].body_json().unwrap();
    assert_eq!(body, json!({"name": "Acme B.V.", "custom_fields": {KVK: "12345678"}}));
}

#[tokio::test]
async fn created_with_201_is_as_good_as_200() {
    let world = World::new().await;
    let body = json!({"success": true, "data": organization(1, "A", 0)});
    world.on("POST", ORGANIZATIONS, ResponseTemplate::new(201).set_body_json(body)).await;
    assert!(matches!(world.write(new_company(), None).await, Outcome::Applied(_)));
}

#[tokio::test]
async fn an_update_patches_the_given_fields_and_clears_with_null() {
    let world = World::new().await;
    world.on("PATCH", FIFTH, ok(organization(5, "New", 0), None)).await;
    assert!(matches!(world.write(rename("5"), None).await, Outcome::Applied(_)));
    let body: serde_json::Value = world.requests("PATCH", FIFTH).await[0].body_json().unwrap();
    assert_eq!(body, json!({"name": "New", "website": null}));
}

/// The outcome's name, and its error.
fn failed(outcome: Outcome) -> (&'static str, crm_adapters::Error) {
    match outcome {
        Outcome::Applied(record) | Outcome::Accepted(record) => panic!("applied: {record:?}"),
        Outcome::Rejected(error) => ("rejected", error),
        Outcome::NotSent(error) => ("not sent", error),
        Outcome::Unknown(error) => ("unknown", error),
        Outcome::Gone(error) => ("gone", error),
    }
}

#[tokio::test]
async fn each_failure_of_a_create_is_told_by_its_effect_and_never_repeated() {
    let raw = |body: &str| ResponseTemplate::new(200).set_body_raw(body.to_owned(), "application/json");
    let table = [
        (refused(400, "name too long"), "rejected", ErrorKind::Invalid),
        (refused(409, "conflict"), "rejected", ErrorKind::Conflict),
        (refused(422, "limit"), "rejected", ErrorKind::Invalid),
        (refused(401, "unauthorized access"), "not sent", ErrorKind::Auth),
        (refused(402, "not open"), "not sent", ErrorKind::Forbidden),
        (refused(403, "no right"), "not sent", ErrorKind::Forbidden),
        (refused(404, "no such path"), "not sent", ErrorKind::NotFound),
        (refused(429, "too many"), "not sent", ErrorKind::RateLimited),
        (refused(500, "oops"), "unknown", ErrorKind::Unavailable),
        (refused(503, "maintenance"), "unknown", ErrorKind::Unavailable),
        (html(502), "unknown", ErrorKind::Unavailable),
        (raw(r#"{"success": true, "data": {"id": 1"#), "unknown", ErrorKind::Decode),
        (raw(r#"{"success": true, "data": null}"#), "unknown", ErrorKind::Decode),
        (html(200), "unknown", ErrorKind::Decode),
        (html(403), "not sent", ErrorKind::RateLimited),
    ];
    let world = World::new().await;
    for (calls, (answer, effect, kind)) in table.into_iter().enumerate() {
        let shown = format!("{answer:?}");
        world.once("POST", ORGANIZATIONS, answer).await;
        let (found, error) = failed(world.write(new_company(), None).await);
        assert_eq!((found, error.kind()), (effect, kind), "{shown} {error}");
        assert_eq!(error.may_have_applied(), effect == "unknown", "{error}");
        assert_eq!(error.operation(), Some("POST /api/v2/organizations"));
        assert_eq!(world.count("POST", ORGANIZATIONS).await, calls + 1, "{shown}");
    }
}

#[tokio::test]
async fn a_create_without_an_answer_in_time_is_unknown() {
    let mut world = World::new().await;
    world.crm = builder(&world.server.uri(), &world.clock).timeout(Duration::from_secs(1)).build().unwrap();
    world.once("POST", ORGANIZATIONS, ResponseTemplate::new(200).set_delay(Duration::from_secs(60))).await;
    while world.crm.schema(Kind::Company).await.is_err() {}
    let (effect, error) = failed(world.write(new_company(), None).await);
    assert_eq!((effect, error.kind(), error.may_have_applied()), ("unknown", ErrorKind::Timeout, true));
    assert_eq!(world.count("POST", ORGANIZATIONS).await, 1);
}

#[tokio::test]
async fn a_record_that_is_gone_is_told_as_gone() {
    let world = World::new().await;
    for answer in [refused(404, "not found"), refused(410, "gone")] {
        world.once("PATCH", FIFTH, answer).await;
        assert_eq!(failed(world.write(rename("5"), None).await).0, "gone");
    }
    let mut deleted = organization(5, "New", 0);
    deleted["is_deleted"] = json!(true);
    world.once("PATCH", FIFTH, ok(deleted, None)).await;
    assert_eq!(failed(world.write(rename("5"), None).await).0, "gone");
    assert_eq!(failed(world.write(rename("../users/1"), None).await).0, "gone");
}

#[tokio::test]
async fn no_connection_means_not_sent() {
    let crm = adapter(&answers_once(&json!([kvk_field(), soort_field()])), &Arc::default());
    crm.schema(Kind::Company).await.unwrap();
    let write = Write { action: new_company(), send_before: None };
    let outcome = crm.write(&view(), vec![write]).await.remove(0);
    let (effect, error) = failed(outcome);
    assert_eq!((effect, error.kind(), error.retry()), ("not sent", ErrorKind::Unavailable, Retry::Backoff));
}

#[tokio::test]
async fn a_write_is_not_sent_after_its_moment() {
    let world = World::new().await;
    world.on("POST", ORGANIZATIONS, ok(organization(1, "A", 0), None)).await;
    world.clock.advance(Duration::from_secs(10));
    let moment = world.clock.monotonic();
    assert_eq!(failed(world.write(new_company(), Some(moment)).await).0, "not sent");
    assert_eq!(world.count("POST", ORGANIZATIONS).await, 0);
    let later = moment + Duration::from_secs(10);
    assert!(matches!(world.write(new_company(), Some(later)).await, Outcome::Applied(_)));
}

#[tokio::test]
async fn what_pipedrive_cannot_take_is_rejected_without_a_call() {
    let world = World::new().await;
    let long = Action::Create(Fields::new().with("name", "x".repeat(256)));
    let (effect, error) = failed(world.write(long, None).await);
    assert_eq!((effect, error.field()), ("rejected", Some("name")));
    let unknown = Action::Create(Fields::new().with("name", "A").with("custom:Soort", "Anders"));
    let (effect, error) = failed(world.write(unknown, None).await);
    assert_eq!((effect, error.field()), ("rejected", Some("custom:Soort")));
    let unmapped = Action::Create(Fields::new().with("custom:Btw", "A"));
    let (effect, error) = failed(world.write(unmapped, None).await);
    assert_eq!((effect, error.kind()), ("not sent", ErrorKind::Config));
    assert_eq!(world.count("POST", ORGANIZATIONS).await, 0);
}

#[tokio::test]
async fn a_builder_takes_no_foreign_origin_and_no_impossible_token() {
    let origin = "http://api.pipedrive.com".parse().unwrap();
    let error = Pipedrive::builder(ApiToken::new(TOKEN)).origin(origin).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    for token in ["", "  ", "two\nlines"] {
        let error = Pipedrive::builder(ApiToken::new(token)).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
    }
}
