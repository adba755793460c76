//! Exact Online as a side, against the local Exact with its habits.

mod addresses;
mod billing;
mod conformance;
mod grants;
mod money;
mod parts;
mod price_lists;
mod two_grants;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crm_adapters::{
    Action, Adapter, Change, Clock, Cursor, ErrorKind, Fields, Key, Kind, Outcome, Pace, Record, RecordId,
    Value, View, Wanted, Write,
};
use exact_client::{App, Client, Country, DivisionId, Guid, WallTime};
use exact_client::{Vault, VaultKey};
use rust_decimal::Decimal;
use sandbox::{Clock as SandboxClock, Company, Fault, Limits, Sandbox, Trouble};
use serde_json::json;
use sync_core::exact::{CallStore, ExactAdapter, ExactClock, GrantStore, PartStore};
use sync_core::store::{MemoryStore, Scan, Store, Table, Tenant};
use url::Url;

#[derive(Debug)]
struct World {
    sandbox: Sandbox,
    clock: SandboxClock,
    store: Arc<dyn Store>,
    client: Client,
    division: i64,
}

impl World {
    async fn new(companies: usize, limits: Limits) -> Self {
        let clock = SandboxClock::virtual_at("2026-11-22T10:00:05Z".parse().unwrap());
        let companies =
            (0..companies).map(|number| Company::new(format!("Firma {number}"), format!("{number:08}")));
        let sandbox = Sandbox::builder()
            .clock(clock.clone())
            .companies(companies.collect())
            .limits(limits)
            .start()
            .await
            .unwrap();
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let client = client(&sandbox, &clock, &store);
        let token = sandbox.exact().refresh_token().to_owned();
        client.import_refresh_token(token.into()).await.unwrap();
        sandbox.exact().reset_stats();
        let division = sandbox.exact().divisions()[0];
        Self { sandbox, clock, store, client, division }
    }

    fn id(&self) -> DivisionId {
        DivisionId::new(i32::try_from(self.division).unwrap())
    }

    async fn moved(&self) -> Option<WallTime> {
        let divisions = self.client.divisions(self.id()).await.unwrap();
        divisions.into_iter().find(|division| division.id() == Some(self.id())).unwrap().division_move_date
    }

    fn adapter(&self, moved: Option<WallTime>) -> ExactAdapter {
        ExactAdapter::new(self.client.clone(), self.id(), moved)
    }

    fn requests(&self) -> u64 {
        self.sandbox.exact().stats().requests
    }
}

pub(crate) fn client(sandbox: &Sandbox, clock: &SandboxClock, store: &Arc<dyn Store>) -> Client {
    client_of(sandbox, clock, store, &Tenant::default())
}

fn client_of(sandbox: &Sandbox, clock: &SandboxClock, store: &Arc<dyn Store>, tenant: &Tenant) -> Client {
    let exact = sandbox.exact();
    let app = App {
        client_id: exact.client_id(),
        client_secret: exact.client_secret().into(),
        redirect_url: "https://example.com/callback".to_owned(),
    };
    let ours: Arc<dyn Clock> = Arc::new(clock.clone());
    let vault = Arc::new(Vault::new(VaultKey::new(&[7; 32]), Vec::new()));
    let grants = GrantStore::new(Arc::clone(store), tenant.clone(), vault, Arc::clone(&ours));
    Client::builder(app, Country::Nl)
        .origin(Url::parse(&exact.base_url()).unwrap())
        .token_store(Arc::new(grants))
        .usage_store(Arc::new(CallStore::new(Arc::clone(store), tenant.clone())))
        .clock(Arc::new(ExactClock::new(ours)))
        .timeout(Duration::from_secs(5))
        .random_seed(1)
        .build()
        .unwrap()
}

fn view() -> View {
    let fields = ["Name", "Status", "ChamberOfCommerce", "Email", "Code", "Country"];
    View { kind: Kind::Company, fields: fields.map(str::to_owned).to_vec() }
}

/// Reads until there is no more.
async fn walk(adapter: &ExactAdapter, mut cursor: Option<Cursor>) -> (Vec<Change>, Cursor) {
    let mut changes = Vec::new();
    loop {
        let page = adapter.changes(&view(), cursor.as_ref()).await.unwrap();
        changes.extend(page.changes);
        if !page.more {
            return (changes, page.cursor);
        }
        cursor = Some(page.cursor);
    }
}

async fn write(adapter: &ExactAdapter, action: Action) -> Outcome {
    adapter.write(&view(), vec![Write { action, send_before: None }]).await.remove(0)
}

