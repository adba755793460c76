//! What a plan calls the records that its fields name: the ids that it had for them, and for people their names.

use std::collections::BTreeMap;

use crm_adapters::{Fields, RecordId, Value};

use super::derive::{Ground, Step};
use super::foreseen::source_of;
use super::report::PlanField;
use crate::error::Result;
use crate::flow::Side;
use crate::plan::{FieldWrite, named};
use crate::state::{Feed, Observation, Seen};

/// A record that a field names: its flow, the side that the field is of, and the id that stands there.
type Place = (String, Side, RecordId);

/// What a plan calls records.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Of those that were created since: the ids that it had for them.
    pub(super) before: BTreeMap<Place, RecordId>,
    /// For people.
    labels: BTreeMap<Place, String>,
}

impl Names {
    /// For people, of the records that some steps name. Asks the store alone.
    pub(super) async fn for_people(ground: &Ground<'_>, steps: &[Step]) -> Result<Self> {
        let mut places: Vec<Place> = Vec::new();
        for (side, writes) in steps.iter().flat_map(Step::all_writes) {
            let records = ground.records_named(side, writes).into_iter();
            places.extend(records.map(|(flow, id)| (flow.to_owned(), side, id)));
        }
        places.sort_unstable();
        places.dedup();
        // A record that the plan creates is called as the one that it is made of.
        let seen = |(flow, side, id): &Place| match source_of(id) {
            Some(source) => (Feed::of(flow, side.other(), ground.division), source),
            None => (Feed::of(flow, *side, ground.division), id.clone()),
        };
        let seen: Vec<_> = places.iter().map(seen).collect();
        let keys: Vec<_> = seen.iter().map(|(feed, id)| Observation::key(feed, id)).collect();
        let mut labels = BTreeMap::new();
        for ((place, (feed, _)), row) in places.into_iter().zip(seen).zip(ground.rows(&keys).await?) {
            let Some(record) = row.as_ref().map(Seen::read).transpose()? else { continue };
            let flow = ground.session.engine.flows.iter().find(|flow| flow.name == feed.flow);
            labels.extend(flow.and_then(|flow| Some((place, flow.label(feed.side, record.fields())?))));
        }
        Ok(Self { labels, ..Self::default() })
    }

    /// A write in the words of the plan.
    pub(super) fn field(&self, ground: &Ground<'_>, side: Side, write: &FieldWrite) -> PlanField {
        let before =
            |flow: &str, id: &RecordId| self.before.get(&(flow.to_owned(), side, id.clone())).cloned();
        let label = |flow: &str, id: &RecordId| {
            let label = self.labels.get(&(flow.to_owned(), side, id.clone()))?;
            Some(RecordId::new(format!("{label} ({id})")))
        };
        let to = renamed(ground, side, &write.field, &write.to, before).unwrap_or_else(|| write.to.clone());
        let read = |value| renamed(ground, side, &write.field, value, label).map(|value| value.to_string());
        PlanField {
            from: write.from.to_string(),
            to: to.to_string(),
            from_named: read(&write.from),
            to_named: read(&to),
            why: write.why.to_string(),
        }
    }
}

/// A value with other ids in the place of those that it holds, where there are any.
fn renamed(
    ground: &Ground<'_>,
    side: Side,
    field: &str,
    value: &Value,
    name: impl Fn(&str, &RecordId) -> Option<RecordId>,
) -> Option<Value> {
    let mut new = value.clone();
    for rule in ground.mapping.flow.references() {
        rule.rename(side, (field, &mut new), &name);
    }
    (new != *value).then_some(new)
}

impl Ground<'_> {
    /// The records of other flows that writes to a side name, in what stood there and in what will.
    pub(super) fn records_named(&self, side: Side, writes: &[FieldWrite]) -> Vec<(&str, RecordId)> {
        let rules = self.mapping.flow.references();
        let from: Fields = writes.iter().map(|write| (write.field.clone(), write.from.clone())).collect();
        let to: Fields = writes.iter().map(|write| (write.field.clone(), write.to.clone())).collect();
        let values = rules.iter().flat_map(|rule| [&from, &to].map(|fields| rule.values(side, fields)));
        values.flatten().filter_map(|(flow, value)| Some((flow, named(value)?))).collect()
    }
}
