//! A mock of Exact, a clock that waiting moves, and stores that fail.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use exact_client::{
    App, Client, ClientBuilder, Clock, Country, DivisionId, Error, GrantEvent, GrantEventKind, GrantHook,
    GrantId, GrantLock, MemoryTokenStore, Result, StoredGrant, TokenStore, async_trait,
};
use serde_json::{Value, json};
use url::Url;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

pub(crate) const DIVISION: DivisionId = DivisionId::new(123_456);
pub(crate) const ACCOUNTS: &str = "/api/v1/123456/crm/Accounts";
pub(crate) const ID: &str = "71b961de-0000-4000-8000-000000000001";

/// A clock that waiting moves.
#[derive(Debug)]
pub(crate) struct TestClock {
    start: DateTime<Utc>,
    passed: Mutex<Duration>,
}

impl TestClock {
    pub(crate) fn new() -> Arc<Self> {
        Self::at("2026-11-22T10:00:10Z")
    }

    pub(crate) fn at(start: &str) -> Arc<Self> {
        Arc::new(Self { start: start.parse().unwrap(), passed: Mutex::default() })
    }

    pub(crate) fn advance(&self, seconds: u64) {
        *self.passed.lock().unwrap() += Duration::from_secs(seconds);
    }
}

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        self.start + self.monotonic()
    }

    fn monotonic(&self) -> Duration {
        *self.passed.lock().unwrap()
    }

    async fn sleep(&self, duration: Duration) {
        *self.passed.lock().unwrap() += duration;
        tokio::task::yield_now().await;
    }
}

/// A token store whose saves can be made to fail.
#[derive(Clone, Debug, Default)]
pub(crate) struct FlakyStore {
    inner: MemoryTokenStore,
    broken: Arc<AtomicBool>,
}

impl FlakyStore {
    pub(crate) fn set_broken(&self, broken: bool) {
        self.broken.store(broken, Ordering::SeqCst);
    }
}

#[async_trait]
impl TokenStore for FlakyStore {
    async fn load(&self, id: &GrantId) -> Result<Option<StoredGrant>> {
        self.inner.load(id).await
    }

    async fn lock(&self, id: &GrantId) -> Result<Box<dyn GrantLock>> {
        Ok(Box::new(FlakyLock { inner: self.inner.lock(id).await?, broken: Arc::clone(&self.broken) }))
    }
}

#[derive(Debug)]
struct FlakyLock {
    inner: Box<dyn GrantLock>,
    broken: Arc<AtomicBool>,
}

#[async_trait]
impl GrantLock for FlakyLock {
    async fn save(&mut self, grant: &StoredGrant) -> Result<()> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(Error::store("the disk is full", "no space left"));
        }
        self.inner.save(grant).await
    }

    async fn release(self: Box<Self>) {
        self.inner.release().await;
    }
}

pub(crate) fn builder(server: &MockServer, clock: &Arc<TestClock>) -> ClientBuilder {
    let app = App {
        client_id: "app".into(),
        client_secret: "app-secret".into(),
        redirect_url: "https://example.com/callback".into(),
    };
    let clock: Arc<dyn Clock> = Arc::<TestClock>::clone(clock);
    Client::builder(app, Country::Nl).origin(Url::parse(&server.uri()).unwrap()).clock(clock).random_seed(1)
}

/// A server that hands out tokens and knows its user, and a client that has a grant on it.
pub(crate) async fn connected() -> (MockServer, Arc<TestClock>, Client) {
    connected_with(|builder| builder).await
}

/// The same with other settings.
pub(crate) async fn connected_with(
    settings: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> (MockServer, Arc<TestClock>, Client) {
    let server = MockServer::start().await;
    let clock = TestClock::new();
    let client = settings(builder(&server, &clock)).build().unwrap();
    import(&server, &client).await;
    (server, clock, client)
}

/// Gives the client a grant. Afterwards the server knows nothing any more.
pub(crate) async fn import(server: &MockServer, client: &Client) {
    tokens(server, 1).await;
    me(server).await;
    client.import_refresh_token("first-refresh".into()).await.unwrap();
    server.reset().await;
}

/// A server and a client whose events are noted.
pub(crate) async fn watched() -> (MockServer, Arc<TestClock>, Client, Arc<Events>) {
    let events = Arc::new(Events::default());
    let hook: Arc<dyn GrantHook> = Arc::<Events>::clone(&events);
    let (server, clock, client) = connected_with(|builder| builder.hook(hook)).await;
    events.take_all().await;
    (server, clock, client, events)
}

pub(crate) async fn tokens(server: &MockServer, generation: u32) {
    Mock::given(method("POST"))
        .and(path("/api/oauth2/token"))
        .respond_with(ResponseTemplate::new(200).set_body_json(token_pair(generation)))
        .mount(server)
        .await;
}

pub(crate) fn token_pair(generation: u32) -> Value {
    json!({
        "access_token": format!("access-{generation}"), "token_type": "Bearer", "expires_in": "600",
        "refresh_token": format!("refresh-{generation}"),
    })
}

pub(crate) async fn me(server: &MockServer) {
    let me = json!({"d": {"results": [{
        "UserID": ID, "FullName": "Ans de Boer", "CurrentDivision": 123_456, "Legislation": "128",
    }]}});
    Mock::given(path("/api/v1/current/Me")).respond_with(json_body(&me)).mount(server).await;
    let divisions = json!({"d": [{"Code": 123_456, "Description": "BV", "Hid": "1", "Country": "NL "}]});
    Mock::given(path("/api/v1/123456/system/Divisions"))
        .respond_with(json_body(&divisions))
        .mount(server)
        .await;
}

pub(crate) fn json_body(body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

pub(crate) fn exact_error(status: u16, text: &str) -> ResponseTemplate {
    let body = json!({"error": {"code": "", "message": {"lang": "", "value": text}}});
    ResponseTemplate::new(status).set_body_json(body)
}

/// How many requests reached the server on paths that end so.
pub(crate) async fn count(server: &MockServer, end: &str) -> usize {
    let requests = server.received_requests().await.unwrap();
    requests.iter().filter(|request| request.url.path().ends_with(end)).count()
}

/// Notes every event.
#[derive(Debug, Default)]
pub(crate) struct Events(Mutex<Vec<GrantEventKind>>);

#[async_trait]
impl GrantHook for Events {
    async fn notify(&self, event: &GrantEvent) {
        self.0.lock().unwrap().push(event.kind);
    }
}

impl Events {
    /// What was told since the last time. The mock server's clock is another one than ours, and not looked at.
    pub(crate) async fn take(&self) -> Vec<GrantEventKind> {
        let clock = |kind: &GrantEventKind| format!("{kind:?}").contains("ClockWrong");
        self.take_all().await.into_iter().filter(|kind| !clock(kind)).collect()
    }

    pub(crate) async fn take_all(&self) -> Vec<GrantEventKind> {
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// The id of the grant of a client as [`builder`] makes it.
pub(crate) async fn grant_id() -> GrantId {
    let (_server, _clock, client) = connected().await;
    client.grant().await.unwrap().unwrap().id
}
