//! Writing records, one call each, and creating fields.

use std::sync::Arc;
use std::time::Duration;

use http::Method;

use super::Pipedrive;
use super::api::{Call, GET_COST, WRITE_COST, content};
use super::entity::{Entity, List, Version, entity};
use super::fields::Catalogue;
use super::lens::Resolved;
use super::map::{Basis, body, needs_basis, needs_currency};
use super::wire::{WireField, WireNewField, WireRecord, blamed_field, is_schema_mismatch};
use crate::change::{Action, Outcome, Write};
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Answer, Effect, Failure};
use crate::model::{FieldType, Fields, Kind, NewField, Record, RecordId, View};

impl Pipedrive {
    pub(super) async fn write_one(&self, view: &View, write: Write) -> Outcome {
        self.try_write(view, write).await.unwrap_or_else(Outcome::from)
    }

    async fn try_write(&self, view: &View, write: Write) -> Result<Outcome, Failure> {
        let entity = entity(view.kind).map_err(Failure::refused)?;
        if !entity.writable {
            return Err(Failure::refused(read_only(entity)));
        }
        let (id, fields) = match write.action {
            Action::Create(fields) => (None, fields),
            Action::Update(id, fields) => (Some(known(entity, id)?), fields),
            Action::Archive(id) => return self.archive(entity, known(entity, id)?, write.send_before).await,
        };
        let draft = Draft { entity, id, fields };
        let (mut lens, call) = self.prepare(&draft, view).await?;
        let mut answer = self.api.write(&call, write.send_before).await;
        if answer.as_ref().is_err_and(is_schema_mismatch)
            && let Some(again) = self.corrected(&draft, &lens, &call).await
        {
            lens = self.lens(entity, view).await.map_err(Failure::not_sent)?;
            answer = self.api.write(&again, write.send_before).await;
        }
        let answer = answer.map_err(|failure| misdirected(named(failure, &lens), draft.id.as_ref()))?;
        stored(&lens, &call, answer)
    }

    /// Pipedrive keeps what is deleted for thirty days, and people can bring it back until then.
    async fn archive(
        &self,
        entity: &Entity,
        id: RecordId,
        before: Option<Duration>,
    ) -> Result<Outcome, Failure> {
        let call = Call::delete(format!("{}/{id}", entity.path));
        let cost = entity.price(call.cost);
        self.api.write(&call.costing(cost), before).await?;
        let record =
            Record { kind: entity.kind, id, fields: Fields::new(), revision: None, changed_at: None };
        Ok(Outcome::Applied(record))
    }

    /// The call of a write. A field or an option that is not known is looked for once more in the account.
    async fn prepare(&self, draft: &Draft, view: &View) -> Result<(Resolved, Call), Failure> {
        let entity = draft.entity;
        let mut catalogue = self.writing(draft).await?;
        let mut encoded = self.encode(draft, &catalogue).await?;
        if encoded.is_err() && self.cache.is_old(entity.kind).await {
            self.cache.newer(&self.api, entity, &catalogue).await.map_err(Failure::not_sent)?;
            catalogue = self.writing(draft).await?;
            encoded = self.encode(draft, &catalogue).await?;
        }
        let body = encoded.map_err(|error| match error.kind() {
            ErrorKind::Config => Failure::not_sent(error),
            _ => Failure::refused(error),
        })?;
        Ok((self.lens(entity, view).await.map_err(Failure::not_sent)?, draft.call(body)))
    }

    /// The account's fields with the lists that a write chooses from.
    async fn writing(&self, draft: &Draft) -> Result<Arc<Catalogue>, Failure> {
        let names = draft.fields.iter().map(|(name, _)| name);
        self.catalogue(draft.entity, names).await.map_err(Failure::not_sent)
    }

    /// The body of a write. What is only part of a whole costs a read of the record, one token more.
    async fn encode(&self, draft: &Draft, catalogue: &Catalogue) -> Result<Result<Vec<u8>>, Failure> {
        let complete = |body| match catalogue.missing(&draft.fields) {
            Some(field) if draft.id.is_none() => Err(lacking(field)),
            _ => Ok(body),
        };
        if !needs_basis(catalogue, &draft.fields) {
            return Ok(body(catalogue, &draft.fields, &Basis::default()).and_then(complete));
        }
        let current = self.standing(draft).await?;
        let own = match needs_currency(catalogue, &draft.fields) {
            true => self.cache.list(&self.api, List::OwnCurrency).await.map_err(Failure::not_sent)?,
            false => Arc::default(),
        };
        let currency = own.first().map(|currency| currency.label.as_str());
        Ok(body(catalogue, &draft.fields, &Basis { current: current.as_ref(), currency }).and_then(complete))
    }

    /// The record that is to be changed, as it stands.
    async fn standing(&self, draft: &Draft) -> Result<Option<WireRecord>, Failure> {
        let Some(id) = &draft.id else { return Ok(None) };
        let call = Call::one(format!("{}/{id}", draft.entity.path), draft.entity.price(GET_COST));
        match self.api.read::<Option<WireRecord>>(&call).await {
            Ok(reply) => Ok(reply.data),
            // Nothing was written yet, whatever became of the read.
            Err(Failure { effect: Effect::Gone, error, .. }) => Err(Failure::new(Effect::Gone, error)),
            Err(failure) => Err(Failure::not_sent(failure.into_read_error())),
        }
    }

