//! One write: sent once, and what became of it.
//!
//! A company's invoice and delivery address are records of their own: an update that has them writes the account first,
//! then them. Where an address is refused the account's own fields may be stored already, and the feed tells of them; the
//! outcome is that of the address all the same, so that nothing counts as stored that is not. Sending the whole again does
//! no harm: every value is absolute.

use std::time::Duration;

use crm_adapters::{
    Action, Error, ErrorKind, Fields, Kind, Outcome, Record, RecordId, Result, Retry, Value, View, Write,
};
use exact_client::{Edm, Guid, Resource, ResourceApi, Row, Updated, Value as Exact, WriteOptions};

use super::adapter::ExactAdapter;
use super::addresses::{DELIVERY_ADDRESS, split};
use super::derive::Source;
use super::derived::is_derived;
use super::error::neutral;
use super::kinds::Shape;
use super::read::{own_fields, record};
use super::value;

pub(super) async fn write(adapter: &ExactAdapter, view: &View, write: Write) -> Outcome {
    let shape = match Shape::of(view.kind) {
        Ok(shape) => shape,
        Err(error) => return Outcome::Rejected(error),
    };
    // What is looked up before a write shall not leave too late either.
    if write.send_before.is_some_and(|moment| adapter.is_past(moment)) {
        let error =
            Error::new(ErrorKind::RateLimited, "the deadline for sending had passed; nothing was sent");
        return Outcome::NotSent(error.with_retry(Retry::After(Duration::ZERO)));
    }
    let options = WriteOptions::new().representation().send_before(write.send_before);
    let result = match &write.action {
        Action::Create(fields) => create(adapter, shape, view, fields, options).await.map(Outcome::Applied),
        Action::Update(id, fields) => update(adapter, shape, view, id, fields, options).await,
        Action::Archive(id) if shape.ends => end(adapter, shape, id, options).await.map(Outcome::Applied),
        _ => Err(Outcome::Rejected(Error::new(ErrorKind::Unsupported, "Exact cannot do that"))),
    };
    result.unwrap_or_else(|outcome| outcome)
}

async fn create(
    adapter: &ExactAdapter,
    shape: &Shape,
    view: &View,
    fields: &Fields,
    options: WriteOptions,
) -> Result<Record, Outcome> {
    let schema = adapter.fields(shape.kind).map_err(Outcome::Rejected)?;
    schema.check_create(fields).map_err(Outcome::Rejected)?;
    let (api, mut row) = prepare(adapter, shape, fields)?;
    if let Some(address) = adapter.delivery_address(shape, fields).await? {
        (_, row) = prepare(
            adapter,
            shape,
            &fields.clone().with(DELIVERY_ADDRESS, Value::Text(address.to_string())),
        )?;
    }
    let answer = api.create(&row, options).await.map_err(fate)?;
    let Some(id) = answer.guid(shape.key()) else {
        let error = Error::new(ErrorKind::Decode, "Exact created a record and did not say which");
        return Err(Outcome::Unknown(error.with_may_have_applied(true)));
    };
    if shape.kind != Kind::Company {
        let (view, source) = told_at_once(shape, view);
        return settle(adapter, shape, &view, source, (id, &row, answer)).await;
    }
    // A new account owes nothing, and has no address but the one that it visits; what Exact adds by itself, the feeds tell.
    let mut made = settle(adapter, shape, &own_view(view), Source::Now, (id, &row, answer)).await?;
    for derived in view.fields.iter().filter(|name| is_derived(name)) {
        made.fields.set(derived, Value::Null);
    }
    Ok(made)
}

async fn update(
    adapter: &ExactAdapter,
    shape: &Shape,
    view: &View,
    id: &RecordId,
    fields: &Fields,
    options: WriteOptions,
) -> Result<Outcome, Outcome> {
    let schema = adapter.fields(shape.kind).map_err(Outcome::Rejected)?;
    schema.check_update(fields).map_err(Outcome::Rejected)?;
    let (own, addresses) = split(fields);
    if addresses.is_empty() {
        return update_own(adapter, shape, view, id, own, options).await;
    }
    let mut outcome = match own.is_empty() {
        true => Outcome::Applied(bare(shape, id)),
        false => update_own(adapter, shape, view, id, own, options).await?,
    };
    let stored = update_addresses(adapter, shape, id, &addresses, options).await?;
    if let Outcome::Applied(record) | Outcome::Accepted(record) = &mut outcome {
        record.fields.merge(stored);
    }
    Ok(outcome)
}

