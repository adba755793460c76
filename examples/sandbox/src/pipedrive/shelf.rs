//! One kind's records with their custom fields and their search index.

use chrono::{DateTime, TimeDelta, Utc};
use rand::Rng;
use rand::rngs::StdRng;

use super::entity::Entity;
use super::fields::Custom;
use super::records::Table;
use super::search::{Document, SearchIndex};

#[derive(Debug)]
pub(super) struct Shelf {
    pub(super) entity: &'static Entity,
    pub(super) fields: Vec<Custom>,
    pub(super) table: Table,
    pub(super) index: SearchIndex,
}

impl Shelf {
    pub(super) fn new(entity: &'static Entity) -> Self {
        Self { entity, fields: Vec::new(), table: Table::default(), index: SearchIndex::default() }
    }

    /// With these records, which the index knows already.
    pub(super) fn restored(
        entity: &'static Entity,
        fields: Vec<Custom>,
        table: Table,
        now: DateTime<Utc>,
    ) -> Self {
        let mut index = SearchIndex::default();
        for record in table.all() {
            index.tell(record.id, Some(Document::of(record, entity, &fields)), now);
        }
        Self { entity, fields, table, index }
    }

    /// Puts the present state of a record on its way into the search index.
    pub(super) fn tell_index(&mut self, id: i64, lag: (u64, u64), random: &mut StdRng, now: DateTime<Utc>) {
        let (least, most) = lag;
        let lag = random.random_range(least..=most.max(least));
        let visible = now + TimeDelta::milliseconds(i64::try_from(lag).unwrap_or(i64::MAX / 1000));
        let document = self.table.alive(id).map(|found| Document::of(found, self.entity, &self.fields));
        self.index.tell(id, document, visible);
    }
}
