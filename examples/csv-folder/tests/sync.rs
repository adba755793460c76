//! The folder and an administration in Exact Online, kept in agreement.

use std::fs;
use std::sync::Arc;

use csv_folder::CsvFolder;
use exact_client::{App, Client, Country, DivisionId};
use sandbox::{Company, Sandbox};
use sync_core::engine::{Engine, RunOptions};
use sync_core::exact::{ExactAdapter, ExactClock};
use sync_core::flow::{Division, Preset, Vendor};
use sync_core::store::MemoryStore;

#[tokio::test]
async fn a_spreadsheet_and_exact_come_into_agreement_and_a_second_pass_writes_nothing() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("companies.csv");
    fs::write(&file, "id,name,KvK number\n1,Bakkerij De Vries,12345678\n2,Nieuwe Klant,87654321\n").unwrap();
    let known =
        vec![Company::new("Bakkerij de Vries B.V.", "12345678"), Company::new("Derde B.V.", "33333333")];
    let clock = sandbox::Clock::virtual_at("2026-11-01T09:00:00Z".parse().unwrap());
    let sandbox = Sandbox::builder().clock(clock.clone()).companies(known).start().await.unwrap();

    let exact = sandbox.exact();
    let app = App {
        client_id: exact.client_id(),
        client_secret: exact.client_secret().into(),
        redirect_url: "https://example.com/callback".into(),
    };
    let client = Client::builder(app, Country::Nl)
        .origin(exact.base_url().parse().unwrap())
        .clock(Arc::new(ExactClock::new(Arc::new(clock.clone()))))
        .build()
        .unwrap();
    client.import_refresh_token(exact.refresh_token().into()).await.unwrap();
    let division = exact.divisions()[0];
    let books = ExactAdapter::new(client, DivisionId::new(i32::try_from(division).unwrap()), None);
    let sheet = CsvFolder::new(folder.path()).unwrap().clock(Arc::new(clock.clone()));
    let engine = Engine::builder(Arc::new(MemoryStore::with_clock(Arc::new(clock.clone()))), Arc::new(sheet))
        .division(Division::new(u32::try_from(division).unwrap()), Arc::new(books))
        .flow(Preset::Companies.flow(Vendor::Pipedrive))
        .clock(Arc::new(clock))
        .create_fields(true)
        .build()
        .unwrap();

    let first = engine.run_once(RunOptions::default()).await.unwrap();
    let written = &first.flows[0];
    assert_eq!((written.created.exact, written.created.crm, written.linked), (1, 1, 1), "{first:?}");
    assert_eq!(exact.accounts(division).unwrap().len(), 3);
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("Bakkerij de Vries B.V.") && text.contains("Derde B.V."), "{text}");
    let second = engine.run_once(RunOptions::default()).await.unwrap();
    assert_eq!(second.flows[0].created.exact + second.flows[0].created.crm, 0);
    assert_eq!(second.flows[0].updated.exact + second.flows[0].updated.crm, 0);
}
