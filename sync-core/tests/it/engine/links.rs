//! The identity map, out and in.

use sync_core::ErrorKind;
use sync_core::engine::LinkRow;
use sync_core::flow::Division;
use sync_core::state::Subject;

use super::bench::{Bench, CRM_PHONE, in_crm, in_exact};

fn line(exact: &str, crm: &str) -> LinkRow {
    LinkRow {
        flow: "companies".into(),
        division: Division::new(12),
        exact_id: exact.into(),
        crm_id: crm.into(),
    }
}

#[test]
fn an_exported_map_imported_elsewhere_gives_the_same_links_and_no_create() {
    let bench = Bench::new();
    bench.exact.add("e1", &in_exact("Old", ""));
    bench.crm.add("c1", &in_crm("Old, renamed", ""));
    assert_eq!(bench.import(&[line("e1", "c1")]).unwrap(), 1);
    let report = bench.run();
    assert_eq!((report.flows[0].created.total(), report.open_issues), (0, 0));
    assert_eq!(bench.crm.value("c1", "name"), "Old");
    assert_eq!(bench.links(), [line("e1", "c1")]);
    assert_eq!(bench.import(&bench.links()).unwrap(), 0, "known already");
}

#[test]
fn records_that_were_read_before_are_compared_after_an_import() {
    let bench = Bench::new();
    bench.exact.add("e1", &in_exact("Same name", ""));
    bench.crm.add("c1", &in_crm("Same name", ""));
    assert_eq!(bench.run().open_issues, 2, "an equal name never links");
    bench.import(&[line("e1", "c1")]).unwrap();
    let report = bench.run();
    assert_eq!((report.open_issues, report.flows[0].created.total()), (0, 0), "{:?}", bench.issues());
    bench.exact.edit("e1", "Phone", "020");
    bench.run();
    assert_eq!(bench.crm.value("c1", CRM_PHONE), "020");
}

#[test]
fn a_link_that_was_imported_with_a_record_that_is_nowhere_is_asked_about_until_it_is_mended() {
    let bench = Bench::new();
    for (exact, crm, name) in [("e1", "c1", "Bakker"), ("e2", "c2", "Smid")] {
        bench.exact.add(exact, &in_exact(name, ""));
        bench.crm.add(crm, &in_crm(name, ""));
    }
    bench.import(&[line("e1", "c1"), line("e2", "c7")]).unwrap();
    bench.run();
    let told = |bench: &Bench| {
        let issues = bench.issues().into_iter().filter(|issue| matches!(issue.subject, Subject::Link(_)));
        issues.map(|issue| issue.message).collect::<Vec<_>>()
    };
    let message = "e2 in Exact was tied by hand to c7, which is no company in the CRM; tie it with `links import` to one that is there, or skip to leave it alone";
    assert_eq!(told(&bench), [message]);
    bench.exact.take_log();
    bench.crm.take_log();
    bench.run();
    assert_eq!(
        (bench.exact.take_log(), bench.crm.take_log()),
        (vec!["changes"], vec!["changes"]),
        "asked once"
    );
    assert_eq!(told(&bench), [message]);
    bench.import(&[line("e2", "c2")]).unwrap();
    bench.run();
    assert_eq!((told(&bench), bench.crm.ids().len()), (vec![], 2));
    assert_eq!(bench.links(), [line("e1", "c1"), line("e2", "c2")]);
}

#[test]
fn a_division_whose_number_begins_like_another_ones_wakes_its_own_imports() {
    let (short, long) = (Division::new(12), Division::new(123));
    let bench = Bench::with_divisions(&[short, long]);
    bench.division(1).add("e1", &in_exact("Same name", ""));
    bench.crm.add("c1", &in_crm("Same name", ""));
    bench.run();
    assert_eq!(bench.issues().len(), 1, "the name stands in one division only, which asks");
    bench.import(&[LinkRow { division: long, ..line("e1", "c1") }]).unwrap();
    bench.division(1).edit("e1", "Phone", "020");
    let report = bench.run();
    assert_eq!(bench.crm.value("c1", CRM_PHONE), "020");
    assert_eq!(report.open_issues, 0, "{:?}", bench.issues());
}

#[test]
fn an_import_that_contradicts_itself_or_what_is_known_takes_no_line() {
    let bench = Bench::new();
    bench.exact.add("e1", &in_exact("Bakker", ""));
    bench.crm.add("c1", &in_crm("Slager", ""));
    bench.import(&[line("e1", "c1")]).unwrap();
    for wrong in [
        vec![line("e2", "c2"), line("e1", "c3")],
        vec![line("e2", "c2"), line("e2", "c3")],
        vec![line("e2", "c2"), LinkRow { flow: "deals".into(), ..line("e4", "c4") }],
        vec![line("e2", "c2"), LinkRow { division: Division::new(99), ..line("e4", "c4") }],
    ] {
        assert_eq!(bench.import(&wrong).unwrap_err().kind(), ErrorKind::NotFound, "{wrong:?}");
        assert_eq!(bench.links(), [line("e1", "c1")]);
    }
}
