//! Fields that no create takes: written once the record is there.

use crm_adapters::Action;

use super::bench::{Bench, CRM_KVK, CRM_LATER, LATER};
use super::side::Reply;
use crate::executor;

/// A company that is new in the CRM, with something that Exact takes only afterwards.
fn new_company() -> Bench {
    let bench = Bench::new().with_later();
    bench.crm.add("c1", &[("name", "Bakker"), (CRM_KVK, "11111111"), (CRM_LATER, "Gent")]);
    bench
}

/// What was written to Exact since the last look: which fields, by a create or an update.
fn sent(bench: &Bench) -> Vec<(&'static str, bool)> {
    let told = |action: Action| match action {
        Action::Create(fields) => ("create", fields.get(LATER).is_some()),
        Action::Update(_, fields) => ("update", fields.get(LATER).is_some()),
        _ => ("archive", false),
    };
    bench.exact.take_writes().into_iter().map(told).collect()
}

#[test]
fn the_plan_tells_of_it_and_the_run_writes_it_right_after_the_create() {
    let bench = new_company();
    let plan = bench.plan();
    assert_eq!(plan.items[0].fields[LATER].why, "new there, and written once the record is");
    let report = bench.run();
    let (planned, done) = (&plan.flows[0], &report.flows[0]);
    assert_eq!((planned.create, planned.update), (done.created, done.updated));
    assert_eq!(sent(&bench), [("create", false), ("update", true)]);
    let ids = bench.exact.ids();
    assert_eq!((ids.len(), bench.exact.value(&ids[0], LATER).as_str()), (1, "Gent"));
    assert_eq!(bench.run().writes(), 0);
}

#[test]
fn an_approved_plan_writes_it_too() {
    let bench = new_company();
    let plan = bench.plan();
    executor::run(bench.engine().run_plan(&plan.items, &plan.new_fields)).expect("the run ends").unwrap();
    assert_eq!(sent(&bench), [("create", false), ("update", true)]);
}

#[test]
fn a_process_that_dies_between_the_two_has_lost_nothing() {
    for reply in [Reply::DiesBefore, Reply::DiesAfter] {
        let bench = new_company();
        bench.exact.reply(&[Reply::Done, reply]);
        bench.run_that_dies();
        bench.run();
        let ids = bench.exact.ids();
        assert_eq!((ids.len(), bench.exact.value(&ids[0], LATER).as_str()), (1, "Gent"), "{reply:?}");
        assert_eq!(bench.run().writes(), 0, "{reply:?}");
    }
}

#[test]
fn an_update_that_is_refused_is_asked_about_and_the_record_stays_linked() {
    let bench = new_company();
    bench.exact.reply(&[Reply::Done, Reply::Refused("no such city")]);
    bench.run();
    let issues = bench.issues();
    assert_eq!((bench.links().len(), issues.len()), (1, 1), "{issues:#?}");
    bench.forget();
    bench.run();
    assert_eq!(sent(&bench), [], "the same is not sent again");
}
