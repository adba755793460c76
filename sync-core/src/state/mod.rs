//! The rows that the engine keeps in a store: their keys, marks and JSON forms.

mod audit;
mod echo;
mod intent;
mod issue;
mod link;
mod observation;
mod part;

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::flow::{Division, Side};
use crate::store::{Key, Put, Row, StoreError, StoreErrorKind, Table};

pub use audit::AuditLine;
pub(crate) use echo::Echo;
pub(crate) use intent::{Intent, IntentState};
pub use issue::{Answer, Issue, IssueKind, IssueState, Restored, Subject};
pub use link::{Base, BaseField, Link, LinkId, LinkState};
pub(crate) use observation::{Observation, Seen};
#[cfg(feature = "exact")]
pub(crate) use part::part_mark;
pub(crate) use part::{forgotten_company, parts_of_company};

/// One stream of changes: what a flow reads of a side, in Exact of one division.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Feed {
    pub(crate) flow: String,
    pub(crate) side: Side,
    /// `None` on the CRM's side, which has no divisions.
    pub(crate) division: Option<Division>,
    /// What keys and marks of its records begin with.
    prefix: String,
}

impl Feed {
    fn new(flow: &str, side: Side, division: Option<Division>) -> Self {
        let prefix = match division {
            Some(division) => format!("{flow}/{}/{division}/", side.as_str()),
            None => format!("{flow}/{}/-/", side.as_str()),
        };
        Self { flow: flow.to_owned(), side, division, prefix }
    }

    pub(crate) fn exact(flow: &str, division: Division) -> Self {
        Self::new(flow, Side::Exact, Some(division))
    }

    pub(crate) fn crm(flow: &str) -> Self {
        Self::new(flow, Side::Crm, None)
    }

    /// The feed that holds a division's records on a side.
    pub(crate) fn of(flow: &str, side: Side, division: Division) -> Self {
        match side {
            Side::Exact => Self::exact(flow, division),
            Side::Crm => Self::crm(flow),
        }
    }

    /// The same of another flow.
    pub(crate) fn of_flow(&self, flow: &str) -> Self {
        Self::new(flow, self.side, self.division)
    }

    pub(crate) fn cursor_key(&self) -> Key {
        Key::new(Table::Cursor, self.to_string())
    }
}

/// What keys and marks of its records begin with, without the last `/`.
impl fmt::Display for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.prefix.trim_end_matches('/'))
    }
}

/// How far a feed has been read, and for which fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Position {
    pub(crate) cursor: crm_adapters::Cursor,
    /// The flow's fingerprint when reading began. After a change of the mapping everything is read anew.
    pub(crate) fingerprint: String,
    /// Whether the end was reached once: what is missing is then missing, not unread.
    pub(crate) complete: bool,
}

pub(crate) fn decode<T: DeserializeOwned>(row: &Row) -> Result<T, StoreError> {
    serde_json::from_str(&row.value).map_err(|cause| {
        StoreError::new(
            StoreErrorKind::Corrupt,
            format!("row {}/{} is not what this version writes", row.key.table.as_str(), row.key.id),
        )
        .with_source(cause)
    })
}

pub(crate) fn encode<T: Serialize>(value: &T) -> Result<String, StoreError> {
    /// Most rows fit in, and are not copied while they grow.
    const USUAL: usize = 1_024;
    let unwritable = |cause: Box<dyn std::error::Error + Send + Sync>| {
        StoreError::new(StoreErrorKind::Corrupt, "a row could not be written as JSON").with_source(cause)
    };
    let mut row = Vec::with_capacity(USUAL);
    serde_json::to_writer(&mut row, value).map_err(|cause| unwritable(cause.into()))?;
    String::from_utf8(row).map_err(|cause| unwritable(cause.into()))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde asks for")]
fn is_false(yes: &bool) -> bool {
    !yes
}

/// A put without marks, whatever is there now.
pub(crate) fn plain<T: Serialize>(key: Key, value: &T) -> Result<Put, StoreError> {
    Ok(Put { key, value: encode(value)?, marks: Vec::new(), expect: crate::store::Expect::Any })
}