/// A record of which nothing is said.
fn bare(shape: &Shape, id: &RecordId) -> Record {
    Record { kind: shape.kind, id: id.clone(), fields: Fields::new(), revision: None, changed_at: None }
}

/// Exact answers an update with nothing, as a rule: what it made of it, its feed tells.
async fn update_own(
    adapter: &ExactAdapter,
    shape: &Shape,
    view: &View,
    id: &RecordId,
    fields: Fields,
    options: WriteOptions,
) -> Result<Outcome, Outcome> {
    let (api, row) = prepare(adapter, shape, &fields)?;
    if let Some((fixed, _)) = row.iter().find(|(property, _)| !property.is_updatable()) {
        let error =
            Error::new(ErrorKind::Invalid, "Exact takes it for a new record only").with_field(fixed.name());
        return Err(Outcome::Rejected(
            error.with_remedy("change it in Exact, or map it in one direction only"),
        ));
    }
    let Updated { row: answer, at, .. } = put(&api, id, &row, options).await?;
    let view = own_view(view);
    match answer.filter(|answer| says_something(shape, &view, answer, &row)) {
        Some(answer) => told(adapter, shape, &view, Source::Now, answer).await.map(Outcome::Applied),
        None => Ok(Outcome::Accepted(Record { fields, changed_at: at, ..bare(shape, id) })),
    }
}

/// Where an address is refused it is asked whether its account is there at all.
async fn update_addresses(
    adapter: &ExactAdapter,
    shape: &Shape,
    id: &RecordId,
    addresses: &Fields,
    options: WriteOptions,
) -> Result<Fields, Outcome> {
    let account = guid(id)?;
    let written = adapter.write_addresses(account, addresses, options).await;
    let Err(Outcome::Rejected(refusal)) = written else { return written };
    let view = View { kind: shape.kind, fields: Vec::new() };
    match adapter.stored(shape, &view, account).await {
        Ok(None) => Err(Outcome::Gone(refusal)),
        _ => Err(Outcome::Rejected(refusal)),
    }
}

/// What an update can change: figures are made of other records, whose feeds tell when they change.
fn own_view(view: &View) -> View {
    let own = view.fields.iter().filter(|name| !is_derived(name));
    View { kind: view.kind, fields: own.cloned().collect() }
}

/// What of a new document is told at once, and where from: nothing of it is delivered or invoiced. Of its lines their feed
/// tells.
fn told_at_once(shape: &Shape, view: &View) -> (View, Source) {
    let Some(lines) = shape.lines.as_ref().filter(|lines| lines.kept.is_some()) else {
        return (view.clone(), Source::Now);
    };
    let at_once = view.fields.iter().filter(|name| *name != lines.property);
    (View { kind: view.kind, fields: at_once.cloned().collect() }, Source::Later)
}

/// Ends a record today.
async fn end(
    adapter: &ExactAdapter,
    shape: &Shape,
    id: &RecordId,
    options: WriteOptions,
) -> Result<Record, Outcome> {
    let today = Fields::new().with("EndDate", Value::Date(adapter.today()));
    let (api, row) = prepare(adapter, shape, &today)?;
    put(&api, id, &row, options).await?;
    Ok(bare(shape, id))
}

async fn put(api: &ResourceApi, id: &RecordId, row: &Row, options: WriteOptions) -> Result<Updated, Outcome> {
    api.update(guid(id)?, row, options).await.map_err(|error| match error.kind() {
        exact_client::ErrorKind::NotFound => Outcome::Gone(neutral(error)),
        _ => fate(error),
    })
}

fn guid(id: &RecordId) -> Result<Guid, Outcome> {
    let unknown = || Outcome::Gone(Error::new(ErrorKind::NotFound, format!("{id} is no id of Exact")));
    id.as_str().parse().map_err(|_| unknown())
}

fn prepare(adapter: &ExactAdapter, shape: &Shape, fields: &Fields) -> Result<(ResourceApi, Row), Outcome> {
    let lines = shape.lines.as_ref().map(|lines| lines.resource);
    let row = row(shape.resource, lines, fields).map_err(Outcome::Rejected)?;
    Ok((adapter.division().resource(shape.resource), row))
}

