//! Counters around what an engine uses.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use crm_adapters::{
    Adapter, Capabilities, Cost, Cursor, Key as SideKey, Kind, NewField, Outcome, Pace, Page, Record,
    RecordId, Result as SideResult, Schema, Usage, View, Work, Write,
};
use sync_core::store::{Batch, Commit, Key, Lease, Mark, Result, Row, Scan, Store, Tenant};
use uuid::Uuid;

/// A store that counts its commits.
#[derive(Debug)]
pub struct CountingStore {
    inner: Arc<dyn Store>,
    commits: AtomicU64,
}

impl CountingStore {
    /// Counts the commits of a store.
    #[must_use]
    pub fn new(inner: Arc<dyn Store>) -> Self {
        Self { inner, commits: AtomicU64::new(0) }
    }

    /// The commits so far.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Store for CountingStore {
    async fn get(&self, tenant: &Tenant, keys: &[Key]) -> Result<Vec<Option<Row>>> {
        self.inner.get(tenant, keys).await
    }

    async fn scan(&self, tenant: &Tenant, scan: &Scan) -> Result<Vec<Row>> {
        self.inner.scan(tenant, scan).await
    }

    async fn marked(&self, tenant: &Tenant, marks: &[Mark]) -> Result<Vec<Row>> {
        self.inner.marked(tenant, marks).await
    }

    async fn count(&self, tenant: &Tenant, scan: &Scan) -> Result<u64> {
        self.inner.count(tenant, scan).await
    }

    async fn commit(&self, tenant: &Tenant, lease: Option<&Lease>, batch: Batch) -> Result<Commit> {
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.inner.commit(tenant, lease, batch).await
    }

    async fn committed(&self, tenant: &Tenant, id: Uuid) -> Result<bool> {
        self.inner.committed(tenant, id).await
    }

    async fn acquire(
        &self,
        tenant: &Tenant,
        scope: &str,
        owner: &str,
        ttl: Duration,
    ) -> Result<Option<Lease>> {
        self.inner.acquire(tenant, scope, owner, ttl).await
    }

    async fn renew(&self, lease: &Lease, ttl: Duration) -> Result<bool> {
        self.inner.renew(lease, ttl).await
    }

    async fn release(&self, lease: &Lease) -> Result<()> {
        self.inner.release(lease).await
    }
}

/// An adapter that counts its writes, and how many of them were under way at once at the most.
#[derive(Debug)]
pub struct CountingAdapter {
    inner: Arc<dyn Adapter>,
    under_way: AtomicUsize,
    most: AtomicUsize,
}

impl CountingAdapter {
    /// Counts the writes of an adapter.
    #[must_use]
    pub fn new(inner: Arc<dyn Adapter>) -> Self {
        Self { inner, under_way: AtomicUsize::new(0), most: AtomicUsize::new(0) }
    }

    /// The most writes under way at once so far.
    #[must_use]
    pub fn most(&self) -> usize {
        self.most.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Adapter for CountingAdapter {
    fn capabilities(&self, kind: Kind) -> Capabilities {
        self.inner.capabilities(kind)
    }

    fn pace(&self, kind: Kind) -> Pace {
        self.inner.pace(kind)
    }

    fn usage(&self) -> Usage {
        self.inner.usage()
    }

    async fn schema(&self, kind: Kind) -> SideResult<Schema> {
        self.inner.schema(kind).await
    }

    async fn cost(&self, view: &View, work: Work<'_>) -> SideResult<Cost> {
        self.inner.cost(view, work).await
    }

    async fn create_fields(&self, kind: Kind, fields: &[NewField]) -> SideResult<()> {
        self.inner.create_fields(kind, fields).await
    }

    async fn changes(&self, view: &View, after: Option<&Cursor>) -> SideResult<Page> {
        self.inner.changes(view, after).await
    }

    async fn get(&self, view: &View, ids: &[RecordId]) -> SideResult<Vec<Record>> {
        self.inner.get(view, ids).await
    }

    async fn find(&self, view: &View, key: &SideKey) -> SideResult<Vec<Record>> {
        self.inner.find(view, key).await
    }

    async fn write(&self, view: &View, writes: Vec<Write>) -> Vec<Outcome> {
        let count = writes.len();
        let now = self.under_way.fetch_add(count, Ordering::Relaxed) + count;
        self.most.fetch_max(now, Ordering::Relaxed);
        let outcomes = self.inner.write(view, writes).await;
        self.under_way.fetch_sub(count, Ordering::Relaxed);
        outcomes
    }
}
