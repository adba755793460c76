//! The local HubSpot: from a request to its answer.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use chrono::{DateTime, Utc};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;
use uuid::Builder;

use super::associations::Associations;
use super::events::Events;
use super::oauth::{Bearer, OAuth};
use super::pipelines;
use super::properties::Properties;
use super::quota::{Policy, Quota};
use super::records::{Actor, Table};
use super::refusal::Refusal;
use super::route::{Area, Route};
use super::settings::HubSpotSettings;
use super::types;
use super::write::Call;
use crate::http::{Reply, Request, Vendor, path_segments};

#[derive(Debug)]
pub(super) struct State {
    pub(super) settings: HubSpotSettings,
    pub(super) oauth: OAuth,
    /// By the number of the type.
    pub(super) tables: BTreeMap<String, Table>,
    pub(super) associations: Associations,
    pub(super) events: Events,
    pub(super) quota: Quota,
    pub(super) random: StdRng,
    pub(super) last_id: u64,
    /// Pipelines and stages are numbered apart.
    pub(super) last_pipeline_id: u64,
}

impl State {
    pub(super) fn new(seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let tables = types::built_in().map(|(ty, properties, group)| {
            let pipelines = pipelines::built_in(&ty.name);
            (ty.id.clone(), Table::new(ty, Properties::new(properties, group), pipelines))
        });
        Self {
            settings: HubSpotSettings::default(),
            oauth: OAuth::new(&mut random),
            tables: tables.collect(),
            associations: Associations::default(),
            events: Events::default(),
            quota: Quota::default(),
            random,
            last_id: 50_000_000_000,
            last_pipeline_id: 900_000_000,
        }
    }

    pub(super) fn table(&self, type_id: &str) -> Result<&Table, Refusal> {
        self.tables.get(type_id).ok_or_else(Refusal::no_such_path)
    }

    /// The type that a path or a body means.
    pub(super) fn table_called(&self, name: &str) -> Result<&Table, Refusal> {
        let found = self.tables.values().find(|table| table.ty.is_called(name));
        found.ok_or_else(|| Refusal::validation(format!("Unable to infer object type from: {name}")))
    }

    pub(super) fn type_called(&self, name: &str) -> Result<String, Refusal> {
        self.table_called(name).map(|table| table.ty.id.clone())
    }

    /// The type of the record with this id.
    pub(super) fn type_of(&self, id: u64) -> Option<&str> {
        let found = self.tables.values().find(|table| table.alive(id).is_some());
        found.map(|table| table.ty.id.as_str())
    }

    fn carry_out(&mut self, route: &Route<'_>, request: &Request, call: Call) -> Result<Reply, Refusal> {
        let rest = route.rest.as_slice();
        match (route.area, rest) {
            (Area::Objects, [name, "batch", action]) => {
                let type_id = self.type_called(name)?;
                self.batch(&type_id, action, request, call)
            }
            (Area::Objects, [name, "search"]) => match request.method {
                Method::POST => self.search(&self.type_called(name)?, &body(request)?),
                _ => Err(Refusal::not_allowed()),
            },
            (Area::Objects, [name, id, "associations", rest @ ..]) => {
                self.type_called(name)?;
                self.associations_of(id, rest, request, call)
            }
            (Area::Objects, [name, rest @ ..]) => {
                let type_id = self.type_called(name)?;
                self.objects(&type_id, rest, request, call)
            }
            (Area::Associations, [from, to, rest @ ..]) => {
                let (from, to) = (self.type_called(from)?, self.type_called(to)?);
                self.association_batches((&from, &to), rest, request, call)
            }
            (Area::Properties, [name, rest @ ..]) => {
                let type_id = self.type_called(name)?;
                self.property_definitions(&type_id, rest, request, call)
            }
            (Area::Pipelines, [name, rest @ ..]) => {
                let type_id = self.type_called(name)?;
                self.pipeline_definitions(&type_id, rest, request)
            }
            (Area::Schemas, rest) => self.schemas(rest, request),
            (Area::Webhooks, [app, rest @ ..]) => self.webhook_settings(app, rest, request, call.now),
            (area, rest) => self.account(area, rest, request, call.now),
        }
    }

    /// The scope that a call needs, where one is known.
    fn scope(&self, route: &Route<'_>, request: &Request) -> Option<String> {
        let name = route.rest.first()?;
        let ty = &self.tables.values().find(|table| table.ty.is_called(name))?.ty;
        let reads =
            request.method == Method::GET || route.is_search() || route.rest.ends_with(&["batch", "read"]);
        match route.area {
            Area::Objects if ty.scope == "e-commerce" => Some(ty.scope.clone()),
            Area::Objects => Some(format!("{}.{}", ty.scope, if reads { "read" } else { "write" })),
            Area::Properties => {
                let scope = ty.scope.replace("crm.objects", "crm.schemas");
                Some(format!("{scope}.{}", if reads { "read" } else { "write" }))
            }
            _ => None,
        }
    }

