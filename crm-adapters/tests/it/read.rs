use crm_adapters::pipedrive::{ApiToken, Pipedrive};
use crm_adapters::{Adapter, Change, Cursor, ErrorKind, HttpClient, RecordId, Value};
use serde_json::json;
use wiremock::ResponseTemplate;

use crate::world::*;

fn names(changes: &[Change]) -> Vec<String> {
    let name = |change: &Change| match change {
        Change::Present(record) => record.fields.get("name").map(Value::to_string).unwrap_or_default(),
        Change::Deleted(id) => format!("deleted {id}"),
        other => format!("{other:?}"),
    };
    changes.iter().map(name).collect()
}

#[tokio::test]
async fn a_walk_goes_by_update_time_in_pages_of_500_and_ends_at_a_null_cursor_only() {
    let world = World::new().await;
    world.once("GET", ORGANIZATIONS, ok(json!([organization(1, "A", 0)]), Some("p2"))).await;
    world.once("GET", ORGANIZATIONS, ok(json!([]), Some("p3"))).await;
    world.once("GET", ORGANIZATIONS, ok(json!([organization(2, "B", 5)]), None)).await;
    let first = world.crm.changes(&view(), None).await.unwrap();
    let second = world.crm.changes(&view(), Some(&first.cursor)).await.unwrap();
    let third = world.crm.changes(&view(), Some(&second.cursor)).await.unwrap();
    assert_eq!([first.more, second.more, third.more], [true, true, false]);
    assert_eq!(names(&[first.changes, second.changes, third.changes].concat()), ["A", "B"]);
    let requests = world.requests("GET", ORGANIZATIONS).await;
    for request in &requests {
        assert_eq!(query(request, "sort_by").as_deref(), Some("update_time"));
        assert_eq!(query(request, "sort_direction").as_deref(), Some("asc"));
        assert_eq!(query(request, "limit").as_deref(), Some("500"));
        assert_eq!(query(request, "updated_since"), None);
        assert_eq!(query(request, "custom_fields"), Some(format!("{KVK},{SOORT}")));
        assert_eq!(request.headers["x-api-token"], TOKEN);
    }
    let cursors: Vec<_> = requests.iter().map(|request| query(request, "cursor")).collect();
    assert_eq!(cursors, [None, Some("p2".to_owned()), Some("p3".to_owned())]);
}

#[tokio::test]
async fn adapters_that_share_connections_keep_their_tokens_to_their_own_requests() {
    let (world, http) = (World::new().await, HttpClient::new().unwrap());
    world.on("GET", ORGANIZATIONS, ok(json!([]), None)).await;
    for token in ["one", "another"] {
        let builder = Pipedrive::builder(ApiToken::new(token)).http_client(http.clone());
        let crm = builder.origin(world.server.uri().parse().unwrap()).build().unwrap();
        crm.changes(&view(), None).await.unwrap();
    }
    let requests = world.requests("GET", ORGANIZATIONS).await;
    let tokens: Vec<_> = requests.iter().map(|request| &request.headers["x-api-token"]).collect();
    assert_eq!(tokens, ["one", "another"]);
}

#[tokio::test]
async fn a_quiet_account_costs_one_call_that_returns_nothing() {
    let world = World::new().await;
    let later = |answer: ResponseTemplate| answer.insert_header("date", "Thu, 01 Jan 2026 00:01:00 GMT");
    world.once("GET", ORGANIZATIONS, later(ok(json!([organization(1, "A", 5)]), None))).await;
    world.on("GET", ORGANIZATIONS, later(ok(json!([]), None))).await;
    let first = world.crm.changes(&view(), None).await.unwrap();
    let second = world.crm.changes(&view(), Some(&first.cursor)).await.unwrap();
    let third = world.crm.changes(&view(), Some(&second.cursor)).await.unwrap();
    assert!(second.changes.is_empty() && third.changes.is_empty() && !second.more);
    let requests = world.requests("GET", ORGANIZATIONS).await;
    let since: Vec<_> = requests.iter().map(|request| query(request, "updated_since")).collect();
    let behind = Some("2026-01-01T00:00:06Z".to_owned());
    assert_eq!(since, [None, behind.clone(), behind]);
}