fn applied(outcome: Outcome) -> Record {
    match outcome {
        Outcome::Applied(record) | Outcome::Accepted(record) => record,
        other => panic!("{other:?}"),
    }
}

fn new(name: &str) -> Action {
    Action::Create(Fields::new().with("Name", name).with("Status", "P").with("Country", "NL"))
}

fn text(record: &Record, field: &str) -> String {
    record.fields.get(field).unwrap().to_string()
}

#[tokio::test]
async fn a_first_walk_delivers_every_account_in_pages_of_a_thousand() {
    let world = World::new(2_500, Limits::off()).await;
    world.sandbox.exact().configure(|settings| settings.duplicate_every = 7);
    let (changes, _) = walk(&world.adapter(None), None).await;
    let ids: std::collections::BTreeSet<_> = changes
        .iter()
        .map(|change| match change {
            Change::Present(record) => record.id.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(ids.len(), 2_500);
    let stats = world.sandbox.exact().stats();
    assert!((3..=4).contains(&stats.requests_of("sync/CRM/Accounts")), "{stats:?}");
    assert_eq!(stats.requests_of("sync/Deleted"), 1);
    let Change::Present(record) = &changes[0] else { panic!() };
    assert!(!text(record, "Code").starts_with(' '));
    assert_eq!(record.fields.get("Email"), Some(&Value::Null));
}

#[tokio::test]
async fn a_poll_where_nothing_happened_costs_one_call_per_feed() {
    let world = World::new(10, Limits::vendor()).await;
    let adapter = world.adapter(None);
    let (_, cursor) = walk(&adapter, None).await;
    world.sandbox.exact().reset_stats();
    let (changes, again) = walk(&adapter, Some(cursor.clone())).await;
    assert_eq!((changes.len(), world.requests()), (0, 2));
    assert_eq!(again, cursor);
}

#[tokio::test]
async fn deletions_are_read_no_more_often_than_told_and_are_then_all_there() {
    let world = World::new(3, Limits::vendor()).await;
    let adapter = world.adapter(None).deletions_every(Duration::from_secs(600));
    let (_, cursor) = walk(&adapter, None).await;
    let exact = world.sandbox.exact();
    let id: uuid::Uuid = exact.accounts(world.division).unwrap()[0]["ID"].as_str().unwrap().parse().unwrap();
    exact.delete_account(world.division, id).unwrap();
    exact.reset_stats();
    world.clock.advance(Duration::from_secs(599));
    let (changes, cursor) = walk(&adapter, Some(cursor)).await;
    assert_eq!((changes.len(), exact.stats().requests_of("sync/Deleted")), (0, 0));
    world.clock.advance(Duration::from_secs(1));
    let (changes, _) = walk(&adapter, Some(cursor)).await;
    assert!(matches!(changes.as_slice(), [Change::Deleted(gone)] if gone.as_str() == id.to_string()));
}

#[tokio::test]
async fn a_run_of_a_new_process_reads_the_divisions_and_its_feeds_and_nothing_else() {
    let world = World::new(10, Limits::vendor()).await;
    let (_, cursor) = walk(&world.adapter(world.moved().await), None).await;
    world.sandbox.exact().reset_stats();
    let client = client(&world.sandbox, &world.clock, &world.store);
    let divisions = client.divisions(world.id()).await.unwrap();
    let adapter = ExactAdapter::new(client, world.id(), divisions[0].division_move_date);
    walk(&adapter, Some(cursor)).await;
    let stats = world.sandbox.exact().stats();
    assert_eq!((stats.requests, stats.requests_of("system/Divisions")), (3, 1));
    assert_eq!((stats.token_calls, stats.client_errors), (0, 0));
}

#[tokio::test]
async fn what_people_edit_and_delete_comes_as_changes() {
    let world = World::new(3, Limits::vendor()).await;
    let adapter = world.adapter(None);
    let (all, cursor) = walk(&adapter, None).await;
    let ids: Vec<uuid::Uuid> = all
        .iter()
        .filter_map(|change| match change {
            Change::Present(record) => record.id.as_str().parse().ok(),
            _ => None,
        })
        .collect();
    let exact = world.sandbox.exact();
    exact.edit_account(world.division, ids[0], json!({"Email": "a@b.nl"})).unwrap();
    exact.delete_account(world.division, ids[1]).unwrap();
    let (changes, cursor) = walk(&adapter, Some(cursor)).await;
    let [Change::Present(edited), Change::Deleted(deleted)] = changes.as_slice() else {
        panic!("{changes:?}")
    };
    assert_eq!(text(edited, "Email"), "a@b.nl");
    assert!(edited.revision.is_some());
    assert_eq!(deleted.as_str(), ids[1].to_string());
    assert!(walk(&adapter, Some(cursor)).await.0.is_empty());
}

#[tokio::test]
async fn a_look_before_a_write_tells_of_the_records_wherever_the_round_of_the_feeds_stands() {
    let world = World::new(1, Limits::vendor()).await;
    let adapter = world.adapter(None);
    let wanted = ["Name".to_owned()];
    let (mut cursor, mut places) = (None, Vec::new());
    loop {
        let page = adapter.changes(&view(), cursor.as_ref()).await.unwrap();
        places.push(page.cursor.clone());
        cursor = Some(page.cursor);
        if !page.more {
            break;
        }
    }
    assert!(places.len() > 1, "deletions have a page of their own");
    let (changes, _) = walk(&adapter, None).await;
    let Change::Present(account) = &changes[0] else { panic!("{changes:?}") };
    applied(write(&adapter, Action::Update(account.id.clone(), Fields::new().with("Name", "Noot"))).await);
    for place in places {
        let ids = std::slice::from_ref(&account.id);
        let page = adapter.refresh(&view(), &place, Wanted { ids, fields: &wanted }).await.unwrap();
        let told = page.changes.iter().any(|change| match change {
            Change::Present(record) => text(record, "Name") == "Noot",
            _ => false,
        });
        assert!(told && !page.more, "{place:?}: {page:?}");
    }
}

#[tokio::test]
async fn a_moved_division_is_read_again_from_the_start() {
    let world = World::new(3, Limits::vendor()).await;
    let (_, cursor) = walk(&world.adapter(world.moved().await), None).await;
    world.sandbox.exact().move_division(world.division).unwrap();
    let (changes, _) = walk(&world.adapter(world.moved().await), Some(cursor)).await;
    assert_eq!(changes.len(), 3);
}

#[tokio::test]
async fn a_create_costs_one_call_and_tells_what_was_stored() {
    let world = World::new(0, Limits::vendor()).await;
    world.sandbox.exact().configure(|settings| {
        settings.dropped_properties.insert("Email".to_owned());
    });
    let adapter = world.adapter(None);
    let fields = Fields::new().with("Name", "'t Hof").with("Email", "a@b.nl").with("Country", "NL");
    let record = applied(write(&adapter, Action::Create(fields)).await);
    assert_eq!(text(&record, "Name"), "'t Hof");
    assert_eq!(record.fields.get("Email"), Some(&Value::Null), "Exact dropped it without a word");
    assert_eq!(text(&record, "Country"), "NL", "Exact pads it");
    assert!(!text(&record, "Code").is_empty());
    assert_eq!(world.requests(), 1);
}

#[tokio::test]
async fn an_update_costs_one_call_and_what_its_answer_does_not_say_the_feed_tells() {
    let world = World::new(0, Limits::vendor()).await;
    let adapter = world.adapter(None);
    let id = applied(write(&adapter, new("Aap")).await).id;
    let (_, mut cursor) = walk(&adapter, None).await;
    for answers_body in [false, true] {
        world.sandbox.exact().configure(|settings| settings.put_answers_body = answers_body);
        world.sandbox.exact().reset_stats();
        let fields = Fields::new().with("Name", "Noot").with("Status", Value::Null);
        let outcome = write(&adapter, Action::Update(id.clone(), fields)).await;
        assert_eq!(matches!(outcome, Outcome::Applied(_)), answers_body);
        let written = applied(outcome);
        assert_eq!((text(&written, "Name"), world.requests()), ("Noot".to_owned(), 1));
        let (changes, next) = walk(&adapter, Some(cursor)).await;
        let [Change::Present(told)] = changes.as_slice() else { panic!("{changes:?}") };
        assert_eq!(text(told, "Name"), "Noot");
        assert!(told.changed_at <= written.changed_at, "{told:?} was changed last by {written:?}");
        cursor = next;
    }
    assert_eq!(world.sandbox.exact().stats().client_errors, 0);
}

#[tokio::test]
async fn every_accident_has_its_outcome() {
    let world = World::new(0, Limits::vendor()).await;
    let adapter = world.adapter(None);
    let business = Trouble::BusinessError { message: "Verplicht: Naam".to_owned() };
    let cases = [
        (business, "rejected"),
        (Trouble::DropAfter, "unknown"),
        (Trouble::DropBefore, "unknown"),
        (Trouble::ServerError, "unknown"),
        (Trouble::Unavailable, "unknown"),
        (Trouble::Truncated, "unknown"),
        (Trouble::Html, "unknown"),
        (Trouble::Forbidden { reason: "DivisionBlocked".to_owned() }, "not sent"),
        (Trouble::TooManyRequests { headers: true }, "applied"),
    ];
    for (trouble, expected) in cases {
        world.sandbox.exact().inject(Fault::new(trouble.clone()).on("POST", "crm/Accounts"));
        let outcome = match write(&adapter, new("Aap")).await {
            Outcome::Applied(_) | Outcome::Accepted(_) => "applied",
            Outcome::Rejected(_) => "rejected",
            Outcome::NotSent(_) => "not sent",
            Outcome::Unknown(error) => {
                assert!(error.may_have_applied());
                "unknown"
            }
            Outcome::Gone(_) => "gone",
        };
        assert_eq!(outcome, expected, "{trouble:?}");
    }
}

#[tokio::test]
async fn a_record_that_is_gone_and_a_value_that_cannot_be_stored_are_outcomes() {
    let world = World::new(0, Limits::vendor()).await;
    let adapter = world.adapter(None);
    let id = RecordId::new(Guid::from_u128(5).to_string());
    let fields = Fields::new().with("Name", "x");
    assert!(matches!(write(&adapter, Action::Update(id, fields)).await, Outcome::Gone(_)));
    world.sandbox.exact().reset_stats();
    for fields in [
        Fields::new().with("Name", "x").with("Nme", "y"),
        Fields::new().with("Name", "x").with("Created", "y"),
        Fields::new().with("Name", "x").with("Parent", "no id"),
    ] {
        assert!(matches!(write(&adapter, Action::Create(fields)).await, Outcome::Rejected(_)));
    }
    assert_eq!(world.requests(), 0);
    let long = Action::Create(Fields::new().with("Name", "x".repeat(51)));
    assert!(matches!(write(&adapter, long).await, Outcome::Rejected(_)));
}

#[tokio::test]
async fn a_write_after_its_deadline_is_not_sent() {
    let world = World::new(0, Limits::vendor()).await;
    let adapter = world.adapter(None);
    let before = Clock::monotonic(&world.clock);
    world.clock.advance(Duration::from_secs(1));
    let late = Write { action: new("Aap"), send_before: Some(before) };
    let outcome = adapter.write(&view(), vec![late]).await.remove(0);
    assert!(
        matches!(&outcome, Outcome::NotSent(error) if error.kind() == ErrorKind::RateLimited),
        "{outcome:?}"
    );
    assert_eq!(world.sandbox.exact().stats().writes, 0);
}

#[tokio::test]
async fn looking_for_what_is_not_there_is_no_error_at_exact() {
    let world = World::new(50, Limits::vendor()).await;
    let adapter = world.adapter(None);
    let key = |field: &str, value: &str| Key { field: field.to_owned(), value: Value::text(value) };
    let found = adapter.find(&view(), &key("ChamberOfCommerce", "00000007")).await.unwrap();
    assert_eq!(text(&found[0], "Name"), "Firma 7");
    let code = text(&found[0], "Code");
    assert_eq!(adapter.find(&view(), &key("Code", &code)).await.unwrap().len(), 1);
    assert!(adapter.find(&view(), &key("ChamberOfCommerce", "nobody's")).await.unwrap().is_empty());
    assert!(adapter.find(&view(), &key("Parent", "no id")).await.unwrap().is_empty());
    let error = adapter.find(&view(), &key("Remarks", "x")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let (all, _) = walk(&adapter, None).await;
    let mut ids: Vec<RecordId> = all
        .into_iter()
        .filter_map(|change| match change {
            Change::Present(record) => Some(record.id),
            _ => None,
        })
        .collect();
    ids.push(RecordId::new(Guid::from_u128(5).to_string()));
    ids.push(RecordId::new("17"));
    world.sandbox.exact().reset_stats();
    assert_eq!(adapter.get(&view(), &ids).await.unwrap().len(), 50);
    let stats = world.sandbox.exact().stats();
    assert_eq!((stats.requests, stats.client_errors), (3, 0), "51 ids, 20 a call");
}

#[tokio::test]
async fn three_hundred_creates_fit_into_their_clock_minutes_and_cause_no_429() {
    let world = World::new(0, Limits::vendor()).await;
    let adapter = world.adapter(None);
    let start = Clock::now(&world.clock);
    for batch in 0..38 {
        let left = 300 - batch * 8;
        let writes = (0..left.min(8)).map(|one| write(&adapter, new_of(batch * 8 + one)));
        for outcome in futures_util::future::join_all(writes).await {
            applied(outcome);
        }
    }
    let stats = world.sandbox.exact().stats();
    assert_eq!((stats.writes, stats.too_many_requests, stats.client_errors), (300, 0, 0));
    let minutes = (Clock::now(&world.clock) - start).num_seconds().div_euclid(60);
    assert!(minutes <= 5, "{minutes} minutes");
    let usage = adapter.usage();
    assert_eq!((usage.calls, usage.day_limit, usage.minute_limit), (301, Some(5_000), Some(60)));
    assert!(matches!(adapter.pace(Kind::Company), Pace::Ready(_) | Pace::Wait(_)));
}

fn new_of(number: i32) -> Action {
    new(&format!("Firma {number}"))
}

#[tokio::test]
async fn the_schema_costs_no_call_and_takes_lengths_from_the_settings() {
    let world = World::new(0, Limits::vendor()).await;
    let adapter = world.adapter(None).max_lengths(BTreeMap::from([("Name".to_owned(), 60)]));
    let schema = adapter.schema(Kind::Company).await.unwrap();
    let name = schema.get("Name").unwrap();
    assert_eq!((name.max_length, name.required, name.read_only), (Some(60), true, false));
    assert!(schema.get("Modified").unwrap().read_only);
    assert_eq!(adapter.schema(Kind::Deal).await.unwrap_err().kind(), ErrorKind::Unsupported);
    assert_eq!(world.requests(), 0);
}

#[tokio::test]
async fn tokens_lie_sealed_in_the_store_and_another_process_goes_on_with_them() {
    let world = World::new(1, Limits::vendor()).await;
    let rows = world.store.scan(&Tenant::default(), &Scan::table(Table::Grant, "")).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert!(!rows[0].value.contains("refresh_token"), "{}", rows[0].value);
    let usage = world.store.scan(&Tenant::default(), &Scan::table(Table::Usage, "")).await.unwrap();
    assert_eq!(usage.len(), 2, "the division's and the user's");
    world.clock.advance(Duration::from_secs(605));
    let one = client(&world.sandbox, &world.clock, &world.store);
    let other = client(&world.sandbox, &world.clock, &world.store);
    one.me().await.unwrap();
    other.me().await.unwrap();
    let stats = world.sandbox.exact().stats();
    assert_eq!((stats.token_calls, stats.client_errors), (1, 0));
    assert_eq!(one.grant().await.unwrap().unwrap().generation, 2);
}

#[tokio::test]
async fn a_grant_that_another_process_holds_is_waited_for_and_then_given_up() {
    let world = World::new(0, Limits::vendor()).await;
    let grant = world.client.grant().await.unwrap().unwrap();
    let scope = format!("grant/{}", grant.id);
    let ttl = Duration::from_secs(3_600);
    let lease =
        world.store.acquire(&Tenant::default(), &scope, "another process", ttl).await.unwrap().unwrap();
    world.clock.advance(Duration::from_secs(605));
    let started = Clock::monotonic(&world.clock);
    let error = world.client.me().await.unwrap_err();
    assert_eq!(error.kind(), exact_client::ErrorKind::Store, "{error}");
    assert!(Clock::monotonic(&world.clock) - started >= Duration::from_secs(240));
    world.store.release(&lease).await.unwrap();
    world.client.me().await.unwrap();
    assert_eq!(world.sandbox.exact().stats().token_calls, 1);
}

#[tokio::test]
async fn an_hour_of_polling_never_refreshes_early() {
    let world = World::new(1, Limits::vendor()).await;
    let adapter = world.adapter(None);
    let mut cursor = walk(&adapter, None).await.1;
    for _ in 0..240 {
        world.clock.advance(Duration::from_secs(15));
        cursor = walk(&adapter, Some(cursor)).await.1;
    }
    let stats = world.sandbox.exact().stats();
    assert!(stats.token_calls >= 5, "{}", stats.token_calls);
    assert!(stats.smallest_token_gap_seconds.unwrap() >= 570);
    assert_eq!((stats.client_errors, stats.too_many_requests), (0, 0));
}
