//! Two administrations at work at once, each with an app, a user and a grant of its own, over one store: tokens, budgets
//! and rows never mix.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crm_adapters::pipedrive::{ApiToken, Pipedrive};
use exact_client::{Client, DivisionId, StoredUsage};
use sandbox::{Clock as SandboxClock, Exact, Sandbox};
use serde_json::{Value as Json, json};
use sync_core::engine::{Engine, RunOptions, RunReport};
use sync_core::exact::ExactAdapter;
use sync_core::flow::{Division, Preset, Vendor};
use sync_core::store::{MemoryStore, Row, Scan, Store, Table, Tenant};

const MINUTE: Duration = Duration::from_secs(60);

/// An administration, and the client that its grant is given to.
struct Office {
    sandbox: Sandbox,
    client: Client,
    division: i64,
}

impl Office {
    /// The administration with that number, counted from 0, of a company of its own.
    async fn open(
        seed: u64,
        number: u32,
        clock: &SandboxClock,
        store: &Arc<dyn Store>,
        tenant: &Tenant,
    ) -> Self {
        let builder = Sandbox::builder().clock(clock.clone()).seed(seed).divisions(number + 1);
        let sandbox = builder.start().await.unwrap();
        let client = super::client_of(&sandbox, clock, store, tenant);
        let division = *sandbox.exact().divisions().last().unwrap();
        sandbox.exact().open_division(division).unwrap();
        for other in sandbox.exact().divisions().iter().filter(|other| **other != division) {
            sandbox.exact().set_scope(*other, false).unwrap();
        }
        let office = Self { sandbox, client, division };
        office.give_grant(office.exact().refresh_token()).await;
        office.exact().reset_stats();
        office
    }

    async fn give_grant(&self, refresh_token: &str) {
        self.client.import_refresh_token(refresh_token.to_owned().into()).await.unwrap();
    }

    fn exact(&self) -> &Exact {
        self.sandbox.exact()
    }

    fn customer(&self, name: &str) {
        let number = name.bytes().fold(10_000_000_u64, |sum, byte| sum * 7 % 89_999_999 + u64::from(byte));
        let fields = json!({ "Name": name, "Status": "C", "ChamberOfCommerce": format!("{number:08}") });
        self.exact().create_account(self.division, fields).unwrap();
    }

    fn customers(&self) -> BTreeSet<String> {
        self.exact().accounts(self.division).unwrap().iter().map(|account| text(&account["Name"])).collect()
    }

    fn side(&self) -> (Division, Arc<ExactAdapter>) {
        let id = DivisionId::new(i32::try_from(self.division).unwrap());
        (self.code(), Arc::new(ExactAdapter::new(self.client.clone(), id, None)))
    }

    fn code(&self) -> Division {
        Division::new(u32::try_from(self.division).unwrap())
    }

    /// What its budget says of the calls of this day, and how many there really were.
    async fn budget(&self, store: &Arc<dyn Store>, tenant: &Tenant) -> (u64, u64) {
        let mine = format!("{}/{}", self.exact().client_id(), self.division);
        let rows = rows(store, tenant, Table::Usage).await;
        let row = rows.iter().find(|row| row.key.id.ends_with(&mine)).unwrap();
        let usage: StoredUsage = serde_json::from_str(&row.value).unwrap();
        (usage.day_used, self.exact().stats().requests_of("/api/v1/{division}/"))
    }
}

/// Two offices of one customer, whose companies are in one CRM.
struct World {
    clock: SandboxClock,
    store: Arc<dyn Store>,
    one: Office,
    two: Office,
}

impl World {
    async fn open() -> Self {
        let (clock, store) = start();
        let tenant = Tenant::default();
        let one = Office::open(1, 0, &clock, &store, &tenant).await;
        let two = Office::open(2, 1, &clock, &store, &tenant).await;
        assert_ne!(one.exact().client_id(), two.exact().client_id());
        assert_ne!(one.division, two.division);
        Self { clock, store, one, two }
    }

    fn engine(&self) -> Engine {
        let offices = [&self.one, &self.two];
        engine(&offices, &self.one.sandbox, &self.clock, &self.store, &Tenant::default())
    }

    async fn run(&self) -> RunReport {
        self.clock.advance(MINUTE);
        self.engine().run_once(RunOptions::default()).await.unwrap()
    }

    fn in_the_crm(&self) -> BTreeSet<String> {
        in_the_crm(&self.one.sandbox)
    }
}

fn start() -> (SandboxClock, Arc<dyn Store>) {
    let clock = SandboxClock::virtual_at("2026-11-22T10:00:05Z".parse().unwrap());
    (clock.clone(), Arc::new(MemoryStore::with_clock(Arc::new(clock))))
}

fn engine(
    offices: &[&Office],
    crm: &Sandbox,
    clock: &SandboxClock,
    store: &Arc<dyn Store>,
    tenant: &Tenant,
) -> Engine {
    let origin = crm.pipedrive().base_url().parse().unwrap();
    let crm = Pipedrive::builder(ApiToken::new(crm.pipedrive().api_token())).origin(origin);
    let crm = Arc::new(crm.clock(Arc::new(clock.clone())).build().unwrap());
    let builder = Engine::builder(Arc::clone(store), crm).tenant(tenant.clone());
    let builder = builder.clock(Arc::new(clock.clone())).create_fields(true);
    let builder = offices
        .iter()
        .map(|office| office.side())
        .fold(builder, |builder, (division, side)| builder.division(division, side));
    builder.flow(Preset::Companies.flow(Vendor::Pipedrive)).build().unwrap()
}

