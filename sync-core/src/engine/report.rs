//! What a run or a plan tells afterwards.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use crm_adapters::{NewField, RecordId};
use serde::{Deserialize, Serialize};

use crate::flow::{Division, Side};
use crate::state::{Link, LinkId};

/// A number for each side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "a plain pair")]
pub struct PerSide {
    /// In Exact.
    pub exact: u64,
    /// In the CRM.
    pub crm: u64,
}

impl PerSide {
    /// The number of a side.
    #[must_use]
    pub fn on(&self, side: Side) -> u64 {
        match side {
            Side::Exact => self.exact,
            Side::Crm => self.crm,
        }
    }

    pub(crate) fn add(&mut self, side: Side, more: u64) {
        match side {
            Side::Exact => self.exact += more,
            Side::Crm => self.crm += more,
        }
    }

    /// Both together.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.exact + self.crm
    }
}

/// A limit on damage that stopped a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Brake {
    /// Too many records would be created.
    Creates,
    /// Too many linked records were deleted on a side.
    Deletes,
    /// Too many values would be cleared.
    Clears,
    /// The mapping changed since somebody last approved it.
    Mapping,
}

impl Brake {
    /// What pulled it, and what to do.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Creates => {
                "more records would be created than the brake allows; look at the plan, then run with --yes"
            }
            Self::Deletes => {
                "more linked records were deleted than the brake allows; look at the plan, then run with --yes"
            }
            Self::Clears => {
                "more values would be cleared than the brake allows; look at the plan, then run with --yes"
            }
            Self::Mapping => "the mapping changed since the last run; look at the plan, then run with --yes",
        }
    }
}

/// What a run did in one flow and division.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FlowReport {
    /// The flow.
    pub flow: String,
    /// The division.
    pub division: Division,
    /// Records that were new or changed since they were last read.
    pub observed: PerSide,
    /// Records created on a side.
    pub created: PerSide,
    /// Records changed on a side.
    pub updated: PerSide,
    /// Records found on both sides and tied without a create.
    pub linked: u64,
    /// Questions that wait for a person.
    pub issues: u64,
    /// Writes that a side refused.
    pub failed: u64,
    /// Writes that wait for a budget or for the fate of an unanswered one.
    pub waiting: u64,
    /// The brake that stopped it.
    pub brake: Option<Brake>,
}

impl FlowReport {
    pub(crate) fn new(flow: &str, division: Division) -> Self {
        Self {
            flow: flow.to_owned(),
            division,
            observed: PerSide::default(),
            created: PerSide::default(),
            updated: PerSide::default(),
            linked: 0,
            issues: 0,
            failed: 0,
            waiting: 0,
            brake: None,
        }
    }

    /// Records created and changed, on both sides.
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.created.total() + self.updated.total()
    }
}

/// Something that kept a part of a run from finishing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RunError {
    /// The side that it is the trouble of.
    pub side: Side,
    /// What sort of trouble: a [kind](crm_adapters::ErrorKind) in words, such as `rate_limited`.
    pub kind: String,
    /// The flow.
    pub flow: String,
    /// The division.
    pub division: Division,
    /// What happened and where.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RunReport {
    /// For each flow and division.
    pub flows: Vec<FlowReport>,
    /// Calls made to each side.
    pub calls: PerSide,
    /// Questions that wait for a person, in all flows.
    pub open_issues: u64,
    /// Writes that wait.
    pub waiting: u64,
    /// When it may go on, where it waits for more than five minutes.
    pub resume_at: Option<DateTime<Utc>>,
    /// What kept it from finishing.
    pub errors: Vec<RunError>,
}

impl RunReport {
    /// Records created and changed, on both sides.
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.flows.iter().map(FlowReport::writes).sum()
    }

    /// Whether a person is needed: a brake or an open issue.
    #[must_use]
    pub fn needs_person(&self) -> bool {
        self.open_issues > 0 || self.flows.iter().any(|flow| flow.brake.is_some())
    }
}