#[tokio::test]
async fn a_walk_that_ends_right_after_a_change_reads_its_neighbourhood_again() {
    let world = World::new().await;
    let now =
        ok(json!([organization(1, "A", 5)]), None).insert_header("date", "Thu, 01 Jan 2026 00:00:06 GMT");
    world.on("GET", ORGANIZATIONS, now).await;
    let first = world.crm.changes(&view(), None).await.unwrap();
    world.crm.changes(&view(), Some(&first.cursor)).await.unwrap();
    let requests = world.requests("GET", ORGANIZATIONS).await;
    assert_eq!(query(&requests[1], "updated_since").as_deref(), Some("2026-01-01T00:00:03Z"));
}

#[tokio::test]
async fn a_refused_page_cursor_starts_the_walk_again_where_it_had_come() {
    let world = World::new().await;
    world.once("GET", ORGANIZATIONS, ok(json!([organization(1, "A", 100)]), Some("stale"))).await;
    world.once("GET", ORGANIZATIONS, refused(400, "cursor is invalid")).await;
    world.once("GET", ORGANIZATIONS, ok(json!([organization(2, "B", 101)]), None)).await;
    let first = world.crm.changes(&view(), None).await.unwrap();
    let second = world.crm.changes(&view(), Some(&first.cursor)).await.unwrap();
    assert_eq!(names(&second.changes), ["B"]);
    let requests = world.requests("GET", ORGANIZATIONS).await;
    assert_eq!(query(&requests[2], "cursor"), None);
    assert_eq!(query(&requests[2], "updated_since").as_deref(), Some("2026-01-01T00:01:38Z"));
}

#[tokio::test]
async fn a_page_cursor_that_comes_back_is_an_error_and_no_endless_loop() {
    let world = World::new().await;
    world.on("GET", ORGANIZATIONS, ok(json!([organization(1, "A", 0)]), Some("same"))).await;
    let first = world.crm.changes(&view(), None).await.unwrap();
    let error = world.crm.changes(&view(), Some(&first.cursor)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    world.on("GET", SEARCH, ok(json!([{"id": 1, "name": "A"}]), Some("same"))).await;
    let key = crm_adapters::Key { field: "custom:KvK number".to_owned(), value: Value::text("1") };
    assert_eq!(world.crm.find(&view(), &key).await.unwrap_err().kind(), ErrorKind::Decode);
    assert_eq!(world.count("GET", SEARCH).await, 2);
}

#[tokio::test]
async fn a_record_marked_deleted_is_told_as_deleted_and_not_got() {
    let world = World::new().await;
    let mut gone = organization(7, "Gone", 0);
    gone["is_deleted"] = json!(true);
    world.on("GET", ORGANIZATIONS, ok(json!([gone]), None)).await;
    world.on("GET", "/api/v2/organizations/7", ok(gone, None)).await;
    world.on("GET", "/api/v2/organizations/8", refused(404, "not found")).await;
    assert_eq!(names(&world.crm.changes(&view(), None).await.unwrap().changes), ["deleted 7"]);
    for id in ["7", "8"] {
        assert_eq!(world.crm.get(&view(), &[RecordId::new(id)]).await.unwrap(), []);
    }
}

#[tokio::test]
async fn ids_are_read_a_hundred_a_call_one_by_its_own_path_and_foreign_ones_not_at_all() {
    let world = World::new().await;
    world.on("GET", ORGANIZATIONS, ok(json!([organization(1, "A", 0)]), None)).await;
    world.on("GET", "/api/v2/organizations/5", ok(organization(5, "E", 0), None)).await;
    let ids: Vec<_> = (1..=150).map(|id| RecordId::new(id.to_string())).collect();
    world.crm.get(&view(), &ids).await.unwrap();
    let asked: Vec<_> = world.requests("GET", ORGANIZATIONS).await;
    let asked: Vec<_> =
        asked.iter().map(|request| query(request, "ids").unwrap().split(',').count()).collect();
    assert_eq!(asked, [100, 50]);
    assert_eq!(world.crm.get(&view(), &[RecordId::new("5")]).await.unwrap().len(), 1);
    let foreign = [RecordId::new("../users"), RecordId::new("")];
    assert_eq!(world.crm.get(&view(), &foreign).await.unwrap(), []);
    assert_eq!(world.count("GET", ORGANIZATIONS).await, 2);
}

#[tokio::test]
async fn a_cursor_of_another_adapter_is_refused_before_any_call() {
    let world = World::bare().await;
    let error = world.crm.changes(&view(), Some(&Cursor::new("not mine"))).await.unwrap_err();
    assert_eq!((error.kind(), world.crm.usage().calls), (ErrorKind::Config, 0));
}

#[tokio::test]
async fn reads_are_repeated_over_passing_trouble_and_not_for_ever() {
    let world = World::new().await;
    world.once("GET", ORGANIZATIONS, refused(503, "maintenance")).await;
    world.once("GET", ORGANIZATIONS, refused(500, "oops")).await;
    world.once("GET", ORGANIZATIONS, ok(json!([organization(1, "A", 0)]), None)).await;
    assert_eq!(world.crm.changes(&view(), None).await.unwrap().changes.len(), 1);
    world.on("GET", ORGANIZATIONS, refused(503, "maintenance")).await;
    let error = world.crm.changes(&view(), None).await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_applied()), (ErrorKind::Unavailable, false));
    assert_eq!(world.count("GET", ORGANIZATIONS).await, 7);
}