fn in_the_crm(sandbox: &Sandbox) -> BTreeSet<String> {
    sandbox.pipedrive().organizations().iter().map(|company| text(&company["name"])).collect()
}

async fn rows(store: &Arc<dyn Store>, tenant: &Tenant, table: Table) -> Vec<Row> {
    store.scan(tenant, &Scan::table(table, "").limit(10_000)).await.unwrap()
}

fn text(value: &Json) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn names<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}

#[tokio::test]
async fn each_of_two_grants_serves_its_own_administration_and_is_refreshed_on_its_own() {
    let world = World::open().await;
    for round in 0..6 {
        world.one.customer(&format!("One {round}"));
        world.two.customer(&format!("Two {round}"));
        let report = world.run().await;
        assert!(report.errors.is_empty(), "{report:#?}");
        world.clock.advance(9 * MINUTE);
    }
    assert_eq!(world.in_the_crm().len(), 12);
    for (office, own) in [(&world.one, "One"), (&world.two, "Two")] {
        let customers = office.customers();
        assert_eq!(customers.len(), 6, "{customers:?}");
        assert!(customers.iter().all(|name| name.starts_with(own)), "{customers:?}");
        let stats = office.exact().stats();
        assert_eq!(
            (stats.client_errors, stats.too_many_requests),
            (0, 0),
            "no foreign token, no division out of scope: {stats:?}"
        );
        assert!(stats.token_calls >= 3, "{stats:?}");
        assert!(stats.smallest_token_gap_seconds >= Some(570), "{stats:?}");
        let (counted, made) = office.budget(&world.store, &Tenant::default()).await;
        assert!(counted >= made && counted < made + 60, "{own}: {counted} counted, {made} made");
    }
    let tenant = Tenant::default();
    assert_eq!(rows(&world.store, &tenant, Table::Grant).await.len(), 2);
}

#[tokio::test]
async fn the_spent_day_of_one_administration_holds_up_no_other() {
    let world = World::open().await;
    world.one.exact().configure(|settings| settings.limits.day = 30);
    for _ in 0..30 {
        world.run().await;
    }
    world.one.customer("One");
    world.two.customer("Two");
    let report = world.run().await;
    assert_eq!(world.in_the_crm(), names(["Two"]), "{report:#?}");
    assert_eq!(world.one.exact().stats().too_many_requests, 0, "a spent day is not asked again");
    world.clock.advance(24 * 60 * MINUTE);
    world.run().await;
    let report = world.run().await;
    assert_eq!(world.in_the_crm(), names(["One", "Two"]), "{report:#?}");
}

#[tokio::test]
async fn a_grant_that_is_taken_back_stops_its_own_administration_alone() {
    let world = World::open().await;
    world.run().await;
    world.one.exact().revoke_grant();
    world.one.customer("One");
    world.two.customer("Two");
    world.clock.advance(10 * MINUTE);
    let report = world.run().await;
    let troubled: BTreeSet<Division> = report.errors.iter().map(|error| error.division).collect();
    assert_eq!(troubled, [world.one.code()].into(), "{report:#?}");
    assert_eq!(world.in_the_crm(), names(["Two"]), "{report:#?}");
    let consent = world.one.exact().consent();
    world.one.give_grant(&consent).await;
    let report = world.run().await;
    assert!(report.errors.is_empty(), "{report:#?}");
    assert_eq!(world.in_the_crm(), names(["One", "Two"]));
}

/// Everything has the same name at both: app, administration, and the ids of what is entered.
#[tokio::test]
async fn two_customers_whose_apps_administrations_and_records_are_called_alike_share_nothing_but_the_store() {
    let (clock, store) = start();
    let tenants = [Tenant::new("one"), Tenant::new("two")];
    let one = Office::open(7, 0, &clock, &store, &tenants[0]).await;
    let two = Office::open(7, 0, &clock, &store, &tenants[1]).await;
    assert_eq!((one.exact().client_id(), one.division), (two.exact().client_id(), two.division));
    let engines = [(&one, &tenants[0]), (&two, &tenants[1])]
        .map(|(office, tenant)| engine(&[office], &office.sandbox, &clock, &store, tenant));
    for round in 0..6 {
        one.customer(&format!("Alfa {round}"));
        two.customer(&format!("Beta {round}"));
        clock.advance(10 * MINUTE);
        let (of_one, of_two) = tokio::join!(
            engines[0].run_once(RunOptions::default()),
            engines[1].run_once(RunOptions::default())
        );
        for report in [of_one.unwrap(), of_two.unwrap()] {
            assert!(report.errors.is_empty(), "{report:#?}");
        }
    }
    for (office, tenant, own, foreign) in
        [(&one, &tenants[0], "Alfa", "Beta"), (&two, &tenants[1], "Beta", "Alfa")]
    {
        let companies = in_the_crm(&office.sandbox);
        assert_eq!(companies.len(), 6, "{companies:?}");
        assert_eq!(companies, office.customers());
        assert!(companies.iter().all(|name| name.starts_with(own)), "{companies:?}");
        let stats = office.exact().stats();
        assert_eq!(stats.client_errors, 0, "no foreign token: {stats:?}");
        assert!(stats.token_calls >= 4, "{stats:?}");
        let (counted, made) = office.budget(&store, tenant).await;
        assert!(counted >= made && counted < made + 60, "{own}: {counted} counted, {made} made");
        for table in Table::ALL {
            for row in rows(&store, tenant, table).await {
                assert!(!row.value.contains(foreign), "{own} has a row of {foreign}: {row:?}");
            }
        }
    }
}
