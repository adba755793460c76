//! The local Exact Online: from a request to its answer.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use chrono::{DateTime, Utc};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::books::Books;
use super::cell::Cell;
use super::division::Division;
use super::oauth::OAuth;
use super::odata::read_literal;
use super::outbox::Outbox;
use super::quota::Quota;
use super::refusal::Refusal;
use super::resources::{ME, resource};
use super::schema::{Echo, Kind, Resource};
use super::settings::ExactSettings;
use super::{actions, functions, read, rules, seed, system, write};
use crate::http::{Reply, Request, Vendor, path_segments};

const NOT_LOGGED_IN: &str = "<!DOCTYPE html><html><head><title>401 - Unauthorized</title></head>\
    <body><h1>Unauthorized</h1><p>Access is denied due to invalid credentials.</p></body></html>";
const FILE_PAGE: &str = "<!DOCTYPE html><html><head><title>Attachment</title></head>\
    <body><p>Add Download=1 for the file.</p></body></html>";
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
    pub(super) outbox: Outbox,
    /// Why the callback that was just tried does not do.
    pub(super) callback_fault: Option<String>,
    pub(super) random: StdRng,
}

impl State {
    pub(super) fn new(base_url: String, divisions: u32, seed: u64, now: DateTime<Utc>) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let oauth = OAuth::new(&mut random);
        let divisions: BTreeMap<i64, Division> =
            (0..divisions).map(|number| system::new_division(number, now, &mut random)).collect();
        let mut state = Self {
            base_url,
            settings: ExactSettings::default(),
            oauth,
            current: divisions.keys().next().copied().unwrap_or_default(),
            user: system::random_guid(&mut random),
            divisions,
            user_blocked: false,
            quota: Quota::default(),
            outbox: Outbox::new(&mut random),
            callback_fault: None,
            random,
        };
        let codes: Vec<i64> = state.divisions.keys().copied().collect();
        for code in codes {
            let _ = state.write(code, now, |books| {
                seed::master_data(books);
                Ok(())
            });
        }
        state
    }

    /// The bytes of an attachment; without `Download=1` it is a page for people.
    fn file(&self, request: &Request, division: i64) -> Result<Reply, Refusal> {
        let id = request.parameter("ID").and_then(|id| id.parse().ok()).ok_or_else(Refusal::not_found)?;
        let found = self.divisions.get(&division).and_then(|found| found.get(Kind::DocumentAttachment, id));
        let row = found.ok_or_else(Refusal::not_found)?;
        if request.parameter("Download") != Some("1") {
            return Ok(Reply::html(StatusCode::OK, FILE_PAGE));
        }
        let bytes = rules::documents::file(row).ok_or_else(Refusal::not_found)?;
        let pdf = row.str("FileName").is_some_and(|name| name.to_lowercase().ends_with(".pdf"));
        let mut reply = Reply::text(
            StatusCode::OK,
            if pdf { "application/pdf" } else { "application/octet-stream" },
            String::new(),
        );
        reply.body = bytes.into();
        Ok(reply)
    }

    fn api(&mut self, request: &Request, now: DateTime<Utc>) -> Reply {
        if !self.oauth.accepts(request.bearer(), now) {
            return Reply::html(StatusCode::UNAUTHORIZED, NOT_LOGGED_IN);
        }
        if self.user_blocked {
            return self.forbidden("BlockedUser");
        }
        let Some(route) = Route::parse(request) else { return Refusal::not_found().into_reply() };
        let division = route.division();
        let bucket = division.unwrap_or_default();
        if division.is_some_and(|code| !self.divisions.get(&code).is_some_and(|found| found.in_scope)) {
            return Refusal::forbidden(OUT_OF_SCOPE, "NoDivisionAccess").into_reply();
        }
        if let Err(reply) = self.quota.take(bucket, &self.settings.limits, now) {
            return *reply;
        }
        let reply = match route {
            Route::Resource(target) => self.carry_out(request, &target, now),
            Route::Function(division, path) => functions::answer(self, request, division, path),
            Route::Action(division, path) if request.method == Method::POST => {
                payload(request).and_then(|payload| actions::carry_out(self, division, path, &payload, now))
            }
            Route::Action(..) => Err(not_allowed()),
            Route::File(division) => self.file(request, division),
        };
        let reply = reply.unwrap_or_else(Refusal::into_reply);
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
        let verbs = target.resource.verbs;
        match (&request.method, &target.key) {
            (&Method::POST, None) if verbs.post => self.post(request, target, now),
            (&Method::PUT, Some(key)) if verbs.put => self.put(request, target, guid(key)?, now),
            (&Method::DELETE, Some(key)) if verbs.delete => self.delete(target, guid(key)?, now),
            _ => Err(not_allowed()),
        }
    }

    fn post(&mut self, request: &Request, target: &Target, now: DateTime<Utc>) -> Result<Reply, Refusal> {
        let payload = payload(request)?;
        let entity = target.resource.entity;
        let division = target.division.ok_or_else(Refusal::not_found)?;
        let id = self.write(division, now, |books| write::create(books, entity, &payload))?;
        let uri = format!("{}(guid'{id}')", target.url(self));
        let filled = wants_representation(request) || entity.echo == Echo::Filled;
        let json = if filled {
            read::whole(read::division(self, target)?, entity, id, &uri).ok_or_else(Refusal::not_found)?
        } else {
            read::key_only(entity, id, &uri)
        };
        Ok(self.created(&json))
    }

    pub(super) fn created(&self, entity: &Value) -> Reply {
        let status = StatusCode::from_u16(self.settings.post_status).unwrap_or(StatusCode::CREATED);
        Reply::json(status, &json!({ "d": entity }))
    }

    fn put(
        &mut self,
        request: &Request,
        target: &Target,
        id: Uuid,
        now: DateTime<Utc>,
    ) -> Result<Reply, Refusal> {
        let payload = payload(request)?;
        let entity = target.resource.entity;
        let division = target.division.ok_or_else(Refusal::not_found)?;
        self.write(division, now, |books| write::update(books, entity, id, &payload))?;
        if !(self.settings.put_answers_body && wants_representation(request)) {
            return Ok(Reply::empty(StatusCode::NO_CONTENT));
        }
        let uri = format!("{}(guid'{id}')", target.url(self));
        let whole = read::whole(read::division(self, target)?, entity, id, &uri);
        whole.map(|whole| Reply::json(StatusCode::OK, &json!({ "d": whole }))).ok_or_else(Refusal::not_found)
    }

    fn delete(&mut self, target: &Target, id: Uuid, now: DateTime<Utc>) -> Result<Reply, Refusal> {
        let entity = target.resource.entity;
        let division = target.division.ok_or_else(Refusal::not_found)?;
        self.write(division, now, |books| write::delete(books, entity, id))?;
        Ok(Reply::empty(StatusCode::NO_CONTENT))
    }

    /// Carries out one change of a division, all of it or nothing, and has its subscribers told.
    pub(super) fn write<R>(
        &mut self,
        division: i64,
        now: DateTime<Utc>,
        act: impl FnOnce(&mut Books<'_>) -> Result<R, Refusal>,
    ) -> Result<R, Refusal> {
        let links = self.links().to_owned();
        let Self { divisions, settings, random, oauth, user, callback_fault, .. } = self;
        let found = divisions.get_mut(&division).ok_or_else(Refusal::not_found)?;
        let mut books = Books {
            division: found,
            settings,
            random,
            user: *user,
            client_id: &oauth.client_id,
            base_url: &links,
            callback_fault: callback_fault.take(),
            now,
        };
        let result = act(&mut books);
        if result.is_err() {
            found.roll_back(0);
        }
        let changes = found.commit();
        self.tell(division, &changes, now);
        result
    }

    /// The origin that links show.
    pub(super) fn links(&self) -> &str {
        self.settings.public_url.as_deref().unwrap_or(&self.base_url)
    }
}

