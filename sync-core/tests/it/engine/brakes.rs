//! Limits on damage.

use sync_core::engine::{Brake, RunReport};
use sync_core::flow::{IfEmpty, Owner, RuleChange};
use sync_core::store::Table;

use super::bench::{Bench, CRM_KVK, CRM_PHONE, KVK, in_exact, one_pair};

fn brake(report: &RunReport) -> Option<Brake> {
    report.flows[0].brake
}

/// Pairs that stand on both sides and agree, each with a phone number.
fn pairs(count: usize, flow: impl FnOnce(&mut sync_core::flow::Flow)) -> Bench {
    let mut bench = Bench::new();
    flow(&mut bench.flow);
    for at in 0..count {
        let kvk = format!("1000000{at}");
        bench.exact.add(&format!("e{at}"), &[("Name", "Same"), (KVK, &kvk), ("Phone", "010")]);
        bench.crm.add(&format!("c{at}"), &[("name", "Same"), (CRM_KVK, &kvk), (CRM_PHONE, "010")]);
    }
    bench.settled()
}

#[test]
fn too_many_creates_write_nothing_until_somebody_says_yes() {
    let mut bench = Bench::new();
    bench.flow.brakes.creates = 2;
    for at in 0..3 {
        bench.exact.add(&format!("e{at}"), &in_exact("New", &format!("1000000{at}")));
    }
    let report = bench.run();
    assert_eq!((brake(&report), report.writes(), bench.writes()), (Some(Brake::Creates), 0, 0));
    assert!(report.needs_person());
    assert!(bench.rows(Table::Intent).is_empty() && bench.links().is_empty());
    let report = bench.run_with_yes();
    assert_eq!((brake(&report), report.flows[0].created.crm), (None, 3));
}

#[test]
fn as_many_creates_as_the_brake_allows_pass() {
    let mut bench = Bench::new();
    bench.flow.brakes.creates = 2;
    for at in 0..2 {
        bench.exact.add(&format!("e{at}"), &in_exact("New", &format!("1000000{at}")));
    }
    let report = bench.run();
    assert_eq!((brake(&report), report.flows[0].created.crm), (None, 2));
}

#[test]
fn too_many_deletes_end_no_link_until_somebody_says_yes() {
    let bench = pairs(3, |flow| flow.brakes.deletes = 1);
    bench.exact.delete("e0");
    bench.exact.delete("e1");
    let report = bench.run();
    assert_eq!((brake(&report), bench.links().len(), bench.writes()), (Some(Brake::Deletes), 3, 0));
    assert_eq!(brake(&bench.run_with_yes()), None);
    assert_eq!(bench.links().len(), 1);
}

#[test]
fn too_many_clears_clear_nothing_until_somebody_says_yes() {
    let clear = RuleChange { if_empty: Some(IfEmpty::Clear), ..RuleChange::default() };
    let bench = pairs(2, |flow| {
        flow.brakes.clears = 1;
        flow.change("Phone", clear).unwrap();
    });
    bench.exact.edit("e0", "Phone", "");
    bench.exact.edit("e1", "Phone", "");
    let report = bench.run();
    assert_eq!((brake(&report), bench.writes()), (Some(Brake::Clears), 0));
    assert_eq!(bench.crm.value("c0", CRM_PHONE), "010");
    assert_eq!(brake(&bench.run_with_yes()), None);
    assert_eq!((bench.crm.value("c0", CRM_PHONE), bench.crm.value("c1", CRM_PHONE)), Default::default());
}

#[test]
fn a_changed_mapping_writes_nothing_until_somebody_says_yes() {
    let mut bench = one_pair();
    bench.exact.edit("e1", "Phone", "020");
    let change = RuleChange { owner: Some(Owner::Exact), ..RuleChange::default() };
    bench.flow.change("Phone", change).unwrap();
    let report = bench.run();
    assert_eq!((brake(&report), bench.writes()), (Some(Brake::Mapping), 0));
    assert_eq!(bench.plan().flows[0].brake, Some(Brake::Mapping));
    assert_eq!(brake(&bench.run_with_yes()), None);
    assert_eq!(bench.crm.value("c1", CRM_PHONE), "020");
    assert_eq!(brake(&bench.run()), None, "it is approved from now on");
}

#[test]
fn a_changed_mapping_creates_no_field_until_somebody_says_yes_and_a_plan_names_it() {
    let mut bench = one_pair();
    bench.create_fields = true;
    let change = RuleChange { crm: Some("custom:Sort".to_owned()), ..RuleChange::default() };
    bench.flow.change("Status", change).unwrap();
    let before = bench.plan();
    let [field] = before.new_fields.as_slice() else { panic!("{:?}", before.new_fields) };
    assert_eq!(
        (field.flow.as_str(), field.label.as_str(), field.holds.as_str()),
        ("companies", "Sort", "text")
    );
    assert_eq!((brake(&bench.run()), bench.crm.has_field("custom:Sort")), (Some(Brake::Mapping), false));
    assert_eq!((brake(&bench.run_with_yes()), bench.crm.has_field("custom:Sort")), (None, true));
    let after = bench.plan();
    assert!(after.new_fields.is_empty());
    assert_ne!(before.fingerprint, after.fingerprint);
}
