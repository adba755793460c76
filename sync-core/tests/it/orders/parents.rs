//! Conditions on what a deal belongs to.

use serde_json::json;
use sync_core::flow::{Condition, Preset, Test, Vendor};

use super::shop::{ORDERS, Shop, with_both};

/// A field of the company of a deal, in the words of the CRM.
fn of_company(shop: &Shop, field: &str) -> String {
    let company = if shop.vendor == Vendor::Pipedrive { "organization" } else { "company" };
    format!("{company}.{field}")
}

/// Somebody sells one W-1 to a company.
fn sell(shop: &Shop, title: &str, company: &str) {
    let (company, item) = (shop.known("companies", company), shop.known("products", "W-1"));
    let deal = shop.deal(title, &company, &[(&item, "1", "10", "0")]);
    shop.win(&deal);
}

#[tokio::test]
async fn a_condition_on_the_company_of_a_deal_is_asked_again_when_the_company_changes() {
    with_both(async |mut shop| {
        let name = of_company(&shop, "name");
        shop.flow(Preset::Orders).narrow(Condition::crm(&name, Test::Contains("Noord".to_owned())));
        let account = shop.customer("Bakker", "11111111");
        shop.item("W-1", 10);
        shop.run().await;
        sell(&shop, "Ovens", "Bakker");
        shop.run().await;
        assert!(shop.books(ORDERS).is_empty(), "{:?}: its company is not in the north", shop.vendor);
        let moved = json!({ "Name": "Bakker Noord" });
        shop.sandbox.exact().edit(shop.division(), "crm/Accounts", account, moved).unwrap();
        shop.run().await;
        assert_eq!(shop.order().await["Description"], "Ovens");
        shop.is_quiet().await;
    })
    .await;
}

#[tokio::test]
async fn a_condition_on_a_field_that_no_company_has_is_found_before_anything_runs() {
    with_both(async |mut shop| {
        let name = of_company(&shop, "region");
        shop.flow(Preset::Orders).narrow(Condition::crm(&name, Test::Present(true)));
        let findings = shop.engine().check().await.unwrap();
        let told = findings.iter().find(|finding| finding.path == "flow.orders.when").unwrap();
        assert!(told.message.starts_with("the CRM has no field `region`"), "{told}");
    })
    .await;
}

#[tokio::test]
async fn a_condition_may_ask_for_a_field_of_the_company_that_the_first_run_creates() {
    with_both(async |mut shop| {
        let vat = of_company(&shop, "custom:VAT number");
        shop.flow(Preset::Orders).narrow(Condition::crm(&vat, Test::Is("NL001234567B01".into())));
        for (name, kvk, vat) in [("Bakker", "11111111", "NL001234567B01"), ("Smid", "22222222", "")] {
            let fields = json!({ "Name": name, "ChamberOfCommerce": kvk, "VATNumber": vat, "Status": "C" });
            shop.enter("crm/Accounts", fields);
        }
        shop.item("W-1", 10);
        shop.run().await;
        for name in ["Bakker", "Smid"] {
            sell(&shop, name, name);
        }
        shop.run().await;
        assert_eq!(shop.order().await["Description"], "Bakker", "{:?}", shop.vendor);
    })
    .await;
}

#[tokio::test]
async fn a_condition_asks_for_the_country_of_a_company_in_the_words_of_each_crm() {
    with_both(async |mut shop| {
        let name = of_company(&shop, "country");
        shop.flow(Preset::Orders).narrow(Condition::crm(&name, Test::Is("Netherlands".into())));
        shop.customer("Bakker", "11111111");
        shop.item("W-1", 10);
        shop.run().await;
        sell(&shop, "Ovens", "Bakker");
        shop.run().await;
        assert!(shop.books(ORDERS).is_empty(), "{:?}: nobody knows where it is", shop.vendor);
        let address = json!({ "address": { "value": "Dam 1, Amsterdam", "country": "Netherlands" } });
        shop.edit_company(&shop.known("companies", "Bakker"), address, json!({ "country": "Netherlands" }));
        shop.run().await;
        assert_eq!(shop.order().await["Description"], "Ovens");
    })
    .await;
}

#[tokio::test]
async fn what_is_known_of_a_company_outlives_a_write_to_its_deal_that_was_not_answered() {
    with_both(async |mut shop| {
        let name = of_company(&shop, "name");
        shop.flow(Preset::Orders).narrow(Condition::crm(&name, Test::Contains("Noord".to_owned())));
        shop.customer("Bakker Noord", "11111111");
        shop.item("W-1", 10);
        shop.run().await;
        sell(&shop, "Ovens", "Bakker Noord");
        shop.lose_an_answer();
        shop.run().await;
        shop.clock.advance(std::time::Duration::from_secs(900));
        shop.run().await;
        shop.order().await;
        assert_eq!(shop.asked().await, "", "{:?}: the deal still meets its condition", shop.vendor);
        shop.is_quiet().await;
    })
    .await;
}
