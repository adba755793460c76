//! Creates and changes: what is sent, once, and what comes back.

use std::sync::Arc;
use std::time::Duration;

use exact_client::{
    Account, AccountPatch, Entity, ErrorKind, Guid, MemoryTokenStore, NewAccount, Patch, TokenStore, Value,
    WriteOptions,
};
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use url::Url;
use wiremock::matchers::{body_json, header, method, path, query_param};
use wiremock::{Mock, ResponseTemplate};

use crate::support::{ACCOUNTS, DIVISION, ID, builder, connected, count, exact_error, json_body};

fn id() -> Guid {
    ID.parse().unwrap()
}

#[tokio::test]
async fn a_create_sends_what_is_set_and_reads_what_was_stored() {
    let (server, _clock, client) = connected().await;
    Mock::given(method("POST"))
        .and(path(ACCOUNTS))
        .and(header("Prefer", "return=representation"))
        .and(header("content-type", "application/json"))
        .and(body_json(json!({"Name": "Aap BV", "Status": "P"})))
        .respond_with(ResponseTemplate::new(201).set_body_json(json!({"d": {"ID": ID, "Name": "Aap BV"}})))
        .expect(1)
        .mount(&server)
        .await;
    let mut new = NewAccount::new("Aap BV");
    new.status = Some("P".into());
    let options = WriteOptions::new().representation();
    let account = client.division(DIVISION).create::<Account>(&new, options).await.unwrap();
    assert_eq!(account.id, Some(id()));
}

#[tokio::test]
async fn an_update_answers_with_the_record_or_with_nothing() {
    let (server, _clock, client) = connected().await;
    let one = format!("{ACCOUNTS}(guid'{ID}')");
    Mock::given(method("PUT"))
        .and(path(one.clone()))
        .and(body_json(json!({"Email": null, "Phone": "010"})))
        .respond_with(ResponseTemplate::new(204))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    Mock::given(method("PUT"))
        .and(path(one))
        .respond_with(json_body(&json!({"d": {"Phone": "010"}})))
        .mount(&server)
        .await;
    let mut patch = AccountPatch::default();
    patch.email = Patch::Clear;
    patch.phone = Patch::Set("010".into());
    let division = client.division(DIVISION);
    assert_eq!(division.update::<Account>(id(), &patch, WriteOptions::new()).await.unwrap(), None);
    let stored = division.update::<Account>(id(), &patch, WriteOptions::new()).await.unwrap().unwrap();
    assert_eq!(stored.phone.as_deref(), Some("010"));
}

#[tokio::test]
async fn a_business_refusal_is_final_and_was_not_applied() {
    let (server, _clock, client) = connected().await;
    let text = "Verplicht: Naam\r\nOngeldige referentie: Land";
    Mock::given(method("POST")).respond_with(exact_error(500, text)).mount(&server).await;
    let new = NewAccount::new("x");
    let error = client.division(DIVISION).create::<Account>(&new, WriteOptions::new()).await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_applied()), (ErrorKind::Invalid, false));
    assert_eq!(error.message(), "Verplicht: Naam\nOngeldige referentie: Land");
    assert_eq!(count(&server, "/crm/Accounts").await, 1);
}

#[tokio::test]
async fn a_write_is_not_repeated_after_a_fault_or_silence() {
    for answer in [
        ResponseTemplate::new(503),
        ResponseTemplate::new(500),
        ResponseTemplate::new(201).set_body_string("{\"d\":{\"ID\":7}}"),
        ResponseTemplate::new(201).set_delay(Duration::from_secs(20)),
    ] {
        let (server, clock, _client) = connected().await;
        crate::support::tokens(&server, 1).await;
        crate::support::me(&server).await;
        let client = builder(&server, &clock).timeout(Duration::from_millis(300)).build().unwrap();
        client.import_refresh_token("again".into()).await.unwrap();
        Mock::given(method("POST")).and(path(ACCOUNTS)).respond_with(answer).mount(&server).await;
        let new = NewAccount::new("x");
        let error = client.division(DIVISION).create::<Account>(&new, WriteOptions::new()).await.unwrap_err();
        assert!(error.may_have_applied(), "{error:?}");
        assert_eq!(count(&server, "/crm/Accounts").await, 1);
    }
}

