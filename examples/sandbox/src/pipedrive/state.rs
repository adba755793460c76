//! The local Pipedrive: from a request to its answer.

use std::time::Duration;

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use super::company::{Company, currencies};
use super::discounts::Discount;
use super::effects;
use super::entity::{Accepts, ENTITIES, Entity, Kind};
use super::events::{Acting, Happening};
use super::fields::Custom;
use super::lines::Lines;
use super::list::{ListQuery, by_offset, by_position, read_int};
use super::oauth::OAuth;
use super::operation::Operation;
use super::quota::Quota;
use super::records::{Changes, Record};
use super::refusal::Refusal;
use super::searches;
use super::settings::PipedriveSettings;
use super::shelf::Shelf;
use super::version_1::lead_number;
use super::webhooks::{self, Webhooks};
use crate::http::{Reply, Request, Vendor, path_segments};

const MOST_CUSTOM_FIELDS: usize = 15;

#[derive(Debug)]
pub(super) struct State {
    pub(super) settings: PipedriveSettings,
    pub(super) api_token: String,
    pub(super) oauth: OAuth,
    pub(super) company: Company,
    /// One for each kind, in the order of the kinds.
    pub(super) shelves: Vec<Shelf>,
    pub(super) lines: Lines,
    pub(super) discounts: Vec<Discount>,
    pub(super) quota: Quota,
    pub(super) random: StdRng,
    pub(super) next_option: i64,
    pub(super) webhooks: Webhooks,
    /// What came of knocking at the address of a webhook that is to be made.
    pub(super) knocked: Option<Result<u16, String>>,
    /// Who is at it just now.
    pub(super) acting: Acting,
}

impl State {
    pub(super) fn new(seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let token: [u8; 20] = random.random();
        Self {
            settings: PipedriveSettings::default(),
            api_token: hex::encode(token),
            // Of its own, so that what was random before stays as it was.
            oauth: OAuth::new(&mut StdRng::seed_from_u64(seed.wrapping_add(1))),
            company: Company::default(),
            shelves: ENTITIES.iter().map(Shelf::new).collect(),
            lines: Lines::default(),
            discounts: Vec::new(),
            quota: Quota::default(),
            random,
            next_option: 0,
            webhooks: Webhooks::default(),
            knocked: None,
            acting: Acting::default(),
        }
    }

    pub(super) fn shelf(&self, kind: Kind) -> &Shelf {
        &self.shelves[kind as usize]
    }

    pub(super) fn shelf_mut(&mut self, kind: Kind) -> &mut Shelf {
        &mut self.shelves[kind as usize]
    }

    /// The custom fields of a kind, which may be another one's.
    pub(super) fn fields_of(&self, entity: &Entity) -> &[Custom] {
        entity.fields_of.map_or(&[], |kind| &self.shelf(kind).fields)
    }

