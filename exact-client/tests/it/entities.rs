//! What is sent and read of typed entities.

use chrono::{TimeDelta, Utc};
use exact_client::{
    Account, AccountStatus, Clock, Contact, Deleted, DivisionApi, Entity, ErrorKind, Feed, FeedCursor,
    FeedPage, Guid, Item, NewPrintedSalesInvoice, NewRejectQuotation, PrintedSalesInvoice, RejectQuotation,
    Resource, SalesInvoiceRow, SalesOrder, SyncEndpoint, Value, WallTime, WriteOptions,
};
use serde_json::{Value as Json, json};
use wiremock::matchers::{method, path, query_param, query_param_contains};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{DIVISION, ID, connected, count, json_body};

const BASE: &str = "/api/v1/123456";
const FEED: &str = "/api/v1/123456/sync/CRM/Accounts";
const OTHER: &str = "71b961de-0000-4000-8000-000000000002";

fn id() -> Guid {
    ID.parse().unwrap()
}

fn moved(day: &str) -> Option<WallTime> {
    Some(serde_json::from_value(json!(format!("{day}T00:00:00"))).unwrap())
}

fn row(id: &str, timestamp: i64, name: &str) -> Json {
    json!({"ID": id, "Timestamp": timestamp.to_string(), "Name": name})
}

async fn answer_after(server: &MockServer, timestamp: i64, rows: &[Json], next: Option<String>) {
    let mut body = json!({"results": rows});
    if let Some(next) = next {
        body["__next"] = json!(next);
    }
    Mock::given(path(FEED))
        .and(query_param("$filter", format!("Timestamp gt {timestamp}L")))
        .respond_with(json_body(&json!({"d": body})))
        .mount(server)
        .await;
}

/// What a program does that stores its cursor after every page and starts anew from it.
async fn follow<E: Feed>(
    division: &DivisionApi,
    mut cursor: FeedCursor,
    moved: Option<WallTime>,
) -> (Vec<FeedPage<E>>, FeedCursor) {
    let mut pages = Vec::new();
    loop {
        let mut reader = division.follow::<E>(cursor, moved);
        let page = reader.next_page().await.unwrap().unwrap();
        let at_end = page.items.is_empty();
        let stored = serde_json::to_string(&page.cursor).unwrap();
        cursor = serde_json::from_str(&stored).unwrap();
        pages.push(page);
        if at_end {
            return (pages, cursor);
        }
    }
}

#[tokio::test]
async fn a_feed_is_resumed_after_every_page_and_each_record_comes_once_a_page() {
    let (server, _clock, client) = connected().await;
    let rows = [row(ID, 5, "old"), row(OTHER, 6, "b"), row(ID, 7, "new"), row(ID, 7, "new")];
    let dead = format!("{}{FEED}?$skiptoken=dead", server.uri());
    answer_after(&server, 0, &rows, Some(dead)).await;
    answer_after(&server, 7, &[row(OTHER, 9, "c")], None).await;
    answer_after(&server, 9, &[], None).await;
    let division = client.division(DIVISION);
    let (pages, cursor) = follow::<Account>(&division, FeedCursor::start(), None).await;
    let read: Vec<Vec<_>> = pages
        .iter()
        .map(|page| page.items.iter().map(|row| (row.timestamp, row.name.clone().unwrap())).collect())
        .collect();
    let named = |timestamp, name: &str| (Some(timestamp), name.to_owned());
    assert_eq!(read, [vec![named(6, "b"), named(7, "new")], vec![named(9, "c")], vec![]]);
    assert_eq!(cursor.timestamp(), 9);
    assert!(pages.iter().all(|page| !page.restarted));
    assert_eq!(count(&server, "/sync/CRM/Accounts").await, 3, "rows in order need no link");
}

#[tokio::test]
async fn a_feed_out_of_order_goes_on_behind_exacts_own_link_and_skips_nothing() {
    let (server, _clock, client) = connected().await;
    let next = format!("{}{FEED}?$skiptoken=2", server.uri());
    Mock::given(path(FEED))
        .and(query_param("$skiptoken", "2"))
        .respond_with(json_body(&json!({"d": {"results": [row(OTHER, 4, "between")]}})))
        .mount(&server)
        .await;
    answer_after(&server, 0, &[row(ID, 9, "a"), row(OTHER, 3, "b")], Some(next)).await;
    answer_after(&server, 9, &[], None).await;
    let division = client.division(DIVISION);
    let (pages, cursor) = follow::<Account>(&division, FeedCursor::start(), None).await;
    assert_eq!(pages[1].items[0].name.as_deref(), Some("between"));
    assert_eq!((pages.len(), cursor.timestamp()), (3, 9));
}

