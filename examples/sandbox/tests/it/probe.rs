//! The client's probe, held against an Exact whose answers are known.

use exact_client::probe::{MARK, Probe, Report};
use exact_client::{DivisionId, ErrorKind};
use sandbox::{Fault, Trouble};

use crate::clients::exact_client_of;
use crate::support::World;

async fn probe(world: &World) -> Probe {
    let division = DivisionId::new(i32::try_from(world.division()).unwrap());
    Probe::new(exact_client_of(world).await, division)
}

/// The status, the refusal and what was found after the write whose question ends so.
fn written<'a>(report: &'a Report, question: &str) -> (Option<u16>, Option<&'a str>, &'a str) {
    let found = report.written.iter().find(|written| written.question.ends_with(question));
    let found = found.unwrap_or_else(|| panic!("no {question} in {report}"));
    (found.status, found.refusal.as_deref(), found.found.as_str())
}

fn records(world: &World, path: &str) -> usize {
    world.sandbox.exact().records(world.division(), path).unwrap().len()
}

#[tokio::test]
async fn a_probe_asks_every_question_within_its_calls_and_writes_nothing() {
    let world = World::logged_out(|builder| builder).await;
    let probe = probe(&world).await;
    assert!(probe.announcement().contains("writes nothing"));
    let report = probe.run().await.unwrap();
    assert_eq!(report.calls, probe.calls() as u64);
    let taken = |filter: &str| {
        let answer = report.answers.iter().find(|answer| answer.filter == Some(filter)).unwrap();
        answer.status == Some(200) && answer.refusal.is_none()
    };
    assert!(taken("ChamberOfCommerce eq 'probe'"), "{report}");
    assert!(report.to_string().contains("X-RateLimit-Minutely-Limit: 60"), "{report}");
    assert!(report.written.is_empty() && report.left.is_empty());
    assert_eq!(world.sandbox.exact().stats().writes, 0);
}

#[tokio::test]
async fn a_probe_that_may_write_tells_how_writes_are_answered_and_leaves_nothing() {
    let world = World::logged_out(|builder| builder).await;
    // What is believed to be 50 is 60 here.
    world.sandbox.exact().configure(|settings| {
        settings.post_status = 200;
        settings.put_answers_body = true;
        settings.lengths.insert("Name".to_owned(), 60);
    });
    let probe = probe(&world).await.with_writes();
    assert!(probe.announcement().contains(MARK), "{}", probe.announcement());
    let report = probe.run().await.unwrap();
    assert!(report.calls <= probe.calls() as u64, "{} of {}", report.calls, probe.calls());
    let (status, refusal, found) = written(&report, "POST crm/Accounts");
    assert_eq!((status, refusal), (Some(200), None));
    assert_eq!(found, "the answer fills 12 properties; a filter finds it at once");
    let (status, refusal, found) = written(&report, "PUT crm/Accounts, Remarks");
    assert_eq!((status, refusal), (Some(204), None));
    let late = found.strip_prefix("the answer is empty; Modified minus the Date of the answer: ");
    let late: i64 = late.and_then(|late| late.strip_suffix(" ms")?.parse().ok()).unwrap();
    assert!((0..1_000).contains(&late), "the answer's Date has no fractions of a second: {found}");
    assert_eq!(written(&report, "PUT crm/Accounts with Prefer, Remarks").0, Some(200));
    assert_eq!(written(&report, "Name of 51 characters").2, "the answer is empty; stored: 51 characters");
    let (status, refusal, _) = written(&report, "City of 41 characters");
    assert_eq!((status, refusal.is_some()), (Some(500), true));
    assert_eq!(written(&report, "DELETE crm/Contacts").0, Some(204));
    assert_eq!(written(&report, "DELETE crm/Accounts").0, Some(204));
    assert!(report.to_string().contains("| POST crm/Accounts | 200 |"), "{report}");
    assert!(report.left.is_empty());
    assert_eq!((records(&world, "crm/Accounts"), records(&world, "crm/Contacts")), (0, 0));
}

#[tokio::test]
async fn what_a_probe_cannot_delete_is_ended_and_named() {
    let world = World::logged_out(|builder| builder).await;
    let probe = probe(&world).await.with_writes();
    let refusal = Trouble::BusinessError { message: "Verwijderen niet mogelijk".to_owned() };
    world.sandbox.exact().inject(Fault::new(refusal).on("DELETE", "crm/Accounts"));
    let report = probe.run().await.unwrap();
    assert!(report.left[0].starts_with("crm/Accounts") && report.left[0].ends_with(", ended"), "{report}");
    assert!(report.to_string().contains("delete it by hand"), "{report}");
    let left = &world.sandbox.exact().records(world.division(), "crm/Accounts").unwrap()[0];
    assert!(left["Name"].as_str().unwrap().starts_with(MARK) && left["EndDate"].is_string(), "{left}");
}

#[tokio::test]
async fn a_probe_whose_create_is_not_answered_says_what_to_look_for() {
    let world = World::logged_out(|builder| builder).await;
    let probe = probe(&world).await.with_writes();
    world.sandbox.exact().inject(Fault::new(Trouble::DropAfter).on("POST", "crm/Accounts"));
    let error = probe.run().await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_applied()), (ErrorKind::Unavailable, true));
    assert!(error.remedy().unwrap().contains(MARK), "{error}");
}
