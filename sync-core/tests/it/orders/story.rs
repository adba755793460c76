//! From a won deal to its order, its deliveries, its invoice and its payment, and back.

use std::time::Duration;

use serde_json::json;
use sync_core::engine::Resolution;
use sync_core::flow::{Owner, Preset, RuleChange, Side, Transform, Vendor};

use super::shop::{ITEMS, ORDERS, Shop, part, text, told, with_both};

/// A customer and an item on both sides, the flow begun, and a deal of ten and two pieces, not won yet.
async fn prepared(shop: &Shop) -> String {
    shop.customer("Bakker", "11111111");
    shop.item("W-1", 100);
    shop.run().await;
    let (company, product) = (shop.known("companies", "Bakker"), shop.known("products", "W-1"));
    shop.deal("Twelve pieces", &company, &[(&product, "10", "90", "0"), (&product, "2", "80", "25")])
}

#[tokio::test]
async fn a_won_deal_becomes_one_order_with_its_lines_and_everything_that_follows_comes_back() {
    with_both(async |shop| {
        let deal = prepared(&shop).await;
        shop.run().await;
        assert!(shop.books(ORDERS).is_empty(), "it is open");
        shop.win(&deal);
        shop.run().await;
        let order = shop.order().await;
        assert_eq!(order["YourRef"], format!("D-{deal}"), "{:?}", shop.vendor);
        assert_eq!(order["OrderedByName"], "Bakker");
        assert_eq!(order["Description"], "Twelve pieces");
        let lines = told(&shop.lines(), &["ItemCode", "Quantity", "UnitPrice", "Discount", "NetPrice"]);
        assert_eq!(lines, "W-1 10 90 0 90 / W-1 2 80 0.25 60");
        assert_eq!(shop.shown(&deal, "Exact order number"), text(&order["OrderNumber"]));
        assert_eq!(shop.shown(&deal, "Delivery status"), "open");
        shop.is_quiet().await;

        let (exact, division) = (shop.sandbox.exact(), shop.division());
        let id = text(&order["OrderID"]).parse().unwrap();
        exact.deliver_part(division, id, &part(&shop.lines()[0], 4)).unwrap();
        shop.run().await;
        assert_eq!(shop.shown(&deal, "Delivery status"), "partial");
        assert_eq!(shop.shown(&deal, "Shipped"), "W-1: 4 of 10; W-1: 0 of 2");
        exact.deliver(division, id).unwrap();
        let invoice = exact.invoice_delivered(division, id).unwrap();
        let number = exact.print(division, invoice).unwrap();
        shop.run().await;
        assert_eq!(shop.shown(&deal, "Delivery status"), "complete");
        assert_eq!(shop.shown(&deal, "Invoice numbers"), number.to_string());
        assert_eq!(shop.shown(&deal, "Payment status"), "open");
        exact.pay(division, invoice, Some(500.into())).unwrap();
        shop.run().await;
        assert_eq!(shop.shown(&deal, "Payment status"), "partly paid");
        exact.pay(division, invoice, None).unwrap();
        shop.run().await;
        assert_eq!(shop.shown(&deal, "Payment status"), "paid");
        assert_eq!(shop.shown(&deal, "Outstanding amount"), "0");
        exact.credit(division, invoice).unwrap();
        shop.run().await;
        assert_eq!(shop.shown(&deal, "Invoiced amount"), "0", "the credit note takes it back");
        assert_eq!(shop.asked().await, "");
        shop.is_quiet().await;
    })
    .await;
}

#[tokio::test]
async fn an_order_that_somebody_typed_under_the_key_of_a_deal_is_its_order_in_small_letters_too() {
    with_both(async |shop| {
        let deal = prepared(&shop).await;
        let customer = shop.books("crm/Accounts").remove(0)["ID"].clone();
        let item = shop.books(ITEMS).remove(0)["ID"].clone();
        shop.enter(
            ORDERS,
            json!({ "OrderedBy": customer, "YourRef": format!("d-{deal} "), "Description": "By hand",
                "SalesOrderLines": [{ "Item": item, "Quantity": 12, "NetPrice": 90 }] }),
        );
        shop.win(&deal);
        shop.run().await;
        let order = shop.order().await;
        assert_eq!(order["Description"], "By hand", "no second one is made: {:?}", shop.vendor);
        assert_eq!(shop.shown(&deal, "Exact order number"), text(&order["OrderNumber"]));
        shop.is_quiet().await;
    })
    .await;
}

