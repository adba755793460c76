//! Deletions and merges that a webhook tells of: believed once a read bears them out.

use crm_adapters::{Change, RecordId};
use sync_core::ErrorKind;
use sync_core::state::LinkState;

use super::bench::{Bench, CRM_PHONE, one_pair};
use crate::executor;

fn told(bench: &Bench, changes: &[Change]) {
    executor::run(bench.engine().told("companies", changes)).unwrap().unwrap();
}

fn deleted(id: &str) -> Change {
    Change::Deleted(RecordId::new(id))
}

fn merged(from: &str, into: &str) -> Change {
    Change::Merged { into: RecordId::new(into), from: vec![RecordId::new(from)] }
}

fn crm_ids(bench: &Bench) -> Vec<String> {
    bench.links().into_iter().map(|link| link.crm_id).collect()
}

#[test]
fn a_link_follows_the_record_that_remains() {
    let bench = one_pair();
    bench.crm.add("c2", &[("name", "Bakker"), (CRM_PHONE, "030")]);
    bench.crm.merge("c1", "c2");
    told(&bench, &[merged("c1", "c2")]);
    assert_eq!(crm_ids(&bench), ["c2"]);
    bench.run();
    assert_eq!((bench.exact.value("e1", "Phone"), bench.issues().len()), ("030".to_owned(), 0));
}

#[test]
fn a_merge_that_went_on_is_followed_to_its_end() {
    let bench = one_pair();
    bench.crm.add("c2", &[("name", "Bakker")]);
    bench.crm.add("c3", &[("name", "Bakker"), (CRM_PHONE, "010")]);
    bench.run();
    bench.crm.merge("c1", "c2");
    bench.crm.merge("c2", "c3");
    told(&bench, &[merged("c2", "c3"), merged("c1", "c2")]);
    assert_eq!(crm_ids(&bench), ["c3"]);
}

#[test]
fn what_is_forged_is_read_once_and_has_no_effect() {
    let bench = one_pair();
    bench.crm.add("c2", &[("name", "Somebody else")]);
    bench.run();
    bench.forget();
    let links = crm_ids(&bench);
    let rows = bench.rows(sync_core::store::Table::Observation);
    for forged in [deleted("c1"), merged("c1", "c2"), merged("c1", "nobody")] {
        told(&bench, &[forged]);
        assert_eq!(bench.crm.take_log(), ["get"]);
    }
    assert_eq!(bench.rows(sync_core::store::Table::Observation), rows);
    assert_eq!((crm_ids(&bench), bench.writes()), (links, 0));
}

#[test]
fn what_is_told_of_nobody_or_told_again_costs_no_call() {
    let bench = one_pair();
    bench.crm.add("c2", &[("name", "Bakker"), (CRM_PHONE, "010")]);
    bench.run();
    bench.crm.merge("c1", "c2");
    told(&bench, &[merged("c1", "c2")]);
    bench.forget();
    told(&bench, &[merged("c1", "c2"), deleted("c1"), deleted("nobody")]);
    assert!(bench.crm.take_log().is_empty());
    assert_eq!(crm_ids(&bench), ["c2"]);
}

#[test]
fn a_merge_into_what_is_gone_too_is_a_deletion() {
    let bench = one_pair();
    bench.crm.lose("c1");
    told(&bench, &[merged("c1", "nobody")]);
    bench.run();
    let links = bench.rows(sync_core::store::Table::Link);
    let link: sync_core::state::Link = serde_json::from_str(&links[0].value).unwrap();
    assert_eq!(link.state, LinkState::Ended(sync_core::flow::Side::Crm));
    assert_eq!(bench.exact.ids(), ["e1"], "nothing is deleted in Exact");
}

#[test]
fn a_flow_that_is_not_there_is_told_nothing() {
    let outcome = executor::run(one_pair().engine().told("orders", &[])).unwrap();
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Config);
}
