//! What a run did can be read, and taken back.

use crm_adapters::ErrorKind;
use sync_core::engine::{LinkHistory, PastRun, Resolution, Undo};
use sync_core::flow::{Owner, Side};
use sync_core::plan::Why;
use sync_core::state::IssueKind;
use sync_core::store::Table;

use super::bench::{Bench, CRM_PHONE, KEY, KVK, in_crm, in_exact, one_pair};
use super::side::Reply;
use crate::executor;

fn runs(bench: &Bench) -> Vec<PastRun> {
    executor::run(bench.engine().past_runs(10)).unwrap().unwrap()
}

/// Asks for the last run to be undone.
fn undo(bench: &Bench) -> Undo {
    undo_of(bench, &runs(bench)[0])
}

fn undo_of(bench: &Bench, run: &PastRun) -> Undo {
    executor::run(bench.engine().undo(&run.id)).unwrap().unwrap()
}

fn history(bench: &Bench, name: &str) -> sync_core::Result<Vec<LinkHistory>> {
    executor::run(bench.engine().history(name)).unwrap()
}

fn phones(bench: &Bench) -> (String, String) {
    (bench.exact.value("e1", "Phone"), bench.crm.value("c1", CRM_PHONE))
}

fn is_quiet(bench: &Bench) {
    bench.forget();
    for _ in 0..3 {
        bench.run();
    }
    assert_eq!(bench.writes(), 0, "what was undone is not done again");
}

/// One pair, and a run that took Exact's new number over.
fn taken_over() -> Bench {
    let bench = one_pair();
    bench.exact.edit("e1", "Phone", "020");
    bench.run();
    assert_eq!(phones(&bench), ("020".into(), "020".into()));
    bench
}

#[test]
fn a_value_that_a_run_wrote_is_put_back_and_stays_so_until_a_side_changes() {
    let bench = taken_over();
    assert_eq!(undo(&bench).restored, 1);
    let links = bench.rows(Table::Link);
    for _ in 0..2 {
        let told = &bench.plan().items[0].fields[CRM_PHONE].why;
        assert_eq!(*told, Why::Undone.to_string(), "a plan tells it first, as often as it is asked");
    }
    assert_eq!(bench.rows(Table::Link), links, "and changes nothing");
    assert_eq!(phones(&bench).1, "020", "nothing is written before the next run");
    bench.run();
    assert_eq!(phones(&bench), ("020".into(), "010".into()));
    is_quiet(&bench);
    bench.exact.edit("e1", "Phone", "030");
    bench.run();
    assert_eq!(phones(&bench), ("030".into(), "030".into()), "a new change goes its way");
}

#[test]
fn an_undo_can_be_undone() {
    let bench = taken_over();
    undo(&bench);
    bench.run();
    undo(&bench);
    bench.run();
    assert_eq!(phones(&bench), ("020".into(), "020".into()));
    is_quiet(&bench);
}

#[test]
fn what_an_owner_set_back_is_put_back_too() {
    let mut bench = one_pair();
    let rule = bench.flow.rules.iter_mut().find(|rule| rule.exact == "Phone").unwrap();
    rule.owner = Owner::Exact;
    bench.run_with_yes();
    bench.crm.edit("c1", CRM_PHONE, "040");
    bench.run();
    assert_eq!(phones(&bench).1, "010");
    undo(&bench);
    bench.run();
    assert_eq!(phones(&bench).1, "040", "the losing value was kept");
    is_quiet(&bench);
}

#[test]
fn what_somebody_edited_since_is_asked_about_and_not_overwritten() {
    let bench = taken_over();
    undo(&bench);
    bench.crm.edit("c1", CRM_PHONE, "050");
    let report = bench.run();
    assert_eq!((report.open_issues, phones(&bench)), (1, ("020".into(), "050".into())));
    let [issue] = bench.issues().try_into().unwrap();
    assert_eq!(issue.kind, IssueKind::Undo);
    assert!(
        issue.message.contains("was to become `010` again, and has been edited since"),
        "{}",
        issue.message
    );
    bench.resolve(&issue, Resolution::Take(Side::Crm));
    bench.run();
    assert_eq!(phones(&bench), ("050".into(), "050".into()));
    is_quiet(&bench);
}

