//! Prices of deals that are not those of Exact.

use sync_core::engine::Resolution;
use sync_core::flow::{Preset, Price};
use sync_core::state::IssueKind;

use super::shop::{ORDERS, Shop, text, with_both};

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
