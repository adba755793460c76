use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Lens, instant};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Record, RecordId, Value};
use crate::pipedrive::entity::{Shape, entity};
use crate::pipedrive::fields::{Column, Place};
use crate::pipedrive::wire::WireRecord;

/// One record as it was read.
#[derive(Debug)]
pub(in crate::pipedrive) struct Reading {
    pub(in crate::pipedrive) record: Record,
    pub(in crate::pipedrive) is_deleted: bool,
    /// An option was chosen that the field list does not know yet.
    pub(in crate::pipedrive) unknown_option: bool,
}

/// What a wire value turned out to be.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Value(Value),
    UnknownOption,
    /// Not of the shape that its type has.
    Strange,
}

impl Lens {
    /// Reads one record.
    ///
    /// A value of another shape than its type has is left out, which is no opinion: better than to end the feed
    /// at one record, and better than to call it empty.
    pub(in crate::pipedrive) fn read(&self, wire: &WireRecord) -> Result<Reading> {
        let id = wire.0.get("id").and_then(|id| id_text(id)).map(RecordId::new);
        let id =
            id.filter(|id| entity(self.kind).map_or(true, |entity| entity.is_id(id))).ok_or_else(|| {
                Error::new(
                    ErrorKind::Decode,
                    "the answer is not as expected at `data.id`: a record without an id of Pipedrive's",
                )
            })?;
        let revision = text_of(wire, "update_time").and_then(|text| instant(&text)).map(|at| at.timestamp());
        let flag = |name: &str| wire.0.get(name).and_then(|flag| yes(flag));
        let is_deleted = flag("is_deleted") == Some(true) || flag("active_flag") == Some(false);
        let custom = custom_fields(wire);
        let mut fields = Vec::with_capacity(self.columns.len());
        let mut unknown_option = false;
        for (name, column) in &self.columns {
            match look(column, wire, custom.as_ref()) {
                Some(Seen::Value(value)) => fields.push((name.clone(), value)),
                Some(Seen::UnknownOption) => unknown_option = true,
                Some(Seen::Strange) => {
                    tracing::warn!(%id, field = %name, "left out: the value is not of the field's type");
                }
                None => {}
            }
        }
        let record =
            Record { kind: self.kind, id, fields: fields.into_iter().collect(), revision, changed_at: None };
        Ok(Reading { record, is_deleted, unknown_option })
    }

    /// Whether a record came without one of these custom fields, although it came with custom fields: mostly the account
    /// does not have that one any more.
    pub(in crate::pipedrive) fn lacks(&self, wire: &WireRecord) -> bool {
        let custom = custom_fields(wire);
        custom.is_some_and(|custom| self.custom_keys().any(|key| !custom.contains_key(key)))
    }
}

fn custom_fields(wire: &WireRecord) -> Option<BTreeMap<String, &RawValue>> {
    parse(wire.0.get("custom_fields")?)
}

/// A field's value; `None` where it was not delivered. An empty field is delivered as null.
fn look(column: &Column, wire: &WireRecord, custom: Option<&BTreeMap<String, &RawValue>>) -> Option<Seen> {
    match &column.place {
        Place::Property(name) => Some(value(column, wire.0.get(*name)?)),
        Place::Custom(key) => match custom {
            Some(custom) => Some(value(column, custom.get(key)?)),
            None => Some(value(column, beside_others(column, key, wire)?)),
        },
    }
}

/// A custom field as version 1 has it: at the root, and its currency under a name of its own.
fn beside_others<'w>(column: &Column, key: &str, wire: &'w WireRecord) -> Option<&'w RawValue> {
    let raw = match column.shape {
        Shape::AmountCurrency => wire.0.get(&format!("{key}_currency")),
        _ => wire.0.get(key),
    };
    raw.map(|raw| &**raw)
}

fn value(column: &Column, raw: &RawValue) -> Seen {
    if raw.get() == "null" {
        return Seen::Value(Value::Null);
    }
    let found = match column.shape {
        Shape::Text(_) | Shape::Word(_) | Shape::Currency => plain_text(raw).map(Value::text),
        Shape::Number | Shape::Whole => number(raw).map(Value::Decimal),
        Shape::Bool => yes(raw).map(Value::Bool),
        Shape::Date => parse::<String>(raw).and_then(|text| date(&text)),
        Shape::Instant => parse::<String>(raw).and_then(|text| instant(&text)).map(Value::Instant),
        Shape::Address => part(raw, "value").or_else(|| parse::<String>(raw).map(Value::text)),
        Shape::Part(name) => part(raw, name),
        Shape::Amount => amount(raw),
        Shape::AmountCurrency => part(raw, "currency").or_else(|| plain_text(raw).map(Value::text)),
        Shape::Primary => primary(raw),
        Shape::Price => price(raw, column.currency.as_deref()),
        Shape::Id(_) => id_text(raw).map(|id| Value::Reference(RecordId::new(id))),
        Shape::Choice | Shape::Listed(_) => return choice(column, raw),
        Shape::Choices => return choices(column, raw),
        Shape::Lines | Shape::Discounts | Shape::Other => None,
    };
    found.map_or(Seen::Strange, Seen::Value)
}

