//! Lists, pages and feeds.

use exact_client::{Account, AccountStatus, Cause, EntityType, ErrorKind, Guid, NextLink, Value};
use serde_json::json;
use wiremock::matchers::{path, query_param, query_param_contains};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{ACCOUNTS, DIVISION, ID, builder, connected, count, exact_error, json_body};

const FEED: &str = "/api/v1/123456/sync/CRM/Accounts";

#[tokio::test]
async fn a_list_selects_what_the_struct_holds_and_reads_both_envelopes() {
    let (server, _clock, client) = connected().await;
    Mock::given(path(ACCOUNTS))
        .and(query_param("$filter", "Code eq '                25'"))
        .and(query_param("$orderby", "Modified desc"))
        .and(query_param_contains("$select", "ChamberOfCommerce"))
        .respond_with(json_body(&json!({"d": [{
            "__metadata": {"uri": "x", "type": "y"}, "ID": ID.to_uppercase(), "Code": "                25",
            "Name": "'t Hof", "Status": "C", "CreditLineSales": 1250.5, "Country": "NL ",
            "Modified": "/Date(1782404464260)/", "BankAccounts": {"__deferred": {"uri": "z"}},
        }]})))
        .expect(1)
        .mount(&server)
        .await;
    let list =
        client.division(DIVISION).list().filter(Account::CODE.eq("25")).order_by(Account::MODIFIED.desc());
    let account = list.all().await.unwrap().remove(0);
    assert_eq!(account.id, Some(ID.parse().unwrap()));
    assert_eq!(account.code.unwrap().as_str(), "25");
    assert_eq!(account.country.unwrap().as_str(), "NL");
    assert_eq!(account.status, Some(AccountStatus::Customer));
    assert_eq!(account.credit_line_sales.unwrap().to_string(), "1250.5");
    assert_eq!(account.modified.unwrap().to_utc().to_rfc3339(), "2026-06-25T14:21:04.260+00:00");
}

#[tokio::test]
async fn pages_are_followed_until_there_is_no_next_one() {
    let (server, _clock, client) = connected().await;
    let next = format!("{}{ACCOUNTS}?$select=ID&$skiptoken=guid'{ID}'", server.uri());
    Mock::given(path(ACCOUNTS))
        .and(query_param("$skiptoken", format!("guid'{ID}'")))
        .respond_with(json_body(&json!({"d": {"results": [{"Name": "b"}]}})))
        .mount(&server)
        .await;
    Mock::given(path(ACCOUNTS))
        .respond_with(json_body(&json!({"d": {"results": [], "__next": next}})))
        .mount(&server)
        .await;
    let all = client.division(DIVISION).list::<Account>().all().await.unwrap();
    assert_eq!(all.len(), 1, "an empty page is not the end");
    assert_eq!(count(&server, "/crm/Accounts").await, 2);
}

