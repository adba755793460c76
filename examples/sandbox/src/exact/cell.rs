//! One value of one property, and how it looks on the wire.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, SubsecRound, Utc};
use chrono_tz::Europe::Amsterdam;
use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive as _, ToPrimitive as _};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::resources::property_name;
use super::schema::{Edm, Entity, Property, Unset, Width};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Cell {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    Text(Box<str>),
    Guid(Uuid),
    /// Amsterdam's wall clock, as Exact keeps its times.
    Moment(NaiveDateTime),
}

impl Cell {
    pub(super) fn text(value: &str) -> Self {
        Self::Text(value.into())
    }

    /// The wall clock in the administration's office at that moment.
    pub(super) fn moment(now: DateTime<Utc>) -> Self {
        Self::Moment(wall_clock(now))
    }

    /// Exact keeps amounts as doubles.
    pub(super) fn decimal(value: Decimal) -> Self {
        value.to_f64().map_or(Self::Null, Self::Double)
    }

    /// Midnight of the office's day.
    pub(super) fn day(now: DateTime<Utc>) -> Self {
        Self::Moment(wall_clock(now).date().and_time(NaiveTime::MIN))
    }

    /// SQL's order; `None` where it has none, as with nulls.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => Some(a.cmp(b)),
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(b)),
            (Self::Double(a), Self::Double(b)) => a.partial_cmp(b),
            (Self::Int(a), Self::Double(b)) => as_double(*a).partial_cmp(b),
            (Self::Double(a), Self::Int(b)) => a.partial_cmp(&as_double(*b)),
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            (Self::Guid(a), Self::Guid(b)) => Some(a.cmp(b)),
            (Self::Moment(a), Self::Moment(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }

    /// As it stands in a filter or a skip token.
    pub(super) fn literal(&self, edm: Edm) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Int(value) if edm == Edm::Int64 => format!("{value}L"),
            Self::Int(value) => value.to_string(),
            Self::Double(value) => value.to_string(),
            Self::Text(value) => format!("'{}'", value.replace('\'', "''")),
            Self::Guid(value) => format!("guid'{value}'"),
            Self::Moment(value) => format!("datetime'{}'", value.format("%Y-%m-%dT%H:%M:%S%.f")),
        }
    }

    fn to_json(&self, property: &Property) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => json!(value),
            Self::Int(value) if property.edm == Edm::Int64 => json!(value.to_string()),
            Self::Int(value) => json!(value),
            // Whole numbers come without a fraction.
            Self::Double(value) if value.fract() == 0.0 => {
                format!("{value:.0}").parse().unwrap_or(json!(value))
            }
            Self::Double(value) => json!(value),
            Self::Text(value) => json!(padded(value, property.width)),
            Self::Guid(value) => json!(value),
            Self::Moment(value) => json!(format!("/Date({})/", value.and_utc().timestamp_millis())),
        }
    }

    /// Reads a member of a payload. The error is what Exact says about the property.
    pub(super) fn from_json(property: &Property, value: &Value) -> Result<Self, String> {
        let converted = match (property.edm, value) {
            (_, Value::Null) => Some(Self::Null),
            (Edm::Guid, Value::String(text)) => text.parse().ok().map(Self::Guid),
            (Edm::String | Edm::Binary, Value::String(text)) => Some(Self::text(text)),
            (Edm::Boolean, Value::Bool(value)) => Some(Self::Bool(*value)),
            (Edm::DateTime, Value::String(text)) => read_moment(text).map(Self::Moment),
            (Edm::Double, Value::Number(number)) => number.as_f64().map(Self::Double),
            (Edm::Byte | Edm::Int16 | Edm::Int32, Value::Number(number)) => number.as_i64().map(Self::Int),
            (Edm::Int64, Value::String(text)) => text.parse().ok().map(Self::Int),
            (Edm::Int64, Value::Number(number)) => number.as_i64().map(Self::Int),
            _ => None,
        };
        converted.ok_or_else(|| {
            format!(
                "Error encountered in converting the value from request payload for property '{}' to type '{:?}'",
                property.name, property.edm
            )
        })
    }
}

fn as_double(value: i64) -> f64 {
    i32::try_from(value).map_or(f64::MAX, f64::from)
}

/// Amsterdam's wall clock, in whole milliseconds.
pub(super) fn wall_clock(now: DateTime<Utc>) -> NaiveDateTime {
    now.with_timezone(&Amsterdam).naive_local().trunc_subsecs(3)
}