/// Fields as Exact takes them; lines become rows of their own resource.
pub(super) fn row(
    resource: &'static Resource,
    lines: Option<&'static Resource>,
    fields: &Fields,
) -> Result<Row> {
    let mut values = Vec::with_capacity(fields.len());
    for (name, value) in fields {
        let refuse = |message: &str| Error::new(ErrorKind::Invalid, message).with_field(name);
        let property = resource.property(name).ok_or_else(|| refuse("Exact has no such property"))?;
        let exact = match (property.edm(), value, lines) {
            (Edm::Lines, Value::Lines(rows), Some(lines)) => line_rows(lines, name, rows)?,
            _ => value::exact(property, value)
                .ok_or_else(|| refuse(&format!("the value does not fit {}", property.edm().name())))?,
        };
        values.push((name, exact));
    }
    resource.row(values).map_err(neutral)
}

/// Errors name the line as people count, from one.
fn line_rows(resource: &'static Resource, name: &str, lines: &[Fields]) -> Result<Exact> {
    let rows = lines.iter().enumerate().map(|(at, line)| {
        row(resource, None, line).map_err(|error| {
            let field = error.field().map(|field| format!(".{field}")).unwrap_or_default();
            error.with_field(format!("{name}[{}]{field}", at + 1))
        })
    });
    Ok(Exact::Lines(rows.collect::<Result<_>>()?))
}

/// What Exact stored of a new record: from its answer where that says something, else read back by filter. One that was
/// accepted and cannot be read back counts as unknown, so that it is looked for again and not taken for what was sent.
async fn settle(
    adapter: &ExactAdapter,
    shape: &Shape,
    view: &View,
    source: Source,
    (id, sent, answer): (Guid, &Row, Row),
) -> Result<Record, Outcome> {
    if says_something(shape, view, &answer, sent) {
        return told(adapter, shape, view, source, answer).await;
    }
    match adapter.stored(shape, view, id).await {
        Ok(Some(stored)) => Ok(stored),
        Ok(None) => {
            Err(Outcome::Gone(Error::new(ErrorKind::NotFound, "the record is gone right after the write")))
        }
        Err(error) => Err(unread(error)),
    }
}

/// What an answer says is stored.
async fn told(
    adapter: &ExactAdapter,
    shape: &Shape,
    view: &View,
    source: Source,
    answer: Row,
) -> Result<Record, Outcome> {
    let mut stored = [record(shape, view, answer).map_err(unread)?];
    adapter.derive(shape, view, source, &mut stored).await.map_err(unread)?;
    let [stored] = stored;
    Ok(stored)
}

/// What was written cannot be read back.
pub(super) fn unread(error: Error) -> Outcome {
    Outcome::Unknown(error.with_may_have_applied(true))
}

/// Without `Prefer`, and at times in spite of it, Exact answers with the id and nulls, which is not what it stored.
fn says_something(shape: &Shape, view: &View, answer: &Row, sent: &Row) -> bool {
    if answer.guid(shape.key()).is_none()
        || own_fields(shape, view).iter().any(|name| answer.get(name).is_none())
    {
        return false;
    }
    let is_null = |name: &str| matches!(answer.get(name), None | Some(Exact::Null));
    let own = |property: &exact_client::Property, value: &Exact| {
        property.edm() != Edm::Lines && *value != Exact::Null
    };
    let mut set = sent.iter().filter(|(property, value)| own(property, value)).peekable();
    match (set.peek(), shape.kind) {
        (Some(_), _) => set.any(|(property, _)| !is_null(property.name())),
        (None, Kind::Company) => !is_null("Name"),
        (None, _) => false,
    }
}

/// What an error says about the record.
pub(super) fn fate(error: exact_client::Error) -> Outcome {
    use exact_client::ErrorKind::{Config, Invalid, Unsupported};
    let kind = error.kind();
    let error = neutral(error);
    match kind {
        _ if error.may_have_applied() => Outcome::Unknown(error),
        Invalid | Unsupported | Config => Outcome::Rejected(error),
        _ => Outcome::NotSent(error),
    }
}

/// What a look before a write came to where it failed: the write did not leave.
pub(super) fn unsent(error: Error) -> Outcome {
    Outcome::NotSent(error.with_may_have_applied(false))
}
