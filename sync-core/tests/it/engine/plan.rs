//! A plan tells everything and changes nothing.

use sync_core::engine::PerSide;
use sync_core::store::{Row, Table};

use super::bench::{Bench, CRM_PHONE, in_crm, in_exact, one_pair};
use crate::executor;

/// Everything that a plan must not touch.
fn kept(bench: &Bench) -> Vec<Row> {
    [Table::Link, Table::Intent, Table::Issue, Table::Audit, Table::Meta]
        .into_iter()
        .flat_map(|table| bench.rows(table))
        .collect()
}

#[test]
fn a_plan_writes_no_link_base_intent_or_issue() {
    let bench = one_pair();
    bench.exact.edit("e1", "Phone", "020");
    bench.crm.edit("c1", CRM_PHONE, "030");
    bench.exact.add("e2", &in_exact("New", "22222222"));
    bench.exact.add("e3", &in_exact("Tied", "33333333"));
    bench.crm.add("c3", &in_crm("Tied", "33333333"));
    bench.exact.add("e4", &in_exact("Twin", "44444444"));
    bench.exact.add("e5", &in_exact("Twin", "44444444"));
    let before = kept(&bench);
    let plan = bench.plan();
    assert_eq!(kept(&bench), before);
    assert_eq!(bench.writes(), 0);
    let [flow] = plan.flows.as_slice() else { panic!("one flow") };
    assert_eq!((flow.create, flow.link, flow.issues), (PerSide { exact: 0, crm: 1 }, 1, 3));
    assert_eq!(flow.update, PerSide { exact: 0, crm: 1 }, "the key of the tied one");
}

#[test]
fn a_run_does_what_the_plan_said_and_a_plan_twice_says_the_same() {
    let bench = Bench::new();
    bench.exact.add("e1", &in_exact("Both", "11111111"));
    bench.crm.add("c1", &in_crm("Same", "11111111"));
    bench.exact.add("e2", &in_exact("New", "22222222"));
    bench.crm.add("c3", &in_crm("Other", "33333333"));
    let (plan, again) = (bench.plan(), bench.plan());
    assert_eq!(
        (&plan.flows, &plan.items, &plan.fingerprint),
        (&again.flows, &again.items, &again.fingerprint)
    );
    let report = bench.run();
    let (planned, done) = (&plan.flows[0], &report.flows[0]);
    assert_eq!((planned.create, planned.update, planned.link), (done.created, done.updated, done.linked));
    assert_eq!(again.calls, PerSide { exact: 2, crm: 4 }, "a read and the writes");
}

#[test]
fn samples_of_flows_of_one_kind_take_one_page_of_each_side() {
    let bench = one_pair();
    let engine = bench.engine_of(["north", "south"]);
    let mappings = executor::run(engine.mappings()).unwrap().unwrap();
    let samples = executor::run(engine.samples(&mappings)).unwrap().unwrap();
    for (mapping, samples) in mappings.iter().zip(&samples) {
        assert!(mapping.document(samples).contains("Bakker"));
    }
    assert_eq!(
        (samples.len(), bench.exact.take_log(), bench.crm.take_log()),
        (2, vec!["changes"], vec!["changes"])
    );
}

#[test]
fn a_plan_after_everything_is_settled_is_empty() {
    let plan = one_pair().plan();
    assert!(plan.items.is_empty());
    assert_eq!((plan.flows[0].create.total(), plan.flows[0].update.total()), (0, 0));
}