    /// The same write against the account's fields as they are now, if that makes another request of it.
    async fn corrected(&self, draft: &Draft, lens: &Resolved, refused: &Call) -> Option<Call> {
        self.cache.newer(&self.api, draft.entity, &lens.catalogue).await.ok()?;
        let catalogue = self.writing(draft).await.ok()?;
        let again = draft.call(self.encode(draft, &catalogue).await.ok()?.ok()?);
        (refused.request.body != again.request.body).then_some(again)
    }

    pub(super) async fn create_missing_fields(&self, entity: &Entity, fields: &[NewField]) -> Result<()> {
        let Some(path) = entity.fields_path.filter(|_| entity.writable) else {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!("a {} of Pipedrive has no custom fields of its own", entity.name),
            ));
        };
        let mut known = self.cache.get(&self.api, entity).await?;
        if fields.iter().all(|field| known.has_label(&field.label)) {
            return Ok(());
        }
        if self.cache.is_old(entity.kind).await {
            known = self.cache.newer(&self.api, entity, &known).await?;
        }
        let missing: Vec<_> = fields.iter().filter(|field| !known.has_label(&field.label)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        for field in missing {
            self.create_field(path, field).await?;
        }
        self.cache.newer(&self.api, entity, &known).await?;
        Ok(())
    }

    async fn create_field(&self, path: &str, field: &NewField) -> Result<()> {
        let new = WireNewField { field_name: field.label.trim(), field_type: field_type(field)? };
        let body = serde_json::to_vec(&new).map_err(|error| {
            Error::new(ErrorKind::Invalid, "the label cannot be written as JSON").with_source(error)
        })?;
        let call = Call::write(Method::POST, path, body);
        let answer =
            self.api.write(&call, None).await.map_err(|failure| failure.error.with_field(&field.label))?;
        content::<Option<WireField>>(&call.request, answer)?;
        Ok(())
    }
}

/// A create or an update that is to be sent.
#[derive(Debug)]
struct Draft {
    entity: &'static Entity,
    /// None for a new record.
    id: Option<RecordId>,
    fields: Fields,
}

impl Draft {
    fn call(&self, body: Vec<u8>) -> Call {
        let path = self.entity.path;
        let call = match (&self.id, self.entity.version) {
            (None, _) => Call::write(Method::POST, path, body),
            (Some(id), Version::V1) => Call::write(Method::PUT, format!("{path}/{id}"), body),
            (Some(id), Version::V2) => Call::write(Method::PATCH, format!("{path}/{id}"), body),
        };
        call.costing(self.entity.price(WRITE_COST))
    }
}

/// What the vendor now holds. An answer that cannot be read leaves open what was stored.
fn stored(lens: &Resolved, call: &Call, answer: Answer) -> Result<Outcome, Failure> {
    let unreadable =
        |error: Error| Failure::new(Effect::Unknown, error.with_operation(call.request.operation()));
    let reply = content::<Option<WireRecord>>(&call.request, answer).map_err(unreadable)?;
    let reading = lens.read(&reply.data.unwrap_or_default()).map_err(unreadable)?;
    if reading.is_deleted {
        let error = Error::new(ErrorKind::NotFound, "the record is deleted");
        return Err(Failure::new(Effect::Gone, error.with_operation(call.request.operation())));
    }
    Ok(Outcome::Applied(reading.record))
}

fn known(entity: &Entity, id: RecordId) -> Result<RecordId, Failure> {
    if entity.is_id(&id) {
        return Ok(id);
    }
    let error = Error::new(ErrorKind::NotFound, format!("\"{id}\" is not the id of a record in Pipedrive"));
    Err(Failure::new(Effect::Gone, error))
}

fn read_only(entity: &Entity) -> Error {
    Error::new(ErrorKind::Unsupported, format!("a {} of Pipedrive is only read", entity.name))
        .with_remedy("map it in one direction only")
}

fn lacking(field: &str) -> Error {
    Error::new(ErrorKind::Invalid, "a new record must have it")
        .with_field(field)
        .with_remedy("map it, or say in the mapping what stands for an empty value")
}

/// Names the field that the vendor blames, as records do, and what to do.
fn named(failure: Failure, lens: &Resolved) -> Failure {
    if failure.effect != Effect::Refused {
        return failure;
    }
    let key = failure.answer.as_deref().and_then(blamed_field);
    let error = failure.error.with_remedy("correct the value, or the field that it is mapped to");
    let error = match key {
        Some(key) => error.with_field(lens.catalogue.name_of(&key).unwrap_or(key)),
        None => error,
    };
    Failure { effect: failure.effect, error, answer: failure.answer }
}

/// A create cannot be gone: where it is answered so, the address is wrong.
fn misdirected(failure: Failure, id: Option<&RecordId>) -> Failure {
    if failure.effect == Effect::Gone && id.is_none() {
        return Failure::not_sent(failure.error.with_remedy("check the address of the Pipedrive account"));
    }
    failure
}

fn field_type(field: &NewField) -> Result<&'static str> {
    match field.ty {
        FieldType::Text => Ok("varchar"),
        FieldType::Decimal => Ok("double"),
        FieldType::Date => Ok("date"),
        FieldType::Reference(Kind::Company) => Ok("org"),
        FieldType::Reference(Kind::Contact) => Ok("people"),
        _ => Err(Error::new(ErrorKind::Unsupported, "Pipedrive has no type of custom field for this")
            .with_field(&field.label)
            .with_remedy("create the field in Pipedrive by hand, for example with the options Yes and No")),
    }
}
