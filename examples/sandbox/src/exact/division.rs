//! One administration: its accounts, their order of change, and what was deleted.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;

use chrono::{DateTime, Months, Utc};
use rand::Rng;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::accounts_table;
use super::cell::{Cell, Row};
use super::schema::{Edm, Property};

/// Where row versions begin in a database that has been in use, and after it was moved.
const FIRST_STAMP: i64 = 6_200_000;
const FIRST_STAMP_AFTER_MOVE: i64 = 1_000;

/// The number of accounts in the deletion feed.
const ENTITY_TYPE_ACCOUNT: i64 = 2;

/// How long the deletion feed remembers.
const DELETED_KEPT: Months = Months::new(2);

#[derive(Debug)]
pub(super) struct Division {
    pub(super) row: Row,
    pub(super) in_scope: bool,
    accounts: BTreeMap<Uuid, Row>,
    by_stamp: BTreeMap<i64, Uuid>,
    /// Accounts by the value of an indexed property, without padding.
    by_value: HashMap<(&'static str, Box<str>), BTreeSet<Uuid>>,
    deleted: BTreeMap<i64, Row>,
    stamp: i64,
    highest_code: i64,
}

/// A division as it is kept: what can be rebuilt is left out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StoredDivision {
    row: Row,
    in_scope: bool,
    accounts: Vec<Row>,
    deleted: Vec<Row>,
    stamp: i64,
    highest_code: i64,
}

impl Division {
    pub(super) fn stored(&self) -> StoredDivision {
        StoredDivision {
            row: self.row.clone(),
            in_scope: self.in_scope,
            accounts: self.accounts.values().cloned().collect(),
            deleted: self.deleted.values().cloned().collect(),
            stamp: self.stamp,
            highest_code: self.highest_code,
        }
    }

    pub(super) fn restored(stored: StoredDivision) -> Self {
        let StoredDivision { row, in_scope, accounts, deleted, stamp, highest_code } = stored;
        let mut division = Self { in_scope, stamp, highest_code, ..Self::new(row) };
        for row in accounts {
            if let (Some(id), Some(stamp)) = (row.guid("ID"), row.int("Timestamp")) {
                division.place(id, row, stamp);
            }
        }
        division.deleted = deleted.into_iter().filter_map(|row| Some((row.int("Timestamp")?, row))).collect();
        division
    }

    pub(super) fn new(row: Row) -> Self {
        Self {
            row,
            in_scope: true,
            accounts: BTreeMap::new(),
            by_stamp: BTreeMap::new(),
            by_value: HashMap::new(),
            deleted: BTreeMap::new(),
            stamp: FIRST_STAMP,
            highest_code: 0,
        }
    }

    pub(super) fn code(&self) -> i64 {
        self.row.int("Code").unwrap_or_default()
    }

    /// The lowest code that is higher than all in use.
    pub(super) fn next_code(&self) -> String {
        (self.highest_code + 1).to_string()
    }

    pub(super) fn account(&self, id: Uuid) -> Option<&Row> {
        self.accounts.get(&id)
    }

    /// In the order of their keys, behind `after`.
    pub(super) fn accounts(&self, after: Option<Uuid>) -> impl Iterator<Item = &Row> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.accounts.range((from, Bound::Unbounded)).map(|(_, row)| row)
    }

    /// In the order of their last change, behind `stamp`.
    pub(super) fn feed(&self, stamp: i64) -> impl Iterator<Item = &Row> {
        self.by_stamp
            .range((Bound::Excluded(stamp), Bound::Unbounded))
            .filter_map(|(_, id)| self.accounts.get(id))
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

    /// Accounts that hold one of these values, in key order; `None` where no index knows.
    pub(super) fn holding(&self, values: &[(&'static Property, &Cell)]) -> Option<Vec<&Row>> {
        let mut found = BTreeSet::new();
        for (property, value) in values {
            match value {
                Cell::Guid(id) if property.name == "ID" => {
                    found.insert(*id);
                }
                Cell::Text(text) if property.indexed => {
                    found.extend(
                        self.by_value.get(&(property.name, text.trim().into())).into_iter().flatten(),
                    );
                }
                _ => return None,
            }
        }
        Some(found.into_iter().filter_map(|id| self.accounts.get(&id)).collect())
    }

    /// Stores an account as the latest change.
    pub(super) fn put_account(&mut self, id: Uuid, mut row: Row, random: &mut StdRng) {
        self.forget(id);
        let stamp = self.next_stamp(random);
        row.set("Timestamp", Cell::Int(stamp));
        if let Some(code) = row.str("Code").and_then(|code| code.trim().parse().ok()) {
            self.highest_code = self.highest_code.max(code);
        }
        self.place(id, row, stamp);
    }

    /// Puts a row where every index finds it.
    fn place(&mut self, id: Uuid, row: Row, stamp: i64) {
        self.by_stamp.insert(stamp, id);
        for key in index_keys(&row) {
            self.by_value.entry(key).or_default().insert(id);
        }
        self.accounts.insert(id, row);
    }

    /// Takes an account out and reports it in the deletion feed.
    pub(super) fn delete_account(&mut self, id: Uuid, now: DateTime<Utc>, random: &mut StdRng) -> bool {
        if self.forget(id).is_none() {
            return false;
        }
        let stamp = self.next_stamp(random);
        let row = Row::default()
            .with("Timestamp", Cell::Int(stamp))
            .with("ID", Cell::Guid(uuid::Builder::from_random_bytes(random.random()).into_uuid()))
            .with("EntityKey", Cell::Guid(id))
            .with("EntityType", Cell::Int(ENTITY_TYPE_ACCOUNT))
            .with("DeletedDate", Cell::moment(now))
            .with("Division", Cell::Int(self.code()));
        self.deleted.insert(stamp, row);
        true
    }

    /// Moves the administration to another database: every row gets a new, lower version.
    pub(super) fn relocate(&mut self, now: DateTime<Utc>, random: &mut StdRng) {
        self.row.set("DivisionMoveDate", Cell::day(now));
        self.stamp = FIRST_STAMP_AFTER_MOVE;
        self.by_stamp.clear();
        let ids: Vec<Uuid> = self.accounts.keys().copied().collect();
        for id in ids {
            let stamp = self.next_stamp(random);
            if let Some(row) = self.accounts.get_mut(&id) {
                row.set("Timestamp", Cell::Int(stamp));
            }
            self.by_stamp.insert(stamp, id);
        }
        for (_, mut row) in std::mem::take(&mut self.deleted) {
            let stamp = self.next_stamp(random);
            row.set("Timestamp", Cell::Int(stamp));
            self.deleted.insert(stamp, row);
        }
    }

    fn forget(&mut self, id: Uuid) -> Option<Row> {
        let row = self.accounts.remove(&id)?;
        if let Some(stamp) = row.int("Timestamp") {
            self.by_stamp.remove(&stamp);
        }
        for key in index_keys(&row) {
            if let Some(ids) = self.by_value.get_mut(&key) {
                ids.remove(&id);
                if ids.is_empty() {
                    self.by_value.remove(&key);
                }
            }
        }
        Some(row)
    }

    /// Other tables of the database use versions too, so there are gaps.
    fn next_stamp(&mut self, random: &mut StdRng) -> i64 {
        self.stamp += random.random_range(1..=5);
        self.stamp
    }
}

fn index_keys(row: &Row) -> Vec<(&'static str, Box<str>)> {
    accounts_table::PROPERTIES
        .iter()
        .filter(|property| property.indexed && property.edm == Edm::String)
        .filter_map(|property| Some((property.name, row.str(property.name)?.trim().into())))
        .collect()
}