/// Exact publishes no address of an order; the customer knows it from the browser.
#[tokio::test]
async fn a_deal_shows_a_link_to_its_order_where_the_mapping_says_what_its_address_is() {
    with_both(async |mut shop| {
        let change = RuleChange {
            crm: Some("custom:Order in Exact".to_owned()),
            owner: Some(Owner::Exact),
            transform: Some(vec![Transform::Within("https://exact.example/order?id={}&view=1".to_owned())]),
            ..RuleChange::default()
        };
        shop.flow(Preset::Orders).change("OrderID", change).unwrap();
        let deal = prepared(&shop).await;
        shop.win(&deal);
        shop.run().await;
        let link = format!("https://exact.example/order?id={}&view=1", shop.order_id().await);
        assert_eq!(shop.shown(&deal, "Order in Exact"), link, "{:?}", shop.vendor);
        shop.is_quiet().await;
    })
    .await;
}

#[tokio::test]
async fn the_history_of_a_deal_names_the_credit_note_that_took_its_amounts_back() {
    with_both(async |shop| {
        let deal = prepared(&shop).await;
        shop.win(&deal);
        shop.run().await;
        let (exact, division) = (shop.sandbox.exact(), shop.division());
        let order = shop.order_id().await;
        let invoice = shop.deliver_and_invoice(order);
        shop.run().await;
        let note = exact.credit(division, invoice).unwrap();
        shop.run().await;
        let notes = shop.books("salesinvoice/SalesInvoices");
        let note = notes.iter().find(|invoice| invoice["InvoiceID"] == json!(note)).unwrap();
        let lives = shop.engine().history(&deal).await.unwrap();
        let life = lives.iter().find(|life| life.flow == "orders").unwrap();
        let last = &life.lines.last().unwrap().fields;
        let written = |rule: &str| {
            let write = last.iter().find(|write| write.rule == rule).unwrap();
            (write.from.to_string(), write.to.to_string())
        };
        assert_eq!(written("Invoicing.Amount"), ("1234.2".to_owned(), "0".to_owned()));
        assert_eq!(written("Invoicing.CreditNotes"), (String::new(), text(&note["InvoiceNumber"])));
    })
    .await;
}

#[tokio::test]
async fn a_deal_won_before_the_flow_began_is_history_whatever_is_edited_afterwards() {
    with_both(async |shop| {
        shop.customer("Bakker", "11111111");
        shop.item("W-1", 100);
        let company = shop.company("Smid");
        let deal = shop.deal("Long ago", &company, &[]);
        shop.win(&deal);
        shop.run().await;
        let later = "2026-12-24T10:00:00Z";
        shop.edit(&deal, json!({ "won_time": later }), json!({ "closedate": later }));
        shop.run().await;
        assert_eq!((shop.books(ORDERS).len(), shop.asked().await), (0, String::new()));
    })
    .await;
}

/// What a person must mend before a deal can become an order.
struct Flaw {
    name: &'static str,
    /// Product, quantity, price and percentage off of each line; `W` stands for an item, `?` for an unknown product.
    lines: &'static [(&'static str, &'static str, &'static str, &'static str)],
    told: &'static str,
}

const FLAWS: [Flaw; 4] = [
    Flaw { name: "no lines", lines: &[], told: "SalesOrderLines must have a value" },
    Flaw {
        name: "unknown product",
        lines: &[("?", "1", "10", "0")],
        told: "is not linked to an item in Exact",
    },
    Flaw {
        name: "nothing sold",
        lines: &[("W", "1", "10", "0"), ("W", "0", "10", "0")],
        told: "line 2 (W-1): its quantity is 0",
    },
    Flaw {
        name: "ended item",
        lines: &[("E", "1", "10", "0")],
        told: "E-1 is blocked, ended or not for sale in Exact",
    },
];

