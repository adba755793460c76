//! What a person answers is carried out by the next run.

use crm_adapters::RecordId;
use sync_core::ErrorKind;
use sync_core::engine::Resolution;
use sync_core::flow::Side;
use sync_core::state::{IssueKind, Subject};

use super::bench::{Bench, CRM_PHONE, in_crm, in_exact, one_pair};
use super::side::Reply;
use crate::executor;

/// One pair whose phone both sides changed.
fn contested() -> Bench {
    let bench = one_pair();
    bench.exact.edit("e1", "Phone", "020");
    bench.crm.edit("c1", CRM_PHONE, "030");
    let report = bench.run();
    assert_eq!((report.open_issues, bench.writes()), (1, 0));
    bench
}

fn phones(bench: &Bench) -> (String, String) {
    (bench.exact.value("e1", "Phone"), bench.crm.value("c1", CRM_PHONE))
}

fn answered(bench: &Bench, resolution: Resolution) -> (String, String) {
    let [issue] = bench.issues().try_into().unwrap();
    assert_eq!(issue.kind, IssueKind::Conflict);
    assert!(issue.base.is_some());
    bench.resolve(&issue, resolution);
    assert_eq!(bench.writes(), 0, "an answer writes nothing by itself");
    let report = bench.run();
    assert_eq!(report.open_issues, 0, "{:?}", bench.issues());
    phones(bench)
}

#[test]
fn the_value_of_the_side_that_was_chosen_stands_on_both() {
    assert_eq!(answered(&contested(), Resolution::Take(Side::Exact)), ("020".into(), "020".into()));
    assert_eq!(answered(&contested(), Resolution::Take(Side::Crm)), ("030".into(), "030".into()));
}

#[test]
fn a_value_of_ones_own_stands_on_both() {
    let bench = contested();
    assert_eq!(answered(&bench, Resolution::Value("040".into())), ("040".into(), "040".into()));
    bench.forget();
    bench.run();
    assert_eq!(bench.writes(), 0);
}

#[test]
fn a_skipped_field_stays_as_it_is_until_a_side_changes_it() {
    let bench = contested();
    assert_eq!(answered(&bench, Resolution::Skip), ("020".into(), "030".into()));
    bench.run();
    assert_eq!((phones(&bench), bench.writes()), (("020".into(), "030".into()), 0));
    bench.exact.edit("e1", "Phone", "050");
    assert_eq!(bench.run().open_issues, 1);
}

#[test]
fn an_answer_to_values_that_were_seen_to_change_is_refused_with_the_new_ones() {
    let bench = contested();
    let [issue] = bench.issues().try_into().unwrap();
    bench.crm.edit("c1", CRM_PHONE, "060");
    bench.plan();
    let (engine, id) = (bench.engine(), issue.id());
    let error = executor::run(engine.resolve_issue(&id, Resolution::Take(Side::Crm))).unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Moved);
    assert!(error.to_string().contains("was `030` and is `060` now"), "{error}");
    assert_eq!(bench.run().open_issues, 1);
    bench.resolve(&bench.issues()[0], Resolution::Take(Side::Crm));
    bench.run();
    assert_eq!(phones(&bench), ("060".into(), "060".into()));
}

#[test]
fn an_answer_to_values_that_have_changed_since_is_asked_again() {
    for resolution in [Resolution::Take(Side::Exact), Resolution::Value("040".into())] {
        let bench = contested();
        bench.resolve(&bench.issues()[0], resolution);
        bench.exact.edit("e1", "Phone", "060");
        let report = bench.run();
        assert_eq!((report.open_issues, bench.writes()), (1, 0));
        assert_eq!(phones(&bench), ("060".into(), "030".into()));
    }
}

#[test]
fn an_answer_is_spent_once_carried_out_though_another_field_waits() {
    let bench = contested();
    bench.exact.edit("e1", "VATNumber", "NL001");
    bench.crm.edit("c1", "custom:VAT number", "NL002");
    bench.run();
    let phone = bench.issues().into_iter().find(|issue| issue.field.as_deref() == Some("Phone")).unwrap();
    bench.resolve(&phone, Resolution::Value("040".into()));
    bench.run();
    assert_eq!(phones(&bench), ("040".into(), "040".into()));
    bench.exact.edit("e1", "Phone", "020");
    let report = bench.run();
    assert_eq!(phones(&bench), ("020".into(), "020".into()), "what a person typed later stands");
    assert_eq!(report.open_issues, 1, "the other question");
}

/// Two in Exact with one number.
fn twins() -> Bench {
    let bench = Bench::new();
    bench.exact.add("e1", &in_exact("One", "11111111"));
    bench.exact.add("e2", &in_exact("Two", "11111111"));
    bench.crm.add("c1", &in_crm("One", "11111111"));
    assert_eq!(bench.run().open_issues, 2);
    bench
}

fn about(bench: &Bench, id: &str) -> sync_core::state::Issue {
    let subject = Subject::Record(Side::Exact, RecordId::new(id));
    bench.issues().into_iter().find(|issue| issue.subject == subject).unwrap()
}

#[test]
fn records_that_a_person_ties_are_tied() {
    let bench = twins();
    let link = Resolution::Link { exact: RecordId::new("e2"), crm: RecordId::new("c1") };
    bench.resolve(&about(&bench, "e2"), link);
    bench.run();
    let [link] = bench.links().try_into().unwrap();
    assert_eq!((link.exact_id.as_str(), link.crm_id.as_str()), ("e2", "c1"));
    assert_eq!(bench.crm.value("c1", "name"), "Two", "and compared as at a first match");
}

