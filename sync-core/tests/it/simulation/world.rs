//! Both sides as they really are, the clock, and a ledger of everything that people and the engine did.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use crm_adapters::{Action, Fields, Value};
use sync_core::flow::Side;

use super::chance::Chance;

pub(super) type Shared = Arc<Mutex<World>>;

pub(super) fn lock(world: &Shared) -> MutexGuard<'_, World> {
    world.lock().unwrap()
}

#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) fields: Fields,
    pub(super) version: i64,
    pub(super) deleted: bool,
    pub(super) created_at: DateTime<Utc>,
    pub(super) changed_at: DateTime<Utc>,
    pub(super) by_person: bool,
    /// Fields that a person typed and nobody has read since.
    pub(super) unread: BTreeSet<String>,
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
    action: Action,
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
    pub(super) exact: Ground,
    pub(super) crm: Ground,
    late: Vec<Late>,
    /// By company: what people typed, in order.
    pub(super) edits: BTreeMap<String, Vec<Edit>>,
    /// Values that the engine overwrote without having seen them when it planned the write.
    pub(super) unseen_losses: BTreeSet<String>,
    /// Every value that ever stood on a side.
    pub(super) held: BTreeSet<(Side, String)>,
    pub(super) writes: u64,
    pub(super) typed: u64,
    pub(super) companies: u64,
    pub(super) events: BTreeMap<&'static str, u64>,
    /// What happened, in order; shown for a single seed.
    pub(super) tale: Vec<String>,
}

/// The fields of a company: Exact's name, the CRM's name.
pub(super) const FIELDS: [(&str, &str); 7] = [
    ("Name", "name"),
    ("ChamberOfCommerce", "custom:KvK number"),
    ("Phone", "custom:Phone"),
    ("Email", "custom:Email"),
    ("City", "custom:City"),
    ("Website", "website"),
    ("Remarks", "custom:Remarks"),
];
/// Fields that people edit after a company was made.
pub(super) const EDITED: std::ops::Range<usize> = 2..7;
pub(super) const KEY: &str = "custom:Exact ID";

pub(super) fn field_name(field: usize, side: Side) -> &'static str {
    let (exact, crm) = FIELDS[field];
    if side == Side::Exact { exact } else { crm }
}