fn choice(column: &Column, raw: &RawValue) -> Seen {
    let Some(id) = id_text(raw) else { return Seen::Strange };
    match column.options.iter().find(|option| option.id == id || option.label == id) {
        Some(option) => Seen::Value(Value::text(&option.label)),
        None => Seen::UnknownOption,
    }
}

/// Several options in the order of the field's own list, so that the same choice always reads the same.
fn choices(column: &Column, raw: &RawValue) -> Seen {
    let Some(ids) = ids(raw) else { return Seen::Strange };
    if ids.iter().any(|id| column.options.iter().all(|option| option.id != *id)) {
        return Seen::UnknownOption;
    }
    let chosen = column.options.iter().filter(|option| ids.contains(&option.id));
    let labels: Vec<Value> = chosen.map(|option| Value::text(&option.label)).collect();
    Seen::Value(if labels.is_empty() { Value::Null } else { Value::List(labels) })
}

/// An array of ids, or the older form: one text with commas.
fn ids(raw: &RawValue) -> Option<Vec<String>> {
    if let Some(text) = parse::<String>(raw) {
        return Some(text.split(',').map(|id| id.trim().to_owned()).filter(|id| !id.is_empty()).collect());
    }
    let items = parse::<Vec<Box<RawValue>>>(raw)?;
    Some(items.iter().filter_map(|item| id_text(item)).collect())
}

/// Of several entries the primary one, or the first.
fn primary(raw: &RawValue) -> Option<Value> {
    let entries: Vec<BTreeMap<String, Box<RawValue>>> = parse(raw)?;
    let is_primary =
        |entry: &&BTreeMap<_, Box<RawValue>>| entry.get("primary").and_then(|flag| yes(flag)) == Some(true);
    let Some(entry) = entries.iter().find(is_primary).or_else(|| entries.first()) else {
        return Some(Value::Null);
    };
    plain_text(entry.get("value")?).map(Value::text)
}

/// The price in a currency; none is no price.
fn price(raw: &RawValue, currency: Option<&str>) -> Option<Value> {
    let prices: Vec<BTreeMap<String, Box<RawValue>>> = parse(raw)?;
    let of_currency = |price: &&BTreeMap<String, Box<RawValue>>| {
        price.get("currency").and_then(|code| parse::<String>(code)).as_deref() == currency
    };
    match prices.iter().find(of_currency).and_then(|price| price.get("price")) {
        Some(price) if price.get() != "null" => number(price).map(Value::Decimal),
        _ => Some(Value::Null),
    }
}

/// A flag, also as version 1 writes it.
fn yes(raw: &RawValue) -> Option<bool> {
    match raw.get() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

fn part(raw: &RawValue, name: &str) -> Option<Value> {
    let parts: BTreeMap<String, Box<RawValue>> = parse(raw)?;
    match parts.get(name) {
        Some(part) if part.get() != "null" => parse(part).map(|text: String| Value::text(text)),
        _ => Some(Value::Null),
    }
}

/// The amount beside a currency: `value`, in leads `amount`, in their custom fields a bare number.
fn amount(raw: &RawValue) -> Option<Value> {
    let Some(parts) = parse::<BTreeMap<String, Box<RawValue>>>(raw) else {
        return number(raw).map(Value::Decimal);
    };
    match parts.get("value").or_else(|| parts.get("amount")) {
        Some(part) if part.get() != "null" => number(part).map(Value::Decimal),
        _ => Some(Value::Null),
    }
}

/// A day, also where a time stands behind it.
fn date(text: &str) -> Option<Value> {
    let text = text.trim();
    if text.is_empty() {
        return Some(Value::Null);
    }
    text.get(..10)?.parse::<NaiveDate>().ok().map(Value::Date)
}

/// Text; a number or a flag in its place as the vendor wrote it.
fn plain_text(raw: &RawValue) -> Option<String> {
    match raw.get().as_bytes().first()? {
        b'"' => parse(raw),
        b'{' | b'[' => None,
        _ => Some(raw.get().to_owned()),
    }
}

/// A number, read from its own text: never through a float.
pub(in crate::pipedrive) fn number(raw: &RawValue) -> Option<Decimal> {
    let text = raw.get().trim_matches('"').trim();
    let plain = text.parse::<Decimal>().or_else(|_| Decimal::from_scientific(text));
    plain.ok().map(|number| number.normalize())
}

/// An id: a number, its text, or an object that holds it.
fn id_text(raw: &RawValue) -> Option<String> {
    let text = match raw.get().as_bytes().first()? {
        b'{' => {
            let parts: BTreeMap<String, Box<RawValue>> = parse(raw)?;
            return id_text(parts.get("id")?);
        }
        b'"' => parse(raw)?,
        b'0'..=b'9' => raw.get().to_owned(),
        _ => return None,
    };
    Some(text).filter(|text: &String| !text.is_empty())
}

fn text_of(wire: &WireRecord, name: &str) -> Option<String> {
    parse(wire.0.get(name)?)
}

fn parse<'r, T: Deserialize<'r>>(raw: &'r RawValue) -> Option<T> {
    serde_json::from_str(raw.get()).ok()
}
