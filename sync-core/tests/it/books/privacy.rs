//! People who are to be forgotten, by whichever side, and what the store holds of one.

use crm_adapters::{Kind, RecordId};
use serde_json::json;
use sync_core::ErrorKind;
use sync_core::flow::{Preset, Vendor};
use sync_core::store::{Scan, Table, Tenant};
use uuid::Uuid;

use super::desk::Desk;
use super::for_both_vendors;

for_both_vendors! {
    a_contact_anonymised_in_exact_is_forgotten_and_nothing_is_written_or_created,
    a_person_erased_in_the_crm_is_forgotten_and_never_created_again,
    who_is_forgotten_by_hand_is_not_read_again_even_when_everything_is,
    an_export_holds_every_row_about_a_person_and_of_nobody_else,
    what_is_kept_of_the_addresses_of_a_company_is_exported_and_forgotten_with_it,
}

/// Anna at Bakker, on both sides and edited since, and Bram beside her.
async fn anna(vendor: Vendor) -> (Desk, Uuid, RecordId) {
    let desk = Desk::open(vendor, &[Preset::Companies, Preset::Contacts]).await;
    let bakker = desk.customer("Bakker");
    let contact = |first: &str| {
        let email = format!("{}@bakker.nl", first.to_lowercase());
        desk.enter(
            "crm/Contacts",
            json!({ "Account": bakker, "FirstName": first, "LastName": "Jansen", "Email": email }),
        )
    };
    let anna = contact("Anna");
    contact("Bram");
    desk.settle().await;
    desk.edit("crm/Contacts", anna, json!({ "Email": "anna@elders.nl", "Phone": "0107654321" }));
    desk.settle().await;
    let person = desk.crm_id(Kind::Contact, anna).await;
    assert!(mentions(&desk).await > 0);
    (desk, anna, person)
}

/// How many rows of the store say anything of Anna.
async fn mentions(desk: &Desk) -> usize {
    let mut rows = Vec::new();
    for table in Table::ALL {
        let scan = Scan::table(table, "").limit(100_000);
        rows.extend(desk.store.scan(&Tenant::default(), &scan).await.unwrap());
    }
    let says = |text: &str| ["anna", "0107654321"].iter().any(|word| text.to_lowercase().contains(word));
    rows.iter().filter(|row| says(&row.value) || says(&row.key.id)).count()
}

/// Everything is read anew, as after a change of the mapping.
async fn read_anew(desk: &mut Desk) {
    let contacts = desk.flows.iter_mut().find(|flow| flow.kinds.exact == Kind::Contact).unwrap();
    contacts.rules.retain(|rule| rule.exact != "Mobile");
    desk.run().await;
}

async fn a_contact_anonymised_in_exact_is_forgotten_and_nothing_is_written_or_created(vendor: Vendor) {
    let (mut desk, anna, person) = anna(vendor).await;
    desk.sandbox.exact().anonymise(desk.division, anna).unwrap();
    assert_eq!(desk.run().await.writes(), 0, "what the CRM does about it is for people to decide");
    assert_eq!(mentions(&desk).await, 0);
    assert_eq!(desk.crm_show(Kind::Contact, &person, &["phone"]).await, "0107654321");
    desk.crm_edit(
        Kind::Contact,
        &person,
        json!({ "name": "Anna de Vries" }),
        json!({ "lastname": "de Vries" }),
    );
    desk.settle().await;
    read_anew(&mut desk).await;
    assert_eq!(mentions(&desk).await, 0);
    assert_eq!((desk.crm_count(Kind::Contact), desk.book("crm/Contacts").len()), (2, 2));
}

async fn a_person_erased_in_the_crm_is_forgotten_and_never_created_again(vendor: Vendor) {
    let (mut desk, anna, person) = anna(vendor).await;
    match vendor {
        Vendor::Pipedrive => {
            desk.sandbox.pipedrive().delete("persons", person.as_str().parse().unwrap()).unwrap();
        }
        _ => desk.sandbox.hubspot().archive("contacts", person.as_str()).unwrap(),
    }
    // Pipedrive tells when it is written to.
    desk.edit("crm/Contacts", anna, json!({ "JobTitleDescription": "Baas", "Phone": "0107654321" }));
    desk.edit("crm/Contacts", anna, json!({ "Email": "anna@nog.nl" }));
    desk.run().await;
    desk.settle().await;
    assert_eq!(mentions(&desk).await, 0);
    desk.edit("crm/Contacts", anna, json!({ "Email": "anna@weer.nl" }));
    desk.settle().await;
    read_anew(&mut desk).await;
    assert_eq!(mentions(&desk).await, 0);
    assert_eq!(desk.crm_count(Kind::Contact), 1, "Bram alone");
}

