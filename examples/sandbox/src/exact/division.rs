//! One administration: its tables, their common order of change, and what was deleted.

use std::collections::BTreeMap;
use std::ops::Bound;

use chrono::{DateTime, Months, Utc};
use rand::Rng;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::cell::{Cell, Row};
use super::resources::stored_entities;
use super::schema::Kind;
use super::table::Table;

/// Where row versions begin in a database that has been in use, and after it was moved.
const FIRST_STAMP: i64 = 6_200_000;
const FIRST_STAMP_AFTER_MOVE: i64 = 1_000;

/// How long the deletion feed remembers.
const DELETED_KEPT: Months = Months::new(2);

#[derive(Debug)]
pub(super) struct Division {
    pub(super) row: Row,
    pub(super) in_scope: bool,
    tables: BTreeMap<Kind, Table>,
    deleted: BTreeMap<i64, Row>,
    stamp: i64,
    /// The highest number given out, by series.
    numbers: BTreeMap<String, i64>,
    /// What the transaction under way has done, to take it back or to tell of it.
    done: Vec<Step>,
}

#[derive(Debug)]
enum Step {
    Put { kind: Kind, id: Uuid, before: Option<Box<Row>> },
    Removed { kind: Kind, id: Uuid, before: Box<Row>, stamp: Option<i64> },
}

/// What became of a record in a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) kind: Kind,
    pub(super) id: Uuid,
    pub(super) action: Action,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Create,
    Update,
    Delete,
}

/// A division as it is kept: what can be rebuilt is left out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StoredDivision {
    row: Row,
    in_scope: bool,
    tables: Vec<(Kind, Vec<(Uuid, Row)>)>,
    deleted: Vec<Row>,
    stamp: i64,
    numbers: BTreeMap<String, i64>,
}

impl Division {
    pub(super) fn stored(&self) -> StoredDivision {
        let rows = |table: &Table| table.entries().map(|(id, row)| (id, row.clone())).collect();
        StoredDivision {
            row: self.row.clone(),
            in_scope: self.in_scope,
            tables: self.tables.iter().map(|(kind, table)| (*kind, rows(table))).collect(),
            deleted: self.deleted.values().cloned().collect(),
            stamp: self.stamp,
            numbers: self.numbers.clone(),
        }
    }

    pub(super) fn restored(stored: StoredDivision) -> Self {
        let StoredDivision { row, in_scope, tables, deleted, stamp, numbers } = stored;
        let mut division = Self { in_scope, stamp, numbers, ..Self::new(row) };
        for (kind, rows) in tables {
            for (id, row) in rows {
                division.place(kind, id, row);
            }
        }
        division.deleted = deleted.into_iter().filter_map(|row| Some((row.int("Timestamp")?, row))).collect();
        division
    }

    pub(super) fn new(row: Row) -> Self {
        Self {
            row,
            in_scope: true,
            tables: stored_entities().map(|entity| (entity.kind, Table::new(entity))).collect(),
            deleted: BTreeMap::new(),
            stamp: FIRST_STAMP,
            numbers: BTreeMap::new(),
            done: Vec::new(),
        }
    }

    pub(super) fn code(&self) -> i64 {
        self.row.int("Code").unwrap_or_default()
    }

    pub(super) fn table(&self, kind: Kind) -> Option<&Table> {
        self.tables.get(&kind)
    }

    pub(super) fn get(&self, kind: Kind, id: Uuid) -> Option<&Row> {
        self.table(kind)?.get(id)
    }

    pub(super) fn rows(&self, kind: Kind) -> impl Iterator<Item = &Row> {
        self.table(kind).into_iter().flat_map(|table| table.rows(None))
    }

    /// Records whose indexed property holds exactly this, in key order.
    pub(super) fn with(&self, kind: Kind, property: &'static str, cell: &Cell) -> Vec<(Uuid, &Row)> {
        self.table(kind).map(|table| table.with(property, cell)).unwrap_or_default()
    }

    /// Deletions behind `stamp` that are not forgotten yet.
    pub(super) fn deleted(&self, stamp: i64, now: DateTime<Utc>) -> impl Iterator<Item = &Row> {
        let oldest = Cell::moment(now.checked_sub_months(DELETED_KEPT).unwrap_or(now));
        self.deleted.range((Bound::Excluded(stamp), Bound::Unbounded)).map(|(_, row)| row).filter(
            move |row| {
                row.stored("DeletedDate")
                    .is_some_and(|date| date.compare(&oldest).is_some_and(|order| order.is_ge()))
            },
        )
    }

    /// The next number of a series that begins with `first`.
    pub(super) fn next_number(&mut self, series: &str, first: i64) -> i64 {
        let next = self.numbers.get(series).map_or(first, |highest| highest + 1);
        self.numbers.insert(series.to_owned(), next);
        next
    }

    /// Notes a number that somebody else chose.
    pub(super) fn note_number(&mut self, series: &str, number: i64) {
        let highest = self.numbers.entry(series.to_owned()).or_insert(number);
        *highest = number.max(*highest);
    }

