//! Access tokens: when they are refreshed, and what each refusal means.

use std::sync::Arc;
use std::time::Duration;

use exact_client::{Account, Cause, Client, ErrorKind, GrantState, MemoryTokenStore, Retry, TokenStore};
use serde_json::json;
use wiremock::matchers::{body_string_contains, header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{
    ACCOUNTS, DIVISION, FlakyStore, TestClock, builder, connected, count, exact_error, json_body, me,
    token_pair, tokens,
};

pub(crate) async fn accounts(server: &MockServer) {
    Mock::given(path(ACCOUNTS)).respond_with(json_body(&json!({"d": []}))).mount(server).await;
}

pub(crate) async fn read(client: &Client) -> exact_client::Result<Vec<Account>> {
    client.division(DIVISION).list::<Account>().all().await
}

pub(crate) fn refusal(status: u16, error: &str, description: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({"error": error, "error_description": description}))
}

pub(crate) async fn token_answer(server: &MockServer, answer: ResponseTemplate) {
    Mock::given(path("/api/oauth2/token")).respond_with(answer).mount(server).await;
}

#[tokio::test]
async fn the_consent_address_names_app_redirect_and_state() {
    let server = MockServer::start().await;
    let client = builder(&server, &TestClock::new()).build().unwrap();
    let url = client.authorize_url("my state");
    assert_eq!(url.path(), "/api/oauth2/auth");
    let query: std::collections::HashMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!(query["client_id"], "app");
    assert_eq!(query["response_type"], "code");
    assert_eq!(query["state"], "my state");
    assert_eq!(query["redirect_uri"], "https://example.com/callback");
    assert!(!url.as_str().contains("secret"));
}

#[tokio::test]
async fn a_code_becomes_a_grant_with_user_and_divisions_and_credentials_go_in_the_body() {
    let server = MockServer::start().await;
    me(&server).await;
    Mock::given(method("POST"))
        .and(path("/api/oauth2/token"))
        .and(body_string_contains("grant_type=authorization_code"))
        .and(body_string_contains("code=a%21b"))
        .and(body_string_contains("client_secret=app-secret"))
        .and(body_string_contains("redirect_uri=https%3A%2F%2Fexample.com%2Fcallback"))
        .respond_with(json_body(&token_pair(1)))
        .expect(1)
        .mount(&server)
        .await;
    let client = builder(&server, &TestClock::new()).build().unwrap();
    let grant = client.exchange_code("a!b".into()).await.unwrap();
    assert_eq!(grant.user.unwrap().name, "Ans de Boer");
    assert_eq!(grant.divisions[0].id, DIVISION);
    assert_eq!((grant.generation, grant.state), (1, GrantState::Ready));
    assert_eq!(grant.expires_at - grant.obtained_at, chrono::TimeDelta::seconds(600));
}

#[tokio::test]
async fn five_hundred_callers_at_expiry_cause_one_token_call() {
    let (server, clock, client) = connected().await;
    Mock::given(path("/api/oauth2/token"))
        .and(body_string_contains("refresh_token=refresh-1"))
        .respond_with(json_body(&token_pair(2)).set_delay(Duration::from_millis(50)))
        .expect(1)
        .mount(&server)
        .await;
    for token in ["Bearer access-1", "Bearer access-2"] {
        Mock::given(path("/api/v1/current/Me"))
            .and(header("authorization", token))
            .respond_with(
                json_body(&json!({"d": {"results": [{"UserID": crate::support::ID}]}}))
                    .insert_header("X-RateLimit-Minutely-Limit", "1000"),
            )
            .mount(&server)
            .await;
    }
    // So that nobody waits for a minute, which would move the clock while the token call is under way.
    client.me().await.unwrap();
    clock.advance(605);
    let calls = (0..500).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.me().await })
    });
    for call in futures_util::future::join_all(calls).await {
        call.unwrap().unwrap();
    }
    assert_eq!(count(&server, "/token").await, 1);
}

