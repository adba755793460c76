//! The local Exact Online: from a request to its answer.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use chrono::{DateTime, Utc};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::cell::Cell;
use super::division::Division;
use super::oauth::OAuth;
use super::odata::read_literal;
use super::quota::Quota;
use super::refusal::Refusal;
use super::resources::{ACCOUNT, ME, resource};
use super::schema::Resource;
use super::settings::ExactSettings;
use super::{accounts, read, system};
use crate::http::{Reply, Request, Vendor, path_segments};

const NOT_LOGGED_IN: &str = "<!DOCTYPE html><html><head><title>401 - Unauthorized</title></head>\
    <body><h1>Unauthorized</h1><p>Access is denied due to invalid credentials.</p></body></html>";
const OUT_OF_SCOPE: &str = "Forbidden - User division is not within division scope";
const GENERAL_FAULT: &str =
    "A problem has occurred. The cause of this issue will be investigated as soon as possible.";
/// What comes instead of JSON when the request did not ask for it.
const ATOM: &str = "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\
    <feed xmlns=\"http://www.w3.org/2005/Atom\"><title type=\"text\">Answer as XML</title></feed>";

#[derive(Debug)]
pub(super) struct State {
    pub(super) base_url: String,
    pub(super) settings: ExactSettings,
    pub(super) oauth: OAuth,
    pub(super) divisions: BTreeMap<i64, Division>,
    /// The division that the user has open in the browser.
    pub(super) current: i64,
    pub(super) user: Uuid,
    pub(super) user_blocked: bool,
    pub(super) quota: Quota,
    pub(super) random: StdRng,
}

impl State {
    pub(super) fn new(base_url: String, divisions: u32, seed: u64, now: DateTime<Utc>) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let oauth = OAuth::new(&mut random);
        let divisions: BTreeMap<i64, Division> =
            (0..divisions).map(|number| system::new_division(number, now, &mut random)).collect();
        Self {
            base_url,
            settings: ExactSettings::default(),
            oauth,
            current: divisions.keys().next().copied().unwrap_or_default(),
            user: system::random_guid(&mut random),
            divisions,
            user_blocked: false,
            quota: Quota::default(),
            random,
        }
    }

    fn api(&mut self, request: &Request, now: DateTime<Utc>) -> Reply {
        if !self.oauth.accepts(request.bearer(), now) {
            return Reply::html(StatusCode::UNAUTHORIZED, NOT_LOGGED_IN);
        }
        if self.user_blocked {
            return self.forbidden("BlockedUser");
        }
        let Some(target) = Target::parse(request) else { return Refusal::not_found().into_reply() };
        let bucket = target.division.unwrap_or_default();
        if target.division.is_some_and(|code| !self.divisions.get(&code).is_some_and(|found| found.in_scope))
        {
            return Refusal::forbidden(OUT_OF_SCOPE, "NoDivisionAccess").into_reply();
        }
        if let Err(reply) = self.quota.take(bucket, &self.settings.limits, now) {
            return *reply;
        }
        let reply = self.carry_out(request, &target, now).unwrap_or_else(Refusal::into_reply);
        let reply = if asks_for_json(request) || !reply.is_json() {
            reply
        } else {
            Reply::text(reply.status, "application/atom+xml; charset=utf-8", ATOM.to_owned())
        };
        self.quota.announce(reply, bucket, &self.settings.limits, now)
    }

    fn carry_out(
        &mut self,
        request: &Request,
        target: &Target,
        now: DateTime<Utc>,
    ) -> Result<Reply, Refusal> {
        if request.method == Method::GET {
            return read::answer(self, request, target, now);
        }
        let not_allowed = Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
        if !target.resource.writable {
            return Err(not_allowed);
        }
        match (&request.method, &target.key) {
            (&Method::POST, None) => self.post(request, target, now),
            (&Method::PUT, Some(key)) => self.put(request, target, account_key(key)?, now),
            (&Method::DELETE, Some(key)) => self.delete(target, account_key(key)?, now),
            _ => Err(not_allowed),
        }
    }

    fn post(&mut self, request: &Request, target: &Target, now: DateTime<Utc>) -> Result<Reply, Refusal> {
        let payload = payload(request)?;
        let Self { divisions, settings, random, .. } = self;
        let division = target.division_in(divisions)?;
        let id = accounts::create(division, &payload, settings, now, random)?;
        let status = StatusCode::from_u16(self.settings.post_status).unwrap_or(StatusCode::CREATED);
        let uri = format!("{}(guid'{id}')", target.url(self));
        let entity = if wants_representation(request) {
            read::whole(self, target, id, &uri)?
        } else {
            read::key_only(id, &uri)
        };
        Ok(Reply::json(status, &json!({ "d": entity })))
    }

    fn put(
        &mut self,
        request: &Request,
        target: &Target,
        id: Uuid,
        now: DateTime<Utc>,
    ) -> Result<Reply, Refusal> {
        let payload = payload(request)?;
        let Self { divisions, settings, random, .. } = self;
        accounts::update(target.division_in(divisions)?, id, &payload, settings, now, random)?;
        if !(self.settings.put_answers_body && wants_representation(request)) {
            return Ok(Reply::empty(StatusCode::NO_CONTENT));
        }
        let uri = format!("{}(guid'{id}')", target.url(self));
        Ok(Reply::json(StatusCode::OK, &json!({ "d": read::whole(self, target, id, &uri)? })))
    }

    fn delete(&mut self, target: &Target, id: Uuid, now: DateTime<Utc>) -> Result<Reply, Refusal> {
        let Self { divisions, random, .. } = self;
        if target.division_in(divisions)?.delete_account(id, now, random) {
            Ok(Reply::empty(StatusCode::NO_CONTENT))
        } else {
            Err(Refusal::not_found())
        }
    }
}

