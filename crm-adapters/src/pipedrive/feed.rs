//! Reading records: along the feed, by id, by the value of a field.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::Pipedrive;
use super::api::{Call, Reply, repeated_cursor};
use super::cursor::{Seen, Walk};
use super::entity::Entity;
use super::fields::{Catalogue, Column};
use super::map::{Lens, Reading};
use super::wire::{WireHit, WireRecord, is_schema_mismatch};
use crate::change::{Change, Cursor, Key, Page};
use crate::error::{Error, ErrorKind, Result};
use crate::http::Failure;
use crate::model::{Record, RecordId, Value, View};

/// As many ids as one request may ask for.
const IDS: usize = 100;

impl Pipedrive {
    pub(super) async fn next_page(
        &self,
        entity: &Entity,
        view: &View,
        after: Option<&Cursor>,
    ) -> Result<Page> {
        let mut walk = Walk::parse(after)?;
        let mut reply = self.walk_on(entity, view, &walk).await;
        if walk.next.is_some() && reply.as_ref().is_err_and(is_refusal) {
            tracing::debug!(
                "the page cursor is not taken any more: the walk goes on from the newest change it saw"
            );
            walk = walk.restarted();
            reply = self.walk_on(entity, view, &walk).await;
        }
        let reply = reply.map_err(Failure::into_read_error)?;
        let readings = self.readings(entity, view, &reply.data).await?;
        let seen = Seen {
            newest: readings.iter().filter_map(|reading| reading.record.revision).max(),
            date: reply.answer.date().map(|date| date.timestamp()),
            next: reply.next_cursor,
        };
        let walk = walk.after(seen).ok_or_else(|| repeated_cursor(&Call::list(entity.path)))?;
        let changes = readings.into_iter().map(change).collect();
        Ok(Page { changes, cursor: walk.to_cursor()?, more: walk.next.is_some() })
    }

    async fn walk_on(
        &self,
        entity: &Entity,
        view: &View,
        walk: &Walk,
    ) -> Result<Reply<Vec<WireRecord>>, Failure> {
        let mut call = Call::list(entity.path).query("sort_by", "update_time").query("sort_direction", "asc");
        if let Some(since) = walk.updated_since() {
            call = call.query("updated_since", since);
        }
        if let Some(cursor) = &walk.next {
            call = call.query("cursor", cursor.clone());
        }
        self.read_narrowed(entity, view, &call).await
    }

    pub(super) async fn get_by_id(
        &self,
        entity: &Entity,
        view: &View,
        ids: &[RecordId],
    ) -> Result<Vec<Record>> {
        // What is no number is no id of Pipedrive's, so it does not exist.
        let ids: Vec<&str> =
            ids.iter().map(RecordId::as_str).filter(|id| id.parse::<u64>().is_ok()).collect();
        let mut records = Vec::with_capacity(ids.len());
        for some in ids.chunks(IDS) {
            let wires = self.fetch(entity, view, some).await.map_err(Failure::into_read_error)?;
            let readings = self.readings(entity, view, &wires).await?;
            records.extend(
                readings.into_iter().filter(|reading| !reading.is_deleted).map(|reading| reading.record),
            );
        }
        Ok(records)
    }

    /// One id by its own path, for a tenth of a list's price; several by one list.
    async fn fetch(&self, entity: &Entity, view: &View, ids: &[&str]) -> Result<Vec<WireRecord>, Failure> {
        if let [id] = ids {
            let call = Call::one(format!("{}/{id}", entity.path));
            return match self.read_narrowed::<Option<WireRecord>>(entity, view, &call).await {
                Ok(reply) => Ok(reply.data.into_iter().collect()),
                Err(failure) if failure.error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
                Err(failure) => Err(failure),
            };
        }
        let call = Call::list(entity.path).query("ids", ids.join(","));
        Ok(self.read_narrowed(entity, view, &call).await?.data)
    }

    /// Reads with the custom fields of a view; where the remembered fields are not the account's any more, once again
    /// with those that are.
    async fn read_narrowed<T: DeserializeOwned + Default>(
        &self,
        entity: &Entity,
        view: &View,
        call: &Call,
    ) -> Result<Reply<T>, Failure> {
        let lens = self.lens(entity, view).await.map_err(Failure::not_sent)?;
        let reply = self.api.read(&lens.narrow(call)).await;
        match &reply {
            Err(failure) if failure.answer.as_deref().is_some_and(is_schema_mismatch) => {
                let newer = self.cache.newer(&self.api, entity, &lens.catalogue).await;
                newer.map_err(Failure::not_sent)?;
                let lens = self.lens(entity, view).await.map_err(Failure::not_sent)?;
                self.api.read(&lens.narrow(call)).await
            }
            _ => reply,
        }
    }

