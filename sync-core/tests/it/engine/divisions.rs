//! Several administrations with one CRM.

use crm_adapters::{ErrorKind, Value};
use rust_decimal::Decimal;
use sync_core::engine::PerSide;
use sync_core::flow::{Division, OnConflict};

use super::bench::{Bench, CRM_PHONE, LATE, OWED, in_crm, in_exact};

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

/// A customer of both divisions, which is one company of the CRM.
fn shared(bench: &Bench) -> String {
    bench.division(0).add("e1", &in_exact("Shared", "11111111"));
    bench.division(1).add("f1", &in_exact("Shared", "11111111"));
    bench.run();
    bench.crm.ids().pop().unwrap()
}

#[test]
fn an_edit_in_one_division_reaches_the_other_through_the_crm() {
    for edited in [0, 1] {
        let bench = two();
        shared(&bench);
        let ids = ["e1", "f1"];
        bench.division(edited).edit(ids[edited], "Phone", "020");
        let report = bench.run();
        assert_eq!(bench.division(1 - edited).value(ids[1 - edited], "Phone"), "020");
        assert_eq!(report.writes(), 2, "the CRM once, the other division once");
        assert_eq!(bench.run().writes(), 0);
    }
}

#[test]
fn different_edits_in_both_divisions_end_in_one_value_everywhere() {
    let mut bench = two();
    let id = shared(&bench);
    bench.flow.rules.iter_mut().for_each(|rule| rule.on_conflict = OnConflict::Exact);
    bench.run_with_yes();
    bench.division(0).edit("e1", "Phone", "020");
    bench.division(1).edit("f1", "Phone", "030");
    let report = bench.run();
    let held = [bench.division(0).value("e1", "Phone"), bench.division(1).value("f1", "Phone")];
    assert_eq!(held, [bench.crm.value(&id, CRM_PHONE), bench.crm.value(&id, CRM_PHONE)]);
    assert!(report.writes() <= 3, "{report:?}");
    assert_eq!(bench.run().writes(), 0);
}

#[test]
fn a_code_that_differs_by_division_is_that_of_the_first_one_that_has_one() {
    let bench = two().mapping(&["Code"]);
    let id = shared(&bench);
    let code = || bench.crm.value(&id, "custom:Exact code");
    bench.division(1).edit("f1", "Code", "B-2");
    bench.run();
    assert_eq!(code(), "B-2", "the first division has none");
    bench.division(0).edit("e1", "Code", "A-1");
    let report = bench.run();
    assert_eq!((code().as_str(), report.writes()), ("A-1", 1));
    bench.division(1).edit("f1", "Code", "B-3");
    assert_eq!(bench.run().writes(), 0);
    assert_eq!(code(), "A-1");
    bench.crm.edit(&id, "custom:Exact code", "mine");
    bench.run();
    assert_eq!(code(), "A-1");
    assert_eq!(bench.run().writes(), 0);
}

#[test]
fn what_a_customer_of_both_divisions_owes_is_the_sum_and_how_late_it_is_the_worst() {
    let bench = two().mapping(&[OWED, LATE]);
    let id = shared(&bench);
    let owes = |at: usize, amount: i64, days: i64| {
        let record = ["e1", "f1"][at];
        bench.division(at).set(record, OWED, Value::Decimal(Decimal::new(amount, 2)));
        bench.division(at).set(record, LATE, Value::Decimal(days.into()));
    };
    let shown =
        || (bench.crm.value(&id, "custom:Outstanding amount"), bench.crm.value(&id, "custom:Days overdue"));
    owes(0, 10_000, 3);
    bench.run();
    assert_eq!(shown(), ("100.00".to_owned(), "3".to_owned()));
    owes(1, 2_000, 12);
    bench.run();
    assert_eq!(shown(), ("120.00".to_owned(), "12".to_owned()));
    owes(0, 0, 0);
    bench.run();
    assert_eq!(shown(), ("20.00".to_owned(), "12".to_owned()));
    assert_eq!(bench.run().writes(), 0);
}

#[test]
fn what_was_owed_in_a_division_that_the_customer_leaves_is_no_longer_in_the_sum() {
    let bench = two().mapping(&[OWED]);
    let id = shared(&bench);
    bench.division(0).set("e1", OWED, Value::Decimal(10.into()));
    bench.division(1).set("f1", OWED, Value::Decimal(5.into()));
    bench.run();
    assert_eq!(bench.crm.value(&id, "custom:Outstanding amount"), "15");
    bench.division(1).delete("f1");
    bench.run();
    assert_eq!(bench.crm.value(&id, "custom:Outstanding amount"), "10");
    assert_eq!(bench.run().writes(), 0);
}
