//! A custom field that an administrator of Pipedrive deletes and makes again, under the same label and another key.

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use crm_adapters::pipedrive::{ApiToken, Pipedrive};
use crm_adapters::{
    Action, Adapter, Change, Cursor, ErrorKind, Fields, Key, Kind, Outcome, Record, RecordId, Value, View,
    Write,
};
use sandbox::Sandbox;
use serde_json::json;

use crate::world::START;

const LABEL: &str = "KvK number";
const KVK: &str = "custom:KvK number";
/// The fields that were read before this are looked at anew where they do not fit.
const A_WHILE: Duration = Duration::from_secs(61);

/// Acme with its number, read once, so that the adapter knows the field's key.
async fn world() -> (Sandbox, Pipedrive, Cursor) {
    let clock = sandbox::Clock::virtual_at(DateTime::from_timestamp(START, 0).unwrap());
    let sandbox = Sandbox::builder().clock(clock.clone()).start().await.unwrap();
    sandbox.pipedrive().create_field(LABEL, "varchar").unwrap();
    sandbox.pipedrive().create_user("Piet", "piet@x.nl");
    sandbox.pipedrive().create_organization(json!({"name": "Acme", LABEL: "11111111"})).unwrap();
    let crm = Pipedrive::builder(ApiToken::new(sandbox.pipedrive().api_token()))
        .origin(sandbox.pipedrive().base_url().parse().unwrap())
        .clock(Arc::new(clock))
        .build()
        .unwrap();
    let page = crm.changes(&view(), None).await.unwrap();
    assert_eq!(number(&page.changes), Some(Value::text("11111111")));
    (sandbox, crm, page.cursor)
}

fn view() -> View {
    View { kind: Kind::Company, fields: vec!["name".to_owned(), KVK.to_owned()] }
}

/// The number of the one record that these changes tell of.
fn number(changes: &[Change]) -> Option<Value> {
    let [Change::Present(acme)] = changes else { panic!("{changes:?}") };
    acme.fields.get(KVK).cloned()
}

fn make_again(sandbox: &Sandbox, field_type: &str) {
    sandbox.pipedrive().retype_field("organizations", LABEL, field_type).unwrap();
}

fn enter_again(sandbox: &Sandbox, number: serde_json::Value) {
    sandbox.clock().advance(A_WHILE);
    sandbox.pipedrive().edit_organization(1, json!({LABEL: number})).unwrap();
}

async fn update(crm: &Pipedrive, fields: Fields) -> Record {
    let write = Write { action: Action::Update(RecordId::new("1"), fields), send_before: None };
    match crm.write(&view(), vec![write]).await.remove(0) {
        Outcome::Applied(record) => record,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn it_is_written_by_its_new_key_at_once() {
    let (sandbox, crm, _) = world().await;
    make_again(&sandbox, "varchar");
    let stored = update(&crm, Fields::new().with(KVK, "22222222")).await;
    assert_eq!(stored.fields.get(KVK), Some(&Value::text("22222222")));
    assert_eq!(sandbox.pipedrive().organizations()[0]["custom_fields"][LABEL], "22222222");
}

#[tokio::test]
async fn it_is_written_by_its_new_key_also_where_the_write_needs_a_list_that_was_not_read_yet() {
    let (sandbox, crm, _) = world().await;
    make_again(&sandbox, "varchar");
    let stored = update(&crm, Fields::new().with(KVK, "22222222").with("owner_id", "piet@x.nl")).await;
    assert_eq!(stored.fields.get(KVK), Some(&Value::text("22222222")));
}

#[tokio::test]
async fn it_is_read_by_its_new_key_and_as_its_new_type() {
    let (sandbox, crm, cursor) = world().await;
    make_again(&sandbox, "double");
    enter_again(&sandbox, json!(22_222_222));
    let page = crm.changes(&view(), Some(&cursor)).await.unwrap();
    assert_eq!(number(&page.changes), Some(Value::Decimal(22_222_222.into())));
    let record = crm.get(&view(), &[RecordId::new("1")]).await.unwrap().remove(0);
    assert_eq!(number(&[Change::Present(record)]), Some(Value::Decimal(22_222_222.into())));
}

#[tokio::test]
async fn it_is_found_by_its_new_key() {
    let (sandbox, crm, _) = world().await;
    make_again(&sandbox, "varchar");
    enter_again(&sandbox, json!("22222222"));
    sandbox.clock().advance(A_WHILE);
    let key = Key { field: KVK.to_owned(), value: Value::text("22222222") };
    assert_eq!(crm.find(&view(), &key).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_its_old_key_does_not_tell_is_no_opinion_before_the_fields_are_looked_at_anew() {
    let (sandbox, crm, cursor) = world().await;
    make_again(&sandbox, "varchar");
    sandbox.pipedrive().edit_organization(1, json!({"name": "Acme B.V."})).unwrap();
    let page = crm.changes(&view(), Some(&cursor)).await.unwrap();
    assert_eq!(number(&page.changes), None, "not empty: nobody emptied it");
    let stored = update(&crm, Fields::new().with("name", "Acme")).await;
    assert_eq!(stored.fields.get(KVK), None);
}

#[tokio::test]
async fn a_field_that_is_gone_for_good_stops_the_reading_and_is_named() {
    let (sandbox, crm, cursor) = world().await;
    sandbox.pipedrive().delete_field("organizations", LABEL).unwrap();
    sandbox.clock().advance(A_WHILE);
    sandbox.pipedrive().edit_organization(1, json!({"name": "Acme B.V."})).unwrap();
    let error = crm.changes(&view(), Some(&cursor)).await.unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::Config, Some(KVK)), "{error}");
}

#[tokio::test]
async fn a_field_that_stands_where_it_stood_is_not_looked_at_again() {
    let (sandbox, crm, cursor) = world().await;
    enter_again(&sandbox, json!(null));
    sandbox.pipedrive().reset_stats();
    let page = crm.changes(&view(), Some(&cursor)).await.unwrap();
    assert_eq!(number(&page.changes), Some(Value::Null));
    assert_eq!(sandbox.pipedrive().stats().requests, 1);
}
