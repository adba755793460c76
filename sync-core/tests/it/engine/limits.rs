//! Budgets and outages of a side: what is waited for, and what ends a run.

use std::time::Duration;

use chrono::TimeDelta;
use crm_adapters::{Clock, ErrorKind, Pace};
use sync_core::engine::RunOptions;
use sync_core::flow::Side;

use super::bench::{Bench, CRM_PHONE, in_exact, one_pair};
use super::side::Reply;
use crate::executor;

fn two_new() -> Bench {
    let bench = Bench::new();
    bench.exact.add("e1", &in_exact("One", "11111111"));
    bench.exact.add("e2", &in_exact("Two", "22222222"));
    bench
}

#[test]
fn a_limit_that_lifts_soon_is_waited_for() {
    let bench = two_new();
    let start = bench.clock.now();
    bench.crm.pace_is(&[
        Pace::Wait(Duration::from_secs(40)),
        Pace::Ready(1),
        Pace::Wait(Duration::from_secs(50)),
    ]);
    let report = bench.run();
    assert_eq!((report.flows[0].created.crm, report.waiting, report.resume_at), (2, 0, None));
    assert!(bench.clock.now() - start >= TimeDelta::seconds(90));
}

#[test]
fn a_limit_that_lasts_ends_the_run_and_says_when_to_come_back() {
    let bench = two_new();
    let start = bench.clock.now();
    bench.crm.pace_is(&[Pace::Wait(Duration::from_secs(301))]);
    let report = bench.run();
    assert_eq!((report.writes(), report.waiting), (0, 2));
    assert_eq!(report.resume_at, Some(start + TimeDelta::seconds(301)));
    assert_eq!(bench.clock.now(), start, "nothing was waited for");
    assert!(report.errors.is_empty() && !report.needs_person());
    assert_eq!(bench.run().flows[0].created.crm, 2);
}

#[test]
fn a_spent_day_ends_the_run_and_says_when_to_come_back() {
    let bench = two_new();
    let tomorrow = bench.clock.now() + TimeDelta::hours(9);
    bench.crm.pace_is(&[Pace::Spent(tomorrow)]);
    let report = bench.run();
    assert_eq!((report.writes(), report.waiting, report.resume_at), (0, 2, Some(tomorrow)));
    assert!(report.errors.is_empty());
    assert_eq!(bench.run().flows[0].created.crm, 2);
}

#[test]
fn a_link_that_waits_for_a_budget_is_counted_when_it_is_tied() {
    let bench = Bench::new();
    bench.exact.add("e1", &in_exact("One", "11111111"));
    bench.crm.add("c1", &super::bench::in_crm("Uno", "11111111"));
    bench.crm.pace_is(&[Pace::Spent(bench.clock.now() + TimeDelta::hours(9))]);
    let report = bench.run();
    assert_eq!((report.flows[0].linked, bench.links().len()), (0, 0));
    bench.crm.reply(&[Reply::NotSent(ErrorKind::Unavailable)]);
    let report = bench.run();
    assert_eq!((report.flows[0].linked, bench.links().len()), (1, 1), "once, though it was sent twice");
}

#[test]
fn reads_beyond_the_budget_end_the_run_and_say_that_something_waits() {
    let bench = one_pair();
    bench.exact.edit("e1", "Phone", "020");
    bench.exact.broken(Some(ErrorKind::RateLimited));
    let report = bench.run();
    assert!(report.waiting > 0, "{report:?}");
    assert!(report.resume_at.is_some() && report.errors.is_empty(), "{report:?}");
    bench.exact.broken(None);
    let report = bench.run();
    assert_eq!((report.flows[0].updated.crm, report.waiting), (1, 0));
}

#[test]
fn a_write_that_never_leaves_is_no_silent_end() {
    let bench = one_pair();
    bench.exact.edit("e1", "Phone", "020");
    for kind in [ErrorKind::Unavailable, ErrorKind::RateLimited] {
        bench.crm.always(Some(Reply::NotSent(kind)));
        let report = bench.run();
        assert_eq!(report.flows[0].updated.crm, 0);
        assert!(report.waiting > 0, "{kind:?}: {report:?}");
        assert!(!report.errors.is_empty() || report.resume_at.is_some(), "{kind:?}: {report:?}");
    }
    bench.crm.always(None);
    assert_eq!(bench.run().flows[0].updated.crm, 1);
}

#[test]
fn a_side_that_answers_nothing_is_left_alone_after_what_was_claimed_for_it() {
    let bench = Bench::new();
    for at in 0..80 {
        bench.exact.add(&format!("e{at}"), &in_exact("New", &format!("100000{at:02}")));
    }
    bench.crm.always(Some(Reply::Vanished));
    let report = bench.run();
    let sent = bench.writes();
    assert!((5..=4 * 64).contains(&sent), "{sent} were sent in a pass and three more after waiting");
    assert!(report.waiting >= 80 && report.resume_at.is_some(), "{report:?}");
    assert!(report.errors.iter().any(|error| error.message.contains("did not answer")), "{report:?}");
    bench.crm.always(None);
    bench.clock.advance(Duration::from_secs(600));
    bench.run();
    assert_eq!(bench.crm.ids().len(), 80);
}

#[test]
fn no_more_than_64_intents_are_open_and_each_is_claimed_before_it_is_sent() {
    let mut bench = Bench::new();
    bench.flow.brakes.creates = 1_000;
    for at in 0..300 {
        bench.exact.add(&format!("e{at}"), &in_exact("New", &format!("10000{at:03}")));
    }
    let report = bench.run();
    assert_eq!(report.flows[0].created.crm, 300);
    assert_eq!(bench.crm.unclaimed(), 0);
    assert!((2..=64).contains(&bench.crm.most_intents()), "{} were open", bench.crm.most_intents());
}

#[test]
fn what_keeps_a_run_from_finishing_names_its_side() {
    for side in [Side::Exact, Side::Crm] {
        let bench = one_pair();
        let (broken, from) = match side {
            Side::Exact => (&bench.exact, (&bench.crm, "c1", CRM_PHONE)),
            Side::Crm => (&bench.crm, (&bench.exact, "e1", "Phone")),
        };
        from.0.edit(from.1, from.2, "020");
        broken.reply(&[Reply::NotSent(ErrorKind::Forbidden)]);
        let errors = bench.run().errors;
        assert_eq!((errors[0].side, errors[0].kind.as_str()), (side, "forbidden"), "of a write");
        broken.broken(Some(ErrorKind::Auth));
        let error = executor::run(bench.engine().run_once(RunOptions::default())).unwrap().unwrap_err();
        let cause = error.of_adapter().map(crm_adapters::Error::kind);
        assert_eq!((error.side(), cause), (Some(side), Some(ErrorKind::Auth)), "of a schema");
    }
}

#[test]
fn where_only_one_may_leave_it_is_the_one_that_was_seen_first() {
    let bench = Bench::new();
    bench.exact.add("e9", &in_exact("First", "11111111"));
    bench.plan();
    bench.clock.advance(Duration::from_secs(60));
    bench.exact.add("e1", &in_exact("Second", "22222222"));
    bench.crm.pace_is(&[Pace::Ready(1), Pace::Wait(Duration::from_secs(301))]);
    let report = bench.run();
    assert_eq!((report.writes(), report.waiting), (1, 1));
    assert_eq!(bench.crm.value(&bench.crm.ids()[0], "name"), "First");
}
