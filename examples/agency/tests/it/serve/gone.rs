//! Records that are merged or deleted in Pipedrive, whose lists tell of neither.

use agency::Divisions;
use serde_json::json;
use sync_core::engine::LinkRow;

use super::duty::{Duty, MINUTE};

/// The links as they stand.
pub(super) async fn links(duty: &Duty) -> Vec<LinkRow> {
    let engine = duty.app().await.engine(Divisions::Stored, None).await.unwrap();
    engine.links(None).await.unwrap().0
}

/// Somebody on duty whom both sides tell of everything, and what they have linked.
async fn duty(flows: &str) -> Duty {
    let mut duty = Duty::new(1).await;
    duty.extra = Duty::webhooks();
    duty.flows = flows.to_owned();
    duty.start().await;
    duty.live(MINUTE).await;
    duty
}

/// Pipedrive tells of what happened, and somebody looks.
async fn deliver(duty: &Duty) {
    let crm = duty.office.sandbox.pipedrive();
    duty.live(MINUTE).await;
    let before = crm.stats().requests;
    assert!(crm.deliver_webhooks().await > 0);
    duty.live_until(|| crm.stats().requests > before).await;
    duty.live(MINUTE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_of_an_organization_follows_it_into_the_one_it_was_merged_into() {
    let mut duty = duty("").await;
    let crm = duty.office.sandbox.pipedrive();
    let linked: i64 = links(&duty).await[0].crm_id.parse().unwrap();
    let twin = crm.create_organization(json!({ "name": "Bakkerij nummer 0" })).unwrap();
    deliver(&duty).await;
    crm.merge("organizations", linked, twin).unwrap();
    deliver(&duty).await;
    let links = links(&duty).await;
    assert_eq!(links.iter().map(|link| link.crm_id.clone()).collect::<Vec<_>>(), [twin.to_string()]);
    duty.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_of_a_person_who_is_deleted_ends_at_once() {
    let mut duty = duty("[[flow]]\npreset = \"contacts\"").await;
    let (exact, division) = (duty.exact(), duty.office.division());
    let account = exact.records(division, "crm/Accounts").unwrap()[0]["ID"].clone();
    let contact =
        json!({ "Account": account, "FirstName": "An", "LastName": "Smit", "Email": "an@example.nl" });
    exact.create(division, "crm/Contacts", contact).unwrap();
    duty.live(MINUTE).await;
    assert!(exact.deliver_webhooks().await > 0);
    let crm = duty.office.sandbox.pipedrive();
    duty.live_until(|| crm.records("persons").len() == 1).await;
    deliver(&duty).await;
    let of_people = |links: Vec<LinkRow>| links.into_iter().filter(|link| link.flow == "contacts").count();
    assert_eq!(of_people(links(&duty).await), 1);
    let person = crm.records("persons")[0]["id"].as_i64().unwrap();
    crm.delete("persons", person).unwrap();
    deliver(&duty).await;
    assert_eq!(of_people(links(&duty).await), 0);
    assert_eq!(
        duty.exact().records(division, "crm/Contacts").unwrap().len(),
        1,
        "nothing is deleted in Exact"
    );
    duty.stop().await;
}
