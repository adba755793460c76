//! Writing records: a hundred a call, each with an outcome of its own.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value as Json;

use super::HubSpot;
use super::api::{Call, is_whole_refusal};
use super::association::{Links, value};
use super::batch::{Item, Operation, Part, taken_apart};
use super::entity::Entity;
use super::feed::{BATCH, Resolved};
use super::map::{Encoded, check_required, encode};
use super::wire::{WireList, WireRecord};
use crate::change::{Action, Outcome, Write};
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Effect, Failure, decode};
use crate::model::{Fields, Record, RecordId, Value, View};

impl HubSpot {
    pub(super) async fn write_all(&self, view: &View, writes: Vec<Write>) -> Vec<Outcome> {
        let count = writes.len();
        let mut outcomes: Vec<Option<Outcome>> = std::iter::repeat_with(|| None).take(count).collect();
        match self.prepare(view, writes).await {
            Ok((entity, resolved, items)) => {
                let mut ready = Vec::new();
                for (at, item) in items.into_iter().enumerate() {
                    match item {
                        Ok(item) => ready.push(item),
                        Err(failure) => put(&mut outcomes, at, Err(failure)),
                    }
                }
                let ready = self.still_there(&entity, ready, &mut outcomes).await;
                for batch in batches(ready) {
                    self.write_batch(&entity, view, &resolved, batch, &mut outcomes).await;
                }
            }
            Err(failure) => (0..count).for_each(|at| put(&mut outcomes, at, Err(again(&failure)))),
        }
        let lost = || Outcome::Unknown(Error::new(ErrorKind::Decode, "HubSpot told nothing of this write"));
        outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(lost)).collect()
    }

    /// Each write in HubSpot's words. A field or an option that is not known is looked for once more in the account.
    async fn prepare(
        &self,
        view: &View,
        writes: Vec<Write>,
    ) -> Result<(Entity, Resolved, Vec<Result<Item, Failure>>), Failure> {
        let entity = self.cache.entities().get(view.kind).map_err(Failure::refused)?.clone();
        let mut resolved = self.resolve(&entity, view).await.map_err(Failure::not_sent)?;
        let mut items = self.items(&resolved, &writes);
        if items.iter().any(|item| item.as_ref().is_err_and(may_be_new)) && self.cache.is_old(entity.kind) {
            let newer = self.cache.newer(&self.api, &entity, &resolved.catalogue).await;
            newer.map_err(Failure::not_sent)?;
            resolved = self.resolve(&entity, view).await.map_err(Failure::not_sent)?;
            items = self.items(&resolved, &writes);
        }
        Ok((entity, resolved, items))
    }

    fn items(&self, resolved: &Resolved, writes: &[Write]) -> Vec<Result<Item, Failure>> {
        writes.iter().enumerate().map(|(at, write)| self.item(resolved, at, write)).collect()
    }

    fn item(&self, resolved: &Resolved, at: usize, write: &Write) -> Result<Item, Failure> {
        let before = write.send_before;
        let item = |operation, encoded: Encoded| Item {
            at,
            operation,
            properties: encoded.properties,
            links: encoded.links,
            before,
        };
        match &write.action {
            Action::Create(fields) => {
                let encoded = encoded(resolved, fields)?;
                check_required(&resolved.catalogue, &encoded).map_err(Failure::refused)?;
                let key = resolved.catalogue.unique(&self.unique_key).and_then(|property| {
                    let value = encoded.properties.get(property).filter(|value| !value.is_empty())?;
                    Some((property.to_owned(), value.clone()))
                });
                Ok(item(
                    key.map_or(Operation::Create, |(by, value)| Operation::Upsert { by, value }),
                    encoded,
                ))
            }
            Action::Update(id, fields) => Ok(item(Operation::Update(known(id)?), encoded(resolved, fields)?)),
            Action::Archive(id) => Ok(item(Operation::Archive(known(id)?), Encoded::default())),
        }
    }

    /// Takes out what is to be archived and does not exist: HubSpot itself would not say so.
    async fn still_there(
        &self,
        entity: &Entity,
        items: Vec<Item>,
        outcomes: &mut [Option<Outcome>],
    ) -> Vec<Item> {
        let archived = |item: &Item| match &item.operation {
            Operation::Archive(id) => Some(id.clone()),
            _ => None,
        };
        let ids: Vec<RecordId> = items.iter().filter_map(archived).collect();
        let bare = View { kind: entity.kind, fields: Vec::new() };
        let found = self.batch_read(entity, &bare, &ids, None).await;
        let answer = |id: &RecordId| match &found {
            Ok(found) if found.iter().any(|it| it.record.id == *id || it.merged.contains(id)) => Ok(()),
            Ok(_) => Err(Failure::new(
                Effect::Gone,
                Error::new(ErrorKind::NotFound, format!("there is no record {id} in HubSpot")),
            )),
            Err(error) => Err(Failure::not_sent(error.again())),
        };
        let mut left = Vec::with_capacity(items.len());
        for item in items {
            match archived(&item).map_or(Ok(()), |id| answer(&id)) {
                Ok(()) => left.push(item),
                Err(failure) => put(outcomes, item.at, Err(failure)),
            }
        }
        left
    }

    /// Sends a batch; where it is refused as a whole for what is in it, in parts, down to single writes.
    async fn write_batch(
        &self,
        entity: &Entity,
        view: &View,
        resolved: &Resolved,
        batch: Vec<Item>,
        outcomes: &mut [Option<Outcome>],
    ) {
        let mut parts = vec![batch];
        while let Some(items) = parts.pop() {
            match self.send(entity, &items).await {
                Ok(answered) => self.finish(entity, view, resolved, items, answered, outcomes).await,
                Err(failure) if items.len() > 1 && is_whole_refusal(&failure) => {
                    parts.extend(taken_apart(items, &failure));
                }
                Err(failure) => {
                    for item in &items {
                        put(outcomes, item.at, Err(named(misdirected(again(&failure), item), resolved)));
                    }
                }
            }
        }
    }

    /// One call; what became of each item, in the same order.
    async fn send(&self, entity: &Entity, items: &[Item]) -> Result<Vec<Part>, Failure> {
        let Some(first) = items.first() else { return Ok(Vec::new()) };
        if items.iter().all(Item::is_nothing) {
            return Ok(items.iter().map(Item::untouched).collect());
        }
        let path = format!("{}/batch/{}", self.api.version.objects(&entity.object), first.operation.verb());
        let inputs: Vec<Json> = items.iter().map(Item::json).collect();
        let call = Call::post(path, &serde_json::json!({"inputs": inputs})).map_err(Failure::refused)?;
        let before: Option<Duration> = items.iter().filter_map(|item| item.before).min();
        let answer = self.api.write(&call, before).await?;
        if answer.body.is_empty() {
            return Ok(items.iter().map(Item::untouched).collect());
        }
        let list: WireList<WireRecord> = decode(&answer)
            .map_err(|error| Failure::new(Effect::Unknown, error.with_operation(call.request.operation())))?;
        Ok(super::batch::sorted(items, list))
    }

    /// Maps what is stored, and writes the associations that could not go along.
    async fn finish(
        &self,
        entity: &Entity,
        view: &View,
        resolved: &Resolved,
        items: Vec<Item>,
        answered: Vec<Part>,
        outcomes: &mut [Option<Outcome>],
    ) {
        let mut old = Vec::new();
        for (item, part) in items.into_iter().zip(answered) {
            let stored = match part {
                Ok(wire) => self.stored(entity, resolved, &item, &wire).await,
                Err(failure) => Err(failure),
            };
            match stored {
                Ok((record, false)) if !resolved.lens.is_complete(&record) => old.push((item.at, record)),
                stored => {
                    let result = stored.map(|(record, _)| record);
                    put(outcomes, item.at, result.map_err(|it| named(misdirected(it, &item), resolved)));
                }
            }
        }
        for (at, record) in self.completed(entity, view, old).await {
            put(outcomes, at, Ok(record));
        }
    }

    /// What is stored of one item, and whether it is new.
    async fn stored(
        &self,
        entity: &Entity,
        resolved: &Resolved,
        item: &Item,
        wire: &WireRecord,
    ) -> Result<(Record, bool), Failure> {
        let new = wire.new == Some(true) || matches!(item.operation, Operation::Create);
        let reading = resolved.lens.read(wire).map_err(|error| Failure::new(Effect::Unknown, error))?;
        let archived = matches!(item.operation, Operation::Archive(_));
        Ok((self.linked(entity, item, reading.record, new).await?, new || archived))
    }

    /// HubSpot answers an update with little more than what was sent: what the view wants besides is read.
    async fn completed(
        &self,
        entity: &Entity,
        view: &View,
        records: Vec<(usize, Record)>,
    ) -> Vec<(usize, Record)> {
        let ids: Vec<RecordId> = records.iter().map(|(_, record)| record.id.clone()).collect();
        let full = match self.batch_read(entity, view, &ids, None).await {
            Ok(full) => full,
            Err(error) => {
                tracing::warn!(%error, "what else stands in updated records was not read");
                Vec::new()
            }
        };
        let of = |known: Record| {
            let full = full.iter().find(|reading| reading.record.id == known.id);
            full.map_or(known, |reading| reading.record.clone())
        };
        records.into_iter().map(|(at, record)| (at, of(record))).collect()
    }

    /// The record with its associations written. A new record stands even where they are refused: it is told without
    /// them, so that what is missing is seen and asked for again, and no second record is made.
    async fn linked(
        &self,
        entity: &Entity,
        item: &Item,
        mut record: Record,
        new: bool,
    ) -> Result<Record, Failure> {
        for (name, target, ids) in &item.links {
            let inline = item.inline(target).is_some();
            let nothing = new && ids.is_empty();
            if !(inline || nothing) {
                let wanted = Links::from([(record.id.clone(), ids.clone())]);
                if let Err(failure) = self.relink(entity, target, &wanted, item.before).await {
                    if !new {
                        return Err(Failure { error: failure.error.with_field(name), ..failure });
                    }
                    tracing::warn!(error = %failure.error, id = %record.id, field = %name, "a new record stands without an association");
                    if failure.effect != Effect::Unknown {
                        record.fields.set(name.as_str(), Value::Null);
                    }
                    continue;
                }
            }
            record.fields.set(name.as_str(), value(ids));
        }
        Ok(record)
    }
}

