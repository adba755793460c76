//! What stops a flow and waits for a person: told once, at the right time, and its end too.

use sandbox::{Fault, Trouble};
use serde_json::{Value, json};
use sync_core::engine::{Resolution, RunOptions};

use super::alerts::{ends_within, told_once};
use super::duty::{Duty, MINUTE};
use super::hooks::{delete_webhook, webhooks};

/// A person looks at the plan, and runs it.
async fn run_with_yes(duty: &Duty) {
    let app = duty.app().await;
    let engine = app.engine(agency::Divisions::Live, None).await.unwrap();
    duty.meanwhile(engine.run_once(RunOptions { yes: true })).await.unwrap();
}

/// What is told of a brake that is pulled until a person lets it pass.
async fn braked(duty: &mut Duty) -> Vec<Value> {
    duty.live(20 * MINUTE).await;
    duty.inbox.wait(1).await;
    duty.live(60 * MINUTE).await;
    run_with_yes(duty).await;
    duty.live(20 * MINUTE).await;
    duty.inbox.wait(2).await;
    duty.live(30 * MINUTE).await;
    duty.stop().await;
    duty.inbox.letters()
}

fn lane(duty: &Duty) -> String {
    format!("flow companies in {}", duty.office.division())
}

/// The ids of the companies in Exact.
fn accounts(duty: &Duty) -> Vec<uuid::Uuid> {
    let accounts = duty.exact().accounts(duty.office.division()).unwrap();
    accounts.iter().map(|account| account["ID"].as_str().unwrap().parse().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_brake_on_creates_is_told_once_until_a_person_lets_it_pass() {
    let mut duty = Duty::new(3).await;
    duty.extra = "[brakes]\ncreates = 2".to_owned();
    duty.start().await;
    let letters = braked(&mut duty).await;
    told_once(&letters, "brake_creates", &lane(&duty));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_brake_on_deletes_is_told_once_until_a_person_lets_it_pass() {
    let mut duty = Duty::new(3).await;
    duty.extra = "[brakes]\ndeletes = 1".to_owned();
    duty.start().await;
    duty.live(5 * MINUTE).await;
    for id in &accounts(&duty)[..2] {
        duty.exact().delete_account(duty.office.division(), *id).unwrap();
    }
    let letters = braked(&mut duty).await;
    told_once(&letters, "brake_deletes", &lane(&duty));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_brake_on_clears_is_told_once_until_a_person_lets_it_pass() {
    let mut duty = Duty::new(3).await;
    duty.extra = "[brakes]\nclears = 1".to_owned();
    duty.flows = "[flow.fields.Website]\nowner = \"exact\"\nif_empty = \"clear\"".to_owned();
    let division = duty.office.division();
    for id in accounts(&duty) {
        let website = json!({ "Website": format!("https://{id}.example.nl") });
        duty.exact().edit_account(division, id, website).unwrap();
    }
    duty.start().await;
    duty.live(5 * MINUTE).await;
    for id in accounts(&duty) {
        duty.exact().edit_account(division, id, json!({ "Website": null })).unwrap();
    }
    let letters = braked(&mut duty).await;
    told_once(&letters, "brake_clears", &lane(&duty));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_mapping_is_told_once_until_a_person_approves_it() {
    let mut duty = Duty::new(1).await;
    duty.start().await;
    duty.live(5 * MINUTE).await;
    duty.stop().await;
    duty.flows = "[flow.fields.Phone]\nowner = \"exact\"".to_owned();
    duty.start().await;
    let letters = braked(&mut duty).await;
    told_once(&letters, "brake_mapping", &lane(&duty));
}

/// A company of one name on both sides, which only a person can say the same of: a question about each of them.
fn namesakes(duty: &Duty, name: &str) {
    duty.exact().create_account(duty.office.division(), json!({ "Name": name, "Status": "C" })).unwrap();
    duty.office.sandbox.pipedrive().create_organization(json!({ "name": name })).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_are_told_again_when_there_are_more_and_an_hour_has_passed_and_their_end_once() {
    let mut duty = Duty::new(0).await;
    namesakes(&duty, "Jansen");
    duty.start().await;
    duty.live(5 * MINUTE).await;
    let first = duty.inbox.wait(1).await;
    assert_eq!(first[0]["message"], "2 questions for a person");
    namesakes(&duty, "Pietersen");
    duty.live(20 * MINUTE).await;
    namesakes(&duty, "Smit");
    duty.live(20 * MINUTE).await;
    assert_eq!(duty.inbox.letters().len(), 1, "they are gathered: {:#?}", duty.inbox.letters());
    duty.stop().await;
    duty.start().await;
    duty.live(40 * MINUTE).await;
    let more = duty.inbox.wait(2).await;
    assert_eq!(more[1]["message"], "6 questions for a person");
    duty.live(3 * 60 * MINUTE).await;
    assert_eq!(duty.inbox.letters().len(), 2, "nothing is new: {:#?}", duty.inbox.letters());
    let app = duty.app().await;
    let engine = app.engine(agency::Divisions::Stored, None).await.unwrap();
    for issue in engine.issues().await.unwrap() {
        engine.resolve_issue(&issue.id(), Resolution::Skip).await.unwrap();
    }
    duty.live(20 * MINUTE).await;
    duty.inbox.wait(3).await;
    duty.stop().await;
    told_once(&duty.inbox.letters()[1..], "issues", &lane(&duty));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_is_gone_and_cannot_be_made_anew_is_told_once_until_it_can() {
    let mut duty = Duty::new(1).await;
    duty.extra = Duty::webhooks();
    duty.start().await;
    duty.live(MINUTE).await;
    let refused = Trouble::Status { status: 400, retry_after_seconds: None };
    duty.office.sandbox.pipedrive().inject(Fault::new(refused).on("POST", "/webhooks").times(10_000));
    delete_webhook(&duty).await;
    duty.live(62 * MINUTE).await;
    duty.inbox.wait(1).await;
    duty.live(62 * MINUTE).await;
    duty.office.sandbox.pipedrive().clear_faults();
    duty.live(62 * MINUTE).await;
    duty.inbox.wait(2).await;
    duty.stop().await;
    assert_eq!(webhooks(&duty).await.len(), 1);
    told_once(&duty.inbox.letters(), "webhooks", "webhooks of Pipedrive");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_whose_mapping_does_not_fit_is_told_and_stops_no_other() {
    let mut duty = Duty::new(0).await;
    duty.flows = "[[flow]]\npreset = \"products\"\n[flow.fields.Description]\ncrm = \"nonsense\"".to_owned();
    duty.start().await;
    duty.live(20 * MINUTE).await;
    let company = json!({ "Name": "Smederij", "Status": "C", "ChamberOfCommerce": "17037842" });
    duty.exact().create_account(duty.office.division(), company).unwrap();
    duty.live(20 * MINUTE).await;
    assert_eq!(duty.office.sandbox.pipedrive().organizations().len(), 1, "companies go on");
    assert!(duty.inbox.letters().is_empty(), "it is too early: {:#?}", duty.inbox.letters());
    duty.live(20 * MINUTE).await;
    let told = duty.inbox.wait(1).await;
    let text = told[0]["text"].as_str().unwrap();
    assert!(text.contains("nonsense"), "{text}");
    duty.live(60 * MINUTE).await;
    duty.stop().await;
    duty.flows = "[[flow]]\npreset = \"products\"".to_owned();
    duty.start().await;
    ends_within(&mut duty, 20 * MINUTE, "no_pass", "flow products").await;
}
