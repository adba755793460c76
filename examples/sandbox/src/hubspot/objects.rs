//! One record at a time, lists, and merges.

use axum::http::{Method, StatusCode};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::records::{Record, Table, Wanted};
use super::refusal::Refusal;
use super::state::{State, body};
use super::write::{Call, Claims, Input, Target, as_id};
use crate::http::{Reply, Request};

const LARGEST_PAGE: usize = 100;
/// A record takes part in that many merges at most.
const MOST_MERGES: usize = 250;

impl State {
    /// `/crm/objects/{version}/{type}…`, batches and search aside.
    pub(super) fn objects(
        &mut self,
        type_id: &str,
        rest: &[&str],
        request: &Request,
        call: Call,
    ) -> Result<Reply, Refusal> {
        match (&request.method, rest) {
            (&Method::GET, []) => self.list(type_id, request),
            (&Method::POST, []) => self.create(type_id, &body(request)?, call),
            (&Method::POST, ["merge"]) => self.merge(type_id, &body(request)?, call),
            (&Method::POST, ["gdpr-delete"]) if type_id == "0-1" => self.forget(&body(request)?, call),
            (&Method::GET, [id]) => self.read(type_id, id, request, call.now),
            (&Method::PATCH, [id]) => self.update(type_id, id, request, call),
            (&Method::DELETE, [id]) => {
                if let Some(id) = as_id(id) {
                    self.archive(type_id, id, call)?;
                }
                Ok(Reply::empty(StatusCode::NO_CONTENT))
            }
            (_, [] | [_]) => Err(Refusal::not_allowed()),
            _ => Err(Refusal::no_such_path()),
        }
    }

    fn create(&mut self, type_id: &str, body: &Value, call: Call) -> Result<Reply, Refusal> {
        let properties = properties(body)?;
        let names = properties.keys().cloned().collect();
        let associations = self.inline_associations(&body["associations"])?;
        let input = Input { target: Target::New, properties, associations };
        let id = self.write(type_id, input, call)?;
        let shown = self.show(type_id, id, &self.wanting(names), call.now)?;
        Ok(Reply::json(StatusCode::CREATED, &shown))
    }

    fn update(&mut self, type_id: &str, id: &str, request: &Request, call: Call) -> Result<Reply, Refusal> {
        let properties = properties(&body(request)?)?;
        let names = properties.keys().cloned().collect();
        let property = request.parameter("idProperty").map(str::to_owned);
        let target = Target::Existing { id: id.to_owned(), property };
        let id = self.write(type_id, Input { target, properties, associations: Vec::new() }, call)?;
        Ok(Reply::json(StatusCode::OK, &self.show(type_id, id, &self.wanting(names), call.now)?))
    }

    /// Checks one write and carries it out.
    pub(super) fn write(&mut self, type_id: &str, input: Input, call: Call) -> Result<u64, Refusal> {
        let prepared = self.prepare(self.table(type_id)?, input, &mut Claims::default(), call)?;
        Ok(self.apply(type_id, prepared, call).0)
    }

    fn read(&self, type_id: &str, id: &str, request: &Request, now: DateTime<Utc>) -> Result<Reply, Refusal> {
        let table = self.table(type_id)?;
        let archived = request.parameter("archived") == Some("true");
        let found = self.find(table, id, request.parameter("idProperty"))?;
        let found = found.and_then(|id| table.get(id, now)).filter(|row| row.archived.is_some() == archived);
        let row = found.ok_or_else(|| Refusal::not_found(&[id]))?;
        Ok(Reply::json(StatusCode::OK, &self.shown_with_associations(table, row, request)))
    }

    fn list(&self, type_id: &str, request: &Request) -> Result<Reply, Refusal> {
        let table = self.table(type_id)?;
        let limit = limit(request.parameter("limit"), 10, LARGEST_PAGE)?;
        let after = match request.parameter("after") {
            Some(after) => {
                as_id(after).ok_or_else(|| Refusal::validation(format!("Invalid paging token {after}")))?
            }
            None => 0,
        };
        let archived = request.parameter("archived") == Some("true");
        let mut rows = table.rows_from(after).filter(|row| row.archived.is_some() == archived);
        let page: Vec<Value> =
            rows.by_ref().take(limit).map(|row| self.shown_with_associations(table, row, request)).collect();
        let mut answer = json!({ "results": page });
        if let Some(next) = rows.next() {
            let after = next.id.to_string();
            let link = format!("https://api.hubapi.com{}?limit={limit}&after={after}", request.path);
            answer["paging"] = json!({ "next": { "after": after, "link": link } });
        }
        Ok(Reply::json(StatusCode::OK, &answer))
    }

    fn shown_with_associations(&self, table: &Table, row: &Record, request: &Request) -> Value {
        let mut shown = row.to_json(table, &self.wanted(request));
        let mut tied = Map::new();
        for name in names(request, "associations") {
            let Ok(other) = self.table_called(&name) else { continue };
            let results: Vec<Value> = self
                .associations
                .of(row.id)
                .filter(|(to, _)| self.type_of(*to) == Some(&other.ty.id))
                .map(|(to, _)| {
                    let kind = format!("{}_to_{}", table.ty.singular, other.ty.singular);
                    json!({ "id": to.to_string(), "type": kind })
                })
                .collect();
            if !results.is_empty() {
                tied.insert(other.ty.name.clone(), json!({ "results": results }));
            }
        }
        if !tied.is_empty() {
            shown["associations"] = Value::Object(tied);
        }
        shown
    }