#[tokio::test]
async fn an_early_refresh_is_never_sent() {
    let (server, clock, client) = connected().await;
    accounts(&server).await;
    token_answer(&server, json_body(&token_pair(2))).await;
    for seconds in [0, 300, 269] {
        clock.advance(seconds);
        read(&client).await.unwrap();
    }
    assert_eq!(count(&server, "/token").await, 0, "569 seconds after the grant");
    clock.advance(3);
    read(&client).await.unwrap();
    assert_eq!(count(&server, "/token").await, 1, "572 seconds after the grant");
}

#[tokio::test]
async fn a_401_of_a_young_token_is_surfaced_and_not_refreshed() {
    let (server, _clock, client) = connected().await;
    Mock::given(path(ACCOUNTS)).respond_with(ResponseTemplate::new(401)).mount(&server).await;
    let error = read(&client).await.unwrap_err();
    assert_eq!((error.kind(), error.cause()), (ErrorKind::Auth, Some(Cause::TokenRefused)));
    assert_eq!(count(&server, "/token").await, 0);
    assert_eq!(count(&server, "/crm/Accounts").await, 1);
}

#[tokio::test]
async fn every_refusal_has_its_cause_and_its_remedy_and_loses_nothing() {
    let cases = [
        (refusal(400, "invalid_request", ""), Cause::SecretWrong, GrantState::Ready),
        (refusal(400, "invalid_client", ""), Cause::SecretWrong, GrantState::Ready),
        (refusal(400, "invalid_grant", ""), Cause::Revoked, GrantState::Lost(Cause::Revoked)),
        (
            refusal(401, "unauthorized_client", "Old refresh token used."),
            Cause::RefreshTokenReused,
            GrantState::Lost(Cause::RefreshTokenReused),
        ),
        (
            refusal(400, "access_denied", "Rate limit exceeded: access_token not expired"),
            Cause::TooEarly,
            GrantState::Ready,
        ),
        (
            ResponseTemplate::new(403).insert_header("Reason", "BlockedUser"),
            Cause::BlockedUser,
            GrantState::Ready,
        ),
        (ResponseTemplate::new(400).set_body_string("Bad Request"), Cause::Refused, GrantState::Ready),
    ];
    for (answer, cause, state) in cases {
        let (server, clock, client) = connected().await;
        token_answer(&server, answer).await;
        clock.advance(605);
        let error = read(&client).await.unwrap_err();
        assert_eq!((error.kind(), error.cause()), (ErrorKind::Auth, Some(cause)), "{error:?}");
        assert!(!error.remedy().unwrap().is_empty());
        let again = read(&client).await.unwrap_err();
        assert_eq!(again.cause(), Some(cause), "{again:?}");
        assert_eq!(count(&server, "/token").await, 1, "{cause:?}: no second call at once");
        assert_eq!(client.grant().await.unwrap().unwrap().state, state);
    }
}

#[tokio::test]
async fn after_the_secret_is_put_right_the_same_grant_goes_on() {
    let (server, clock, client) = connected().await;
    token_answer(&server, refusal(400, "invalid_request", "")).await;
    clock.advance(605);
    read(&client).await.unwrap_err();
    server.reset().await;
    tokens(&server, 2).await;
    accounts(&server).await;
    clock.advance(61);
    read(&client).await.unwrap();
}

#[tokio::test]
async fn a_crash_in_the_middle_of_a_refresh_is_recovered_with_the_old_token() {
    let (server, clock, client) = connected().await;
    // No answer that could be understood: the state in the store stays as a crash would leave it.
    token_answer(&server, ResponseTemplate::new(502).set_body_string("<html>")).await;
    clock.advance(605);
    let error = read(&client).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Unavailable, Retry::Backoff));
    assert_eq!(client.grant().await.unwrap().unwrap().state, GrantState::Refreshing);
    server.reset().await;
    accounts(&server).await;
    Mock::given(path("/api/oauth2/token"))
        .and(body_string_contains("refresh_token=refresh-1"))
        .respond_with(json_body(&token_pair(2)))
        .expect(1)
        .mount(&server)
        .await;
    clock.advance(31);
    read(&client).await.unwrap();
    assert_eq!(client.grant().await.unwrap().unwrap().state, GrantState::Ready);
}