impl Vendor for State {
    fn answer(&mut self, request: &Request, now: DateTime<Utc>) -> Reply {
        let endpoint = endpoint_path(&request.path, false);
        if self.quota.is_blocked(&endpoint, now) {
            let status = self.settings.error_block_status;
            return Reply::empty(StatusCode::from_u16(status).unwrap_or(StatusCode::TOO_MANY_REQUESTS));
        }
        let Self { oauth, random, .. } = self;
        let reply = match (request.path.as_str(), &request.method) {
            ("/api/oauth2/auth", &Method::GET) => oauth.authorize(request, now, random),
            ("/api/oauth2/token", &Method::POST) => oauth.token(request, now, random),
            _ => self.api(request, now),
        };
        if matches!(reply.status.as_u16(), 400 | 401 | 403 | 404) {
            self.quota.error(&endpoint, &self.settings.limits, now);
        }
        reply
    }

    fn endpoint(&self, request: &Request) -> String {
        format!("{} {}", request.method, endpoint_path(&request.path, true))
    }

    fn latency(&self) -> Duration {
        Duration::from_millis(self.settings.latency_ms)
    }

    fn server_error(&self, message: Option<&str>) -> Reply {
        Refusal::business(&[message.unwrap_or(GENERAL_FAULT).to_owned()]).into_reply()
    }

    fn too_many_requests(&self, headers: bool, now: DateTime<Utc>) -> Reply {
        if headers {
            self.quota.spent(self.current, &self.settings.limits, now)
        } else {
            Reply::empty(StatusCode::TOO_MANY_REQUESTS)
        }
    }

    fn forbidden(&self, reason: &str) -> Reply {
        Refusal::forbidden("Forbidden", reason).into_reply()
    }
}

/// What a request is about.
#[derive(Debug)]
pub(super) struct Target {
    /// `None` for the user.
    pub(super) division: Option<i64>,
    pub(super) resource: &'static Resource,
    /// The literal between the parentheses.
    pub(super) key: Option<String>,
    pub(super) count: bool,
}

