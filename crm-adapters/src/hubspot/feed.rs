//! Reading records: along the feed, by id, by the value of a field.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::HubSpot;
use super::api::Call;
use super::association::value;
use super::cursor::{LAG, Position, Seen, Step, Walk};
use super::entity::Entity;
use super::fields::{Catalogue, Column, Shape};
use super::map::{Lens, Reading, instant};
use super::wire::{WireList, WireRecord};
use crate::change::{Change, Cursor, Key, Page};
use crate::error::{Error, ErrorKind, Result};
use crate::http::Answer;
use crate::model::{Record, RecordId, Value, View};

/// Rows of one page of a list, and inputs of one batch.
pub(super) const BATCH: usize = 100;
/// Hits of one page of a search.
const HITS: usize = 200;

/// A view and the fields that it was resolved against.
#[derive(Debug)]
pub(super) struct Resolved {
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) lens: Lens,
}

impl HubSpot {
    pub(super) async fn next_page(
        &self,
        entity: &Entity,
        view: &View,
        after: Option<&Cursor>,
    ) -> Result<Page> {
        let mut walk = Walk::parse(after)?;
        let resolved = self.resolve(entity, view).await?;
        let mut answer = self.walk_on(entity, &resolved.lens, &walk).await;
        let refused = |error: &Error| matches!(error.kind(), ErrorKind::Invalid | ErrorKind::NotFound);
        if let (Some(restarted), true) = (walk.restarted(), answer.as_ref().is_err_and(refused)) {
            tracing::debug!("the page cursor is not taken any more: the list is read from its beginning");
            walk = restarted;
            answer = self.walk_on(entity, &resolved.lens, &walk).await;
        }
        let (list, answer) = answer?;
        let seen = Seen {
            records: list.results.iter().map(|wire| place(&resolved.lens, wire)).collect(),
            date: self.date(&answer),
            next: list.next().map(str::to_owned),
        };
        let changes = match walk.step {
            Step::Archived(..) => self.deleted(entity, view, &list.results, walk.archived_until).await?,
            _ => changes(self.readings(entity, view, &list.results).await?),
        };
        let every = i64::try_from(self.archived_every.as_millis()).unwrap_or(i64::MAX);
        let (walk, more) = walk.after(seen, every);
        Ok(Page { changes, cursor: walk.to_cursor()?, more })
    }

    async fn walk_on(
        &self,
        entity: &Entity,
        lens: &Lens,
        walk: &Walk,
    ) -> Result<(WireList<WireRecord>, Answer)> {
        let call = match &walk.step {
            Step::List(after) => self.list(entity, lens, after.as_ref()),
            Step::Archived(after, _) => self.list(entity, lens, after.as_ref()).query("archived", "true"),
            Step::Search(from, position) => {
                let (groups, sort) = filters(entity, *from, position);
                self.search(entity, lens, &groups, sort)?
            }
        };
        self.api.read_dated(&call).await
    }

    fn list(&self, entity: &Entity, lens: &Lens, after: Option<&String>) -> Call {
        let call = Call::get(self.api.version.objects(&entity.object))
            .query("limit", BATCH.to_string())
            .query("properties", lens.properties().join(","));
        match after {
            Some(after) => call.query("after", after.clone()),
            None => call,
        }
    }

    fn search(&self, entity: &Entity, lens: &Lens, groups: &Json, sort: &str) -> Result<Call> {
        let body = json!({
            "filterGroups": groups,
            "sorts": [{"propertyName": sort, "direction": "ASCENDING"}],
            "properties": lens.properties(),
            "limit": HITS,
            "after": "0",
        });
        Ok(Call::post(self.api.version.objects(&entity.object) + "/search", &body)?.searching())
    }

    /// The vendor's time in milliseconds; ours where it does not tell.
    fn date(&self, answer: &Answer) -> i64 {
        answer.date().unwrap_or_else(|| self.api.clock().now()).timestamp_millis()
    }

