//! Passes: of which flows, when, and where they look.

use serde_json::json;

use super::duty::{DAY, Duty, MINUTE};

const SHOP: &str = r#"
[[flow]]
preset = "products"
every_minutes = 1440

[[flow]]
preset = "orders"
when = { crm = "organization.name", contains = "Noord" }
every_minutes = 5
"#;

#[tokio::test(flavor = "multi_thread")]
async fn orders_on_a_schedule_of_their_own_know_their_companies_and_make_prospects_customers() {
    let mut duty = Duty::new(0).await;
    duty.extra = format!("[serve]\nevery_minutes = {DAY}");
    duty.flows = SHOP.to_owned();
    let (exact, division) = (duty.exact(), duty.office.division());
    let prospect = json!({ "Name": "Bakker Noord", "ChamberOfCommerce": "17037842", "Status": "P" });
    exact.create_account(division, prospect).unwrap();
    let item = json!({
        "Code": "W-1", "Description": "W-1", "IsSalesItem": true, "SalesVatCode": "2", "StandardSalesPrice": 100,
    });
    exact.create(division, "logistics/Items", item).unwrap();
    duty.start().await;
    duty.live(3 * MINUTE).await;
    let crm = duty.office.sandbox.pipedrive();
    let id = |kind: &str| crm.records(kind)[0]["id"].as_i64().unwrap();
    let deal = json!({ "title": "Ovens", "org_id": id("organizations") });
    let deal = crm.create("deals", deal).unwrap();
    crm.add_product(deal, &json!({ "product_id": id("products"), "quantity": 1, "item_price": 90 })).unwrap();
    crm.edit("deals", deal, json!({ "status": "won" })).unwrap();
    duty.live(20 * MINUTE).await;
    duty.stop().await;
    let exact = duty.exact();
    let orders = exact.records(division, "salesorder/SalesOrders").unwrap();
    assert_eq!(orders.len(), 1, "{:#?}", duty.inbox.letters());
    assert_eq!(exact.records(division, "crm/Accounts").unwrap()[0]["Status"], "C");
    assert!(duty.inbox.letters().is_empty(), "{:#?}", duty.inbox.letters());
}
