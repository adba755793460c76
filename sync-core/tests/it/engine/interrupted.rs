//! Runs that are dropped half-way, and answers that never come.

use std::time::Duration;

use sync_core::state::AuditLine;
use sync_core::store::Table;

use super::bench::{Bench, CRM_PHONE, in_crm, in_exact, one_pair};
use super::side::Reply;
use crate::executor;

#[test]
fn a_create_that_was_carried_out_before_the_process_died_is_adopted() {
    let bench = Bench::new();
    bench.exact.add("e1", &in_exact("New", "11111111"));
    bench.crm.reply(&[Reply::DiesAfter]);
    bench.run_that_dies();
    assert_eq!((bench.rows(Table::Intent).len(), bench.crm.ids().len()), (1, 1));
    let report = bench.run();
    assert_eq!((report.flows[0].created.crm, report.waiting), (1, 0));
    assert_eq!((bench.crm.ids().len(), bench.links().len()), (1, 1));
    assert!(bench.rows(Table::Intent).is_empty());
}

#[test]
fn a_create_that_never_left_the_dead_process_is_sent_again_after_its_window() {
    let bench = Bench::new();
    bench.exact.add("e1", &in_exact("New", "11111111"));
    bench.exact.add("e2", &in_exact("Next", "22222222"));
    bench.crm.reply(&[Reply::DiesBefore]);
    bench.run_that_dies();
    bench.run();
    assert_eq!((bench.crm.ids().len(), bench.links().len()), (2, 2));
}

#[test]
fn an_update_that_was_not_answered_is_read_again_and_not_repeated() {
    for (reply, writes) in [(Reply::Lost, 1), (Reply::Vanished, 2)] {
        let bench = one_pair();
        bench.exact.edit("e1", "Phone", "020");
        bench.crm.reply(&[reply]);
        bench.run();
        assert_eq!(bench.crm.value("c1", CRM_PHONE), "020", "{reply:?}");
        assert_eq!(bench.writes(), writes, "{reply:?}");
    }
}

#[test]
fn of_an_update_that_was_not_answered_only_what_may_have_landed_is_told() {
    for (reply, lines) in [(Reply::Lost, 1), (Reply::Vanished, 0)] {
        let bench = one_pair();
        bench.exact.edit("e1", "Phone", "020");
        bench.crm.reply(&[reply]);
        bench.run();
        let life = executor::run(bench.engine().history("e1")).unwrap().unwrap().remove(0);
        let told = life.lines.iter().filter(|line| line.action == AuditLine::UNANSWERED);
        assert_eq!(told.count(), lines, "{reply:?}");
    }
}

#[test]
fn updates_that_were_not_answered_are_read_again_in_one_call() {
    let bench = Bench::new();
    for at in 1..=3 {
        let number = format!("{at}").repeat(8);
        bench.exact.add(&format!("e{at}"), &in_exact("Name", &number));
        bench.crm.add(&format!("c{at}"), &in_crm("Name", &number));
    }
    let bench = bench.settled();
    for at in 1..=3 {
        bench.exact.edit(&format!("e{at}"), "Phone", "020");
    }
    bench.crm.reply(&[Reply::Lost, Reply::Lost, Reply::Lost]);
    bench.run();
    let gets = bench.crm.take_log().into_iter().filter(|call| *call == "get").count();
    assert_eq!((gets, bench.writes()), (1, 3));
}

#[test]
fn nothing_is_looked_for_before_its_window_has_passed() {
    let bench = Bench::new();
    bench.exact.add("e1", &in_exact("New", "11111111"));
    bench.crm.reply(&[Reply::DiesBefore]);
    bench.run_that_dies();
    bench.forget();
    let start = crm_adapters::Clock::now(&*bench.clock);
    bench.run();
    let waited = crm_adapters::Clock::now(&*bench.clock) - start;
    assert!(waited >= chrono::TimeDelta::seconds(10 + 30 + 120 - 60), "{waited}");
    assert_eq!(bench.crm.take_log(), ["changes", "changes", "find", "write"]);
}

#[test]
fn a_record_that_a_person_entered_meanwhile_is_not_taken_for_the_lost_one() {
    let bench = Bench::new();
    bench.exact.add("e1", &in_exact("New", "11111111"));
    bench.crm.reply(&[Reply::DiesBefore]);
    bench.run_that_dies();
    bench.crm.add("c9", &in_crm("New", "22222222"));
    bench.clock.advance(Duration::from_secs(600));
    bench.run();
    let links = bench.links();
    assert!(links.iter().any(|link| link.exact_id == "e1" && link.crm_id != "c9"), "{links:?}");
}