    /// Which of the archived records were archived since a time. One that answers under another id was merged.
    async fn deleted(
        &self,
        entity: &Entity,
        view: &View,
        archived: &[WireRecord],
        since: i64,
    ) -> Result<Vec<Change>> {
        let recent = |wire: &&WireRecord| {
            let at = wire.archived_at.as_deref().and_then(instant).map(|moment| moment.timestamp_millis());
            at.is_none_or(|at| at >= since.saturating_sub(LAG))
        };
        let ids = archived.iter().filter(recent).filter_map(|wire| wire.id.0.clone());
        let ids: Vec<RecordId> = ids.map(RecordId::new).collect();
        let bare = View { kind: view.kind, fields: Vec::new() };
        let alive = self.batch_read(entity, &bare, &ids, None).await?;
        let is_gone = |id: &RecordId| !alive.iter().any(|it| it.record.id == *id || it.merged.contains(id));
        let gone: Vec<Change> = ids.iter().filter(|id| is_gone(id)).cloned().map(Change::Deleted).collect();
        let merged = alive.into_iter().filter(|reading| !reading.merged.is_empty());
        Ok(gone.into_iter().chain(merged.map(merge)).collect())
    }

    pub(super) async fn get_by_id(
        &self,
        entity: &Entity,
        view: &View,
        ids: &[RecordId],
    ) -> Result<Vec<Record>> {
        // What is no number is no id of HubSpot's, so it does not exist.
        let ids: Vec<RecordId> = ids.iter().filter(|id| id.is_number()).cloned().collect();
        let mut found = self.batch_read(entity, view, &ids, None).await?;
        if entity.merges {
            for id in &ids {
                if !found.iter().any(|it| it.record.id == *id || it.merged.contains(id)) {
                    found.extend(self.follow(entity, view, id).await?);
                }
            }
        }
        let mut records: Vec<Record> = found.into_iter().map(|reading| reading.record).collect();
        records.sort_by(|one, other| one.id.cmp(&other.id));
        records.dedup_by(|one, other| one.id == other.id);
        Ok(records)
    }

