//! Which problems stand, and what the endpoint knows of them. Pure: the time and the endpoint's answers are the caller's.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Alert, Letter, Problem, Status};

/// A problem that grows is told again no sooner than this after the last time: what comes in between is told together.
const GATHERED: TimeDelta = TimeDelta::hours(1);

/// Each problem once, by cause and subject: so it stays bounded, however long the endpoint is down.
#[derive(Debug)]
pub(super) struct Slate {
    lines: BTreeMap<String, Line>,
    /// Whether there is an endpoint to tell.
    endpoint: bool,
    changed: bool,
}

/// A problem, or its end where the endpoint has not heard of that yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Line {
    alert: Alert,
    /// How much of it there was when it was told, or less since: more of it is told again.
    amount: u64,
    /// Whether the endpoint is still to be told.
    owed: bool,
    /// Whether the endpoint knows of a problem here, or may: only then is its end worth a message.
    known: bool,
    /// Whether this process met it.
    #[serde(skip)]
    met: bool,
    /// How often the endpoint was told in vain.
    #[serde(skip)]
    tries: u32,
}

impl Line {
    fn new(alert: Alert, amount: u64, owed: bool) -> Self {
        Self { alert, amount, owed, known: false, met: true, tries: 0 }
    }

    fn stands(&self) -> bool {
        self.alert.status == Status::Problem
    }

    /// Has something else to say from now on.
    fn says(&mut self, alert: Alert, amount: u64) {
        (self.alert, self.amount, self.owed, self.tries) = (alert, amount, true, 0);
    }
}

impl Slate {
    /// As the last process left it.
    pub(super) fn new(mut lines: BTreeMap<String, Line>, endpoint: bool) -> Self {
        if !endpoint {
            lines.retain(|_, line| line.stands());
            lines.values_mut().for_each(|line| line.owed = false);
        }
        Self { lines, endpoint, changed: false }
    }

    /// The lines to keep, where they changed since they were asked for last.
    pub(super) fn changed(&mut self) -> Option<BTreeMap<String, Line>> {
        std::mem::take(&mut self.changed).then(|| self.lines.clone())
    }

    /// They could not be kept.
    pub(super) fn not_kept(&mut self) {
        self.changed = true;
    }

    pub(super) fn is_open(&self, which: impl Fn(&Alert) -> bool) -> bool {
        self.lines.values().any(|line| line.stands() && which(&line.alert))
    }

    /// A problem was met. Returns what is told of it: nothing, where it stands already and has not grown.
    pub(super) fn raise(&mut self, tenant: &str, problem: Problem, now: DateTime<Utc>) -> Option<Alert> {
        let (id, amount) = (id(&problem.cause, &problem.subject), problem.amount);
        let alert = Alert::problem(tenant, problem, now);
        let Some(line) = self.lines.get_mut(&id) else {
            self.changed = true;
            self.lines.insert(id, Line::new(alert.clone(), amount, self.endpoint));
            return Some(alert);
        };
        line.met = true;
        if line.stands() {
            let grown = amount > line.amount && now >= line.alert.at + GATHERED;
            self.changed |= amount < line.amount;
            line.amount = line.amount.min(amount);
            if !grown {
                return None;
            }
        }
        self.changed = true;
        line.says(alert.clone(), amount);
        line.owed = self.endpoint;
        Some(alert)
    }

    /// Of the problems that stand, each that `over` says so of is over. Returns what is told of that.
    pub(super) fn recover(&mut self, now: DateTime<Utc>, over: impl Fn(&Alert) -> bool) -> Vec<Alert> {
        self.end(now, |line| over(&line.alert))
    }

    /// The same, of problems that this process did not meet.
    pub(super) fn recover_unmet(&mut self, now: DateTime<Utc>, over: impl Fn(&Alert) -> bool) -> Vec<Alert> {
        self.end(now, |line| !line.met && over(&line.alert))
    }