#[tokio::test]
async fn a_deal_that_cannot_become_an_order_is_asked_about_and_holds_nothing_else_back() {
    with_both(async |shop| {
        shop.customer("Bakker", "11111111");
        shop.item("W-1", 100);
        let ended = shop.item("E-1", 100);
        shop.run().await;
        let company = shop.known("companies", "Bakker");
        let (item, ended_item) = (shop.known("products", "W-1"), shop.known("products", "E-1"));
        shop.sandbox.exact().edit(shop.division(), ITEMS, ended, json!({ "EndDate": "2026-11-01" })).unwrap();
        let unknown = shop.product("Only here");
        let deal = |name: &str, lines: &[(&str, &str, &str, &str)]| {
            let product = |name: &str| match name {
                "W" => item.clone(),
                "E" => ended_item.clone(),
                _ => unknown.clone(),
            };
            let named: Vec<_> = lines.iter().map(|line| (product(line.0), line.1, line.2, line.3)).collect();
            let named: Vec<_> = named.iter().map(|line| (line.0.as_str(), line.1, line.2, line.3)).collect();
            let deal = shop.deal(name, &company, &named);
            shop.win(&deal);
        };
        for flaw in FLAWS {
            deal(flaw.name, flaw.lines);
        }
        deal("right", &[("W", "1", "10", "0")]);
        shop.sandbox.exact().reset_stats();
        shop.run().await;
        assert_eq!(shop.order().await["Description"], "right");
        let asked = shop.asked().await;
        for flaw in FLAWS {
            assert!(asked.contains(flaw.told), "{:?}, {}: {asked}", shop.vendor, flaw.name);
        }
        // What comes from the unknown product itself is asked about in its own flow.
        let of_orders = shop.issues().await.iter().filter(|issue| issue.flow == "orders").count();
        assert_eq!((of_orders, shop.sandbox.exact().stats().writes), (FLAWS.len(), 1));
    })
    .await;
}

#[tokio::test]
async fn a_new_company_is_created_first_and_becomes_a_customer_with_its_first_order() {
    with_both(async |shop| {
        shop.item("W-1", 100);
        shop.run().await;
        let (company, item) = (shop.company("Nieuw"), shop.known("products", "W-1"));
        shop.run().await;
        let status = || text(&shop.books("crm/Accounts")[0]["Status"]);
        assert_eq!(status(), "P", "nothing was sold to it yet");
        let deal = shop.deal("First", &company, &[(&item, "1", "10", "0")]);
        let plan = shop.plan().await;
        assert_eq!(plan.flows[2].create.exact, 0);
        shop.win(&deal);
        let plan = shop.plan().await;
        assert_eq!((plan.flows[2].create.exact, plan.flows[2].update.exact), (1, 1), "{plan:?}");
        shop.run().await;
        assert_eq!(shop.order().await["OrderedByName"], "Nieuw");
        assert_eq!(status(), "C");
        shop.is_quiet().await;
        let again = shop.deal("Second", &company, &[(&item, "1", "10", "0")]);
        shop.win(&again);
        shop.sandbox.exact().reset_stats();
        shop.run().await;
        assert_eq!(shop.sandbox.exact().stats().writes, 1, "it is a customer already");
    })
    .await;
}

#[tokio::test]
async fn an_order_whose_run_is_undone_is_asked_about_and_its_company_stays_a_customer() {
    with_both(async |shop| {
        shop.item("W-1", 100);
        shop.run().await;
        let (company, item) = (shop.company("Nieuw"), shop.known("products", "W-1"));
        shop.run().await;
        let deal = shop.deal("First", &company, &[(&item, "1", "10", "0")]);
        shop.win(&deal);
        shop.run().await;
        let past = shop.engine().past_runs(1).await.unwrap();
        shop.engine().undo(&past[0].id).await.unwrap();
        shop.run().await;
        let asked = shop.asked().await;
        assert!(asked.contains("can only be taken back by hand"), "{:?}: {asked}", shop.vendor);
        assert_eq!(text(&shop.books("crm/Accounts")[0]["Status"]), "C", "{:?}", shop.vendor);
        shop.is_quiet().await;
    })
    .await;
}