    /// The number that would come next.
    pub(super) fn peek_number(&self, series: &str, first: i64) -> i64 {
        self.numbers.get(series).map_or(first, |highest| highest + 1)
    }

    /// Stores a record as the latest change.
    pub(super) fn put(&mut self, kind: Kind, id: Uuid, mut row: Row, random: &mut StdRng) {
        let before = self.tables.get_mut(&kind).and_then(|table| table.forget(id)).map(Box::new);
        row.set("Timestamp", Cell::Int(self.next_stamp(random)));
        self.place(kind, id, row);
        self.done.push(Step::Put { kind, id, before });
    }

    /// Stores a record that the feeds do not tell of again.
    pub(super) fn put_unstamped(&mut self, kind: Kind, id: Uuid, row: Row) {
        let before = self.tables.get_mut(&kind).and_then(|table| table.forget(id)).map(Box::new);
        self.place(kind, id, row);
        self.done.push(Step::Put { kind, id, before });
    }

    /// Takes a record out and reports it in the deletion feed, if that knows its kind.
    pub(super) fn remove(
        &mut self,
        kind: Kind,
        id: Uuid,
        by: Uuid,
        now: DateTime<Utc>,
        random: &mut StdRng,
    ) -> bool {
        let Some(table) = self.tables.get_mut(&kind) else { return false };
        let Some(before) = table.forget(id).map(Box::new) else { return false };
        let stamp = table.entity.deleted_as.map(|entity_type| {
            let stamp = self.next_stamp(random);
            let row = Row::default()
                .with("Timestamp", Cell::Int(stamp))
                .with("ID", Cell::Guid(uuid::Builder::from_random_bytes(random.random()).into_uuid()))
                .with("EntityKey", Cell::Guid(id))
                .with("EntityType", Cell::Int(entity_type))
                .with("DeletedDate", Cell::moment(now))
                .with("DeletedBy", Cell::Guid(by))
                .with("Division", Cell::Int(self.code()));
            self.deleted.insert(stamp, row);
            stamp
        });
        self.done.push(Step::Removed { kind, id, before, stamp });
        true
    }

    /// Ends the transaction and tells what it did, each record once.
    pub(super) fn commit(&mut self) -> Vec<Change> {
        let mut changes: Vec<Change> = Vec::new();
        for step in std::mem::take(&mut self.done) {
            let (kind, id, action) = match step {
                Step::Put { kind, id, before: None } => (kind, id, Action::Create),
                Step::Put { kind, id, before: Some(_) } => (kind, id, Action::Update),
                Step::Removed { kind, id, .. } => (kind, id, Action::Delete),
            };
            match changes.iter_mut().find(|change| (change.kind, change.id) == (kind, id)) {
                Some(change) if action == Action::Delete => change.action = action,
                Some(_) => {}
                None => changes.push(Change { kind, id, action }),
            }
        }
        changes
    }

    /// A place in the transaction to go back to.
    pub(super) fn savepoint(&self) -> usize {
        self.done.len()
    }

    /// Takes back what the transaction did since the savepoint. Row versions and numbers that it used stay used.
    pub(super) fn roll_back(&mut self, to: usize) {
        let undone = self.done.split_off(to.min(self.done.len()));
        for step in undone.into_iter().rev() {
            let (kind, id, before) = match step {
                Step::Put { kind, id, before } => (kind, id, before),
                Step::Removed { kind, id, before, stamp } => {
                    stamp.and_then(|stamp| self.deleted.remove(&stamp));
                    (kind, id, Some(before))
                }
            };
            if let Some(table) = self.tables.get_mut(&kind) {
                table.forget(id);
            }
            if let Some(before) = before {
                self.place(kind, id, *before);
            }
        }
    }

    /// Moves the administration to another database: every row gets a new, lower version.
    pub(super) fn relocate(&mut self, now: DateTime<Utc>, random: &mut StdRng) {
        self.row.set("DivisionMoveDate", Cell::day(now));
        let mut stamp = FIRST_STAMP_AFTER_MOVE;
        let mut next = || {
            stamp += random.random_range(1..=5);
            stamp
        };
        for table in self.tables.values_mut() {
            table.stamp_anew(&mut next);
        }
        for (_, mut row) in std::mem::take(&mut self.deleted) {
            let stamp = next();
            row.set("Timestamp", Cell::Int(stamp));
            self.deleted.insert(stamp, row);
        }
        self.stamp = stamp;
    }

    fn place(&mut self, kind: Kind, id: Uuid, row: Row) {
        if let Some(table) = self.tables.get_mut(&kind) {
            table.place(id, row);
        }
    }

    /// Other tables of the database use versions too, so there are gaps.
    fn next_stamp(&mut self, random: &mut StdRng) -> i64 {
        self.stamp += random.random_range(1..=5);
        self.stamp
    }
}
