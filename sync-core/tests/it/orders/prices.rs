//! Prices of deals against those of Exact.

use serde_json::{Value as Json, json};
use sync_core::engine::Resolution;
use sync_core::flow::{Preset, Price, Vendor};
use sync_core::state::IssueKind;

use super::shop::{ORDERS, Shop, text, with_both};

const FLOWS: [Preset; 3] = [Preset::Companies, Preset::Products, Preset::Orders];

/// A deal of two pieces at a price, of an item that costs 100 in Exact; not won yet.
async fn offered(shop: &Shop, price: &str, off: &str) -> String {
    shop.customer("Bakker", "11111111");
    shop.item("W-1", 100);
    shop.run().await;
    let (company, item) = (shop.known("companies", "Bakker"), shop.known("products", "W-1"));
    shop.deal("Two", &company, &[(&item, "2", price, off)])
}

#[tokio::test]
async fn a_price_that_is_not_exacts_is_shown_in_the_plan_and_handed_over() {
    with_both(async |shop| {
        let deal = offered(&shop, "90", "10").await;
        shop.win(&deal);
        let plan = shop.plan().await;
        let create = plan.items.iter().find(|item| item.action == "create").unwrap();
        let told = "line 1 (W-1): 81 where Exact's list price is 100";
        assert_eq!(create.message.as_deref(), Some(told), "{:?}", shop.vendor);
        shop.run().await;
        assert_eq!(text(&shop.lines()[0]["NetPrice"]), "81");
        shop.order().await;
    })
    .await;
}

#[tokio::test]
async fn under_review_a_price_that_is_not_exacts_is_asked_about_first() {
    with_both(async |mut shop| {
        shop.flow(Preset::Orders).price = Price::Review;
        let deal = offered(&shop, "90", "0").await;
        shop.win(&deal);
        shop.run().await;
        assert!(shop.books(ORDERS).is_empty());
        let issue = shop.issues().await.remove(0);
        assert_eq!((issue.kind, issue.answers()), (IssueKind::Price, vec!["--create", "--skip"]));
        assert!(issue.message.contains("90 where Exact's list price is 100"), "{}", issue.message);
        shop.is_quiet().await;
        shop.resolve(&issue, Resolution::Create).await;
        shop.run().await;
        shop.order().await;
        assert_eq!(shop.asked().await, "");
        shop.is_quiet().await;
    })
    .await;
}

#[tokio::test]
async fn under_review_exacts_own_price_is_handed_over_without_a_question() {
    with_both(async |mut shop| {
        shop.flow(Preset::Orders).price = Price::Review;
        let deal = offered(&shop, "100", "0").await;
        shop.win(&deal);
        shop.run().await;
        shop.order().await;
    })
    .await;
}

/// What a plan says of a deal's order, for a customer that may have prices of its own.
async fn remark(shop: &Shop, quantity: &str, price: &str, prices: &[Json], customer: Json) -> Option<String> {
    let bakker = shop.customer("Bakker", "11111111");
    shop.sandbox.exact().edit(shop.division(), "crm/Accounts", bakker, customer).unwrap();
    let other = shop.customer("Slager", "22222222");
    let lamp = shop.item("W-1", 100);
    for row in prices {
        let mut row = row.clone();
        row["Item"] = json!(lamp);
        row["Currency"] = json!("EUR");
        match row["Account"].as_str() {
            Some("own") => row["Account"] = json!(bakker),
            Some(_) => row["Account"] = json!(other),
            None => {}
        }
        shop.enter("logistics/SalesItemPrices", row);
    }
    shop.run().await;
    let (company, item) = (shop.known("companies", "Bakker"), shop.known("products", "W-1"));
    let deal = shop.deal("Lamps", &company, &[(&item, quantity, price, "0")]);
    shop.win(&deal);
    let plan = shop.plan().await;
    plan.items.iter().find(|item| item.action == "create").unwrap().message.clone()
}

#[tokio::test]
async fn a_price_is_held_against_what_this_customer_pays_for_this_quantity_today() {
    let breaks = || vec![json!({ "Price": 80, "Quantity": 10 }), json!({ "Price": 70, "Quantity": 100 })];
    let agreed = || [breaks(), vec![json!({ "Price": 90, "Account": "own" })]].concat();
    let others = || vec![json!({ "Price": 60, "Account": "other" })];
    let over = || vec![json!({ "Price": 50, "StartDate": "2026-01-01", "EndDate": "2026-11-21" })];
    let table = [
        ("9", "100", breaks(), None),
        ("10", "80", breaks(), None),
        ("99", "80", breaks(), None),
        ("100", "80", breaks(), Some("line 1 (W-1): 80 where Exact's list price from 100 on is 70")),
        ("10", "90", agreed(), None),
        ("1", "100", agreed(), Some("line 1 (W-1): 100 where Exact's price for this customer is 90")),
        ("1", "60", others(), Some("line 1 (W-1): 60 where Exact's list price is 100")),
        ("1", "50", over(), Some("line 1 (W-1): 50 where Exact's list price is 100")),
    ];
    for (quantity, price, prices, expected) in table {
        for vendor in [Vendor::Pipedrive, Vendor::HubSpot] {
            let shop = Shop::open(vendor, 1, &FLOWS).await;
            let told = remark(&shop, quantity, price, &prices, json!({})).await;
            assert_eq!(told.as_deref(), expected, "{vendor:?}: {quantity} at {price} with {prices:?}");
        }
    }
}

#[tokio::test]
async fn nothing_is_said_of_prices_of_a_customer_with_a_price_list() {
    for vendor in [Vendor::Pipedrive, Vendor::HubSpot] {
        let shop = Shop::open(vendor, 1, &FLOWS).await;
        let list = json!({ "PriceList": "5f2c1d0e-0000-4000-8000-000000000001" });
        assert_eq!(remark(&shop, "1", "77", &[], list).await, None, "{vendor:?}");
    }
}
