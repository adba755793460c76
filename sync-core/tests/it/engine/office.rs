//! Several flows between two sides: companies, contacts, products and orders, as the presets have them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use crm_adapters::{Clock as _, Field, FieldType, Kind, RecordId, Value};
use sync_core::engine::{Engine, PlanReport, Resolution, RunOptions, RunReport};
use sync_core::flow::{Division, Flow, Preset, Vendor};
use sync_core::state::Issue;
use sync_core::store::MemoryStore;

use super::kinds::KindsSide;
use super::side::{StubSide, VirtualClock};
use crate::executor;

pub(super) struct Office {
    pub(super) exact: Vec<(Division, KindsSide)>,
    pub(super) crm: KindsSide,
    pub(super) clock: Arc<VirtualClock>,
    flows: Vec<Flow>,
    store: MemoryStore,
}

fn stub(prefix: &'static str, names: &[&str], required: &[&str], store: &MemoryStore) -> StubSide {
    let optional = names.iter().map(|name| Field::new(*name, *name, FieldType::Text));
    let required = required.iter().map(|name| Field::new(*name, *name, FieldType::Text).required());
    StubSide::new(prefix, optional.chain(required).collect(), store)
}

fn exact(store: &MemoryStore) -> KindsSide {
    KindsSide(BTreeMap::from([
        (Kind::Company, stub("e", &["ChamberOfCommerce", "VATNumber"], &["Name"], store)),
        (Kind::Contact, stub("p", &["Email", "FirstName", "MiddleName", "LastName"], &["Account"], store)),
        (Kind::Product, stub("i", &["Code", "Description"], &[], store)),
        (Kind::Order, stub("o", &["Description", "OrderNumber"], &["OrderedBy", "SalesOrderLines"], store)),
    ]))
}

fn crm(store: &MemoryStore) -> KindsSide {
    let key = "custom:Exact ID";
    KindsSide(BTreeMap::from([
        (Kind::Company, stub("c", &["custom:KvK number", "custom:VAT number", key], &["name"], store)),
        (
            Kind::Contact,
            stub("q", &["association:company:Primary", "email", "firstname", "lastname", key], &[], store),
        ),
        (Kind::Product, stub("r", &["hs_sku", "name", key], &[], store)),
        (
            Kind::Deal,
            stub(
                "d",
                &[
                    "dealname",
                    "association:company:Primary",
                    "line_items",
                    "custom:Exact order number",
                    "hs_is_closed_won",
                    "hs_v2_date_entered_current_stage",
                    key,
                ],
                &[],
                store,
            ),
        ),
    ]))
}

impl Office {
    /// With the presets of these flows, in HubSpot's words.
    pub(super) fn new(divisions: &[u32], presets: &[Preset]) -> Self {
        let clock = Arc::new(VirtualClock::new());
        let store = MemoryStore::with_clock(Arc::clone(&clock) as _);
        let exact = divisions.iter().map(|code| (Division::new(*code), exact(&store))).collect();
        let flows = presets.iter().map(|preset| {
            let mut flow = preset.flow(Vendor::HubSpot);
            flow.creatable = None;
            flow.created_with.clear();
            flow
        });
        Self { exact, crm: crm(&store), clock, flows: flows.collect(), store }
    }

    pub(super) fn exact(&self, kind: Kind) -> &StubSide {
        self.exact[0].1.of(kind)
    }

    pub(super) fn crm(&self, kind: Kind) -> &StubSide {
        self.crm.of(kind)
    }

    fn engine(&self) -> Engine {
        let mut builder = Engine::builder(Arc::new(self.store.clone()), Arc::new(self.crm.clone()))
            .clock(Arc::clone(&self.clock) as _);
        for (division, side) in &self.exact {
            builder = builder.division(*division, Arc::new(side.clone()));
        }
        self.flows.iter().cloned().fold(builder, |builder, flow| builder.flow(flow)).build().unwrap()
    }

    pub(super) fn run(&self) -> RunReport {
        let options = RunOptions { yes: true };
        executor::run(self.engine().run_once(options)).expect("the run ends").unwrap()
    }

    /// A run that may die on the way, and the time until its lease lapses.
    pub(super) fn try_run(&self) {
        drop(executor::run(self.engine().run_once(RunOptions { yes: true })));
        self.clock.advance(Duration::from_secs(600));
    }

    pub(super) fn plan(&self) -> PlanReport {
        executor::run(self.engine().plan(true)).unwrap().unwrap()
    }

    pub(super) fn issues(&self) -> Vec<Issue> {
        executor::run(self.engine().issues()).unwrap().unwrap()
    }

    pub(super) fn resolve(&self, issue: &Issue, resolution: Resolution) {
        self.try_resolve(issue, resolution).unwrap();
    }

    pub(super) fn try_resolve(&self, issue: &Issue, resolution: Resolution) -> sync_core::Result<()> {
        executor::run(self.engine().resolve_issue(&issue.id(), resolution)).unwrap()
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}

/// The id of another record, as a value.
pub(super) fn reference(id: &str) -> Value {
    Value::Reference(RecordId::new(id))
}
