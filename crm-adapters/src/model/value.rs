use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Fields, RecordId};

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
    /// The lines of a document, such as the products of a deal, in order. Their names are those of
    /// [`Kind::Line`](super::Kind::Line) on that side.
    Lines(Vec<Fields>),
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
            Self::Lines(lines) => lines.is_empty(),
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
            Self::List(items) => separated(f, ", ", items, |f, item| item.fmt(f)),
            Self::Lines(lines) => separated(f, "; ", lines, |f, line| {
                separated(f, ", ", line, |f, (name, value)| write!(f, "{name} {value}"))
            }),
        }
    }
}

fn separated<T>(
    f: &mut fmt::Formatter<'_>,
    separator: &str,
    items: impl IntoIterator<Item = T>,
    show: impl Fn(&mut fmt::Formatter<'_>, T) -> fmt::Result,
) -> fmt::Result {
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            f.write_str(separator)?;
        }
        show(f, item)?;
    }
    Ok(())
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
