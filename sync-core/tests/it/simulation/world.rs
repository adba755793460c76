//! Both sides as they really are, the clock, and a ledger of everything that people and the engine did.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use crm_adapters::{Action, Fields, Kind, Value};
use sync_core::flow::Side;

use super::chance::Chance;
use super::ledger::Ledger;
use super::sort::Sort;
use super::trade::Trade;

pub(super) type Shared = Arc<Mutex<World>>;

/// What Exact adds to values in its own way.
const OWN_WAY: char = '~';

/// A value without what Exact adds to it.
pub(super) fn plain(value: &Value) -> String {
    value.to_string().trim_end_matches(OWN_WAY).to_owned()
}

pub(super) fn lock(world: &Shared) -> MutexGuard<'_, World> {
    world.lock().unwrap()
}

#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) kind: Kind,
    pub(super) fields: Fields,
    pub(super) version: i64,
    /// Its place in the feed: it moves with the version, and where only a figure changed, alone.
    pub(super) told: i64,
    /// The version with which it came.
    pub(super) first: i64,
    pub(super) deleted: bool,
    pub(super) created_at: DateTime<Utc>,
    pub(super) changed_at: DateTime<Utc>,
    pub(super) by_person: bool,
    /// A run took it out of use again.
    pub(super) retired: bool,
    /// A person changed something about it, whatever became of that.
    pub(super) edited: bool,
    /// Fields that a person changed last.
    pub(super) typed: BTreeSet<String>,
    /// Fields that a person typed and nobody has read since.
    pub(super) unread: BTreeSet<String>,
    /// Fields that were read, and not yet stored: a process that dies takes them with it.
    pub(super) unstored: BTreeSet<String>,
}

#[derive(Debug, Default)]
pub(super) struct Ground {
    pub(super) items: BTreeMap<String, Item>,
    pub(super) version: i64,
    pub(super) creates: u64,
}

#[derive(Debug)]
struct Late {
    at: DateTime<Utc>,
    side: Side,
    kind: Kind,
    action: Action,
    run: usize,
}

/// One value that a person typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) side: Side,
    pub(super) field: usize,
    pub(super) value: String,
}

#[derive(Debug)]
pub(super) struct World {
    pub(super) now: DateTime<Utc>,
    pub(super) chance: Chance,
    pub(super) crashed: bool,
    /// All trouble has ended.
    pub(super) healed: bool,
    pub(super) exact: Ground,
    pub(super) crm: Ground,
    late: Vec<Late>,
    /// What is sold, where anything is.
    pub(super) trade: Option<Trade>,
    /// Whether people work at companies.
    pub(super) staffed: bool,
    /// Where each person whom somebody had change jobs had worked before, as of its record.
    pub(super) employers: BTreeMap<(Side, String), BTreeSet<String>>,
    /// By what a record stands for: what people typed, in order.
    pub(super) edits: BTreeMap<String, Vec<Edit>>,
    /// Values that the engine overwrote without having seen them when it planned the write.
    pub(super) unseen_losses: BTreeSet<String>,
    /// What each run wrote.
    pub(super) ledger: Ledger,
    /// Every value that ever stood on a side.
    pub(super) held: BTreeSet<(Side, String)>,
    pub(super) writes: u64,
    pub(super) typed: u64,
    pub(super) companies: u64,
    pub(super) people: u64,
    pub(super) events: BTreeMap<&'static str, u64>,
    /// What happened, in order; shown for a single seed.
    pub(super) tale: Vec<String>,
}

impl World {
    pub(super) fn new(seed: u64) -> Shared {
        Arc::new(Mutex::new(Self {
            now: DateTime::from_timestamp(1_790_000_000, 0).unwrap(),
            chance: Chance::new(seed),
            crashed: false,
            healed: false,
            exact: Ground::default(),
            crm: Ground::default(),
            late: Vec::new(),
            trade: None,
            staffed: false,
            employers: BTreeMap::new(),
            edits: BTreeMap::new(),
            unseen_losses: BTreeSet::new(),
            ledger: Ledger::default(),
            held: BTreeSet::new(),
            writes: 0,
            typed: 0,
            companies: 0,
            people: 0,
            events: BTreeMap::new(),
            tale: Vec::new(),
        }))
    }

    pub(super) fn heal(&mut self) {
        self.chance.heal();
        self.healed = true;
    }

    /// A process begins. What was read before and not stored, nobody knows of.
    pub(super) fn begin(&mut self) {
        self.crashed = false;
        for item in self.items() {
            item.unread.append(&mut item.unstored);
        }
    }

    /// Something was stored, and with it whatever was read before.
    pub(super) fn stored(&mut self) {
        for item in self.items() {
            item.unstored.clear();
        }
    }

    fn items(&mut self) -> impl Iterator<Item = &mut Item> {
        self.exact.items.values_mut().chain(self.crm.items.values_mut())
    }

    pub(super) fn ground(&self, side: Side) -> &Ground {
        match side {
            Side::Exact => &self.exact,
            Side::Crm => &self.crm,
        }
    }

    pub(super) fn side(&mut self, side: Side) -> &mut Ground {
        match side {
            Side::Exact => &mut self.exact,
            Side::Crm => &mut self.crm,
        }
    }

    pub(super) fn tell(&mut self, line: String) {
        let moment = self.now.format("%H:%M:%S");
        self.tale.push(format!("{moment} {line}"));
    }

    pub(super) fn met(&mut self, event: &'static str) {
        self.tell(event.to_owned());
        *self.events.entry(event).or_default() += 1;
    }

