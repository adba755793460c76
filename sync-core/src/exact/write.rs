//! One write: sent once, and what became of it.

use crm_adapters::{Action, Error, ErrorKind, Fields, Outcome, Record, RecordId, Result, View, Write};
use exact_client::{Guid, ResourceApi, Row, WriteOptions};

use super::adapter::{ExactAdapter, record, resource};
use super::error::neutral;
use super::value;

pub(super) async fn write(adapter: &ExactAdapter, view: &View, write: Write) -> Outcome {
    let options = WriteOptions::new().representation().send_before(write.send_before);
    let result = match &write.action {
        Action::Create(fields) => create(adapter, view, fields, options).await,
        Action::Update(id, fields) => update(adapter, view, id, fields, options).await,
        _ => Err(Outcome::Rejected(Error::new(ErrorKind::Unsupported, "Exact cannot do that"))),
    };
    result.map_or_else(|outcome| outcome, Outcome::Applied)
}

async fn create(
    adapter: &ExactAdapter,
    view: &View,
    fields: &Fields,
    options: WriteOptions,
) -> Result<Record, Outcome> {
    let (api, row) = prepare(adapter, view, fields)?;
    let answer = api.create(&row, options).await.map_err(fate)?;
    let Some(id) = answer.guid("ID") else {
        let error = Error::new(ErrorKind::Decode, "Exact created a record and did not say which");
        return Err(Outcome::Unknown(error.with_may_have_applied(true)));
    };
    settle(adapter, view, id, &row, Some(answer)).await
}

async fn update(
    adapter: &ExactAdapter,
    view: &View,
    id: &RecordId,
    fields: &Fields,
    options: WriteOptions,
) -> Result<Record, Outcome> {
    let (api, row) = prepare(adapter, view, fields)?;
    let Ok(guid) = id.as_str().parse::<Guid>() else {
        return Err(Outcome::Gone(Error::new(ErrorKind::NotFound, format!("{id} is no id of Exact"))));
    };
    let answer = api.update(guid, &row, options).await.map_err(|error| match error.kind() {
        exact_client::ErrorKind::NotFound => Outcome::Gone(neutral(error)),
        _ => fate(error),
    })?;
    settle(adapter, view, guid, &row, answer).await
}

fn prepare(adapter: &ExactAdapter, view: &View, fields: &Fields) -> Result<(ResourceApi, Row), Outcome> {
    let resource = resource(view.kind).map_err(Outcome::Rejected)?;
    let mut values = Vec::with_capacity(fields.len());
    for (name, value) in fields {
        let refuse =
            |message: &str| Outcome::Rejected(Error::new(ErrorKind::Invalid, message).with_field(name));
        let property = resource.property(name).ok_or_else(|| refuse("Exact has no such property"))?;
        let exact = value::exact(property, value)
            .ok_or_else(|| refuse(&format!("the value does not fit {}", property.edm().name())))?;
        values.push((name, exact));
    }
    let row = resource.row(values).map_err(|error| Outcome::Rejected(neutral(error)))?;
    Ok((adapter.division().resource(resource), row))
}

/// What Exact stored: from its answer where that says something, else read back by filter. A write that was accepted
/// and cannot be read back counts as unknown, so that it is looked at again and not taken for what was sent.
async fn settle(
    adapter: &ExactAdapter,
    view: &View,
    id: Guid,
    sent: &Row,
    answer: Option<Row>,
) -> Result<Record, Outcome> {
    let unread = |error: Error| Outcome::Unknown(error.with_may_have_applied(true));
    if let Some(answer) = answer.filter(|answer| says_something(answer, sent)) {
        let mut stored = record(view, answer).map_err(unread)?;
        stored.id = RecordId::new(id.to_string());
        return Ok(stored);
    }
    match adapter.stored(view, id).await {
        Ok(Some(stored)) => Ok(stored),
        Ok(None) => {
            Err(Outcome::Gone(Error::new(ErrorKind::NotFound, "the record is gone right after the write")))
        }
        Err(error) => Err(unread(error)),
    }
}

/// Without `Prefer`, and at times in spite of it, Exact answers with the id and nulls, which is not what it stored.
fn says_something(answer: &Row, sent: &Row) -> bool {
    let is_null = |name: &str| matches!(answer.get(name), None | Some(exact_client::Value::Null));
    let mut set = sent.iter().filter(|(_, value)| **value != exact_client::Value::Null).peekable();
    match set.peek() {
        Some(_) => set.any(|(property, _)| !is_null(property.name())),
        None => !is_null("Name"),
    }
}

/// What an error says about the record.
fn fate(error: exact_client::Error) -> Outcome {
    use exact_client::ErrorKind::{Config, Invalid, Unsupported};
    let kind = error.kind();
    let error = neutral(error);
    match kind {
        _ if error.may_have_applied() => Outcome::Unknown(error),
        Invalid | Unsupported | Config => Outcome::Rejected(error),
        _ => Outcome::NotSent(error),
    }
}
