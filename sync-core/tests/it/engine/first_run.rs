//! The first run between two filled sides, and the one after it.

use sync_core::engine::PerSide;
use sync_core::state::{IssueKind, Subject};

use super::bench::{Bench, CRM_KVK, KEY, KVK, in_crm, in_exact};

#[test]
fn a_first_run_links_creates_and_asks_and_counts_right() {
    let bench = Bench::new();
    bench.exact.add("e1", &in_exact("Both", "11111111"));
    bench.crm.add("c1", &in_crm("Both, spelled otherwise", "1111 1111"));
    bench.exact.add("e2", &in_exact("Exact alone", "22222222"));
    bench.crm.add("c3", &in_crm("CRM alone", "33333333"));
    bench.exact.add("e4", &in_exact("Twin one", "44444444"));
    bench.exact.add("e5", &in_exact("Twin two", "44444444"));

    let report = bench.run();
    let [flow] = report.flows.as_slice() else { panic!("one flow in one division") };
    assert_eq!(flow.observed, PerSide { exact: 4, crm: 2 });
    assert_eq!(flow.created, PerSide { exact: 1, crm: 1 });
    assert_eq!(flow.linked, 1);
    assert_eq!(
        flow.updated,
        PerSide { exact: 0, crm: 2 },
        "name and key of the linked one, the key of the new one"
    );
    assert_eq!((flow.issues, flow.failed, flow.waiting, flow.brake), (2, 0, 0, None));
    assert_eq!(report.open_issues, 2);
    assert!(report.errors.is_empty() && report.resume_at.is_none());

    assert_eq!(bench.crm.value("c1", "name"), "Both", "the preset has Exact win the name");
    assert_eq!(bench.crm.value("c1", KEY), "12:e1");
    assert_eq!(bench.links().len(), 3);
    let subjects: Vec<_> = bench.issues().into_iter().map(|issue| (issue.kind, issue.subject)).collect();
    let twin = |id: &str| {
        (IssueKind::Ambiguous, Subject::Record(sync_core::flow::Side::Exact, crm_adapters::RecordId::new(id)))
    };
    assert_eq!(subjects, [twin("e4"), twin("e5")], "one for each twin, none created");
    assert_eq!((bench.exact.ids().len(), bench.crm.ids().len()), (5, 3));
}

#[test]
fn a_second_run_writes_nothing_and_calls_each_feed_once() {
    let bench = Bench::new();
    for (at, kvk) in ["11111111", "22222222", "33333333"].into_iter().enumerate() {
        bench.exact.add(&format!("e{at}"), &in_exact("In Exact", kvk));
    }
    bench.crm.add("c1", &in_crm("Both", "11111111"));
    bench.crm.add("c9", &in_crm("In the CRM", "99999999"));
    let bench = bench.settled();
    bench.run();
    assert_eq!(bench.writes(), 0);
    bench.forget();

    let report = bench.run();
    assert_eq!(report.writes(), 0);
    assert_eq!(report.calls, PerSide { exact: 1, crm: 1 });
    assert_eq!((bench.exact.take_log(), bench.crm.take_log()), (vec!["changes"], vec!["changes"]));
}

#[test]
fn the_run_after_creates_takes_its_own_records_for_no_change() {
    let bench = Bench::new();
    bench.exact.add("e1", &in_exact("New", "11111111"));
    let bench = bench.settled();
    let links = bench.links();
    let report = bench.run();
    assert_eq!((report.writes(), bench.writes()), (0, 0));
    assert_eq!(bench.links(), links);
}

#[test]
fn several_who_could_be_one_wait_and_only_the_twins_are_asked_about() {
    let bench = Bench::new();
    bench.exact.add("e1", &in_exact("One", "11111111"));
    bench.crm.add("c1", &in_crm("One", "11111111"));
    bench.crm.add("c2", &in_crm("One, again", "11111111"));
    let report = bench.run();
    assert_eq!((report.writes(), report.open_issues), (0, 2), "{:?}", bench.issues());
    assert!(bench.links().is_empty());
}

#[test]
fn a_twin_that_goes_takes_the_question_with_it() {
    let bench = Bench::new();
    bench.exact.add("e1", &in_exact("One", "11111111"));
    bench.exact.add("e2", &in_exact("Two", "11111111"));
    assert_eq!(bench.run().open_issues, 2);
    bench.exact.delete("e2");
    let report = bench.run();
    assert_eq!((report.open_issues, report.flows[0].created.crm), (0, 1), "{:?}", bench.issues());
}

#[test]
fn a_mended_number_answers_the_question() {
    let bench = Bench::new();
    bench.exact.add("e1", &in_exact("One", "11111111"));
    bench.exact.add("e2", &in_exact("Two", "11111111"));
    assert_eq!(bench.run().open_issues, 2);
    bench.exact.edit("e2", KVK, "22222222");
    let report = bench.run();
    assert_eq!((report.open_issues, report.flows[0].created.crm), (0, 2), "{:?}", bench.issues());
    let mut numbers: Vec<_> = bench.crm.ids().iter().map(|id| bench.crm.value(id, CRM_KVK)).collect();
    numbers.sort();
    assert_eq!(numbers, ["11111111", "22222222"]);
}