    fn end(&mut self, now: DateTime<Utc>, over: impl Fn(&Line) -> bool) -> Vec<Alert> {
        let mut ends = Vec::new();
        let endpoint = self.endpoint;
        self.lines.retain(|_, line| {
            if !line.stands() || !over(line) {
                return true;
            }
            let end = Alert::recovery(&line.alert, now);
            line.says(end.clone(), 0);
            ends.push(end);
            // Who never heard of the problem has no use for its end.
            endpoint && line.known
        });
        self.changed |= !ends.is_empty();
        ends
    }

    /// What the endpoint is to be told next: what was tried least often, of that the oldest.
    pub(super) fn next(&mut self) -> Option<Letter> {
        let owed = self.lines.values_mut().filter(|line| line.owed);
        let line = owed.min_by_key(|line| (line.tries, line.alert.at))?;
        let letter = Letter { alert: line.alert.clone(), news: !line.known };
        // From here on it may know, whatever becomes of its answer.
        self.changed |= !line.known;
        line.known = true;
        Some(letter)
    }

    /// What a letter tells of, where it still says that.
    fn line(&mut self, letter: &Letter) -> Option<&mut Line> {
        let line = self.lines.get_mut(&id(&letter.alert.cause, &letter.alert.subject));
        line.filter(|line| line.alert == letter.alert)
    }

    /// The endpoint has it.
    pub(super) fn taken(&mut self, letter: &Letter) {
        let Some(line) = self.line(letter) else { return };
        line.owed = false;
        if !line.stands() {
            self.lines.remove(&id(&letter.alert.cause, &letter.alert.subject));
        }
        self.changed = true;
    }

    /// The endpoint does not have it, or nobody knows whether it has.
    pub(super) fn returned(&mut self, letter: &Letter, answered: bool) {
        let Some(line) = self.line(letter) else { return };
        line.tries = line.tries.saturating_add(1);
        if answered && letter.news {
            line.known = false;
            self.changed = true;
        }
    }
}

