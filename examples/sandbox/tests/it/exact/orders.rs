//! Quotations, sales orders and what becomes of them.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use super::shop::{highest, id_of};
use crate::support::{World, send};

#[tokio::test]
async fn an_order_comes_with_its_lines_in_one_post_and_is_answered_filled() {
    let world = World::new().await;
    let (customer, item) = (world.customer("Bakker"), world.item("I-1"));
    let fields = json!({
        "OrderedBy": customer, "YourRef": "D-17",
        "SalesOrderLines": [{ "Item": item, "Quantity": 2 }, { "Item": item, "Quantity": 1, "NetPrice": 80 }],
    });
    let answer = world.post("salesorder/SalesOrders", fields).await;
    let id = id_of(&answer, "OrderID");
    let order = answer.json()["d"].clone();
    assert_eq!(
        (&order["OrderNumber"], &order["Status"], &order["DeliveryStatus"]),
        (&json!(1), &json!(12), &json!(12))
    );
    assert_eq!((&order["AmountFCExclVat"], &order["AmountDC"]), (&json!(280), &json!(338.8)));
    assert!(order["SalesOrderLines"]["__deferred"]["uri"].is_string());
    let query = [("$select", "LineNumber,UnitPrice,NetPrice,AmountFC,ItemCode,VATPercentage")];
    let path = format!("salesorder/SalesOrders(guid'{id}')/SalesOrderLines");
    let mut lines = world.list(&path, &query).await.rows();
    lines.sort_by_key(|line| line["LineNumber"].as_i64());
    assert_eq!((&lines[0]["UnitPrice"], &lines[0]["AmountFC"]), (&json!(100), &json!(200)));
    assert_eq!((&lines[1]["UnitPrice"], &lines[1]["NetPrice"]), (&json!(0), &json!(80)), "NetPrice wins");
    assert_eq!((&lines[1]["ItemCode"], &lines[1]["VATPercentage"]), (&json!("I-1"), &json!(0.21)));
}

#[tokio::test]
async fn lines_come_along_where_they_are_expanded() {
    let world = World::new().await;
    let order = world.order(world.customer("Bakker"), world.item("I-1"));
    let path = format!("{}/salesorder/SalesOrders(guid'{order}')", world.division());
    let answer = send(world.exact(Method::GET, &path).query(&[("$expand", "SalesOrderLines")])).await.json();
    assert_eq!(answer["d"]["SalesOrderLines"]["results"][0]["Quantity"], 10);
}

#[tokio::test]
async fn a_single_object_instead_of_an_array_of_lines_is_a_malformed_request() {
    let world = World::new().await;
    let (customer, item) = (world.customer("Bakker"), world.item("I-1"));
    let fields = json!({ "OrderedBy": customer, "SalesOrderLines": { "Item": item } });
    let answer = world.post("salesorder/SalesOrders", fields).await;
    assert_eq!(answer.status, 400);
    assert!(answer.message().starts_with("Error processing request stream."));
}

#[tokio::test]
async fn one_bad_line_refuses_the_whole_order() {
    let world = World::new().await;
    let (customer, item) = (world.customer("Bakker"), world.item("I-1"));
    let lines = json!([{ "Item": item }, { "Item": customer }]);
    let fields = json!({ "OrderedBy": customer, "SalesOrderLines": lines });
    let answer = world.post("salesorder/SalesOrders", fields).await;
    assert_eq!((answer.status, answer.message().as_str()), (500, "Ongeldige referentie: Artikel"));
    for path in ["salesorder/SalesOrders", "salesorder/SalesOrderLines"] {
        assert_eq!(world.sandbox.exact().records(world.division(), path).unwrap().len(), 0, "{path}");
    }
    assert_eq!(world.feed_after("sync/Deleted", 1).await.len(), 0);
    let empty = world.post("salesorder/SalesOrders", json!({ "OrderedBy": customer })).await;
    assert_eq!(empty.message(), "Verplicht: Regels");
}

#[tokio::test]
async fn only_customers_that_are_not_blocked_may_order() {
    let world = World::new().await;
    let item = world.item("I-1");
    let prospect = world.enter("crm/Accounts", json!({ "Name": "Kansrijk", "Status": "P" }));
    let order = |who| json!({ "OrderedBy": who, "SalesOrderLines": [{ "Item": item }] });
    let answer = world.post("salesorder/SalesOrders", order(prospect)).await;
    assert_eq!(
        (answer.status, answer.message().as_str()),
        (500, "Ongeldig: Besteld door (Type)\r\nOngeldig: Factuur voor (Type)")
    );
    let blocked = world.enter("crm/Accounts", json!({ "Name": "Dicht", "Status": "C", "Blocked": true }));
    let answer = world.post("salesorder/SalesOrders", order(blocked)).await;
    assert!(answer.message().contains("Geblokkeerd: Besteld door"));
}

