//! Deals that become orders, once each.

use std::time::Duration;

use crm_adapters::{ErrorKind as SideErrorKind, Fields, Kind, Value};
use rust_decimal::Decimal;
use sync_core::ErrorKind;
use sync_core::engine::{PerSide, Resolution};
use sync_core::flow::{Preset, Side};
use sync_core::state::IssueKind;

use super::office::{Office, reference};
use super::side::Reply;

const COMPANY: &str = "association:company:Primary";

/// A company and an item on both sides, and orders that are handed over from now on.
fn office() -> Office {
    let office = Office::new(&[12], &[Preset::Companies, Preset::Products, Preset::Orders]);
    office.exact(Kind::Company).add("e1", &[("Name", "Bakker"), ("ChamberOfCommerce", "11111111")]);
    office.crm(Kind::Company).add("c1", &[("name", "Bakker"), ("custom:KvK number", "11111111")]);
    office.exact(Kind::Product).add("i1", &[("Code", "W"), ("Description", "Widget")]);
    office.crm(Kind::Product).add("r1", &[("hs_sku", "W"), ("name", "Widget")]);
    office.run();
    office
}

fn line(product: &str) -> Fields {
    Fields::new()
        .with("name", "Widget")
        .with("hs_product_id", reference(product))
        .with("quantity", Decimal::from(3))
        .with("price", Decimal::from(10))
        .with("hs_discount_percentage", Decimal::from(25))
}

fn won(office: &Office, product: &str) -> Fields {
    Fields::new()
        .with("dealname", "Three widgets")
        .with(COMPANY, reference("c1"))
        .with("hs_is_closed_won", true)
        .with("hs_v2_date_entered_current_stage", Value::Instant(office.now()))
        .with("line_items", Value::Lines(vec![line(product)]))
}

/// The one order.
fn order(office: &Office) -> String {
    let ids = office.exact(Kind::Order).ids();
    assert_eq!(ids.len(), 1, "{ids:?}, {:?}", office.issues());
    ids.into_iter().next().unwrap()
}

#[test]
fn a_won_deal_becomes_one_order_with_its_lines_and_its_number_comes_back() {
    let office = office();
    office.crm(Kind::Deal).put("d1", won(&office, "r1"));
    office.run();
    let id = order(&office);
    let orders = office.exact(Kind::Order);
    assert_eq!(orders.value(&id, "YourRef"), "D-d1");
    assert_eq!(orders.held(&id, "OrderedBy"), reference("e1"));
    let made = Fields::new()
        .with("Item", reference("i1"))
        .with("Quantity", Decimal::from(3))
        .with("UnitPrice", Decimal::from(10))
        .with("Discount", Decimal::new(25, 2))
        .with("Description", "Widget");
    assert_eq!(orders.held(&id, "SalesOrderLines"), Value::Lines(vec![made]));
    orders.edit(&id, "OrderNumber", "1001");
    office.run();
    assert_eq!(office.crm(Kind::Deal).value("d1", "custom:Exact order number"), "1001");
    assert_eq!((office.run().writes(), office.issues().len()), (0, 0));
}

#[test]
fn deals_that_were_won_before_the_flow_began_are_history_whatever_is_said() {
    let office = office();
    let mut old = won(&office, "r1");
    old.set("hs_v2_date_entered_current_stage", Value::Instant(office.now() - Duration::from_secs(86_400)));
    office.crm(Kind::Deal).put("d1", old);
    assert!(office.plan().flows[2].since.is_some());
    office.run();
    office.crm(Kind::Deal).edit("d1", "dealname", "Edited since");
    office.run();
    assert_eq!((office.exact(Kind::Order).ids().len(), office.issues().len()), (0, 0));
}

#[test]
fn an_unanswered_or_interrupted_order_is_one_order() {
    for reply in [Reply::Lost, Reply::Vanished, Reply::DiesAfter, Reply::DiesBefore] {
        let office = office();
        office.crm(Kind::Deal).put("d1", won(&office, "r1"));
        office.exact(Kind::Order).reply(&[reply]);
        for _ in 0..3 {
            office.try_run();
        }
        assert_eq!(office.exact(Kind::Order).value(&order(&office), "YourRef"), "D-d1", "{reply:?}");
        assert!(office.issues().is_empty(), "{reply:?}: {:?}", office.issues());
    }
}

#[test]
fn an_order_that_bears_the_deals_key_already_is_taken_for_it() {
    let office = office();
    office.run();
    // Entered after the feed was read: only the look before the create can see it.
    office.crm(Kind::Deal).put("d1", won(&office, "r1"));
    office.exact(Kind::Order).hidden_from_feed("o1", &[("YourRef", "D-d1"), ("OrderNumber", "7")]);
    office.run();
    assert_eq!(order(&office), "o1");
    assert_eq!(office.crm(Kind::Deal).value("d1", "custom:Exact order number"), "7");
}

