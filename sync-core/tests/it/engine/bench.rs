//! Two sides, a store and a clock, with a flow between them.

use std::sync::Arc;
use std::time::Duration;

use crm_adapters::{Field, FieldType};
use sync_core::engine::{Engine, EngineBuilder, LinkRow, PlanReport, Resolution, RunOptions, RunReport};
use sync_core::flow::{Division, Flow, Preset, Vendor};
use sync_core::state::Issue;
use sync_core::store::{MemoryStore, Row, Scan, Store, Table, Tenant};

use super::side::{StubSide, VirtualClock};
use crate::executor;

pub(super) const KVK: &str = "ChamberOfCommerce";
pub(super) const CRM_KVK: &str = "custom:KvK number";
pub(super) const CRM_VAT: &str = "custom:VAT number";
pub(super) const CRM_PHONE: &str = "custom:Phone";
/// Figures of Exact that nobody can write there.
pub(super) const OWED: &str = "Receivables.Outstanding";
pub(super) const LATE: &str = "Receivables.OverdueDays";
/// What no create takes in Exact; mapped where a test says so.
pub(super) const LATER: &str = "InvoiceAddress.City";
pub(super) const CRM_LATER: &str = "custom:Invoice city";
pub(super) const KEY: &str = "custom:Exact ID";

pub(super) struct Bench {
    pub(super) exact: StubSide,
    pub(super) crm: StubSide,
    pub(super) flow: Flow,
    pub(super) store: MemoryStore,
    pub(super) clock: Arc<VirtualClock>,
    pub(super) create_fields: bool,
    divisions: Vec<(Division, StubSide)>,
}

fn first_division() -> Division {
    Division::new(12)
}

fn exact_schema() -> Vec<Field> {
    let mut fields: Vec<_> = [KVK, "VATNumber", "Phone", "Status", "Code"]
        .map(|name| Field::new(name, name, FieldType::Text))
        .into();
    fields.push(Field::new("Name", "Name", FieldType::Text).max_length(50));
    fields.push(Field::new(OWED, OWED, FieldType::Decimal).read_only());
    fields.push(Field::new(LATE, LATE, FieldType::Decimal).read_only());
    fields.push(Field::new(LATER, LATER, FieldType::Text).updates_only());
    fields
}

fn crm_schema() -> Vec<Field> {
    let texts = ["name", CRM_KVK, CRM_VAT, CRM_PHONE, CRM_LATER, "custom:Exact code", KEY];
    let mut fields: Vec<_> = texts.map(|name| Field::new(name, name, FieldType::Text)).into();
    let numbers = ["custom:Outstanding amount", "custom:Days overdue"];
    fields.extend(numbers.map(|name| Field::new(name, name, FieldType::Decimal)));
    fields
}

/// Name, numbers and phone, all of them both ways.
fn flow() -> Flow {
    flow_with(&[])
}

fn flow_with(more: &[&str]) -> Flow {
    let mut flow = Preset::Companies.flow(Vendor::Pipedrive);
    let kept = ["Name", KVK, "VATNumber", "Phone"];
    flow.rules.retain(|rule| kept.iter().chain(more).any(|name| *name == rule.exact));
    flow.creatable = None;
    flow
}

impl Bench {
    /// One division.
    pub(super) fn new() -> Self {
        Self::with_divisions(&[first_division()])
    }

    pub(super) fn with_divisions(divisions: &[Division]) -> Self {
        let clock = Arc::new(VirtualClock::new());
        let store = MemoryStore::with_clock(Arc::clone(&clock) as _);
        let divisions: Vec<_> = divisions
            .iter()
            .map(|division| (*division, StubSide::new("e", exact_schema(), &store)))
            .collect();
        let crm = StubSide::new("c", crm_schema(), &store);
        Self {
            exact: divisions[0].1.clone(),
            crm,
            flow: flow(),
            store,
            clock,
            create_fields: false,
            divisions,
        }
    }

    /// The same with these fields of the preset besides.
    pub(super) fn mapping(mut self, more: &[&str]) -> Self {
        self.flow = flow_with(more);
        self
    }

    pub(super) fn division(&self, at: usize) -> &StubSide {
        &self.divisions[at].1
    }

    /// With what no create takes mapped, too.
    pub(super) fn with_later(mut self) -> Self {
        let rule = Preset::Companies.flow(Vendor::Pipedrive).rule(LATER).cloned();
        self.flow.rules.extend(rule);
        self
    }

    /// A new process.
    pub(super) fn engine(&self) -> Engine {
        self.builder().build().unwrap()
    }