#[tokio::test]
async fn a_customers_own_price_comes_before_the_list_price() {
    let world = World::new().await;
    let (customer, item) = (world.customer("Bakker"), world.item("I-1"));
    world.enter("logistics/SalesItemPrices", json!({ "Item": item, "Account": customer, "Price": 90 }));
    let order = world.order(customer, item);
    assert_eq!(world.record("salesorder/SalesOrders", order)["AmountFCExclVat"], json!(900));
    let other = world.order(world.customer("Ander"), item);
    assert_eq!(world.record("salesorder/SalesOrders", other)["AmountFCExclVat"], json!(1000));
}

#[tokio::test]
async fn an_order_goes_from_open_over_partial_to_complete_by_deliveries_and_invoices() {
    let world = World::new().await;
    let (exact, division) = (world.sandbox.exact(), world.division());
    let order = world.order(world.customer("Bakker"), world.item("I-1"));
    let statuses = || {
        let row = world.record("salesorder/SalesOrders", order);
        let of = |name: &str| row[name].as_i64().unwrap();
        (of("Status"), of("DeliveryStatus"), of("InvoiceStatus"))
    };
    assert_eq!(statuses(), (12, 12, 12));
    let line = exact.records(division, "salesorder/SalesOrderLines").unwrap()[0]["ID"].clone();
    let part = BTreeMap::from([(line.as_str().unwrap().parse().unwrap(), 4.into())]);
    exact.deliver_part(division, order, &part).unwrap();
    assert_eq!(statuses(), (20, 20, 12));
    exact.invoice_delivered(division, order).unwrap();
    assert_eq!(statuses(), (20, 20, 20));
    exact.deliver(division, order).unwrap();
    assert_eq!(statuses(), (20, 21, 20));
    exact.invoice_delivered(division, order).unwrap();
    assert_eq!(statuses(), (21, 21, 21));
    let answer = world.put("salesorder/SalesOrders", order, json!({ "Description": "late" })).await;
    assert_eq!(answer.message(), "Wijzigen niet mogelijk: Verkooporder is volledig");
    assert!(exact.invoice_delivered(division, order).is_err(), "there is nothing left");
}

#[tokio::test]
async fn deliveries_come_with_their_lines_alone_and_have_a_key_of_another_name() {
    let world = World::new().await;
    let order = world.order(world.customer("Bakker"), world.item("I-1"));
    let lines = world.sandbox.exact().records(world.division(), "salesorder/SalesOrderLines").unwrap();
    let line = json!({ "SalesOrderLineID": lines[0]["ID"], "QuantityDelivered": 3 });
    assert_eq!(world.post("salesorder/GoodsDeliveryLines", line.clone()).await.status, 405);
    let fields =
        json!({ "DeliveryDate": "2026-07-01", "TrackingNumber": "3S1", "GoodsDeliveryLines": [line] });
    let answer = world.post("salesorder/GoodsDeliveries", fields).await;
    let delivery = id_of(&answer, "EntryID");
    let path = format!("salesorder/GoodsDeliveries(guid'{delivery}')");
    assert_eq!(send(world.exact(Method::DELETE, &format!("{}/{path}", world.division()))).await.status, 405);
    let feed = world.feed_after("sync/SalesOrder/GoodsDeliveryLines", 1).await;
    assert_eq!((&feed[0]["EntryID"], &feed[0]["QuantityDelivered"]), (&json!(delivery), &json!(3)));
    assert_eq!((&feed[0]["QuantityOrdered"], &feed[0]["SalesOrderNumber"]), (&json!(10), &json!(1)));
    assert_eq!(world.record("salesorder/SalesOrders", order)["DeliveryStatus"], 20);
}