/// Batches of one operation each, in which no record stands twice: HubSpot refuses those.
fn batches(items: Vec<Item>) -> Vec<Vec<Item>> {
    let mut batches: Vec<(Vec<Item>, BTreeSet<String>)> = Vec::new();
    for item in items {
        let key = item.key();
        let room = batches.iter_mut().find(|(batch, keys)| {
            let same = batch.first().is_some_and(|first| first.fits(&item));
            same && batch.len() < BATCH && key.as_ref().is_none_or(|key| !keys.contains(key))
        });
        match room {
            Some((batch, keys)) => {
                batch.push(item);
                keys.extend(key);
            }
            None => batches.push((vec![item], key.into_iter().collect())),
        }
    }
    batches.into_iter().map(|(batch, _)| batch).collect()
}

fn encoded(resolved: &Resolved, fields: &Fields) -> Result<Encoded, Failure> {
    encode(&resolved.catalogue, fields).map_err(|error| match error.kind() {
        ErrorKind::Config => Failure::not_sent(error),
        _ => Failure::refused(error),
    })
}

/// Whether newer properties may know what these do not.
fn may_be_new(failure: &Failure) -> bool {
    matches!(failure.error.kind(), ErrorKind::Config | ErrorKind::Invalid)
}

/// An id of another form would not be one of HubSpot's.
fn known(id: &RecordId) -> Result<RecordId, Failure> {
    if id.is_number() {
        return Ok(id.clone());
    }
    let error = Error::new(ErrorKind::NotFound, format!("\"{id}\" is not the id of a record in HubSpot"));
    Err(Failure::new(Effect::Gone, error))
}

/// A create cannot be gone: where it is answered so, the address or the object type is wrong.
fn misdirected(failure: Failure, item: &Item) -> Failure {
    let creates = matches!(item.operation, Operation::Create | Operation::Upsert { .. });
    if failure.effect == Effect::Gone && creates {
        return Failure::not_sent(
            failure.error.with_remedy("check the object type and the address of HubSpot"),
        );
    }
    failure
}

/// Names the field as records do.
fn named(failure: Failure, resolved: &Resolved) -> Failure {
    let Failure { effect, error, answer } = failure;
    let name = error.field().and_then(|property| resolved.catalogue.name_of(property));
    let error = match name {
        Some(name) => error.with_field(name),
        None => error,
    };
    Failure { effect, error, answer }
}

fn again(failure: &Failure) -> Failure {
    Failure { effect: failure.effect, error: failure.error.again(), answer: None }
}

fn put(outcomes: &mut [Option<Outcome>], at: usize, result: Result<Record, Failure>) {
    if let Some(slot) = outcomes.get_mut(at) {
        *slot = Some(result.map_or_else(Outcome::from, Outcome::Applied));
    }
}
