//! Runs that read no more of Exact than what was heard calls for.

use sync_core::flow::Division;

use super::bench::{Bench, CRM_PHONE, in_crm, in_exact, one_pair};

const NONE: [&str; 0] = [];

#[test]
fn where_nothing_was_heard_of_and_nothing_is_to_be_written_exact_is_not_asked() {
    let bench = one_pair();
    bench.run_heard_in(&[]);
    assert_eq!(bench.exact.take_log(), NONE);
}

#[test]
fn an_edit_in_the_crm_reads_the_one_record_that_it_goes_into() {
    let bench = one_pair();
    bench.crm.edit("c1", CRM_PHONE, "020");
    bench.run_heard_in(&[]);
    assert_eq!(bench.exact.take_log(), ["get", "write"]);
    assert_eq!(bench.exact.value("e1", "Phone"), "020");
    bench.run_heard_in(&[]);
    assert_eq!(bench.exact.take_log(), NONE);
}

#[test]
fn an_edit_in_exact_that_nobody_heard_of_is_not_overwritten() {
    let bench = one_pair();
    bench.exact.edit("e1", "Phone", "030");
    bench.crm.edit("c1", CRM_PHONE, "020");
    bench.run_heard_in(&[]);
    assert_eq!((bench.exact.value("e1", "Phone"), bench.issues().len()), ("030".to_owned(), 1));
    bench.run();
    assert_eq!(
        (bench.exact.value("e1", "Phone"), bench.crm.value("c1", CRM_PHONE)),
        ("030".into(), "020".into())
    );
}

#[test]
fn what_could_be_new_in_exact_is_created_only_after_its_feed_was_read() {
    let bench = one_pair();
    bench.exact.add("e2", &in_exact("Same", "22222222"));
    bench.crm.add("c2", &in_crm("Same", "22222222"));
    bench.run_heard_in(&[]);
    assert!(bench.links().iter().any(|link| (&*link.exact_id, &*link.crm_id) == ("e2", "c2")));
    assert_eq!(bench.exact.ids().len(), 2, "{:?}", bench.exact.ids());
}

#[test]
fn a_division_that_was_never_read_is_read_whatever_was_heard() {
    let bench = Bench::new();
    bench.exact.add("e1", &in_exact("New", "11111111"));
    bench.run_heard_in(&[]);
    assert_eq!(bench.crm.ids().len(), 1);
}

#[test]
fn of_two_divisions_the_one_that_something_was_heard_of_is_read() {
    let divisions = [Division::new(12), Division::new(13)];
    let bench = Bench::with_divisions(&divisions).settled();
    bench.division(0).add("e1", &in_exact("One", "11111111"));
    bench.division(1).add("e2", &in_exact("Two", "22222222"));
    bench.run_heard_in(&divisions[1..]);
    assert_eq!((bench.division(0).take_log(), bench.crm.ids().len()), (Vec::new(), 1));
    bench.run();
    assert_eq!(bench.crm.ids().len(), 2);
}
