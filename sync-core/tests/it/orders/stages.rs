//! The stage of a deal follows its order where a rule says so.

use std::collections::BTreeMap;

use serde_json::json;
use sync_core::flow::{Preset, RuleChange, Vendor};

use super::shop::{part, with_both};

#[tokio::test]
async fn a_stage_follows_the_order_and_stays_where_a_person_moves_it() {
    with_both(async |mut shop| {
        // In HubSpot the stage says whether a deal is won, too; there the example follows in a field beside it.
        let field = match shop.vendor {
            Vendor::Pipedrive => "stage_id",
            _ => "description",
        };
        let stages = [
            ("partly delivered", "Pipeline/Demo Scheduled"),
            ("paid", "Pipeline/Proposal Made"),
            ("credited", "Pipeline/Qualified"),
        ];
        let change = RuleChange {
            crm: Some(field.to_owned()),
            values: Some(stages.map(|(is, to)| (is.to_owned(), to.to_owned())).into()),
            ..RuleChange::default()
        };
        shop.flow(Preset::Orders).change("Progress.Status", change).unwrap();
        let ids: BTreeMap<&str, &str> = [
            ("1", "Pipeline/Qualified"),
            ("3", "Pipeline/Demo Scheduled"),
            ("4", "Pipeline/Proposal Made"),
            ("5", "moved on"),
        ]
        .into();
        let deal = shop.sold_ten().await;
        let stage = || {
            let held = shop.own(&deal, "stage_id", "description");
            ids.get(held.as_str()).map_or(held.clone(), |name| (*name).to_owned())
        };
        let before = stage();
        assert_eq!(shop.asked().await, "", "{:?}", shop.vendor);

        let (exact, division) = (shop.sandbox.exact(), shop.division());
        let order = shop.order_id().await;
        exact.deliver_part(division, order, &part(&shop.lines()[0], 4)).unwrap();
        shop.run().await;
        assert_ne!(stage(), before);
        assert_eq!(stage(), "Pipeline/Demo Scheduled");
        shop.edit(&deal, json!({ "stage_id": 5 }), json!({ "description": "moved on" }));
        shop.run().await;
        let invoice = shop.deliver_and_invoice(order);
        shop.run().await;
        assert_eq!(stage(), "moved on", "`invoiced` says nothing, and a person's move stays");
        exact.pay(division, invoice, None).unwrap();
        shop.run().await;
        assert_eq!(stage(), "Pipeline/Proposal Made");
        exact.credit(division, invoice).unwrap();
        shop.run().await;
        assert_eq!(stage(), "Pipeline/Qualified");
        assert_eq!(shop.asked().await, "");
        shop.is_quiet().await;
    })
    .await;
}

#[tokio::test]
async fn a_move_by_the_flow_is_no_departure_of_the_deal_and_a_persons_is_one() {
    with_both(async |mut shop| {
        // In HubSpot the stage says whether a deal is won.
        let (field, to, at) = match shop.vendor {
            Vendor::Pipedrive => ("stage_id", "Pipeline/Proposal Made", "4"),
            _ => ("dealstage", "Contract Sent", "contractsent"),
        };
        let values = BTreeMap::from([("credited".to_owned(), to.to_owned())]);
        let change =
            RuleChange { crm: Some(field.to_owned()), values: Some(values), ..RuleChange::default() };
        shop.flow(Preset::Orders).change("Progress.Status", change).unwrap();
        let deal = shop.sold_ten().await;
        let (exact, division) = (shop.sandbox.exact(), shop.division());
        let order = shop.order_id().await;
        let invoice = shop.deliver_and_invoice(order);
        shop.run().await;
        exact.credit(division, invoice).unwrap();
        shop.run().await;
        assert_eq!(shop.own(&deal, "stage_id", "dealstage"), at, "{:?}", shop.vendor);
        assert_eq!(shop.asked().await, "", "{:?}", shop.vendor);
        shop.is_quiet().await;
        shop.edit(&deal, json!({ "status": "lost" }), json!({ "dealstage": "closedlost" }));
        shop.run().await;
        assert!(shop.asked().await.contains("no longer meets the condition"), "{}", shop.asked().await);
    })
    .await;
}