#[tokio::test]
async fn a_crash_after_exact_took_the_token_is_reported_as_what_it_is() {
    let (server, clock, client) = connected().await;
    token_answer(&server, ResponseTemplate::new(502)).await;
    clock.advance(605);
    read(&client).await.unwrap_err();
    server.reset().await;
    token_answer(&server, refusal(401, "unauthorized_client", "Old refresh token used.")).await;
    clock.advance(31);
    assert_eq!(read(&client).await.unwrap_err().cause(), Some(Cause::RefreshTokenReused));
    clock.advance(3_600);
    assert_eq!(read(&client).await.unwrap_err().cause(), Some(Cause::RefreshTokenReused));
    assert_eq!(count(&server, "/token").await, 1, "a grant that is lost is not asked for again");
}

#[tokio::test]
async fn a_pair_that_cannot_be_saved_is_kept_and_saved_before_it_is_used() {
    let server = MockServer::start().await;
    let clock = TestClock::new();
    let store = FlakyStore::default();
    tokens(&server, 1).await;
    me(&server).await;
    let client = builder(&server, &clock).token_store(Arc::new(store.clone())).build().unwrap();
    client.import_refresh_token("first".into()).await.unwrap();
    server.reset().await;
    accounts(&server).await;
    let breaking = store.clone();
    Mock::given(path("/api/oauth2/token"))
        .respond_with(move |_: &wiremock::Request| {
            breaking.set_broken(true);
            json_body(&token_pair(2))
        })
        .expect(1)
        .mount(&server)
        .await;
    clock.advance(605);
    assert_eq!(read(&client).await.unwrap_err().kind(), ErrorKind::Store);
    assert_eq!(read(&client).await.unwrap_err().kind(), ErrorKind::Store);
    assert_eq!(count(&server, "/crm/Accounts").await, 0, "not used before it is durable");
    store.set_broken(false);
    read(&client).await.unwrap();
    assert_eq!(client.grant().await.unwrap().unwrap().generation, 2);
}

#[tokio::test]
async fn a_store_that_cannot_be_written_costs_no_refresh_token() {
    let server = MockServer::start().await;
    let clock = TestClock::new();
    let store = FlakyStore::default();
    tokens(&server, 1).await;
    me(&server).await;
    let client = builder(&server, &clock).token_store(Arc::new(store.clone())).build().unwrap();
    client.import_refresh_token("first".into()).await.unwrap();
    server.reset().await;
    token_answer(&server, json_body(&token_pair(2))).await;
    clock.advance(605);
    store.set_broken(true);
    assert_eq!(read(&client).await.unwrap_err().kind(), ErrorKind::Store);
    assert_eq!(count(&server, "/token").await, 0);
}

#[tokio::test]
async fn two_processes_on_one_store_refresh_once() {
    let server = MockServer::start().await;
    let clock = TestClock::new();
    let store: Arc<dyn TokenStore> = Arc::new(MemoryTokenStore::new());
    tokens(&server, 1).await;
    me(&server).await;
    let one = builder(&server, &clock).token_store(Arc::clone(&store)).build().unwrap();
    let other = builder(&server, &clock).token_store(store).build().unwrap();
    one.import_refresh_token("first".into()).await.unwrap();
    server.reset().await;
    accounts(&server).await;
    tokens(&server, 2).await;
    clock.advance(605);
    let (first, second) = tokio::join!(read(&one), read(&other));
    first.unwrap();
    second.unwrap();
    assert_eq!(count(&server, "/token").await, 1);
}

