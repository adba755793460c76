//! A mocked Pipedrive and an adapter that calls it, on a clock that waiting moves.

use std::io::{BufRead, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use crm_adapters::pipedrive::{ApiToken, Pipedrive, PipedriveBuilder};
use crm_adapters::{Action, Clock, Fields, Kind, Outcome, View, Write, async_trait};
use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

pub(crate) const TOKEN: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f001234567";
pub(crate) const KVK: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
pub(crate) const SOORT: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
pub(crate) const ORGANIZATIONS: &str = "/api/v2/organizations";
pub(crate) const FIELDS: &str = "/api/v2/organizationFields";
pub(crate) const SEARCH: &str = "/api/v2/itemSearch/field";

/// 2026-01-01T00:00:00Z.
pub(crate) const START: i64 = 1_767_225_600;

/// Time that stands still, except that waiting moves it.
#[derive(Debug, Default)]
pub(crate) struct ManualClock {
    passed: Mutex<Duration>,
}

impl ManualClock {
    pub(crate) fn advance(&self, by: Duration) {
        *self.passed.lock().unwrap() += by;
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(START, 0).unwrap() + TimeDelta::from_std(self.monotonic()).unwrap()
    }

    fn monotonic(&self) -> Duration {
        *self.passed.lock().unwrap()
    }

    async fn sleep(&self, duration: Duration) {
        self.advance(duration);
        tokio::task::yield_now().await;
    }
}

pub(crate) struct World {
    pub(crate) server: MockServer,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) crm: Pipedrive,
}

impl World {
    /// A Pipedrive that has fields and nothing else.
    pub(crate) async fn new() -> Self {
        let world = Self::bare().await;
        world.on("GET", FIELDS, ok(json!([kvk_field(), soort_field()]), None)).await;
        world
    }

    /// A Pipedrive that answers nothing yet.
    pub(crate) async fn bare() -> Self {
        let server = MockServer::start().await;
        let clock = Arc::new(ManualClock::default());
        let crm = adapter(&server.uri(), &clock);
        Self { server, clock, crm }
    }

    /// Answers every such request so, after what was mounted before.
    pub(crate) async fn on(&self, verb: &str, at: &str, answer: ResponseTemplate) {
        Mock::given(method(verb)).and(path(at)).respond_with(answer).mount(&self.server).await;
    }

    /// Answers the next such request so, once.
    pub(crate) async fn once(&self, verb: &str, at: &str, answer: ResponseTemplate) {
        let mock = Mock::given(method(verb)).and(path(at)).respond_with(answer);
        mock.up_to_n_times(1).mount(&self.server).await;
    }

    /// The requests so far to a path, oldest first.
    pub(crate) async fn requests(&self, verb: &str, at: &str) -> Vec<Request> {
        let all = self.server.received_requests().await.unwrap();
        all.into_iter()
            .filter(|request| request.method.as_str() == verb && request.url.path() == at)
            .collect()
    }

    pub(crate) async fn count(&self, verb: &str, at: &str) -> usize {
        self.requests(verb, at).await.len()
    }

    pub(crate) async fn write(&self, action: Action, send_before: Option<Duration>) -> Outcome {
        use crm_adapters::Adapter;
        let mut outcomes = self.crm.write(&view(), vec![Write { action, send_before }]).await;
        assert_eq!(outcomes.len(), 1);
        outcomes.remove(0)
    }
}

pub(crate) fn adapter(origin: &str, clock: &Arc<ManualClock>) -> Pipedrive {
    builder(origin, clock).build().unwrap()
}

/// An adapter with a patience that a slow machine does not tell from a real one.
pub(crate) fn builder(origin: &str, clock: &Arc<ManualClock>) -> PipedriveBuilder {
    Pipedrive::builder(ApiToken::new(TOKEN))
        .origin(origin.parse().unwrap())
        .clock(Arc::clone(clock) as Arc<dyn Clock>)
        .timeout(Duration::from_secs(60))
}

/// The origin of a server that gives one answer and is closed for good before it does.
pub(crate) fn answers_once(data: &Value) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let body = json!({"success": true, "data": data}).to_string();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        drop(listener);
        let mut request = BufReader::new(stream.try_clone().unwrap()).lines();
        while request.next().unwrap().unwrap() != "" {}
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
        write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
    });
    origin
}

pub(crate) fn view() -> View {
    let fields = ["name", "website", "custom:KvK number", "custom:Soort"];
    View { kind: Kind::Company, fields: fields.map(str::to_owned).to_vec() }
}

pub(crate) fn new_company() -> Action {
    Action::Create(Fields::new().with("name", "Acme B.V.").with("custom:KvK number", "12345678"))
}

pub(crate) fn kvk_field() -> Value {
    json!({"field_name": "KvK number", "field_code": KVK, "field_type": "varchar", "is_custom_field": true,
        "options": null, "is_optional_response_field": false})
}

pub(crate) fn soort_field() -> Value {
    json!({"field_name": "Soort", "field_code": SOORT, "field_type": "enum", "is_custom_field": true,
        "options": [{"id": 1, "label": "Project"}, {"id": 2, "label": "Handel"}], "is_optional_response_field": false})
}

pub(crate) fn organization(id: u64, name: &str, second: i64) -> Value {
    let changed = DateTime::from_timestamp(START + second, 0).unwrap().to_rfc3339();
    json!({"id": id, "name": name, "update_time": changed, "is_deleted": false, "website": null,
        "custom_fields": {KVK: format!("{id:08}"), SOORT: null}})
}

pub(crate) fn ok(data: Value, next: Option<&str>) -> ResponseTemplate {
    let body = json!({"success": true, "data": data, "additional_data": {"next_cursor": next}});
    ResponseTemplate::new(200).set_body_json(body)
}

pub(crate) fn refused(status: u16, error: &str) -> ResponseTemplate {
    let body = json!({"success": false, "error": error, "error_info": "Please check developers.pipedrive.com", "data": null});
    ResponseTemplate::new(status).set_body_json(body)
}

pub(crate) fn html(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status)
        .set_body_raw("<!DOCTYPE html><title>Attention required</title>", "text/html")
}

pub(crate) fn query(request: &Request, name: &str) -> Option<String> {
    request.url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