/// What a run would do in one flow and division.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FlowPlan {
    /// The flow.
    pub flow: String,
    /// The division.
    pub division: Division,
    /// Records to create on a side.
    pub create: PerSide,
    /// Records to change on a side.
    pub update: PerSide,
    /// Records to tie without a create.
    pub link: u64,
    /// Records that wait for one that they name and that the plan neither creates nor ties, or only after them.
    pub waiting: u64,
    /// Questions that a person must answer.
    pub issues: u64,
    /// The brake that would stop it.
    pub brake: Option<Brake>,
    /// Of a hand-off: what happened in the CRM before is history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
    #[serde(skip)]
    pub(crate) deletes: u64,
    #[serde(skip)]
    pub(crate) clears: u64,
}

impl FlowPlan {
    pub(crate) fn new(flow: &str, division: Division) -> Self {
        Self {
            flow: flow.to_owned(),
            division,
            create: PerSide::default(),
            update: PerSide::default(),
            link: 0,
            waiting: 0,
            issues: 0,
            brake: None,
            since: None,
            deletes: 0,
            clears: 0,
        }
    }
}

/// What a run would do, and its price.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PlanReport {
    /// For each flow and division.
    pub flows: Vec<FlowPlan>,
    /// Calls to each side: those that reading cost just now, and those of the writes, with what is read before and
    /// after them. Not in it is what only the answers show: a write that is refused, and what follows from one in other
    /// records.
    pub calls: PerSide,
    /// How long the writes take under the limits in force, in minutes: the longest of all connections, each division of
    /// Exact being one.
    pub minutes: f64,
    /// The largest share of a connection's budget for the day that the writes take.
    pub day_share: f64,
    /// The custom fields that it would create in the CRM before it writes.
    pub new_fields: Vec<PlannedField>,
    /// Names this plan: equal for equal mappings, equal counts and equal new fields.
    pub fingerprint: String,
    /// Every write and every question, where asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<PlanItem>,
}

/// One write or one question of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PlanItem {
    /// The flow.
    pub flow: String,
    /// The division.
    pub division: Division,
    /// The link, where there is one already.
    pub link: Option<LinkId>,
    /// The side that would be written to; of a question, the side of its record.
    pub side: Side,
    /// The record: of a create, the one that it is made from.
    pub id: Option<RecordId>,
    /// What to call it: its name, where it is mapped.
    pub name: String,
    /// `create`, `update`, `link`, `end`, `archive` or `issue`.
    pub action: String,
    /// The fields that would be written.
    pub fields: BTreeMap<String, PlanField>,
    /// The question, where it is one; of a create, what is worth a look; of an `archive`, the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// A custom field that a run would create in the CRM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PlannedField {
    /// The flow that needs it.
    pub flow: String,
    /// Its label.
    pub label: String,
    /// What it holds: `text`, `decimal` or `date`.
    pub holds: String,
}

impl PlannedField {
    pub(super) fn of(flow: &str, field: &NewField) -> Self {
        let holds = format!("{:?}", field.ty).to_lowercase();
        Self { flow: flow.to_owned(), label: field.label.clone(), holds }
    }
}

/// One field of a planned write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PlanField {
    /// What is there now.
    pub from: String,
    /// What would be there.
    pub to: String,
    /// The same as `from` with the names of the records whose ids stand in it, where it holds such ids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_named: Option<String>,
    /// The same of `to`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_named: Option<String>,
    /// The reason.
    pub why: String,
}

impl PlanField {
    /// The record of Exact that a record of the CRM is found to be.
    pub(super) fn of_tie(link: &Link) -> Self {
        let exact = link.exact.as_ref().map(ToString::to_string).unwrap_or_default();
        let why = "found to be the same".to_owned();
        Self { from: String::new(), to: exact, from_named: None, to_named: None, why }
    }
}
