//! The end of the process: a pass in hand comes to its end or is broken off, and either way nothing is lost or done twice.

use sandbox::{Fault, Trouble};
use serde_json::json;

use super::duty::{Duty, MINUTE};
use super::gone;

const COMPANIES: usize = 400;

/// Companies in the CRM.
fn made(duty: &Duty) -> usize {
    duty.office.sandbox.pipedrive().organizations().len()
}

/// Lets time go by until there are so many companies.
async fn wait_for(duty: &Duty, companies: usize) {
    for _ in 0..20_000 {
        if made(duty) >= companies {
            return;
        }
        duty.moment().await;
    }
    panic!("there are {} companies", made(duty));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pass_in_hand_comes_to_its_end_within_the_grace() {
    let mut duty = Duty::new(COMPANIES).await;
    duty.extra = "[brakes]\ncreates = 1000\n[serve]\ngrace_seconds = 300".to_owned();
    duty.launch().await;
    wait_for(&duty, 1).await;
    assert!(made(&duty) < COMPANIES, "it is in hand");
    duty.stop_at_work().await;
    assert_eq!(made(&duty), COMPANIES);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pass_that_is_broken_off_while_a_create_is_unanswered_makes_no_second_record() {
    let mut duty = Duty::new(3).await;
    duty.extra = "[serve]\ngrace_seconds = 0".to_owned();
    let crm = duty.office.sandbox.pipedrive();
    crm.inject(Fault::new(Trouble::HangAfter).on("POST", "organizations").times(3));
    duty.launch().await;
    wait_for(&duty, 3).await;
    duty.stop().await;
    duty.office.sandbox.pipedrive().clear_faults();
    duty.start().await;
    duty.live(20 * MINUTE).await;
    duty.stop().await;
    assert_eq!(made(&duty), 3);
    assert_eq!(gone::links(&duty).await.len(), 3, "each is linked");
    assert!(duty.inbox.letters().is_empty(), "{:#?}", duty.inbox.letters());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_was_answered_is_acted_upon_by_the_next_process() {
    let mut duty = Duty::new(1).await;
    duty.extra = Duty::webhooks();
    duty.flows = "[[flow]]\npreset = \"contacts\"".to_owned();
    let division = duty.office.division();
    let account = duty.exact().accounts(division).unwrap()[0]["ID"].clone();
    let contact =
        json!({ "Account": account, "FirstName": "An", "LastName": "Smit", "Email": "an@example.nl" });
    duty.exact().create(division, "crm/Contacts", contact).unwrap();
    duty.start().await;
    duty.live(2 * MINUTE).await;
    let crm = duty.office.sandbox.pipedrive();
    let person = crm.records("persons")[0]["id"].as_i64().unwrap();
    crm.delete("persons", person).unwrap();
    duty.live(MINUTE).await;
    // No feed of Pipedrive's tells of it: the webhook is all there is. No time passes between its answer and the end.
    assert!(duty.office.sandbox.pipedrive().deliver_webhooks().await > 0, "it was answered");
    duty.stop().await;
    duty.start().await;
    duty.live(2 * MINUTE).await;
    let people: Vec<_> =
        gone::links(&duty).await.into_iter().filter(|link| link.flow == "contacts").collect();
    assert!(people.is_empty(), "{people:?}");
    duty.stop().await;
}
