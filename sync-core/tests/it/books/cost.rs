//! A plan foresees the calls that a run then takes, as the sandbox counts them.

use crm_adapters::Kind;
use serde_json::{Value as Json, json};
use sync_core::engine::{PerSide, PlanReport, RunReport};
use sync_core::flow::{Preset, Side, Vendor};
use uuid::Uuid;

use super::desk::Desk;
use super::for_both_vendors;

const FLOWS: [Preset; 2] = [Preset::Companies, Preset::Contacts];

for_both_vendors! {
    a_plan_foresees_the_calls_of_a_run_that_creates_updates_links_and_ends,
    a_plan_foresees_the_calls_of_a_first_run_with_the_fields_that_it_creates,
    a_plan_foresees_the_calls_of_more_records_than_a_batch_holds,
    a_plan_foresees_what_names_a_record_that_it_creates,
}

fn account(number: u32) -> Json {
    let kvk = (10_000_000 + number).to_string();
    json!({ "Name": format!("Company {number}"), "ChamberOfCommerce": kvk, "Status": "C" })
}

fn company(desk: &Desk, number: u32) {
    let (name, kvk) = (format!("Company {number}"), (10_000_000 + number).to_string());
    let field = desk.sandbox.pipedrive().field_code("KvK number").unwrap_or_default();
    desk.crm_enter(
        Kind::Company,
        json!({ "name": name, "custom_fields": { field: kvk } }),
        json!({ "name": name, "exact_kvk_number": kvk }),
    );
}

fn contact(desk: &Desk, account: Uuid, number: u32) -> Uuid {
    let email = format!("a{number}@example.nl");
    let fields = json!({ "Account": account, "FirstName": "Anna", "LastName": format!("No {number}"), "Email": email });
    desk.enter("crm/Contacts", fields)
}

/// Six companies and four contacts, linked.
async fn linked(vendor: Vendor) -> (Desk, Vec<Uuid>, Vec<Uuid>) {
    let desk = Desk::open(vendor, &FLOWS).await;
    let accounts: Vec<_> = (0..6).map(|number| desk.enter("crm/Accounts", account(number))).collect();
    let contacts = (0..4).map(|number| contact(&desk, accounts[0], number)).collect();
    desk.settle().await;
    (desk, accounts, contacts)
}

/// Something of everything is to be done.
async fn mixed(vendor: Vendor) -> Desk {
    let (desk, accounts, contacts) = linked(vendor).await;
    for number in 10..13 {
        desk.enter("crm/Accounts", account(number));
    }
    (20..22).for_each(|number| company(&desk, number));
    desk.enter("crm/Accounts", account(30));
    company(&desk, 30);
    for id in &accounts[0..2] {
        desk.edit("crm/Accounts", *id, json!({ "Website": "https://exact.example.nl" }));
    }
    for id in &accounts[2..5] {
        let site = json!({ "website": "https://crm.example.nl" });
        desk.crm_edit(Kind::Company, &desk.crm_id(Kind::Company, *id).await, site.clone(), site);
    }
    let fields = desk.sandbox.pipedrive().field_code("Invoice city").unwrap_or_default();
    desk.crm_edit(
        Kind::Company,
        &desk.crm_id(Kind::Company, accounts[2]).await,
        json!({ "custom_fields": { fields: "Delft" } }),
        json!({ "exact_invoice_city": "Delft" }),
    );
    desk.sandbox.exact().delete_account(desk.division, accounts[5]).unwrap();
    desk.edit("crm/Contacts", contacts[0], json!({ "Phone": "0107654321" }));
    let anna = desk.crm_id(Kind::Contact, contacts[1]).await;
    let phones = json!({ "phones": [{ "value": "0101234567", "primary": true }] });
    desk.crm_edit(Kind::Contact, &anna, phones, json!({ "phone": "0101234567" }));
    for number in 10..12 {
        contact(&desk, accounts[1], number);
    }
    desk
}

/// The calls so far, as the sandbox counts them: to the divisions of Exact, and to the CRM.
fn counted(desk: &Desk) -> PerSide {
    let exact = desk.sandbox.exact().stats().requests_of("/{division}/");
    let crm = match desk.vendor {
        Vendor::Pipedrive => desk.sandbox.pipedrive().stats().requests,
        _ => desk.sandbox.hubspot().stats().requests,
    };
    PerSide { exact, crm }
}

