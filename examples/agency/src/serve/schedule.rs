//! When which flow is due, and how far its pass looks. Pure: the clock and the dice are the caller's.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use sync_core::flow::Division;

/// Passes that the CRM's hints ask for come no closer together than this.
const HINT_GAP: TimeDelta = TimeDelta::seconds(10);

/// What is heard of Exact is gathered for so long: looking there costs calls, whatever there is to see, and the calls of
/// a day are few.
const GATHERED: TimeDelta = TimeDelta::minutes(5);

/// Where something was heard of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(clippy::exhaustive_enums, reason = "one side or the other")]
pub enum Place {
    /// In the CRM.
    Crm,
    /// In this division of Exact.
    Exact(Division),
}

/// How far a pass looks. Each takes in those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(clippy::exhaustive_enums, reason = "whoever carries out a pass must know each of them")]
pub enum Look {
    /// At the CRM.
    Crm,
    /// At the feeds of Exact that something was heard of, and at payments, too.
    Heard,
    /// At everything, whatever was heard.
    Everywhere,
}

/// How often a flow looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain values")]
pub struct Rhythm {
    /// At everything, where nobody tells of Exact or the last such look failed.
    pub every: TimeDelta,
    /// At the CRM, at what was heard of Exact, and at payments, of which nobody tells.
    pub news: TimeDelta,
    /// At everything, where somebody tells of Exact; never more often than `every`.
    pub whole: TimeDelta,
}

impl Rhythm {
    /// A look at everything every time.
    #[must_use]
    pub fn unheard(every: TimeDelta) -> Self {
        Self { every, news: every, whole: every }
    }

    /// How often it looks at everything.
    pub(crate) fn everywhere(self) -> TimeDelta {
        self.whole.max(self.every)
    }
}

/// The flows of one tenant, each in its rhythm.
#[derive(Clone, Debug)]
pub struct Schedule {
    flows: BTreeMap<String, Turn>,
    hints_from: DateTime<Utc>,
}

/// When a flow is due, for each look.
#[derive(Clone, Copy, Debug)]
struct Turn {
    rhythm: Rhythm,
    crm: Option<DateTime<Utc>>,
    heard: DateTime<Utc>,
    everywhere: DateTime<Utc>,
}

impl Schedule {
    /// Every flow looks everywhere at `start`: nobody knows what happened before.
    pub fn new(flows: impl IntoIterator<Item = (String, Rhythm)>, start: DateTime<Utc>) -> Self {
        let turn = |(flow, rhythm)| {
            (flow, Turn { rhythm, crm: None, heard: start + rhythm.news, everywhere: start })
        };
        Self { flows: flows.into_iter().map(turn).collect(), hints_from: start }
    }

    /// Something was heard that concerns a flow. Hearing it again changes nothing.
    pub fn hear(&mut self, flow: &str, place: Place, now: DateTime<Utc>) {
        let soon = now.max(self.hints_from);
        let Some(turn) = self.flows.get_mut(flow) else { return };
        match place {
            Place::Crm => turn.crm = Some(turn.crm.map_or(soon, |at| at.min(soon))),
            Place::Exact(_) => turn.heard = turn.heard.min(now + GATHERED),
        }
    }

    /// The flows that are due, and how far they look; of several looks the furthest.
    #[must_use]
    pub fn due(&self, now: DateTime<Utc>) -> Option<(Vec<String>, Look)> {
        [Look::Everywhere, Look::Heard, Look::Crm].into_iter().find_map(|look| {
            let due = self.flows.iter().filter(|(_, turn)| turn.at(look).is_some_and(|at| at <= now));
            let flows: Vec<String> = due.map(|(flow, _)| flow.clone()).collect();
            (!flows.is_empty()).then_some((flows, look))
        })
    }

    /// When the next flow is due.
    #[must_use]
    pub fn next(&self) -> Option<DateTime<Utc>> {
        let looks = [Look::Everywhere, Look::Heard, Look::Crm];
        self.flows.values().flat_map(|turn| looks.into_iter().filter_map(|look| turn.at(look))).min()
    }

