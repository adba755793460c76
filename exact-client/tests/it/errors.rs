//! Every kind of error, with where it happened and what it means for a write.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use exact_client::{
    Account, Client, Error, ErrorKind, Guid, HttpTransport, NewAccount, Outgoing, Retry, StoredUsage,
    TransportError, UsageId, UsageStore, WriteOptions, async_trait,
};
use serde_json::json;
use url::Url;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{
    ACCOUNTS, DIVISION, FlakyStore, ID, TestClock, builder, connected, exact_error, me, token_pair, tokens,
};

const REQUEST: &str = "c0ffee";

/// What must be the same of every error.
fn is_located(error: &Error, operation: &str) {
    assert_eq!(error.operation(), Some(operation), "{error:?}");
    assert_eq!(error.division(), Some(DIVISION), "{error:?}");
    assert_eq!(error.entity(), Some("crm/Accounts"), "{error:?}");
    assert!(error.to_string().starts_with(&format!("{operation} in division {DIVISION}: ")), "{error}");
}

/// What a case expects of the error of a create: kind, whether it may be repeated, whether the record may stand.
type Expected = (ErrorKind, fn(Retry) -> bool, bool);

fn never(retry: Retry) -> bool {
    retry == Retry::Never
}

fn backoff(retry: Retry) -> bool {
    retry == Retry::Backoff
}

fn later(retry: Retry) -> bool {
    matches!(retry, Retry::After(_) | Retry::At(_))
}

fn meets(error: &Error, (kind, retry, may_have_applied): Expected, case: &str) {
    assert_eq!((error.kind(), error.may_have_applied()), (kind, may_have_applied), "{case}: {error:?}");
    assert!(retry(error.retry()), "{case}: {error:?}");
}

#[tokio::test]
async fn every_answer_that_is_an_error_names_operation_division_entity_and_request() {
    let html = ResponseTemplate::new(200).set_body_raw("<html>", "text/html");
    let spent = ResponseTemplate::new(429)
        .insert_header("X-RateLimit-Limit", "5000")
        .insert_header("X-RateLimit-Remaining", "0");
    let cases: [(&str, ResponseTemplate, Expected); 10] = [
        ("content refused", exact_error(500, "Verplicht: Naam"), (ErrorKind::Invalid, never, false)),
        ("syntax refused", exact_error(400, "Bad Request"), (ErrorKind::Invalid, never, false)),
        ("token refused", exact_error(401, ""), (ErrorKind::Auth, never, false)),
        ("a page for people", html, (ErrorKind::Auth, never, true)),
        ("no right", exact_error(403, "Forbidden"), (ErrorKind::Forbidden, never, false)),
        ("no such record", exact_error(404, ""), (ErrorKind::NotFound, never, false)),
        ("not allowed", exact_error(405, ""), (ErrorKind::Unsupported, never, false)),
        ("the day is spent", spent, (ErrorKind::RateLimited, later, false)),
        ("a fault", exact_error(503, ""), (ErrorKind::Unavailable, backoff, true)),
        (
            "not an account",
            ResponseTemplate::new(201).set_body_json(json!({"d": 5})),
            (ErrorKind::Decode, never, true),
        ),
    ];
    for (case, answer, expected) in cases {
        let (server, _, client) = connected().await;
        let answer = answer.insert_header("X-Request-Id", REQUEST);
        Mock::given(path(ACCOUNTS)).respond_with(answer).mount(&server).await;
        let error = create(&client).await;
        is_located(&error, "POST crm/Accounts");
        meets(&error, expected, case);
        assert_eq!(error.request_id(), Some(REQUEST), "{case}");
        assert!(error.to_string().contains(REQUEST), "{case}: {error}");
        if expected.0 != ErrorKind::RateLimited {
            let error = client.division(DIVISION).list::<Account>().page(None).await.unwrap_err();
            is_located(&error, "GET crm/Accounts");
            assert!(!error.may_have_applied(), "{case}, as a read");
        }
    }
}

async fn create(client: &Client) -> Error {
    let new = NewAccount::new("Aap");
    client.division(DIVISION).create::<Account>(&new, WriteOptions::new()).await.unwrap_err()
}

/// Answers the calls that a grant needs, and then fails in one way.
#[derive(Debug)]
struct Failing {
    how: fn() -> TransportError,
    writes: AtomicUsize,
}

#[async_trait]
impl HttpTransport for Failing {
    async fn send(&self, outgoing: Outgoing) -> Result<http::Response<bytes::Bytes>, TransportError> {
        let body = match outgoing.request.uri().path() {
            "/api/oauth2/token" => token_pair(1),
            "/api/v1/current/Me" => json!({"d": [{"UserID": ID, "CurrentDivision": 123_456}]}),
            path if path.ends_with("system/Divisions") => json!({"d": [{"Code": 123_456}]}),
            _ => {
                self.writes.fetch_add(1, Ordering::Relaxed);
                return Err((self.how)());
            }
        };
        Ok(http::Response::new(body.to_string().into()))
    }
}