    fn carry_out(
        &mut self,
        operation: Operation<'_>,
        request: &Request,
        now: DateTime<Utc>,
    ) -> Result<Reply, Refusal> {
        match operation {
            Operation::List(entity) if entity.version == 1 => self.list_by_offset(entity, request),
            Operation::List(entity) => self.list(entity, request, false, now),
            Operation::Archived => self.list(Kind::Deal.entity(), request, true, now),
            Operation::Get(entity, id) => self.get(entity, request, read_id(entity, id)?, now),
            Operation::Create(entity) => {
                let id = self.create(entity, &body(request)?, now)?;
                let status = entity.create_status.unwrap_or(self.settings.create_status);
                self.show(entity, id, status, &self.shown_fields(entity, request)?, now)
            }
            Operation::Update(entity, id) => {
                let id = read_id(entity, id)?;
                self.update(entity, id, &body(request)?, now)?;
                self.show(entity, id, 200, &self.shown_fields(entity, request)?, now)
            }
            Operation::Delete(entity, id) => {
                self.delete(entity, read_id(entity, id)?, now)?;
                Ok(match entity.version {
                    1 if entity.kind == Kind::Note => data(200, json!(true)),
                    1 => data(200, json!({ "id": id })),
                    _ => data(200, json!({ "id": read_id(entity, id)? })),
                })
            }
            Operation::Merge(entity, id) => {
                let into = body(request)?["merge_with_id"].as_i64();
                let into = into.ok_or_else(|| Refusal::schema("merge_with_id", "is required"))?;
                self.merge(entity, read_id(entity, id)?, into, now)?;
                Ok(data(200, json!({ "id": into })))
            }
            Operation::Search(entity) => {
                let (items, next) = searches::any_field(self, self.shelf(entity.kind), request)?;
                Ok(self.page(json!({ "items": items }), next))
            }
            Operation::SearchField => {
                let (items, next) = searches::field(self, request)?;
                Ok(self.page(Value::Array(items), next))
            }
            Operation::Fields(entity) => {
                let built_in = entity.properties.iter().map(|field| field.to_json());
                let all = built_in.chain(self.fields_of(entity).iter().map(Custom::to_json)).collect();
                self.whole_list(all, request)
            }
            Operation::CreateField(entity) => {
                Ok(data(200, self.create_field(entity.kind, &body(request)?)?.to_json()))
            }
            Operation::LinesOfDeals => self.lines_of_deals(request),
            Operation::Lines(deal) => {
                let lines = self.lines_shown(read_int("id", deal)?);
                self.whole_list(lines, request)
            }
            Operation::AddLine(deal) => {
                let line = self.add_line(read_int("id", deal)?, &body(request)?, now)?;
                Ok(data(201, line))
            }
            Operation::AddLines(deal) => {
                let lines = self.add_lines(read_int("id", deal)?, &body(request)?, now)?;
                Ok(data(201, Value::Array(lines)))
            }
            Operation::EditLine(deal, line) => {
                let (deal, line) = (read_int("id", deal)?, read_int("product_attachment_id", line)?);
                Ok(data(200, self.edit_line(deal, line, &body(request)?, now)?))
            }
            Operation::RemoveLine(deal, line) => {
                let (deal, line) = (read_int("id", deal)?, read_int("product_attachment_id", line)?);
                self.remove_line(deal, line, now)?;
                Ok(data(200, json!({ "id": line })))
            }
            Operation::RemoveLines(deal) => self.remove_lines(read_int("id", deal)?, request, now),
            // The whole list in one answer, whatever the request says of pages.
            Operation::Discounts(deal) => {
                Ok(data(200, Value::Array(self.discounts_shown(read_int("id", deal)?))))
            }
            Operation::AddDiscount(deal) => {
                Ok(data(201, self.add_discount(read_int("id", deal)?, &body(request)?, now)?))
            }
            Operation::EditDiscount(deal, id) => {
                Ok(data(200, self.edit_discount(read_int("id", deal)?, id, &body(request)?, now)?))
            }
            Operation::RemoveDiscount(deal, id) => {
                self.remove_discount(read_int("id", deal)?, id, now)?;
                Ok(data(200, json!({ "id": id })))
            }
            Operation::Pipelines => self.whole_list(self.company.pipelines(), request),
            Operation::Stages => {
                let pipeline = request.parameter("pipeline_id");
                let pipeline = pipeline.map(|id| read_int("pipeline_id", id)).transpose()?;
                self.whole_list(self.company.stages(pipeline), request)
            }
            Operation::Webhooks => Ok(self.list_webhooks()),
            Operation::CreateWebhook => self.create_webhook(&body(request)?, now),
            Operation::DeleteWebhook(id) => Ok(self.delete_webhook(id)),
            Operation::Me => Ok(data(200, self.company.me())),
            Operation::Users => Ok(data(200, Value::Array(self.company.users()))),
            Operation::Currencies => Ok(data(200, Value::Array(currencies()))),
        }
    }

    fn list(
        &self,
        entity: &Entity,
        request: &Request,
        archived: bool,
        now: DateTime<Utc>,
    ) -> Result<Reply, Refusal> {
        let query = ListQuery::read(request, archived, &self.settings)?;
        let shown = self.shown_fields(entity, request)?;
        let (rows, next) = query.page(entity, &self.shelf(entity.kind).table, now);
        let rows =
            rows.iter().map(|row| row.to_json(entity, shown.iter().copied(), self.settings.omit_nulls));
        Ok(self.page(rows.collect(), next))
    }

    /// A list of version 1. Its two envelopes differ.
    fn list_by_offset(&self, entity: &Entity, request: &Request) -> Result<Reply, Refusal> {
        let (rows, next) = by_offset(entity, &self.shelf(entity.kind).table, request)?;
        let fields = self.fields_of(entity);
        let rows: Vec<Value> =
            rows.iter().map(|row| row.to_json(entity, fields.iter(), self.settings.omit_nulls)).collect();
        let mut additional = json!({ "start": 0, "limit": 100, "more_items_in_collection": next.is_some() });
        for name in ["start", "limit"] {
            if let Some(value) = request.parameter(name).and_then(|text| text.parse::<i64>().ok()) {
                additional[name] = json!(value);
            }
        }
        if entity.kind == Kind::Note {
            if let Some(next) = next {
                additional["next_start"] = json!(next);
            }
            additional = json!({ "pagination": additional });
        }
        let body = json!({ "success": true, "data": rows, "additional_data": additional });
        Ok(Reply::json(StatusCode::OK, &body))
    }

    /// A page of what is small enough to be listed completely.
    fn whole_list(&self, all: Vec<Value>, request: &Request) -> Result<Reply, Refusal> {
        let (rows, next) = by_position(all, request, 500, &self.settings)?;
        Ok(self.page(Value::Array(rows), next))
    }

