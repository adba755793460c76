use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::RecordId;

/// One value of one field: a closed set, the same on every side.
///
/// A field that a vendor did not deliver is *absent* from [`Fields`](super::Fields); a field that it delivered
/// as empty is [`Value::Null`]. The two are never mixed up: an absent field is no opinion, an empty one is.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "every side must be able to match all of them")]
pub enum Value {
    /// Delivered, and empty.
    #[default]
    Null,
    /// Text, never padded.
    Text(String),
    /// A number. Never a float: money is compared exactly.
    Decimal(Decimal),
    /// Yes or no.
    Bool(bool),
    /// A calendar day, without time or zone.
    Date(NaiveDate),
    /// A moment.
    Instant(DateTime<Utc>),
    /// The id of another record of the same side.
    Reference(RecordId),
    /// Several values, in order.
    List(Vec<Value>),
}

impl Value {
    /// Text, or [`Value::Null`] where there is none left after trimming.
    #[must_use]
    pub fn text(text: impl AsRef<str>) -> Self {
        match text.as_ref().trim() {
            "" => Self::Null,
            trimmed => Self::Text(trimmed.to_owned()),
        }
    }

    /// Whether there is nothing in it: null, an empty text or an empty list.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
            _ => false,
        }
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// As a person would read it; empty for [`Value::Null`].
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Text(text) => f.write_str(text),
            Self::Decimal(number) => number.fmt(f),
            Self::Bool(yes) => yes.fmt(f),
            Self::Date(day) => day.fmt(f),
            Self::Instant(moment) => f.write_str(&moment.to_rfc3339()),
            Self::Reference(id) => id.fmt(f),
            Self::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        f.write_str(", ")?;
                    }
                    item.fmt(f)?;
                }
                Ok(())
            }
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<bool> for Value {
    fn from(yes: bool) -> Self {
        Self::Bool(yes)
    }
}

impl From<Decimal> for Value {
    fn from(number: Decimal) -> Self {
        Self::Decimal(number)
    }
}
