//! A running sandbox on a virtual clock, and plain HTTP to it.

use std::sync::Mutex;
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder};
use sandbox::{Clock, Company, Sandbox, SandboxBuilder};
use serde_json::{Value, json};

/// A summer morning, ten seconds into a minute: Amsterdam is two hours ahead of UTC.
pub(crate) const MORNING: &str = "2026-07-01T08:00:10Z";

pub(crate) fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// An answer, read completely.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.body))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The rows of either of Exact's envelopes.
    pub(crate) fn rows(&self) -> Vec<Value> {
        let body = self.json();
        let rows = body["d"].as_array().or_else(|| body["d"]["results"].as_array());
        rows.unwrap_or_else(|| panic!("no rows in {body}")).clone()
    }

    pub(crate) fn next(&self) -> Option<String> {
        self.json()["d"]["__next"].as_str().map(str::to_owned)
    }

    /// Exact's text of an error.
    pub(crate) fn message(&self) -> String {
        self.json()["error"]["message"]["value"].as_str().unwrap().to_owned()
    }
}

pub(crate) async fn send(request: RequestBuilder) -> Answer {
    try_send(request).await.unwrap()
}

pub(crate) async fn try_send(request: RequestBuilder) -> reqwest::Result<Answer> {
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Ok(Answer { status, headers, body: response.text().await? })
}

pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) clock: Clock,
    pub(crate) http: Client,
    /// Access and refresh token.
    tokens: Mutex<(String, String)>,
}

impl World {
    /// Empty and logged in.
    pub(crate) async fn new() -> Self {
        Self::with(|builder| builder).await
    }

    pub(crate) async fn with_companies(count: usize) -> Self {
        let companies =
            (0..count).map(|number| Company::new(format!("Company {number}"), format!("{number:08}")));
        Self::with(|builder| builder.companies(companies.collect())).await
    }

    pub(crate) async fn with(build: impl FnOnce(SandboxBuilder) -> SandboxBuilder) -> Self {
        let world = Self::logged_out(build).await;
        world.log_in().await;
        world
    }

    pub(crate) async fn logged_out(build: impl FnOnce(SandboxBuilder) -> SandboxBuilder) -> Self {
        let clock = Clock::virtual_at(instant(MORNING));
        Self::around(build(Sandbox::builder().clock(clock)).start().await.unwrap())
    }

