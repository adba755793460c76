//! One customer at work: Exact, one of the CRMs, the engine between them, and what people do on either side.

use std::sync::Arc;
use std::time::Duration;

use crm_adapters::hubspot::{HubSpot, ServiceKey};
use crm_adapters::pipedrive::{ApiToken, Pipedrive};
use crm_adapters::{Adapter, Clock, Kind, Record, RecordId, Value, View};
use exact_client::{Client, DivisionId};
use sandbox::{Clock as SandboxClock, Limits, Sandbox};
use serde_json::{Value as Json, json};
use sync_core::engine::{Engine, RunOptions, RunReport};
use sync_core::exact::{ExactAdapter, PartStore};
use sync_core::flow::{Division, Flow, Preset, Vendor};
use sync_core::state::Issue;
use sync_core::store::{MemoryStore, Store, Tenant};
use url::Url;
use uuid::Uuid;

pub(super) struct Desk {
    pub(super) sandbox: Sandbox,
    pub(super) clock: SandboxClock,
    pub(super) vendor: Vendor,
    pub(super) division: i64,
    pub(super) flows: Vec<Flow>,
    exact: Client,
    crm: Arc<dyn Adapter>,
    pub(super) store: Arc<dyn Store>,
}

impl Desk {
    /// With the presets of these flows.
    pub(super) async fn open(vendor: Vendor, presets: &[Preset]) -> Self {
        let clock = SandboxClock::virtual_at("2026-11-22T10:00:05Z".parse().unwrap());
        let sandbox =
            Sandbox::builder().clock(clock.clone()).divisions(2).limits(Limits::off()).start().await.unwrap();
        let store: Arc<dyn Store> = Arc::new(MemoryStore::with_clock(Arc::new(clock.clone())));
        let exact = crate::exact::client(&sandbox, &clock, &store);
        exact.import_refresh_token(sandbox.exact().refresh_token().to_owned().into()).await.unwrap();
        Self {
            crm: crm(vendor, &sandbox, &clock),
            division: sandbox.exact().divisions()[0],
            flows: presets.iter().map(|preset| preset.flow(vendor)).collect(),
            sandbox,
            clock,
            vendor,
            exact,
            store,
        }
    }

    pub(super) fn engine(&self) -> Engine {
        let code = u32::try_from(self.division).unwrap();
        let side = ExactAdapter::new(self.exact.clone(), DivisionId::new(i32::try_from(code).unwrap()), None)
            .parts_in(PartStore::new(Arc::clone(&self.store), Tenant::default()));
        let builder = Engine::builder(Arc::clone(&self.store), Arc::clone(&self.crm))
            .clock(Arc::new(self.clock.clone()))
            .create_fields(true)
            .division(Division::new(code), Arc::new(side));
        self.flows.iter().cloned().fold(builder, |builder, flow| builder.flow(flow)).build().unwrap()
    }

    /// A run a minute later: what people did is in HubSpot's index by then.
    pub(super) async fn run(&self) -> RunReport {
        self.clock.advance(Duration::from_secs(60));
        let report = self.engine().run_once(RunOptions { yes: true }).await.unwrap();
        assert!(report.errors.is_empty(), "{report:#?}");
        report
    }

    /// A run after which both sides agree: the next one writes nothing, and nobody is asked anything.
    #[track_caller]
    pub(super) fn settle(&self) -> impl Future<Output = ()> {
        let place = std::panic::Location::caller();
        async move {
            self.run().await;
            let issues: Vec<String> = self.issues().await.into_iter().map(|issue| issue.message).collect();
            assert!(issues.is_empty(), "{place}: {issues:#?}");
            let again = self.run().await;
            assert_eq!(again.writes(), 0, "{place}: {again:#?}");
        }
    }

    pub(super) async fn issues(&self) -> Vec<Issue> {
        self.engine().issues().await.unwrap()
    }

    pub(super) fn pass_days(&self, days: u64) {
        self.clock.advance(Duration::from_secs(days * 86_400));
    }

    // What people do in Exact.

    pub(super) fn enter(&self, path: &str, fields: Json) -> Uuid {
        self.sandbox.exact().create(self.division, path, fields).unwrap()
    }

    pub(super) fn edit(&self, path: &str, id: Uuid, fields: Json) {
        self.sandbox.exact().edit(self.division, path, id, fields).unwrap();
    }

    pub(super) fn customer(&self, name: &str) -> Uuid {
        self.enter("crm/Accounts", json!({ "Name": name, "Status": "C", "Country": "NL" }))
    }

    pub(super) fn book(&self, path: &str) -> Vec<Json> {
        self.sandbox.exact().records(self.division, path).unwrap()
    }

    // What people do in the CRM, in the vendor's own words.

