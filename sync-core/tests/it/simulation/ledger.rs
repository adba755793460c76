//! What each run wrote, kept by the world itself, so that taking a run back can be judged.

use std::collections::{BTreeMap, BTreeSet};

use crm_adapters::{Action, Fields};
use sync_core::flow::Side;

use super::trade::text;

/// A field of a record.
pub(super) type Place = (Side, String, String);

#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// The run at work, counted from 0.
    pub(super) run: usize,
    runs: BTreeMap<usize, Written>,
    /// What the last write to a place put there.
    last: BTreeMap<Place, String>,
}

/// What one run wrote, whenever it landed.
#[derive(Clone, Debug, Default)]
pub(super) struct Written {
    pub(super) made: BTreeSet<(Side, String)>,
    /// What stood at a place before its first write, and what its last one put there.
    pub(super) changed: BTreeMap<Place, (String, String)>,
    /// What it wrote to a place and was lost on the way: where somebody typed the same, nobody can tell it from what landed.
    pub(super) vanished: BTreeMap<Place, BTreeSet<String>>,
    /// What people had typed at a place since, and a later run wrote over.
    pub(super) over: BTreeMap<Place, BTreeSet<String>>,
}

impl Ledger {
    pub(super) fn of(&self, run: usize) -> Written {
        self.runs.get(&run).cloned().unwrap_or_default()
    }

    pub(super) fn made(&mut self, run: usize, side: Side, id: &str, fields: &Fields) {
        self.runs.entry(run).or_default().made.insert((side, id.to_owned()));
        self.wrote(run, side, id, fields, &Fields::new());
    }

    pub(super) fn wrote(&mut self, run: usize, side: Side, id: &str, fields: &Fields, before: &Fields) {
        for (name, value) in fields {
            let place = (side, id.to_owned(), name.clone());
            let held = text(before, name);
            let last = self.last.insert(place.clone(), value.to_string());
            if last.is_some_and(|last| last != held) {
                self.wrote_over(run, &place, &held);
            }
            let written = self.runs.entry(run).or_default();
            let entry = written.changed.entry(place).or_insert_with(|| (held, String::new()));
            entry.1 = value.to_string();
        }
    }

    fn wrote_over(&mut self, run: usize, place: &Place, typed: &str) {
        let others = self.runs.iter_mut().filter(|(other, _)| **other != run);
        for (_, written) in others.filter(|(_, written)| written.changed.contains_key(place)) {
            written.over.entry(place.clone()).or_default().insert(typed.to_owned());
        }
    }

    pub(super) fn vanished(&mut self, side: Side, action: &Action) {
        let Action::Update(id, fields) = action else { return };
        let vanished = &mut self.runs.entry(self.run).or_default().vanished;
        for (name, value) in fields {
            let place = (side, id.as_str().to_owned(), name.clone());
            vanished.entry(place).or_default().insert(value.to_string());
        }
    }
}