#[tokio::test]
async fn what_cannot_be_understood_fails_that_request_only_and_says_where() {
    let raw = |body: &str| ResponseTemplate::new(200).set_body_raw(body.to_owned(), "application/json");
    let table = [
        (html(200), "not JSON but text/html"),
        (raw(r#"{"success": true, "data": [{"id": 1}, {"id""#), "data[1]"),
        (raw(r#"{"success": true, "data": [17]}"#), "data[0]"),
        (raw(r#"{"success": true, "data": [{"name": "A"}]}"#), "without an id"),
        (raw(r#"{"success": false, "error": "try again"}"#), "try again"),
        (raw(&format!(r#"{{"data": "{}"}}"#, "x".repeat(16 * 1024 * 1024))), "longer than"),
    ];
    let world = World::new().await;
    for (answer, said) in table {
        world.once("GET", ORGANIZATIONS, answer).await;
        let error = world.crm.changes(&view(), None).await.unwrap_err();
        assert!(error.to_string().contains(said), "{said}: {error}");
    }
    world.on("GET", ORGANIZATIONS, ok(json!([]), None)).await;
    assert!(world.crm.changes(&view(), None).await.is_ok());
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = wiremock::MockServer::start().await;
    let world = World::new().await;
    let answer = ResponseTemplate::new(302).insert_header("location", elsewhere.uri());
    world.on("GET", ORGANIZATIONS, answer).await;
    assert_eq!(world.crm.changes(&view(), None).await.unwrap_err().kind(), ErrorKind::Config);
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn the_token_is_in_no_message_and_no_debug_text() {
    let world = World::new().await;
    world
        .on("GET", ORGANIZATIONS, refused(401, "unauthorized access").insert_header("x-request-id", "req-1"))
        .await;
    let error = world.crm.changes(&view(), None).await.unwrap_err();
    assert_eq!((error.kind(), error.request_id()), (ErrorKind::Auth, Some("req-1")));
    assert!(error.remedy().is_some());
    for text in [format!("{error} {error:?}"), format!("{:?}", world.crm)] {
        assert!(!text.contains(TOKEN), "{text}");
    }
    assert_eq!(world.count("GET", ORGANIZATIONS).await, 1);
}
