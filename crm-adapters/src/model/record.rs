use std::collections::BTreeMap;
use std::collections::btree_map;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Value;

/// What a record is, in neutral words. Each adapter knows its vendor's name for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// Exact: account. Pipedrive: organization. HubSpot: company.
    Company,
    /// Exact and HubSpot: contact. Pipedrive: person.
    Contact,
    /// Exact: item. Elsewhere: product.
    Product,
    /// Exact: opportunity. Elsewhere: deal.
    Deal,
    /// A line of a deal, quotation, order or invoice, as a record of its own.
    Line,
    /// A lead: what may become a deal.
    Lead,
    /// A note on another record.
    Note,
    /// A quotation or quote.
    Quotation,
    /// A sales order.
    Order,
    /// A sales invoice.
    Invoice,
    /// What was invoiced under one reference, taken together. No vendor has it as a record of its own.
    Billing,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::Company,
        Self::Contact,
        Self::Product,
        Self::Deal,
        Self::Line,
        Self::Lead,
        Self::Note,
        Self::Quotation,
        Self::Order,
        Self::Invoice,
        Self::Billing,
    ];

    /// The word used in messages, such as `company`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::Contact => "contact",
            Self::Product => "product",
            Self::Deal => "deal",
            Self::Line => "line",
            Self::Lead => "lead",
            Self::Note => "note",
            Self::Quotation => "quotation",
            Self::Order => "order",
            Self::Invoice => "invoice",
            Self::Billing => "billing",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The vendor's own id of a record, as text: a GUID in Exact, a number in the CRMs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RecordId(String);

impl RecordId {
    /// Wraps an id as the vendor writes it.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id as the vendor writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a whole number as the CRMs write theirs: nothing that reaches into a path, and no second spelling
    /// of the same id.
    #[cfg(any(feature = "pipedrive", feature = "hubspot"))]
    pub(crate) fn is_number(&self) -> bool {
        self.0.parse::<u64>().is_ok_and(|number| number.to_string() == self.0)
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Values by property name, in that vendor's own words; a custom field is `custom:Label`.
///
/// As a reading: what the vendor delivered. As a change: what to set, with [`Value::Null`] to clear and an
/// absent name to leave alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fields(BTreeMap<String, Value>);

impl Fields {
    /// No fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of a field; `None` where it was not delivered.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Sets a field.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.0.insert(name.into(), value.into());
    }

    /// Sets a field, for building in one expression.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.set(name, value);
        self
    }

    /// Takes a field out.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name)
    }

    /// Takes over every field of `other`.
    pub fn merge(&mut self, other: Fields) {
        if self.0.is_empty() {
            self.0 = other.0;
        } else {
            self.0.extend(other.0);
        }
    }

    /// How many fields there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Names and values, by name.
    pub fn iter(&self) -> btree_map::Iter<'_, String, Value> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a Fields {
    type Item = (&'a String, &'a Value);
    type IntoIter = btree_map::Iter<'a, String, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl IntoIterator for Fields {
    type Item = (String, Value);
    type IntoIter = btree_map::IntoIter<String, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl FromIterator<(String, Value)> for Fields {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(fields: I) -> Self {
        Self(fields.into_iter().collect())
    }
}

/// One thing on one side, as that side holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "adapters outside this crate build it")]
pub struct Record {
    /// What it is.
    pub kind: Kind,
    /// The vendor's id.
    pub id: RecordId,
    /// The fields that the vendor delivered.
    pub fields: Fields,
    /// Where this reading stands in the vendor's own order of changes, if the vendor tells; larger is newer.
    /// Comparable only between readings of one record. Of two readings with the same revision the later wins.
    pub revision: Option<i64>,
    /// When it was changed last, by the vendor's own clock, if the vendor tells. Only an adapter that answers writes with
    /// [`Outcome::Accepted`](crate::Outcome::Accepted) needs to say it.
    pub changed_at: Option<DateTime<Utc>>,
}

/// What to read of a kind: the names of the fields wanted, `custom:Label` for custom fields.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain data that the engine builds")]
pub struct View {
    /// The kind.
    pub kind: Kind,
    /// The names of the fields to deliver; the id always comes along.
    pub fields: Vec<String>,
}