#[tokio::test]
async fn a_clock_that_makes_a_token_seem_older_or_not_made_yet_is_named_as_the_cause() {
    let too_early = || refusal(400, "access_denied", "Rate limit exceeded: access_token not expired");
    let cases = [
        (
            "2026-11-22T08:00:00Z",
            too_early().insert_header("date", "Sun, 22 Nov 2026 08:00:00 GMT"),
            Cause::ClockWrong,
        ),
        (
            "2026-11-22T10:10:00Z",
            too_early().insert_header("date", "Sun, 22 Nov 2026 10:07:00 GMT"),
            Cause::ClockWrong,
        ),
        (
            "2026-11-22T10:10:00Z",
            too_early().insert_header("date", "Sun, 22 Nov 2026 10:10:30 GMT"),
            Cause::TooEarly,
        ),
    ];
    for (now, answer, cause) in cases {
        let server = MockServer::start().await;
        let store: Arc<dyn TokenStore> = Arc::new(MemoryTokenStore::new());
        tokens(&server, 1).await;
        me(&server).await;
        let right = builder(&server, &TestClock::new()).token_store(Arc::clone(&store)).build().unwrap();
        right.import_refresh_token("first".into()).await.unwrap();
        server.reset().await;
        token_answer(&server, answer).await;
        let next = builder(&server, &TestClock::at(now)).token_store(store).build().unwrap();
        let error = read(&next).await.unwrap_err();
        assert_eq!(error.cause(), Some(cause), "{now}: {error:?}");
        assert_eq!(error.remedy().unwrap().contains("clock"), cause == Cause::ClockWrong, "{now}");
    }
}

#[tokio::test]
async fn a_dropped_caller_does_not_take_the_new_pair_with_it() {
    let (server, clock, client) = connected().await;
    accounts(&server).await;
    token_answer(&server, json_body(&token_pair(2)).set_delay(Duration::from_millis(100))).await;
    clock.advance(605);
    let dropped = tokio::time::timeout(Duration::from_millis(20), read(&client)).await;
    assert!(dropped.is_err());
    read(&client).await.unwrap();
    assert_eq!(count(&server, "/token").await, 1);
    assert_eq!(client.grant().await.unwrap().unwrap().generation, 2);
}

#[tokio::test]
async fn no_grant_says_so_without_a_call() {
    let server = MockServer::start().await;
    let client = builder(&server, &TestClock::new()).build().unwrap();
    let error = read(&client).await.unwrap_err();
    assert_eq!(error.cause(), Some(Cause::NoGrant));
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_wrong_import_leaves_a_good_grant_alone() {
    let (server, _clock, client) = connected().await;
    token_answer(&server, refusal(400, "invalid_grant", "")).await;
    let error = client.import_refresh_token("wrong".into()).await.unwrap_err();
    assert_eq!(error.cause(), Some(Cause::Revoked));
    accounts(&server).await;
    read(&client).await.unwrap();
    assert_eq!(client.grant().await.unwrap().unwrap().state, GrantState::Ready);
}

#[tokio::test]
async fn no_error_shows_a_secret() {
    let (server, clock, client) = connected().await;
    let body = r#"{"access_token":"hush-access","refresh_token":5,"expires_in":"600"}"#;
    token_answer(&server, ResponseTemplate::new(200).set_body_raw(body, "application/json")).await;
    clock.advance(605);
    let error = read(&client).await.unwrap_err();
    let mut text = format!("{error} {error:?} {client:?}");
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    for secret in ["hush", "refresh-1", "access-1", "app-secret"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[tokio::test]
async fn out_of_scope_names_the_division_and_the_remedy() {
    let (server, _clock, client) = connected().await;
    let text = "Forbidden - User division is not within division scope";
    Mock::given(path(ACCOUNTS)).respond_with(exact_error(403, text)).mount(&server).await;
    let error = read(&client).await.unwrap_err();
    assert_eq!((error.kind(), error.cause()), (ErrorKind::Forbidden, Some(Cause::DivisionOutOfScope)));
    assert_eq!(error.division(), Some(DIVISION));
    assert!(error.to_string().starts_with("GET crm/Accounts in division 123456: "), "{error}");
}
