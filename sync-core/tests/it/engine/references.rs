//! Records that name records of another flow.

use std::time::Duration;

use crm_adapters::{Fields, Kind};
use sync_core::engine::PerSide;
use sync_core::flow::Preset;
use sync_core::state::IssueKind;

use super::office::{Office, reference};

const COMPANY: &str = "association:company:Primary";

fn office(divisions: &[u32]) -> Office {
    Office::new(divisions, &[Preset::Companies, Preset::Contacts])
}

fn person(name: &str, company: &str) -> Fields {
    let email = format!("{name}@example.com");
    Fields::new()
        .with("firstname", name)
        .with("lastname", "Jansen")
        .with("email", email)
        .with(COMPANY, reference(company))
}

/// Two companies on both sides, `e1` and `e2`, and Jan at the first of them.
fn with_jan() -> Office {
    let office = office(&[12]);
    for (id, kvk) in [("e1", "11111111"), ("e2", "22222222")] {
        office.exact(Kind::Company).add(id, &[("Name", id), ("ChamberOfCommerce", kvk)]);
    }
    office.run();
    office.crm(Kind::Contact).put("q1", person("Jan", &organization(&office, "e1")));
    office.run();
    office
}

/// The id of a company in the CRM.
fn organization(office: &Office, name: &str) -> String {
    let crm = office.crm(Kind::Company);
    crm.ids().into_iter().find(|id| crm.value(id, "name") == name).unwrap()
}

#[test]
fn a_person_goes_under_the_counterpart_of_its_company() {
    let office = office(&[12]);
    office.crm(Kind::Company).add("c1", &[("name", "Bakker"), ("custom:KvK number", "11111111")]);
    office.crm(Kind::Contact).put("q1", person("Jan", "c1"));
    let report = office.run();
    assert_eq!(report.flows[1].created, PerSide { exact: 1, crm: 0 }, "{report:?}");
    let company = office.exact(Kind::Company).ids().remove(0);
    let contact = office.exact(Kind::Contact).ids().remove(0);
    assert_eq!(office.exact(Kind::Contact).held(&contact, "Account"), reference(&company));
    assert_eq!(office.run().writes(), 0);
}

#[test]
fn a_person_who_changes_company_changes_it_on_the_other_side() {
    let office = with_jan();
    let of = |name: &str| organization(&office, name);
    let contact = office.exact(Kind::Contact).ids().remove(0);
    office.crm(Kind::Contact).set("q1", COMPANY, reference(&of("e2")));
    office.run();
    assert_eq!(office.exact(Kind::Contact).held(&contact, "Account"), reference("e2"));
    office.exact(Kind::Contact).set(&contact, "Account", reference("e1"));
    office.run();
    assert_eq!(office.crm(Kind::Contact).held("q1", COMPANY), reference(&of("e1")));
}

#[test]
fn a_person_whose_former_company_is_gone_changes_company_on_the_other_side_all_the_same() {
    let office = with_jan();
    let of = |name: &str| organization(&office, name);
    let contact = office.exact(Kind::Contact).ids().remove(0);
    office.exact(Kind::Contact).set(&contact, "Account", reference("e2"));
    office.exact(Kind::Company).delete("e1");
    office.run();
    assert_eq!(office.crm(Kind::Contact).held("q1", COMPANY), reference(&of("e2")));
    assert_eq!(office.run().writes(), 0);
}

#[test]
fn an_id_of_one_division_never_goes_into_another() {
    let office = office(&[12, 123]);
    let theirs = office.exact[1].1.clone();
    theirs.of(Kind::Company).add("f1", &[("Name", "Theirs"), ("ChamberOfCommerce", "11111111")]);
    office.crm(Kind::Company).add("c1", &[("name", "Theirs"), ("custom:KvK number", "11111111")]);
    office.crm(Kind::Contact).put("q1", person("Jan", "c1"));
    office.run();
    assert!(office.exact(Kind::Contact).ids().is_empty(), "its company is in the other division");
    let contact = theirs.of(Kind::Contact).ids().remove(0);
    assert_eq!(theirs.of(Kind::Contact).held(&contact, "Account"), reference("f1"));
    assert_eq!(office.run().writes(), 0);
}

#[test]
fn who_waits_for_a_company_for_a_day_is_asked_about_and_no_longer_once_it_is_linked() {
    let office = office(&[12]);
    // Two with one number: neither is linked before a person has said which is which.
    for id in ["c1", "c2"] {
        office.crm(Kind::Company).add(id, &[("name", id), ("custom:KvK number", "11111111")]);
    }
    office.crm(Kind::Contact).put("q1", person("Jan", "c1"));
    let asked = |office: &Office| {
        office.issues().into_iter().filter(|issue| issue.kind == IssueKind::Unlinked).count()
    };
    office.run();
    assert_eq!((asked(&office), office.exact(Kind::Contact).ids().len()), (0, 0));
    office.clock.advance(Duration::from_secs(25 * 3600));
    office.run();
    assert_eq!(asked(&office), 1, "{:?}", office.issues());
    office.crm(Kind::Company).edit("c2", "custom:KvK number", "22222222");
    office.run();
    assert_eq!((asked(&office), office.exact(Kind::Contact).ids().len()), (0, 1), "{:?}", office.issues());
}

#[test]
fn a_linked_person_who_goes_to_a_company_that_is_left_alone_is_asked_about_and_a_new_one_there_is_not() {
    let office = with_jan();
    let of = |name: &str| organization(&office, name);
    office.exact(Kind::Company).delete("e2");
    office.run();
    office.crm(Kind::Contact).set("q1", COMPANY, reference(&of("e2")));
    office.crm(Kind::Contact).put("q2", person("Piet", &of("e2")));
    office.run();
    office.clock.advance(Duration::from_secs(25 * 3600));
    office.run();
    let issues = office.issues();
    let [issue] = issues.as_slice() else { panic!("{issues:#?}") };
    assert_eq!((issue.kind, issue.field.as_deref()), (IssueKind::Unlinked, Some("Account")));
    office.crm(Kind::Contact).set("q1", COMPANY, reference(&of("e1")));
    office.run();
    assert_eq!((office.issues().len(), office.run().writes()), (0, 0));
}

#[test]
fn a_person_without_a_company_is_left_alone() {
    let office = office(&[12]);
    office
        .crm(Kind::Contact)
        .put("q1", Fields::new().with("firstname", "Jan").with("email", "jan@example.com"));
    let report = office.run();
    assert_eq!((report.writes(), report.open_issues), (0, 0));
    office.crm(Kind::Company).add("c1", &[("name", "Bakker"), ("custom:KvK number", "11111111")]);
    office.crm(Kind::Contact).set("q1", COMPANY, reference("c1"));
    office.run();
    assert_eq!(office.exact(Kind::Contact).ids().len(), 1);
}