    /// A pass of these flows ended that looked so far. The next comes after its interval and up to a tenth of that
    /// (`dice`, in thousandths), or at `resume` where that is sooner. One that was not `complete` looked in vain: then the
    /// interval of its flow counts.
    pub fn ended(
        &mut self,
        (flows, look): &(Vec<String>, Look),
        complete: bool,
        now: DateTime<Utc>,
        resume: Option<DateTime<Utc>>,
        dice: u32,
    ) {
        let later = |interval: TimeDelta| {
            now + interval + interval / 10_000 * i32::try_from(dice.min(1_000)).unwrap_or_default()
        };
        let resume = resume.map(|resume| resume.max(now + HINT_GAP));
        for flow in flows {
            let Some(turn) = self.flows.get_mut(flow) else { continue };
            turn.crm = None;
            if *look >= Look::Heard {
                turn.heard = later(turn.rhythm.news);
            }
            if *look == Look::Everywhere {
                let every = turn.rhythm.every;
                turn.everywhere = later(if complete { turn.rhythm.everywhere() } else { every });
                turn.everywhere = resume.map_or(turn.everywhere, |resume| turn.everywhere.min(resume));
            } else {
                turn.heard = resume.map_or(turn.heard, |resume| turn.heard.min(resume));
            }
        }
        self.hints_from = now + HINT_GAP;
    }
}