fn not_allowed() -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
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

    /// A new subscription's callback is posted to before the answer.
    fn asks_first(&self, request: &Request, now: DateTime<Utc>) -> Option<String> {
        let subscribes = request.method == Method::POST
            && request.path.ends_with("/webhooks/WebhookSubscriptions")
            && self.oauth.accepts(request.bearer(), now);
        let payload: Value = subscribes.then(|| serde_json::from_slice(&request.body).ok())??;
        payload["CallbackURL"].as_str().map(str::to_owned)
    }

    fn was_told(&mut self, outcome: Result<u16, String>) {
        self.callback_fault = match outcome {
            Ok(200..=299) => None,
            Ok(status) => Some(format!("Post to callback URL endpoint returns {status}")),
            Err(_) => Some(
                "Post to callback URL endpoint returns 500 An error occurred while sending the request."
                    .to_owned(),
            ),
        };
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

/// What a path leads to.
enum Route<'a> {
    Resource(Target),
    /// `read/…`: parameters instead of a filter.
    Function(i64, &'a str),
    /// A POST that does something.
    Action(i64, &'a str),
    /// The bytes of an attachment.
    File(i64),
}

impl<'a> Route<'a> {
    fn parse(request: &'a Request) -> Option<Self> {
        if request.path == "/docs/SysAttachment.aspx" {
            return Some(Self::File(request.parameter("_Division_")?.parse().ok()?));
        }
        if let Some(target) = Target::parse(request) {
            return Some(Self::Resource(target));
        }
        let (division, path) = request.path.strip_prefix("/api/v1/")?.split_once('/')?;
        let division = division.parse().ok()?;
        if functions::known(path) {
            Some(Self::Function(division, path))
        } else {
            actions::known(path).then_some(Self::Action(division, path))
        }
    }

    fn division(&self) -> Option<i64> {
        match self {
            Self::Resource(target) => target.division,
            Self::Function(division, _) | Self::Action(division, _) | Self::File(division) => Some(*division),
        }
    }
}

/// A resource, or what belongs to it.
#[derive(Debug)]
pub(super) struct Target {
    /// `None` for the user.
    pub(super) division: Option<i64>,
    pub(super) resource: &'static Resource,
    /// The literal between the parentheses.
    pub(super) key: Option<String>,
    /// The collection behind the key.
    pub(super) navigation: Option<String>,
    pub(super) count: bool,
}

impl Target {
    fn parse(request: &Request) -> Option<Self> {
        let segments = path_segments(&request.path);
        let ["api", "v1", division, path @ ..] = segments.as_slice() else { return None };
        let (path, count) = match path {
            [path @ .., "$count"] => (path, true),
            path => (path, false),
        };
        let (path, navigation) = match path {
            [path @ .., last] if path.last().is_some_and(|before| before.ends_with(')')) => {
                (path, Some(*last))
            }
            path => (path, None),
        };
        let path = path.join("/");
        let (path, key) = split_key(&path);
        let (key, navigation) = (key.map(str::to_owned), navigation.map(str::to_owned));
        if *division == "current" {
            let me = path == ME.path;
            return me.then_some(Self { division: None, resource: &ME, key: None, navigation, count });
        }
        let division = Some(division.parse().ok()?);
        Some(Self { division, resource: resource(path)?, key, navigation, count })
    }

    /// The collection's own address.
    pub(super) fn url(&self, state: &State) -> String {
        match self.division {
            Some(code) => format!("{}/api/v1/{code}/{}", state.links(), self.resource.path),
            None => format!("{}/api/v1/current/{}", state.links(), self.resource.path),
        }
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

fn guid(literal: &str) -> Result<Uuid, Refusal> {
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
