//! Links end where a record is gone, and nothing is deleted or created anew.

use sync_core::engine::PerSide;

use super::bench::{CRM_PHONE, in_exact, one_pair};

#[test]
fn a_record_deleted_in_exact_ends_its_link_and_is_never_created_anew() {
    let bench = one_pair();
    bench.exact.delete("e1");
    bench.run();
    assert!(bench.links().is_empty());
    bench.crm.edit("c1", CRM_PHONE, "020");
    for _ in 0..2 {
        let report = bench.run();
        assert_eq!((report.writes(), report.open_issues), (0, 0));
    }
    assert_eq!((bench.writes(), bench.crm.ids()), (0, vec!["c1".to_owned()]));
}

#[test]
fn a_record_gone_from_the_crm_ends_its_link_and_is_never_created_anew() {
    let bench = one_pair();
    bench.crm.lose("c1");
    bench.exact.edit("e1", "Phone", "020");
    let report = bench.run();
    assert_eq!(report.flows[0].created, PerSide::default());
    assert!(bench.links().is_empty());
    bench.forget();
    bench.exact.edit("e1", "Phone", "030");
    let report = bench.run();
    assert_eq!((report.writes(), bench.writes(), bench.crm.ids().len()), (0, 0, 0));
}

#[test]
fn a_company_entered_anew_after_its_delete_is_asked_about() {
    let bench = one_pair();
    bench.exact.delete("e1");
    bench.run();
    bench.exact.add("e2", &in_exact("Bakker", "11111111"));
    let report = bench.run();
    assert_eq!((report.writes(), report.open_issues), (0, 1));
}

#[test]
fn a_link_that_ends_takes_its_questions_with_it() {
    let bench = one_pair();
    bench.exact.edit("e1", "Phone", "020");
    bench.crm.edit("c1", CRM_PHONE, "030");
    assert_eq!(bench.run().open_issues, 1);
    bench.exact.delete("e1");
    assert_eq!(bench.run().open_issues, 0);
}