    /// Searches, then reads what was found: the search answers without values and covers more than was asked for.
    pub(super) async fn find_by_field(&self, entity: &Entity, view: &View, key: &Key) -> Result<Vec<Record>> {
        let lens = self.lens(entity, view).await?;
        let column = Arc::clone(lens.catalogue.column(&key.field)?);
        if !column.searchable {
            return Err(Error::new(ErrorKind::Unsupported, "Pipedrive cannot search by this field")
                .with_field(&key.field)
                .with_remedy("use a custom field of type text"));
        }
        let wanted = match &key.value {
            Value::List(values) => values.as_slice(),
            value => std::slice::from_ref(value),
        };
        let mut ids = BTreeSet::new();
        for value in wanted.iter().filter(|value| !value.is_empty()) {
            ids.extend(self.search(entity, &column, value).await?);
        }
        let ids: Vec<_> = ids.into_iter().collect();
        let mut wider = view.clone();
        wider.fields.push(key.field.clone());
        let mut found = self.get_by_id(entity, &wider, &ids).await?;
        found.retain(|record| {
            let held = record.fields.get(&key.field);
            held.is_some_and(|held| wanted.iter().any(|value| same(held, value)))
        });
        if !view.fields.contains(&key.field) {
            for record in &mut found {
                record.fields.remove(&key.field);
            }
        }
        Ok(found)
    }

    /// The records that the search finds by a value: candidates, for its index lags behind.
    async fn search(&self, entity: &Entity, column: &Column, value: &Value) -> Result<Vec<RecordId>> {
        let call = Call::search("/api/v2/itemSearch/field")
            .query("entity_type", entity.name)
            .query("field", column.place.key())
            .query("match", "exact")
            .query("term", value.to_string());
        let hits: Vec<WireHit> = self.api.read_all(&call).await.map_err(Failure::into_read_error)?;
        Ok(hits.iter().filter_map(WireHit::id).map(RecordId::new).collect())
    }

    /// A view against the account's fields. One that is not among the remembered fields may have been made since.
    pub(super) async fn lens(&self, entity: &Entity, view: &View) -> Result<Resolved> {
        let catalogue = self.cache.get(&self.api, entity).await?;
        match Lens::new(&catalogue, view) {
            Err(_) if self.cache.is_old(entity.kind).await => {
                let catalogue = self.cache.newer(&self.api, entity, &catalogue).await?;
                Ok(Resolved { lens: Lens::new(&catalogue, view)?, catalogue })
            }
            lens => Ok(Resolved { lens: lens?, catalogue }),
        }
    }

    /// Maps records; where one has an option that the remembered fields lack, they are read anew, now and then.
    async fn readings(&self, entity: &Entity, view: &View, wires: &[WireRecord]) -> Result<Vec<Reading>> {
        let lens = self.lens(entity, view).await?;
        let readings = wires.iter().map(|wire| lens.read(wire)).collect::<Result<Vec<_>>>()?;
        let unknown = readings.iter().any(|reading| reading.unknown_option);
        if !unknown || !self.cache.is_old(entity.kind).await {
            return Ok(readings);
        }
        self.cache.newer(&self.api, entity, &lens.catalogue).await?;
        let lens = self.lens(entity, view).await?;
        wires.iter().map(|wire| lens.read(wire)).collect()
    }
}

/// A view and the fields that it was resolved against.
#[derive(Debug)]
pub(super) struct Resolved {
    pub(super) catalogue: Arc<Catalogue>,
    lens: Lens,
}

impl Resolved {
    fn narrow(&self, call: &Call) -> Call {
        match self.lens.custom_fields() {
            Some(keys) => call.clone().query("custom_fields", keys),
            None => call.clone(),
        }
    }

    pub(super) fn read(&self, wire: &WireRecord) -> Result<Reading> {
        self.lens.read(wire)
    }
}

fn change(reading: Reading) -> Change {
    if reading.is_deleted { Change::Deleted(reading.record.id) } else { Change::Present(reading.record) }
}

/// Whether the vendor did not take the request as it was.
fn is_refusal(failure: &Failure) -> bool {
    matches!(failure.error.kind(), ErrorKind::Invalid | ErrorKind::NotFound)
}

/// Equal, also where one is a number and the other its text.
fn same(found: &Value, wanted: &Value) -> bool {
    found == wanted || found.to_string() == wanted.to_string()
}
