//! What the first walk over the feed of payment terms tells anyway, kept until the accounts were read with it: else each
//! twenty customers would cost a call of their own.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use exact_client::{Guid, PaymentTermType, Row, Scalar};

use super::derive::term;
use super::figures::Term;
use super::read::timestamp;

/// More than this is not kept; customers are then asked about by the call.
const MOST: usize = 500_000;

/// Terms by their id, with the customer, as far as their feed was read in one go from its beginning.
#[derive(Debug, Default)]
pub(super) struct FirstWalk(Mutex<Told>);

#[derive(Debug, Default)]
struct Told {
    terms: BTreeMap<Guid, (Guid, Term)>,
    read_to: i64,
    complete: bool,
}

impl FirstWalk {
    /// Takes in a page that begins behind a timestamp. A page that does not go on where the last one ended begins anew,
    /// which helps only at the beginning of the feed.
    pub(super) fn take(&self, after: i64, rows: &[Row], more: bool) {
        let mut told = self.told();
        if after == 0 {
            *told = Told::default();
        } else if told.complete || told.read_to != after || told.terms.is_empty() {
            return *told = Told::default();
        }
        for row in rows {
            let names = row.guid("ID").zip(row.guid("Account"));
            if let Some((id, account)) =
                names.filter(|_| row.get("LineType") == Some(&PaymentTermType::Receivable.to_value()))
            {
                told.terms.insert(id, (account, term(row)));
            }
        }
        if told.terms.len() > MOST {
            return *told = Told::default();
        }
        told.read_to = rows.iter().filter_map(timestamp).fold(after, i64::max);
        told.complete = !more;
    }

    /// The terms of these customers; `None` where not all of them are known. What changed since they were read is told
    /// by the feed again.
    pub(super) fn of(&self, accounts: &[Guid]) -> Option<BTreeMap<Guid, Vec<Term>>> {
        let told = self.told();
        if !told.complete {
            return None;
        }
        let mut of = BTreeMap::new();
        for (account, term) in told.terms.values().filter(|(account, _)| accounts.contains(account)) {
            of.entry(*account).or_insert_with(Vec::new).push(term.clone());
        }
        Some(of)
    }

    pub(super) fn forget(&self) {
        *self.told() = Told::default();
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
