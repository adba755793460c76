//! Passes: of which flows, when, and where they look.

use sandbox::{Fault, Trouble};
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

/// Calls to Exact since the last look, token calls apart.
fn calls(duty: &Duty) -> u64 {
    let stats = duty.exact().stats();
    duty.exact().reset_stats();
    stats.requests - stats.token_calls
}

#[tokio::test(flavor = "multi_thread")]
async fn with_webhooks_exact_is_looked_at_where_it_told_of_something_and_everywhere_each_hour() {
    let mut duty = Duty::with_divisions(1, 2).await;
    duty.extra = Duty::webhooks();
    duty.start().await;
    duty.live(MINUTE).await;
    calls(&duty);
    duty.live(50 * MINUTE).await;
    let payments = duty.exact().stats().requests_of("PaymentTerms");
    assert_eq!(calls(&duty), payments, "nothing was heard, and its hour is not over");
    assert!((10..=14).contains(&payments), "asked for every eight minutes in both divisions: {payments}");
    duty.live(20 * MINUTE).await;
    let whole = calls(&duty);
    assert!(whole > 0, "webhooks get lost");
    let division = duty.exact().divisions()[1];
    let company = json!({ "Name": "Smederij", "Status": "C", "ChamberOfCommerce": "17037842" });
    duty.exact().create_account(division, company).unwrap();
    duty.live(MINUTE).await;
    assert!(duty.exact().deliver_webhooks().await > 0);
    calls(&duty);
    let companies = || duty.office.sandbox.pipedrive().organizations().len();
    duty.live_until(|| companies() == 2).await;
    assert!(calls(&duty) < whole, "the other division was left alone");
    duty.stop().await;
    assert!(duty.inbox.letters().is_empty(), "{:#?}", duty.inbox.letters());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_webhook_of_what_a_flow_wrote_itself_brings_about_no_pass_and_the_next_one_looks() {
    let mut duty = Duty::new(1).await;
    duty.extra = Duty::webhooks();
    duty.start().await;
    duty.live(MINUTE).await;
    duty.office.sandbox.pipedrive().edit_organization(1, json!({ "name": "Bakkerij Nieuw" })).unwrap();
    let name = || duty.exact().records(duty.office.division(), "crm/Accounts").unwrap()[0]["Name"].clone();
    duty.live_until(|| name() == "Bakkerij Nieuw").await;
    duty.live(MINUTE).await;
    assert!(duty.exact().deliver_webhooks().await > 0, "Exact tells of it");
    let looks = || duty.exact().stats().requests_of("sync/CRM/Accounts");
    let before = looks();
    duty.live(6 * MINUTE).await;
    assert_eq!(looks(), before, "what Exact tells is looked at after five minutes, if it is news");
    duty.live(9 * MINUTE).await;
    assert_eq!(looks(), before + 1);
    duty.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_broken_pass_took_up_is_looked_at_by_the_next_one() {
    let mut duty = Duty::new(1).await;
    duty.extra = Duty::webhooks();
    duty.start().await;
    duty.live(MINUTE).await;
    let company = json!({ "Name": "Smederij", "Status": "C", "ChamberOfCommerce": "17037842" });
    duty.exact().create_account(duty.office.division(), company).unwrap();
    duty.live(MINUTE).await;
    assert!(duty.exact().deliver_webhooks().await > 0);
    duty.exact().inject(Fault::new(Trouble::Unavailable).on("GET", "sync/CRM/Accounts").times(10_000));
    duty.live(8 * MINUTE).await;
    duty.exact().clear_faults();
    let companies = || duty.office.sandbox.pipedrive().organizations().len();
    assert_eq!(companies(), 1, "it could not be read");
    // Its quarter of an hour, and not yet its hour.
    duty.live(20 * MINUTE).await;
    assert_eq!(companies(), 2);
    duty.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_webhooks_of_exact_cannot_be_had_every_pass_looks_everywhere() {
    let mut duty = Duty::new(1).await;
    duty.extra = Duty::webhooks();
    let refused = Trouble::Status { status: 400, retry_after_seconds: None };
    duty.exact().inject(Fault::new(refused).on("POST", "webhooks/WebhookSubscriptions").times(10_000));
    duty.start().await;
    duty.live(MINUTE).await;
    let told = duty.inbox.wait(1).await;
    assert_eq!(told[0]["cause"], "webhooks", "{told:#?}");
    let company = json!({ "Name": "Smederij", "Status": "C", "ChamberOfCommerce": "17037842" });
    duty.exact().create_account(duty.office.division(), company).unwrap();
    duty.live(20 * MINUTE).await;
    assert_eq!(duty.office.sandbox.pipedrive().organizations().len(), 2, "nobody told of it");
    duty.stop().await;
}