impl Target {
    fn parse(request: &Request) -> Option<Self> {
        let segments = path_segments(&request.path);
        let ["api", "v1", division, path @ ..] = segments.as_slice() else { return None };
        let (path, count) = match path {
            [path @ .., "$count"] => (path.join("/"), true),
            path => (path.join("/"), false),
        };
        let (path, key) = split_key(&path);
        if *division == "current" {
            return (path == ME.path).then_some(Self { division: None, resource: &ME, key: None, count });
        }
        let division = Some(division.parse().ok()?);
        Some(Self { division, resource: resource(path)?, key: key.map(str::to_owned), count })
    }

    /// The collection's own address.
    pub(super) fn url(&self, state: &State) -> String {
        match self.division {
            Some(code) => format!("{}/api/v1/{code}/{}", state.base_url, self.resource.path),
            None => format!("{}/api/v1/current/{}", state.base_url, self.resource.path),
        }
    }

    fn division_in<'a>(
        &self,
        divisions: &'a mut BTreeMap<i64, Division>,
    ) -> Result<&'a mut Division, Refusal> {
        self.division.and_then(|code| divisions.get_mut(&code)).ok_or_else(Refusal::not_found)
    }
}

/// `crm/Accounts(guid'…')` as its path and its key.
fn split_key(path: &str) -> (&str, Option<&str>) {
    path.strip_suffix(')')
        .and_then(|rest| rest.split_once('('))
        .map_or((path, None), |(path, key)| (path, Some(key)))
}

/// The path without keys; without the division too where endpoints of all divisions are one.
fn endpoint_path(path: &str, all_divisions: bool) -> String {
    let (path, key) = split_key(path);
    let mut segments = path_segments(path);
    if all_divisions && segments.len() > 2 && segments[2].bytes().all(|byte| byte.is_ascii_digit()) {
        segments[2] = "{division}";
    }
    let key = if key.is_some() && all_divisions { "(key)" } else { "" };
    format!("/{}{key}", segments.join("/"))
}

pub(super) fn account_key(literal: &str) -> Result<Uuid, Refusal> {
    match read_literal(literal)? {
        Cell::Guid(id) => Ok(id),
        _ => Err(Refusal::syntax()),
    }
}

fn payload(request: &Request) -> Result<Map<String, Value>, Refusal> {
    match serde_json::from_slice(&request.body) {
        Ok(Value::Object(payload)) => Ok(payload),
        _ => Err(Refusal::bad_request(
            "Error processing request stream. The request should be a valid top-level resource object.",
        )),
    }
}

fn asks_for_json(request: &Request) -> bool {
    request.header("accept").is_some_and(|accept| accept.contains("json"))
}

fn wants_representation(request: &Request) -> bool {
    request.header("prefer").is_some_and(|prefer| prefer.contains("return=representation"))
}

impl State {
    /// A person's action on the accounts of a division.
    pub(super) fn people<R>(
        &mut self,
        division: i64,
        act: impl FnOnce(&mut Division, &ExactSettings, &mut StdRng) -> Result<R, Refusal>,
    ) -> Result<R, String> {
        let Self { divisions, settings, random, .. } = self;
        let found = divisions.get_mut(&division).ok_or_else(|| format!("there is no division {division}"))?;
        act(found, settings, random).map_err(|refusal| refusal.message().to_owned())
    }

    /// An account with all its properties, as a reader of the API would get it.
    pub(super) fn account_json(&self, division: i64, id: Uuid) -> Option<Value> {
        let row = self.divisions.get(&division)?.account(id)?;
        let uri = format!("{}/api/v1/{division}/crm/Accounts(guid'{id}')", self.base_url);
        Some(row.to_json(&ACCOUNT, ACCOUNT.properties(), &uri))
    }
}
