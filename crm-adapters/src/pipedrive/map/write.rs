use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::wholes::Wholes;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Fields, Value};
use crate::pipedrive::entity::{Access, List, Shape};
use crate::pipedrive::fields::{Catalogue, Choice, Column, Place};
use crate::pipedrive::wire::WireRecord;

/// As many options as an error lists.
const SHOWN: usize = 20;

type Parts = BTreeMap<String, Box<RawValue>>;

/// What a write has to know of the record besides what it changes.
#[derive(Debug, Default)]
pub(in crate::pipedrive) struct Basis<'a> {
    /// The record as it stands; nothing for a new one.
    pub(in crate::pipedrive) current: Option<&'a WireRecord>,
    /// The currency of an amount that comes without one.
    pub(in crate::pipedrive) currency: Option<&'a str>,
}

/// Whether these fields are parts of a whole that Pipedrive takes only complete: one of several e-mail addresses, one
/// of several prices, an amount without its currency.
pub(in crate::pipedrive) fn needs_basis(catalogue: &Catalogue, fields: &Fields) -> bool {
    let mut columns = fields.iter().filter_map(|(name, _)| catalogue.column(name).ok());
    columns.any(|column| {
        matches!(column.shape, Shape::Primary | Shape::Price | Shape::Amount | Shape::AmountCurrency)
    })
}

/// Whether an amount comes without its currency.
pub(in crate::pipedrive) fn needs_currency(catalogue: &Catalogue, fields: &Fields) -> bool {
    let mut columns = fields.iter().filter_map(|(name, _)| catalogue.column(name).ok());
    columns.any(|column| column.shape == Shape::Amount)
}

/// The body of a write. The error names the first field that cannot be written so, and why.
pub(in crate::pipedrive) fn body(
    catalogue: &Catalogue,
    fields: &Fields,
    basis: &Basis<'_>,
) -> Result<Vec<u8>> {
    let mut parts = Parts::new();
    let mut custom = Parts::new();
    let mut wholes = Wholes::default();
    for (name, value) in fields {
        let column = catalogue.column(name)?;
        writable(column).map_err(|error| error.with_field(name))?;
        if wholes.take(name, column, value).map_err(|error| error.with_field(name))? {
            continue;
        }
        let raw = encode(column, value).map_err(|error| error.with_field(name))?;
        if let Some(pipeline) = pipeline(column, value) {
            parts.insert("pipeline_id".to_owned(), raw_id(pipeline)?);
        }
        match &column.place {
            Place::Property(property) => parts.insert((*property).to_owned(), raw),
            Place::Custom(key) => custom.insert(key.clone(), raw),
        };
    }
    wholes.put(basis, fields, &mut parts, &mut custom)?;
    if !custom.is_empty() {
        parts.insert("custom_fields".to_owned(), json(&custom)?);
    }
    serde_json::to_vec(&parts).map_err(not_json)
}

fn writable(column: &Column) -> Result<()> {
    if column.read_only() {
        return Err(refuse("only Pipedrive writes this field").with_remedy("map it in one direction only"));
    }
    Ok(())
}

/// A stage is sent with its pipeline, so that a deal can move across.
fn pipeline<'c>(column: &'c Column, value: &Value) -> Option<&'c str> {
    match column.shape {
        Shape::Listed(List::Stages) => chosen(column, value.as_text()?)?.group.as_deref(),
        _ => None,
    }
}

