//! One line of the audit, and the marks that find it again.

use chrono::{DateTime, Utc};
use crm_adapters::RecordId;
use serde::{Deserialize, Serialize};

use super::{LinkId, is_false, plain};
use crate::flow::{Division, Side};
use crate::plan::FieldWrite;
use crate::store::{Key, Mark, Put, StoreError};

/// One line of what was decided and written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AuditLine {
    /// When, in UTC.
    pub at: DateTime<Utc>,
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
    /// What was done, such as [`CREATE`](Self::CREATE).
    pub action: String,
    /// The record on that side.
    pub record: Option<RecordId>,
    /// What was written, with the value that it replaced and the reason.
    pub fields: Vec<FieldWrite>,
    /// A later run than its own learned of it, for the answer was lost.
    #[serde(default, skip_serializing_if = "is_false")]
    pub late: bool,
}

impl AuditLine {
    /// A record was created.
    pub const CREATE: &'static str = "create";
    /// The same; the answer was lost, and the record found later.
    pub const FOUND: &'static str = "found";
    /// A record that was to be created was there already, or may be somebody else's.
    pub const ADOPT: &'static str = "adopt";
    /// Fields were written.
    pub const UPDATE: &'static str = "update";
    /// Fields were sent without an answer: they may have been written.
    pub const UNANSWERED: &'static str = "unanswered";
    /// A record that a run had created was taken out of use.
    pub const ARCHIVE: &'static str = "archive";
    /// Two records were tied.
    pub const LINK: &'static str = "link";
    /// The CRM's record went into another one.
    pub const MERGE: &'static str = "merge";
    /// A person decided; it is yet to be written.
    pub const ANSWER: &'static str = "answer";
    /// A side's record is gone, and the link has ended.
    pub const END: &'static str = "end";
    /// A person's values were taken out of the store.
    pub const FORGET: &'static str = "forget";

    /// The mark that finds the lines about a link, in their order.
    pub(crate) const OF_LINK: &'static str = "audit";
    /// The mark that finds the lines of a run that a later one wrote, when it learned what became of a write.
    pub(crate) const OF_RUN: &'static str = "late";

    /// Whether a record that was to be created stands there since, whoever made it.
    #[must_use]
    pub fn is_create(&self) -> bool {
        [Self::CREATE, Self::FOUND, Self::ADOPT].contains(&self.action.as_str())
    }

    /// What the values of the marks of a link's lines begin with.
    pub(crate) fn life(flow: &str, division: Division, link: LinkId) -> String {
        [flow, &division.to_string(), &link.to_string(), ""].join("/")
    }

    /// What the values of the marks of a run's late lines begin with.
    pub(crate) fn late(run: &str) -> String {
        format!("{run}/")
    }

    /// A moment as keys and marks of lines tell it.
    pub(crate) fn moment(at: DateTime<Utc>) -> String {
        format!("{:020}", at.timestamp_micros().max(0))
    }

    pub(crate) fn put(&self, key: Key) -> Result<Put, StoreError> {
        let moment = Self::moment(self.at);
        let life = Self::life(&self.flow, self.division, self.link);
        let mut marks = vec![Mark::new(Self::OF_LINK, life + &moment)];
        marks
            .extend(self.late.then(|| Mark::new(Self::OF_RUN, format!("{}{moment}", Self::late(&self.run)))));
        Ok(Put { marks, ..plain(key, self)? })
    }
}
