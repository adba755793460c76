use crm_adapters::Kind;
use serde_json::json;
use sync_core::flow::{Preset, Vendor};
use uuid::Uuid;

use super::desk::Desk;
use super::for_both_vendors;

const FLOWS: [Preset; 1] = [Preset::Products];

for_both_vendors! {
    only_items_for_sale_become_products_with_code_name_price_unit_and_vat_code,
    a_price_that_starts_tomorrow_arrives_tomorrow_and_one_that_ends_is_followed_by_the_standard_price,
    a_customers_own_price_is_never_the_list_price,
    quantity_breaks_are_shown_beside_the_list_price,
    an_item_that_ends_is_archived_in_the_crm_and_comes_back_when_it_is_sold_again,
    a_price_in_another_currency_is_not_taken_for_one_in_euros,
}

fn item(desk: &Desk, code: &str, price: i64) -> Uuid {
    let fields = json!({
        "Code": code, "Description": format!("Artikel {code}"), "IsSalesItem": true, "SalesVatCode": "2",
        "StandardSalesPrice": price, "Unit": "pc",
    });
    desk.enter("logistics/Items", fields)
}

fn price_field(desk: &Desk) -> &'static str {
    desk.word("prices:EUR", "price")
}

async fn price(desk: &Desk, item: Uuid) -> String {
    desk.crm_shows(Kind::Product, item, &[price_field(desk)]).await
}

async fn only_items_for_sale_become_products_with_code_name_price_unit_and_vat_code(vendor: Vendor) {
    let desk = Desk::open(vendor, &FLOWS).await;
    let lamp = item(&desk, "LAMP", 40);
    desk.enter("logistics/Items", json!({ "Code": "SCREW", "Description": "Schroef", "IsSalesItem": false }));
    desk.settle().await;
    assert_eq!(desk.crm_count(Kind::Product), 1);
    let fields = [desk.word("code", "hs_sku"), "name", price_field(&desk), "custom:VAT code"];
    assert_eq!(desk.crm_shows(Kind::Product, lamp, &fields).await, "LAMP | Artikel LAMP | 40 | 2");
    assert_eq!(desk.crm_shows(Kind::Product, lamp, &[desk.word("unit", "custom:Unit")]).await, "pc");
    desk.edit("logistics/Items", lamp, json!({ "Description": "Lamp, groot", "StandardSalesPrice": 44.95 }));
    desk.settle().await;
    assert_eq!(desk.crm_shows(Kind::Product, lamp, &fields).await, "LAMP | Lamp, groot | 44.95 | 2");
}

async fn a_price_that_starts_tomorrow_arrives_tomorrow_and_one_that_ends_is_followed_by_the_standard_price(
    vendor: Vendor,
) {
    let desk = Desk::open(vendor, &FLOWS).await;
    let lamp = item(&desk, "LAMP", 40);
    let action = json!({
        "Item": lamp, "Price": 35, "StartDate": "2026-11-23", "EndDate": "2026-11-24", "Currency": "EUR",
    });
    desk.enter("logistics/SalesItemPrices", action);
    for (days, expected) in [(0, "40"), (1, "35"), (1, "35"), (1, "40")] {
        desk.pass_days(days);
        desk.settle().await;
        assert_eq!(price(&desk, lamp).await, expected, "{}", desk.clock.now());
    }
}

async fn a_customers_own_price_is_never_the_list_price(vendor: Vendor) {
    let desk = Desk::open(vendor, &FLOWS).await;
    let (lamp, bakker) = (item(&desk, "LAMP", 40), desk.customer("Bakker"));
    desk.enter("logistics/SalesItemPrices", json!({ "Item": lamp, "Price": 30, "Account": bakker }));
    desk.settle().await;
    assert_eq!(price(&desk, lamp).await, "40");
}

async fn quantity_breaks_are_shown_beside_the_list_price(vendor: Vendor) {
    let desk = Desk::open(vendor, &FLOWS).await;
    let lamp = item(&desk, "LAMP", 40);
    for (quantity, price) in [(100, 30), (10, 35)] {
        let fields = json!({ "Item": lamp, "Price": price, "Quantity": quantity, "Currency": "EUR" });
        desk.enter("logistics/SalesItemPrices", fields);
    }
    desk.settle().await;
    let fields = [price_field(&desk), "custom:Quantity prices"];
    assert_eq!(desk.crm_shows(Kind::Product, lamp, &fields).await, "40 | from 10: 35 EUR; from 100: 30 EUR");
}

async fn an_item_that_ends_is_archived_in_the_crm_and_comes_back_when_it_is_sold_again(vendor: Vendor) {
    let desk = Desk::open(vendor, &FLOWS).await;
    let lamp = item(&desk, "LAMP", 40);
    desk.settle().await;
    let sold = [desk.word("is_linkable", "custom:Sales status"), "custom:Sales status"];
    let (yes, no) = desk.word(("true | for sale", "false | ended"), ("for sale | for sale", "ended | ended"));
    assert_eq!(desk.crm_shows(Kind::Product, lamp, &sold).await, yes);
    desk.edit("logistics/Items", lamp, json!({ "EndDate": "2026-11-23" }));
    desk.settle().await;
    assert_eq!(desk.crm_shows(Kind::Product, lamp, &sold).await, yes, "till tomorrow");
    desk.pass_days(2);
    desk.settle().await;
    assert_eq!(desk.crm_shows(Kind::Product, lamp, &sold).await, no);
    desk.edit("logistics/Items", lamp, json!({ "EndDate": null }));
    desk.settle().await;
    assert_eq!(desk.crm_shows(Kind::Product, lamp, &sold).await, yes);
}

async fn a_price_in_another_currency_is_not_taken_for_one_in_euros(vendor: Vendor) {
    let desk = Desk::open(vendor, &FLOWS).await;
    let lamp = item(&desk, "LAMP", 40);
    desk.enter("logistics/SalesItemPrices", json!({ "Item": lamp, "Price": 50, "Currency": "USD" }));
    desk.settle().await;
    assert_eq!(price(&desk, lamp).await, "40");
}