/// A text at the width that Exact stores it in.
pub(super) fn padded(text: &str, width: Width) -> Cow<'_, str> {
    match width {
        Width::Free => Cow::Borrowed(text),
        Width::Left(width) => Cow::Owned(format!("{text:>width$}")),
        Width::Right(width) => Cow::Owned(format!("{text:<width$}")),
    }
}

/// ISO with or without a time; a zone is converted to the wall clock.
fn read_moment(text: &str) -> Option<NaiveDateTime> {
    if let Some(milliseconds) = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")) {
        return DateTime::from_timestamp_millis(milliseconds.parse().ok()?).map(|moment| moment.naive_utc());
    }
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Some(wall_clock(moment.to_utc()));
    }
    read_wall_clock(text)
}

/// ISO without a zone: a date, or a date and a time.
pub(super) fn read_wall_clock(text: &str) -> Option<NaiveDateTime> {
    text.parse::<NaiveDateTime>()
        .ok()
        .or_else(|| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").ok())
        .or_else(|| text.parse::<NaiveDate>().ok().map(|date| date.and_time(NaiveTime::MIN)))
        .filter(|moment| moment.checked_add_days(Days::new(1)).is_some())
}

/// One stored row: what was set; everything else holds the property's unset value.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "BTreeMap<String, Cell>", into = "BTreeMap<&'static str, Cell>")]
pub(super) struct Row {
    cells: BTreeMap<&'static str, Cell>,
}

impl From<Row> for BTreeMap<&'static str, Cell> {
    fn from(row: Row) -> Self {
        row.cells
    }
}

/// Properties that no resource has are left out.
impl From<BTreeMap<String, Cell>> for Row {
    fn from(cells: BTreeMap<String, Cell>) -> Self {
        let known = cells.into_iter().filter_map(|(name, cell)| Some((property_name(&name)?, cell)));
        Self { cells: known.collect() }
    }
}

impl Row {
    pub(super) fn set(&mut self, name: &'static str, cell: Cell) {
        self.cells.insert(name, cell);
    }

    #[must_use]
    pub(super) fn with(mut self, name: &'static str, cell: Cell) -> Self {
        self.set(name, cell);
        self
    }

    /// The value as it is stored, without padding; `None` when it was never set.
    pub(super) fn stored(&self, name: &str) -> Option<&Cell> {
        self.cells.get(name)
    }

    /// The value as a reader and a filter see it, padding included.
    pub(super) fn cell(&self, property: &Property) -> Cow<'_, Cell> {
        match self.cells.get(property.name) {
            Some(Cell::Text(text)) if property.width != Width::Free => {
                Cow::Owned(Cell::text(&padded(text, property.width)))
            }
            Some(cell) => Cow::Borrowed(cell),
            None => Cow::Owned(match property.unset {
                Unset::Null => Cell::Null,
                Unset::False => Cell::Bool(false),
                Unset::True => Cell::Bool(true),
                Unset::Number(number) => Cell::Int(number),
                Unset::Text(text) => Cell::text(text),
            }),
        }
    }

    pub(super) fn guid(&self, name: &str) -> Option<Uuid> {
        match self.stored(name) {
            Some(Cell::Guid(guid)) => Some(*guid),
            _ => None,
        }
    }

    pub(super) fn int(&self, name: &str) -> Option<i64> {
        match self.stored(name) {
            Some(Cell::Int(number)) => Some(*number),
            _ => None,
        }
    }

    /// A number, whole or not.
    pub(super) fn number(&self, name: &str) -> Option<Decimal> {
        match self.stored(name) {
            Some(Cell::Double(number)) => Decimal::from_f64(*number),
            Some(Cell::Int(number)) => Some(Decimal::from(*number)),
            _ => None,
        }
    }

    pub(super) fn str(&self, name: &str) -> Option<&str> {
        match self.stored(name) {
            Some(Cell::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The row as JSON with these properties; `uri` is the entity's own address.
    pub(super) fn to_json<'p>(
        &self,
        entity: &Entity,
        properties: impl IntoIterator<Item = &'p Property>,
        uri: &str,
    ) -> Value {
        let mut object = Map::new();
        object.insert("__metadata".into(), json!({ "uri": uri, "type": entity.type_name }));
        for property in properties {
            let value = if property.edm == Edm::Navigation {
                json!({ "__deferred": { "uri": format!("{uri}/{}", property.name) } })
            } else if property.write_only {
                Value::Null
            } else {
                self.cell(property).to_json(property)
            };
            object.insert(property.name.into(), value);
        }
        Value::Object(object)
    }
}