    pub(super) fn crm_enter(&self, kind: Kind, pipedrive: Json, hubspot: Json) -> RecordId {
        match self.vendor {
            Vendor::Pipedrive => {
                let id = self.sandbox.pipedrive().create(plural(self.vendor, kind), pipedrive).unwrap();
                RecordId::new(id.to_string())
            }
            _ => RecordId::new(self.sandbox.hubspot().create(plural(self.vendor, kind), hubspot).unwrap()),
        }
    }

    pub(super) fn crm_edit(&self, kind: Kind, id: &RecordId, pipedrive: Json, hubspot: Json) {
        let plural = plural(self.vendor, kind);
        match self.vendor {
            Vendor::Pipedrive => {
                self.sandbox.pipedrive().edit(plural, id.as_str().parse().unwrap(), pipedrive).unwrap();
            }
            _ => self.sandbox.hubspot().edit(plural, id.as_str(), hubspot).unwrap(),
        }
    }

    /// Puts a person of the CRM under a company.
    pub(super) fn crm_put_under(&self, person: &RecordId, company: &RecordId) {
        match self.vendor {
            Vendor::Pipedrive => {
                let company: i64 = company.as_str().parse().unwrap();
                self.crm_edit(Kind::Contact, person, json!({ "org_id": company }), json!({}));
            }
            _ => self.sandbox.hubspot().associate(person.as_str(), company.as_str()).unwrap(),
        }
    }

    pub(super) fn crm_count(&self, kind: Kind) -> usize {
        match self.vendor {
            Vendor::Pipedrive => self.sandbox.pipedrive().records(plural(self.vendor, kind)).len(),
            _ => self.sandbox.hubspot().records(plural(self.vendor, kind)).len(),
        }
    }

    /// The CRM's records of these ids, as its adapter shows them.
    pub(super) async fn crm_show(&self, kind: Kind, id: &RecordId, fields: &[&str]) -> String {
        let view = View { kind, fields: fields.iter().map(|name| (*name).to_owned()).collect() };
        let record = self.crm.get(&view, std::slice::from_ref(id)).await.unwrap().remove(0);
        shown(&record, fields)
    }

    /// The CRM's record of a record in Exact.
    pub(super) async fn crm_id(&self, kind: Kind, exact: Uuid) -> RecordId {
        let key = format!("{}:{exact}", self.division);
        let all = match self.vendor {
            Vendor::Pipedrive => self.sandbox.pipedrive().records(plural(self.vendor, kind)),
            _ => self.sandbox.hubspot().records(plural(self.vendor, kind)),
        };
        let own = |record: &&Json| {
            record["custom_fields"]["Exact ID"] == json!(key)
                || record["properties"]["exact_id"] == json!(key)
        };
        let found: Vec<&Json> = all.iter().filter(own).collect();
        assert_eq!(found.len(), 1, "{kind} {exact}: {all:#?}");
        let id = &found[0]["id"];
        RecordId::new(id.as_str().map_or_else(|| id.to_string(), str::to_owned))
    }

    pub(super) async fn crm_shows(&self, kind: Kind, exact: Uuid, fields: &[&str]) -> String {
        let id = self.crm_id(kind, exact).await;
        self.crm_show(kind, &id, fields).await
    }

    /// The word of the vendor at the desk.
    pub(super) fn word<T>(&self, pipedrive: T, hubspot: T) -> T {
        match self.vendor {
            Vendor::Pipedrive => pipedrive,
            _ => hubspot,
        }
    }
}

fn crm(vendor: Vendor, sandbox: &Sandbox, clock: &SandboxClock) -> Arc<dyn Adapter> {
    let clock: Arc<dyn Clock> = Arc::new(clock.clone());
    match vendor {
        Vendor::Pipedrive => {
            let origin = Url::parse(&sandbox.pipedrive().base_url()).unwrap();
            let token = ApiToken::new(sandbox.pipedrive().api_token());
            Arc::new(Pipedrive::builder(token).origin(origin).clock(clock).build().unwrap())
        }
        _ => {
            let origin = Url::parse(&sandbox.hubspot().base_url()).unwrap();
            let key = ServiceKey::new(sandbox.hubspot().token());
            Arc::new(HubSpot::builder(key).origin(origin).clock(clock).build().unwrap())
        }
    }
}

fn plural(vendor: Vendor, kind: Kind) -> &'static str {
    match (vendor, kind) {
        (Vendor::Pipedrive, Kind::Company) => "organizations",
        (Vendor::Pipedrive, Kind::Contact) => "persons",
        (_, Kind::Company) => "companies",
        (_, Kind::Contact) => "contacts",
        (_, Kind::Product) => "products",
        (_, Kind::Deal) => "deals",
        (_, Kind::Invoice) => "invoices",
        (_, other) => panic!("{other}"),
    }
}

/// The fields' values, one after the other.
fn shown(record: &Record, fields: &[&str]) -> String {
    let value = |name: &&str| record.fields.get(name).unwrap_or(&Value::Null).to_string();
    fields.iter().map(value).collect::<Vec<_>>().join(" | ")
}