    fn admit(&mut self, request: &Request, route: &Route<'_>, now: DateTime<Utc>) -> Result<Bearer, Refusal> {
        let bearer = self.oauth.who(request.bearer(), now)?;
        if self.settings.unpaid {
            let message = "This account's subscription is suspended.";
            return Err(Refusal::new(StatusCode::PAYMENT_REQUIRED, "PAYMENT_REQUIRED", message));
        }
        let daily = bearer.has_daily_limit();
        self.quota.take(route.is_search(), daily, &self.settings.limits, now).map_err(Policy::refusal)?;
        match self.scope(route, request) {
            Some(scope) if self.settings.missing_scopes.contains(&scope) => {
                Err(Refusal::missing_scope(&scope))
            }
            _ => Ok(bearer),
        }
    }

    pub(super) fn correlation_id(&mut self) -> String {
        Builder::from_random_bytes(self.random.random()).into_uuid().to_string()
    }
}

impl Vendor for State {
    fn answer(&mut self, request: &Request, now: DateTime<Utc>) -> Reply {
        let correlation_id = self.correlation_id();
        if let Some(reply) = self.oauth.answer(request, now, &mut self.random) {
            return reply;
        }
        let route = match Route::of(request, &self.settings) {
            Ok(route) => route,
            Err(refusal) => return refusal.into_reply(&correlation_id),
        };
        let daily = self.oauth.who(request.bearer(), now).is_ok_and(Bearer::has_daily_limit);
        let reply = self.admit(request, &route, now).and_then(|bearer| {
            for table in self.tables.values_mut() {
                table.index.catch_up(now);
            }
            let call = Call { now, by: Actor::App(bearer.app()), strict: route.is_strict() };
            self.carry_out(&route, request, call)
        });
        let reply = reply.unwrap_or_else(|refusal| refusal.into_reply(&correlation_id));
        // Searches carry no limit headers, nor does a refused token.
        let silent = route.is_search()
            || reply.status == StatusCode::UNAUTHORIZED
            || (reply.status == StatusCode::TOO_MANY_REQUESTS && !self.settings.limit_headers);
        if silent { reply } else { self.quota.announce(reply, daily, &self.settings.limits) }
    }

    fn endpoint(&self, request: &Request) -> String {
        let segments = path_segments(&request.path);
        let named = |segment: &&str| {
            let number = segment.bytes().all(|byte| byte.is_ascii_digit());
            if number { "{id}".to_owned() } else { (*segment).to_owned() }
        };
        format!("{} /{}", request.method, segments.iter().map(named).collect::<Vec<_>>().join("/"))
    }

    fn latency(&self) -> Duration {
        Duration::from_millis(self.settings.latency_ms)
    }

    fn server_error(&self, message: Option<&str>) -> Reply {
        let message = message.unwrap_or("internal error");
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_ERROR", message).into_reply(NO_ID)
    }

    fn too_many_requests(&self, headers: bool, _: DateTime<Utc>) -> Reply {
        let reply = Policy::TenSecondly.refusal().into_reply(NO_ID);
        if headers { self.quota.announce(reply, true, &self.settings.limits) } else { reply }
    }

    fn forbidden(&self, reason: &str) -> Reply {
        Refusal::new(StatusCode::FORBIDDEN, "BANNED", reason).into_reply(NO_ID)
    }

    fn refused(&self, status: StatusCode) -> Reply {
        let (category, message) = match status.as_u16() {
            423 => ("LOCKED", "The record is locked by a high-volume sync; try again later."),
            477 => ("MIGRATION_IN_PROGRESS", "The account is being moved to another data centre."),
            _ => ("INTERNAL_ERROR", "The request was not carried out."),
        };
        Refusal::new(status, category, message).into_reply(NO_ID)
    }

    /// Searches and reads of many are posts, and change nothing.
    fn is_write(&self, request: &Request) -> bool {
        let reads = ["/search", "/batch/read", "/token/introspect"];
        request.is_write() && !reads.iter().any(|end| request.path.ends_with(end))
    }
}

/// Accidents have no number that anybody could ask HubSpot about.
const NO_ID: &str = "00000000-0000-4000-8000-000000000000";

pub(super) fn body(request: &Request) -> Result<Value, Refusal> {
    let json = request.header("content-type").is_some_and(|value| value.contains("json"));
    if !json {
        let message = "HTTP 415 Unsupported Media Type";
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "VALIDATION_ERROR", message));
    }
    serde_json::from_slice(&request.body)
        .map_err(|error| Refusal::validation(super::properties::bad_json(&error)))
}