impl World {
    pub(super) fn new(seed: u64) -> Shared {
        Arc::new(Mutex::new(Self {
            now: DateTime::from_timestamp(1_790_000_000, 0).unwrap(),
            chance: Chance::new(seed),
            crashed: false,
            exact: Ground::default(),
            crm: Ground::default(),
            late: Vec::new(),
            edits: BTreeMap::new(),
            unseen_losses: BTreeSet::new(),
            held: BTreeSet::new(),
            writes: 0,
            typed: 0,
            companies: 0,
            events: BTreeMap::new(),
            tale: Vec::new(),
        }))
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
            self.perform(late.side, &late.action, true);
        }
    }

    pub(super) fn later(&mut self, side: Side, action: Action, after: Duration) {
        let at = self.now + TimeDelta::from_std(after).unwrap();
        self.late.push(Late { at, side, action });
    }

    /// The engine's write, as the vendor carries it out. `None` where the record is gone. What a late one overwrites was
    /// typed after it was planned, whether anybody has read it or not.
    pub(super) fn perform(&mut self, side: Side, action: &Action, late: bool) -> Option<String> {
        self.tell(format!("engine to {side}: {action:?}"));
        match action {
            Action::Create(fields) => {
                let id = self.insert(side, fields.clone(), false);
                self.side(side).creates += 1;
                self.writes += 1;
                Some(id)
            }
            Action::Update(id, fields) => {
                let item = self.side(side).items.get(id.as_str()).filter(|item| !item.deleted)?;
                let lost: Vec<String> = fields
                    .iter()
                    .filter(|(name, value)| {
                        late || (item.unread.contains(*name) && item.fields.get(name) != Some(value))
                    })
                    .filter_map(|(name, _)| item.fields.get(name))
                    .map(ToString::to_string)
                    .collect();
                self.unseen_losses.extend(lost);
                self.change(side, id.as_str(), fields, false);
                self.writes += 1;
                Some(id.as_str().to_owned())
            }
            other => panic!("the simulated sides do not know {other:?}"),
        }
    }

    pub(super) fn insert(&mut self, side: Side, fields: Fields, by_person: bool) -> String {
        let now = self.now;
        for (_, value) in &fields {
            self.held.insert((side, value.to_string()));
        }
        let ground = self.side(side);
        ground.version += 1;
        let version = ground.version;
        let id = format!("{}{version}", if side == Side::Exact { "e" } else { "c" });
        let item = Item {
            fields,
            version,
            deleted: false,
            created_at: now,
            changed_at: now,
            by_person,
            unread: BTreeSet::new(),
        };
        ground.items.insert(id.clone(), item);
        id
    }

    fn change(&mut self, side: Side, id: &str, fields: &Fields, human: bool) {
        for (_, value) in fields {
            self.held.insert((side, value.to_string()));
        }
        let now = self.now;
        let ground = self.side(side);
        ground.version += 1;
        let version = ground.version;
        let Some(item) = ground.items.get_mut(id) else { return };
        item.changed_at = now;
        for (name, value) in fields {
            item.fields.set(name.clone(), value.clone());
            if human {
                item.unread.insert(name.clone());
            } else {
                item.unread.remove(name);
            }
        }
        item.version = version;
    }

    /// The company that a record stands for: its number, else its name.
    pub(super) fn company(&self, side: Side, id: &str) -> Option<String> {
        let ground = if side == Side::Exact { &self.exact } else { &self.crm };
        let fields = &ground.items.get(id)?.fields;
        let text = |field| {
            fields.get(field_name(field, side)).filter(|value| !value.is_empty()).map(ToString::to_string)
        };
        text(1).or_else(|| text(0))
    }

    /// A person does something: makes a company, edits one, or deletes one in Exact.
    pub(super) fn human(&mut self) {
        let side = if self.chance.happens(500) { Side::Exact } else { Side::Crm };
        let ids: Vec<String> = self
            .side(side)
            .items
            .iter()
            .filter(|(_, item)| !item.deleted)
            .map(|(id, _)| id.clone())
            .collect();
        if ids.is_empty() || (self.companies < 12 && self.chance.happens(300)) {
            return self.found_company(side);
        }
        let id = ids[self.chance.below(ids.len())].clone();
        if self.chance.happens(15) {
            return self.delete(side, &id);
        }
        let field = EDITED.start + self.chance.below(EDITED.len());
        let clear = self.chance.happens(100);
        self.edit(side, &id, field, clear);
    }

    /// A new company, with or without a number, sometimes entered on both sides at once.
    fn found_company(&mut self, side: Side) {
        self.companies += 1;
        let number = self.companies;
        let mut fields = Fields::new();
        fields.set("Name", format!("Company {number}"));
        let identified = self.chance.happens(800);
        if identified {
            fields.set("ChamberOfCommerce", format!("{:08}", 10_000_000 + number));
        }
        let both = identified && self.chance.happens(200);
        for one in [side, side.other()].into_iter().take(if both { 2 } else { 1 }) {
            let mut record = Fields::new();
            for (exact, crm) in FIELDS {
                let name = if one == Side::Exact { exact } else { crm };
                record.set(name, fields.get(exact).cloned().unwrap_or(Value::Null));
            }
            match one {
                Side::Exact => record.set("Status", "C"),
                Side::Crm => record.set(KEY, Value::Null),
            }
            self.insert(one, record.clone(), true);
            // Some are entered twice.
            if identified && one == side && self.chance.happens(60) {
                self.met("entered twice");
                self.insert(one, record, true);
            }
        }
    }

    fn edit(&mut self, side: Side, id: &str, field: usize, clear: bool) {
        let Some(company) = self.company(side, id) else { return };
        self.typed += 1;
        let value = if clear { String::new() } else { format!("typed {}", self.typed) };
        self.edits.entry(company.clone()).or_default().push(Edit { side, field, value: value.clone() });
        self.tell(format!("person in {side}: {} of {id} ({company}) := `{value}`", field_name(field, side)));
        let fields = Fields::new().with(field_name(field, side), Value::text(value));
        self.change(side, id, &fields, true);
    }

    fn delete(&mut self, side: Side, id: &str) {
        self.met(if side == Side::Exact { "deleted in Exact" } else { "deleted in the CRM" });
        let now = self.now;
        let ground = self.side(side);
        ground.version += 1;
        let version = ground.version;
        if let Some(item) = ground.items.get_mut(id) {
            item.deleted = true;
            item.changed_at = now;
            item.version = version;
        }
    }
}
