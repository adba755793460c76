//! Something on a side that sets a field back after each write is not fought for ever.

use std::time::Duration;

use sync_core::engine::Resolution;
use sync_core::flow::{Owner, RuleChange, Side};
use sync_core::state::IssueKind;

use super::bench::{Bench, CRM_KVK, CRM_PHONE, KVK, one_pair};

/// One pair whose phone number Exact owns.
fn owned() -> Bench {
    let mut bench = Bench::new();
    let change = RuleChange { owner: Some(Owner::Exact), ..RuleChange::default() };
    bench.flow.change("Phone", change).unwrap();
    bench.exact.add("e1", &[("Name", "Bakker"), (KVK, "11111111"), ("Phone", "010")]);
    bench.crm.add("c1", &[("name", "Bakker"), (CRM_KVK, "11111111"), (CRM_PHONE, "010")]);
    bench.settled()
}

/// An automation of the CRM sets its own number.
fn automation(bench: &Bench) {
    bench.crm.edit("c1", CRM_PHONE, "999");
}

/// The same, after which the automation had its way three times and comes a fourth time.
fn fought_over() -> Bench {
    let bench = owned();
    for _ in 0..3 {
        automation(&bench);
        bench.run();
        assert_eq!((phones(&bench), bench.issues().len()), (("010".into(), "010".into()), 0));
    }
    automation(&bench);
    bench
}

fn phones(bench: &Bench) -> (String, String) {
    (bench.exact.value("e1", "Phone"), bench.crm.value("c1", CRM_PHONE))
}

fn asked(bench: &Bench) {
    let [issue] = bench.issues().try_into().unwrap();
    assert_eq!((issue.kind, issue.field.as_deref()), (IssueKind::Oscillation, Some("Phone")));
}

#[test]
fn a_field_that_is_set_back_after_each_write_is_asked_about_and_holds_back_itself_alone() {
    let bench = fought_over();
    bench.exact.edit("e1", "Name", "Bakkerij");
    let report = bench.run();
    let [issue] = bench.issues().try_into().unwrap();
    assert_eq!((issue.kind, report.open_issues), (IssueKind::Oscillation, 1));
    let told = "custom:Phone in the CRM was set back to `999` 3 times in 24 hours, each time after `010` was written to it";
    assert!(issue.message.starts_with(told), "{}", issue.message);
    assert_eq!(issue.base.unwrap().to_string(), "010");
    assert_eq!(issue.exact.unwrap().get("Phone").unwrap().to_string(), "010");
    assert_eq!(issue.crm.unwrap().get(CRM_PHONE).unwrap().to_string(), "999");
    assert_eq!((phones(&bench).1, bench.crm.value("c1", "name")), ("999".into(), "Bakkerij".into()));
}

#[test]
fn the_question_stays_without_a_write_as_long_as_both_values_do() {
    let bench = fought_over();
    bench.run();
    bench.forget();
    for hours in [1, 23, 48] {
        bench.clock.advance(Duration::from_secs(hours * 3_600));
        bench.run();
        asked(&bench);
    }
    assert_eq!(bench.writes(), 0);
}

#[test]
fn an_edit_of_a_person_is_written_and_ends_the_question() {
    let bench = fought_over();
    bench.run();
    bench.exact.edit("e1", "Phone", "020");
    assert_eq!(bench.run().open_issues, 0);
    assert_eq!(phones(&bench), ("020".into(), "020".into()));
}

#[test]
fn an_answer_is_carried_out_and_the_next_time_it_is_asked_again() {
    for (answer, both) in [
        (Resolution::Take(Side::Crm), "999"),
        (Resolution::Take(Side::Exact), "010"),
        (Resolution::Value("030".into()), "030"),
    ] {
        let bench = fought_over();
        bench.run();
        bench.resolve(&bench.issues()[0], answer);
        assert_eq!(bench.run().open_issues, 0, "{:?}", bench.issues());
        assert_eq!(phones(&bench), (both.into(), both.into()));
        bench.forget();
        bench.run();
        assert_eq!(bench.writes(), 0);
        if both == "010" {
            automation(&bench);
            bench.run();
            asked(&bench);
        }
    }
}

#[test]
fn a_skipped_one_is_left_as_it_is() {
    let bench = fought_over();
    bench.run();
    bench.resolve(&bench.issues()[0], Resolution::Skip);
    bench.forget();
    assert_eq!((bench.run().open_issues, bench.writes()), (0, 0));
    assert_eq!(phones(&bench), ("010".into(), "999".into()));
}

#[test]
fn two_sides_that_each_set_the_field_back_are_stopped_too() {
    let bench = one_pair();
    for _ in 0..3 {
        automation(&bench);
        bench.run();
        bench.exact.edit("e1", "Phone", "010");
        bench.run();
        assert_eq!((phones(&bench), bench.issues().len()), (("010".into(), "010".into()), 0));
    }
    automation(&bench);
    bench.run();
    asked(&bench);
    assert_eq!(phones(&bench), ("010".into(), "999".into()));
}

#[test]
fn a_person_who_changes_a_value_to_and_fro_is_followed() {
    let bench = owned();
    for _ in 0..5 {
        for phone in ["020", "010"] {
            bench.exact.edit("e1", "Phone", phone);
            assert_eq!(bench.run().open_issues, 0);
            assert_eq!(phones(&bench).1, phone);
        }
    }
}

#[test]
fn what_was_set_back_more_than_a_day_ago_counts_no_more() {
    let bench = owned();
    for _ in 0..6 {
        automation(&bench);
        bench.run();
        assert_eq!((phones(&bench), bench.issues().len()), (("010".into(), "010".into()), 0));
        bench.clock.advance(Duration::from_secs(9 * 3_600));
    }
}
