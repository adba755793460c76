//! What must hold of every entity.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::*;
use crate::odata::{Door, Edm, Patch};

#[test]
fn a_patch_sends_what_it_changes_and_nothing_else() {
    let patch = AccountPatch {
        name: "'t Hof".to_owned().into(),
        email: Patch::Clear,
        credit_line_sales: Patch::Set(Decimal::new(1050, 2)),
        start_date: Patch::Set(NaiveDate::from_ymd_opt(2026, 1, 31).unwrap()),
        ..AccountPatch::default()
    };
    assert_eq!(
        serde_json::to_string(&patch).unwrap(),
        r#"{"CreditLineSales":10.50,"Email":null,"Name":"'t Hof","StartDate":"2026-01-31"}"#
    );
}

#[test]
fn an_unknown_status_is_kept_as_it_came() {
    let account: Account = serde_json::from_str(r#"{"Status":"Q"}"#).unwrap();
    assert_eq!(account.status, Some(AccountStatus::Other("Q".into())));
    assert_eq!(account.status.unwrap().as_str(), "Q");
}

#[test]
fn the_timestamp_is_asked_of_the_feed_only() {
    let plain: Vec<_> = Account::RESOURCE.readable(Door::Plain).map(|property| property.name()).collect();
    assert!(!plain.contains(&"Timestamp"));
    assert!(Account::RESOURCE.readable(Door::Feed).any(|property| property.name() == "Timestamp"));
}

#[test]
fn an_unknown_number_is_kept_and_written_back_as_it_came() {
    let order: SalesOrder = serde_json::from_str(r#"{"Status":20,"DeliveryStatus":99}"#).unwrap();
    assert_eq!(order.status, Some(OrderStatus::Partial));
    assert_eq!(order.delivery_status, Some(OrderStatus::Other(99)));
    let patch = SalesOrderPatch { approval_status: Patch::Set(77.into()), ..SalesOrderPatch::default() };
    assert_eq!(serde_json::to_string(&patch).unwrap(), r#"{"ApprovalStatus":77}"#);
}

#[test]
fn a_header_goes_out_with_its_lines() {
    let mut line = NewSalesOrderLine::new(Guid::from_u128(2));
    line.quantity = Some(Decimal::new(15, 1));
    let mut order = NewSalesOrder::new(Guid::from_u128(1), vec![line]);
    order.your_ref = Some("PD-7".into());
    assert_eq!(
        serde_json::to_value(&order).unwrap(),
        serde_json::json!({
            "OrderedBy": "00000000-0000-0000-0000-000000000001",
            "YourRef": "PD-7",
            "SalesOrderLines": [{"Item": "00000000-0000-0000-0000-000000000002", "Quantity": 1.5}],
        })
    );
}

#[test]
fn lines_are_read_in_every_form_and_passed_over_where_they_are_deferred() {
    for (json, lines) in [
        (r#"{"SalesOrderLines":{"results":[{"Quantity":2}]}}"#, Some(1)),
        (r#"{"SalesOrderLines":[{"Quantity":2}]}"#, Some(1)),
        (r#"{"SalesOrderLines":{"__deferred":{"uri":"x"}}}"#, None),
        (r#"{"SalesOrderLines":null}"#, None),
        ("{}", None),
    ] {
        let order: SalesOrder = serde_json::from_str(json).unwrap();
        assert_eq!(order.sales_order_lines.map(|lines| lines.len()), lines, "{json}");
    }
    assert!(
        serde_json::from_str::<SalesOrder>(r#"{"SalesOrderLines":{"results":[{"Quantity":"x"}]}}"#).is_err()
    );
}

#[test]
fn what_a_twin_does_not_deliver_is_not_asked_of_it() {
    let names = |door| -> Vec<_> { Item::RESOURCE.readable(door).map(|property| property.name()).collect() };
    assert!(names(Door::Plain).contains(&"StandardSalesPrice"));
    assert!(names(Door::Bulk).contains(&"StandardSalesPrice"));
    assert!(!names(Door::Feed).contains(&"StandardSalesPrice"));
    assert!(!SalesOrderLine::RESOURCE.readable(Door::Bulk).any(|property| property.name() == "OrderStatus"));
    assert!(
        !DocumentAttachment::RESOURCE.readable(Door::Plain).any(|property| property.name() == "Attachment")
    );
}

#[test]
fn lines_are_never_selected_like_a_value() {
    for resource in TYPED {
        for door in [Door::Plain, Door::Feed, Door::Bulk] {
            assert!(
                resource.readable(door).all(|property| property.edm() != Edm::Lines),
                "{}",
                resource.path()
            );
        }
    }
}

#[test]
fn every_feed_delivers_its_timestamp_and_every_list_its_key() {
    for resource in TYPED {
        let delivers = |door, name| resource.readable(door).any(|property| property.name() == name);
        assert!(resource.feed().is_none() || delivers(Door::Feed, "Timestamp"), "{}", resource.path());
        assert!(resource.property(resource.key()).is_some(), "{}", resource.path());
    }
}

#[test]
fn an_answer_that_complains_is_told_from_one_that_does_not() {
    let answer = |json| serde_json::from_str::<PrintedSalesInvoice>(json).unwrap();
    assert!(answer(r#"{"DocumentCreationSuccess":"Done","EmailCreationError":" "}"#).complaints().is_empty());
    let failed = answer(r#"{"EmailCreationError":"No address"}"#);
    assert_eq!((failed.complaints(), failed.done_in_part()), (vec!["No address"], true));
}