    /// Moves the clock; what was on its way lands.
    pub(super) fn advance(&mut self, by: Duration) {
        self.now += TimeDelta::from_std(by).unwrap();
        let (due, late) = std::mem::take(&mut self.late).into_iter().partition(|late| late.at <= self.now);
        self.late = late;
        let due: Vec<Late> = due;
        for late in due {
            self.met("a write landed late");
            self.perform(late.side, late.kind, &late.action, Some(late.run));
        }
    }

    pub(super) fn later(&mut self, side: Side, kind: Kind, action: Action, after: Duration) {
        let at = self.now + TimeDelta::from_std(after).unwrap();
        let run = self.ledger.run;
        self.late.push(Late { at, side, kind, action, run });
    }

    /// Whether Exact takes an update without saying what it made of it.
    pub(super) fn keeps_quiet(&mut self, side: Side, action: &Action) -> bool {
        let quiet = side == Side::Exact && matches!(action, Action::Update(..)) && self.chance.is_quiet();
        if quiet {
            self.met("an update was taken without a word");
        }
        quiet
    }

    /// The engine's write, as the vendor carries it out. `None` where the record is gone. What a late one, with the run
    /// that sent it, overwrites was typed after it was planned, whether anybody has read it or not.
    pub(super) fn perform(
        &mut self,
        side: Side,
        kind: Kind,
        action: &Action,
        late: Option<usize>,
    ) -> Option<String> {
        self.tell(format!("engine to {side}: {action:?}"));
        let run = late.unwrap_or(self.ledger.run);
        match action {
            Action::Create(fields) => {
                let id = self.insert(side, kind, fields.clone(), false);
                self.side(side).creates += 1;
                self.writes += 1;
                self.ledger.made(run, side, &id, fields);
                self.filled_in(side, kind, &id);
                Some(id)
            }
            Action::Update(id, fields) => {
                let item = self.side(side).items.get(id.as_str()).filter(|item| !item.deleted)?;
                let lost: Vec<String> = fields
                    .iter()
                    .filter(|(name, value)| {
                        let unseen = item.unread.contains(*name) || item.unstored.contains(*name);
                        late.is_some() || (unseen && item.fields.get(name) != Some(value))
                    })
                    .filter_map(|(name, _)| item.fields.get(name))
                    .map(plain)
                    .collect();
                let held = item.fields.clone();
                self.ledger.wrote(run, side, id.as_str(), fields, &held);
                self.unseen_losses.extend(lost);
                let fields = self.in_its_own_way(side, kind, fields);
                self.change(side, id.as_str(), &fields, false);
                self.writes += 1;
                self.order_written(side, kind);
                Some(id.as_str().to_owned())
            }
            Action::Archive(id) => {
                let item = self.side(side).items.get_mut(id.as_str()).filter(|item| !item.deleted)?;
                item.retired = true;
                self.change(side, id.as_str(), &Fields::new(), false);
                self.writes += 1;
                Some(id.as_str().to_owned())
            }
            other => panic!("the simulated sides do not know {other:?}"),
        }
    }

    /// What Exact makes of what it is sent, where it has its own way with texts: they get a mark behind them.
    fn in_its_own_way(&mut self, side: Side, kind: Kind, fields: &Fields) -> Fields {
        let mut stored = fields.clone();
        let sort = Sort::of(kind).filter(|_| side == Side::Exact && self.chance.own_way);
        if let Some(sort) = sort {
            for field in sort.edited.clone() {
                let name = sort.field(field, side);
                let sent = fields.get(name).map(plain).filter(|sent| !sent.is_empty());
                if let Some(sent) = sent.filter(|_| self.chance.is_quiet()) {
                    self.met("Exact made something else of a value");
                    stored.set(name, format!("{sent}{OWN_WAY}"));
                }
            }
        }
        stored
    }

    pub(super) fn insert(&mut self, side: Side, kind: Kind, fields: Fields, by_person: bool) -> String {
        let now = self.now;
        for (_, value) in &fields {
            self.held.insert((side, plain(value)));
        }
        let ground = self.side(side);
        ground.version += 1;
        let version = ground.version;
        let id = format!("{}{version}", if side == Side::Exact { "e" } else { "c" });
        let item = Item {
            kind,
            fields,
            version,
            told: version,
            first: version,
            deleted: false,
            created_at: now,
            changed_at: now,
            by_person,
            retired: false,
            edited: false,
            typed: BTreeSet::new(),
            unread: BTreeSet::new(),
            unstored: BTreeSet::new(),
        };
        ground.items.insert(id.clone(), item);
        if by_person {
            self.tell(format!("person in {side}: new {kind:?} {id}"));
        }
        id
    }

    pub(super) fn change(&mut self, side: Side, id: &str, fields: &Fields, human: bool) {
        for (_, value) in fields {
            self.held.insert((side, plain(value)));
        }
        let now = self.now;
        let ground = self.side(side);
        ground.version += 1;
        let version = ground.version;
        let Some(item) = ground.items.get_mut(id) else { return };
        item.changed_at = now;
        item.edited |= human;
        for (name, value) in fields {
            item.fields.set(name.clone(), value.clone());
            if human {
                item.typed.insert(name.clone());
                item.unread.insert(name.clone());
            } else {
                item.typed.remove(name);
                item.unread.remove(name);
            }
            item.unstored.remove(name);
        }
        item.version = version;
        item.told = version;
    }

    pub(super) fn remove(&mut self, side: Side, id: &str) {
        let now = self.now;
        let ground = self.side(side);
        ground.version += 1;
        let version = ground.version;
        if let Some(item) = ground.items.get_mut(id) {
            item.deleted = true;
            item.changed_at = now;
            item.version = version;
            item.told = version;
        }
    }
}
