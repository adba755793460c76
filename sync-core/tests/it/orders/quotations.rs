//! Deals that become quotations at a stage.

use std::collections::BTreeMap;

use exact_client::{AcceptQuotation, DivisionId, NewAcceptQuotation, WriteOptions};
use serde_json::json;
use sync_core::flow::{Condition, Preset, RuleChange, Test, Vendor};

use super::shop::{ORDERS, Shop, text, told};

const QUOTATIONS: &str = "crm/Quotations";
const QUOTATION_LINES: &str = "crm/QuotationLines";

/// Quotations at a stage that the config names, and orders of what is won; the stage follows the customer's answer.
async fn open(vendor: Vendor) -> Shop {
    let presets = [Preset::Companies, Preset::Products, Preset::Quotations, Preset::Orders];
    let mut shop = Shop::open(vendor, 1, &presets).await;
    let (stage, at, then) = match vendor {
        Vendor::Pipedrive => ("stage_id", "Pipeline/Proposal Made", "Pipeline/Negotiations Started"),
        _ => ("dealstage", "Presentation Scheduled", "Contract Sent"),
    };
    let quotations = shop.flow(Preset::Quotations);
    quotations.narrow(Condition::crm(stage, Test::Is(at.into())));
    let values = BTreeMap::from([("accepted".to_owned(), then.to_owned())]);
    let change = RuleChange { crm: Some(stage.to_owned()), values: Some(values), ..RuleChange::default() };
    quotations.rules.retain(|rule| rule.exact != "Answer.Status");
    quotations.change("Answer.Status", change).unwrap();
    shop
}

#[tokio::test]
async fn a_deal_at_its_stage_becomes_one_quotation_and_the_order_made_of_it_is_the_deals_order() {
    for vendor in [Vendor::Pipedrive, Vendor::HubSpot] {
        let shop = open(vendor).await;
        shop.customer("Bakker", "11111111");
        shop.item("W-1", 100);
        shop.run().await;
        let findings = shop.engine().check().await.unwrap();
        assert!(findings.iter().all(|finding| finding.message.contains("longer ones")), "{findings:?}");
        let (company, item) = (shop.known("companies", "Bakker"), shop.known("products", "W-1"));
        let deal = shop.deal("Ten", &company, &[(&item, "10", "90", "0")]);
        shop.run().await;
        assert!(shop.books(QUOTATIONS).is_empty(), "not at its stage yet");
        shop.edit(&deal, json!({ "stage_id": 4 }), json!({ "dealstage": "presentationscheduled" }));
        shop.run().await;
        let quotation = shop.books(QUOTATIONS).pop().unwrap_or_else(|| panic!("{vendor:?}"));
        assert_eq!(quotation["YourRef"], format!("D-{deal}"));
        let lines = shop.books(QUOTATION_LINES);
        assert_eq!(told(&lines, &["Quantity", "UnitPrice"]), "10 90");
        assert_eq!(shop.shown(&deal, "Quotation number"), text(&quotation["QuotationNumber"]));
        shop.is_quiet().await;

        let division = shop.client.division(DivisionId::new(i32::try_from(shop.division()).unwrap()));
        let mut accept = NewAcceptQuotation::new(text(&quotation["QuotationID"]).parse().unwrap());
        accept.action = Some(1);
        division.act::<AcceptQuotation>(&accept, WriteOptions::new()).await.unwrap();
        shop.run().await;
        let stage = shop.own(&deal, "stage_id", "dealstage");
        assert!(["5", "contractsent"].contains(&stage.as_str()), "{vendor:?}: {stage}");
        assert_eq!(shop.asked().await, "", "that it moved on is no question");
        assert_eq!(shop.books(ORDERS).len(), 1, "Exact made it of the quotation");
        shop.win(&deal);
        shop.run().await;
        let order = shop.order().await;
        assert_eq!(shop.shown(&deal, "Exact order number"), text(&order["OrderNumber"]));
        assert_eq!((shop.books(QUOTATIONS).len(), shop.asked().await.as_str()), (1, ""));
        shop.is_quiet().await;
    }
}