#[test]
fn what_changes_in_the_deal_afterwards_is_asked_about_and_never_written() {
    let office = office();
    office.crm(Kind::Deal).put("d1", won(&office, "r1"));
    office.run();
    let id = order(&office);
    office.exact(Kind::Order).take_writes();
    let mut more = line("r1");
    more.set("quantity", Decimal::from(5));
    office.crm(Kind::Deal).set("d1", "line_items", Value::Lines(vec![more]));
    office.crm(Kind::Deal).edit("d1", "dealname", "Five widgets");
    office.crm(Kind::Deal).set("d1", "hs_is_closed_won", Value::Bool(false));
    office.run();
    let issues = office.issues();
    let mut fields: Vec<_> = issues.iter().filter_map(|issue| issue.field.clone()).collect();
    fields.sort();
    assert_eq!(fields, ["Description", "SalesOrderLines", "when"], "{issues:?}");
    assert!(issues.iter().all(|issue| {
        matches!(issue.kind, IssueKind::HandedOff | IssueKind::Departed)
            && issue.answers().contains(&"--skip")
    }));
    for issue in &issues {
        office.resolve(issue, Resolution::Skip);
    }
    office.exact(Kind::Order).edit(&id, "OrderNumber", "1001");
    office.run();
    assert!(office.issues().is_empty(), "{:?}", office.issues());
    assert!(office.exact(Kind::Order).take_writes().is_empty());
    assert_eq!(
        office.crm(Kind::Deal).value("d1", "custom:Exact order number"),
        "1001",
        "progress still flows"
    );
}

#[test]
fn taking_note_of_a_deal_that_was_opened_again_is_refused_once_it_was_seen_to_be_won_again() {
    let office = office();
    office.crm(Kind::Deal).put("d1", won(&office, "r1"));
    office.run();
    office.crm(Kind::Deal).set("d1", "hs_is_closed_won", Value::Bool(false));
    office.run();
    let [issue] = office.issues().try_into().unwrap();
    office.crm(Kind::Deal).set("d1", "hs_is_closed_won", Value::Bool(true));
    office.plan();
    let error = office.try_resolve(&issue, Resolution::Skip).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Moved, "{error}");
    assert!(error.to_string().contains("hs_is_closed_won true` now"), "{error}");
    office.run();
    assert!(office.issues().is_empty(), "{:?}", office.issues());
}

#[test]
fn an_unknown_product_is_asked_about_by_its_line_and_never_guessed() {
    let office = office();
    office.crm(Kind::Product).add("r9", &[("hs_sku", "X"), ("name", "Only in the CRM")]);
    office.crm(Kind::Deal).put("d1", won(&office, "r9"));
    office.run();
    let issues = office.issues();
    assert!(
        issues.iter().any(|issue| issue.message.contains("line 1 (Widget): product r9 is not linked")),
        "{issues:?}"
    );
    assert!(office.exact(Kind::Order).ids().is_empty());
    office.crm(Kind::Deal).set("d1", "line_items", Value::Lines(vec![line("r1")]));
    office.run();
    order(&office);
    assert!(office.issues().is_empty(), "{:?}", office.issues());
}

#[test]
fn a_flow_whose_schema_cannot_be_read_stops_no_other_and_what_names_its_records_waits() {
    let office = office();
    office.crm(Kind::Product).broken(Some(SideErrorKind::Forbidden));
    office.exact(Kind::Company).add("e2", &[("Name", "Smid"), ("ChamberOfCommerce", "22222222")]);
    office.crm(Kind::Deal).put("d1", won(&office, "r1"));
    office.crm(Kind::Deal).put("d2", won(&office, "r2"));
    let report = office.run();
    let flows: Vec<_> = report.flows.iter().map(|flow| (flow.flow.as_str(), flow.created)).collect();
    let (in_crm, in_exact) = (PerSide { exact: 0, crm: 1 }, PerSide { exact: 1, crm: 0 });
    assert_eq!(flows, [("companies", in_crm), ("products", PerSide::default()), ("orders", in_exact)]);
    let [error] = report.errors.as_slice() else { panic!("one error: {report:?}") };
    assert_eq!((error.flow.as_str(), error.side, error.kind.as_str()), ("products", Side::Crm, "forbidden"));
    assert!(!error.remedy.is_empty());
    order(&office);
    office.crm(Kind::Product).broken(None);
    assert_eq!(office.run().errors, []);
}
