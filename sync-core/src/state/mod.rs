//! The rows that the engine keeps in a store: their keys, marks and JSON forms.

mod intent;
mod issue;
mod link;
mod observation;

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::flow::{Division, Side};
use crate::store::{Key, Mark, Put, Row, StoreError, StoreErrorKind, Table};

pub(crate) use intent::{Intent, IntentState};
pub use issue::{Answer, Issue, IssueKind, IssueState, Restored, Subject};
pub use link::{Base, BaseField, Link, LinkId, LinkState};
pub(crate) use observation::{Observation, Seen};

/// One stream of changes: what a flow reads of a side, in Exact of one division.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Feed {
    pub(crate) flow: String,
    pub(crate) side: Side,
    /// `None` on the CRM's side, which has no divisions.
    pub(crate) division: Option<Division>,
}

impl Feed {
    pub(crate) fn exact(flow: &str, division: Division) -> Self {
        Self { flow: flow.to_owned(), side: Side::Exact, division: Some(division) }
    }

    pub(crate) fn crm(flow: &str) -> Self {
        Self { flow: flow.to_owned(), side: Side::Crm, division: None }
    }

    /// The feed that holds a division's records on a side.
    pub(crate) fn of(flow: &str, side: Side, division: Division) -> Self {
        match side {
            Side::Exact => Self::exact(flow, division),
            Side::Crm => Self::crm(flow),
        }
    }

    pub(crate) fn cursor_key(&self) -> Key {
        Key::new(Table::Cursor, self.to_string())
    }
}

/// The part that keys and marks of its records begin with, without the last `/`.
impl fmt::Display for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.division {
            Some(division) => write!(f, "{}/{}/{division}", self.flow, self.side),
            None => write!(f, "{}/{}/-", self.flow, self.side),
        }
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

/// One line of what was decided and written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AuditLine {
    /// When, in UTC.
    pub at: chrono::DateTime<chrono::Utc>,
    /// The run that did it.
    pub run: String,
    /// The flow.
    pub flow: String,
    /// The division.
    pub division: Division,
    /// The link.
    pub link: LinkId,
    /// The side that was written to, or is to be by an answer; the CRM's where two records were only tied.
    pub side: Side,
    /// `create`, `found` (a create whose answer was lost), `adopt` (it was there already), `update`, `link`, `answer`,
    /// `end` …
    pub action: String,
    /// The record on that side.
    pub record: Option<crm_adapters::RecordId>,
    /// What was written, with the value that it replaced and the reason.
    pub fields: Vec<crate::plan::FieldWrite>,
    /// A later run than its own learned of it, for the answer was lost.
    #[serde(default, skip_serializing_if = "is_false")]
    pub late: bool,
}

impl AuditLine {
    /// The mark that finds the lines about a link, in their order.
    pub(crate) const LINK: &'static str = "audit";
    /// The mark that finds the lines of a run that a later one wrote, when it learned what became of a write.
    pub(crate) const LATE: &'static str = "late";

    /// What the values of the marks of a link's lines begin with.
    pub(crate) fn life(flow: &str, division: Division, link: LinkId) -> String {
        format!("{flow}/{division}/{link}/")
    }

    /// What the values of the marks of a run's late lines begin with.
    pub(crate) fn late(run: &str) -> String {
        format!("{run}/")
    }

    /// A moment as keys and marks of lines tell it.
    pub(crate) fn moment(at: chrono::DateTime<chrono::Utc>) -> String {
        format!("{:020}", at.timestamp_micros().max(0))
    }

    pub(crate) fn put(&self, key: Key) -> Result<Put, StoreError> {
        let moment = Self::moment(self.at);
        let life = Self::life(&self.flow, self.division, self.link);
        let mut marks = vec![Mark::new(Self::LINK, format!("{life}{moment}"))];
        marks.extend(self.late.then(|| Mark::new(Self::LATE, format!("{}{moment}", Self::late(&self.run)))));
        Ok(Put { marks, ..plain(key, self)? })
    }
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
    serde_json::to_string(value).map_err(|cause| {
        StoreError::new(StoreErrorKind::Corrupt, "a row could not be written as JSON").with_source(cause)
    })
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde asks for")]
fn is_false(yes: &bool) -> bool {
    !yes
}

/// A put without marks, whatever is there now.
pub(crate) fn plain<T: Serialize>(key: Key, value: &T) -> Result<Put, StoreError> {
    Ok(Put { key, value: encode(value)?, marks: Vec::new(), expect: crate::store::Expect::Any })
}