async fn who_is_forgotten_by_hand_is_not_read_again_even_when_everything_is(vendor: Vendor) {
    let (mut desk, anna, person) = anna(vendor).await;
    assert!(desk.engine().forget(person.as_str(), Some("contacts")).await.unwrap() > 2);
    assert_eq!(mentions(&desk).await, 0);
    desk.edit("crm/Contacts", anna, json!({ "Email": "anna@weer.nl" }));
    desk.settle().await;
    read_anew(&mut desk).await;
    assert_eq!(mentions(&desk).await, 0);
    assert_eq!((desk.crm_count(Kind::Contact), desk.book("crm/Contacts").len()), (2, 2));
    let nobody = desk.engine().forget("nobody", None).await.unwrap_err();
    assert_eq!(nobody.kind(), ErrorKind::NotFound, "{nobody}");
}

async fn an_export_holds_every_row_about_a_person_and_of_nobody_else(vendor: Vendor) {
    let (desk, anna, person) = anna(vendor).await;
    let engine = desk.engine();
    let export = engine.export(&anna.to_string(), None).await.unwrap();
    assert_eq!(
        export.rows,
        engine.export(person.as_str(), Some("contacts")).await.unwrap().rows,
        "by either id"
    );
    let text = serde_json::to_string(&export.rows).unwrap();
    assert!(text.contains("anna@bakker.nl"), "the value that lost is in it");
    assert!(!text.contains("Bram") && !text.contains("bram@"), "{text}");
    assert_eq!(export.rows.len(), mentions(&desk).await, "{:#?}", export.rows);
    let tables: std::collections::BTreeSet<&str> = export.rows.iter().map(|row| row.table).collect();
    assert_eq!(tables.into_iter().collect::<Vec<_>>(), ["audit", "link", "observation"]);
    assert_eq!(engine.export("nobody", None).await.unwrap_err().kind(), ErrorKind::NotFound);
    if vendor == Vendor::Pipedrive {
        let refused = engine.forget(person.as_str(), None).await.unwrap_err().to_string();
        assert!(
            refused.contains("several flows: companies, contacts"),
            "a company has that id, too: {refused}"
        );
    }
}

async fn what_is_kept_of_the_addresses_of_a_company_is_exported_and_forgotten_with_it(vendor: Vendor) {
    let desk = Desk::open(vendor, &[Preset::Companies]).await;
    let (anna, other) = (desk.customer("Anna Jansen"), desk.customer("Bakker"));
    let [address, _] = [(anna, "Annalaan 1"), (other, "Kade 1")].map(|(account, street)| {
        desk.enter("crm/Addresses", json!({ "Account": account, "Type": 3, "AddressLine1": street }))
    });
    desk.settle().await;
    let export = desk.engine().export(&anna.to_string(), None).await.unwrap();
    let parts: Vec<_> = export.rows.iter().filter(|row| row.table == "part").collect();
    assert!(matches!(&parts[..], [part] if part.value.to_string().contains("Annalaan")), "{parts:#?}");
    assert!(mentions(&desk).await > 0);
    desk.engine().forget(&anna.to_string(), None).await.unwrap();
    assert_eq!(mentions(&desk).await, 0);
    let kept = desk.store.scan(&Tenant::default(), &Scan::table(Table::Part, "")).await.unwrap();
    assert!(kept.iter().any(|row| row.value.contains("Kade 1")), "the other's stay");
    desk.edit("crm/Addresses", address, json!({ "AddressLine1": "Annalaan 2" }));
    desk.enter("crm/Addresses", json!({ "Account": anna, "Type": 4, "AddressLine1": "Annahof 3" }));
    desk.settle().await;
    assert_eq!(mentions(&desk).await, 0, "nor is kept what somebody changes or adds afterwards");
}
