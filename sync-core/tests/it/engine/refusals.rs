//! What a side does not take becomes a question, and is not sent again.

use sync_core::state::IssueKind;

use super::bench::{Bench, CRM_PHONE, in_crm, in_exact, one_pair};
use super::side::Reply;

#[test]
fn a_refused_create_is_asked_about_and_sent_again_only_when_it_changed() {
    let bench = Bench::new();
    bench.exact.add("e1", &in_exact("Refused", "11111111"));
    bench.crm.reply(&[Reply::Refused("no such thing")]);
    let report = bench.run();
    assert_eq!((report.flows[0].failed, report.open_issues, bench.writes()), (1, 1, 1));
    let [issue] = bench.issues().try_into().unwrap();
    assert_eq!(issue.kind, IssueKind::Rejected);
    assert!(issue.message.contains("no such thing"), "{}", issue.message);

    let report = bench.run();
    assert_eq!((report.open_issues, bench.writes()), (1, 0));
    assert_eq!(bench.issues()[0].raised_at, issue.raised_at);

    bench.exact.edit("e1", "Name", "Taken");
    let report = bench.run();
    assert_eq!((report.flows[0].created.crm, report.open_issues, bench.writes()), (1, 0, 1));
}

#[test]
fn a_refused_update_is_asked_about_and_sent_again_only_when_it_changed() {
    let bench = one_pair();
    bench.exact.edit("e1", "Phone", "020");
    bench.crm.reply(&[Reply::Refused("no such number")]);
    let report = bench.run();
    assert_eq!((report.flows[0].failed, report.open_issues, bench.writes()), (1, 1, 1));
    let report = bench.run();
    assert_eq!((report.open_issues, bench.writes()), (1, 0));
    bench.exact.edit("e1", "Phone", "030");
    let report = bench.run();
    assert_eq!((report.flows[0].updated.crm, report.open_issues, bench.writes()), (1, 0, 1));
    assert_eq!(bench.crm.value("c1", CRM_PHONE), "030");
}

#[test]
fn a_name_that_exact_would_not_take_is_named_by_plan_and_never_sent() {
    let bench = Bench::new();
    let long = "x".repeat(51);
    bench.crm.add("c1", &in_crm(&long, "11111111"));
    bench.crm.add("c2", &in_crm(&"y".repeat(50), "22222222"));
    let plan = bench.plan();
    assert_eq!((plan.flows[0].create.exact, plan.flows[0].issues), (1, 1));
    let item = plan.items.iter().find(|item| item.action == "issue").unwrap();
    assert!(item.message.as_ref().unwrap().contains("51 characters, 50 are allowed"), "{item:?}");

    let report = bench.run();
    assert_eq!((report.flows[0].created.exact, report.open_issues, report.flows[0].failed), (1, 1, 0));
    assert_eq!(bench.exact.take_writes().len(), 1, "the long one never left");
    bench.crm.edit("c1", "name", "short");
    let report = bench.run();
    assert_eq!((report.flows[0].created.exact, report.open_issues), (1, 0));
}

#[test]
fn a_value_that_is_too_long_holds_back_its_field_only() {
    let bench = one_pair();
    bench.crm.edit("c1", "name", &"x".repeat(51));
    bench.crm.edit("c1", CRM_PHONE, "020");
    let report = bench.run();
    assert_eq!((report.open_issues, report.flows[0].updated.exact), (1, 1));
    assert_eq!(bench.issues()[0].field.as_deref(), Some("Name"));
    assert_eq!(
        (bench.exact.value("e1", "Phone").as_str(), bench.exact.value("e1", "Name").as_str()),
        ("020", "Bakker")
    );
}
