//! What a plan has come to so far, for the records after it that name what it creates or ties.

use std::collections::{BTreeMap, BTreeSet};

use crm_adapters::{Fields, RecordId};

use super::derive::{Ground, Step, StepKind, fields};
use crate::error::Result;
use crate::flow::{Division, Side};
use crate::plan::{FieldWrite, References, named};
use crate::state::Link;

/// The counterparts that records will have once the plan is carried out, by flow, division, side and id.
#[derive(Debug, Default)]
pub(super) struct Foreseen(BTreeMap<(String, Division, Side, RecordId), Counterpart>);

#[derive(Debug)]
struct Counterpart {
    id: RecordId,
    /// What Exact will hold of the record.
    exact: Fields,
}

/// What a plan calls a record that it creates: it has no id yet.
fn named_by(source: &RecordId) -> RecordId {
    RecordId::new(format!("new, made of {source}"))
}

impl Foreseen {
    pub(super) fn extend(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    /// Takes in what a step creates or ties.
    pub(super) fn add(&mut self, step: &Step) {
        let (exact, sides) = match &step.kind {
            StepKind::Create(side, writes) => (fields(writes), vec![side.other()]),
            StepKind::Tie => {
                let exact = step.exact.as_ref().map(|seen| seen.fields().clone()).unwrap_or_default();
                (exact, vec![Side::Exact, Side::Crm])
            }
            _ => return,
        };
        let link = &step.link;
        for side in sides {
            let Some(record) = link.record(side) else { continue };
            let id = link.record(side.other()).cloned().unwrap_or_else(|| named_by(record));
            let key = (link.flow.clone(), link.division, side, record.clone());
            self.0.insert(key, Counterpart { id, exact: exact.clone() });
        }
    }

    /// Whether a record of a flow will have a counterpart in a division.
    pub(super) fn has(&self, flow: &str, division: Division, side: Side, record: &RecordId) -> bool {
        self.0.contains_key(&(flow.to_owned(), division, side, record.clone()))
    }

    /// Notes what a record stands for on the other side, where that is foreseen.
    pub(super) fn tell(
        &self,
        known: &mut References,
        (flow, division): (&str, Division),
        side: Side,
        record: &RecordId,
    ) {
        let Some(other) = self.0.get(&(flow.to_owned(), division, side, record.clone())) else { return };
        known.insert(flow, side, record.clone(), other.id.clone());
        let exact = if side == Side::Exact { record } else { &other.id };
        known.hold(flow, exact.clone(), other.exact.clone(), true);
    }
}

/// The records that a plan has a run create, each by the flow, the division, the side and what it is made of.
#[derive(Clone, Debug, Default)]
pub(super) struct Creates(BTreeSet<(String, Division, Side, RecordId)>);

impl Creates {
    pub(super) fn add(&mut self, flow: &str, division: Division, side: Side, source: &RecordId) {
        self.0.insert((flow.to_owned(), division, side, source.clone()));
    }

    /// What the plan calls the records that some steps name and that the run has created by now.
    pub(super) async fn names<'s>(
        &self,
        ground: &Ground<'_>,
        steps: impl Iterator<Item = &'s Step> + Send,
    ) -> Result<Names> {
        let rules = ground.mapping.flow.references();
        let mut marks = BTreeSet::new();
        for (side, writes) in steps.flat_map(Step::all_writes) {
            let fields = writes.iter().map(|write| (write.field.clone(), write.to.clone())).collect();
            for (flow, value) in rules.iter().flat_map(|rule| rule.values(side, &fields)) {
                marks.extend(named(value).map(|id| Link::record_mark(flow, ground.division, side, &id)));
            }
        }
        let marks: Vec<_> = marks.into_iter().collect();
        let mut names = Names::default();
        for link in ground.session.links(&marks).await? {
            for side in [Side::Exact, Side::Crm] {
                let (Some(record), Some(source)) = (link.record(side), link.record(side.other())) else {
                    continue;
                };
                if self.0.contains(&(link.flow.clone(), link.division, side, source.clone())) {
                    names.0.insert((link.flow.clone(), side, record.clone()), named_by(source));
                }
            }
        }
        Ok(names)
    }
}

/// What a plan calls records that were created since.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeMap<(String, Side, RecordId), RecordId>);

impl Names {
    /// A write in the words of the plan.
    pub(super) fn apply(&self, ground: &Ground<'_>, side: Side, write: &FieldWrite) -> FieldWrite {
        let mut write = write.clone();
        if !self.0.is_empty() {
            for rule in ground.mapping.flow.references() {
                let name =
                    |flow: &str, id: &RecordId| self.0.get(&(flow.to_owned(), side, id.clone())).cloned();
                rule.rename(side, (&write.field, &mut write.to), name);
            }
        }
        write
    }
}
