//! A plan that a person approved is carried out as it is, or not at all.

use sync_core::ErrorKind;
use sync_core::engine::{PerSide, PlanItem, RunReport};
use sync_core::flow::RuleChange;

use super::bench::{Bench, CRM_KVK, CRM_PHONE, CRM_VAT, KEY, KVK, in_crm, in_exact, one_pair};
use crate::executor;

fn carry_out(bench: &Bench, plan: &[PlanItem]) -> sync_core::Result<RunReport> {
    executor::run(bench.engine().run_plan(plan, &[])).expect("the run ends")
}

/// One pair with a new phone number in Exact, and a new company there.
fn news() -> Bench {
    let bench = one_pair();
    bench.exact.edit("e1", "Phone", "020");
    bench.exact.add("e2", &in_exact("Visser", "22222222"));
    bench
}

#[test]
fn a_plan_is_carried_out_and_what_is_new_since_is_left_alone_and_counted() {
    let bench = news();
    let plan = bench.plan().items;
    bench.exact.add("e3", &in_exact("Mulder", "33333333"));
    let report = carry_out(&bench, &plan).unwrap();
    let flow = &report.flows[0];
    assert_eq!((flow.created.crm, flow.updated.crm, flow.waiting), (1, 1, 1));
    assert_eq!(bench.crm.value("c1", CRM_PHONE), "020");
    assert_eq!(bench.crm.ids().len(), 2, "Mulder is not in the plan");
    bench.run();
    assert_eq!(bench.crm.ids().len(), 3, "a run without a plan takes it up");
}

#[test]
fn a_plan_of_which_a_record_has_moved_is_refused_before_the_first_write() {
    let bench = news();
    let plan = bench.plan().items;
    bench.crm.edit("c1", CRM_PHONE, "030");
    bench.forget();
    let error = carry_out(&bench, &plan).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Moved);
    assert!(error.to_string().contains("companies c1 of Bakker in the CRM changed since"), "{error}");
    assert_eq!(bench.writes(), 0);
}

#[test]
fn an_edit_that_only_the_answer_to_a_write_shows_is_left_to_a_run_without_a_plan() {
    let bench = one_pair();
    bench.exact.edit("e1", "Phone", "020");
    let plan = bench.plan().items;
    bench.crm.edit_untold("c1", CRM_VAT, "NL001");
    let report = carry_out(&bench, &plan).unwrap();
    let flow = &report.flows[0];
    assert_eq!((flow.updated, flow.waiting), (PerSide { exact: 0, crm: 1 }, 1));
    assert_eq!(bench.exact.value("e1", "VATNumber"), "", "nobody approved it");
    bench.run();
    assert_eq!(bench.exact.value("e1", "VATNumber"), "NL001");
}

#[test]
fn a_plan_that_writes_to_both_sides_of_a_link_writes_to_both() {
    let bench = one_pair();
    bench.exact.edit("e1", "Phone", "020");
    bench.crm.edit("c1", CRM_VAT, "NL001");
    let plan = bench.plan().items;
    let report = carry_out(&bench, &plan).unwrap();
    let flow = &report.flows[0];
    assert_eq!((flow.updated, flow.waiting), (PerSide { exact: 1, crm: 1 }, 0));
    assert_eq!(bench.exact.value("e1", "VATNumber"), "NL001");
}

#[test]
fn the_key_of_a_create_in_exact_goes_with_it() {
    let bench = Bench::new();
    bench.crm.add("c1", &[("name", "Bakker"), (CRM_KVK, "11111111"), (KEY, "")]);
    let plan = bench.plan().items;
    let report = carry_out(&bench, &plan).unwrap();
    assert_eq!((report.flows[0].created.exact, report.waiting), (1, 0));
    assert_eq!(bench.crm.value("c1", KEY), format!("12:{}", bench.exact.ids()[0]));
}

#[test]
fn a_field_that_the_plan_does_not_have_is_not_created() {
    let mut bench = news();
    bench.create_fields = true;
    let change = RuleChange { crm: Some("custom:Sort".to_owned()), ..RuleChange::default() };
    bench.flow.change("Status", change).unwrap();
    let plan = bench.plan();
    let error = carry_out(&bench, &plan.items).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Moved);
    assert!(error.to_string().contains("lacks the field `Sort`"), "{error}");
    assert_eq!((bench.writes(), bench.crm.has_field("custom:Sort")), (0, false));
    let run = executor::run(bench.engine().run_plan(&plan.items, &plan.new_fields)).expect("the run ends");
    assert_eq!((run.unwrap().writes(), bench.crm.has_field("custom:Sort")), (2, true));
}

#[test]
fn a_plan_passes_the_brakes_that_a_run_would_stop_at() {
    let mut bench = news();
    bench.flow.brakes.creates = 0;
    assert!(bench.run().flows[0].brake.is_some());
    let plan = bench.plan().items;
    assert_eq!(carry_out(&bench, &plan).unwrap().flows[0].created.crm, 1);
}

#[test]
fn a_plan_that_was_carried_out_cannot_be_carried_out_again() {
    let bench = news();
    let plan = bench.plan().items;
    carry_out(&bench, &plan).unwrap();
    bench.forget();
    assert_eq!(carry_out(&bench, &plan).unwrap_err().kind(), ErrorKind::Moved);
    assert_eq!(bench.writes(), 0);
}

#[test]
fn a_plan_that_ties_two_records_does_not_tie_others() {
    let bench = Bench::new();
    bench.crm.add("c1", &in_crm("Bakker", "11111111"));
    bench.crm.edit("c1", KEY, "");
    bench.exact.add("e1", &in_exact("Bakker", "11111111"));
    let plan = bench.plan().items;
    assert_eq!((plan[0].action.as_str(), plan[0].fields["exact"].to.as_str()), ("link", "e1"));
    bench.exact.edit("e1", KVK, "99999999");
    bench.exact.add("e2", &in_exact("Bakker", "11111111"));
    assert_eq!(carry_out(&bench, &plan).unwrap_err().kind(), ErrorKind::Moved);
    assert!(bench.links().is_empty());
}
