//! What the first walk over the feed of a part tells anyway, kept until the records were read with it: else each twenty
//! of them would cost a call of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use exact_client::{Guid, PaymentTermType, Row, Scalar};

use super::addresses::is_shown;
use super::figures::Term;
use super::kinds::Gathers;
use super::read::timestamp;
use super::receivables::{In, term};

/// More than this is not kept; the records are then asked about by the call.
const MOST: usize = 500_000;

/// What is kept of each feed that is.
#[derive(Debug, Default)]
pub(super) struct FirstWalk {
    pub(super) terms: Walk<Term>,
    /// Main addresses that are fields of their account.
    pub(super) addresses: Walk<Row>,
}

impl FirstWalk {
    /// Takes in a page of a feed that begins behind a timestamp.
    pub(super) fn take(&self, what: Gathers, after: i64, rows: &[Row], more: bool) {
        let read_to = rows.iter().filter_map(timestamp).fold(after, i64::max);
        let named = rows.iter().filter_map(|row| Some((row.guid("ID")?, row.guid("Account")?, row)));
        match what {
            Gathers::Terms => {
                let receivable = PaymentTermType::Receivable.to_value();
                let terms = named
                    .filter(|(.., row)| row.get("LineType") == Some(&receivable))
                    .map(|(id, account, row)| (id, account, term(In::Home, row)));
                self.terms.take(after, terms, read_to, more);
            }
            Gathers::Addresses => {
                let addresses = named
                    .filter(|(.., row)| is_shown(row))
                    .map(|(id, account, row)| (id, account, row.clone()));
                self.addresses.take(after, addresses, read_to, more);
            }
        }
    }

    pub(super) fn forget(&self) {
        self.terms.forget();
        self.addresses.forget();
    }
}

/// Parts by their id, with the whole that each belongs to, as far as their feed was read in one go from its beginning.
#[derive(Debug)]
pub(super) struct Walk<T>(Mutex<Told<T>>);

#[derive(Debug)]
struct Told<T> {
    parts: BTreeMap<Guid, T>,
    wholes: BTreeMap<Guid, BTreeSet<Guid>>,
    read_to: i64,
    complete: bool,
}

impl<T> Default for Walk<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Default for Told<T> {
    fn default() -> Self {
        Self { parts: BTreeMap::new(), wholes: BTreeMap::new(), read_to: 0, complete: false }
    }
}

impl<T: Clone> Walk<T> {
    /// Takes in parts with their id and their whole. A page that does not go on where the last one ended begins anew,
    /// which helps only at the beginning of the feed.
    fn take(&self, after: i64, parts: impl Iterator<Item = (Guid, Guid, T)>, read_to: i64, more: bool) {
        let mut told = self.told();
        if after == 0 {
            *told = Told::default();
        } else if told.complete || told.read_to != after {
            return *told = Told::default();
        }
        for (id, whole, part) in parts {
            told.parts.insert(id, part);
            told.wholes.entry(whole).or_default().insert(id);
        }
        if told.parts.len() > MOST {
            return *told = Told::default();
        }
        told.read_to = read_to;
        told.complete = !more;
    }

    /// The parts of these wholes; `None` where not all of them are known. What changed since they were read is told by
    /// the feed again.
    pub(super) fn of(&self, wholes: &[Guid]) -> Option<BTreeMap<Guid, Vec<T>>> {
        let told = self.told();
        if !told.complete {
            return None;
        }
        let known = wholes.iter().filter_map(|whole| Some((*whole, told.wholes.get(whole)?)));
        let parts = |ids: &BTreeSet<Guid>| -> Vec<T> {
            ids.iter().filter_map(|id| told.parts.get(id)).cloned().collect()
        };
        Some(known.map(|(whole, ids)| (whole, parts(ids))).collect())
    }

    fn forget(&self) {
        *self.told() = Told::default();
    }

    fn told(&self) -> MutexGuard<'_, Told<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