#[tokio::test]
async fn a_broken_connection_may_have_applied_and_no_connection_has_not() {
    let (server, clock, _client) = connected().await;
    crate::support::tokens(&server, 1).await;
    crate::support::me(&server).await;
    let store: Arc<dyn TokenStore> = Arc::new(MemoryTokenStore::new());
    let working = builder(&server, &clock).token_store(Arc::clone(&store)).build().unwrap();
    working.import_refresh_token("again".into()).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let accept = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 64]).await;
    });
    // The same grant at the same host, on a port where the line goes dead.
    let origin = Url::parse(&format!("http://{address}")).unwrap();
    let broken = builder(&server, &clock).origin(origin).token_store(store).build().unwrap();
    let division = broken.division(DIVISION);
    let new = NewAccount::new("x");
    let error = division.create::<Account>(&new, WriteOptions::new()).await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_applied()), (ErrorKind::Unavailable, true));
    accept.await.unwrap();
    let error = division.create::<Account>(&new, WriteOptions::new()).await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_applied()), (ErrorKind::Unavailable, false), "{error:?}");
}

#[tokio::test]
async fn a_row_is_checked_before_it_is_sent() {
    let (server, _clock, client) = connected().await;
    let resource = Account::RESOURCE;
    for (name, value) in [("Nme", Value::Text("x".into())), ("Created", Value::Null), ("Name", Value::Int(5))]
    {
        assert_eq!(resource.row([(name, value)]).unwrap_err().kind(), ErrorKind::Config, "{name}");
    }
    Mock::given(method("POST"))
        .and(body_json(json!({"Name": "Aap", "Parent": ID, "Blocked": false, "Remarks": null})))
        .respond_with(ResponseTemplate::new(201).set_body_json(json!({"d": {"ID": ID, "Code": "       7"}})))
        .mount(&server)
        .await;
    let row = resource
        .row([
            ("Name", Value::Text("Aap".into())),
            ("Parent", Value::Guid(id())),
            ("Blocked", Value::Bool(false)),
            ("Remarks", Value::Null),
        ])
        .unwrap();
    let accounts = client.division(DIVISION).resource(resource);
    let stored = accounts.create(&row, WriteOptions::new()).await.unwrap();
    assert_eq!(stored.guid("ID"), Some(id()));
    assert_eq!(stored.get("Code"), Some(&Value::Text("7".into())));
}

#[tokio::test]
async fn what_exact_dropped_of_a_write_is_found_by_one_call_that_asks_for_nothing_else() {
    let (server, _, client) = connected().await;
    let stored = json!({"d": [{"ID": ID, "Name": "Aap", "Email": null}]});
    Mock::given(method("GET"))
        .and(path(ACCOUNTS))
        .and(query_param("$select", "Email,Name,ID"))
        .and(query_param("$filter", format!("ID eq guid'{ID}'")))
        .respond_with(json_body(&stored))
        .expect(2)
        .mount(&server)
        .await;
    let division = client.division(DIVISION);
    let id: Guid = ID.parse().unwrap();
    let mut new = NewAccount::new("Aap");
    new.email = Some("a@example.nl".into());
    let typed = division.differences::<Account>(id, &new).await.unwrap();
    assert_eq!(typed.iter().map(ToString::to_string).collect::<Vec<_>>(), ["Email was dropped"]);
    let accounts = division.resource(Account::RESOURCE);
    let text = |text: &str| Value::Text(text.to_owned());
    let row = Account::RESOURCE.row([("Email", text("a@example.nl")), ("Name", text("Aap"))]).unwrap();
    assert_eq!(accounts.differences(id, &row).await.unwrap(), typed);
    let nothing = division.differences::<Account>(id, &AccountPatch::default()).await.unwrap();
    assert!(nothing.is_empty(), "and costs no call");
}

#[tokio::test]
async fn a_written_record_that_is_gone_is_not_found() {
    let (server, _, client) = connected().await;
    Mock::given(path(ACCOUNTS)).respond_with(json_body(&json!({"d": []}))).mount(&server).await;
    let id: Guid = ID.parse().unwrap();
    let division = client.division(DIVISION);
    let error = division.differences::<Account>(id, &NewAccount::new("Aap")).await.unwrap_err();
    assert_eq!((error.kind(), error.entity()), (ErrorKind::NotFound, Some("crm/Accounts")));
}
