use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::error::{Error, ErrorKind, Result};
use crate::model::{Fields, Value};
use crate::pipedrive::entity::{Access, Shape};
use crate::pipedrive::fields::{Catalogue, Column, Place};

type Parts = BTreeMap<String, Box<RawValue>>;

/// The body of a write. The error names the first field that cannot be written so, and why.
pub(in crate::pipedrive) fn body(catalogue: &Catalogue, fields: &Fields) -> Result<Vec<u8>> {
    let mut parts = Parts::new();
    let mut custom = Parts::new();
    for (name, value) in fields {
        let column = catalogue.column(name)?;
        let raw = encode(column, value).map_err(|error| error.with_field(name))?;
        match &column.place {
            Place::Property(property) => parts.insert((*property).to_owned(), raw),
            Place::Custom(key) => custom.insert(key.clone(), raw),
        };
    }
    if !custom.is_empty() {
        parts.insert("custom_fields".to_owned(), json(&custom)?);
    }
    serde_json::to_vec(&parts).map_err(not_json)
}

fn encode(column: &Column, value: &Value) -> Result<Box<RawValue>> {
    if column.read_only() {
        return Err(refuse("only Pipedrive writes this field").with_remedy("map it in one direction only"));
    }
    if value.is_empty() {
        return clear(column);
    }
    match (column.shape, value) {
        (Shape::Text(longest), _) => text(value, longest),
        (Shape::Address, _) => json(&BTreeMap::from([("value", value.to_string())])),
        (Shape::Number, Value::Decimal(number)) => decimal(*number),
        (Shape::Number, Value::Text(text)) => match text.parse::<Decimal>() {
            Ok(number) => decimal(number),
            Err(_) => Err(unfit(value, "a number")),
        },
        (Shape::Bool, Value::Bool(yes)) => json(yes),
        (Shape::Date, Value::Date(day)) => json(&day.format("%Y-%m-%d").to_string()),
        (Shape::Choice, Value::Text(label)) => raw_id(option(column, label)?),
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

fn text(value: &Value, longest: Option<usize>) -> Result<Box<RawValue>> {
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

fn option<'a>(column: &'a Column, label: &str) -> Result<&'a str> {
    let found = column.options.iter().find(|option| option.label == label.trim());
    found.map(|option| option.id.as_str()).ok_or_else(|| {
        let labels: Vec<&str> = column.options.iter().map(|option| option.label.as_str()).collect();
        refuse(format!("\"{label}\" is not among its options: {}", labels.join(", ")))
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
fn decimal(number: Decimal) -> Result<Box<RawValue>> {
    RawValue::from_string(number.normalize().to_string()).map_err(not_json)
}

fn json<T: Serialize + ?Sized>(value: &T) -> Result<Box<RawValue>> {
    to_raw_value(value).map_err(not_json)
}

fn unfit(value: &Value, wanted: &str) -> Error {
    refuse(format!("\"{value}\" is not {wanted}")).with_remedy("correct the value or the mapping")
}

fn refuse(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Invalid, message)
}

fn not_json(error: serde_json::Error) -> Error {
    refuse("the value cannot be written as JSON").with_source(error)
}
