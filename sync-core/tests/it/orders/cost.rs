//! What a plan foresees of an order, and of each administration.

use serde_json::json;
use sync_core::engine::PerSide;
use sync_core::flow::{Preset, Vendor};

use super::shop::Shop;

/// A deal for a prospect is won.
async fn won(vendor: Vendor) -> Shop {
    let shop = Shop::open(vendor, 1, &[Preset::Companies, Preset::Products, Preset::Orders]).await;
    shop.enter("crm/Accounts", json!({ "Name": "Bakker", "ChamberOfCommerce": "11111111", "Status": "P" }));
    shop.item("W-1", 100);
    shop.run().await;
    shop.run().await;
    let (company, product) = (shop.known("companies", "Bakker"), shop.known("products", "W-1"));
    let deal = shop.deal("Ten pieces", &company, &[(&product, "10", "90", "0")]);
    shop.win(&deal);
    shop
}

#[tokio::test]
async fn a_plan_foresees_the_calls_of_an_order_its_look_its_promotion_and_what_is_written_back() {
    for vendor in [Vendor::Pipedrive, Vendor::HubSpot] {
        let (planned, run) = (won(vendor).await, won(vendor).await);
        let plan = planned.plan().await;
        let report = run.run().await;
        assert_eq!(run.order().await["OrderedByName"], "Bakker");
        assert_eq!(plan.calls, report.calls, "{vendor:?}: {plan:#?}");
    }
}

#[tokio::test]
async fn a_plan_foresees_the_order_of_a_company_that_it_creates_and_is_carried_out_with_it() {
    for vendor in [Vendor::Pipedrive, Vendor::HubSpot] {
        let world = async || {
            let shop = Shop::open(vendor, 1, &[Preset::Companies, Preset::Products, Preset::Orders]).await;
            shop.item("W-1", 100);
            shop.run().await;
            let (company, item) = (shop.company("Nieuw"), shop.known("products", "W-1"));
            let deal = shop.deal("First", &company, &[(&item, "1", "10", "0")]);
            shop.win(&deal);
            shop
        };
        let (planned, run) = (world().await, world().await);
        let plan = planned.plan().await;
        let creates: Vec<_> = plan.flows.iter().map(|flow| (flow.create.exact, flow.waiting)).collect();
        assert_eq!(creates, [(1, 0), (0, 0), (1, 0)], "{vendor:?}: {plan:#?}");
        let report = run.run().await;
        assert_eq!(plan.calls, report.calls, "{vendor:?}: {plan:#?}");
        let order = plan.items.iter().find(|item| item.flow == "orders" && item.action == "create").unwrap();
        let named = |field: &str| order.fields[field].to_named.clone().unwrap_or_default();
        assert!(named("OrderedBy").starts_with("Nieuw (new, made of "), "{vendor:?}: {order:#?}");
        assert!(named("SalesOrderLines").contains("W-1 ("), "{vendor:?}: {order:#?}");
        let report = planned.engine().run_plan(&plan.items, &plan.new_fields).await.unwrap();
        assert_eq!(planned.order().await["OrderedByName"], "Nieuw", "{vendor:?}: {report:#?}");
    }
}

#[tokio::test]
async fn a_plan_takes_the_share_of_the_division_that_has_most_to_do_and_not_of_all_together() {
    let shop = Shop::open(Vendor::Pipedrive, 2, &[Preset::Companies]).await;
    shop.sandbox.exact().configure(|settings| settings.limits = sandbox::ExactLimits::vendor());
    let divisions = shop.sandbox.exact().divisions();
    let mut number = 10_000_000;
    let mut accounts = Vec::new();
    for (division, count) in divisions.iter().zip([3, 5]) {
        for _ in 0..count {
            number += 1;
            let fields = json!({ "Name": format!("Company {number}"), "ChamberOfCommerce": number.to_string(), "Status": "C" });
            shop.sandbox.exact().create(*division, "crm/Accounts", fields).unwrap();
            accounts.push(format!("Company {number}"));
        }
    }
    shop.run().await;
    for name in accounts {
        let id = shop.known("companies", &name).parse().unwrap();
        let crm = shop.sandbox.pipedrive();
        crm.edit("organizations", id, json!({ "website": "https://crm.example.nl" })).unwrap();
    }
    let plan = shop.plan().await;
    let updates: Vec<_> = plan.flows.iter().map(|flow| flow.update).collect();
    assert_eq!(updates, [PerSide { exact: 3, crm: 0 }, PerSide { exact: 5, crm: 0 }]);
    // Five updates, of 60 a minute and 5,000 a day.
    assert!((plan.minutes - 5.0 / 60.0).abs() < 1e-9, "{}", plan.minutes);
    assert!((plan.day_share - 5.0 / 5_000.0).abs() < 1e-9, "{}", plan.day_share);
}
