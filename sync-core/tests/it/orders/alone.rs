//! Runs of one flow among several, which know of the others what they always know.

use serde_json::json;
use sync_core::ErrorKind;
use sync_core::flow::{Condition, Preset, Test, Vendor};

use super::shop::{Shop, with_both};

const ACCOUNTS: &str = "crm/Accounts";

/// A prospect in the north, and orders for companies in the north alone.
async fn northern(shop: &mut Shop) {
    let name = if shop.vendor == Vendor::Pipedrive { "organization.name" } else { "company.name" };
    shop.flow(Preset::Orders).narrow(Condition::crm(name, Test::Contains("Noord".to_owned())));
    let prospect = json!({ "Name": "Bakker Noord", "ChamberOfCommerce": "11111111", "Status": "P" });
    shop.enter(ACCOUNTS, prospect);
    shop.item("W-1", 10);
    shop.run().await;
}

#[tokio::test]
async fn orders_that_run_alone_ask_about_their_company_and_make_a_prospect_a_customer() {
    with_both(async |mut shop| {
        northern(&mut shop).await;
        let (company, item) = (shop.known("companies", "Bakker Noord"), shop.known("products", "W-1"));
        let deal = shop.deal("Ovens", &company, &[(&item, "1", "10", "0")]);
        shop.win(&deal);
        let report = shop.run_alone(Preset::Orders).await;
        assert_eq!(report.flows.len(), 1, "{report:?}");
        assert_eq!((report.flows[0].brake, report.errors.len()), (None, 0), "{report:?}");
        assert_eq!(shop.order().await["Description"], "Ovens");
        assert_eq!(shop.books(ACCOUNTS)[0]["Status"], "C", "{:?}: it is a customer now", shop.vendor);
    })
    .await;
}

#[tokio::test]
async fn a_flow_whose_records_others_ask_about_has_the_same_mapping_when_it_runs_alone() {
    with_both(async |mut shop| {
        northern(&mut shop).await;
        let report = shop.run_alone(Preset::Companies).await;
        assert_eq!(report.flows[0].brake, None, "{:?}: nobody changed the mapping", shop.vendor);
    })
    .await;
}

#[tokio::test]
async fn a_plan_of_one_flow_tells_of_no_other() {
    let shop = Shop::open(Vendor::Pipedrive, 1, &[Preset::Companies, Preset::Products]).await;
    shop.customer("Bakker", "11111111");
    shop.item("W-1", 10);
    let engine = shop.builder().only(["products"]).build().unwrap();
    let plan = engine.plan(true).await.unwrap();
    let flows: Vec<&str> = plan.flows.iter().map(|flow| flow.flow.as_str()).collect();
    assert_eq!((flows, plan.items.len()), (vec!["products"], 1), "{plan:?}");
}

#[tokio::test]
async fn a_flow_that_is_not_there_cannot_run_alone() {
    let shop = Shop::open(Vendor::Pipedrive, 1, &[Preset::Companies]).await;
    let error = shop.builder().only(["orders"]).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("flow.orders"), "{error}");
}