    /// Two records become a third one; both ids answer with it from now on.
    fn merge(&mut self, type_id: &str, body: &Value, call: Call) -> Result<Reply, Refusal> {
        let id = |name: &str| body[name].as_str().and_then(as_id);
        let (Some(primary), Some(other)) = (id("primaryObjectId"), id("objectIdToMerge")) else {
            return Err(Refusal::validation("A merge needs primaryObjectId and objectIdToMerge"));
        };
        let id = self.merge_records(type_id, primary, other, call)?;
        Ok(Reply::json(StatusCode::OK, &self.show(type_id, id, &self.wanting(Vec::new()), call.now)?))
    }

    pub(super) fn merge_records(
        &mut self,
        type_id: &str,
        primary: u64,
        other: u64,
        call: Call,
    ) -> Result<u64, Refusal> {
        let table = self.table(type_id)?;
        if !table.ty.mergeable {
            return Err(Refusal::no_such_path());
        }
        let alive = |id: u64| table.alive(id).ok_or_else(|| Refusal::not_found(&[&id.to_string()]));
        let (kept, gone) = (alive(primary)?.clone(), alive(other)?.clone());
        if kept.id == gone.id {
            return Err(Refusal::validation("A record cannot be merged with itself"));
        }
        let consumed = consumed(&kept, &gone);
        if consumed.len() > MOST_MERGES {
            return Err(Refusal::validation("A record takes part in 250 merges at most"));
        }
        let id = self.next_id();
        let ignore_case = self.settings.unique_ignores_case;
        let Some(table) = self.tables.get_mut(type_id) else { return Err(Refusal::no_such_path()) };
        table.remove(kept.id);
        table.remove(gone.id);
        table.insert(id, call.by, call.now);
        table.change(id, ignore_case, |row, _| {
            let own = ["hs_object_id", "hs_object_source", "hs_object_source_id"];
            // The primary record's values win.
            for (name, value) in gone.values.iter().chain(&kept.values) {
                if !own.contains(&name.as_str()) && !name.ends_with("lastmodifieddate") {
                    row.set(name, value, call.by, call.now);
                }
            }
            row.set("hs_merged_object_ids", &consumed.join(";"), call.by, call.now);
            if type_id == "0-1" {
                let at = call.now.timestamp_millis();
                let vids: Vec<String> = consumed.iter().map(|id| format!("{id}:{at}")).collect();
                row.set("hs_calculated_merged_vids", &vids.join(";"), call.by, call.now);
            }
            row.created = kept.created.min(gone.created);
        });
        table.merged.extend([(kept.id, id), (gone.id, id)]);
        for old in [kept.id, gone.id] {
            self.associations.transfer(old, id);
            self.tell_index(type_id, old, call.now);
        }
        self.tell_index(type_id, id, call.now);
        self.events.merged(type_id, (kept.id, gone.id), id, call);
        Ok(id)
    }

    /// For good, as the law demands; the address may not come back.
    fn forget(&mut self, body: &Value, call: Call) -> Result<Reply, Refusal> {
        let given = body["objectId"].as_str().unwrap_or_default().to_owned();
        let id = self.find(self.table("0-1")?, &given, body["idProperty"].as_str())?;
        let row = id.and_then(|id| self.tables.get_mut("0-1")?.remove(id));
        let row = row.ok_or_else(|| Refusal::not_found(&[&given]))?;
        self.tell_index("0-1", row.id, call.now);
        self.events.forgotten(row.id, call);
        Ok(Reply::empty(StatusCode::NO_CONTENT))
    }

    /// A record as an answer carries it.
    pub(super) fn show(
        &self,
        type_id: &str,
        id: u64,
        wanted: &Wanted,
        now: DateTime<Utc>,
    ) -> Result<Value, Refusal> {
        let table = self.table(type_id)?;
        let row = table.get(id, now).ok_or_else(|| Refusal::not_found(&[&id.to_string()]))?;
        Ok(row.to_json(table, wanted))
    }

    pub(super) fn wanting(&self, properties: Vec<String>) -> Wanted {
        Wanted { properties, history: Vec::new(), omit_nulls: self.settings.omit_nulls }
    }

    fn wanted(&self, request: &Request) -> Wanted {
        let history = names(request, "propertiesWithHistory");
        Wanted { history, ..self.wanting(names(request, "properties")) }
    }
}

/// The ids that end in this merge, and those that ended in earlier ones.
fn consumed(kept: &Record, gone: &Record) -> Vec<String> {
    let mut ids = Vec::new();
    for row in [kept, gone] {
        let earlier = row.value("hs_merged_object_ids").unwrap_or_default();
        ids.extend(earlier.split(';').filter(|id| !id.is_empty()).map(str::to_owned));
        ids.push(row.id.to_string());
    }
    ids
}

/// The `properties` of a write.
pub(super) fn properties(body: &Value) -> Result<Map<String, Value>, Refusal> {
    body["properties"]
        .as_object()
        .cloned()
        .ok_or_else(|| Refusal::validation("Invalid input JSON: properties must be an object"))
}

/// A list in the query, repeated or with commas.
fn names(request: &Request, parameter: &str) -> Vec<String> {
    let all = request.query.iter().filter(|(name, _)| name == parameter);
    all.flat_map(|(_, value)| value.split(',')).map(|name| name.trim().to_owned()).collect()
}

pub(super) fn limit(given: Option<&str>, default: usize, most: usize) -> Result<usize, Refusal> {
    let Some(given) = given else { return Ok(default) };
    match given.parse() {
        Ok(limit) if (1..=most).contains(&limit) => Ok(limit),
        _ => Err(Refusal::validation(format!("Invalid limit {given}: must be between 1 and {most}"))),
    }
}