impl Turn {
    fn at(&self, look: Look) -> Option<DateTime<Utc>> {
        match look {
            Look::Crm => self.crm,
            Look::Heard => Some(self.heard),
            Look::Everywhere => Some(self.everywhere),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact() -> Place {
        Place::Exact(Division::new(12))
    }

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    fn rhythm(every: i64, whole: i64) -> Rhythm {
        let every = TimeDelta::minutes(every);
        Rhythm { every, news: every, whole: TimeDelta::minutes(whole) }
    }

    /// Nobody tells of Exact.
    fn unheard() -> Schedule {
        let flows = [("companies".to_owned(), rhythm(15, 0)), ("orders".to_owned(), rhythm(5, 0))];
        Schedule::new(flows, at(0))
    }

    /// Companies, with a look at everything each hour, which was had just now.
    fn heard() -> Schedule {
        let mut schedule = Schedule::new([("companies".to_owned(), rhythm(15, 60))], at(0));
        schedule.ended(&companies(Look::Everywhere), true, at(0), None, 0);
        schedule
    }

    fn both(look: Look) -> (Vec<String>, Look) {
        (vec!["companies".to_owned(), "orders".to_owned()], look)
    }

    fn companies(look: Look) -> (Vec<String>, Look) {
        (vec!["companies".to_owned()], look)
    }

    fn orders(look: Look) -> (Vec<String>, Look) {
        (vec!["orders".to_owned()], look)
    }

    #[test]
    fn every_flow_has_a_pass_at_start_and_then_its_own_interval() {
        let mut schedule = unheard();
        assert_eq!(schedule.due(at(0)), Some(both(Look::Everywhere)));
        schedule.ended(&both(Look::Everywhere), true, at(1), None, 0);
        assert_eq!(schedule.next(), Some(at(6)));
        assert_eq!(schedule.due(at(6)), Some(orders(Look::Everywhere)));
        assert_eq!(schedule.due(at(16)), Some(both(Look::Everywhere)));
    }

    #[test]
    fn jitter_is_at_most_a_tenth_and_never_makes_a_pass_early() {
        for dice in [0, 1, 500, 1_000, u32::MAX] {
            let mut schedule = unheard();
            schedule.ended(&both(Look::Everywhere), true, at(0), None, dice);
            assert_eq!(schedule.due(at(4)), None, "{dice}");
            let latest = at(0) + TimeDelta::seconds(330);
            assert_eq!(schedule.due(latest), Some(orders(Look::Everywhere)), "{dice}");
        }
    }

    #[test]
    fn what_is_heard_of_the_crm_is_looked_at_at_once_but_not_twice_within_the_gap() {
        let mut schedule = heard();
        schedule.hear("companies", Place::Crm, at(1));
        assert_eq!(schedule.due(at(1)), Some(companies(Look::Crm)));
        schedule.ended(&companies(Look::Crm), true, at(1), None, 0);
        schedule.hear("companies", Place::Crm, at(1));
        assert_eq!(schedule.due(at(1)), None);
        assert_eq!(schedule.due(at(1) + HINT_GAP), Some(companies(Look::Crm)));
    }

    #[test]
    fn what_is_heard_of_exact_is_gathered_however_often_it_is_heard_and_whatever_the_crm_tells_meanwhile() {
        let mut schedule = heard();
        for minute in 1..6 {
            schedule.hear("companies", exact(), at(minute));
            assert_eq!(schedule.due(at(minute)), None);
        }
        schedule.hear("companies", Place::Crm, at(5));
        schedule.ended(&companies(Look::Crm), true, at(5), None, 0);
        assert_eq!(schedule.due(at(6)), Some(companies(Look::Heard)));
        schedule.ended(&companies(Look::Heard), true, at(6), None, 0);
        assert_eq!(schedule.next(), Some(at(21)));
    }

    #[test]
    fn everything_is_looked_at_each_hour_however_much_is_heard() {
        let mut schedule = heard();
        for minute in 1..60 {
            schedule.hear("companies", exact(), at(minute));
            schedule.hear("companies", Place::Crm, at(minute));
            if let Some(due) = schedule.due(at(minute)) {
                assert!(due.1 < Look::Everywhere, "{minute}");
                schedule.ended(&due, true, at(minute), None, 0);
            }
        }
        assert_eq!(schedule.due(at(60)), Some(companies(Look::Everywhere)));
    }

    #[test]
    fn a_flow_that_shows_what_is_paid_looks_at_the_news_sooner_and_at_everything_no_sooner() {
        let paid = Rhythm { news: TimeDelta::minutes(8), ..rhythm(15, 60) };
        let mut schedule = Schedule::new([("companies".to_owned(), paid)], at(0));
        schedule.ended(&companies(Look::Everywhere), true, at(0), None, 0);
        assert_eq!(schedule.due(at(8)), Some(companies(Look::Heard)));
        schedule.ended(&companies(Look::Heard), true, at(8), None, 0);
        assert_eq!(schedule.next(), Some(at(16)));
        // Webhooks cannot be had: each look at everything counts as one that failed.
        schedule.ended(&companies(Look::Everywhere), false, at(16), None, 0);
        schedule.ended(&companies(Look::Heard), true, at(24), None, 0);
        assert_eq!(schedule.due(at(31)), Some(companies(Look::Everywhere)));
    }

    #[test]
    fn a_look_at_everything_that_failed_is_had_again_after_the_interval() {
        let mut schedule = heard();
        schedule.ended(&companies(Look::Everywhere), false, at(60), None, 0);
        assert_eq!(schedule.due(at(75)), Some(companies(Look::Everywhere)));
    }

    #[test]
    fn a_run_that_says_when_to_go_on_is_taken_at_its_word_where_that_is_sooner() {
        let mut schedule = unheard();
        schedule.ended(&both(Look::Everywhere), false, at(0), Some(at(3)), 0);
        assert_eq!(schedule.due(at(3)), Some(both(Look::Everywhere)));
        schedule.ended(&both(Look::Everywhere), false, at(3), Some(at(600)), 0);
        assert_eq!(schedule.due(at(8)), Some(orders(Look::Everywhere)));
        let mut schedule = heard();
        schedule.ended(&companies(Look::Crm), false, at(1), Some(at(4)), 0);
        assert_eq!(schedule.due(at(4)), Some(companies(Look::Heard)));
    }
}