#[tokio::test]
async fn a_moved_division_is_read_from_the_start_and_says_so_once() {
    let (server, _clock, client) = connected().await;
    answer_after(&server, 0, &[row(ID, 3, "again")], None).await;
    answer_after(&server, 70, &[], None).await;
    let division = client.division(DIVISION);
    let cursor = FeedCursor::after(70, moved("2026-01-01"), Utc::now());
    let mut same = division.follow::<Account>(cursor.clone(), moved("2026-01-01"));
    assert!(!same.next_page().await.unwrap().unwrap().restarted);
    let mut again = division.follow::<Account>(cursor, moved("2026-02-01"));
    let page = again.next_page().await.unwrap().unwrap();
    assert_eq!((page.restarted, page.items.len(), page.cursor.timestamp()), (true, 1, 3));
    assert!(again.next_page().await.unwrap().is_none(), "the end of the feed");
    let next = division.follow::<Account>(page.cursor, moved("2026-02-01")).next_page().await;
    assert!(next.is_err() || !next.unwrap().unwrap().restarted, "once");
}

#[tokio::test]
async fn a_cursor_older_than_exacts_memory_of_deletions_is_refused_before_the_call() {
    let (server, clock, client) = connected().await;
    let rows = json!({"d": {"results": [{"EntityKey": ID, "EntityType": 11, "Timestamp": "8"}]}});
    Mock::given(path(format!("{BASE}/sync/Deleted"))).respond_with(json_body(&rows)).mount(&server).await;
    let division = client.division(DIVISION);
    let read = |days| FeedCursor::after(5, None, clock.now() - TimeDelta::days(days));
    let page = division.follow::<Deleted>(read(58), None).next_page().await.unwrap().unwrap();
    assert_eq!(page.items[0].entity_key, Some(id()));
    let error = division.follow::<Deleted>(read(60), None).next_page().await.unwrap_err();
    assert_eq!((error.kind(), error.entity()), (ErrorKind::Expired, Some("sync/Deleted")));
    assert_eq!(count(&server, "/sync/Deleted").await, 1);
}

#[tokio::test]
async fn the_mixed_feed_of_invoices_keeps_header_and_lines_apart() {
    let (server, _clock, client) = connected().await;
    let rows = json!({"d": {"results": [
        {"ID": ID, "InvoiceID": ID, "LineNumber": 0, "Timestamp": "5"},
        {"ID": OTHER, "InvoiceID": ID, "LineNumber": 1, "Timestamp": "6"},
    ]}});
    Mock::given(path(format!("{BASE}/sync/SalesInvoice/SalesInvoices")))
        .respond_with(json_body(&rows))
        .mount(&server)
        .await;
    let mut feed = client.division(DIVISION).follow::<SalesInvoiceRow>(FeedCursor::start(), None);
    let page = feed.next_page().await.unwrap().unwrap();
    assert_eq!(page.items.iter().map(|row| row.line_number).collect::<Vec<_>>(), [Some(0), Some(1)]);
}

#[tokio::test]
async fn one_record_is_asked_for_by_filter_and_a_miss_is_no_error() {
    let (server, _clock, client) = connected().await;
    Mock::given(path(format!("{BASE}/salesorder/SalesOrders")))
        .and(query_param("$filter", format!("OrderID eq guid'{ID}'")))
        .respond_with(json_body(&json!({"d": []})))
        .expect(1)
        .mount(&server)
        .await;
    assert_eq!(client.division(DIVISION).get::<SalesOrder>(id()).await.unwrap(), None);
}

#[tokio::test]
async fn lines_come_with_their_header_where_they_are_asked_for() {
    let (server, _clock, client) = connected().await;
    let order = json!({"OrderID": ID, "SalesOrderLines": {"results": [{"Item": ID, "Quantity": 2.5}]}});
    Mock::given(path(format!("{BASE}/salesorder/SalesOrders")))
        .and(query_param("$expand", "SalesOrderLines"))
        .and(query_param_contains("$select", ",SalesOrderLines"))
        .respond_with(json_body(&json!({"d": [order]})))
        .mount(&server)
        .await;
    let order = client.division(DIVISION).list::<SalesOrder>().with_lines().all().await.unwrap().remove(0);
    assert_eq!(order.sales_order_lines.unwrap()[0].quantity.unwrap().to_string(), "2.5");
}

