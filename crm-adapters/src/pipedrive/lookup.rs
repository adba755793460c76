//! Reading records by id and by the value of a field.

use std::collections::BTreeSet;

use super::Pipedrive;
use super::api::{Call, GET_COST, LIST_COST};
use super::entity::{Entity, Version};
use super::fields::{Column, Search};
use super::lens::Resolved;
use super::wire::{WireHit, WireHits, WireRecord, is_schema_mismatch};
use crate::change::Key;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Effect, Failure, repeated_cursor};
use crate::model::{Record, RecordId, Value, View};

/// As many ids as one request may ask for.
const IDS: usize = 100;

impl Pipedrive {
    pub(super) async fn get_by_id(
        &self,
        entity: &Entity,
        view: &View,
        ids: &[RecordId],
    ) -> Result<Vec<Record>> {
        // What is no id of Pipedrive's does not exist.
        let ids: Vec<&str> = ids.iter().filter(|id| entity.is_id(id)).map(RecordId::as_str).collect();
        let most = if entity.version == Version::V1 { 1 } else { IDS };
        let mut records = Vec::with_capacity(ids.len());
        for some in ids.chunks(most) {
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
            let call = Call::one(format!("{}/{id}", entity.path), entity.price(GET_COST));
            return match self.read_narrowed::<Option<WireRecord>>(entity, view, &call).await {
                Ok(reply) => Ok(reply.data.into_iter().collect()),
                Err(failure) if failure.error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
                Err(failure) => Err(failure),
            };
        }
        let mut found = Vec::with_capacity(ids.len());
        for path in entity.paths() {
            if found.len() < ids.len() {
                let call = Call::list(path).query("ids", ids.join(","));
                let call = if path == entity.path { call } else { call.costing(2 * LIST_COST) };
                found.extend(self.pages(entity, view, &call, ids.len()).await?);
            }
        }
        Ok(found)
    }

    /// Every page of a list that has at most so many rows. Mostly one: a page takes more ids than may be asked for.
    async fn pages(
        &self,
        entity: &Entity,
        view: &View,
        call: &Call,
        most: usize,
    ) -> Result<Vec<WireRecord>, Failure> {
        let (mut rows, mut next) = (Vec::new(), call.clone());
        for _ in 0..=most {
            let page = self.read_narrowed::<Vec<WireRecord>>(entity, view, &next).await?;
            rows.extend(page.data);
            let Some(cursor) = page.next_cursor else { return Ok(rows) };
            next = call.clone().query("cursor", cursor);
        }
        Err(Failure::new(Effect::Unknown, repeated_cursor(&call.request)))
    }

    /// Searches, then reads what was found: the search answers without values and covers more than was asked for.
    pub(super) async fn find_by_field(&self, entity: &Entity, view: &View, key: &Key) -> Result<Vec<Record>> {
        let mut wider = view.clone();
        wider.fields.push(key.field.clone());
        let wanted = match &key.value {
            Value::List(values) => values.as_slice(),
            value => std::slice::from_ref(value),
        };
        let lens = self.lens(entity, &wider).await?;
        let ids = match self.matching(entity, searched(&lens, key)?, wanted).await {
            Err(failure) if is_schema_mismatch(&failure) => {
                self.cache.newer(&self.api, entity, &lens.catalogue).await?;
                let lens = self.lens(entity, &wider).await?;
                self.matching(entity, searched(&lens, key)?, wanted).await
            }
            ids => ids,
        };
        let mut found = self.get_by_id(entity, &wider, &ids.map_err(Failure::into_read_error)?).await?;
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

    /// The records that may have one of these values.
    async fn matching(
        &self,
        entity: &Entity,
        column: &Column,
        values: &[Value],
    ) -> Result<Vec<RecordId>, Failure> {
        let mut ids = BTreeSet::new();
        for value in values.iter().filter(|value| !value.is_empty()) {
            ids.extend(self.candidates(entity, column, value).await?);
        }
        Ok(ids.into_iter().collect())
    }

    /// The records that may have a value: the search's index lags behind, and it covers more than one field.
    async fn candidates(
        &self,
        entity: &Entity,
        column: &Column,
        value: &Value,
    ) -> Result<Vec<RecordId>, Failure> {
        let term = value.to_string();
        let call = match column.search {
            Search::Field => Call::search("/api/v2/itemSearch/field")
                .query("entity_type", entity.name)
                .query("field", column.place.key())
                .query("match", "exact")
                .query("term", term),
            Search::Word(word) => Call::search(&format!("{}/search", entity.path))
                .query("fields", word)
                .query("exact_match", "true")
                .query("term", term),
            Search::No => return self.listed(entity, column, &term).await,
        };
        let hits = self.api.read_pages(&call, WireHits::into_list).await?;
        Ok(hits.iter().filter_map(WireHit::id).map(RecordId::new).collect())
    }

    /// The records of a list that is narrowed to one value.
    async fn listed(&self, entity: &Entity, column: &Column, id: &str) -> Result<Vec<RecordId>, Failure> {
        let call =
            Call::list(entity.path).costing(entity.price(LIST_COST)).query(column.place.static_key(), id);
        let call = if entity.version == Version::V1 { call.by_position() } else { call };
        let found: Vec<WireHit> = self.api.read_all(&call).await?;
        Ok(found.iter().filter_map(WireHit::id).map(RecordId::new).collect())
    }
}

/// The field that records are to be found by.
fn searched<'l>(lens: &'l Resolved, key: &Key) -> Result<&'l Column> {
    let column = lens.catalogue.column(&key.field)?;
    if column.search == Search::No && !column.listed {
        return Err(Error::new(ErrorKind::Unsupported, "Pipedrive cannot search by this field")
            .with_field(&key.field)
            .with_remedy("use a custom field of type text"));
    }
    Ok(column)
}

/// Equal, also where one is a number and the other its text.
fn same(found: &Value, wanted: &Value) -> bool {
    found == wanted || found.to_string() == wanted.to_string()
}
