//! Records that a plan creates, and that others of it name: what it calls them while it is made, and when it is carried
//! out, where they have ids of their own.

use std::collections::{BTreeMap, BTreeSet};

use crm_adapters::{Fields, RecordId};

use super::derive::{Ground, Step, StepKind, fields};
use super::names::Names;
use crate::error::Result;
use crate::flow::{Division, Flow, Reference, Side};
use crate::plan::References;
use crate::state::Link;

/// The counterparts that records will have once the plan is carried out: of the flows whose records others name, and of no
/// more, so that a plan does not grow with its creates.
#[derive(Debug, Default)]
pub(super) struct Foreseen {
    flows: BTreeMap<String, OfFlow>,
}

/// What is foreseen of one flow.
#[derive(Debug, Default)]
struct OfFlow {
    /// Whether documents name its records: then it is told what Exact will hold of them.
    handed_over: bool,
    counterparts: BTreeMap<(Division, Side, RecordId), Counterpart>,
}

#[derive(Debug)]
struct Counterpart {
    id: RecordId,
    /// What Exact will hold of the record, and whether a document can name it.
    held: Option<(Fields, bool)>,
}

/// What a plan calls a record that it creates, before the id of what it is made of: it has no id yet.
const NEW: &str = "new, made of ";

fn made_of(source: &RecordId) -> RecordId {
    RecordId::new(format!("{NEW}{source}"))
}

/// What a record that a plan creates is made of.
pub(super) fn source_of(id: &RecordId) -> Option<RecordId> {
    id.as_str().strip_prefix(NEW).map(RecordId::new)
}

impl Foreseen {
    /// Nothing yet of what these flows name.
    pub(super) fn of<'f>(flows: impl Iterator<Item = &'f Flow>) -> Self {
        let mut own = Self::default();
        for flow in flows {
            for named in flow.references().iter().flat_map(Reference::flows) {
                own.flows.entry(named.to_owned()).or_default().handed_over |= flow.hands_over();
            }
        }
        own
    }

    /// Nothing yet of what the same flows name: what a flow comes to is told to those behind it.
    pub(super) fn to_come(&self) -> Self {
        let flow = |(name, of): (&String, &OfFlow)| {
            (name.clone(), OfFlow { handed_over: of.handed_over, ..OfFlow::default() })
        };
        Self { flows: self.flows.iter().map(flow).collect() }
    }

    pub(super) fn extend(&mut self, more: Self) {
        for (name, of) in more.flows {
            self.flows.entry(name).or_default().counterparts.extend(of.counterparts);
        }
    }

    /// Takes in what a step creates or ties.
    pub(super) fn add(&mut self, ground: &Ground<'_>, step: &Step) {
        let Some(of) = self.flows.get_mut(&step.link.flow) else { return };
        let (held, sides) = match &step.kind {
            StepKind::Create(side, writes) => ((fields(writes), true), vec![side.other()]),
            StepKind::Tie => {
                let exact = step.exact.as_ref().map(|seen| seen.fields().clone()).unwrap_or_default();
                let rule = ground.mapping.flow.creatable.as_ref();
                let usable = rule.is_none_or(|rule| rule.holds(Side::Exact, &exact));
                ((exact, usable), vec![Side::Exact, Side::Crm])
            }
            _ => return,
        };
        for side in sides {
            let Some(record) = step.link.record(side) else { continue };
            let id = step.link.record(side.other()).cloned().unwrap_or_else(|| made_of(record));
            let held = of.handed_over.then(|| held.clone());
            of.counterparts.insert((ground.division, side, record.clone()), Counterpart { id, held });
        }
    }

    fn get(&self, flow: &str, division: Division, side: Side, record: &RecordId) -> Option<&Counterpart> {
        self.flows.get(flow)?.counterparts.get(&(division, side, record.clone()))
    }

    /// Whether a record of a flow will have a counterpart in a division.
    pub(super) fn has(&self, flow: &str, division: Division, side: Side, record: &RecordId) -> bool {
        self.get(flow, division, side, record).is_some()
    }

    /// Notes what a record stands for on the other side, where that is foreseen.
    pub(super) fn tell(
        &self,
        known: &mut References,
        (flow, division): (&str, Division),
        side: Side,
        record: &RecordId,
    ) {
        let Some(other) = self.get(flow, division, side, record) else { return };
        known.insert(flow, side, record.clone(), other.id.clone());
        if let Some((exact, usable)) = &other.held {
            let id = if side == Side::Exact { record } else { &other.id };
            known.hold(flow, id.clone(), exact.clone(), *usable);
        }
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
        let mut marks = BTreeSet::new();
        for (side, writes) in steps.flat_map(Step::all_writes) {
            let places = ground.records_named(side, writes).into_iter();
            marks.extend(places.flat_map(|(flow, id)| Link::record_marks(flow, ground.division, side, &id)));
        }
        let marks: Vec<_> = marks.into_iter().collect();
        let mut names = Names::default();
        for link in ground.session.links(&marks).await? {
            for side in [Side::Exact, Side::Crm] {
                let (Some(record), Some(source)) = (link.record(side), link.record(side.other())) else {
                    continue;
                };
                if self.0.contains(&(link.flow.clone(), link.division, side, source.clone())) {
                    let place = (link.flow.clone(), side, record.clone());
                    names.before.insert(place, made_of(source));
                }
            }
        }
        Ok(names)
    }
}
