use rust_decimal::Decimal;

use super::{Lens, MERGED, MERGED_CONTACTS, day, instant};
use crate::error::{Error, ErrorKind, Result};
use crate::hubspot::fields::{Column, Shape};
use crate::hubspot::wire::WireRecord;
use crate::model::{Fields, Record, RecordId, Value};

/// One record as it was read.
#[derive(Debug)]
pub(in crate::hubspot) struct Reading {
    pub(in crate::hubspot) record: Record,
    /// The records that were merged into it, as far as this answer tells.
    pub(in crate::hubspot) merged: Vec<RecordId>,
    /// An option was chosen that the remembered properties do not know yet.
    pub(in crate::hubspot) unknown_option: bool,
}

impl Lens {
    /// Reads one record's properties.
    ///
    /// A value of another shape than its type has is left out, which is no opinion: better than to end the feed
    /// at one record, and better than to call it empty.
    pub(in crate::hubspot) fn read(&self, wire: &WireRecord) -> Result<Reading> {
        let id = wire.id.0.clone().map(RecordId::new).filter(RecordId::is_number).ok_or_else(|| {
            Error::new(ErrorKind::Decode, "the answer is not as expected at `id`: no id of HubSpot's")
        })?;
        let mut fields = Fields::new();
        let mut unknown_option = false;
        for (name, column) in &self.columns {
            let Some(text) = column.property().and_then(|property| wire.properties.get(property)) else {
                continue;
            };
            match value(column, text.0.as_deref().unwrap_or_default()) {
                Some(value) => fields.set(name.as_str(), value),
                None if matches!(column.shape, Shape::Choice | Shape::Choices) => unknown_option = true,
                None => tracing::warn!(%id, field = %name, "left out: the value is not of the field's type"),
            }
        }
        let merged = merged(wire, &id);
        let record = Record { kind: self.kind, id, fields, revision: self.revision(wire), changed_at: None };
        Ok(Reading { record, merged, unknown_option })
    }

    /// The time of the last change in milliseconds.
    pub(in crate::hubspot) fn revision(&self, wire: &WireRecord) -> Option<i64> {
        let property = wire.properties.get(self.modified).and_then(|text| text.0.as_deref());
        property.or(wire.updated_at.as_deref()).and_then(instant).map(|moment| moment.timestamp_millis())
    }
}

/// `11;22` and, of contacts, `11:1700000000000;…`; the record itself may be among them.
fn merged(wire: &WireRecord, id: &RecordId) -> Vec<RecordId> {
    let texts =
        [MERGED, MERGED_CONTACTS].into_iter().filter_map(|name| wire.properties.get(name)?.0.as_deref());
    let parts = texts.flat_map(|text| text.split(';')).filter_map(|part| part.split(':').next());
    let mut ids: Vec<RecordId> =
        parts.map(|part| RecordId::new(part.trim())).filter(|it| it.is_number() && it != id).collect();
    ids.sort();
    ids.dedup();
    ids
}

/// What stands in a property; nothing where it is not of the property's type.
fn value(column: &Column, text: &str) -> Option<Value> {
    let text = text.trim();
    if text.is_empty() {
        return Some(Value::Null);
    }
    match column.shape {
        Shape::Text => Some(Value::text(text)),
        Shape::Number => number(text).map(Value::Decimal),
        Shape::Bool => text.to_ascii_lowercase().parse().ok().map(Value::Bool),
        Shape::Date => day(text).map(Value::Date),
        Shape::Instant => instant(text).map(Value::Instant),
        Shape::Choice => label(column, text),
        Shape::Choices => choices(column, text),
        Shape::References(_) | Shape::Lines | Shape::Other => None,
    }
}

fn label(column: &Column, chosen: &str) -> Option<Value> {
    column.options.iter().find(|option| option.value == chosen).map(|option| Value::text(&option.label))
}

/// Several options in the order of the property's own list, so that the same choice always reads the same.
fn choices(column: &Column, text: &str) -> Option<Value> {
    let chosen: Vec<&str> = text.split(';').map(str::trim).filter(|part| !part.is_empty()).collect();
    if chosen.iter().any(|value| column.options.iter().all(|option| option.value != *value)) {
        return None;
    }
    let options = column.options.iter().filter(|option| chosen.contains(&option.value.as_str()));
    let labels: Vec<Value> = options.map(|option| Value::text(&option.label)).collect();
    Some(if labels.is_empty() { Value::Null } else { Value::List(labels) })
}

fn number(text: &str) -> Option<Decimal> {
    let number = text.parse::<Decimal>().or_else(|_| Decimal::from_scientific(text));
    number.ok().map(|number| number.normalize())
}
