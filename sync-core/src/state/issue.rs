use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use crm_adapters::{Fields, RecordId, Value};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::flow::{Division, Side};
use crate::state::{Link, LinkId, encode, is_false};
use crate::store::{Expect, Key, Mark, Put, StoreError, Table};

/// A question that only a person can answer. It holds back what it is about, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Issue {
    /// The flow.
    pub flow: String,
    /// The division.
    pub division: Division,
    /// What it is about.
    pub subject: Subject,
    /// The field it is about, as Exact's property name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What sort of question it is.
    pub kind: IssueKind,
    /// The question, and what to do, in a sentence or two.
    pub message: String,
    /// What Exact has: the value in question or, without a field, the record.
    pub exact: Option<Fields>,
    /// What the CRM has.
    pub crm: Option<Fields>,
    /// What both last agreed on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Value>,
    /// A digest of what was refused; the same is not sent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<String>,
    /// When it was first asked.
    pub raised_at: DateTime<Utc>,
    /// Whether it still waits.
    pub state: IssueState,
}

/// What an issue is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Subject {
    /// A link.
    Link(LinkId),
    /// A record that is not linked yet.
    Record(Side, RecordId),
}

/// What sort of question an issue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IssueKind {
    /// More than one record could be the same one, or a record of the same name stands on the other side.
    Ambiguous,
    /// Both sides changed a field to different values.
    Conflict,
    /// A value or a record that the other side does not take.
    Rejected,
    /// A value is missing and the rule says to stop.
    Empty,
    /// A line to be handed over has another price than Exact's.
    Price,
    /// It names a record that has not been linked for a day.
    Unlinked,
    /// What was handed over to Exact was changed in the CRM since, in a field that Exact's value could be written to.
    HandedOff,
    /// What a run wrote was to be undone, and has been edited since, or cannot be taken back.
    Undo,
    /// What was handed over to Exact no longer is what it was, in a way that can only be taken note of: its lines were
    /// changed, it was opened again, or deleted on one of the sides.
    Departed,
    /// Something on a side sets a field back each time after it was written.
    Oscillation,
}

/// Whether an issue waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IssueState {
    /// It waits.
    Open,
    /// It was answered with `--create`: the record is created although another one looks like it.
    Create,
    /// It was answered with `--skip`: the record, or the field, is left as it is on both sides.
    Skipped,
}

/// A person's answer to a question about a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Answer {
    /// Take the value of that side.
    Take {
        /// The side.
        side: Side,
        /// What Exact had when the question was answered.
        exact: Value,
        /// What the CRM had.
        crm: Value,
    },
    /// Write this value to both sides.
    Value {
        /// The value.
        value: Value,
        /// What Exact had when the question was answered.
        exact: Value,
        /// What the CRM had.
        crm: Value,
    },
    /// Leave the field as it is on both sides.
    Skip {
        /// What Exact had when the question was answered.
        exact: Value,
        /// What the CRM had.
        crm: Value,
    },
    /// Put back what a run wrote over. The two sides may differ then, and count as agreed.
    Restore {
        /// In Exact.
        exact: Option<Restored>,
        /// In the CRM.
        crm: Option<Restored>,
    },
    /// Take the record out of use that a run created on that side.
    Retire {
        /// The side.
        side: Side,
        /// What was written to it, by Exact's property name: where it holds something else, somebody has edited it.
        wrote: BTreeMap<String, Value>,
        /// The key that was written to the record of the CRM from which it was made: it goes with the link.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<Restored>,
    },
}

/// A value that a run wrote, and the one that it replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Restored {
    /// What the run wrote.
    pub wrote: Value,
    /// What stood there before, and is to stand there again.
    pub back: Value,
    /// Somebody has edited it since, and a later run wrote over that edit: what stands there is not this run's any more.
    #[serde(default, skip_serializing_if = "is_false")]
    pub edited: bool,
}

impl Restored {
    pub(crate) fn new(wrote: &Value, back: &Value) -> Self {
        Self { wrote: wrote.clone(), back: back.clone(), edited: false }
    }
}

impl Issue {
    /// The mark of issues that wait.
    pub(crate) const OPEN: &'static str = "issue";
    /// The mark that finds an issue by its short id.
    pub(crate) const ID: &'static str = "issue-id";

    /// A question about a link as a whole.
    pub(crate) fn of_link(link: &Link, kind: IssueKind, message: String, raised_at: DateTime<Utc>) -> Self {
        Self {
            flow: link.flow.clone(),
            division: link.division,
            subject: Subject::Link(link.id),
            field: None,
            kind,
            message,
            exact: None,
            crm: None,
            base: None,
            payload: None,
            raised_at,
            state: IssueState::Open,
        }
    }

    /// The value of the mark of open issues: so ended that no division's begins like another one's.
    pub(crate) fn scope(flow: &str, division: Division) -> String {
        format!("{flow}/{division}/")
    }

    /// A short name for people, the same as long as the question is the same.
    #[must_use]
    pub fn id(&self) -> String {
        hex::encode(&Sha256::digest(self.key().id.as_bytes())[..5])
    }

    /// What `issues resolve` takes for it.
    #[must_use]
    pub fn answers(&self) -> Vec<&'static str> {
        match (self.kind, &self.field) {
            (IssueKind::Undo, Some(field)) if field == Link::UNDO => vec!["--skip"],
            (IssueKind::Conflict | IssueKind::Undo | IssueKind::Oscillation, _) => {
                vec!["--take exact", "--take crm", "--value V", "--skip"]
            }
            (IssueKind::Price, _) => vec!["--create", "--skip"],
            (IssueKind::HandedOff, _) => vec!["--skip", "--take exact"],
            (IssueKind::Departed, _) => vec!["--skip"],
            (IssueKind::Ambiguous, _) if matches!(self.subject, Subject::Link(_)) => vec!["--skip"],
            (IssueKind::Ambiguous, _) => vec!["--link EXACT_ID CRM_ID", "--create", "--skip"],
            (IssueKind::Rejected | IssueKind::Empty, Some(_)) => vec!["--value V", "--skip"],
            (IssueKind::Rejected | IssueKind::Empty, None) | (IssueKind::Unlinked, _) => vec!["--skip"],
        }
    }

    pub(crate) fn key(&self) -> Key {
        Self::key_of(&self.flow, self.division, &self.subject, self.field.as_deref())
    }

    pub(crate) fn key_of(flow: &str, division: Division, subject: &Subject, field: Option<&str>) -> Key {
        let field = field.unwrap_or("-");
        Key::new(Table::Issue, format!("{}{field}", Self::prefix(flow, division, subject)))
    }

    /// What the ids of all issues about a subject begin with.
    pub(crate) fn prefix(flow: &str, division: Division, subject: &Subject) -> String {
        match subject {
            Subject::Link(link) => format!("{flow}/{division}/link/{link}/"),
            Subject::Record(side, record) => format!("{flow}/{division}/{}/{record}/", side.as_str()),
        }
    }

    pub(crate) fn put(&self) -> Result<Put, StoreError> {
        let mut marks = vec![Mark::new(Self::ID, self.id())];
        if self.state == IssueState::Open {
            marks.push(Mark::new(Self::OPEN, Self::scope(&self.flow, self.division)));
        }
        Ok(Put { key: self.key(), value: encode(self)?, marks, expect: Expect::Any })
    }
}
