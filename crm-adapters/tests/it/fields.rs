use std::time::Duration;

use crm_adapters::{Adapter, ErrorKind, FieldType, Kind, NewField, Outcome, View};
use serde_json::json;

use crate::world::*;

#[tokio::test]
async fn the_fields_are_read_once_page_by_page_and_remembered() {
    let world = World::bare().await;
    world.once("GET", FIELDS, ok(json!([kvk_field()]), Some("two"))).await;
    world.once("GET", FIELDS, ok(json!([soort_field()]), None)).await;
    let schema = world.crm.schema(Kind::Company).await.unwrap();
    world.crm.schema(Kind::Company).await.unwrap();
    assert_eq!(schema.get("custom:KvK number").unwrap().max_length, Some(255));
    assert_eq!(schema.get("custom:Soort").unwrap().options, ["Project", "Handel"]);
    let requests = world.requests("GET", FIELDS).await;
    let cursors: Vec<_> = requests.iter().map(|request| query(request, "cursor")).collect();
    assert_eq!(cursors, [None, Some("two".to_owned())]);
    assert!(requests.iter().all(|request| query(request, "limit").as_deref() == Some("500")));
}

#[tokio::test]
async fn many_callers_at_once_share_one_reading_of_the_fields() {
    let world = World::new().await;
    let (a, b, c) = tokio::join!(
        world.crm.schema(Kind::Company),
        world.crm.schema(Kind::Company),
        world.crm.schema(Kind::Company)
    );
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    assert_eq!(world.count("GET", FIELDS).await, 1);
}

#[tokio::test]
async fn a_field_that_does_not_exist_is_a_config_error_before_any_record_is_read() {
    let world = World::new().await;
    let view = View { kind: Kind::Company, fields: vec!["custom:Btw".to_owned()] };
    let error = world.crm.changes(&view, None).await.unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::Config, Some("custom:Btw")));
    assert_eq!(world.count("GET", ORGANIZATIONS).await, 0);
}

#[tokio::test]
async fn a_field_that_was_made_meanwhile_is_found_without_a_restart() {
    let world = World::bare().await;
    world.once("GET", FIELDS, ok(json!([]), None)).await;
    world.on("GET", FIELDS, ok(json!([kvk_field(), soort_field()]), None)).await;
    world.on("GET", ORGANIZATIONS, ok(json!([]), None)).await;
    assert!(world.crm.changes(&view(), None).await.is_err());
    world.clock.advance(Duration::from_secs(61));
    assert!(world.crm.changes(&view(), None).await.is_ok());
}

#[tokio::test]
async fn a_kind_without_an_adapter_is_unsupported_and_costs_nothing() {
    let world = World::bare().await;
    let error = world.crm.schema(Kind::Invoice).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(!world.crm.capabilities(Kind::Invoice).create);
    assert_eq!(world.crm.usage().calls, 0);
}

#[tokio::test]
async fn missing_fields_are_created_existing_ones_left_alone_and_the_list_read_anew() {
    let world = World::bare().await;
    world.once("GET", FIELDS, ok(json!([kvk_field()]), None)).await;
    let outstanding = json!({"field_name": "Outstanding amount", "field_code": SOORT, "field_type": "double",
        "is_custom_field": true});
    world.on("GET", FIELDS, ok(json!([kvk_field(), outstanding]), None)).await;
    world.on("POST", FIELDS, ok(outstanding.clone(), None)).await;
    let fields = [
        NewField { label: "KvK number".to_owned(), ty: FieldType::Text },
        NewField { label: "Outstanding amount".to_owned(), ty: FieldType::Decimal },
    ];
    world.crm.create_fields(Kind::Company, &fields).await.unwrap();
    let created = world.requests("POST", FIELDS).await;
    assert_eq!(created.len(), 1);
    let body: serde_json::Value = created[0].body_json().unwrap();
    assert_eq!(body, json!({"field_name": "Outstanding amount", "field_type": "double"}));
    let schema = world.crm.schema(Kind::Company).await.unwrap();
    assert_eq!(schema.get("custom:Outstanding amount").unwrap().ty, FieldType::Decimal);
    world.crm.create_fields(Kind::Company, &fields).await.unwrap();
    assert_eq!((world.count("POST", FIELDS).await, world.count("GET", FIELDS).await), (1, 2));
}

#[tokio::test]
async fn a_field_that_somebody_made_meanwhile_is_not_created_a_second_time() {
    let world = World::bare().await;
    world.once("GET", FIELDS, ok(json!([]), None)).await;
    world.on("GET", FIELDS, ok(json!([kvk_field()]), None)).await;
    world.crm.schema(Kind::Company).await.unwrap();
    world.clock.advance(Duration::from_secs(61));
    let field = NewField { label: "KvK number".to_owned(), ty: FieldType::Text };
    world.crm.create_fields(Kind::Company, &[field]).await.unwrap();
    assert_eq!((world.count("POST", FIELDS).await, world.count("GET", FIELDS).await), (0, 2));
}

#[tokio::test]
async fn a_plan_that_allows_no_more_fields_is_forbidden_with_a_remedy() {
    let world = World::new().await;
    world.on("POST", FIELDS, refused(403, "feature_capping_custom_fields_limit")).await;
    let fields = [NewField { label: "Exact ID".to_owned(), ty: FieldType::Text }];
    let error = world.crm.create_fields(Kind::Company, &fields).await.unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::Forbidden, Some("Exact ID")));
    assert!(error.remedy().unwrap().contains("plan"));
}

#[tokio::test]
async fn a_write_that_does_not_fit_the_fields_reads_them_anew_once_and_goes_with_the_new_key() {
    let world = World::bare().await;
    world.once("GET", FIELDS, ok(json!([kvk_field(), soort_field()]), None)).await;
    let moved = json!({"field_name": "KvK number", "field_code": "cccccccccccccccccccccccccccccccccccccccc",
        "field_type": "varchar", "is_custom_field": true});
    world.on("GET", FIELDS, ok(json!([moved, soort_field()]), None)).await;
    world
        .once("POST", ORGANIZATIONS, refused(400, "ERR_SCHEMA_VALIDATION_FAILED: unknown custom field"))
        .await;
    world.on("POST", ORGANIZATIONS, ok(organization(1, "Acme B.V.", 0), None)).await;
    assert!(matches!(world.write(new_company(), None).await, Outcome::Applied(_)));
    assert_eq!((world.count("POST", ORGANIZATIONS).await, world.count("GET", FIELDS).await), (2, 2));
}

#[tokio::test]
async fn the_same_refusal_after_reading_the_fields_anew_is_final_and_names_the_field() {
    let world = World::new().await;
    let body = json!({"success": false, "error": "ERR_SCHEMA_VALIDATION_FAILED",
        "error_info": [{"field_code": KVK, "message": "must be a string"}]});
    world.on("POST", ORGANIZATIONS, wiremock::ResponseTemplate::new(400).set_body_json(body)).await;
    let Outcome::Rejected(error) = world.write(new_company(), None).await else { panic!("not rejected") };
    assert_eq!((error.kind(), error.field()), (ErrorKind::Invalid, Some("custom:KvK number")));
    assert!(error.to_string().contains("ERR_SCHEMA_VALIDATION_FAILED"), "{error}");
    assert_eq!((world.count("POST", ORGANIZATIONS).await, world.count("GET", FIELDS).await), (1, 2));
}
