//! Writing records, one call each, and creating fields.

use http::Method;

use super::Pipedrive;
use super::api::{Call, content};
use super::entity::{Access, Entity, Property, entity};
use super::feed::Resolved;
use super::map::body;
use super::wire::{WireField, WireNewField, WireRecord, blamed_field, is_schema_mismatch};
use crate::change::{Action, Outcome, Write};
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Answer, Effect, Failure};
use crate::model::{FieldType, Fields, Kind, NewField, RecordId, View};

impl Pipedrive {
    pub(super) async fn write_one(&self, view: &View, write: Write) -> Outcome {
        match self.try_write(view, write).await {
            Ok(outcome) => outcome,
            Err(Failure { effect, error, .. }) => match effect {
                Effect::NotSent => Outcome::NotSent(error),
                Effect::Refused => Outcome::Rejected(error),
                Effect::Gone => Outcome::Gone(error),
                Effect::Unknown => Outcome::Unknown(error),
            },
        }
    }

    async fn try_write(&self, view: &View, write: Write) -> Result<Outcome, Failure> {
        let entity = entity(view.kind).map_err(Failure::refused)?;
        let (id, fields) = parts(write.action)?;
        let (lens, call) = self.prepare(entity, view, id.as_ref(), &fields).await?;
        let answer = match self.api.write(&call, write.send_before).await {
            Err(failure) if failure.answer.as_deref().is_some_and(is_schema_mismatch) => {
                match self.corrected(entity, &lens, &call, id.as_ref(), &fields).await {
                    Some(again) => self.api.write(&again, write.send_before).await,
                    None => Err(failure),
                }
            }
            answer => answer,
        };
        let answer = answer.map_err(|failure| misdirected(named(failure, &lens), id.as_ref()))?;
        self.stored(entity, view, &call, answer).await
    }

    /// The call of a write. A field or an option that is not known is looked for once more in the account.
    async fn prepare(
        &self,
        entity: &Entity,
        view: &View,
        id: Option<&RecordId>,
        fields: &Fields,
    ) -> Result<(Resolved, Call), Failure> {
        let mut lens = self.lens(entity, view).await.map_err(Failure::not_sent)?;
        let mut encoded = body(&lens.catalogue, fields);
        if encoded.is_err() && self.cache.is_old(entity.kind).await {
            self.cache.newer(&self.api, entity, &lens.catalogue).await.map_err(Failure::not_sent)?;
            lens = self.lens(entity, view).await.map_err(Failure::not_sent)?;
            encoded = body(&lens.catalogue, fields);
        }
        let body = encoded.map_err(|error| match error.kind() {
            ErrorKind::Config => Failure::not_sent(error),
            _ => Failure::refused(error),
        })?;
        if id.is_none() {
            complete(entity, fields).map_err(Failure::refused)?;
        }
        Ok((lens, call(entity, id, body)))
    }

    /// The same write against the account's fields as they are now, if that makes another request of it.
    async fn corrected(
        &self,
        entity: &Entity,
        lens: &Resolved,
        refused: &Call,
        id: Option<&RecordId>,
        fields: &Fields,
    ) -> Option<Call> {
        let catalogue = self.cache.newer(&self.api, entity, &lens.catalogue).await.ok()?;
        let body = body(&catalogue, fields).ok()?;
        let again = call(entity, id, body);
        (refused.request.body != again.request.body).then_some(again)
    }

    /// What the vendor now holds. An answer that cannot be read leaves open what was stored.
    async fn stored(
        &self,
        entity: &Entity,
        view: &View,
        call: &Call,
        answer: Answer,
    ) -> Result<Outcome, Failure> {
        let unreadable =
            |error: Error| Failure::new(Effect::Unknown, error.with_operation(call.request.operation()));
        let reply = content::<Option<WireRecord>>(&call.request, answer).map_err(unreadable)?;
        let lens = self.lens(entity, view).await.map_err(unreadable)?;
        let reading = lens.read(&reply.data.unwrap_or_default()).map_err(unreadable)?;
        if reading.is_deleted {
            let error = Error::new(ErrorKind::NotFound, "the record is deleted");
            return Err(Failure::new(Effect::Gone, error.with_operation(call.request.operation())));
        }
        Ok(Outcome::Applied(reading.record))
    }

    pub(super) async fn create_missing_fields(&self, entity: &Entity, fields: &[NewField]) -> Result<()> {
        let known = self.cache.get(&self.api, entity).await?;
        if fields.iter().all(|field| known.has_label(&field.label)) {
            return Ok(());
        }
        let known = self.cache.newer(&self.api, entity, &known).await?;
        for field in fields.iter().filter(|field| !known.has_label(&field.label)) {
            self.create_field(entity, field).await?;
        }
        self.cache.newer(&self.api, entity, &known).await?;
        Ok(())
    }

    async fn create_field(&self, entity: &Entity, field: &NewField) -> Result<()> {
        let new = WireNewField { field_name: field.label.trim(), field_type: field_type(field)? };
        let body = serde_json::to_vec(&new).map_err(|error| {
            Error::new(ErrorKind::Invalid, "the label cannot be written as JSON").with_source(error)
        })?;
        let call = Call::write(Method::POST, entity.fields_path, body);
        let answer =
            self.api.write(&call, None).await.map_err(|failure| failure.error.with_field(&field.label))?;
        content::<Option<WireField>>(&call.request, answer)?;
        Ok(())
    }
}

fn parts(action: Action) -> Result<(Option<RecordId>, Fields), Failure> {
    match action {
        Action::Create(fields) => Ok((None, fields)),
        // An id of another form would reach into the path.
        Action::Update(id, fields) if id.as_str().parse::<u64>().is_ok() => Ok((Some(id), fields)),
        Action::Update(id, _) => {
            let error =
                Error::new(ErrorKind::NotFound, format!("\"{id}\" is not the id of a record in Pipedrive"));
            Err(Failure::new(Effect::Gone, error))
        }
        Action::Archive(_) => {
            let error =
                Error::new(ErrorKind::Unsupported, "the Pipedrive adapter does not archive records yet");
            Err(Failure::new(Effect::Refused, error))
        }
    }
}

/// Whether a new record has what every record must have.
fn complete(entity: &Entity, fields: &Fields) -> Result<()> {
    let missing =
        |property: &&Property| property.access == Access::Required && fields.get(property.name).is_none();
    match entity.properties.iter().find(missing) {
        None => Ok(()),
        Some(property) => Err(Error::new(ErrorKind::Invalid, "a new record must have it")
            .with_field(property.name)
            .with_remedy("map it, or say in the mapping what stands for an empty value")),
    }
}

fn call(entity: &Entity, id: Option<&RecordId>, body: Vec<u8>) -> Call {
    match id {
        Some(id) => Call::write(Method::PATCH, format!("{}/{id}", entity.path), body),
        None => Call::write(Method::POST, entity.path, body),
    }
}

/// Names the field that the vendor blames, by its label, and what to do.
fn named(failure: Failure, lens: &Resolved) -> Failure {
    if failure.effect != Effect::Refused {
        return failure;
    }
    let key = failure.answer.as_deref().and_then(blamed_field);
    let error = failure.error.with_remedy("correct the value, or the field that it is mapped to");
    let error = match key {
        Some(key) => error.with_field(lens.catalogue.label_of(&key).unwrap_or(&key)),
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
