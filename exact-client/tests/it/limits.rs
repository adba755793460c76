//! Limits as they are learned from answers, and calls that wait for them.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use exact_client::{
    Account, AccountPatch, Clock, DivisionId, ErrorKind, Guid, MemoryUsageStore, NewAccount, Pace, Priority,
    Reserve, Retry, UsageStore, WriteOptions,
};
use serde_json::json;
use wiremock::matchers::{method, path, path_regex};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{
    ACCOUNTS, DIVISION, ID, TestClock, builder, connected, count, exact_error, json_body, me, tokens,
};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn millis(text: &str) -> String {
    at(text).timestamp_millis().to_string()
}

async fn empty(server: &MockServer) {
    Mock::given(path(ACCOUNTS)).respond_with(json_body(&json!({"d": []}))).mount(server).await;
}

fn minute_429() -> ResponseTemplate {
    ResponseTemplate::new(429)
        .insert_header("X-RateLimit-Minutely-Limit", "60")
        .insert_header("X-RateLimit-Minutely-Remaining", "0")
        .insert_header("X-RateLimit-Minutely-Reset", millis("2026-11-22T10:01:00Z").as_str())
        .insert_header("Date", "Sun, 22 Nov 2026 10:00:10 GMT")
}

#[tokio::test]
async fn sixty_calls_leave_in_a_clock_minute_and_the_next_one_waits() {
    let (server, clock, client) = connected().await;
    empty(&server).await;
    let list = client.division(DIVISION).list::<Account>();
    // One call of this minute went to the divisions when the grant was imported.
    for _ in 0..59 {
        list.page(None).await.unwrap();
    }
    assert!(clock.now() < at("2026-11-22T10:01:00Z"));
    assert!(matches!(client.pace(DIVISION), Pace::Wait(_)));
    list.page(None).await.unwrap();
    assert!(clock.now() >= at("2026-11-22T10:01:00Z"));
    let usage = client.usage(DIVISION);
    assert_eq!((usage.calls, usage.endpoints["crm/Accounts"], usage.day_used), (61, 60, 61));
    assert_eq!(client.calls(), 62, "with the one for the user");
}

#[tokio::test]
async fn divisions_do_not_wait_for_each_other() {
    let (server, clock, client) = connected().await;
    let answer = json_body(&json!({"d": []}));
    Mock::given(path_regex("crm/Accounts$")).respond_with(answer).mount(&server).await;
    for code in 0..3 {
        let list = client.division(DivisionId::new(code)).list::<Account>();
        for _ in 0..60 {
            list.page(None).await.unwrap();
        }
    }
    assert!(clock.now() < at("2026-11-22T10:01:00Z"));
}

#[tokio::test]
async fn a_429_of_the_minute_waits_for_its_reset_and_a_write_is_repeated_then() {
    let (server, clock, client) = connected().await;
    Mock::given(method("POST")).respond_with(minute_429()).up_to_n_times(1).mount(&server).await;
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(201).set_body_json(json!({"d": {"ID": ID}})))
        .mount(&server)
        .await;
    let new = NewAccount::new("Aap");
    client.division(DIVISION).create::<Account>(&new, WriteOptions::new()).await.unwrap();
    assert_eq!(count(&server, "/crm/Accounts").await, 2);
    assert!(clock.now() >= at("2026-11-22T10:01:01Z"), "{}", clock.now());
}

#[tokio::test]
async fn a_429_of_the_day_is_an_error_that_says_when_to_go_on() {
    let (server, clock, client) = connected().await;
    let spent = ResponseTemplate::new(429)
        .insert_header("X-RateLimit-Limit", "5000")
        .insert_header("X-RateLimit-Remaining", "0")
        .insert_header("X-RateLimit-Reset", millis("2026-11-23T00:00:00Z").as_str())
        .insert_header("Date", "Sun, 22 Nov 2026 10:00:10 GMT");
    Mock::given(path(ACCOUNTS)).respond_with(spent).mount(&server).await;
    let list = client.division(DIVISION).list::<Account>();
    for _ in 0..2 {
        let error = list.page(None).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RateLimited);
        let Retry::At(until) = error.retry() else { panic!("{error:?}") };
        assert!((until - at("2026-11-23T00:00:00Z")).num_seconds().abs() <= 2, "{until}");
    }
    assert_eq!(count(&server, "/crm/Accounts").await, 1, "a spent day is not asked again");
    assert!(clock.now() < at("2026-11-22T10:01:00Z"), "and not slept on");
    assert!(matches!(client.pace(DIVISION), Pace::Spent(_)));
}

