//! The embedded store: one SQLite file, no server.

mod commit;
mod error;
mod file;
mod lease;
mod pieces;
mod read;
mod schema;
#[cfg(test)]
mod tests;

use std::fmt;
use std::future::poll_fn;
use std::path::Path;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use self::file::DatabaseFile;
use super::{Batch, Commit, Key, Lease, Mark, Result, Row, Scan, Store, StoreError, StoreErrorKind, Tenant};

/// A store in one SQLite file: durable, embedded, without a server.
///
/// - A commit is on disk when it returns (write-ahead log, `synchronous=FULL`).
/// - Commits follow each other on one connection. While somebody holds a lease, reads have a second one and never wait for
///   them.
/// - Several processes may open one file. A lease is a lock of the operating system on a file beside it,
///   `{file}-{scope}.lease`, so what a dead process held is free at once. The file must be on a local disk.
/// - The files are readable by their owner alone where the system knows owners.
/// - Every call is a task of its own on the tokio runtime that it is made on: a caller that polls late, or goes away,
///   holds up nobody.
pub struct SqliteStore {
    file: Arc<DatabaseFile>,
}

impl SqliteStore {
    /// Opens the store in this file, which is created when missing; an older one is brought up to date.
    ///
    /// # Errors
    /// - [`Config`](StoreErrorKind::Config): there is no such folder, no right to write, or a newer version wrote the
    ///   file.
    /// - [`Corrupt`](StoreErrorKind::Corrupt): it is not a SQLite file, or a damaged one.
    /// - [`Unavailable`](StoreErrorKind::Unavailable): it is locked, or the disk is full.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref().to_owned();
        Ok(Self { file: Arc::new(DatabaseFile::open(path).await?) })
    }

    /// Closes the file. Leases held through this store are free from then on.
    ///
    /// Dropping the store does the same, a moment later.
    ///
    /// # Errors
    /// Those of a write: the log is folded into the file.
    pub async fn close(self) -> Result<()> {
        self.file.idle().await;
        match Arc::into_inner(self.file) {
            Some(file) => file.close().await,
            None => Ok(()),
        }
    }

    /// Runs a call as a task of its own. A caller that does not poll its future would otherwise keep the connection that
    /// its next call waits for.
    ///
    /// It is polled once before that, so that calls queue for the connection in the order in which they were made: what
    /// asks for the fate of a dropped commit comes after that commit.
    async fn apart<T: Send + 'static>(
        &self,
        call: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let mut call = Box::pin(call);
        if let Poll::Ready(done) = poll_fn(|context| Poll::Ready(call.as_mut().poll(context))).await {
            return done;
        }
        tokio::spawn(call).await.unwrap_or_else(|error| {
            let message = "the runtime ended in the middle of a call: it may or may not be applied";
            Err(StoreError::new(StoreErrorKind::Unknown, message).with_source(error))
        })
    }

    fn file(&self) -> Arc<DatabaseFile> {
        Arc::clone(&self.file)
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.file.path()).finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn get(&self, tenant: &Tenant, keys: &[Key]) -> Result<Vec<Option<Row>>> {
        let (file, tenant, keys) = (self.file(), tenant.clone(), keys.to_vec());
        self.apart(async move { file.get(&tenant, &keys).await }).await
    }

    async fn scan(&self, tenant: &Tenant, scan: &Scan) -> Result<Vec<Row>> {
        let (file, tenant, scan) = (self.file(), tenant.clone(), scan.clone());
        self.apart(async move { file.scan(&tenant, &scan).await }).await
    }

    async fn marked(&self, tenant: &Tenant, marks: &[Mark]) -> Result<Vec<Row>> {
        let (file, tenant, marks) = (self.file(), tenant.clone(), marks.to_vec());
        self.apart(async move { file.marked(&tenant, &marks).await }).await
    }

    async fn count(&self, tenant: &Tenant, scan: &Scan) -> Result<u64> {
        let (file, tenant, scan) = (self.file(), tenant.clone(), scan.clone());
        self.apart(async move { file.count(&tenant, &scan).await }).await
    }

    async fn commit(&self, tenant: &Tenant, lease: Option<&Lease>, batch: Batch) -> Result<Commit> {
        let (file, tenant, lease) = (self.file(), tenant.clone(), lease.cloned());
        self.apart(async move { file.commit(&tenant, lease.as_ref(), batch).await }).await
    }

    async fn committed(&self, tenant: &Tenant, id: Uuid) -> Result<bool> {
        let (file, tenant) = (self.file(), tenant.clone());
        self.apart(async move { file.committed(&tenant, id).await }).await
    }

    async fn acquire(
        &self,
        tenant: &Tenant,
        scope: &str,
        owner: &str,
        ttl: Duration,
    ) -> Result<Option<Lease>> {
        let (file, tenant, scope, owner) = (self.file(), tenant.clone(), scope.to_owned(), owner.to_owned());
        self.apart(async move { file.acquire((&tenant, &scope), &owner, ttl).await }).await
    }

    async fn renew(&self, lease: &Lease, ttl: Duration) -> Result<bool> {
        let (file, lease) = (self.file(), lease.clone());
        self.apart(async move { Ok(file.renew(&lease, ttl).await) }).await
    }

    async fn release(&self, lease: &Lease) -> Result<()> {
        let (file, lease) = (self.file(), lease.clone());
        self.apart(async move { file.release(&lease).await }).await
    }
}