    /// A merged record answers by its old id to a single read only.
    async fn follow(&self, entity: &Entity, view: &View, id: &RecordId) -> Result<Vec<Reading>> {
        let resolved = self.resolve(entity, view).await?;
        let call = Call::get(format!("{}/{id}", self.api.version.objects(&entity.object)))
            .query("properties", resolved.lens.properties().join(","));
        match self.api.read::<WireRecord>(&call).await {
            Ok(wire) => self.readings(entity, view, &[wire]).await,
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Records by id, or by the value of a unique property. Missing ones are left out.
    pub(super) async fn batch_read(
        &self,
        entity: &Entity,
        view: &View,
        ids: &[RecordId],
        by: Option<&str>,
    ) -> Result<Vec<Reading>> {
        let mut found = Vec::with_capacity(ids.len());
        let path = self.api.version.objects(&entity.object) + "/batch/read";
        for some in ids.chunks(BATCH) {
            let resolved = self.resolve(entity, view).await?;
            let inputs: Vec<Json> = some.iter().map(|id| json!({"id": id.as_str()})).collect();
            let mut body = json!({
                "properties": resolved.lens.properties(),
                "propertiesWithHistory": [],
                "inputs": inputs,
            });
            if let (Some(by), Some(body)) = (by, body.as_object_mut()) {
                body.insert("idProperty".to_owned(), json!(by));
            }
            let answer: Result<WireList<WireRecord>> = self.api.read(&Call::post(&path, &body)?).await;
            let list = match answer {
                Err(error) if error.kind() == ErrorKind::NotFound => WireList::default(),
                answer => answer?,
            };
            let live: Vec<WireRecord> =
                list.results.into_iter().filter(|wire| wire.archived != Some(true)).collect();
            found.extend(self.readings(entity, view, &live).await?);
        }
        Ok(found)
    }

    /// By a unique property at once and for certain, by any other one through the search.
    pub(super) async fn find_by_field(&self, entity: &Entity, view: &View, key: &Key) -> Result<Vec<Record>> {
        let mut wider = view.clone();
        wider.fields.push(key.field.clone());
        let resolved = self.resolve(entity, &wider).await?;
        let column = Arc::clone(resolved.catalogue.column(&key.field)?);
        let Some(property) = column.property() else {
            return Err(Error::new(ErrorKind::Unsupported, "HubSpot cannot search by this field")
                .with_field(&key.field)
                .with_remedy("search by a property instead"));
        };
        let wanted = terms(&column, &key.value);
        let mut found = Vec::new();
        for some in wanted.chunks(BATCH) {
            if column.unique {
                let ids: Vec<RecordId> = some.iter().map(RecordId::new).collect();
                found.extend(self.batch_read(entity, &wider, &ids, Some(property)).await?);
            } else {
                found.extend(self.search_by(entity, &wider, property, some).await?);
            }
        }
        let mut records: Vec<Record> = found.into_iter().map(|reading| reading.record).collect();
        records.retain(|record| record.fields.get(&key.field).is_some_and(|it| is_any(it, &key.value)));
        records.sort_by(|one, other| one.id.cmp(&other.id));
        records.dedup_by(|one, other| one.id == other.id);
        if !view.fields.contains(&key.field) {
            for record in &mut records {
                record.fields.remove(&key.field);
            }
        }
        Ok(records)
    }

    /// Walks the hits by id, since a search ends at 10,000 of them.
    async fn search_by(
        &self,
        entity: &Entity,
        view: &View,
        property: &str,
        values: &[String],
    ) -> Result<Vec<Reading>> {
        let mut found: Vec<Reading> = Vec::new();
        let mut last = 0_u64;
        loop {
            let resolved = self.resolve(entity, view).await?;
            let equal = match values {
                [one] => json!({"propertyName": property, "operator": "EQ", "value": one}),
                // Among several, text is compared with its lower case only.
                several => {
                    let lower: Vec<String> = several.iter().map(|value| value.to_lowercase()).collect();
                    json!({"propertyName": property, "operator": "IN", "values": lower})
                }
            };
            let behind = json!({"propertyName": ID, "operator": "GT", "value": last.to_string()});
            let filters = if last == 0 { vec![equal] } else { vec![equal, behind] };
            let call = self.search(entity, &resolved.lens, &json!([{"filters": filters}]), ID)?;
            let list: WireList<WireRecord> = self.api.read(&call).await?;
            found.extend(self.readings(entity, view, &list.results).await?);
            let newest = list.results.iter().filter_map(|wire| wire.id.0.as_ref()?.parse().ok()).max();
            match (list.next(), newest) {
                (Some(_), Some(newest)) if newest > last => last = newest,
                _ => return Ok(found),
            }
        }
    }

    /// A view against the account's fields. One that is not among the remembered fields may have been made since.
    pub(super) async fn resolve(&self, entity: &Entity, view: &View) -> Result<Resolved> {
        let catalogue = self.cache.get(&self.api, entity).await?;
        match Lens::new(entity, &catalogue, view) {
            Err(_) if self.cache.is_old(entity.kind) => {
                let catalogue = self.cache.newer(&self.api, entity, &catalogue).await?;
                Ok(Resolved { lens: Lens::new(entity, &catalogue, view)?, catalogue })
            }
            lens => Ok(Resolved { lens: lens?, catalogue }),
        }
    }

    /// Maps records; where one has an option that the remembered fields lack, they are read anew, now and then.
    async fn readings(&self, entity: &Entity, view: &View, wires: &[WireRecord]) -> Result<Vec<Reading>> {
        let mut resolved = self.resolve(entity, view).await?;
        let mut readings = read_all(&resolved.lens, wires)?;
        if readings.iter().any(|reading| reading.unknown_option) && self.cache.is_old(entity.kind) {
            self.cache.newer(&self.api, entity, &resolved.catalogue).await?;
            resolved = self.resolve(entity, view).await?;
            readings = read_all(&resolved.lens, wires)?;
        }
        self.add_associated(entity, &resolved.lens, &mut readings).await?;
        Ok(readings)
    }

    /// Adds what the records are associated with, as far as the view asks for it.
    async fn add_associated(&self, entity: &Entity, lens: &Lens, readings: &mut [Reading]) -> Result<()> {
        let ids: Vec<RecordId> = readings.iter().map(|reading| reading.record.id.clone()).collect();
        if ids.is_empty() {
            return Ok(());
        }
        for (name, target) in lens.targets() {
            let links = self.links(entity, target, &ids).await?;
            for reading in readings.iter_mut() {
                let to = links.get(&reading.record.id).map(Vec::as_slice).unwrap_or_default();
                reading.record.fields.set(name, value(to));
            }
        }
        if let Some(name) = lens.lines() {
            let mut lines = self.lines(entity, &ids).await?;
            for reading in readings.iter_mut() {
                let of = lines.remove(&reading.record.id).unwrap_or_default();
                reading.record.fields.set(name, Value::Lines(of));
            }
        }
        Ok(())
    }
}

const ID: &str = "hs_object_id";

fn filters(entity: &Entity, from: i64, position: &Position) -> (Json, &'static str) {
    let time = |operator: &str| json!({"propertyName": entity.modified, "operator": operator, "value": from.to_string()});
    let group = |filters: &[Json]| json!({"filters": filters});
    match position {
        Position::First => (json!([group(&[time("GTE")])]), entity.modified),
        Position::Behind(told) => {
            let others = json!({"propertyName": ID, "operator": "NOT_IN", "values": told});
            (json!([group(&[time("GT")]), group(&[time("EQ"), others])]), entity.modified)
        }
        Position::Within(last) => {
            let behind = json!({"propertyName": ID, "operator": "GT", "value": last.to_string()});
            (json!([group(&[time("EQ"), behind])]), ID)
        }
        Position::Last => (json!([group(&[time("GT")])]), entity.modified),
    }
}

fn place(lens: &Lens, wire: &WireRecord) -> (Option<i64>, String) {
    (lens.revision(wire), wire.id.0.clone().unwrap_or_default())
}

fn read_all(lens: &Lens, wires: &[WireRecord]) -> Result<Vec<Reading>> {
    wires.iter().map(|wire| lens.read(wire)).collect()
}

/// What remains comes before what it took in.
fn changes(readings: Vec<Reading>) -> Vec<Change> {
    let both = |reading: Reading| {
        let record = reading.record.clone();
        let merged = (!reading.merged.is_empty()).then(|| merge(reading));
        std::iter::once(Change::Present(record)).chain(merged)
    };
    readings.into_iter().flat_map(both).collect()
}

fn merge(reading: Reading) -> Change {
    Change::Merged { into: reading.record.id, from: reading.merged }
}

/// What to search for, as HubSpot writes it.
fn terms(column: &Column, value: &Value) -> Vec<String> {
    let items = match value {
        Value::List(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    let of_option = |label: &str| column.options.iter().find(|option| option.label == label);
    let term = |item: &Value| match (column.shape, item) {
        (_, item) if item.is_empty() => None,
        (Shape::Choice | Shape::Choices, Value::Text(label)) => Some(of_option(label)?.value.clone()),
        (Shape::Date | Shape::Instant, item) => instant_of(item).map(|at| at.to_string()),
        (_, item) => Some(item.to_string()),
    };
    let mut terms: Vec<String> = items.iter().filter_map(term).collect();
    terms.sort();
    terms.dedup();
    terms
}

/// Times are searched for in milliseconds.
fn instant_of(value: &Value) -> Option<i64> {
    match value {
        Value::Date(day) => Some(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis()),
        Value::Instant(moment) => Some(moment.timestamp_millis()),
        _ => None,
    }
}

/// Equal as HubSpot sees it: text whatever its case, a number also as its text.
fn is_any(found: &Value, wanted: &Value) -> bool {
    match wanted {
        Value::List(items) => items.iter().any(|item| is_any(found, item)),
        one => found == one || found.to_string().to_lowercase() == one.to_string().to_lowercase(),
    }
}