/// A plan in the one office against a run in another one where everything is the same, and then against what carries it out.
async fn holds(planned: &Desk, run: &Desk) -> PlanReport {
    planned.clock.advance(std::time::Duration::from_secs(60));
    let plan = planned.engine().plan(false).await.unwrap();
    takes(run, plan.calls, run.run()).await;
    let plan = planned.engine().plan(true).await.unwrap();
    let engine = planned.engine();
    let carried_out = async { engine.run_plan(&plan.items, &plan.new_fields).await.unwrap() };
    takes(planned, plan.calls, carried_out).await;
    plan
}

async fn takes(desk: &Desk, calls: PerSide, run: impl Future<Output = RunReport>) {
    let before = counted(desk);
    let report = run.await;
    let after = counted(desk);
    let used = PerSide { exact: after.exact - before.exact, crm: after.crm - before.crm };
    assert!(report.writes() > 0, "{report:#?}");
    assert_eq!(report.calls, used, "what a run tells is what the sandbox counts");
    assert_eq!(calls, used, "{report:#?}");
}

async fn a_plan_foresees_the_calls_of_a_run_that_creates_updates_links_and_ends(vendor: Vendor) {
    let (planned, run) = (mixed(vendor).await, mixed(vendor).await);
    let plan = holds(&planned, &run).await;
    for action in ["create", "update", "link", "end"] {
        assert!(plan.items.iter().any(|item| item.action == action), "{action}: {:#?}", plan.items);
    }
}

async fn a_plan_foresees_the_calls_of_a_first_run_with_the_fields_that_it_creates(vendor: Vendor) {
    let world = async || {
        let desk = Desk::open(vendor, &FLOWS[..1]).await;
        for number in 0..3 {
            desk.enter("crm/Accounts", account(number));
        }
        desk
    };
    holds(&world().await, &world().await).await;
}

/// What is created in Exact has its key written to the CRM, a hundred a call at HubSpot.
async fn a_plan_foresees_the_calls_of_more_records_than_a_batch_holds(vendor: Vendor) {
    let world = async || {
        let (desk, accounts, _) = linked(vendor).await;
        for number in 100..350 {
            desk.enter("crm/Accounts", account(number));
        }
        (400..530).for_each(|number| company(&desk, number));
        for id in accounts {
            desk.edit("crm/Accounts", id, json!({ "Website": "https://exact.example.nl" }));
        }
        desk
    };
    holds(&world().await, &world().await).await;
}

/// Three contacts of a company that is new in Exact, and one of a company that is new in the CRM.
async fn a_plan_foresees_what_names_a_record_that_it_creates(vendor: Vendor) {
    let world = async || {
        let desk = Desk::open(vendor, &FLOWS).await;
        let bakker = desk.customer("Bakker");
        (0..3).for_each(|number| {
            contact(&desk, bakker, number);
        });
        desk.settle().await;
        let smid = desk.customer("Smid");
        (10..13).for_each(|number| {
            contact(&desk, smid, number);
        });
        let nieuw = desk.crm_enter(Kind::Company, json!({ "name": "Nieuw" }), json!({ "name": "Nieuw" }));
        let anna = desk.crm_enter(
            Kind::Contact,
            json!({ "name": "Anna Jansen", "emails": [{ "value": "anna@nieuw.nl", "primary": true }] }),
            json!({ "firstname": "Anna", "lastname": "Jansen", "email": "anna@nieuw.nl" }),
        );
        desk.crm_put_under(&anna, &nieuw);
        desk
    };
    let (planned, run) = (world().await, world().await);
    let plan = holds(&planned, &run).await;
    let told: Vec<_> = plan.flows.iter().map(|flow| (flow.create, flow.waiting)).collect();
    assert_eq!(told, [(PerSide { exact: 1, crm: 1 }, 0), (PerSide { exact: 1, crm: 3 }, 0)]);
    let company = plan.items.iter().find(|item| item.flow == "contacts" && item.side == Side::Exact);
    let account = &company.unwrap().fields["Account"].to;
    assert!(account.starts_with("new, made of "), "{account}");
    assert_eq!((planned.book("crm/Contacts").len(), planned.crm_count(Kind::Contact)), (7, 7));
}
