//! One history: people and runs in turn, then healing, then the oracle.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sync_core::engine::{Engine, EngineBuilder, Ids, RunOptions, RunReport};
use sync_core::flow::{
    Condition, Division, Flow, IfEmpty, OnConflict, Owner, Preset, RuleChange, Side, Test, Vendor,
};
use sync_core::store::MemoryStore;
use uuid::Uuid;

use super::oracle::{self, Before};
use super::side::{SimClock, SimSide};
use super::store::FaultyStore;
use super::world::{Shared, World, lock};
use crate::executor;

pub(super) const DIVISION: u32 = 1;

pub(super) struct History {
    pub(super) world: Shared,
    pub(super) store: MemoryStore,
    ids: Arc<SimIds>,
    /// The last id that was handed out before each run.
    begins: Mutex<Vec<u128>>,
    pub(super) flows: Vec<Flow>,
}

/// What happened in a history, or in many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    events: BTreeMap<&'static str, u64>,
}

impl Tally {
    pub(super) fn add(&mut self, other: &Self) {
        for (event, count) in &other.events {
            *self.events.entry(event).or_default() += count;
        }
    }

    /// How often each of these was met.
    pub(super) fn of(&self, events: &[&'static str]) -> Vec<(&'static str, u64)> {
        events.iter().map(|event| (*event, self.events.get(event).copied().unwrap_or(0))).collect()
    }
}

/// What any round of histories must have met.
pub(super) const EVENTS: &[&str] = &[
    "runs",
    "engine writes",
    "human edits",
    "a crash at an adapter call",
    "a crash at a store call",
    "a reply was lost",
    "a write landed late",
    "a write vanished",
    "entered twice",
    "a write was not sent",
    "an update was taken without a word",
    "Exact made something else of a value",
    "a read failed",
    "a commit without an answer",
    "a person acted during a run",
    "deleted in Exact",
    "deleted in the CRM",
    "adopted",
    "a run was undone",
    "a value was put back",
    "a created record was taken out of use",
    "a key was taken back",
    "an undo was asked about",
];

/// What a round of histories with a trade must have met besides.
pub(super) const EVENTS_OF_TRADE: &[&str] = &[
    "a deal was won",
    "a won deal was opened again",
    "a won deal was lost",
    "a deal was changed",
    "a deal was deleted",
    "an order was entered by hand",
    "an order was deleted",
    "goods were shipped",
    "an invoice was booked",
    "a credit note was booked",
    "a payment came in",
    "a payment was taken back",
    "a price was changed",
    "a figure was typed over",
    "handed over",
    "an order was adopted",
    "history left alone",
    "departed and asked about",
];

/// What a round of histories with people must have met besides.
pub(super) const EVENTS_OF_STAFF: &[&str] = &["a person was entered twice", "a person changed jobs"];

/// Ids in a row, so that a history can be told again.
#[derive(Debug, Default)]
struct SimIds(Mutex<u128>);

impl Ids for SimIds {
    fn next(&self) -> Uuid {
        let mut last = self.0.lock().unwrap();
        *last += 1;
        Uuid::from_u128(*last)
    }
}

impl History {
    pub(super) fn new(seed: u64) -> Self {
        let world = World::new(seed);
        let store = MemoryStore::with_clock(Arc::new(SimClock { world: Arc::clone(&world) }));
        Self { world, store, ids: Arc::default(), begins: Mutex::default(), flows: vec![companies()] }
    }

    /// The same with products, deals, orders, invoices and payments.
    pub(super) fn of_trade(seed: u64) -> Self {
        let mut history = Self::new(seed);
        lock(&history.world).open_shop();
        let mut companies = companies();
        companies.creatable =
            Some(Condition::exact("Status", Test::In(vec!["C".into(), "P".into(), "S".into()])));
        let preset = |preset: Preset| preset.flow(Vendor::Pipedrive);
        history.flows = vec![companies, preset(Preset::Products), preset(Preset::Orders)];
        history
    }

    /// The same with people who work at companies.
    pub(super) fn of_staff(seed: u64) -> Self {
        let mut history = Self::new(seed);
        lock(&history.world).staffed = true;
        history.flows.push(contacts());
        history
    }

    pub(super) fn play(self) -> Result<Tally, String> {
        let rounds = 3 + lock(&self.world).chance.below(6);
        for _ in 0..rounds {
            self.people();
            self.run()?;
        }
        lock(&self.world).heal();
        lock(&self.world).advance(Duration::from_secs(3600));
        self.settle()?;
        if self.flows.len() > 1 {
            // What has waited for a day is asked about.
            lock(&self.world).advance(Duration::from_secs(25 * 3600));
            self.settle()?;
        }
        oracle::check(&self)?;
        let takes_back = lock(&self.world).chance.happens(500);
        if takes_back && !lock(&self.world).chance.own_way {
            self.take_back()?;
        }
        self.quiet()?;
        let mut world = lock(&self.world);
        let (writes, typed) = (world.writes, world.typed);
        world.events.insert("engine writes", writes);
        world.events.insert("human edits", typed);
        Ok(Tally { events: world.events.clone() })
    }

    /// A few edits, and some time.
    fn people(&self) {
        let mut world = lock(&self.world);
        for _ in 0..world.chance.below(9) {
            world.human();
        }
        let pause = world.chance.below(400) as u64;
        world.advance(Duration::from_secs(pause));
    }

    /// One run in a process of its own, which may die on the way. With a trade, in each third of them nobody has heard of
    /// anything in Exact.
    fn run(&self) -> Result<Option<RunReport>, String> {
        let deaf = {
            let mut world = lock(&self.world);
            world.begin();
            world.ledger.run = self.begun();
            let runs = world.events.get("runs").copied().unwrap_or_default();
            world.trade.is_some() && !world.healed && runs % 3 == 1
        };
        let engine = if deaf { self.builder().heard_in([]).build() } else { self.builder().build() }.unwrap();
        lock(&self.world).met("runs");
        self.outcome(executor::run(engine.run_once(RunOptions { yes: true })))
    }