#[tokio::test]
async fn a_deal_in_another_currency_becomes_an_order_in_it() {
    with_both(async |shop| {
        let deal = prepared(&shop).await;
        shop.edit(&deal, json!({ "currency": "USD" }), json!({ "deal_currency_code": "USD" }));
        shop.win(&deal);
        shop.run().await;
        assert_eq!(text(&shop.order().await["Currency"]).trim(), "USD");
    })
    .await;
}

#[tokio::test]
async fn what_becomes_of_a_deal_after_its_order_is_asked_about_and_never_written_to_the_books() {
    with_both(async |shop| {
        let deal = prepared(&shop).await;
        shop.win(&deal);
        shop.run().await;
        let order = shop.order().await;
        shop.edit(&deal, json!({ "title": "Thirteen" }), json!({ "dealname": "Thirteen" }));
        let item = shop.known("products", "W-1");
        shop.line(&deal, (&item, "1", "90", "0"));
        shop.reopen(&deal);
        shop.sandbox.exact().reset_stats();
        shop.run().await;
        let issues = shop.issues().await;
        let told: Vec<_> =
            issues.iter().map(|issue| (issue.field.as_deref().unwrap(), issue.answers())).collect();
        let take = vec!["--skip", "--take exact"];
        let note = vec!["--skip"];
        assert_eq!(told, [("Description", take), ("SalesOrderLines", note.clone()), ("when", note)]);
        shop.resolve(&issues[0], Resolution::Take(Side::Exact)).await;
        shop.resolve(&issues[1], Resolution::Skip).await;
        shop.resolve(&issues[2], Resolution::Skip).await;
        shop.run().await;
        assert_eq!(shop.asked().await, "");
        assert_eq!(shop.title(&deal), "Twelve pieces", "Exact's was taken");
        assert_eq!(shop.sandbox.exact().stats().writes, 0);
        assert_eq!(shop.order().await, order);
        shop.is_quiet().await;
        shop.win(&deal);
        shop.run().await;
        assert_eq!((shop.asked().await.as_str(), shop.books(ORDERS).len()), ("", 1), "won again");
        shop.edit(&deal, json!({ "status": "lost" }), json!({ "dealstage": "closedlost" }));
        shop.run().await;
        assert!(shop.asked().await.contains("no longer meets the condition"), "{}", shop.asked().await);
    })
    .await;
}

#[tokio::test]
async fn an_order_deleted_in_exact_is_asked_about_and_not_made_anew() {
    with_both(async |shop| {
        let deal = prepared(&shop).await;
        shop.win(&deal);
        shop.run().await;
        let order = shop.order_id().await;
        shop.sandbox.exact().delete(shop.division(), ORDERS, order).unwrap();
        shop.run().await;
        let asked = shop.asked().await;
        assert!(asked.contains(&format!("the order {order} was deleted in Exact")), "{asked}");
        shop.edit(&deal, json!({ "title": "Again" }), json!({ "dealname": "Again" }));
        shop.run().await;
        assert_eq!(shop.books(ORDERS).len(), 0);
        let issue = shop.issues().await.remove(0);
        shop.resolve(&issue, Resolution::Skip).await;
        shop.run().await;
        assert_eq!((shop.asked().await.as_str(), shop.books(ORDERS).len()), ("", 0));
    })
    .await;
}

#[tokio::test]
async fn a_deal_deleted_after_its_order_is_asked_about() {
    with_both(async |shop| {
        let deal = prepared(&shop).await;
        shop.win(&deal);
        shop.run().await;
        match shop.vendor {
            Vendor::Pipedrive => shop.sandbox.pipedrive().delete("deals", deal.parse().unwrap()).unwrap(),
            _ => shop.sandbox.hubspot().archive("deals", &deal).unwrap(),
        }
        // HubSpot's archive is looked into every quarter of an hour.
        shop.clock.advance(Duration::from_secs(900));
        shop.run().await;
        let asked = shop.asked().await;
        assert!(
            asked.contains(&format!("the deal {deal} was deleted in the CRM")),
            "{:?}: {asked}",
            shop.vendor
        );
        shop.order().await;
    })
    .await;
}
