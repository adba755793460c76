//! The local Pipedrive: from a request to its answer.

use std::time::Duration;

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use super::fields::{BUILT_IN, Custom};
use super::list::{ListQuery, by_position, read_int};
use super::organizations::{Changes, Organizations};
use super::quota::Quota;
use super::refusal::Refusal;
use super::search::{Document, SearchIndex};
use super::searches;
use super::settings::PipedriveSettings;
use crate::http::{Reply, Request, Vendor, path_segments};

const MOST_CUSTOM_FIELDS: usize = 15;

#[derive(Debug)]
pub(super) struct State {
    pub(super) settings: PipedriveSettings,
    pub(super) api_token: String,
    pub(super) fields: Vec<Custom>,
    pub(super) organizations: Organizations,
    pub(super) index: SearchIndex,
    pub(super) quota: Quota,
    pub(super) random: StdRng,
    pub(super) next_option: i64,
}

/// What a request asks for.
#[derive(Clone, Copy, Debug)]
enum Operation<'r> {
    List,
    Create,
    Get(&'r str),
    Update(&'r str),
    Delete(&'r str),
    Search,
    SearchField,
    Fields,
    CreateField,
    Me,
}

impl<'r> Operation<'r> {
    fn of(request: &'r Request) -> Result<Self, Refusal> {
        let segments = path_segments(&request.path);
        Ok(match (request.method.as_str(), segments.as_slice()) {
            ("GET", ["api", "v2", "organizations"]) => Self::List,
            ("POST", ["api", "v2", "organizations"]) => Self::Create,
            ("GET", ["api", "v2", "organizations", "search"]) => Self::Search,
            ("GET", ["api", "v2", "organizations", id]) => Self::Get(id),
            ("PATCH", ["api", "v2", "organizations", id]) => Self::Update(id),
            ("DELETE", ["api", "v2", "organizations", id]) => Self::Delete(id),
            ("GET", ["api", "v2", "itemSearch", "field"]) => Self::SearchField,
            ("GET", ["api", "v2", "organizationFields"]) => Self::Fields,
            ("POST", ["api", "v2", "organizationFields"]) => Self::CreateField,
            ("GET", ["api", "v1", "users", "me"] | ["v1", "users", "me"]) => Self::Me,
            (_, ["api", "v2", "organizations", ..] | ["api", "v2", "organizationFields"]) => {
                return Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed"));
            }
            _ => return Err(Refusal::new(StatusCode::NOT_FOUND, "Unknown method .")),
        })
    }

    /// In tokens of the daily budget.
    fn cost(self) -> u64 {
        match self {
            Self::Get(_) => 1,
            Self::Me => 2,
            Self::Delete(_) => 3,
            Self::Create | Self::Update(_) | Self::CreateField => 5,
            Self::List | Self::Fields => 10,
            Self::Search | Self::SearchField => 20,
        }
    }

    fn is_search(self) -> bool {
        matches!(self, Self::Search | Self::SearchField)
    }
}

impl State {
    pub(super) fn new(seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let token: [u8; 20] = random.random();
        Self {
            settings: PipedriveSettings::default(),
            api_token: hex::encode(token),
            fields: Vec::new(),
            organizations: Organizations::default(),
            index: SearchIndex::default(),
            quota: Quota::default(),
            random,
            next_option: 0,
        }
    }

    fn carry_out(
        &mut self,
        operation: Operation<'_>,
        request: &Request,
        now: DateTime<Utc>,
    ) -> Result<Reply, Refusal> {
        match operation {
            Operation::List => self.list(request),
            Operation::Get(id) => self.get(request, read_int("id", id)?, now),
            Operation::Create => {
                let id = self.create(&body(request)?, now)?;
                self.show(id, self.settings.create_status, &self.shown_fields(request)?, now)
            }
            Operation::Update(id) => {
                let id = read_int("id", id)?;
                self.update(id, &body(request)?, now)?;
                self.show(id, 200, &self.shown_fields(request)?, now)
            }
            Operation::Delete(id) => {
                let id = read_int("id", id)?;
                self.delete(id, now)?;
                Ok(data(200, json!({ "id": id })))
            }
            Operation::Search => {
                let (items, next) = searches::organizations(self, request)?;
                Ok(self.page(json!({ "items": items }), next))
            }
            Operation::SearchField => {
                let (items, next) = searches::field(self, request)?;
                Ok(self.page(Value::Array(items), next))
            }
            Operation::Fields => {
                let built_in = BUILT_IN.iter().map(|field| field.to_json());
                let all = built_in.chain(self.fields.iter().map(Custom::to_json)).collect();
                let (fields, next) = by_position(all, request, 500, &self.settings)?;
                Ok(self.page(Value::Array(fields), next))
            }
            Operation::CreateField => Ok(data(200, self.create_field(&body(request)?)?.to_json())),
            Operation::Me => Ok(data(200, me())),
        }
    }

    fn list(&self, request: &Request) -> Result<Reply, Refusal> {
        let query = ListQuery::read(request, &self.settings)?;
        let shown = self.shown_fields(request)?;
        let (rows, next) = query.page(&self.organizations);
        let rows = rows.iter().map(|row| row.to_json(shown.iter().copied(), self.settings.omit_nulls));
        Ok(self.page(rows.collect(), next))
    }

    fn get(&self, request: &Request, id: i64, now: DateTime<Utc>) -> Result<Reply, Refusal> {
        let found = self.organizations.get(id, now);
        let seen = found.filter(|found| self.settings.deleted_readable || !found.is_deleted());
        seen.ok_or_else(|| Refusal::not_found("Organization"))?;
        self.show(id, 200, &self.shown_fields(request)?, now)
    }

    fn show(&self, id: i64, status: u16, shown: &[&Custom], now: DateTime<Utc>) -> Result<Reply, Refusal> {
        let found = self.organizations.get(id, now).ok_or_else(|| Refusal::not_found("Organization"))?;
        Ok(data(status, found.to_json(shown.iter().copied(), self.settings.omit_nulls)))
    }

    /// The custom fields that the answer carries: all, or up to fifteen that the request names.
    fn shown_fields(&self, request: &Request) -> Result<Vec<&Custom>, Refusal> {
        let Some(names) = request.parameter("custom_fields") else { return Ok(self.fields.iter().collect()) };
        let names: Vec<&str> = names.split(',').map(str::trim).collect();
        if names.len() > MOST_CUSTOM_FIELDS {
            return Err(Refusal::schema("custom_fields", "may name up to 15"));
        }
        Ok(self.fields.iter().filter(|field| names.contains(&field.code.as_str())).collect())
    }

    fn page(&self, data: Value, next: Option<String>) -> Reply {
        let additional = match next {
            None if self.settings.omit_nulls => json!({}),
            next => json!({ "next_cursor": next }),
        };
        let body = json!({ "success": true, "data": data, "additional_data": additional });
        Reply::json(StatusCode::OK, &body)
    }

    pub(super) fn create(&mut self, body: &Value, now: DateTime<Utc>) -> Result<i64, Refusal> {
        let changes = Changes::read(body, &self.fields, &self.settings)?;
        if !changes.has_name() {
            return Err(Refusal::schema("name", "is required"));
        }
        let id = self.organizations.create(changes, now).id;
        self.tell_index(id, now);
        Ok(id)
    }

    pub(super) fn update(&mut self, id: i64, body: &Value, now: DateTime<Utc>) -> Result<(), Refusal> {
        let changes = Changes::read(body, &self.fields, &self.settings)?;
        self.organizations.update(id, changes, now).ok_or_else(|| Refusal::not_found("Organization"))?;
        self.tell_index(id, now);
        Ok(())
    }

    pub(super) fn delete(&mut self, id: i64, now: DateTime<Utc>) -> Result<(), Refusal> {
        if !self.organizations.delete(id, now) {
            return Err(Refusal::not_found("Organization"));
        }
        self.tell_index(id, now);
        Ok(())
    }

    pub(super) fn create_field(&mut self, body: &Value) -> Result<Custom, Refusal> {
        let field = Custom::from_body(body, &mut self.next_option, &mut self.random)?;
        self.fields.push(field.clone());
        Ok(field)
    }

    /// Puts the present state of an organization on its way into the search index.
    fn tell_index(&mut self, id: i64, now: DateTime<Utc>) {
        let (least, most) = self.settings.search_lag_ms;
        let lag = self.random.random_range(least..=most.max(least));
        let visible = now + TimeDelta::milliseconds(i64::try_from(lag).unwrap_or(i64::MAX / 1000));
        let document = self.organizations.alive(id).map(|found| Document::of(found, &self.fields));
        self.index.tell(id, document, visible);
    }
}

impl Vendor for State {
    fn answer(&mut self, request: &Request, now: DateTime<Utc>) -> Reply {
        let token = request.header("x-api-token").or_else(|| request.bearer());
        if token != Some(self.api_token.as_str()) {
            return unauthorized();
        }
        let operation = Operation::of(request);
        let (cost, search) =
            operation.as_ref().map_or((1, false), |operation| (operation.cost(), operation.is_search()));
        if let Err(reply) = self.quota.take(cost, search, &self.settings, now) {
            return *reply;
        }
        self.index.catch_up(now);
        let reply = operation
            .and_then(|operation| self.carry_out(operation, request, now))
            .unwrap_or_else(Refusal::into_reply);
        self.quota.announce(reply, &self.settings.limits, now)
    }

    fn endpoint(&self, request: &Request) -> String {
        let mut segments = path_segments(&request.path);
        if let Some(last) = segments.last_mut()
            && last.bytes().all(|byte| byte.is_ascii_digit())
        {
            *last = "{id}";
        }
        format!("{} /{}", request.method, segments.join("/"))
    }

    fn latency(&self) -> Duration {
        Duration::from_millis(self.settings.latency_ms)
    }

    fn server_error(&self, message: Option<&str>) -> Reply {
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, message.unwrap_or("Internal server error"))
            .into_reply()
    }

    fn too_many_requests(&self, headers: bool, now: DateTime<Utc>) -> Reply {
        self.quota.too_many(headers, &self.settings.limits, now)
    }

    fn forbidden(&self, reason: &str) -> Reply {
        Refusal::new(StatusCode::FORBIDDEN, "Scope and URL mismatch")
            .into_reply()
            .with_header("reason", reason)
    }
}

fn body(request: &Request) -> Result<Value, Refusal> {
    serde_json::from_slice(&request.body)
        .map_err(|_| Refusal::new(StatusCode::BAD_REQUEST, "Request body is not valid JSON"))
}

fn data(status: u16, data: Value) -> Reply {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    Reply::json(status, &json!({ "success": true, "data": data }))
}

/// The gateway's answer, which looks different from the API's own.
fn unauthorized() -> Reply {
    let body = json!({
        "success": false,
        "error": "unauthorized access",
        "errorCode": 401,
        "error_info": "Please check developers.pipedrive.com",
    });
    Reply::json(StatusCode::UNAUTHORIZED, &body).with_header("x-401-by-gw", "true")
}

fn me() -> Value {
    json!({
        "id": 1,
        "name": "Integration User",
        "email": "integration@example.com",
        "lang": 1,
        "locale": "nl_NL",
        "is_admin": 1,
        "active_flag": true,
        "timezone_name": "Europe/Amsterdam",
        "timezone_offset": "+01:00",
        "default_currency": "EUR",
        "company_id": 4_711,
        "company_name": "Example",
        "company_domain": "example",
        "company_country": "NL",
    })
}
