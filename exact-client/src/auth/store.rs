//! Where grants are kept: the trait, and a store in memory.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use super::grant::{GrantId, StoredGrant};
use crate::error::Result;

/// Keeps grants. Refresh tokens are single use, which makes this the most delicate trait of the crate: a grant
/// that is lost needs a person to repair.
///
/// # Contract
/// - [`load`](TokenStore::load) sees the last [`save`](GrantLock::save), also from another process.
/// - At any time one holder at most has the [`lock`](TokenStore::lock) of a grant, across all processes that use the
///   store.
/// - Keep [`StoredGrant::to_bytes`] sealed: they hold secrets.
#[async_trait]
pub trait TokenStore: Debug + Send + Sync + 'static {
    /// The grant, if there is one. Needs no lock.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store) where it cannot be read or opened.
    async fn load(&self, id: &GrantId) -> Result<Option<StoredGrant>>;

    /// Waits until nobody else holds the grant, and holds it. A holder that died must let go by itself in the end.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store) where that takes too long.
    async fn lock(&self, id: &GrantId) -> Result<Box<dyn GrantLock>>;
}

/// The right to change one grant.
#[async_trait]
pub trait GrantLock: Debug + Send + Sync {
    /// Saves the grant. Durable when it returns: it survives a crash of the process and a loss of power.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store) where it is not durable, or where the lock was lost to somebody else. The
    /// client keeps a new pair of tokens in memory and saves it again under a new lock.
    async fn save(&mut self, grant: &StoredGrant) -> Result<()>;

    /// Lets go. Never fails: a lock that cannot be given back lapses by itself.
    async fn release(self: Box<Self>);
}

const _: Option<&dyn TokenStore> = None;
const _: Option<&dyn GrantLock> = None;

/// Keeps grants as long as the process lives, which suits tests and nothing else: the refresh token that a program
/// starts with is dead ten minutes later.
#[derive(Clone, Debug, Default)]
pub struct MemoryTokenStore {
    grants: Arc<Mutex<HashMap<GrantId, StoredGrant>>>,
    lock: Arc<tokio::sync::Mutex<()>>,
}

impl MemoryTokenStore {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

#[async_trait]
impl TokenStore for MemoryTokenStore {
    async fn load(&self, id: &GrantId) -> Result<Option<StoredGrant>> {
        Ok(self.grants.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned())
    }

    async fn lock(&self, id: &GrantId) -> Result<Box<dyn GrantLock>> {
        let held = Arc::clone(&self.lock).lock_owned().await;
        Ok(Box::new(MemoryLock { id: id.clone(), grants: Arc::clone(&self.grants), _held: held }))
    }
}

#[derive(Debug)]
struct MemoryLock {
    id: GrantId,
    grants: Arc<Mutex<HashMap<GrantId, StoredGrant>>>,
    _held: tokio::sync::OwnedMutexGuard<()>,
}

#[async_trait]
impl GrantLock for MemoryLock {
    async fn save(&mut self, grant: &StoredGrant) -> Result<()> {
        let mut grants = self.grants.lock().unwrap_or_else(PoisonError::into_inner);
        grants.insert(self.id.clone(), grant.clone());
        Ok(())
    }

    async fn release(self: Box<Self>) {}
}
