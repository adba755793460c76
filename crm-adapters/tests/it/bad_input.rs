//! Bad input towards Pipedrive: each record has its outcome, with the field and what to do, and the others go through.
//!
//! Pipedrive has no unique fields and enforces no required ones but the title, so neither can stand in its way.

use std::sync::Arc;

use chrono::DateTime;
use crm_adapters::pipedrive::{ApiToken, Pipedrive};
use crm_adapters::{
    Action, Adapter, Error, ErrorKind, Fields, Kind, Outcome, RecordId, Retry, Value, View, Write,
};
use sandbox::{Fault, Sandbox, Trouble};
use serde_json::json;

use crate::world::START;

async fn world() -> (Sandbox, Pipedrive) {
    let clock = sandbox::Clock::virtual_at(DateTime::from_timestamp(START, 0).unwrap());
    let sandbox = Sandbox::builder().clock(clock.clone()).start().await.unwrap();
    sandbox.pipedrive().create_field_of("deals", "Soort", "enum", &["Project", "Handel"]).unwrap();
    sandbox.pipedrive().create_field_of("deals", "KvK number", "varchar", &[]).unwrap();
    let crm = with_token(&sandbox, &sandbox.pipedrive().api_token());
    (sandbox, crm)
}

fn with_token(sandbox: &Sandbox, token: &str) -> Pipedrive {
    Pipedrive::builder(ApiToken::new(token))
        .origin(sandbox.pipedrive().base_url().parse().unwrap())
        .clock(Arc::new(sandbox.clock().clone()))
        .build()
        .unwrap()
}

fn view() -> View {
    View { kind: Kind::Deal, fields: vec!["title".to_owned()] }
}

fn good(title: &str) -> Fields {
    Fields::new().with("title", title)
}

async fn write(crm: &Pipedrive, all: Vec<Fields>) -> Vec<Outcome> {
    let writes = all.into_iter().map(|fields| Write { action: Action::Create(fields), send_before: None });
    crm.write(&view(), writes.collect()).await
}

/// Writes the bad one between two good ones, which must be stored.
async fn refused(crm: &Pipedrive, bad: Fields) -> Error {
    let mut outcomes = write(crm, vec![good("one"), bad, good("two")]).await;
    let (Outcome::Rejected(error) | Outcome::NotSent(error)) = outcomes.remove(1) else {
        panic!("taken: {outcomes:?}")
    };
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Applied(_))), "{outcomes:?}");
    error
}

#[tokio::test]
async fn what_the_schema_tells_is_found_before_the_call_and_named_with_a_remedy() {
    let (sandbox, crm) = world().await;
    crm.schema(Kind::Deal).await.unwrap();
    let long = |length| "x".repeat(length);
    let table = [
        ("over-long built-in", "title", Fields::new().with("title", long(256)), "256 characters"),
        (
            "over-long custom",
            "custom:KvK number",
            good("a").with("custom:KvK number", long(300)),
            "300 characters",
        ),
        ("unknown option", "custom:Soort", good("a").with("custom:Soort", "Anders"), "Project, Handel"),
        ("wrong currency", "currency", good("a").with("currency", "XXX"), "EUR"),
        ("wrong stage", "stage_id", good("a").with("stage_id", "Nowhere"), "Qualified"),
        ("no number", "value", good("a").with("value", "much"), "number"),
        ("missing required", "title", Fields::new().with("value", "5"), "must have it"),
        ("cleared required", "title", Fields::new().with("title", Value::Null), "must"),
        (
            "read-only",
            "add_time",
            good("a").with("add_time", "2026-01-01T00:00:00Z"),
            "only Pipedrive writes",
        ),
        ("unknown field", "custom:Btw", good("a").with("custom:Btw", "1"), ""),
    ];
    for (at, (what, field, bad, says)) in (1..).zip(table) {
        let error = refused(&crm, bad).await;
        let config = what == "unknown field";
        assert_eq!(
            error.kind(),
            if config { ErrorKind::Config } else { ErrorKind::Invalid },
            "{what}: {error}"
        );
        assert_eq!(error.field(), Some(field), "{what}: {error}");
        assert!(error.remedy().is_some() && error.to_string().contains(says), "{what}: {error}");
        assert!(!error.may_have_applied() && error.retry() == Retry::Never, "{what}: {error:?}");
        let stats = sandbox.pipedrive().stats();
        assert_eq!(stats.requests_of("POST /api/v2/deals"), 2 * at, "{what}: only the good ones were sent");
        assert_eq!(stats.client_errors, 0, "{what}");
    }
}

#[tokio::test]
async fn what_only_pipedrive_knows_is_a_refusal_of_that_record_with_its_field() {
    let (sandbox, crm) = world().await;
    sandbox.pipedrive().configure(|settings| settings.name_length = 50);
    let error = refused(&crm, good(&"x".repeat(60))).await;
    assert_eq!((error.kind(), error.field()), (ErrorKind::Invalid, Some("title")), "{error}");
    assert!(error.remedy().is_some(), "{error}");
    let nobody = good("a").with("org_id", Value::Reference(RecordId::new("999")));
    let error = refused(&crm, nobody).await;
    assert_eq!((error.kind(), error.field()), (ErrorKind::Invalid, Some("org_id")), "{error}");
    assert_eq!(sandbox.pipedrive().records("deals").len(), 4);
}

#[tokio::test]
async fn a_token_that_is_wrong_a_right_that_lacks_and_an_unpaid_account_stop_the_connection_and_say_why() {
    let (sandbox, crm) = world().await;
    let wrong = with_token(&sandbox, "0123456789012345678901234567890123456789");
    let error = wrong.changes(&view(), None).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Auth, Retry::Never), "{error}");
    assert!(error.remedy().unwrap().contains("API token"), "{error}");
    crm.schema(Kind::Deal).await.unwrap();
    for (status, says) in [(402, "subscription"), (403, "the scope deals:full")] {
        let trouble = Trouble::Status { status, retry_after_seconds: None };
        sandbox.pipedrive().inject(Fault::new(trouble).on("POST", "/deals"));
        let Outcome::NotSent(error) = write(&crm, vec![good("a")]).await.remove(0) else {
            panic!("{status}")
        };
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Forbidden, Retry::Never), "{error}");
        assert!(error.remedy().unwrap().contains(says), "{error}");
    }
    assert_eq!(sandbox.pipedrive().records("deals"), [json!(null); 0]);
}