    fn get(&self, entity: &Entity, request: &Request, id: i64, now: DateTime<Utc>) -> Result<Reply, Refusal> {
        let found = self.shelf(entity.kind).table.get(id, now);
        let seen = found.filter(|found| self.settings.deleted_readable || !found.is_deleted());
        seen.ok_or_else(|| Refusal::not_found(&entity.capitalized()))?;
        self.show(entity, id, 200, &self.shown_fields(entity, request)?, now)
    }

    fn show(
        &self,
        entity: &Entity,
        id: i64,
        status: u16,
        shown: &[&Custom],
        now: DateTime<Utc>,
    ) -> Result<Reply, Refusal> {
        let found = self.shelf(entity.kind).table.get(id, now);
        let found = found.ok_or_else(|| Refusal::not_found(&entity.capitalized()))?;
        Ok(data(status, found.to_json(entity, shown.iter().copied(), self.settings.omit_nulls)))
    }

    /// The custom fields that the answer carries: all, or up to fifteen that the request names.
    fn shown_fields(&self, entity: &Entity, request: &Request) -> Result<Vec<&Custom>, Refusal> {
        let fields = self.fields_of(entity);
        let Some(names) = request.parameter("custom_fields") else { return Ok(fields.iter().collect()) };
        let names: Vec<&str> = names.split(',').map(str::trim).collect();
        if names.len() > MOST_CUSTOM_FIELDS {
            return Err(Refusal::schema("custom_fields", "may name up to 15"));
        }
        Ok(fields.iter().filter(|field| names.contains(&field.code.as_str())).collect())
    }

    pub(super) fn page(&self, data: Value, next: Option<String>) -> Reply {
        let additional = match next {
            None if self.settings.omit_nulls => json!({}),
            next => json!({ "next_cursor": next }),
        };
        let body = json!({ "success": true, "data": data, "additional_data": additional });
        Reply::json(StatusCode::OK, &body)
    }

    pub(super) fn create(
        &mut self,
        entity: &'static Entity,
        body: &Value,
        now: DateTime<Utc>,
    ) -> Result<i64, Refusal> {
        let mut changes = self.changes(entity, body)?;
        if changes.get(entity.title).is_none_or(Value::is_null) {
            return Err(Refusal::schema(entity.title, "is required"));
        }
        effects::complete(entity, &mut changes, None, &self.company, now)?;
        let id = self.shelf_mut(entity.kind).table.create(changes, now).id;
        self.changed(entity, id, Happening::Created, now);
        Ok(id)
    }

    pub(super) fn update(
        &mut self,
        entity: &'static Entity,
        id: i64,
        body: &Value,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let mut changes = self.changes(entity, body)?;
        let missing = || Refusal::not_found(&entity.capitalized());
        let old = self.shelf(entity.kind).table.alive(id).ok_or_else(missing)?;
        effects::complete(entity, &mut changes, Some(old), &self.company, now)?;
        self.put(entity, id, changes, now);
        if entity.kind == Kind::Deal {
            self.revalue(id, now);
        }
        Ok(())
    }

    fn changes(&self, entity: &Entity, body: &Value) -> Result<Changes, Refusal> {
        let changes = Changes::read(body, entity, self.fields_of(entity), &self.settings)?;
        for property in entity.properties {
            let (Some(Accepts::Ref(kind)), Some(id)) = (property.accepts, changes.get(property.code)) else {
                continue;
            };
            if id.as_i64().is_some_and(|id| self.shelf(kind).table.alive(id).is_none()) {
                return Err(Refusal::schema(
                    property.code,
                    &format!("there is no such {}", kind.entity().word),
                ));
            }
        }
        Ok(changes)
    }

    /// Stores changes that are checked and complete.
    pub(super) fn put(&mut self, entity: &'static Entity, id: i64, changes: Changes, now: DateTime<Utc>) {
        self.put_merged(entity, id, changes, None, now);
    }

    fn put_merged(
        &mut self,
        entity: &'static Entity,
        id: i64,
        changes: Changes,
        merged_from: Option<i64>,
        now: DateTime<Utc>,
    ) {
        let before = self.as_told(entity, id, now);
        self.shelf_mut(entity.kind).table.update(entity, id, changes, now);
        self.changed(entity, id, Happening::Changed { before, merged_from }, now);
    }

    pub(super) fn delete(
        &mut self,
        entity: &'static Entity,
        id: i64,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        self.delete_merged(entity, id, None, now)
    }

    fn delete_merged(
        &mut self,
        entity: &'static Entity,
        id: i64,
        merged_to: Option<i64>,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let before = self.as_told(entity, id, now);
        if !self.shelf_mut(entity.kind).table.delete(id, now) {
            return Err(Refusal::not_found(&entity.capitalized()));
        }
        self.changed(entity, id, Happening::Deleted { before, merged_to }, now);
        Ok(())
    }

