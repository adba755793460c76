//! Several administrations with one CRM.

use crm_adapters::ErrorKind;
use sync_core::engine::PerSide;
use sync_core::flow::Division;

use super::bench::{Bench, CRM_PHONE, in_crm, in_exact};

fn two() -> Bench {
    Bench::with_divisions(&[Division::new(12), Division::new(123)])
}

#[test]
fn what_is_linked_in_one_division_is_not_created_in_the_other() {
    let bench = two();
    bench.division(1).add("e1", &in_exact("Theirs", "11111111"));
    bench.crm.add("c1", &in_crm("Theirs", "11111111"));
    bench.crm.add("c2", &in_crm("Nobody's", "22222222"));
    let plan = bench.plan();
    assert_eq!(plan.flows[0].create, PerSide { exact: 1, crm: 0 });
    assert_eq!((plan.flows[1].create, plan.flows[1].link), (PerSide::default(), 1));
    let report = bench.run();
    assert_eq!(report.flows[0].created, PerSide { exact: 1, crm: 0 });
    assert_eq!((report.flows[1].created, report.flows[1].linked), (PerSide::default(), 1));
    assert_eq!((bench.division(0).ids().len(), bench.division(1).ids().len()), (1, 1));
    bench.crm.edit("c1", CRM_PHONE, "020");
    bench.run();
    assert_eq!((bench.division(0).ids().len(), bench.division(1).ids().len()), (1, 1));
    assert_eq!(bench.division(1).value("e1", "Phone"), "020");
}

#[test]
fn a_company_in_both_divisions_is_one_in_the_crm() {
    let bench = two();
    bench.division(0).add("e1", &in_exact("Shared", "11111111"));
    bench.division(1).add("f1", &in_exact("Shared", "11111111"));
    bench.run();
    assert_eq!(bench.crm.ids().len(), 1);
    assert_eq!(bench.links().len(), 2);
    let report = bench.run();
    assert_eq!(report.writes(), 0, "the divisions do not fight about the key");
}

#[test]
fn a_division_that_is_refused_does_not_stop_the_other() {
    for broken in [0, 1] {
        let bench = two();
        bench.division(0).add("e1", &in_exact("One", "11111111"));
        bench.division(1).add("f1", &in_exact("Two", "22222222"));
        bench.division(broken).broken(Some(ErrorKind::Auth));
        let report = bench.run();
        let [error] = report.errors.as_slice() else { panic!("one error: {report:?}") };
        assert_eq!((error.kind.as_str(), error.division.get()), ("auth", [12, 123][broken]));
        assert_eq!(report.flows[1 - broken].created.crm, 1);
        bench.division(broken).broken(None);
        let report = bench.run();
        assert_eq!((report.flows[broken].created.crm, report.errors.len()), (1, 0));
    }
}

#[test]
fn nothing_new_is_created_in_exact_while_a_division_was_never_read() {
    let bench = two();
    bench.division(1).add("f1", &in_exact("Theirs", "11111111"));
    bench.crm.add("c1", &in_crm("Theirs", "11111111"));
    bench.division(1).broken(Some(ErrorKind::Unavailable));
    let report = bench.run();
    assert_eq!((report.writes(), bench.division(0).ids().len()), (0, 0));
    bench.division(1).broken(None);
    let report = bench.run();
    assert_eq!((report.flows[1].linked, bench.division(0).ids().len()), (1, 0));
}

#[test]
fn the_questions_of_a_division_are_its_own() {
    let bench = two();
    bench.division(1).add("f1", &in_exact("One", "11111111"));
    bench.division(1).add("f2", &in_exact("Two", "11111111"));
    let report = bench.run();
    let issues: Vec<_> = report.flows.iter().map(|flow| flow.issues).collect();
    assert_eq!((issues, report.open_issues), (vec![0, 2], 2));
}
