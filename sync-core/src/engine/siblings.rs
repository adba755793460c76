//! One record of the CRM in several divisions: what Exact holds of it in each of them, and which of them look again
//! when it is written to.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crm_adapters::{Fields, RecordId};

use super::derive::{Ground, Step};
use crate::error::Result;
use crate::flow::{Division, Side};
use crate::state::{Feed, LinkState, Observation, Seen};
use crate::store::Key;

/// The other divisions that hold records of the CRM, and what Exact holds there.
#[derive(Debug, Default)]
pub(super) struct Siblings(BTreeMap<RecordId, BTreeMap<Division, Fields>>);

impl Siblings {
    /// The other divisions that hold a record.
    pub(super) fn of(&self, crm: &RecordId) -> Vec<Division> {
        self.0.get(crm).map(|held| held.keys().copied().collect()).unwrap_or_default()
    }
}

impl Ground<'_> {
    /// What the other divisions of the flow hold of records of the CRM. Asks the store once for each of
    /// them and once more; not at all where there is one division.
    pub(super) async fn siblings(&self, crm: impl Iterator<Item = RecordId> + Send) -> Result<Siblings> {
        let mut siblings = Siblings::default();
        let records: Vec<RecordId> = crm.collect();
        let mut held: BTreeMap<Key, (RecordId, Division)> = BTreeMap::new();
        for division in self.others() {
            let feed = Feed::exact(&self.mapping.flow.name, division);
            for (crm, link) in self.links_in(division, Side::Crm, records.iter()).await? {
                if let (LinkState::Live, Some(exact)) = (link.state, &link.exact) {
                    held.insert(Observation::key(&feed, exact), (crm, division));
                }
            }
        }
        let keys: Vec<Key> = held.keys().cloned().collect();
        for (row, (crm, division)) in self.rows(&keys).await?.into_iter().zip(held.into_values()) {
            let Some(seen) = row.as_ref().map(Seen::read).transpose()? else { continue };
            if !seen.observation.deleted {
                siblings.0.entry(crm).or_default().insert(division, seen.observation.fields);
            }
        }
        Ok(siblings)
    }

    /// What Exact holds of a record of the CRM: in the fields that Exact owns, all divisions together.
    pub(super) fn across<'f>(
        &self,
        siblings: &Siblings,
        crm: &RecordId,
        exact: &'f Fields,
    ) -> Cow<'f, Fields> {
        let Some(held) = siblings.0.get(crm) else { return Cow::Borrowed(exact) };
        let order = self.in_order();
        let (before, after) = order.split_at(order.iter().position(|it| *it == self.division).unwrap_or(0));
        let fields = |divisions: &[Division]| -> Vec<&Fields> {
            divisions.iter().filter_map(|division| held.get(division)).collect()
        };
        Cow::Owned(self.mapping.across(&fields(before), exact, &fields(after)))
    }

    /// The divisions of the flow: where it creates what is new, then the others in order.
    pub(super) fn in_order(&self) -> Vec<Division> {
        let engine = self.session.engine;
        let (mut divisions, first) =
            (engine.divisions(&self.mapping.flow), engine.create_in(&self.mapping.flow));
        divisions.sort_by_key(|division| Some(*division) != first);
        divisions
    }
}

impl Step {
    /// Has the other divisions that hold the CRM's record look at it again; `true` where there are any.
    pub(super) fn wake_siblings(&mut self) -> bool {
        let Some(crm) = &mut self.crm else { return false };
        for division in &self.elsewhere {
            crm.observation.set_dirty(*division, true);
        }
        !self.elsewhere.is_empty()
    }
}