#[tokio::test]
async fn a_changed_line_restamps_its_header_in_the_feed_only_where_the_header_changes() {
    let world = World::new().await;
    let (exact, division) = (world.sandbox.exact(), world.division());
    let order = world.order(world.customer("Bakker"), world.item("I-1"));
    let line: uuid::Uuid = exact.records(division, "salesorder/SalesOrderLines").unwrap()[0]["ID"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let part = |quantity: i64| BTreeMap::from([(line, quantity.into())]);
    exact.deliver_part(division, order, &part(1)).unwrap();
    let headers = highest(&world.feed_after("sync/SalesOrder/SalesOrderHeaders", 1).await);
    let lines = highest(&world.feed_after("sync/SalesOrder/SalesOrderLines", 1).await);
    exact.deliver_part(division, order, &part(1)).unwrap();
    assert_eq!(world.feed_after("sync/SalesOrder/SalesOrderHeaders", headers).await.len(), 0);
    let again = world.feed_after("sync/SalesOrder/SalesOrderLines", lines).await;
    assert_eq!((&again[0]["QuantityDelivered"], &again[0]["Status"]), (&json!(2), &json!(20)));
}

#[tokio::test]
async fn what_was_delivered_can_leave_the_feeds_of_orders_as_they_were_by_a_setting() {
    let world = World::new().await;
    let (exact, division) = (world.sandbox.exact(), world.division());
    exact.configure(|settings| settings.progress_moves_feeds = false);
    let order = world.order(world.customer("Bakker"), world.item("I-1"));
    let feeds = ["sync/SalesOrder/SalesOrderHeaders", "sync/SalesOrder/SalesOrderLines"];
    let mut before = Vec::new();
    for feed in feeds {
        before.push(highest(&world.feed_after(feed, 1).await));
    }
    exact.deliver(division, order).unwrap();
    for (feed, before) in feeds.into_iter().zip(before) {
        assert!(world.feed_after(feed, before).await.is_empty(), "{feed}");
    }
    assert_eq!(world.record("salesorder/SalesOrders", order)["DeliveryStatus"], 21);
}

#[tokio::test]
async fn a_starting_timestamp_can_be_asked_for_a_date() {
    let world = World::new().await;
    let item = world.item("I-1");
    world.order(world.customer("Bakker"), item);
    world.advance(3_600);
    world.log_in().await;
    world.order(world.customer("Ander"), item);
    let feed = world.feed_after("sync/SalesOrder/SalesOrderHeaders", 1).await;
    let path = "read/sync/Sync/SyncTimestamp";
    let query = [("modified", "datetime'2026-07-01T10:30:00'"), ("endPoint", "'SalesOrderHeaders'")];
    let rows = world.list(path, &query).await.rows();
    assert_eq!(rows[0]["TimeStampAsBigInt"], feed[1]["Timestamp"]);
    assert_eq!(world.list(path, &[("modified", "datetime'2026-07-01'")]).await.status, 400);
    let accounts = [query[0], ("endPoint", "'Accounts'")];
    assert_eq!(world.list(path, &accounts).await.status, 400, "accounts are read from the start");
}

async fn quotation(world: &World) -> Value {
    let (customer, item) = (world.customer("Bakker"), world.item("I-1"));
    let fields = json!({ "OrderAccount": customer, "YourRef": "D-1", "QuotationLines": [{ "Item": item, "Quantity": 3 }] });
    world.post("crm/Quotations", fields).await.json()["d"].clone()
}

#[tokio::test]
async fn an_accepted_quotation_can_become_an_order() {
    let world = World::new().await;
    let quotation = quotation(&world).await;
    assert_eq!((&quotation["Status"], &quotation["VersionNumber"]), (&json!(20), &json!(1)));
    let id = quotation["QuotationID"].clone();
    let answer = world.post("crm/AcceptQuotation", json!({ "QuotationID": id, "Action": 1 })).await.json();
    assert_eq!(
        (&answer["d"]["SuccessMessage"], &answer["d"]["ErrorMessage"]),
        (&json!("Gelukt"), &json!(null))
    );
    let orders = world.sandbox.exact().records(world.division(), "salesorder/SalesOrders").unwrap();
    assert_eq!((&orders[0]["YourRef"], &orders[0]["AmountFCExclVat"]), (&json!("D-1"), &json!(300)));
}

#[tokio::test]
async fn an_action_that_fails_is_a_success_with_an_error_text() {
    let world = World::new().await;
    let id = quotation(&world).await["QuotationID"].clone();
    for (action, status) in [("RejectQuotation", 5), ("ReopenQuotation", 25), ("PrintQuotation", 40)] {
        assert_eq!(world.post(&format!("crm/{action}"), json!({ "QuotationID": id })).await.status, 201);
        let row = world.record("crm/Quotations", id.as_str().unwrap().parse().unwrap());
        assert_eq!(row["Status"], status, "{action}");
    }
    let answer = world.post("crm/ReopenQuotation", json!({ "QuotationID": id })).await;
    assert_eq!((answer.status, &answer.json()["d"]["ErrorMessage"]), (201, &json!("Ongeldig: Status")));
}

#[tokio::test]
async fn a_reviewed_quotation_is_closed_and_lives_on_as_the_next_version() {
    let world = World::new().await;
    let old = quotation(&world).await;
    let answer = world.post("crm/ReviewQuotation", json!({ "QuotationID": old["QuotationID"] })).await.json();
    let new =
        world.record("crm/Quotations", answer["d"]["NewQuotationID"].as_str().unwrap().parse().unwrap());
    assert_eq!((&new["QuotationNumber"], &new["VersionNumber"]), (&old["QuotationNumber"], &json!(2)));
    let old = world.record("crm/Quotations", old["QuotationID"].as_str().unwrap().parse().unwrap());
    assert_eq!(old["Status"], 6);
    assert_eq!(world.feed_after("sync/CRM/QuotationLines", 1).await.len(), 2);
}
