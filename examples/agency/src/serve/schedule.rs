//! When which flow is due. Pure: the clock and the dice are the caller's.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

/// Passes that hints ask for come no closer together than this.
const HINT_GAP: TimeDelta = TimeDelta::seconds(10);

/// The flows of one tenant, each with its interval.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    flows: BTreeMap<String, Turn>,
    hints_from: DateTime<Utc>,
}

#[derive(Clone, Debug)]
struct Turn {
    interval: TimeDelta,
    due: DateTime<Utc>,
}

impl Schedule {
    /// Every flow is due at `start`.
    pub(crate) fn new(flows: impl IntoIterator<Item = (String, TimeDelta)>, start: DateTime<Utc>) -> Self {
        let turn = |(flow, interval)| (flow, Turn { interval, due: start });
        Self { flows: flows.into_iter().map(turn).collect(), hints_from: start }
    }

    /// Something was heard of these flows: they are due as soon as the gap allows.
    pub(crate) fn hint(&mut self, flows: &[String], now: DateTime<Utc>) {
        let at = now.max(self.hints_from);
        for flow in flows {
            if let Some(turn) = self.flows.get_mut(flow) {
                turn.due = turn.due.min(at);
            }
        }
    }

    /// The flows that are due.
    pub(crate) fn due(&self, now: DateTime<Utc>) -> Vec<String> {
        self.flows.iter().filter(|(_, turn)| turn.due <= now).map(|(flow, _)| flow.clone()).collect()
    }

    /// When the next flow is due.
    pub(crate) fn next(&self) -> Option<DateTime<Utc>> {
        self.flows.values().map(|turn| turn.due).min()
    }

    /// A pass of these flows ended: the next comes after the interval and up to a tenth of it (`dice`, in
    /// thousandths), or at `resume` where that is sooner.
    pub(crate) fn ended(
        &mut self,
        flows: &[String],
        now: DateTime<Utc>,
        resume: Option<DateTime<Utc>>,
        dice: u32,
    ) {
        for flow in flows {
            if let Some(turn) = self.flows.get_mut(flow) {
                let jitter = turn.interval / 10_000 * i32::try_from(dice.min(1_000)).unwrap_or_default();
                let next = now + turn.interval + jitter;
                turn.due = resume.map_or(next, |resume| next.min(resume.max(now + HINT_GAP)));
            }
        }
        self.hints_from = now + HINT_GAP;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    fn schedule() -> Schedule {
        let flows =
            [("companies".to_owned(), TimeDelta::minutes(15)), ("orders".to_owned(), TimeDelta::minutes(5))];
        Schedule::new(flows, at(0))
    }

    fn both() -> Vec<String> {
        vec!["companies".to_owned(), "orders".to_owned()]
    }

    #[test]
    fn every_flow_has_a_pass_at_start_and_then_its_own_interval() {
        let mut schedule = schedule();
        assert_eq!(schedule.due(at(0)), both());
        schedule.ended(&both(), at(1), None, 0);
        assert_eq!(schedule.next(), Some(at(6)));
        assert_eq!(schedule.due(at(6)), ["orders"]);
        assert_eq!(schedule.due(at(16)), both());
    }

    #[test]
    fn jitter_is_at_most_a_tenth_and_never_makes_a_pass_early() {
        for dice in [0, 1, 500, 1_000, u32::MAX] {
            let mut schedule = schedule();
            schedule.ended(&both(), at(0), None, dice);
            assert!(schedule.due(at(4)).is_empty(), "{dice}");
            assert_eq!(schedule.due(at(0) + TimeDelta::seconds(330)), ["orders"], "{dice}");
        }
    }

    #[test]
    fn a_hint_makes_its_flow_due_at_once_but_not_twice_within_the_gap() {
        let mut schedule = schedule();
        schedule.ended(&both(), at(0), None, 0);
        let flow = ["companies".to_owned()];
        schedule.hint(&flow, at(1));
        assert_eq!(schedule.due(at(1)), flow);
        schedule.ended(&flow, at(1), None, 0);
        schedule.hint(&flow, at(1));
        assert!(schedule.due(at(1)).is_empty());
        assert_eq!(schedule.due(at(1) + HINT_GAP), flow);
    }

    #[test]
    fn a_run_that_says_when_to_go_on_is_taken_at_its_word_where_that_is_sooner() {
        let mut schedule = schedule();
        schedule.ended(&both(), at(0), Some(at(3)), 0);
        assert_eq!(schedule.due(at(3)), both());
        schedule.ended(&both(), at(3), Some(at(600)), 0);
        assert_eq!(schedule.due(at(8)), ["orders"]);
    }
}
