use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use crm_adapters::{Clock, SystemClock};
use uuid::Uuid;

use super::{Batch, Commit, Key, Lease, Mark, Over, Put, Result, Row, Scan, Store, Table, Tenant};

/// A store in memory: the reference model that other stores are measured by, and the store of tests.
///
/// Clones are handles on the same data, which is gone with the last of them. Calls never wait and never fail.
#[derive(Clone, Debug)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
    clock: Arc<dyn Clock>,
}

#[derive(Debug, Default)]
struct State {
    tenants: BTreeMap<Tenant, Rows>,
    leases: BTreeMap<(Tenant, String), Held>,
    revision: u64,
}

#[derive(Debug, Default)]
struct Rows {
    rows: BTreeMap<Key, Stored>,
    marks: BTreeSet<Place>,
    batches: BTreeSet<Uuid>,
}

#[derive(Debug)]
struct Stored {
    value: String,
    revision: u64,
    marks: BTreeSet<Mark>,
}

/// A row as a scan by mark meets it: name and value of the mark, then the key.
type Place = (&'static str, String, Key);

#[derive(Debug)]
struct Held {
    owner: Option<String>,
    fence: u64,
    until: Duration,
}

impl MemoryStore {
    /// An empty store whose leases run by the machine's clock.
    #[must_use]
    pub fn new() -> Self {
        Self::with_clock(Arc::new(SystemClock::new()))
    }

    /// An empty store whose leases run by that clock.
    #[must_use]
    pub fn with_clock(clock: Arc<dyn Clock>) -> Self {
        Self { state: Arc::default(), clock }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics half-way through a change, so a poisoned lock guards sound data.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T: Default>(&self, tenant: &Tenant, read: impl FnOnce(&Rows) -> T) -> T {
        self.state().tenants.get(tenant).map(read).unwrap_or_default()
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn get(&self, tenant: &Tenant, keys: &[Key]) -> Result<Vec<Option<Row>>> {
        let state = self.state();
        let rows = state.tenants.get(tenant);
        Ok(keys.iter().map(|key| rows.and_then(|rows| rows.row(key, ""))).collect())
    }

    async fn scan(&self, tenant: &Tenant, scan: &Scan) -> Result<Vec<Row>> {
        Ok(self.read(tenant, |rows| {
            rows.places(scan).take(scan.limit).filter_map(|(mark, key)| rows.row(key, mark)).collect()
        }))
    }

    async fn marked(&self, tenant: &Tenant, marks: &[Mark]) -> Result<Vec<Row>> {
        Ok(self.read(tenant, |rows| {
            let keys: BTreeSet<&Key> = marks.iter().flat_map(|mark| rows.bearers(mark)).collect();
            keys.into_iter().filter_map(|key| rows.row(key, "")).collect()
        }))
    }

    async fn count(&self, tenant: &Tenant, scan: &Scan) -> Result<u64> {
        Ok(self.read(tenant, |rows| rows.places(scan).count() as u64))
    }

    async fn commit(&self, tenant: &Tenant, lease: Option<&Lease>, batch: Batch) -> Result<Commit> {
        let mut state = self.state();
        if state.tenants.get(tenant).is_some_and(|rows| rows.batches.contains(&batch.id)) {
            return Ok(Commit::Applied);
        }
        if lease.is_some_and(|lease| lease.tenant != *tenant || state.held(lease).is_none()) {
            return Ok(Commit::Fenced);
        }
        let revision = state.revision + 1;
        let rows = state.tenants.entry(tenant.clone()).or_default();
        if let Some(put) = batch.puts.iter().find(|put| !rows.is_as_expected(put)) {
            return Ok(Commit::Conflict(put.key.clone()));
        }
        rows.batches.insert(batch.id);
        for key in &batch.deletes {
            rows.remove(key);
        }
        for put in batch.puts {
            rows.put(put, revision);
        }
        state.revision = revision;
        Ok(Commit::Applied)
    }

    async fn committed(&self, tenant: &Tenant, id: Uuid) -> Result<bool> {
        Ok(self.read(tenant, |rows| rows.batches.contains(&id)))
    }

    async fn acquire(
        &self,
        tenant: &Tenant,
        scope: &str,
        owner: &str,
        ttl: Duration,
    ) -> Result<Option<Lease>> {
        let now = self.clock.monotonic();
        let mut state = self.state();
        let held = state.leases.entry((tenant.clone(), scope.to_owned())).or_insert(Held {
            owner: None,
            fence: 0,
            until: now,
        });
        if held.owner.as_deref() != Some(owner) {
            if held.owner.is_some() && now < held.until {
                return Ok(None);
            }
            held.owner = Some(owner.to_owned());
            held.fence += 1;
        }
        held.until = now.saturating_add(ttl);
        let fence = held.fence;
        Ok(Some(Lease { tenant: tenant.clone(), scope: scope.to_owned(), owner: owner.to_owned(), fence }))
    }

    async fn renew(&self, lease: &Lease, ttl: Duration) -> Result<bool> {
        let until = self.clock.monotonic().saturating_add(ttl);
        let mut state = self.state();
        let Some(held) = state.held(lease) else { return Ok(false) };
        held.until = until;
        Ok(true)
    }

    async fn release(&self, lease: &Lease) -> Result<()> {
        if let Some(held) = self.state().held(lease) {
            held.owner = None;
        }
        Ok(())
    }
}

impl State {
    fn held(&mut self, lease: &Lease) -> Option<&mut Held> {
        self.leases
            .get_mut(&(lease.tenant.clone(), lease.scope.clone()))
            .filter(|held| held.fence == lease.fence && held.owner.as_ref() == Some(&lease.owner))
    }
}

impl Rows {
    fn row(&self, key: &Key, mark: &str) -> Option<Row> {
        let stored = self.rows.get(key)?;
        Some(Row {
            key: key.clone(),
            value: stored.value.clone(),
            revision: stored.revision,
            mark: mark.to_owned(),
        })
    }

    fn is_as_expected(&self, put: &Put) -> bool {
        put.expect.is_met_by(self.rows.get(&put.key).map(|stored| stored.revision))
    }

    fn put(&mut self, put: Put, revision: u64) {
        self.remove(&put.key);
        let marks: BTreeSet<Mark> = put.marks.into_iter().collect();
        for mark in &marks {
            self.marks.insert((mark.name, mark.value.clone(), put.key.clone()));
        }
        self.rows.insert(put.key, Stored { value: put.value, revision, marks });
    }

    fn remove(&mut self, key: &Key) {
        let Some(stored) = self.rows.remove(key) else { return };
        for mark in stored.marks {
            self.marks.remove(&(mark.name, mark.value, key.clone()));
        }
    }

    fn bearers<'a>(&'a self, mark: &'a Mark) -> impl Iterator<Item = &'a Key> {
        self.marks
            .range((mark.name, mark.value.clone(), FIRST)..)
            .take_while(move |place| place.0 == mark.name && place.1 == mark.value)
            .map(|place| &place.2)
    }

    /// What a scan walks over, without its limit: the value of the mark, and the key.
    fn places<'a>(&'a self, scan: &'a Scan) -> Box<dyn Iterator<Item = (&'a str, &'a Key)> + 'a> {
        let within = |text: &str| scan.to.is_empty() || text < scan.to.as_str();
        match scan.over {
            Over::Table(table) => {
                let from = Bound::Included(Key::new(table, scan.from.as_str()));
                let after = scan.after.as_ref().map(|after| after.key.clone());
                Box::new(
                    self.rows
                        .range((later(from, after), Bound::Unbounded))
                        .map(|(key, _)| ("", key))
                        .take_while(move |(_, key)| key.table == table && within(&key.id)),
                )
            }
            Over::Mark(name) => {
                let from = Bound::Included((name, scan.from.clone(), FIRST));
                let after = scan.after.as_ref().map(|after| (name, after.mark.clone(), after.key.clone()));
                Box::new(
                    self.marks
                        .range((later(from, after), Bound::Unbounded))
                        .take_while(move |place| place.0 == name && within(&place.1))
                        .map(|place| (place.1.as_str(), &place.2)),
                )
            }
        }
    }
}

/// The key that no other one precedes.
const FIRST: Key = Key { table: Table::ALL[0], id: String::new() };

/// The later of two starts: at the first, or just behind the second.
fn later<T: Ord>(from: Bound<T>, after: Option<T>) -> Bound<T> {
    match (from, after) {
        (Bound::Included(from), Some(after)) if after >= from => Bound::Excluded(after),
        (from, _) => from,
    }
}
