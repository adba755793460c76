//! What is told about a grant, and what is kept of it when the store fails.

use std::sync::Arc;

use exact_client::{
    Cause, DivisionId, ErrorKind, GrantEvent, GrantEventKind, GrantHook, GrantState, Spool, Vault, VaultKey,
    async_trait,
};
use serde_json::json;
use wiremock::matchers::{header, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::auth::{accounts, read, refusal, token_answer};
use crate::support::{
    ACCOUNTS, DIVISION, FlakyStore, TestClock, builder, connected_with, count, exact_error, import,
    json_body, me, token_pair, tokens, watched,
};

fn trouble(cause: Cause, division: Option<DivisionId>) -> GrantEventKind {
    GrantEventKind::Trouble { cause, division }
}

fn recovered(cause: Cause, division: Option<DivisionId>) -> GrantEventKind {
    GrantEventKind::Recovered { cause, division }
}

#[tokio::test]
async fn each_refusal_of_the_token_endpoint_is_told_once_and_so_is_its_end() {
    let cases = [
        (refusal(400, "invalid_request", ""), Cause::SecretWrong),
        (ResponseTemplate::new(403).insert_header("Reason", "BlockedUser"), Cause::BlockedUser),
        (ResponseTemplate::new(403).insert_header("Reason", "LicenseExpired"), Cause::LicenceExpired),
        (refusal(400, "access_denied", "Rate limit exceeded: access_token not expired"), Cause::TooEarly),
    ];
    for (answer, cause) in cases {
        let (server, clock, client, events) = watched().await;
        token_answer(&server, answer).await;
        clock.advance(605);
        for _ in 0..3 {
            read(&client).await.unwrap_err();
            clock.advance(61);
        }
        assert_eq!(events.take().await, [trouble(cause, None)], "told once for three failures");
        server.reset().await;
        tokens(&server, 2).await;
        accounts(&server).await;
        clock.advance(1_800);
        read(&client).await.unwrap();
        assert_eq!(events.take().await, [recovered(cause, None)]);
    }
}

#[tokio::test]
async fn a_reused_token_is_told_and_its_end_comes_with_the_next_consent() {
    let (server, clock, client, events) = watched().await;
    token_answer(&server, refusal(401, "unauthorized_client", "Old refresh token used.")).await;
    clock.advance(605);
    read(&client).await.unwrap_err();
    read(&client).await.unwrap_err();
    assert_eq!(events.take().await, [trouble(Cause::RefreshTokenReused, None)]);
    server.reset().await;
    tokens(&server, 2).await;
    me(&server).await;
    client.exchange_code("code".into()).await.unwrap();
    assert_eq!(events.take().await, [recovered(Cause::RefreshTokenReused, None)]);
}

#[tokio::test]
async fn refusals_in_a_row_are_asked_for_five_times_in_an_hour_at_most() {
    let (server, clock, client, _events) = watched().await;
    token_answer(&server, refusal(400, "invalid_request", "")).await;
    clock.advance(605);
    for _ in 0..3_600 {
        read(&client).await.unwrap_err();
        clock.advance(1);
    }
    assert_eq!(count(&server, "/token").await, 5, "Exact blocks the endpoint at ten");
}

#[tokio::test]
async fn a_division_out_of_scope_is_told_once_and_its_return_too() {
    let (server, _clock, client, events) = watched().await;
    let text = "Forbidden - User division is not within division scope";
    Mock::given(path(ACCOUNTS)).respond_with(exact_error(403, text)).mount(&server).await;
    read(&client).await.unwrap_err();
    read(&client).await.unwrap_err();
    assert_eq!(events.take().await, [trouble(Cause::DivisionOutOfScope, Some(DIVISION))]);
    server.reset().await;
    accounts(&server).await;
    read(&client).await.unwrap();
    read(&client).await.unwrap();
    assert_eq!(events.take().await, [recovered(Cause::DivisionOutOfScope, Some(DIVISION))]);
}

#[tokio::test]
async fn a_missing_right_on_one_resource_is_no_trouble_of_the_grant() {
    let (server, _clock, client, events) = watched().await;
    Mock::given(path(ACCOUNTS)).respond_with(exact_error(403, "Forbidden")).mount(&server).await;
    assert_eq!(read(&client).await.unwrap_err().cause(), Some(Cause::RightMissing));
    assert_eq!(events.take().await, []);
}

#[tokio::test]
async fn a_division_that_a_new_look_does_not_find_is_told() {
    let (server, _clock, client, events) = watched().await;
    let me = json!({"d": {"results": [{"UserID": crate::support::ID, "CurrentDivision": 7}]}});
    Mock::given(path("/api/v1/current/Me")).respond_with(json_body(&me)).mount(&server).await;
    let divisions = json!({"d": [{"Code": 7, "Description": "Other"}]});
    Mock::given(path("/api/v1/7/system/Divisions")).respond_with(json_body(&divisions)).mount(&server).await;
    client.identify().await.unwrap();
    assert_eq!(events.take().await, [trouble(Cause::DivisionOutOfScope, Some(DIVISION))]);
}

#[tokio::test]
async fn a_clock_that_is_off_by_more_than_a_minute_is_told_by_the_date_of_an_answer() {
    let (server, _clock, client, events) = watched().await;
    // Ours is 10:00:10.
    let cases: [(&str, &[GrantEventKind]); 4] = [
        ("Sun, 22 Nov 2026 10:00:55 GMT", &[recovered(Cause::ClockWrong, None)]),
        ("Sun, 22 Nov 2026 10:05:00 GMT", &[trouble(Cause::ClockWrong, None)]),
        ("Sun, 22 Nov 2026 09:55:00 GMT", &[]),
        ("Sun, 22 Nov 2026 10:00:10 GMT", &[recovered(Cause::ClockWrong, None)]),
    ];
    for (date, told) in cases {
        server.reset().await;
        let answer = json_body(&json!({"d": []})).insert_header("date", date);
        Mock::given(path(ACCOUNTS)).respond_with(answer).mount(&server).await;
        read(&client).await.unwrap();
        assert_eq!(events.take_all().await, told, "{date}");
    }
}

/// Never comes back from its first event.
#[derive(Debug)]
struct Stuck;

#[async_trait]
impl GrantHook for Stuck {
    async fn notify(&self, _: &GrantEvent) {
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_hook_that_never_returns_holds_up_nothing() {
    let (server, clock, client) = connected_with(|builder| builder.hook(Arc::new(Stuck))).await;
    for _ in 0..3 {
        server.reset().await;
        Mock::given(path(ACCOUNTS))
            .respond_with(exact_error(403, "not within division scope"))
            .mount(&server)
            .await;
        read(&client).await.unwrap_err();
        server.reset().await;
        accounts(&server).await;
        read(&client).await.unwrap();
        clock.advance(1);
    }
}

fn spool(folder: &tempfile::TempDir) -> Spool {
    let vault = Vault::new(VaultKey::new(&[3; 32]), Vec::new());
    Spool::new(folder.path().join("spool"), Arc::new(vault))
}

fn spooled(folder: &tempfile::TempDir) -> usize {
    std::fs::read_dir(folder.path().join("spool")).map_or(0, Iterator::count)
}

/// A client whose store broke just after Exact had read the refresh token.
async fn struck(store: &FlakyStore, folder: &tempfile::TempDir) -> (MockServer, Arc<TestClock>) {
    let server = MockServer::start().await;
    let clock = TestClock::new();
    let tokens = Arc::new(store.clone());
    let client = builder(&server, &clock).token_store(tokens).spool(spool(folder)).build().unwrap();
    import(&server, &client).await;
    let breaking = store.clone();
    let answer = move |_: &wiremock::Request| {
        breaking.set_broken(true);
        json_body(&token_pair(2))
    };
    Mock::given(path("/api/oauth2/token")).respond_with(answer).expect(1).mount(&server).await;
    clock.advance(605);
    assert_eq!(read(&client).await.unwrap_err().kind(), ErrorKind::Store);
    store.set_broken(false);
    (server, clock)
}

#[tokio::test]
async fn a_pair_that_could_not_be_saved_survives_the_process_in_the_spool() {
    let (store, folder) = (FlakyStore::default(), tempfile::tempdir().unwrap());
    let (server, clock) = struck(&store, &folder).await;
    assert_eq!(spooled(&folder), 1);
    for entry in std::fs::read_dir(folder.path().join("spool")).unwrap() {
        assert!(!std::fs::read_to_string(entry.unwrap().path()).unwrap().contains("refresh-2"));
    }
    // The process has died; another one starts.
    Mock::given(path(ACCOUNTS))
        .and(header("authorization", "Bearer access-2"))
        .respond_with(json_body(&json!({"d": []})))
        .expect(1)
        .mount(&server)
        .await;
    let next =
        builder(&server, &clock).token_store(Arc::new(store.clone())).spool(spool(&folder)).build().unwrap();
    read(&next).await.unwrap();
    let grant = next.grant().await.unwrap().unwrap();
    assert_eq!((grant.generation, grant.state), (2, GrantState::Ready));
    assert_eq!(spooled(&folder), 0, "used, and cleared");
}

#[tokio::test]
async fn a_spool_older_than_the_store_is_cleared_and_not_used() {
    let (store, folder) = (FlakyStore::default(), tempfile::tempdir().unwrap());
    let (server, clock) = struck(&store, &folder).await;
    server.reset().await;
    // Meanwhile a person gave a new consent to a process that knows no spool.
    let other = builder(&server, &clock).token_store(Arc::new(store.clone())).build().unwrap();
    tokens(&server, 7).await;
    me(&server).await;
    other.exchange_code("code".into()).await.unwrap();
    server.reset().await;
    Mock::given(path(ACCOUNTS))
        .and(header("authorization", "Bearer access-7"))
        .respond_with(json_body(&json!({"d": []})))
        .expect(1)
        .mount(&server)
        .await;
    let next =
        builder(&server, &clock).token_store(Arc::new(store.clone())).spool(spool(&folder)).build().unwrap();
    read(&next).await.unwrap();
    assert_eq!(spooled(&folder), 0);
}
