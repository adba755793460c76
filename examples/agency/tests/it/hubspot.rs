//! The same commands with HubSpot as the CRM: a hundred records a call.

use serde_json::{Value, json};

use super::office::Office;

/// An office whose CRM is HubSpot, with so many companies in Exact.
async fn office(companies: usize) -> Office {
    let mut office = Office::open(companies).await;
    let config = office.config().replacen("\"pipedrive\"", "\"hubspot\"", 1).replacen(
        &office.sandbox.pipedrive().base_url(),
        &office.sandbox.hubspot().base_url(),
        1,
    );
    office.env.insert("CRM_TOKEN", office.sandbox.hubspot().token());
    office.write(&config);
    office.run(&["auth", "import", "--refresh-token-env", "REFRESH"]).await.expect(0);
    office
}

fn upserts(office: &Office) -> u64 {
    office.sandbox.hubspot().stats().requests_of("/batch/upsert")
}

/// Requests that change records or properties.
fn writes(office: &Office) -> u64 {
    office.sandbox.hubspot().stats().writes + office.sandbox.exact().stats().writes
}

#[tokio::test(flavor = "multi_thread")]
async fn check_and_plan_make_nothing_in_hubspot() {
    let office = office(3).await;
    office.run(&["check"]).await.expect(0);
    let plan = office.run(&["plan", "--json"]).await.expect(0).json();
    assert_eq!(plan["flows"][0]["create"], json!({"exact": 0, "crm": 3}), "{plan}");
    assert_eq!(writes(&office), 0);
    assert!(office.sandbox.hubspot().records("companies").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_register_in_exact_reaches_hubspot_in_upserts_of_a_hundred_and_a_second_run_writes_nothing() {
    let office = office(450).await;
    let run = office.run(&["run", "--yes", "--json"]).await.expect(0).json();
    assert_eq!(run["flows"][0]["created"], json!({"exact": 0, "crm": 450}), "{run}");
    assert_eq!(upserts(&office), 5, "450 records");
    let companies = office.sandbox.hubspot().records("companies");
    assert_eq!(companies.len(), 450);
    for company in companies {
        let has = |name: &str| company["properties"][name].as_str().is_some_and(|value| !value.is_empty());
        assert!(has("name") && has("exact_id") && has("exact_kvk_number"), "{company}");
    }
    let before = writes(&office);
    assert!(before > 0);
    let again = office.run(&["run", "--json"]).await.expect(0).json();
    assert_eq!(again["flows"][0]["created"], json!({"exact": 0, "crm": 0}), "{again}");
    assert_eq!(again["flows"][0]["updated"], json!({"exact": 0, "crm": 0}), "{again}");
    assert_eq!(writes(&office), before, "a second run writes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_of_hubspot_reaches_exact_once_and_learns_its_id() {
    let office = office(0).await;
    let hubspot = office.sandbox.hubspot();
    let property = json!({"name": "kvk", "label": "KvK number", "type": "string", "fieldType": "text"});
    hubspot.create_property("companies", property).unwrap();
    hubspot
        .create("companies", json!({"name": "Bakkerij Smit", "kvk": "20000001", "city": "Delft"}))
        .unwrap();
    let run = office.run(&["run", "--json"]).await.expect(0).json();
    assert_eq!(run["flows"][0]["created"], json!({"exact": 1, "crm": 0}), "{run}");
    let accounts = office.sandbox.exact().accounts(office.division()).unwrap();
    let names: Vec<&Value> = accounts.iter().map(|account| &account["Name"]).collect();
    assert_eq!(names, ["Bakkerij Smit"]);
    let key = format!("{}:{}", office.division(), accounts[0]["ID"].as_str().unwrap());
    assert_eq!(hubspot.find("companies", "exact_id", &key).len(), 1, "{:?}", hubspot.records("companies"));
    let before = writes(&office);
    office.run(&["run"]).await.expect(0);
    assert_eq!(writes(&office), before);
}