    /// `id` disappears in `into`, which keeps its own values and takes over those that it lacks.
    pub(super) fn merge(
        &mut self,
        entity: &'static Entity,
        id: i64,
        into: i64,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let missing = || Refusal::not_found(&entity.capitalized());
        let table = &self.shelf(entity.kind).table;
        let (loser, survivor) =
            (table.alive(id).ok_or_else(missing)?, table.alive(into).ok_or_else(missing)?);
        if id == into {
            return Err(Refusal::schema("merge_with_id", "is the same record"));
        }
        let changes = Changes::filling(survivor, loser);
        self.put_merged(entity, into, changes, Some(id), now);
        self.relink(entity.kind, id, into, now);
        self.delete_merged(entity, id, Some(into), now)
    }

    /// What pointed to `from` points to `into`.
    fn relink(&mut self, kind: Kind, from: i64, into: i64, now: DateTime<Utc>) {
        for entity in &ENTITIES {
            for property in entity.properties.iter().filter(|found| found.accepts == Some(Accepts::Ref(kind)))
            {
                let points = |found: &&Record| found.property(entity, property.code) == from;
                let ids: Vec<i64> =
                    self.shelf(entity.kind).table.all().filter(points).map(|found| found.id).collect();
                for id in ids {
                    self.put(entity, id, Changes::one(property.code, json!(into)), now);
                }
            }
        }
    }

    pub(super) fn create_field(&mut self, kind: Kind, body: &Value) -> Result<Custom, Refusal> {
        let field = Custom::from_body(body, &mut self.next_option, &mut self.random)?;
        self.shelf_mut(kind).fields.push(field.clone());
        Ok(field)
    }

    fn knows(&self, request: &Request, now: DateTime<Utc>) -> bool {
        let api_token = request.header("x-api-token").is_some_and(|token| token == self.api_token);
        api_token || request.bearer().is_some_and(|token| self.oauth.is_valid(token, now))
    }

    /// Tells all who have to know that a record is not what it was.
    fn changed(&mut self, entity: &Entity, id: i64, happening: Happening, now: DateTime<Utc>) {
        let lag = self.settings.search_lag_ms;
        self.shelves[entity.kind as usize].tell_index(id, lag, &mut self.random, now);
        self.tell(entity, id, happening, now);
    }
}

impl Vendor for State {
    fn answer(&mut self, request: &Request, now: DateTime<Utc>) -> Reply {
        if let Some(reply) = self.oauth.answer(request, now, &mut self.random) {
            return reply;
        }
        if !self.knows(request, now) {
            return unauthorized();
        }
        let operation = Operation::of(request);
        let (cost, search) =
            operation.as_ref().map_or((1, false), |operation| (operation.cost(), operation.is_search()));
        if let Err(reply) = self.quota.take(cost, search, &self.settings, now) {
            return *reply;
        }
        for shelf in &mut self.shelves {
            shelf.index.catch_up(now);
        }
        self.acting = Acting::Api;
        let reply = operation
            .and_then(|operation| self.carry_out(operation, request, now))
            .unwrap_or_else(Refusal::into_reply);
        self.acting = Acting::People;
        self.quota.announce(reply, &self.settings.limits, now)
    }

    fn endpoint(&self, request: &Request) -> String {
        let segments = path_segments(&request.path);
        let named = segments.into_iter().map(|segment| if is_id(segment) { "{id}" } else { segment });
        format!("{} /{}", request.method, named.collect::<Vec<_>>().join("/"))
    }

    fn latency(&self) -> Duration {
        Duration::from_millis(self.settings.latency_ms)
    }

    /// The address of a webhook, which must answer and not redirect.
    fn asks_first(&self, request: &Request, now: DateTime<Utc>) -> Option<String> {
        if !self.knows(request, now) || !matches!(Operation::of(request), Ok(Operation::CreateWebhook)) {
            return None;
        }
        let body = body(request).ok()?;
        body["subscription_url"].as_str().filter(|url| webhooks::is_public(url)).map(str::to_owned)
    }

    fn was_told(&mut self, outcome: Result<u16, String>) {
        self.knocked = Some(outcome);
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

pub(super) fn data(status: u16, data: Value) -> Reply {
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

/// The number of a record. Leads have a UUID.
fn read_id(entity: &Entity, id: &str) -> Result<i64, Refusal> {
    match entity.kind {
        Kind::Lead => lead_number(id).ok_or_else(|| Refusal::not_found("Lead")),
        _ => read_int("id", id),
    }
}

fn is_id(segment: &str) -> bool {
    segment.bytes().all(|byte| byte.is_ascii_digit()) || lead_number(segment).is_some()
}