#[tokio::test]
async fn a_limit_in_the_header_replaces_ours() {
    let (server, clock, client) = connected().await;
    let answer = json_body(&json!({"d": []}))
        .insert_header("X-RateLimit-Minutely-Limit", "600")
        .insert_header("X-RateLimit-Limit", "100000");
    Mock::given(path(ACCOUNTS)).respond_with(answer).mount(&server).await;
    let list = client.division(DIVISION).list::<Account>();
    for _ in 0..300 {
        list.page(None).await.unwrap();
    }
    assert!(clock.now() < at("2026-11-22T10:01:00Z"), "{}", clock.now());
    let usage = client.usage(DIVISION);
    assert_eq!((usage.minute_limit, usage.day_limit), (600, 100_000));
}

#[tokio::test]
async fn five_errors_an_hour_close_the_endpoint_without_a_call() {
    let (server, clock, client) = connected().await;
    Mock::given(path(ACCOUNTS)).respond_with(exact_error(404, "")).mount(&server).await;
    let list = client.division(DIVISION).list::<Account>();
    for _ in 0..5 {
        assert_eq!(list.page(None).await.unwrap_err().kind(), ErrorKind::NotFound);
    }
    let error = list.page(None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited, "{error}");
    assert!(matches!(error.retry(), Retry::At(_)));
    assert_eq!(count(&server, "/crm/Accounts").await, 5);
    let usage = client.usage(DIVISION);
    assert_eq!(usage.errors.len(), 5);
    assert!(usage.closed.contains_key("crm/Accounts"));
    clock.advance(3_601);
    // The token is older than ten minutes by then.
    tokens(&server, 2).await;
    assert_eq!(list.page(None).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_closed_endpoint_names_the_records_that_closed_it_and_no_names_of_people() {
    let (server, _, client) = connected().await;
    let refused = exact_error(400, "Error in converting 'WarehouseID'");
    Mock::given(method("POST")).respond_with(refused).mount(&server).await;
    Mock::given(method("PUT")).respond_with(exact_error(404, "")).mount(&server).await;
    let division = client.division(DIVISION);
    let id: Guid = ID.parse().unwrap();
    for number in 0..4 {
        let mut new = NewAccount::new("Aap Noot Mies");
        new.search_code = Some(format!("D-{number}"));
        division.create::<Account>(&new, WriteOptions::new()).await.unwrap_err();
    }
    division.update::<Account>(id, &AccountPatch::default(), WriteOptions::new()).await.unwrap_err();
    let error = division.list::<Account>().page(None).await.unwrap_err();
    let message = error.message();
    assert!(message.contains("POST SearchCode D-3 400 (Error in converting 'WarehouseID')"), "{message}");
    assert!(message.contains(&format!("PUT {ID} 404")), "{message}");
    assert!(!message.contains("Noot"), "{message}");
}

#[tokio::test]
async fn bulk_calls_leave_the_reserve_to_interactive_ones() {
    let server = MockServer::start().await;
    let clock = TestClock::new();
    tokens(&server, 1).await;
    me(&server).await;
    empty(&server).await;
    let client = builder(&server, &clock).reserve(Reserve { minute: 10, day: 100 }).build().unwrap();
    client.import_refresh_token("first".into()).await.unwrap();
    let person = client.priority(Priority::Interactive);
    // One call of this minute went to the divisions.
    for _ in 0..49 {
        client.division(DIVISION).list::<Account>().page(None).await.unwrap();
    }
    assert!(matches!(client.pace(DIVISION), Pace::Wait(_)));
    assert_eq!(person.pace(DIVISION), Pace::Ready(10));
    for _ in 0..10 {
        person.division(DIVISION).list::<Account>().page(None).await.unwrap();
    }
    assert!(clock.now() < at("2026-11-22T10:01:00Z"));
    assert_eq!(client.usage(DIVISION).reserve, Reserve { minute: 10, day: 100 });
    assert_eq!(
        client.forecast(DIVISION, 51).done_by,
        at("2026-11-22T10:03:00Z"),
        "50 a minute from 10:01 on"
    );
    assert_eq!(
        person.forecast(DIVISION, 51).done_by,
        at("2026-11-22T10:02:00Z"),
        "60 a minute from 10:01 on"
    );
    client.division(DIVISION).list::<Account>().page(None).await.unwrap();
    assert!(clock.now() >= at("2026-11-22T10:01:00Z"));
}

#[tokio::test]
async fn a_call_that_is_made_elsewhere_spends_the_same_minute() {
    let (_server, clock, client) = connected().await;
    // One call of this minute went to the divisions.
    for _ in 0..59 {
        drop(client.permit(DIVISION, "docs/XMLUpload").await.unwrap());
    }
    assert!(clock.now() < at("2026-11-22T10:01:00Z"));
    drop(client.permit(DIVISION, "docs/XMLUpload").await.unwrap());
    assert!(clock.now() >= at("2026-11-22T10:01:00Z"));
    assert_eq!(client.usage(DIVISION).endpoints["docs/XMLUpload"], 60);
}

#[tokio::test]
async fn a_forecast_knows_what_is_used_already() {
    let (server, _, client) = connected().await;
    empty(&server).await;
    // One call went to the divisions when the grant was imported.
    client.division(DIVISION).list::<Account>().page(None).await.unwrap();
    let forecast = client.forecast(DIVISION, 1_240);
    assert_eq!(forecast.to_string(), "1,240 calls: 21 minutes, 25 % of the day");
    assert_eq!(forecast.done_by, at("2026-11-22T10:21:00Z"));
    assert_eq!(
        client.forecast(DIVISION, 4_999).done_by,
        at("2026-11-23T00:01:00Z"),
        "4,998 are left of today"
    );
}

#[tokio::test]
async fn a_new_process_goes_on_inside_the_minute_that_the_last_one_used() {
    let server = MockServer::start().await;
    let clock = TestClock::new();
    let usage: Arc<dyn UsageStore> = Arc::new(MemoryUsageStore::new());
    tokens(&server, 1).await;
    me(&server).await;
    empty(&server).await;
    let first = builder(&server, &clock).usage_store(Arc::clone(&usage)).build().unwrap();
    first.import_refresh_token("first".into()).await.unwrap();
    for _ in 0..39 {
        first.division(DIVISION).list::<Account>().page(None).await.unwrap();
    }
    first.settle_usage().await.unwrap();
    let second = builder(&server, &clock).usage_store(usage).build().unwrap();
    second.import_refresh_token("second".into()).await.unwrap();
    let list = second.division(DIVISION).list::<Account>();
    for _ in 0..19 {
        list.page(None).await.unwrap();
    }
    assert!(clock.now() < at("2026-11-22T10:01:00Z"), "nothing was waited out on suspicion");
    list.page(None).await.unwrap();
    assert!(clock.now() >= at("2026-11-22T10:01:00Z"), "40 and 20 are 60");
    assert_eq!(second.usage(DIVISION).day_used, 61);
}

#[tokio::test]
async fn a_write_that_could_not_leave_before_its_deadline_is_not_sent() {
    let (server, clock, client) = connected().await;
    let division = client.division(DIVISION);
    clock.advance(5);
    let late = WriteOptions::new().send_before(Some(Duration::from_secs(4)));
    let error = division.create::<Account>(&NewAccount::new("Aap"), late).await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_applied()), (ErrorKind::Unsent, false));
    assert_eq!(client.usage(DIVISION).calls, 1, "what never left costs nothing");
    empty(&server).await;
    while matches!(client.pace(DIVISION), Pace::Ready(_)) {
        division.list::<Account>().page(None).await.unwrap();
    }
    let soon = WriteOptions::new().send_before(Some(clock.monotonic() + Duration::from_secs(10)));
    let error = division.create::<Account>(&NewAccount::new("Aap"), soon).await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_applied()), (ErrorKind::Unsent, false));
    assert!(clock.now() < at("2026-11-22T10:01:00Z"), "the next minute is not waited for in vain");
    let posts = server.received_requests().await.unwrap();
    assert!(posts.iter().all(|request| request.method != http::Method::POST));
}
