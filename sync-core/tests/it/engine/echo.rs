//! Updates that a side takes without a word: what it made of them, its feed tells.

use sync_core::flow::{Owner, RuleChange};

use super::bench::{Bench, CRM_PHONE, one_pair};
use super::side::Reply;

const NUMBER: &str = "020";

/// The CRM's new number went to Exact, which answered so.
fn written(bench: &Bench, reply: Reply) {
    bench.crm.edit("c1", CRM_PHONE, NUMBER);
    bench.exact.reply(&[reply]);
    let report = bench.run();
    assert_eq!((report.writes(), report.waiting), (1, 0), "it counts as written");
    bench.forget();
}

fn phones(bench: &Bench) -> (String, String) {
    (bench.exact.value("e1", "Phone"), bench.crm.value("c1", CRM_PHONE))
}

/// Further runs write nothing; what the sides hold.
fn at_rest(bench: &Bench) -> (String, String) {
    for _ in 0..3 {
        bench.run();
    }
    assert_eq!((bench.writes(), bench.issues()), (0, Vec::new()));
    phones(bench)
}

#[test]
fn what_was_taken_without_a_word_is_written_and_its_echo_is_no_change() {
    let bench = one_pair();
    written(&bench, Reply::Accepted);
    assert_eq!(at_rest(&bench), (NUMBER.into(), NUMBER.into()));
}

#[test]
fn what_a_side_holds_in_its_own_way_is_agreed_on_and_not_written_again() {
    for (what, owner) in [("both", Owner::Both), ("the CRM", Owner::Crm)] {
        let mut bench = one_pair();
        bench.flow.change("Phone", RuleChange { owner: Some(owner), ..RuleChange::default() }).unwrap();
        bench.run_with_yes();
        written(&bench, Reply::HeldAs("+31 20"));
        assert_eq!(at_rest(&bench), ("+31 20".into(), NUMBER.into()), "owned by {what}");
    }
}

#[test]
fn what_a_side_dropped_is_not_sent_again_and_undoes_no_edit() {
    let bench = one_pair();
    written(&bench, Reply::HeldAs("010"));
    assert_eq!(at_rest(&bench), ("010".into(), NUMBER.into()));
}

#[test]
fn an_edit_of_what_a_side_holds_in_its_own_way_comes_through() {
    let bench = one_pair();
    written(&bench, Reply::HeldAs("+31 20"));
    at_rest(&bench);
    bench.exact.edit("e1", "Phone", "030");
    bench.run();
    assert_eq!(phones(&bench), ("030".into(), "030".into()));
}

#[test]
fn an_edit_before_the_echo_was_heard_is_an_edit() {
    for (what, typed) in [("another number", "030"), ("the one before", "010")] {
        let bench = one_pair();
        written(&bench, Reply::Accepted);
        bench.exact.edit("e1", "Phone", typed);
        bench.run();
        assert_eq!(phones(&bench), (typed.into(), typed.into()), "{what}");
    }
}

#[test]
fn an_edit_of_another_field_before_the_echo_was_heard_comes_through() {
    let bench = one_pair();
    written(&bench, Reply::Accepted);
    bench.exact.edit("e1", "Name", "Bakker en Zoon");
    bench.run();
    assert_eq!(
        (phones(&bench), bench.crm.value("c1", "name")),
        ((NUMBER.into(), NUMBER.into()), "Bakker en Zoon".into())
    );
}

#[test]
fn a_second_edit_before_the_echo_was_heard_goes_out_after_a_look() {
    let bench = one_pair();
    written(&bench, Reply::HeldAs("+31 20"));
    bench.crm.edit("c1", CRM_PHONE, "040");
    bench.exact.reply(&[Reply::Accepted]);
    bench.run_heard_in(&[]);
    assert_eq!(bench.exact.take_log(), ["get", "write"]);
    bench.forget();
    assert_eq!(at_rest(&bench), ("040".into(), "040".into()));
}
