use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use exact_client::{Error, GrantId, GrantLock, Result, StoredGrant, TokenStore, Vault};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::store::{Batch, Commit, Expect, Key, Lease, Put, Store, StoreErrorKind, Table, Tenant};

/// Longer than a token call and the two commits around it can take: half a minute, and a minute each on a server.
const LEASE: Duration = Duration::from_secs(180);
const PAUSE: Duration = Duration::from_millis(250);
const TAKEN: &str = "another process holds it by now";

/// Keeps the grants of a tenant in the engine's store, sealed, behind a lease that all processes share.
#[derive(Clone, Debug)]
pub struct GrantStore {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    store: Arc<dyn Store>,
    tenant: Tenant,
    vault: Arc<Vault>,
    clock: Arc<dyn crm_adapters::Clock>,
}

/// What stands in a row.
#[derive(Serialize, Deserialize)]
struct Sealed {
    sealed: String,
}

impl GrantStore {
    /// The grants of this tenant.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        tenant: Tenant,
        vault: Arc<Vault>,
        clock: Arc<dyn crm_adapters::Clock>,
    ) -> Self {
        Self { shared: Arc::new(Shared { store, tenant, vault, clock }) }
    }
}

#[async_trait]
impl TokenStore for GrantStore {
    async fn load(&self, id: &GrantId) -> Result<Option<StoredGrant>> {
        let shared = &self.shared;
        let rows = shared.store.get(&shared.tenant, &[key(id)]).await;
        let row = rows.map_err(|error| Error::store("the grant cannot be read", error))?.pop().flatten();
        row.map(|row| shared.open(id, &row.value)).transpose()
    }

    async fn lock(&self, id: &GrantId) -> Result<Box<dyn GrantLock>> {
        let shared = &self.shared;
        let owner = Uuid::new_v4().to_string();
        let scope = format!("grant/{id}");
        let patience = shared.clock.monotonic() + LEASE + LEASE;
        loop {
            let lease = shared.store.acquire(&shared.tenant, &scope, &owner, LEASE).await;
            if let Some(lease) = lease.map_err(|error| Error::store("the grant cannot be locked", error))? {
                return Ok(Box::new(Lock { shared: Arc::clone(shared), id: id.clone(), lease }));
            }
            if shared.clock.monotonic() > patience {
                return Err(Error::store("the grant is locked", "another process has held it for minutes"));
            }
            shared.clock.sleep(PAUSE).await;
        }
    }
}

impl Shared {
    fn seal(&self, id: &GrantId, grant: &StoredGrant) -> Result<String> {
        let sealed = self.vault.seal(&self.context(id), &grant.to_bytes()?);
        let sealed = sealed.map_err(|error| Error::store("the grant cannot be sealed", error))?;
        serde_json::to_string(&Sealed { sealed })
            .map_err(|error| Error::store("the grant cannot be written", error))
    }

    fn open(&self, id: &GrantId, value: &str) -> Result<StoredGrant> {
        let row: Sealed =
            serde_json::from_str(value).map_err(|error| Error::store("the grant's row is damaged", error))?;
        let bytes = self.vault.open(&self.context(id), &row.sealed);
        StoredGrant::from_bytes(&bytes.map_err(|error| Error::store("the grant cannot be opened", error))?)
    }

    /// A row that is copied to another tenant or grant does not open there.
    fn context(&self, id: &GrantId) -> String {
        format!("{}/grant/{id}", self.tenant)
    }
}

#[derive(Debug)]
struct Lock {
    shared: Arc<Shared>,
    id: GrantId,
    lease: Lease,
}

#[async_trait]
impl GrantLock for Lock {
    /// What follows, such as a token call, has the whole of the lease before it.
    async fn save(&mut self, grant: &StoredGrant) -> Result<()> {
        match self.shared.store.renew(&self.lease, LEASE).await {
            Ok(true) => {}
            Ok(false) => return Err(Error::store("the grant was not saved", TAKEN)),
            Err(error) => return Err(Error::store("the grant was not saved", error)),
        }
        let mut batch = Batch::new(Uuid::new_v4());
        let value = self.shared.seal(&self.id, grant)?;
        batch.puts.push(Put { key: key(&self.id), value, marks: Vec::new(), expect: Expect::Any });
        let (store, tenant, id) = (&self.shared.store, &self.shared.tenant, batch.id);
        match store.commit(tenant, Some(&self.lease), batch).await {
            Ok(Commit::Applied) => Ok(()),
            Ok(_) => Err(Error::store("the grant was not saved", TAKEN)),
            Err(error) if error.kind() == StoreErrorKind::Unknown => {
                match store.committed(tenant, id).await {
                    Ok(true) => Ok(()),
                    _ => Err(Error::store("nobody knows whether the grant was saved", error)),
                }
            }
            Err(error) => Err(Error::store("the grant was not saved", error)),
        }
    }

    async fn release(self: Box<Self>) {
        if let Err(error) = self.shared.store.release(&self.lease).await {
            tracing::warn!(%error, grant = %self.id, "the lock of a grant was not given back; it lapses by itself");
        }
    }
}

fn key(id: &GrantId) -> Key {
    Key::new(Table::Grant, id.to_string())
}