#[tokio::test]
async fn no_answer_says_whether_a_write_may_stand_and_a_write_is_not_repeated() {
    let cases: [(fn() -> TransportError, Expected); 4] = [
        (|| TransportError::NotSent("refused".into()), (ErrorKind::Unavailable, backoff, false)),
        (|| TransportError::Timeout("slow".into()), (ErrorKind::Timeout, backoff, true)),
        (|| TransportError::Broken("reset".into()), (ErrorKind::Unavailable, backoff, true)),
        (|| TransportError::TooLong(http::StatusCode::OK), (ErrorKind::Decode, never, true)),
    ];
    let server = MockServer::start().await;
    for (how, expected) in cases {
        let failing = Arc::new(Failing { how, writes: AtomicUsize::new(0) });
        let transport: Arc<dyn HttpTransport> = Arc::<Failing>::clone(&failing);
        let client = builder(&server, &TestClock::new()).transport(transport).build().unwrap();
        client.import_refresh_token("first".into()).await.unwrap();
        let error = create(&client).await;
        is_located(&error, "POST crm/Accounts");
        meets(&error, expected, &format!("{:?}", how()));
        assert_eq!(failing.writes.load(Ordering::Relaxed), 1);
        assert!(std::error::Error::source(&error).is_some() || error.kind() == ErrorKind::Decode);
    }
    assert!(server.received_requests().await.unwrap().is_empty(), "nothing goes past the transport");
}

#[tokio::test]
async fn errors_before_any_call_say_where_they_would_have_happened_and_that_nothing_was_written() {
    // A store for usage that is down.
    #[derive(Debug)]
    struct Down;
    #[async_trait]
    impl UsageStore for Down {
        async fn load(&self, _: &UsageId) -> exact_client::Result<Option<StoredUsage>> {
            Err(Error::store("the database is away", "no route"))
        }
        async fn save(&self, _: &UsageId, _: &StoredUsage) -> exact_client::Result<()> {
            Err(Error::store("the database is away", "no route"))
        }
    }
    let server = MockServer::start().await;
    let client = builder(&server, &TestClock::new()).usage_store(Arc::new(Down)).build().unwrap();
    let error = create(&client).await;
    is_located(&error, "POST crm/Accounts");
    meets(&error, (ErrorKind::Store, backoff, false), "usage store");

    // No grant.
    let client = builder(&server, &TestClock::new()).build().unwrap();
    let error = create(&client).await;
    is_located(&error, "POST crm/Accounts");
    meets(&error, (ErrorKind::Auth, never, false), "no grant");

    // A filter that Exact refuses.
    let list = client.division(DIVISION).list::<Account>().filter(Account::REMARKS.eq("x"));
    let error = list.page(None).await.unwrap_err();
    is_located(&error, "GET crm/Accounts");
    meets(&error, (ErrorKind::Config, never, false), "filter");

    // A deadline that has passed.
    let (limited, clock, client) = connected().await;
    clock.advance(5);
    let late = WriteOptions::new().send_before(Some(std::time::Duration::from_secs(1)));
    let new = NewAccount::new("Aap");
    let error = client.division(DIVISION).create::<Account>(&new, late).await.unwrap_err();
    is_located(&error, "POST crm/Accounts");
    meets(&error, (ErrorKind::Unsent, later, false), "deadline");
    assert!(limited.received_requests().await.unwrap().is_empty());
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_token_store_that_fails_names_the_call_that_needed_it() {
    let server = MockServer::start().await;
    tokens(&server, 1).await;
    me(&server).await;
    let (store, clock) = (FlakyStore::default(), TestClock::new());
    let client = builder(&server, &clock).token_store(Arc::new(store.clone())).build().unwrap();
    client.import_refresh_token("first".into()).await.unwrap();
    clock.advance(3_600);
    store.set_broken(true);
    let error = create(&client).await;
    is_located(&error, "POST crm/Accounts");
    meets(&error, (ErrorKind::Store, backoff, false), "token store");
}

#[tokio::test]
async fn an_address_of_a_next_page_elsewhere_is_located_too() {
    let (server, _, client) = connected().await;
    let elsewhere = exact_client::NextLink::new("https://evil.example/next");
    let error = client.division(DIVISION).list::<Account>().page(Some(&elsewhere)).await.unwrap_err();
    is_located(&error, "GET crm/Accounts");
    meets(&error, (ErrorKind::Decode, never, false), "next page");
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_change_of_a_record_is_located_by_its_resource() {
    let (server, _, client) = connected().await;
    Mock::given(method("PUT")).respond_with(exact_error(404, "")).mount(&server).await;
    let id: Guid = ID.parse().unwrap();
    let patch = exact_client::AccountPatch::default();
    let error =
        client.division(DIVISION).update::<Account>(id, &patch, WriteOptions::new()).await.unwrap_err();
    is_located(&error, "PUT crm/Accounts");
}

#[test]
fn a_client_that_cannot_be_built_says_which_setting_is_wrong() {
    let server = Url::parse("http://example.com").unwrap();
    let app = exact_client::App {
        client_id: "app".into(),
        client_secret: "secret".into(),
        redirect_url: "https://example.com/callback".into(),
    };
    let error = Client::builder(app, exact_client::Country::Nl).origin(server).build().unwrap_err();
    meets(&error, (ErrorKind::Config, never, false), "plain http");
    assert!(error.to_string().contains("http"), "{error}");
}
