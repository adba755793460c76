//! The in-memory store behind a process that may die before or after any call, or never hear of its commit.

use std::time::Duration;

use crm_adapters::async_trait;
use sync_core::store::{
    Batch, Commit, Key, Lease, Mark, MemoryStore, Result, Row, Scan, Store, StoreError, StoreErrorKind,
    Tenant,
};
use uuid::Uuid;

use super::side::die;
use super::world::{Shared, lock};

#[derive(Debug)]
pub(super) struct FaultyStore {
    pub(super) store: MemoryStore,
    pub(super) world: Shared,
}

impl FaultyStore {
    async fn live(&self) {
        let dead = {
            let mut world = lock(&self.world);
            let crash = world.chance.rates.crash;
            if !world.crashed && world.chance.happens(crash) {
                world.crashed = true;
                world.met("a crash at a store call");
            }
            world.crashed
        };
        if dead {
            die().await;
        }
    }
}

#[async_trait]
impl Store for FaultyStore {
    async fn get(&self, tenant: &Tenant, keys: &[Key]) -> Result<Vec<Option<Row>>> {
        self.live().await;
        self.store.get(tenant, keys).await
    }

    async fn scan(&self, tenant: &Tenant, scan: &Scan) -> Result<Vec<Row>> {
        self.live().await;
        self.store.scan(tenant, scan).await
    }

    async fn marked(&self, tenant: &Tenant, marks: &[Mark]) -> Result<Vec<Row>> {
        self.store.marked(tenant, marks).await
    }

    async fn count(&self, tenant: &Tenant, scan: &Scan) -> Result<u64> {
        self.store.count(tenant, scan).await
    }

    async fn commit(&self, tenant: &Tenant, lease: Option<&Lease>, batch: Batch) -> Result<Commit> {
        self.live().await;
        let mut keys = std::collections::BTreeSet::new();
        assert!(batch.keys().all(|key| keys.insert(key)), "a row stands twice in a batch: {batch:?}");
        let outcome = self.store.commit(tenant, lease, batch).await;
        if outcome.is_ok() {
            lock(&self.world).stored();
        }
        self.live().await;
        let unknown = {
            let mut world = lock(&self.world);
            let rate = world.chance.rates.unknown_commit;
            let unknown = world.chance.happens(rate);
            if unknown {
                world.met("a commit without an answer");
            }
            unknown
        };
        if unknown { Err(StoreError::new(StoreErrorKind::Unknown, "the answer was lost")) } else { outcome }
    }

    async fn committed(&self, tenant: &Tenant, id: Uuid) -> Result<bool> {
        self.live().await;
        self.store.committed(tenant, id).await
    }

    async fn acquire(
        &self,
        tenant: &Tenant,
        scope: &str,
        owner: &str,
        ttl: Duration,
    ) -> Result<Option<Lease>> {
        self.live().await;
        self.store.acquire(tenant, scope, owner, ttl).await
    }

    async fn renew(&self, lease: &Lease, ttl: Duration) -> Result<bool> {
        self.store.renew(lease, ttl).await
    }

    async fn release(&self, lease: &Lease) -> Result<()> {
        self.store.release(lease).await
    }
}
