//! Links end where a record is gone, and nothing is deleted or created anew.

use crm_adapters::RecordId;
use sync_core::engine::{PerSide, Resolution};

use super::bench::{Bench, CRM_KVK, CRM_PHONE, KEY, KVK, in_exact, one_pair};
use crate::executor;

#[test]
fn a_record_deleted_in_exact_ends_its_link_and_is_never_created_anew() {
    let bench = one_pair();
    let kept = || executor::run(bench.engine().status()).unwrap().unwrap()[0].links;
    assert_eq!(kept(), 1);
    bench.exact.delete("e1");
    bench.run();
    assert_eq!((kept(), bench.links().len()), (0, 0), "what has ended is not counted");
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

/// A pair of which Exact's record was deleted and entered anew.
fn entered_anew() -> Bench {
    let bench = one_pair();
    bench.exact.delete("e1");
    bench.run();
    bench.exact.add("e2", &in_exact("Bakker", "11111111"));
    let report = bench.run();
    assert_eq!((report.writes(), report.open_issues), (0, 1));
    bench
}

fn tie(exact: &str, crm: &str) -> Resolution {
    Resolution::Link { exact: RecordId::new(exact), crm: RecordId::new(crm) }
}

#[test]
fn a_company_entered_anew_after_its_delete_is_tied_by_its_answer() {
    let bench = entered_anew();
    let [issue] = bench.issues().try_into().unwrap();
    assert!(issue.message.contains("tied to is gone"), "{}", issue.message);
    bench.resolve(&issue, tie("e2", "c1"));
    let report = bench.run();
    assert_eq!((report.flows[0].created.total(), report.open_issues), (0, 0), "{:?}", bench.issues());
    assert_eq!(bench.exact.value("e2", "Phone"), "010", "what is missing is filled in, as at a first match");
    assert_eq!(bench.crm.value("c1", KEY), "12:e2");
    bench.exact.edit("e2", "Phone", "020");
    bench.run();
    assert_eq!(bench.crm.value("c1", CRM_PHONE), "020");
}

#[test]
fn a_company_entered_anew_in_the_crm_is_tied_by_its_answer() {
    let bench = one_pair();
    bench.crm.delete("c1");
    bench.run();
    bench.crm.add("c2", &[("name", "Bakker"), (CRM_KVK, "11111111"), (CRM_PHONE, "030"), (KEY, "")]);
    assert_eq!(bench.run().open_issues, 1);
    bench.resolve(&bench.issues()[0], tie("e1", "c2"));
    let report = bench.run();
    assert_eq!(report.open_issues, 1, "both have a phone number, and nobody says whose counts");
    assert_eq!(bench.issues()[0].field.as_deref(), Some("Phone"));
    assert_eq!(bench.crm.value("c2", KEY), "12:e1");
}

#[test]
fn a_company_entered_anew_is_tied_though_nobody_told_of_the_delete() {
    let bench = one_pair();
    bench.crm.lose("c1");
    bench.crm.add("c2", &[("name", "Bakker"), (CRM_KVK, "11111111"), (KEY, "")]);
    bench.run();
    let [issue] = bench.issues().try_into().unwrap();
    assert!(issue.message.contains("share an identity value"), "{}", issue.message);
    bench.resolve(&issue, tie("e1", "c2"));
    let report = bench.run();
    assert_eq!((report.flows[0].created.total(), report.open_issues), (0, 0), "{:?}", bench.issues());
    assert_eq!(bench.crm.value("c2", CRM_PHONE), "010");
}

#[test]
fn a_link_that_goes_on_tells_its_whole_life_by_each_id_that_it_had() {
    let bench = entered_anew();
    let known = |name: &str| executor::run(bench.engine().history(name)).unwrap().unwrap().remove(0);
    let former = known("e1").link;
    bench.resolve(&bench.issues()[0], tie("e2", "c1"));
    bench.run();
    for name in ["e1", "e2", "c1"] {
        let life = known(name);
        assert_eq!(life.link, former, "{name}");
        let actions: Vec<_> = life.lines.iter().map(|line| line.action.as_str()).collect();
        let told: Vec<_> = actions.iter().filter(|action| ["end", "link"].contains(action)).collect();
        assert!(told.ends_with(&[&"end", &"link"]), "{actions:?}");
    }
}

#[test]
fn a_company_entered_anew_that_is_skipped_stays_alone_and_one_to_be_created_is_a_second_one_as_was_said() {
    let bench = entered_anew();
    bench.resolve(&bench.issues()[0], Resolution::Skip);
    let report = bench.run();
    assert_eq!((report.writes(), report.open_issues, bench.crm.ids().len()), (0, 0, 1));

    let bench = entered_anew();
    let [issue] = bench.issues().try_into().unwrap();
    assert!(issue.message.contains("to create makes a second one in the CRM beside c1"), "{}", issue.message);
    bench.resolve(&issue, Resolution::Create);
    bench.run();
    assert_eq!((bench.crm.ids().len(), bench.exact.ids()), (2, vec!["e2".to_owned()]));
}

#[test]
fn what_was_entered_anew_is_not_taken_out_of_use_with_the_run_that_created_the_record_before_it() {
    let bench = Bench::new();
    bench.exact.add("e1", &in_exact("Bakker", "11111111"));
    bench.run();
    bench.crm.delete(&bench.crm.ids()[0]);
    bench.run();
    bench.crm.add("c2", &[("name", "Bakker"), (CRM_KVK, "11111111"), (KEY, "")]);
    bench.run();
    bench.resolve(&bench.issues()[0], tie("e1", "c2"));
    let created = executor::run(bench.engine().past_runs(9)).unwrap().unwrap().pop().unwrap();
    executor::run(bench.engine().undo(&created.id)).unwrap().unwrap();
    let report = bench.run();
    assert_eq!((bench.crm.ids(), report.open_issues), (vec!["c2".to_owned()], 1));
    assert!(bench.issues()[0].message.contains("is another record now"), "{:?}", bench.issues());
}

#[test]
fn of_two_links_that_ended_the_records_that_remain_are_tied_and_both_lives_are_told_as_one() {
    let bench = one_pair();
    bench.exact.add("e2", &[("Name", "Slager"), (KVK, "22222222")]);
    bench.crm.add("c2", &[("name", "Slager"), (CRM_KVK, "22222222")]);
    bench.run();
    bench.exact.delete("e1");
    bench.crm.delete("c2");
    bench.run();
    assert_eq!(
        bench
            .import(&[sync_core::engine::LinkRow {
                flow: "companies".into(),
                division: sync_core::flow::Division::new(12),
                exact_id: "e2".into(),
                crm_id: "c1".into(),
            }])
            .unwrap(),
        1
    );
    bench.run();
    let lives: Vec<_> = ["e1", "e2", "c1", "c2"]
        .map(|name| {
            let [life] = executor::run(bench.engine().history(name)).unwrap().unwrap().try_into().unwrap();
            life
        })
        .into();
    assert!(lives.iter().all(|life| life == &lives[0]), "{lives:?}");
    assert_eq!(lives[0].lines.iter().filter(|line| line.action == "end").count(), 2);
}

#[test]
fn what_was_deleted_or_is_tied_to_a_living_record_is_not_tied_again() {
    let bench = entered_anew();
    bench.exact.add("e3", &in_exact("Slager", "22222222"));
    bench.run();
    let issue = bench.issues().into_iter().next().unwrap();
    for (exact, crm, why) in [("e1", "c1", "was deleted"), ("e3", "c1", "is tied to")] {
        let outcome = executor::run(bench.engine().resolve_issue(&issue.id(), tie(exact, crm))).unwrap();
        let error = outcome.unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
    assert_eq!(bench.issues(), [issue]);
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