#[test]
fn an_edit_that_a_later_run_wrote_over_is_asked_about_although_the_value_is_what_the_run_wrote() {
    for reply in [Reply::Done, Reply::DiesBefore, Reply::DiesAfter] {
        let mut bench = one_pair();
        let rule = bench.flow.rules.iter_mut().find(|rule| rule.exact == "Phone").unwrap();
        rule.owner = Owner::Exact;
        bench.run_with_yes();
        bench.exact.edit("e1", "Phone", "020");
        bench.crm.reply(&[reply]);
        match reply {
            Reply::Done => drop(bench.run()),
            _ => bench.run_that_dies(),
        }
        let sent = runs(&bench).remove(0);
        bench.crm.edit("c1", CRM_PHONE, "040");
        bench.run();
        assert_eq!((phones(&bench).1.as_str(), undo_of(&bench, &sent).restored), ("020", 1));
        bench.run();
        assert_eq!(phones(&bench), ("020".into(), "020".into()), "{reply:?}");
        let [issue] = bench.issues().try_into().unwrap();
        assert!(issue.message.contains("a later run wrote over that edit"), "{}", issue.message);
        bench.resolve(&issue, Resolution::Skip);
        bench.run();
        assert!(bench.issues().is_empty(), "{reply:?}");
        is_quiet(&bench);
    }
}

#[test]
fn a_record_that_a_run_created_is_taken_out_of_use_and_never_created_again() {
    for side in [Side::Exact, Side::Crm] {
        let bench = Bench::new();
        match side {
            Side::Exact => bench.crm.add("c9", &in_crm("Bakker", "11111111")),
            Side::Crm => bench.exact.add("e9", &in_exact("Bakker", "11111111")),
        }
        bench.run();
        assert_eq!((bench.exact.ids().len(), bench.crm.ids().len()), (1, 1));
        assert_eq!(undo(&bench).retired, 1, "{side}");
        bench.run();
        let left = (bench.exact.ids().len(), bench.crm.ids().len());
        assert_eq!(left, if side == Side::Exact { (0, 1) } else { (1, 0) });
        is_quiet(&bench);
    }
}

#[test]
fn a_create_whose_answer_was_lost_is_undone_with_the_run_that_sent_it() {
    for side in [Side::Exact, Side::Crm] {
        let bench = Bench::new();
        match side {
            Side::Exact => bench.crm.add("c9", &in_crm("Bakker", "11111111")),
            Side::Crm => bench.exact.add("e9", &in_exact("Bakker", "11111111")),
        }
        let target = if side == Side::Exact { &bench.exact } else { &bench.crm };
        target.reply(&[Reply::DiesAfter]);
        bench.run_that_dies();
        bench.run();
        assert_eq!((bench.exact.ids().len(), bench.crm.ids().len()), (1, 1), "{side}");
        let sent = runs(&bench).pop().unwrap();
        assert_eq!((sent.ended, undo_of(&bench, &sent).retired), (None, 1), "{side}");
        bench.run();
        assert!(target.ids().is_empty(), "{side}");
        is_quiet(&bench);
    }
}

#[test]
fn an_update_that_never_arrived_is_no_edit_of_the_record_that_a_run_created() {
    let bench = Bench::new();
    bench.exact.add("e9", &[("Name", "Bakker"), (KVK, "11111111"), ("Phone", "010")]);
    bench.run();
    let created = runs(&bench).remove(0);
    bench.exact.edit("e9", "Phone", "020");
    bench.crm.reply(&[Reply::DiesBefore]);
    bench.run_that_dies();
    bench.exact.edit("e9", "Phone", "010");
    bench.run();
    assert_eq!(undo_of(&bench, &created).retired, 1);
    bench.run();
    assert!(bench.crm.ids().is_empty(), "{:?}", bench.issues());
    is_quiet(&bench);
}