    /// Something else that a process does; `None` where it died on the way.
    fn process<T, F: Future<Output = sync_core::Result<T>>>(
        &self,
        does: impl FnOnce(Engine) -> F,
    ) -> Result<Option<T>, String> {
        lock(&self.world).begin();
        self.outcome(executor::run(does(self.engine())))
    }

    fn outcome<T>(&self, outcome: Option<sync_core::Result<T>>) -> Result<Option<T>, String> {
        let mut world = lock(&self.world);
        match outcome {
            Some(Ok(report)) => Ok(Some(report)),
            // A dead worker's lease lapses.
            None if world.crashed => {
                world.advance(Duration::from_secs(120));
                Ok(None)
            }
            None => Err("the run hangs".to_owned()),
            Some(Err(error)) => Err(format!("the run failed: {error}")),
        }
    }

    /// Has one of the runs undone, with trouble on the way, and holds what is left against what stood there before it.
    fn take_back(&self) -> Result<(), String> {
        let runs = executor::run(self.engine().past_runs(100)).unwrap().unwrap();
        let Some(run) = (!runs.is_empty()).then(|| &runs[lock(&self.world).chance.below(runs.len())].id)
        else {
            return Ok(());
        };
        let before = Before::look(self, self.number(run));
        lock(&self.world).met("a run was undone");
        lock(&self.world).chance.trouble();
        while self.process(|engine| async move { engine.undo(run).await })?.is_none() {}
        for _ in 0..2 {
            self.run()?;
        }
        lock(&self.world).heal();
        lock(&self.world).advance(Duration::from_secs(3600));
        self.settle()?;
        before.check(self)
    }

    /// Which run bears an id: the one whose process was handing out ids then.
    fn number(&self, run: &str) -> usize {
        let id = Uuid::parse_str(run).unwrap().as_u128();
        self.begins.lock().unwrap().partition_point(|begin| *begin < id) - 1
    }

    /// Notes that a run begins; its number.
    fn begun(&self) -> usize {
        let mut begins = self.begins.lock().unwrap();
        begins.push(*self.ids.0.lock().unwrap());
        begins.len() - 1
    }

    /// Runs without trouble until nothing moves.
    fn settle(&self) -> Result<(), String> {
        for _ in 0..6 {
            let before = lock(&self.world).writes;
            let report = self.run()?.ok_or("the run died in good health")?;
            if lock(&self.world).writes == before && report.waiting == 0 {
                return Ok(());
            }
            lock(&self.world).advance(Duration::from_secs(600));
        }
        Err("still not settled after six runs in good health".to_owned())
    }

    fn quiet(&self) -> Result<(), String> {
        let before = lock(&self.world).writes;
        for _ in 0..3 {
            self.run()?;
        }
        let more = lock(&self.world).writes - before;
        if more > 0 {
            Err(format!("{more} writes in three passes after everything was settled"))
        } else {
            Ok(())
        }
    }

    pub(super) fn engine(&self) -> Engine {
        self.builder().build().unwrap()
    }

    fn builder(&self) -> EngineBuilder {
        let side = |side| Arc::new(SimSide { world: Arc::clone(&self.world), side });
        let store = FaultyStore { store: self.store.clone(), world: Arc::clone(&self.world) };
        let builder = Engine::builder(Arc::new(store), side(Side::Crm))
            .division(Division::new(DIVISION), side(Side::Exact))
            .clock(Arc::new(SimClock { world: Arc::clone(&self.world) }))
            .ids(Arc::clone(&self.ids) as Arc<dyn Ids>);
        self.flows.iter().cloned().fold(builder, EngineBuilder::flow)
    }
}

/// The companies preset with a rule of every sort among its fields.
pub(super) fn companies() -> Flow {
    let mut flow = Preset::Companies.flow(Vendor::Pipedrive);
    flow.identity = vec!["ChamberOfCommerce".to_owned()];
    flow.rules.retain(|rule| !["VATNumber", "Code"].contains(&rule.exact.as_str()));
    flow.creatable = None;
    let change =
        |owner, on_conflict, if_empty| RuleChange { owner, on_conflict, if_empty, ..RuleChange::default() };
    let mut set = |field: &str, change| flow.change(field, change).unwrap();
    set("Phone", change(Some(Owner::Both), Some(OnConflict::Review), None));
    set("Email", change(Some(Owner::Exact), None, None));
    set("City", change(Some(Owner::Crm), None, None));
    set("Website", change(Some(Owner::Both), Some(OnConflict::Crm), None));
    let remarks = change(Some(Owner::Both), Some(OnConflict::Exact), Some(IfEmpty::Clear));
    set("Remarks", RuleChange { crm: Some("custom:Remarks".to_owned()), ..remarks });
    flow
}

/// The contacts preset with a rule of every sort among its fields.
fn contacts() -> Flow {
    let mut flow = Preset::Contacts.flow(Vendor::Pipedrive);
    flow.rules.retain(|rule| rule.exact != "IsMainContact");
    flow.creatable = None;
    flow.anonymised = None;
    let change = |owner, on_conflict| RuleChange { owner, on_conflict, ..RuleChange::default() };
    flow.change("Phone", change(Some(Owner::Both), Some(OnConflict::Review))).unwrap();
    flow.change("Mobile", change(Some(Owner::Both), Some(OnConflict::Exact))).unwrap();
    flow.change("JobTitleDescription", change(Some(Owner::Crm), None)).unwrap();
    flow
}
