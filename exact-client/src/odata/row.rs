//! Records without a struct: the properties that a caller names, by their own names.

use std::fmt;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::ser::{self, Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

use super::{Code, Edm, Padding, Property, Scalar, WallTime};
use crate::id::Guid;

/// The value of one property.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "these are all the types that Exact's properties have")]
pub enum Value {
    /// Delivered, and `null`.
    Null,
    /// Text; without padding where the property is padded.
    Text(String),
    /// An id.
    Guid(Guid),
    /// Yes or no.
    Bool(bool),
    /// An integer of any width.
    Int(i64),
    /// A number with a fraction.
    Decimal(Decimal),
    /// A calendar day.
    Date(NaiveDate),
    /// A moment.
    Moment(WallTime),
    /// Lines, each made by the [`Resource`](super::Resource) of the lines.
    Lines(Vec<Row>),
}

impl Value {
    /// Whether a property of that type can hold it.
    #[must_use]
    pub const fn fits(&self, edm: Edm) -> bool {
        match self {
            Self::Null => true,
            Self::Text(_) => matches!(edm, Edm::Text | Edm::Binary),
            Self::Guid(_) => matches!(edm, Edm::Guid),
            Self::Bool(_) => matches!(edm, Edm::Boolean),
            Self::Int(_) => matches!(edm, Edm::Byte | Edm::Int16 | Edm::Int32 | Edm::Int64 | Edm::Double),
            Self::Decimal(_) => matches!(edm, Edm::Double),
            Self::Date(_) | Self::Moment(_) => matches!(edm, Edm::Date | Edm::Moment),
            Self::Lines(_) => matches!(edm, Edm::Lines),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Guid(id) => serializer.collect_str(id),
            Self::Bool(yes) => serializer.serialize_bool(*yes),
            Self::Int(number) => serializer.serialize_i64(*number),
            // A float would lose digits, and `Decimal` by itself is written as text.
            Self::Decimal(number) => {
                RawValue::from_string(number.to_string()).map_err(ser::Error::custom)?.serialize(serializer)
            }
            Self::Date(day) => serializer.collect_str(day),
            Self::Moment(time) => serializer.collect_str(time),
            Self::Lines(lines) => lines.serialize(serializer),
        }
    }
}

/// A record, or a change of one, as properties and values. A property that is not in it was not delivered, or is
/// not to be changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Row {
    values: Vec<(&'static Property, Value)>,
}

impl Row {
    /// The value of a property; `None` where it was not delivered.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(property, _)| property.name() == name).map(|(_, value)| value)
    }

    /// Properties and values.
    pub fn iter(&self) -> impl Iterator<Item = (&'static Property, &Value)> {
        self.values.iter().map(|(property, value)| (*property, value))
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The id under that name, if it is one.
    #[must_use]
    pub fn guid(&self, name: &str) -> Option<Guid> {
        match self.get(name) {
            Some(Value::Guid(id)) => Some(*id),
            _ => None,
        }
    }

    /// The integer under that name, if it is one.
    #[must_use]
    pub fn int(&self, name: &str) -> Option<i64> {
        match self.get(name) {
            Some(Value::Int(number)) => Some(*number),
            _ => None,
        }
    }

    pub(super) fn insert(&mut self, property: &'static Property, value: Value) {
        self.values.retain(|(known, _)| known.name() != property.name());
        self.values.push((property, value));
    }
}

impl IntoIterator for Row {
    type Item = (&'static Property, Value);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.values.into_iter()
    }
}

/// As the body of a write.
impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.values.len()))?;
        for (property, value) in &self.values {
            map.serialize_entry(property.name(), value)?;
        }
        map.end()
    }
}

/// Reads a row of these properties; everything else in it is passed over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowSeed<'a>(pub(crate) &'a [&'static Property]);

impl<'de> DeserializeSeed<'de> for RowSeed<'_> {
    type Value = Row;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Row, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for RowSeed<'_> {
    type Value = Row;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an entity")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row, A::Error> {
        let mut values = Vec::with_capacity(self.0.len());
        while let Some(name) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            match self.0.iter().find(|property| property.name() == name) {
                Some(property) => values.push((*property, map.next_value_seed(ValueSeed(property))?)),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Row { values })
    }
}

struct ValueSeed<'a>(&'a Property);

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        match self.0.edm() {
            Edm::Text if self.0.padding() == Padding::None => value::<String, D>(deserializer),
            Edm::Text => value::<Code, D>(deserializer),
            Edm::Binary => value::<String, D>(deserializer),
            Edm::Guid => value::<Guid, D>(deserializer),
            Edm::Boolean => value::<bool, D>(deserializer),
            Edm::Byte | Edm::Int16 | Edm::Int32 | Edm::Int64 => value::<i64, D>(deserializer),
            Edm::Double => value::<Decimal, D>(deserializer),
            Edm::Date => value::<NaiveDate, D>(deserializer),
            Edm::Moment => value::<WallTime, D>(deserializer),
            // Lines are read from their own resource.
            Edm::Lines => IgnoredAny::deserialize(deserializer).map(|_| Value::Null),
        }
    }
}

fn value<'de, T: Scalar, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    Ok(T::read(deserializer)?.map_or(Value::Null, |value| value.to_value()))
}