fn id(cause: &str, subject: &str) -> String {
    format!("{cause}/{subject}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    fn slate() -> Slate {
        Slate::new(BTreeMap::new(), true)
    }

    fn raise(slate: &mut Slate, cause: &str, amount: u64, minute: i64) -> Option<Alert> {
        let problem = Problem::new(cause, "here").says(format!("{amount} of it"), "do something");
        slate.raise("default", problem.amount(amount), at(minute))
    }

    fn recover(slate: &mut Slate, cause: &str, minute: i64) -> usize {
        slate.recover(at(minute), |alert| alert.cause == cause).len()
    }

    /// What an endpoint that takes everything is told, as `cause status`.
    fn told(slate: &mut Slate) -> Vec<String> {
        let mut told = Vec::new();
        while let Some(letter) = slate.next() {
            slate.taken(&letter);
            told.push(format!("{} {:?}", letter.alert.cause, letter.alert.status));
        }
        told
    }

    #[test]
    fn a_problem_is_told_once_and_so_is_its_end() {
        let mut slate = slate();
        assert!(raise(&mut slate, "brake", 1, 0).is_some());
        assert!(raise(&mut slate, "brake", 1, 100).is_none());
        assert_eq!(told(&mut slate), ["brake Problem"]);
        assert_eq!((recover(&mut slate, "brake", 101), recover(&mut slate, "brake", 102)), (1, 0));
        assert_eq!(told(&mut slate), ["brake Recovered"]);
        assert!(slate.changed().unwrap().is_empty(), "nothing is left of it");
    }

    #[test]
    fn what_the_endpoint_refuses_is_owed_until_it_is_taken() {
        let mut slate = slate();
        raise(&mut slate, "brake", 1, 0);
        for _ in 0..1_000 {
            let letter = slate.next().unwrap();
            slate.returned(&letter, true);
        }
        assert_eq!(told(&mut slate), ["brake Problem"]);
    }

    #[test]
    fn a_problem_that_was_over_before_the_endpoint_heard_of_it_is_never_told() {
        let mut slate = slate();
        raise(&mut slate, "brake", 1, 0);
        let letter = slate.next().unwrap();
        slate.returned(&letter, true);
        recover(&mut slate, "brake", 1);
        assert_eq!(told(&mut slate), [""; 0]);
    }

    #[test]
    fn the_end_is_told_where_the_endpoint_may_have_heard_of_the_beginning() {
        let mut slate = slate();
        raise(&mut slate, "brake", 1, 0);
        let letter = slate.next().unwrap();
        slate.returned(&letter, false);
        recover(&mut slate, "brake", 1);
        assert_eq!(told(&mut slate), ["brake Recovered"], "its answer was lost");
        raise(&mut slate, "brake", 1, 2);
        let letter = slate.next().unwrap();
        recover(&mut slate, "brake", 3);
        slate.taken(&letter);
        assert_eq!(told(&mut slate), ["brake Recovered"], "it was on its way when it was over");
    }

    #[test]
    fn a_problem_that_is_back_before_its_end_was_told_is_told_anew_and_its_end_after_it() {
        let mut slate = slate();
        raise(&mut slate, "brake", 1, 0);
        assert_eq!(told(&mut slate), ["brake Problem"]);
        recover(&mut slate, "brake", 1);
        let letter = slate.next().unwrap();
        slate.returned(&letter, true);
        assert!(raise(&mut slate, "brake", 1, 2).is_some());
        recover(&mut slate, "brake", 3);
        assert_eq!(told(&mut slate), ["brake Recovered"]);
    }

    #[test]
    fn a_problem_that_grows_is_told_again_after_an_hour_and_one_that_shrinks_is_not() {
        let mut slate = slate();
        raise(&mut slate, "issues", 3, 0);
        assert!(raise(&mut slate, "issues", 5, 59).is_none(), "it is gathered");
        let told_again = raise(&mut slate, "issues", 7, 60).unwrap();
        assert_eq!(told_again.message, "7 of it");
        assert!(raise(&mut slate, "issues", 7, 200).is_none());
        assert!(raise(&mut slate, "issues", 2, 201).is_none());
        assert_eq!(raise(&mut slate, "issues", 3, 202).unwrap().message, "3 of it", "one of them is new");
    }

    #[test]
    fn of_several_that_are_owed_none_waits_for_one_that_is_always_refused() {
        let mut slate = slate();
        for (minute, cause) in (0..).zip(["first", "second", "third"]) {
            raise(&mut slate, cause, 1, minute);
        }
        let mut taken = Vec::new();
        for _ in 0..4 {
            let letter = slate.next().unwrap();
            if letter.alert.cause == "first" {
                slate.returned(&letter, true);
            } else {
                slate.taken(&letter);
                taken.push(letter.alert.cause);
            }
        }
        assert_eq!(taken, ["second", "third"]);
    }

    #[test]
    fn what_no_process_meets_any_more_can_be_told_from_what_this_one_met() {
        let mut slate = slate();
        raise(&mut slate, "old", 1, 0);
        raise(&mut slate, "new", 1, 0);
        told(&mut slate);
        let kept = serde_json::to_string(&slate.changed().unwrap()).unwrap();
        let mut slate = Slate::new(serde_json::from_str(&kept).unwrap(), true);
        assert!(raise(&mut slate, "new", 1, 1).is_none());
        slate.recover_unmet(at(2), |_| true);
        assert_eq!(told(&mut slate), ["old Recovered"]);
    }

    #[test]
    fn without_an_endpoint_nothing_is_owed() {
        let mut slate = slate();
        raise(&mut slate, "brake", 1, 0);
        raise(&mut slate, "issues", 1, 0);
        told(&mut slate);
        recover(&mut slate, "brake", 1);
        let mut slate = Slate::new(slate.changed().unwrap(), false);
        assert!(slate.next().is_none(), "nobody hears of the end of the one");
        assert_eq!(recover(&mut slate, "issues", 2), 1);
        assert!(slate.next().is_none());
    }
}
