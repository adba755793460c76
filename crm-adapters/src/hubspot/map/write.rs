use std::collections::BTreeMap;

use chrono::SecondsFormat;
use rust_decimal::Decimal;

use crate::error::{Error, ErrorKind, Result};
use crate::hubspot::entity::TEXT;
use crate::hubspot::fields::{Catalogue, Column, Place, Shape, Target};
use crate::model::{Fields, RecordId, Value};

/// A write in HubSpot's words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::hubspot) struct Encoded {
    /// Values by internal name; an empty text clears.
    pub(in crate::hubspot) properties: BTreeMap<String, String>,
    /// What the record is to be associated with, by the name of the field.
    pub(in crate::hubspot) links: Vec<(String, Target, Vec<RecordId>)>,
}

/// Encodes the fields of a write. The error names the first field that cannot be written so, and why.
pub(in crate::hubspot) fn encode(catalogue: &Catalogue, fields: &Fields) -> Result<Encoded> {
    let mut encoded = Encoded::default();
    for (name, value) in fields {
        let column = catalogue.column(name)?;
        if column.read_only {
            return Err(refuse("only HubSpot writes this field")
                .with_remedy("map it in one direction only")
                .with_field(name));
        }
        match &column.place {
            Place::Property(property) => {
                let text = property_text(column, value).map_err(|error| error.with_field(name))?;
                encoded.properties.insert(property.clone(), text);
            }
            Place::Association(target) => {
                let ids = references(value).map_err(|error| error.with_field(name))?;
                encoded.links.push((name.clone(), target.clone(), ids));
            }
            Place::Lines => return Err(unfit(value, "something that can be written").with_field(name)),
        }
    }
    add_pipeline(catalogue, &mut encoded.properties);
    Ok(encoded)
}

/// Fields that a new record must have and does not.
pub(in crate::hubspot) fn check_required(catalogue: &Catalogue, encoded: &Encoded) -> Result<()> {
    let given = |name: &str| encoded.properties.get(name).is_some_and(|text| !text.is_empty());
    match catalogue.required().find(|property| !given(property)) {
        None => Ok(()),
        Some(property) => Err(refuse("a new record must have it")
            .with_field(catalogue.name_of(property).unwrap_or_else(|| property.to_owned()))
            .with_remedy("map a value to it, or say in the mapping what stands for an empty one")),
    }
}

/// A stage goes with its pipeline.
fn add_pipeline(catalogue: &Catalogue, properties: &mut BTreeMap<String, String>) {
    let found = properties.iter().find_map(|(name, stage)| catalogue.pipeline(name, stage));
    if let Some((name, pipeline)) = found {
        properties.entry(name.to_owned()).or_insert_with(|| pipeline.to_owned());
    }
}

fn property_text(column: &Column, value: &Value) -> Result<String> {
    if value.is_empty() {
        return match column.required {
            true => Err(refuse("it must not be empty")
                .with_remedy("say in the mapping what stands for an empty value")),
            false => Ok(String::new()),
        };
    }
    match (column.shape, value) {
        (Shape::Text, _) => text(value),
        (Shape::Number, Value::Decimal(number)) => Ok(number.normalize().to_string()),
        (Shape::Number, Value::Text(text)) => match text.parse::<Decimal>() {
            Ok(number) => Ok(number.normalize().to_string()),
            Err(_) => Err(unfit(value, "a number")),
        },
        (Shape::Number, _) => Err(unfit(value, "a number")),
        (Shape::Bool, Value::Bool(yes)) => Ok(yes.to_string()),
        (Shape::Bool, _) => Err(unfit(value, "yes or no")),
        (Shape::Date, Value::Date(day)) => Ok(day.format("%Y-%m-%d").to_string()),
        (Shape::Date, _) => Err(unfit(value, "a calendar day")),
        (Shape::Instant, Value::Instant(moment)) => Ok(moment.to_rfc3339_opts(SecondsFormat::Millis, true)),
        // A day in a property for moments, such as the due date of an invoice, begins at midnight UTC.
        (Shape::Instant, Value::Date(day)) => Ok(format!("{day}T00:00:00.000Z")),
        (Shape::Instant, _) => Err(unfit(value, "a moment")),
        (Shape::Choice, Value::Text(label)) => option(column, label).map(str::to_owned),
        (Shape::Choices, Value::Text(label)) => option(column, label).map(str::to_owned),
        (Shape::Choices, Value::List(labels)) => {
            let values = labels.iter().map(|label| option(column, &label.to_string()).map(str::to_owned));
            Ok(values.collect::<Result<Vec<_>>>()?.join(";"))
        }
        _ => Err(unfit(value, "what this field holds")),
    }
}

fn text(value: &Value) -> Result<String> {
    let text = value.to_string();
    let length = text.chars().count();
    if length > TEXT {
        return Err(refuse(format!("the text has {length} characters and HubSpot takes {TEXT}"))
            .with_remedy("shorten the text"));
    }
    Ok(text)
}

fn option<'a>(column: &'a Column, label: &str) -> Result<&'a str> {
    let label = label.trim();
    let by_label = || column.options.iter().find(|option| option.label == label);
    let mut others = column.options.iter().filter(|option| option.also.iter().any(|also| also == label));
    let found = by_label().or_else(|| others.next().filter(|_| others.next().is_none()));
    found.map(|option| option.value.as_str()).ok_or_else(|| {
        let labels: Vec<&str> = column.options.iter().map(|option| option.label.as_str()).collect();
        refuse(format!("\"{label}\" is not among its options: {}", labels.join(", ")))
            .with_remedy("add the option in HubSpot, or map the value to one of them")
    })
}

/// The ids that an association is to have: none, one or several.
fn references(value: &Value) -> Result<Vec<RecordId>> {
    let items = match value {
        Value::Null => return Ok(Vec::new()),
        Value::List(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    let id = |item: &Value| match item {
        Value::Reference(id) if id.is_number() => Ok(id.clone()),
        other => Err(unfit(other, "the id of a record in HubSpot")),
    };
    items.iter().map(id).collect()
}

fn unfit(value: &Value, wanted: &str) -> Error {
    refuse(format!("\"{value}\" is not {wanted}")).with_remedy("correct the value or the mapping")
}

fn refuse(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Invalid, message)
}