    /// Around a sandbox that runs already, logged out.
    pub(crate) fn around(sandbox: Sandbox) -> Self {
        let clock = sandbox.clock().clone();
        let tokens = Mutex::new((String::new(), sandbox.exact().refresh_token().to_owned()));
        let http = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { sandbox, clock, http, tokens }
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Refreshes, and keeps the new pair.
    pub(crate) async fn log_in(&self) {
        let answer = self.refresh().await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let pair = answer.json();
        let text = |name: &str| pair[name].as_str().unwrap().to_owned();
        *self.tokens.lock().unwrap() = (text("access_token"), text("refresh_token"));
    }

    pub(crate) fn refresh_token(&self) -> String {
        self.tokens.lock().unwrap().1.clone()
    }

    pub(crate) async fn refresh(&self) -> Answer {
        self.refresh_with(&self.refresh_token()).await
    }

    pub(crate) async fn refresh_with(&self, refresh_token: &str) -> Answer {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", refresh_token)]).await
    }

    /// Calls the token endpoint with the app's credentials in the body.
    pub(crate) async fn token(&self, fields: &[(&str, &str)]) -> Answer {
        let exact = self.sandbox.exact();
        let (id, secret) = (exact.client_id(), exact.client_secret());
        let mut form = vec![("client_id", id.as_str()), ("client_secret", secret.as_str())];
        form.extend_from_slice(fields);
        send(self.http.post(format!("{}/api/oauth2/token", exact.base_url())).form(&form)).await
    }

    pub(crate) fn division(&self) -> i64 {
        self.sandbox.exact().divisions()[0]
    }

    /// A request to Exact below `/api/v1/`, with the token.
    pub(crate) fn exact(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/api/v1/{path}", self.sandbox.exact().base_url());
        self.exact_url(method, &url)
    }

    pub(crate) fn exact_url(&self, method: Method, url: &str) -> RequestBuilder {
        let token = self.tokens.lock().unwrap().0.clone();
        self.http.request(method, url).bearer_auth(token).header("accept", "application/json")
    }

    /// A list below the first division.
    pub(crate) async fn list(&self, resource: &str, query: &[(&str, &str)]) -> Answer {
        send(self.exact(Method::GET, &format!("{}/{resource}", self.division())).query(query)).await
    }

    /// A page by the address that the page before named.
    pub(crate) async fn follow(&self, next: &str) -> Answer {
        send(self.exact_url(Method::GET, next)).await
    }

    /// All rows of a list, page after page, with the number of pages.
    pub(crate) async fn list_all(&self, resource: &str, query: &[(&str, &str)]) -> (Vec<Value>, usize) {
        let mut page = self.list(resource, query).await;
        let (mut rows, mut pages) = (page.rows(), 1);
        while let Some(next) = page.next() {
            page = self.follow(&next).await;
            rows.extend(page.rows());
            pages += 1;
        }
        (rows, pages)
    }

    pub(crate) async fn post_account(&self, fields: Value) -> Answer {
        send(self.exact(Method::POST, &format!("{}/crm/Accounts", self.division())).json(&fields)).await
    }

    pub(crate) async fn put_account(&self, id: &str, fields: Value) -> Answer {
        let path = format!("{}/crm/Accounts(guid'{id}')", self.division());
        send(self.exact(Method::PUT, &path).json(&fields)).await
    }

    /// Turns the settings of Exact from outside.
    pub(crate) async fn configure_exact(&self, patch: Value) {
        let url = format!("{}/_sandbox/config", self.sandbox.exact().base_url());
        assert_eq!(send(self.http.post(url).json(&patch)).await.status, 200);
    }

    /// A request to Pipedrive, with the token.
    pub(crate) fn pipedrive(&self, method: Method, path: &str) -> RequestBuilder {
        let pipedrive = self.sandbox.pipedrive();
        let url = format!("{}{path}", pipedrive.base_url());
        self.http.request(method, url).header("x-api-token", pipedrive.api_token())
    }

    pub(crate) async fn organizations(&self, query: &[(&str, &str)]) -> Answer {
        send(self.pipedrive(Method::GET, "/api/v2/organizations").query(query)).await
    }

    pub(crate) async fn post_organization(&self, fields: Value) -> Answer {
        send(self.pipedrive(Method::POST, "/api/v2/organizations").json(&fields)).await
    }

    /// Turns the settings of Pipedrive from outside.
    pub(crate) async fn configure_pipedrive(&self, patch: Value) {
        let url = format!("{}/_sandbox/config", self.sandbox.pipedrive().base_url());
        assert_eq!(send(self.http.post(url).json(&patch)).await.status, 200);
    }
}

/// HubSpot with its service key.
impl World {
    pub(crate) fn hubspot(&self, method: Method, path: &str) -> RequestBuilder {
        let hubspot = self.sandbox.hubspot();
        self.http.request(method, format!("{}{path}", hubspot.base_url())).bearer_auth(hubspot.token())
    }

    /// A request below `/crm/objects/2026-09/`, with a body when it is not null.
    pub(crate) async fn objects(&self, method: Method, path: &str, body: Value) -> Answer {
        let request = self.hubspot(method, &format!("/crm/objects/2026-09/{path}"));
        send(if body.is_null() { request } else { request.json(&body) }).await
    }

    /// Creates a record through the API and returns its id.
    pub(crate) async fn new_object(&self, object_type: &str, properties: Value) -> String {
        let answer = self.objects(Method::POST, object_type, json!({ "properties": properties })).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// Makes a unique text property of companies.
    pub(crate) fn unique_exact_id(&self) {
        let definition = json!({ "name": "exact_id", "label": "Exact ID", "hasUniqueValue": true });
        self.sandbox.hubspot().create_property("companies", definition).unwrap();
    }
}

/// The text of a member of every row.
pub(crate) fn texts(rows: &[Value], member: &str) -> Vec<String> {
    rows.iter().map(|row| row[member].as_str().unwrap_or_default().to_owned()).collect()
}

pub(crate) fn organization(name: &str) -> Value {
    json!({ "name": name })
}
