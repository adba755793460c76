//! Prices of deals against those of Exact.

use serde_json::{Value as Json, json};
use sync_core::engine::Resolution;
use sync_core::flow::{Preset, Price, Vendor};
use sync_core::state::IssueKind;
use uuid::Uuid;

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

/// What a plan says of a deal's order, for a customer that may have prices of its own, or a price list.
async fn remark(
    shop: &Shop,
    quantity: &str,
    price: &str,
    prices: &[Json],
    list: impl FnOnce(Uuid) -> Option<Uuid>,
) -> Option<String> {
    let bakker = shop.customer("Bakker", "11111111");
    let other = shop.customer("Slager", "22222222");
    let lamp = shop.item("W-1", 100);
    let fields = json!({ "PriceList": list(lamp) });
    shop.sandbox.exact().edit(shop.division(), "crm/Accounts", bakker, fields).unwrap();
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
            let told = remark(&shop, quantity, price, &prices, |_| None).await;
            assert_eq!(told.as_deref(), expected, "{vendor:?}: {quantity} at {price} with {prices:?}");
        }
    }
}

/// The price list of a customer, with its rows: of the lamp, or of the group that it is in.
fn listed(shop: &Shop, lamp: Uuid, rows: &[Json]) -> Uuid {
    let list = shop.enter("sales/SalesPriceLists", json!({ "Code": "G", "Description": "Groothandel" }));
    for row in rows {
        let mut row = row.clone();
        let mut period = json!({ "PriceList": list, "Currency": "EUR", "StartDate": row["StartDate"] });
        period["Type"] = row["Type"].clone();
        row["PriceListPeriod"] = json!(shop.enter("sales/SalesPriceListPeriods", period));
        match row["Group"].is_null() {
            true => row["Item"] = json!(lamp),
            false => row["ItemGroup"] = shop.books("logistics/ItemGroups")[0]["ID"].clone(),
        }
        for name in ["Group", "StartDate", "Type"] {
            row.as_object_mut().unwrap().remove(name);
        }
        shop.enter("sales/SalesPriceListVolumeDiscounts", row);
    }
    list
}

#[tokio::test]
async fn a_price_is_held_against_the_price_list_of_the_customer_before_what_everybody_pays() {
    let ten_off = || json!({ "Discount": 0.1 });
    let breaks = || json!({ "Quantity": 10, "NewPrice": 70 });
    let offer = || json!({ "NewPrice": 60, "Type": 2 });
    let later = || json!({ "NewPrice": 50, "StartDate": "2030-01-01" });
    let third = || json!({ "Discount": 0.33333 });
    let of_group = || json!({ "Group": true, "Discount": 0.2 });
    let agreed = || json!({ "Price": 85, "Account": "own" });
    let at = |price: &str, list: &str| Some(format!("line 1 (W-1): {price} where Exact's {list}"));
    let table = [
        ("1", "90", vec![ten_off()], vec![], None),
        ("1", "100", vec![ten_off()], vec![], at("100", "price in the list Groothandel is 90")),
        ("9", "90", vec![ten_off(), breaks()], vec![], None),
        (
            "10",
            "90",
            vec![ten_off(), breaks()],
            vec![],
            at("90", "price in the list Groothandel from 10 on is 70"),
        ),
        ("9", "100", vec![breaks()], vec![], None),
        ("1", "90", vec![ten_off(), offer()], vec![], at("90", "price in the list Groothandel is 60")),
        ("1", "50", vec![later()], vec![], at("50", "list price is 100")),
        ("1", "66.67", vec![third()], vec![], None),
        ("1", "66.66", vec![third()], vec![], at("66.66", "price in the list Groothandel is 66.667")),
        ("1", "80", vec![of_group()], vec![], None),
        ("1", "80", vec![of_group(), ten_off()], vec![], at("80", "price in the list Groothandel is 90")),
        ("1", "90", vec![ten_off()], vec![agreed()], at("90", "price for this customer is 85")),
    ];
    for (quantity, price, rows, prices, expected) in table {
        for vendor in [Vendor::Pipedrive, Vendor::HubSpot] {
            let shop = Shop::open(vendor, 1, &FLOWS).await;
            let list = |lamp| Some(listed(&shop, lamp, &rows));
            let told = remark(&shop, quantity, price, &prices, list).await;
            assert_eq!(told, expected, "{vendor:?}: {quantity} at {price} with {rows:?} and {prices:?}");
        }
    }
}

#[tokio::test]
async fn the_price_list_of_others_is_nothing_to_a_customer_without_one() {
    for vendor in [Vendor::Pipedrive, Vendor::HubSpot] {
        let shop = Shop::open(vendor, 1, &FLOWS).await;
        let of_others = |lamp| {
            listed(&shop, lamp, &[json!({ "Discount": 0.1 })]);
            None
        };
        assert_eq!(remark(&shop, "1", "100", &[], of_others).await, None, "{vendor:?}");
    }
}