#[tokio::test]
async fn the_bulk_twin_has_its_own_path_and_refuses_what_it_cannot_filter() {
    let (server, _clock, client) = connected().await;
    Mock::given(path(format!("{BASE}/bulk/Logistics/Items")))
        .respond_with(json_body(&json!({"d": {"results": [{"Code": "A"}]}})))
        .mount(&server)
        .await;
    let division = client.division(DIVISION);
    assert_eq!(division.bulk::<Item>().all().await.unwrap().len(), 1);
    let by_mail = Contact::EMAIL.eq("a@example.nl");
    let error = division.bulk::<Contact>().filter(by_mail).all().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    let error = division.feed::<Account>(0).filter(Account::STATUS.eq(AccountStatus::Customer)).all().await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Config);
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_delete_is_sent_once_and_without_a_body() {
    let (server, _clock, client) = connected().await;
    Mock::given(method("DELETE"))
        .and(path(format!("{BASE}/crm/Accounts(guid'{ID}')")))
        .respond_with(ResponseTemplate::new(503))
        .expect(1)
        .mount(&server)
        .await;
    let error = client.division(DIVISION).delete::<Account>(id(), WriteOptions::new()).await.unwrap_err();
    assert!(error.may_have_applied());
    assert!(server.received_requests().await.unwrap()[0].body.is_empty());
}

#[tokio::test]
async fn an_action_that_failed_behind_a_success_is_an_error() {
    let (server, _clock, client) = connected().await;
    let answers = [
        ("salesinvoice/PrintedSalesInvoices", json!({"InvoiceID": ID, "EmailCreationError": "No address"})),
        ("crm/RejectQuotation", json!({"QuotationID": ID, "ErrorMessage": "Not open"})),
    ];
    for (resource, answer) in answers {
        Mock::given(method("POST"))
            .and(path(format!("{BASE}/{resource}")))
            .respond_with(ResponseTemplate::new(201).set_body_json(json!({"d": answer})))
            .mount(&server)
            .await;
    }
    let division = client.division(DIVISION);
    let order = NewPrintedSalesInvoice::new(id());
    let error = division.act::<PrintedSalesInvoice>(&order, WriteOptions::new()).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Invalid, "No address"));
    assert!(error.may_have_applied(), "the invoice is printed all the same");
    let order = NewRejectQuotation::new(id());
    let error = division.act::<RejectQuotation>(&order, WriteOptions::new()).await.unwrap_err();
    assert_eq!((error.message(), error.may_have_applied()), ("Not open", false));
}

#[tokio::test]
async fn a_starting_timestamp_is_asked_for_by_parameters_and_not_by_a_filter() {
    let (server, _clock, client) = connected().await;
    Mock::given(path(format!("{BASE}/read/sync/Sync/SyncTimestamp")))
        .and(query_param("modified", "datetime'2026-01-01T00:00:00.000'"))
        .and(query_param("endPoint", "'SalesOrderHeaders'"))
        .respond_with(json_body(&json!({"d": [{"TimeStampAsBigInt": "77"}]})))
        .mount(&server)
        .await;
    let day = moved("2026-01-01").unwrap();
    let timestamp = client.division(DIVISION).sync_timestamp(SyncEndpoint::SalesOrderHeaders, day).await;
    assert_eq!(timestamp.unwrap(), Some(77));
}

#[tokio::test]
async fn a_resource_without_a_struct_is_read_and_what_it_does_not_allow_costs_no_call() {
    let (server, _clock, client) = connected().await;
    Mock::given(path(format!("{BASE}/hrm/Departments")))
        .and(query_param("$select", "Code,ID"))
        .and(query_param("$filter", "Code eq 'X'"))
        .respond_with(json_body(&json!({"d": [{"ID": ID, "Code": "X"}]})))
        .mount(&server)
        .await;
    let departments = client.division(DIVISION).resource(Resource::named("hrm/Departments").unwrap());
    let by_code = departments.equals("Code", &Value::Text("X".into())).unwrap();
    let rows = departments.list(["Code"]).unwrap().filter(&by_code).all().await.unwrap();
    assert_eq!(rows[0].guid("ID"), Some(id()));
    let error = departments.delete(id(), WriteOptions::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(departments.feed(0, ["Code"]).unwrap_err().kind(), ErrorKind::Unsupported);
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_order_of_rows_goes_out_with_its_lines() {
    let (server, _clock, client) = connected().await;
    Mock::given(method("POST"))
        .and(wiremock::matchers::body_json(json!({"OrderedBy": ID, "SalesOrderLines": [{"Item": ID}]})))
        .respond_with(ResponseTemplate::new(201).set_body_json(json!({"d": {
            "OrderID": ID, "SalesOrderLines": {"__deferred": {"uri": "x"}},
        }})))
        .mount(&server)
        .await;
    let lines = Resource::named("salesorder/SalesOrderLines").unwrap();
    let line = lines.row([("Item", Value::Guid(id()))]).unwrap();
    let values = [("OrderedBy", Value::Guid(id())), ("SalesOrderLines", Value::Lines(vec![line]))];
    let order = SalesOrder::RESOURCE.row(values).unwrap();
    let orders = client.division(DIVISION).resource(SalesOrder::RESOURCE);
    let stored = orders.create(&order, WriteOptions::new()).await.unwrap();
    assert_eq!(stored.guid("OrderID"), Some(id()));
}