#[test]
fn a_record_that_somebody_else_made_and_a_run_only_adopted_stays_in_use() {
    let bench = Bench::new();
    bench.crm.add("c9", &in_crm("Bakker", "11111111"));
    bench.exact.reply(&[Reply::DiesBefore]);
    bench.run_that_dies();
    // Meanwhile somebody enters it by hand.
    bench.exact.add("e9", &in_exact("Bakker BV", "11111111"));
    bench.run();
    assert_eq!(bench.links().len(), 1);
    for run in runs(&bench) {
        assert_eq!(undo_of(&bench, &run).retired, 0);
    }
    bench.run();
    assert_eq!((bench.exact.ids(), bench.crm.ids()), (vec!["e9".to_owned()], vec!["c9".to_owned()]));
    assert!(bench.issues().is_empty(), "{:?}", bench.issues());
}

#[test]
fn an_update_whose_answer_was_lost_is_undone_with_the_run_that_sent_it() {
    let bench = one_pair();
    bench.exact.edit("e1", "Phone", "020");
    bench.crm.reply(&[Reply::DiesAfter]);
    bench.run_that_dies();
    let sent = runs(&bench).remove(0);
    bench.run();
    assert_eq!((phones(&bench).1.as_str(), undo_of(&bench, &sent).restored), ("020", 1));
    bench.run();
    assert_eq!(phones(&bench), ("020".into(), "010".into()));
    is_quiet(&bench);
}

#[test]
fn a_key_goes_with_the_record_that_it_names_and_stays_where_two_were_only_tied() {
    let bench = one_pair();
    bench.crm.add("c9", &in_crm("Visser", "99999999"));
    bench.run();
    assert!(!bench.crm.value("c9", KEY).is_empty());
    undo(&bench);
    let items = bench.plan().items;
    let told: Vec<_> = items.iter().map(|item| (item.action.as_str(), item.side)).collect();
    assert_eq!(told, [("archive", Side::Exact), ("update", Side::Crm)]);
    assert_eq!(items[1].fields[KEY].why, Why::Undone.to_string());
    bench.run();
    assert_eq!((bench.crm.value("c9", KEY), bench.exact.ids()), (String::new(), vec!["e1".to_owned()]));
    is_quiet(&bench);
    let tied = runs(&bench).pop().unwrap();
    let asked = undo_of(&bench, &tied);
    assert_eq!((asked.retired, asked.restored, asked.left), (0, 0, 1));
    bench.run();
    assert_eq!(bench.crm.value("c1", KEY), "12:e1", "the link stays, and its key");
}

#[test]
fn a_record_whose_key_was_taken_back_is_retired_although_the_process_died_in_between() {
    let bench = Bench::new();
    bench.crm.add("c9", &in_crm("Visser", "99999999"));
    bench.run();
    undo(&bench);
    bench.exact.reply(&[Reply::DiesBefore]);
    bench.run_that_dies();
    assert_eq!((bench.crm.value("c9", KEY), bench.exact.ids().len()), (String::new(), 1));
    bench.run();
    assert!(bench.exact.ids().is_empty());
    is_quiet(&bench);
}

#[test]
fn an_undo_asks_the_store_alone() {
    let bench = taken_over();
    bench.exact.broken(Some(ErrorKind::Unavailable));
    bench.crm.broken(Some(ErrorKind::Unavailable));
    bench.forget();
    assert_eq!(undo(&bench).restored, 1);
    bench.exact.broken(None);
    bench.crm.broken(None);
    bench.run();
    assert_eq!(phones(&bench), ("020".into(), "010".into()));
}