    /// An engine with the flow under each of these names.
    pub(super) fn engine_of(&self, names: [&str; 2]) -> Engine {
        let named = names.map(|name| {
            let mut flow = self.flow.clone();
            name.clone_into(&mut flow.name);
            flow
        });
        let mut builder = Engine::builder(Arc::new(self.store.clone()), Arc::new(self.crm.clone()));
        for (division, side) in &self.divisions {
            builder = builder.division(*division, Arc::new(side.clone()));
        }
        named.into_iter().fold(builder, EngineBuilder::flow).build().unwrap()
    }

    /// A run after something was heard of the CRM, and of these divisions of Exact.
    pub(super) fn run_heard_in(&self, divisions: &[Division]) -> RunReport {
        let engine = self.builder().heard_in(divisions.iter().copied()).build().unwrap();
        executor::run(engine.run_once(RunOptions::default())).expect("the run ends").unwrap()
    }

    fn builder(&self) -> EngineBuilder {
        let mut builder = Engine::builder(Arc::new(self.store.clone()), Arc::new(self.crm.clone()))
            .flow(self.flow.clone())
            .create_fields(self.create_fields)
            .clock(Arc::clone(&self.clock) as _);
        for (division, side) in &self.divisions {
            builder = builder.division(*division, Arc::new(side.clone()));
        }
        builder
    }

    pub(super) fn run(&self) -> RunReport {
        executor::run(self.engine().run_once(RunOptions::default())).expect("the run ends").unwrap()
    }

    /// A run that passes the brakes.
    pub(super) fn run_with_yes(&self) -> RunReport {
        executor::run(self.engine().run_once(RunOptions { yes: true })).expect("the run ends").unwrap()
    }

    /// A run whose process dies on the way.
    pub(super) fn run_that_dies(&self) {
        let outcome = executor::run(self.engine().run_once(RunOptions::default()));
        assert!(outcome.is_none(), "it was to die: {outcome:?}");
        self.clock.advance(Duration::from_secs(60));
    }

    pub(super) fn plan(&self) -> PlanReport {
        executor::run(self.engine().plan(true)).unwrap().unwrap()
    }

    pub(super) fn issues(&self) -> Vec<Issue> {
        executor::run(self.engine().issues()).unwrap().unwrap()
    }

    pub(super) fn resolve(&self, issue: &Issue, resolution: Resolution) {
        executor::run(self.engine().resolve_issue(&issue.id(), resolution)).unwrap().unwrap();
    }

    pub(super) fn links(&self) -> Vec<LinkRow> {
        executor::run(self.engine().links(None)).unwrap().unwrap().0
    }

    pub(super) fn import(&self, lines: &[LinkRow]) -> sync_core::Result<u64> {
        executor::run(self.engine().import_links(lines)).unwrap()
    }

    pub(super) fn rows(&self, table: Table) -> Vec<Row> {
        let scan = Scan::table(table, "").limit(100_000);
        executor::run(self.store.scan(&Tenant::default(), &scan)).unwrap().unwrap()
    }

    /// Runs until now, and forgets which calls that took.
    pub(super) fn settled(self) -> Self {
        self.run();
        self.forget();
        self
    }

    pub(super) fn forget(&self) {
        for side in self.divisions.iter().map(|(_, side)| side).chain([&self.crm]) {
            side.take_log();
            side.take_writes();
        }
    }

    /// How many writes reached any side since the last look.
    pub(super) fn writes(&self) -> usize {
        let sides = self.divisions.iter().map(|(_, side)| side).chain([&self.crm]);
        sides.map(|side| side.take_writes().len()).sum()
    }
}

/// A company in Exact.
pub(super) fn in_exact<'a>(name: &'a str, kvk: &'a str) -> [(&'a str, &'a str); 2] {
    [("Name", name), (KVK, kvk)]
}

/// A company in the CRM.
pub(super) fn in_crm<'a>(name: &'a str, kvk: &'a str) -> [(&'a str, &'a str); 2] {
    [("name", name), (CRM_KVK, kvk)]
}

/// One company that stands on both sides, as `e1` and `c1`, with a phone number that both agree on.
pub(super) fn one_pair() -> Bench {
    let bench = Bench::new();
    bench.exact.add("e1", &[("Name", "Bakker"), (KVK, "11111111"), ("Phone", "010")]);
    bench.crm.add("c1", &[("name", "Bakker"), (CRM_KVK, "11111111"), (CRM_PHONE, "010")]);
    bench.settled()
}