fn encode(column: &Column, value: &Value) -> Result<Box<RawValue>> {
    if value.is_empty() {
        return clear(column);
    }
    match (column.shape, value) {
        (Shape::Text(_), _) => text(value, column.longest()),
        (Shape::Address, _) => json(&BTreeMap::from([("value", value.to_string())])),
        (Shape::Number | Shape::Whole, Value::Decimal(number)) => decimal(*number),
        (Shape::Number | Shape::Whole, Value::Text(text)) => match text.parse::<Decimal>() {
            Ok(number) => decimal(number),
            Err(_) => Err(unfit(value, "a number")),
        },
        (Shape::Bool, Value::Bool(yes)) => json(yes),
        (Shape::Date, Value::Date(day)) => json(&day.format("%Y-%m-%d").to_string()),
        (Shape::Choice | Shape::Listed(_), Value::Text(label)) => raw_id(option(column, label)?),
        (Shape::Word(_) | Shape::Currency, Value::Text(label)) => json(option(column, label)?),
        (Shape::Choices, Value::Text(label)) => json(&[raw_id(option(column, label)?)?]),
        (Shape::Choices, Value::List(labels)) => {
            let ids = labels.iter().map(|label| raw_id(option(column, &label.to_string())?));
            json(&ids.collect::<Result<Vec<_>>>()?)
        }
        (Shape::Id(_), _) => match value.to_string().parse::<u64>() {
            Ok(id) => json(&id),
            Err(_) => Err(unfit(value, "the number of a record in Pipedrive")),
        },
        (Shape::Bool, _) => Err(unfit(value, "yes or no")),
        (Shape::Date, _) => Err(unfit(value, "a calendar day")),
        _ => Err(unfit(value, "what this field holds")),
    }
}

/// Custom fields are cleared with null, several options too: an empty array is refused. A built-in list is not.
fn clear(column: &Column) -> Result<Box<RawValue>> {
    if column.access == Access::Required {
        return Err(
            refuse("it must not be empty").with_remedy("say in the mapping what stands for an empty value")
        );
    }
    match (&column.place, column.shape) {
        (Place::Property(_), Shape::Choices) => json(&[(); 0]),
        _ => json(&()),
    }
}

pub(super) fn text(value: &Value, longest: Option<usize>) -> Result<Box<RawValue>> {
    let text = value.to_string();
    let length = text.chars().count();
    match longest {
        Some(longest) if length > longest => {
            Err(refuse(format!("the text has {length} characters and Pipedrive takes {longest}"))
                .with_remedy("shorten the text, or map it to a field of type large text"))
        }
        _ => json(&text),
    }
}

fn chosen<'a>(column: &'a Column, label: &str) -> Option<&'a Choice> {
    let label = label.trim();
    let by_label = column.options.iter().find(|option| option.label == label);
    by_label.or_else(|| column.options.iter().find(|option| option.alias.as_deref() == Some(label)))
}

fn option<'a>(column: &'a Column, label: &str) -> Result<&'a str> {
    chosen(column, label).map(|option| option.id.as_str()).ok_or_else(|| {
        let labels: Vec<&str> =
            column.options.iter().map(|option| option.label.as_str()).take(SHOWN).collect();
        let more = if column.options.len() > SHOWN { ", …" } else { "" };
        refuse(format!("\"{label}\" is not among its options: {}{more}", labels.join(", ")))
            .with_remedy("add the option in Pipedrive, or map the value to one of them")
    })
}

/// An option's id as it came: a number where it looks like one.
fn raw_id(id: &str) -> Result<Box<RawValue>> {
    match id.parse::<i64>() {
        Ok(number) => json(&number),
        Err(_) => json(id),
    }
}

/// A JSON number with every digit of the decimal.
pub(super) fn decimal(number: Decimal) -> Result<Box<RawValue>> {
    RawValue::from_string(number.normalize().to_string()).map_err(not_json)
}

pub(super) fn json<T: Serialize + ?Sized>(value: &T) -> Result<Box<RawValue>> {
    to_raw_value(value).map_err(not_json)
}

pub(super) fn unfit(value: &Value, wanted: &str) -> Error {
    refuse(format!("\"{value}\" is not {wanted}")).with_remedy("correct the value or the mapping")
}

pub(super) fn refuse(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Invalid, message)
}

pub(super) fn not_json(error: serde_json::Error) -> Error {
    refuse("the value cannot be written as JSON").with_source(error)
}
