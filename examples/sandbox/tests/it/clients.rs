//! The workspace's own clients against both vendors, with the vendors' limits on a virtual clock.

use std::sync::Arc;
use std::time::Duration;

use crm_adapters::pipedrive::{ApiToken, Pipedrive};
use crm_adapters::{
    Action, Adapter, Change, FieldType, Fields, Key, Kind, NewField, Outcome, Value, View, Write,
};
use exact_client::{
    Account, AccountPatch, App, Client, Country, DivisionApi, DivisionId, EntityType, ErrorKind, NewAccount,
    Patch, WriteOptions,
};
use futures_util::{StreamExt as _, stream};
use serde_json::json;

use crate::support::World;

pub(crate) async fn exact(world: &World) -> DivisionApi {
    let client = exact_client_of(world).await;
    client.division(DivisionId::new(i32::try_from(world.division()).unwrap()))
}

/// A client of the world's Exact, with a grant.
pub(crate) async fn exact_client_of(world: &World) -> Client {
    let exact = world.sandbox.exact();
    let app = App {
        client_id: exact.client_id(),
        client_secret: exact.client_secret().into(),
        redirect_url: "https://example.com/callback".to_owned(),
    };
    let client = Client::builder(app, Country::Nl)
        .origin(exact.base_url().parse().unwrap())
        .clock(Arc::new(world.clock.clone()))
        .build()
        .unwrap();
    let grant = client.import_refresh_token(exact.refresh_token().into()).await.unwrap();
    assert_eq!(grant.divisions.len(), exact.divisions().len());
    client
}

fn pipedrive(world: &World) -> Pipedrive {
    let pipedrive = world.sandbox.pipedrive();
    Pipedrive::builder(ApiToken::new(pipedrive.api_token()))
        .origin(pipedrive.base_url().parse().unwrap())
        .clock(Arc::new(world.clock.clone()))
        .build()
        .unwrap()
}

fn view() -> View {
    View { kind: Kind::Company, fields: vec!["name".to_owned(), "custom:KvK number".to_owned()] }
}

fn create(number: usize) -> Write {
    let fields = Fields::new()
        .with("name", Value::text(format!("Company {number}")))
        .with("custom:KvK number", Value::text(format!("{number:08}")));
    Write { action: Action::Create(fields), send_before: None }
}

#[tokio::test]
async fn the_exact_client_reads_creates_changes_and_sees_deletions() {
    let world = World::logged_out(|builder| builder).await;
    let division = exact(&world).await;
    let mut new = NewAccount::new("Bakkerij 't Hoekje");
    new.chamber_of_commerce = Some("12345678".to_owned());
    let options = WriteOptions::new().representation();
    let id = division.create::<Account>(&new, options).await.unwrap().id.unwrap();
    let found = division.list().filter(Account::CHAMBER_OF_COMMERCE.eq("12345678")).all().await.unwrap();
    assert_eq!((found.len(), found[0].name.as_deref()), (1, Some("Bakkerij 't Hoekje")));
    let mut patch = AccountPatch::default();
    patch.email = Patch::Set("info@example.com".to_owned());
    division.update::<Account>(id, &patch, options).await.unwrap();
    let changed = division.feed::<Account>(0).all().await.unwrap();
    assert_eq!(changed[0].email.as_deref(), Some("info@example.com"));
    let refused = division.create::<Account>(&NewAccount::new("x".repeat(51)), options).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Invalid);
    world.sandbox.exact().delete_account(world.division(), id.to_string().parse().unwrap()).unwrap();
    let deleted = division.deleted(0, EntityType::Account).all().await.unwrap();
    assert_eq!(deleted.len(), 1);
}

#[tokio::test]
async fn three_hundred_creates_in_exact_take_their_minutes_of_virtual_time_and_exceed_nothing() {
    let world = World::logged_out(|builder| builder).await;
    let division = exact(&world).await;
    let begin = world.clock.now();
    let creates = stream::iter(0..300).map(|number| {
        let division = division.clone();
        async move {
            let new = NewAccount::new(format!("Company {number}"));
            division.create::<Account>(&new, WriteOptions::new()).await.unwrap()
        }
    });
    creates.buffer_unordered(16).collect::<Vec<_>>().await;
    let taken = (world.clock.now() - begin).to_std().unwrap();
    assert!((Duration::from_secs(230)..Duration::from_secs(360)).contains(&taken), "{taken:?}");
    let stats = world.sandbox.exact().stats();
    assert_eq!((stats.writes, stats.too_many_requests, stats.client_errors), (300, 0, 0));
}

#[tokio::test]
async fn the_exact_client_refreshes_in_time_and_never_too_early() {
    let world = World::logged_out(|builder| builder).await;
    let division = exact(&world).await;
    for _ in 0..20 {
        world.advance(400);
        division.list::<Account>().filter(Account::NAME.eq("x")).all().await.unwrap();
    }
    let stats = world.sandbox.exact().stats();
    assert_eq!(stats.client_errors, 0);
    assert!(stats.smallest_token_gap_seconds.unwrap() >= 570);
}

#[tokio::test]
async fn the_pipedrive_adapter_makes_fields_writes_reads_and_finds() {
    let world = World::logged_out(|builder| builder).await;
    let crm = pipedrive(&world);
    let field = NewField { label: "KvK number".to_owned(), ty: FieldType::Text };
    crm.create_fields(Kind::Company, &[field]).await.unwrap();
    let outcomes = crm.write(&view(), (0..3).map(create).collect()).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Applied(_))), "{outcomes:?}");
    let page = crm.changes(&view(), None).await.unwrap();
    assert_eq!(page.changes.len(), 3);
    world.advance(30);
    let key = Key { field: "custom:KvK number".to_owned(), value: Value::text("00000001") };
    let found = crm.find(&view(), &key).await.unwrap();
    assert_eq!(found[0].id.as_str(), "2");
    world.sandbox.pipedrive().edit_organization(2, json!({ "name": "Renamed" })).unwrap();
    let later = crm.changes(&view(), Some(&page.cursor)).await.unwrap();
    let renamed = later.changes.iter().any(|change| match change {
        Change::Present(record) => record.fields.get("name") == Some(&Value::text("Renamed")),
        _ => false,
    });
    assert!(renamed, "{later:?}");
    assert_eq!(world.sandbox.pipedrive().stats().client_errors, 0);
}

#[tokio::test]
async fn a_thousand_creates_in_pipedrive_exceed_nothing() {
    let world = World::logged_out(|builder| builder).await;
    world.sandbox.pipedrive().create_field("KvK number", "varchar").unwrap();
    let crm = Arc::new(pipedrive(&world));
    let creates = stream::iter(0..1_000).map(|number| {
        let crm = Arc::clone(&crm);
        async move { crm.write(&view(), vec![create(number)]).await }
    });
    let outcomes = creates.buffer_unordered(32).collect::<Vec<_>>().await;
    assert!(outcomes.iter().flatten().all(|outcome| matches!(outcome, Outcome::Applied(_))));
    let stats = world.sandbox.pipedrive().stats();
    assert_eq!((stats.writes, stats.too_many_requests, stats.client_errors), (1_000, 0, 0));
}