#[tokio::test]
async fn a_next_page_on_another_origin_gets_no_call_and_no_token() {
    let (server, _clock, client) = connected().await;
    let elsewhere = MockServer::start().await;
    let next = format!("{}{ACCOUNTS}?$skiptoken=1", elsewhere.uri());
    Mock::given(path(ACCOUNTS))
        .respond_with(json_body(&json!({"d": {"results": [], "__next": next}})))
        .mount(&server)
        .await;
    let list = client.division(DIVISION).list::<Account>();
    assert_eq!(list.all().await.unwrap_err().kind(), ErrorKind::Decode);
    let stored = NextLink::new(next);
    assert_eq!(list.page(Some(&stored)).await.unwrap_err().kind(), ErrorKind::Decode);
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_redirect_is_an_error_and_is_not_followed() {
    let (server, _clock, client) = connected().await;
    let elsewhere = MockServer::start().await;
    let redirect = ResponseTemplate::new(302)
        .insert_header("Location", elsewhere.uri().as_str())
        .set_body_string("<h2>Object moved</h2>");
    Mock::given(path(ACCOUNTS)).respond_with(redirect).mount(&server).await;
    let error = client.division(DIVISION).list::<Account>().all().await.unwrap_err();
    assert_eq!((error.kind(), error.cause()), (ErrorKind::Auth, Some(Cause::TokenRefused)));
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn html_instead_of_json_and_a_cut_body_fail_that_request_only() {
    let (server, _clock, client) = connected().await;
    let html = ResponseTemplate::new(200).set_body_string("<html>login</html>");
    Mock::given(path(ACCOUNTS)).respond_with(html).up_to_n_times(1).mount(&server).await;
    let cut = ResponseTemplate::new(200).set_body_string(r#"{"d":{"results":[{"Name":"a"},{"Na"#);
    Mock::given(path(ACCOUNTS)).respond_with(cut).up_to_n_times(1).mount(&server).await;
    let wrong = json_body(&json!({"d": {"results": [{"ID": 5}]}}));
    Mock::given(path(ACCOUNTS)).respond_with(wrong).up_to_n_times(1).mount(&server).await;
    Mock::given(path(ACCOUNTS)).respond_with(json_body(&json!({"d": []}))).mount(&server).await;
    let list = client.division(DIVISION).list::<Account>();
    assert_eq!(list.all().await.unwrap_err().kind(), ErrorKind::Auth);
    assert_eq!(list.all().await.unwrap_err().kind(), ErrorKind::Decode);
    let error = list.all().await.unwrap_err();
    assert!(error.to_string().contains("d.results[0].ID"), "{error}");
    assert_eq!(error.entity(), Some("crm/Accounts"));
    assert!(list.all().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_over_long_body_is_cut_off() {
    let (server, clock, _client) = connected().await;
    crate::support::tokens(&server, 1).await;
    crate::support::me(&server).await;
    let long = json!({"d": [{"Name": "x".repeat(100_000)}]});
    Mock::given(path(ACCOUNTS)).respond_with(json_body(&long)).mount(&server).await;
    let client = builder(&server, &clock).max_body(50_000).build().unwrap();
    client.import_refresh_token("again".into()).await.unwrap();
    let error = client.division(DIVISION).list::<Account>().all().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("longer than 50000 bytes"), "{error}");
}

#[tokio::test]
async fn a_read_is_repeated_after_a_fault_and_not_after_a_refusal() {
    let (server, _clock, client) = connected().await;
    let fault = "A problem has occurred. The cause of this issue will be investigated as soon as possible.";
    Mock::given(path(ACCOUNTS)).respond_with(exact_error(500, fault)).up_to_n_times(1).mount(&server).await;
    Mock::given(path(ACCOUNTS))
        .respond_with(ResponseTemplate::new(503))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    Mock::given(path(ACCOUNTS))
        .respond_with(json_body(&json!({"d": []})))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    Mock::given(path(ACCOUNTS)).respond_with(exact_error(400, "no")).mount(&server).await;
    let list = client.division(DIVISION).list::<Account>();
    list.all().await.unwrap();
    assert_eq!(count(&server, "/crm/Accounts").await, 3);
    assert_eq!(list.all().await.unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!(count(&server, "/crm/Accounts").await, 4);
}

#[tokio::test]
async fn a_filter_that_exact_does_not_allow_is_refused_before_the_call() {
    let (server, _clock, client) = connected().await;
    let list = client.division(DIVISION).list().filter(Account::REMARKS.eq("x"));
    let error = list.all().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("Remarks"), "{error}");
    assert_eq!(count(&server, "/crm/Accounts").await, 0);
}

#[tokio::test]
async fn the_feed_and_the_deleted_feed_go_on_from_a_timestamp() {
    let (server, _clock, client) = connected().await;
    Mock::given(path(FEED))
        .and(query_param("$filter", "Timestamp gt 41L"))
        .respond_with(json_body(&json!({"d": {"results": [{"ID": ID, "Timestamp": "42"}]}})))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(path("/api/v1/123456/sync/Deleted"))
        .and(query_param("$filter", "Timestamp gt 7L and EntityType eq 2"))
        .respond_with(json_body(&json!({"d": {"results": [
            {"EntityKey": ID, "EntityType": 2, "Timestamp": "8", "DeletedDate": "/Date(1782404464260)/"},
        ]}})))
        .expect(1)
        .mount(&server)
        .await;
    let division = client.division(DIVISION);
    let page = division.feed::<Account>(41).page(None).await.unwrap();
    assert_eq!((page.items[0].timestamp, page.next), (Some(42), None));
    let deleted = division.deleted(7, EntityType::Account).all().await.unwrap();
    assert_eq!(deleted[0].entity_key, Some(ID.parse().unwrap()));
    assert_eq!(deleted[0].entity_type, Some(EntityType::Account));
}

#[tokio::test]
async fn rows_hold_just_the_properties_that_were_asked_for() {
    let (server, _clock, client) = connected().await;
    Mock::given(path(FEED))
        .and(query_param("$select", "Name,Parent,ID,Timestamp"))
        .respond_with(json_body(&json!({"d": {"results": [
            {"Name": null, "Parent": ID, "ID": ID, "Timestamp": "5", "City": "Delft"},
        ]}})))
        .mount(&server)
        .await;
    let accounts = client.division(DIVISION).resource(<Account as exact_client::Entity>::RESOURCE);
    let row = accounts.feed(0, ["Name", "Parent"]).unwrap().page(None).await.unwrap().items.remove(0);
    assert_eq!(row.get("Name"), Some(&Value::Null));
    assert_eq!(row.get("City"), None);
    assert_eq!(row.guid("Parent"), Some(ID.parse::<Guid>().unwrap()));
    assert_eq!(row.int("Timestamp"), Some(5));
    assert_eq!(accounts.feed(0, ["name"]).unwrap_err().kind(), ErrorKind::Config);
}
