//! When which flow has its next pass, and where that has to look.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use sync_core::flow::Division;

use crate::people::Place;

/// How often everything is looked at, for webhooks get lost.
const INTERVAL: TimeDelta = TimeDelta::hours(1);
/// What is heard of Exact is gathered for so long: looking there costs calls, whatever there is to see.
const GATHERED: TimeDelta = TimeDelta::minutes(5);
/// Passes that were asked for come no closer together.
const GAP: TimeDelta = TimeDelta::seconds(10);

/// One flow.
struct Turn {
    /// When everything is looked at again.
    whole: DateTime<Utc>,
    /// When to look at the CRM, of which something was heard.
    crm: Option<DateTime<Utc>>,
    /// When to look at Exact, and where.
    exact: Option<(DateTime<Utc>, BTreeSet<Division>)>,
}

pub(crate) struct Schedule {
    turns: Vec<Turn>,
    hints_from: DateTime<Utc>,
}

impl Schedule {
    pub(crate) fn new(flows: usize, start: DateTime<Utc>) -> Self {
        let turns = (0..flows).map(|_| Turn { whole: start, crm: None, exact: None }).collect();
        Self { turns, hints_from: start }
    }

    pub(crate) fn hear(&mut self, flows: impl Iterator<Item = usize>, place: Place, now: DateTime<Utc>) {
        let soon = now.max(self.hints_from);
        for flow in flows {
            let turn = &mut self.turns[flow];
            match place {
                Place::Crm => turn.crm = turn.crm.or(Some(soon)),
                Place::Exact(division) => {
                    turn.exact.get_or_insert_with(|| (now + GATHERED, BTreeSet::new())).1.insert(division);
                }
            }
        }
    }

    /// The flows that are due, and where to look in Exact; `None` for everywhere.
    pub(crate) fn due(&self, now: DateTime<Utc>) -> Option<(Vec<usize>, Option<BTreeSet<Division>>)> {
        let of = |fits: &dyn Fn(&Turn) -> bool| -> Vec<usize> {
            (0..self.turns.len()).filter(|flow| fits(&self.turns[*flow])).collect()
        };
        let whole = of(&|turn| turn.whole <= now);
        if !whole.is_empty() {
            return Some((whole, None));
        }
        let exact = of(&|turn| turn.exact.as_ref().is_some_and(|(at, _)| *at <= now));
        if !exact.is_empty() {
            let heard = exact.iter().filter_map(|flow| self.turns[*flow].exact.as_ref());
            let divisions = heard.flat_map(|(_, divisions)| divisions).copied().collect();
            return Some((exact, Some(divisions)));
        }
        let crm = of(&|turn| turn.crm.is_some_and(|at| at <= now));
        (!crm.is_empty()).then(|| (crm, Some(BTreeSet::new())))
    }

    pub(crate) fn next(&self) -> Option<DateTime<Utc>> {
        let exact = self.turns.iter().filter_map(|turn| Some(turn.exact.as_ref()?.0));
        let crm = self.turns.iter().filter_map(|turn| turn.crm);
        self.turns.iter().map(|turn| turn.whole).chain(exact).chain(crm).min()
    }

    /// These flows had a pass that looked there in Exact; `dice` in thousandths.
    pub(crate) fn passed(
        &mut self,
        flows: &[usize],
        heard: Option<&BTreeSet<Division>>,
        now: DateTime<Utc>,
        resume: Option<DateTime<Utc>>,
        dice: i32,
    ) {
        for flow in flows {
            let turn = &mut self.turns[*flow];
            turn.crm = None;
            if heard.is_none() {
                turn.whole = now + INTERVAL + INTERVAL / 10_000 * dice;
            }
            if heard.is_none_or(|heard| !heard.is_empty()) {
                turn.exact = None;
            }
            if let Some(resume) = resume {
                turn.whole = turn.whole.min(resume.max(now + GAP));
            }
        }
        self.hints_from = now + GAP;
    }
}
