//! Records that a person merged in the CRM.

use super::bench::{CRM_PHONE, in_exact, one_pair};

#[test]
fn a_link_follows_its_record_into_the_one_that_remains() {
    let bench = one_pair();
    bench.crm.add("c2", &[("name", "Bakker"), (CRM_PHONE, "030")]);
    bench.crm.merge("c1", "c2");
    let report = bench.run();
    let links = bench.links();
    assert_eq!(links.len(), 1);
    assert_eq!((links[0].exact_id.as_str(), links[0].crm_id.as_str()), ("e1", "c2"));
    assert_eq!((report.flows[0].created.total(), bench.issues().len()), (0, 0), "{:?}", bench.issues());
    assert_eq!(bench.exact.value("e1", "Phone"), "030", "the record that remains is compared");
    bench.exact.edit("e1", "Phone", "040");
    bench.run();
    assert_eq!(bench.crm.value("c2", CRM_PHONE), "040");
}

#[test]
fn a_former_id_that_is_told_again_changes_nothing() {
    let bench = one_pair();
    bench.crm.add("c2", &[("name", "Bakker"), (CRM_PHONE, "010")]);
    bench.crm.merge("c1", "c2");
    bench.run();
    bench.crm.add("c1", &[("name", "Bakker, as it was"), (CRM_PHONE, "999")]);
    bench.forget();
    let report = bench.run();
    assert_eq!((report.flows[0].created.total(), bench.writes(), bench.links().len()), (0, 0, 1));
    assert_eq!(bench.exact.value("e1", "Phone"), "010");
}

#[test]
fn of_two_links_whose_records_become_one_the_other_ends_with_a_question_and_nothing_is_deleted() {
    let bench = one_pair();
    bench.exact.add("e2", &in_exact("Slager", "22222222"));
    bench.run();
    let other = bench.links().into_iter().find(|link| link.exact_id == "e2").unwrap().crm_id;
    bench.crm.merge(&other, "c1");
    let report = bench.run();
    let links = bench.links();
    assert_eq!((links.len(), links[0].exact_id.as_str(), links[0].crm_id.as_str()), (1, "e1", "c1"));
    assert_eq!((report.open_issues, report.flows[0].created.total()), (1, 0), "{:?}", bench.issues());
    assert!(bench.issues()[0].message.contains("merged the record of e2"), "{:?}", bench.issues());
    bench.exact.edit("e2", "Phone", "050");
    bench.forget();
    bench.run();
    assert_eq!((bench.writes(), bench.exact.ids().len()), (0, 2), "it is left alone");
}
