use crm_adapters::Kind;
use serde_json::json;
use sync_core::flow::{Preset, Vendor};

use super::desk::Desk;
use super::for_both_vendors;

const FLOWS: [Preset; 2] = [Preset::Companies, Preset::Contacts];

for_both_vendors! {
    contacts_of_exact_become_persons_under_their_company,
    a_person_of_the_crm_becomes_a_contact_under_the_company_that_is_created_first,
}

async fn contacts_of_exact_become_persons_under_their_company(vendor: Vendor) {
    let desk = Desk::open(vendor, &FLOWS).await;
    let (bakker, smid) = (desk.customer("Bakker"), desk.customer("Smid"));
    let anna =
        json!({ "Account": bakker, "FirstName": "Anna", "LastName": "Jansen", "Email": "anna@bakker.nl" });
    let bram = json!({ "Account": smid, "FirstName": "Bram", "LastName": "Vos", "Phone": "0101234567" });
    let (anna, bram) = (desk.enter("crm/Contacts", anna), desk.enter("crm/Contacts", bram));
    desk.settle().await;
    let company = desk.word("org_id", "association:company:Primary");
    let names = desk.word(&["name"][..], &["firstname", "lastname"][..]);
    for (contact, account, name) in [(anna, bakker, "Anna Jansen"), (bram, smid, "Bram Vos")] {
        let id = desk.crm_id(Kind::Company, account).await;
        assert_eq!(desk.crm_shows(Kind::Contact, contact, &[company]).await, id.to_string());
        assert_eq!(desk.crm_shows(Kind::Contact, contact, names).await.replace(" | ", " "), name);
    }
    assert_eq!(desk.crm_shows(Kind::Contact, anna, &["email"]).await, "anna@bakker.nl");
    assert_eq!(desk.crm_shows(Kind::Contact, bram, &["phone"]).await, "0101234567");
}

async fn a_person_of_the_crm_becomes_a_contact_under_the_company_that_is_created_first(vendor: Vendor) {
    let desk = Desk::open(vendor, &FLOWS).await;
    let company = desk.crm_enter(Kind::Company, json!({ "name": "Bakker" }), json!({ "name": "Bakker" }));
    let anna = desk.crm_enter(
        Kind::Contact,
        json!({ "name": "Anna Jansen", "emails": [{ "value": "anna@bakker.nl", "primary": true }] }),
        json!({ "firstname": "Anna", "lastname": "Jansen", "email": "anna@bakker.nl" }),
    );
    desk.settle().await;
    assert!(desk.book("crm/Contacts").is_empty(), "nobody knows yet where Anna works");
    desk.crm_put_under(&anna, &company);
    desk.settle().await;
    let account = desk.book("crm/Accounts").remove(0);
    let contact = desk.book("crm/Contacts").remove(0);
    assert_eq!(contact["Account"], account["ID"]);
    assert_eq!((&contact["FirstName"], &contact["LastName"]), (&json!("Anna"), &json!("Jansen")));
    assert_eq!(contact["Email"], json!("anna@bakker.nl"));
}