#[test]
fn a_record_that_a_person_says_is_new_is_created() {
    let bench = twins();
    bench.resolve(&about(&bench, "e2"), Resolution::Create);
    let report = bench.run();
    assert_eq!(report.flows[0].created.crm, 1);
    assert!(bench.links().iter().any(|link| link.exact_id == "e2" && link.crm_id != "c1"));
    bench.forget();
    bench.run();
    assert_eq!(bench.writes(), 0, "once");
}

#[test]
fn a_record_that_a_person_skips_is_left_alone() {
    let bench = twins();
    bench.resolve(&about(&bench, "e1"), Resolution::Skip);
    bench.resolve(&about(&bench, "e2"), Resolution::Skip);
    let report = bench.run();
    assert_eq!((report.open_issues, bench.writes()), (0, 0));
    bench.exact.edit("e1", "Name", "Still skipped");
    let report = bench.run();
    assert_eq!((report.open_issues, bench.writes()), (0, 0));
}

fn moved(bench: &Bench, issue: &sync_core::state::Issue, resolution: Resolution) -> String {
    let outcome = executor::run(bench.engine().resolve_issue(&issue.id(), resolution)).unwrap();
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Moved, "{error}");
    error.to_string()
}

#[test]
fn a_record_that_is_nowhere_is_tied_to_nothing() {
    let bench = twins();
    let issue = about(&bench, "e2");
    let link = Resolution::Link { exact: RecordId::new("e2"), crm: RecordId::new("c7") };
    let outcome = executor::run(bench.engine().resolve_issue(&issue.id(), link)).unwrap();
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("c7 is no company in the CRM; name one that is there"), "{error}");
    assert_eq!((bench.links().len(), bench.issues().contains(&issue)), (0, true));
}

#[test]
fn an_answer_about_a_record_that_was_seen_to_change_is_refused_with_the_new_value() {
    let link = Resolution::Link { exact: RecordId::new("e2"), crm: RecordId::new("c1") };
    for resolution in [Resolution::Create, link, Resolution::Skip] {
        let bench = twins();
        let issue = about(&bench, "e2");
        bench.exact.edit("e2", "Name", "Three");
        bench.plan();
        let told = moved(&bench, &issue, resolution.clone());
        assert!(told.contains("Name in Exact was `Two` and is `Three` now"), "{told}");
        bench.run();
        bench.resolve(&about(&bench, "e2"), resolution);
        assert_eq!(bench.issues().len(), 1, "what a run has told anew is answered");
    }
}

#[test]
fn an_answer_about_a_record_that_was_seen_to_go_is_refused() {
    let bench = twins();
    let issue = about(&bench, "e2");
    bench.exact.delete("e2");
    bench.plan();
    let told = moved(&bench, &issue, Resolution::Create);
    assert!(told.contains("e2 in Exact was deleted"), "{told}");
}

#[test]
fn an_answer_to_a_refusal_of_what_was_seen_to_change_is_refused_with_the_new_value() {
    let bench = one_pair();
    bench.exact.edit("e1", "Phone", "020");
    bench.crm.reply(&[Reply::Refused("no such number")]);
    bench.run();
    let [issue] = bench.issues().try_into().unwrap();
    bench.exact.edit("e1", "Phone", "030");
    bench.plan();
    let told = moved(&bench, &issue, Resolution::Skip);
    assert!(told.contains("Phone in Exact was `020` and is `030` now"), "{told}");
}

fn life(bench: &Bench, name: &str) -> Vec<String> {
    let [life] = executor::run(bench.engine().history(name)).unwrap().unwrap().try_into().unwrap();
    let told = |line: &sync_core::state::AuditLine| match line.fields.first() {
        Some(write) => format!("{} {} {}>{}", line.action, write.field, write.from, write.to),
        None => line.action.clone(),
    };
    life.lines.iter().map(told).collect()
}

#[test]
fn a_tie_and_an_answer_are_told_by_the_history_of_the_record() {
    let bench = contested();
    assert_eq!(life(&bench, "e1")[0], "link", "found to be the same");
    bench.resolve(&bench.issues()[0], Resolution::Take(Side::Exact));
    bench.run();
    let life = life(&bench, "e1");
    assert_eq!(life[life.len() - 2..], ["answer Phone 030>020", "update custom:Phone 030>020"], "{life:?}");

    let bench = contested();
    bench.resolve(&bench.issues()[0], Resolution::Skip);
    assert_eq!(self::life(&bench, "c1").last().unwrap(), "answer");

    let bench = twins();
    let link = Resolution::Link { exact: RecordId::new("e2"), crm: RecordId::new("c1") };
    bench.resolve(&about(&bench, "e2"), link);
    assert_eq!(self::life(&bench, "e2"), ["link"], "tied by hand");
}

#[test]
fn an_answer_that_does_not_fit_the_question_changes_nothing() {
    let bench = contested();
    let issue = bench.issues().remove(0);
    let outcome =
        crate::executor::run(bench.engine().resolve_issue(&issue.id(), Resolution::Create)).unwrap();
    assert_eq!(outcome.unwrap_err().kind(), sync_core::ErrorKind::NotFound);
    let outcome = crate::executor::run(bench.engine().resolve_issue("nobody", Resolution::Skip)).unwrap();
    assert_eq!(outcome.unwrap_err().kind(), sync_core::ErrorKind::NotFound);
    assert_eq!(bench.issues(), [issue]);
}