#[test]
fn a_run_with_more_lines_than_fit_a_page_is_undone_whole() {
    let bench = Bench::new();
    for at in 0..1_100 {
        bench.exact.add(&format!("e{at}"), &in_exact("Company", &format!("{:08}", 10_000_000 + at)));
    }
    bench.run_with_yes();
    assert_eq!(bench.crm.ids().len(), 1_100);
    assert_eq!(undo(&bench).retired, 1_100);
    bench.run_with_yes();
    assert!(bench.crm.ids().is_empty());
}

#[test]
fn a_created_record_that_somebody_edited_since_is_asked_about() {
    let bench = Bench::new();
    bench.exact.add("e9", &in_exact("Bakker", "11111111"));
    bench.run();
    let created = bench.crm.ids().remove(0);
    undo(&bench);
    bench.crm.edit(&created, CRM_PHONE, "060");
    bench.run();
    let [issue] = bench.issues().try_into().unwrap();
    assert!(issue.message.contains("and was edited or booked on since"), "{}", issue.message);
    assert_eq!(bench.crm.ids(), [created]);
    bench.resolve(&issue, Resolution::Skip);
    assert_eq!(bench.run().open_issues, 0);
}

#[test]
fn an_undo_that_dies_on_the_way_is_finished_by_the_next_run() {
    let bench = taken_over();
    undo(&bench);
    bench.crm.reply(&[Reply::Lost]);
    bench.run();
    bench.clock.advance(std::time::Duration::from_secs(600));
    bench.run();
    assert_eq!(phones(&bench), ("020".into(), "010".into()));
    is_quiet(&bench);
}

#[test]
fn the_life_of_a_record_is_told_by_any_of_its_names_with_what_was_lost() {
    let bench = taken_over();
    let by_exact = history(&bench, "e1").unwrap();
    assert_eq!(by_exact, history(&bench, "c1").unwrap());
    assert_eq!(by_exact, history(&bench, &by_exact[0].link.to_string()).unwrap());
    let last = by_exact[0].lines.last().unwrap();
    assert_eq!((last.action.as_str(), last.side, &last.run), ("update", Side::Crm, &runs(&bench)[0].id));
    let phone = last.fields.iter().find(|write| write.field == CRM_PHONE).unwrap();
    assert_eq!(
        (phone.from.to_string(), phone.to.to_string(), phone.why),
        ("010".into(), "020".into(), Why::Changed)
    );
    let [tied, first, ..] = by_exact[0].lines.as_slice() else { panic!("{by_exact:?}") };
    assert_eq!((tied.action.as_str(), tied.fields.len()), ("link", 0));
    assert!(first.fields.iter().any(|write| write.field == KEY), "{first:?}");
    assert_eq!(by_exact[0].about.name, "Bakker");
    assert!(history(&bench, "e7").unwrap_err().to_string().contains("nothing is linked by the name e7"));
}

#[test]
fn a_run_that_writes_nothing_is_not_kept_and_an_unknown_one_cannot_be_undone() {
    let bench = taken_over();
    let before = runs(&bench);
    bench.run();
    assert_eq!(runs(&bench), before);
    assert_eq!((before[0].updated, before[0].ended.is_some()), (1, true));
    let error = executor::run(bench.engine().undo("nobody")).unwrap().unwrap_err();
    assert!(error.to_string().contains("no run nobody wrote anything"), "{error}");
}

#[test]
fn a_run_is_undone_by_as_much_of_its_id_as_is_no_other_runs() {
    let bench = taken_over();
    let ids: Vec<String> = runs(&bench).into_iter().map(|run| run.id).collect();
    let shared = ids[0].chars().zip(ids[1].chars()).take_while(|(one, other)| one == other).count();
    let undo = |id: &str| executor::run(bench.engine().undo(id)).unwrap();
    for vague in ["", &ids[0][..shared]] {
        assert_eq!(undo(vague).unwrap_err().kind(), sync_core::ErrorKind::NotFound, "{vague}");
    }
    assert!(undo(&ids[0][..shared]).unwrap_err().to_string().contains("give more of it"));
    assert_eq!(undo(&ids[0][..=shared]).unwrap().restored, 1);
}
