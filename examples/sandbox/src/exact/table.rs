//! The records of one kind: by key, by row version, and by the values that are looked up often.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;

use uuid::Uuid;

use super::cell::{Cell, Row};
use super::schema::{Entity, Property};

#[derive(Debug)]
pub(super) struct Table {
    pub(super) entity: &'static Entity,
    indexed: Vec<&'static Property>,
    rows: BTreeMap<Uuid, Row>,
    by_stamp: BTreeMap<i64, Uuid>,
    /// Records by the value of an indexed property, texts without padding.
    by_value: HashMap<(&'static str, Value), BTreeSet<Uuid>>,
}

#[derive(Debug, PartialEq, Eq, Hash)]
enum Value {
    Text(Box<str>),
    Guid(Uuid),
}

impl Value {
    fn of(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::Text(text) => Some(Self::Text(text.trim().into())),
            Cell::Guid(guid) => Some(Self::Guid(*guid)),
            _ => None,
        }
    }
}

impl Table {
    pub(super) fn new(entity: &'static Entity) -> Self {
        Self {
            entity,
            indexed: entity.properties().filter(|property| property.indexed).collect(),
            rows: BTreeMap::new(),
            by_stamp: BTreeMap::new(),
            by_value: HashMap::new(),
        }
    }

    pub(super) fn get(&self, id: Uuid) -> Option<&Row> {
        self.rows.get(&id)
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = (Uuid, &Row)> {
        self.rows.iter().map(|(id, row)| (*id, row))
    }

    /// In the order of their keys, behind `after`.
    pub(super) fn rows(&self, after: Option<Uuid>) -> impl Iterator<Item = &Row> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.rows.range((from, Bound::Unbounded)).map(|(_, row)| row)
    }

    /// In the order of their last change, behind `stamp`.
    pub(super) fn feed(&self, stamp: i64) -> impl Iterator<Item = &Row> {
        self.by_stamp
            .range((Bound::Excluded(stamp), Bound::Unbounded))
            .filter_map(|(_, id)| self.rows.get(id))
    }

    /// Records that hold one of these values, in key order; `None` where no index knows.
    pub(super) fn holding(&self, values: &[(&'static Property, &Cell)]) -> Option<Vec<&Row>> {
        let mut found = BTreeSet::new();
        for (property, cell) in values {
            match cell {
                Cell::Guid(id) if property.name == self.entity.key => {
                    found.insert(*id);
                }
                _ if property.indexed => {
                    let value = Value::of(cell)?;
                    found.extend(self.by_value.get(&(property.name, value)).into_iter().flatten());
                }
                _ => return None,
            }
        }
        Some(found.into_iter().filter_map(|id| self.rows.get(&id)).collect())
    }

    /// Records whose indexed property holds exactly this, in key order.
    pub(super) fn with(&self, property: &'static str, cell: &Cell) -> Vec<(Uuid, &Row)> {
        let found = Value::of(cell).and_then(|value| self.by_value.get(&(property, value)));
        let ids = found.into_iter().flatten();
        ids.filter_map(|id| Some((*id, self.rows.get(id)?))).collect()
    }

    /// Puts a row where every index finds it.
    pub(super) fn place(&mut self, id: Uuid, row: Row) {
        if let Some(stamp) = row.int("Timestamp") {
            self.by_stamp.insert(stamp, id);
        }
        for key in self.index_keys(&row) {
            self.by_value.entry(key).or_default().insert(id);
        }
        self.rows.insert(id, row);
    }

    pub(super) fn forget(&mut self, id: Uuid) -> Option<Row> {
        let row = self.rows.remove(&id)?;
        if let Some(stamp) = row.int("Timestamp") {
            self.by_stamp.remove(&stamp);
        }
        for key in self.index_keys(&row) {
            if let Some(ids) = self.by_value.get_mut(&key) {
                ids.remove(&id);
                if ids.is_empty() {
                    self.by_value.remove(&key);
                }
            }
        }
        Some(row)
    }

    /// Gives every row a new version, in the order of the old ones.
    pub(super) fn stamp_anew(&mut self, mut next: impl FnMut() -> i64) {
        for (_, id) in std::mem::take(&mut self.by_stamp) {
            let stamp = next();
            if let Some(row) = self.rows.get_mut(&id) {
                row.set("Timestamp", Cell::Int(stamp));
            }
            self.by_stamp.insert(stamp, id);
        }
    }

    fn index_keys(&self, row: &Row) -> Vec<(&'static str, Value)> {
        let indexed = self.indexed.iter();
        indexed.filter_map(|property| Some((property.name, Value::of(row.stored(property.name)?)?))).collect()
    }
}
