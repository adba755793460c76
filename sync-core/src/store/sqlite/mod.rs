//! The embedded store: one SQLite file, no server.

mod commit;
mod error;
mod file;
mod lease;
mod read;
mod schema;
#[cfg(test)]
mod tests;
mod worker;
mod writer;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::Connection;
use uuid::Uuid;

use self::error::Cause;
use self::worker::Worker;
use self::writer::{Reader, Writer};
use super::{Batch, Commit, Key, Lease, Mark, Result, Row, Scan, Store, Tenant};

/// A store in one SQLite file: durable, embedded, without a server.
///
/// - A commit is on disk when it returns (write-ahead log, `synchronous=FULL`).
/// - Commits follow each other on one connection. While somebody holds a lease, reads have a second one and never wait for
///   them.
/// - Several processes may open one file. A lease is a lock of the operating system on a file beside it,
///   `{file}-{scope}.lease`, so what a dead process held is free at once. The file must be on a local disk.
/// - The files are readable by their owner alone where the system knows owners.
/// - Each connection has a thread of its own: a caller that polls late, or goes away, holds up nobody.
pub struct SqliteStore {
    path: PathBuf,
    writer: Worker<Writer>,
    reader: Reader,
}

impl SqliteStore {
    /// Opens the store in this file, which is created when missing; an older one is brought up to date.
    ///
    /// # Errors
    /// - [`Config`](super::StoreErrorKind::Config): there is no such folder, no right to write, or a newer version wrote
    ///   the file.
    /// - [`Corrupt`](super::StoreErrorKind::Corrupt): it is not a SQLite file, or a damaged one.
    /// - [`Unavailable`](super::StoreErrorKind::Unavailable): it is locked, or the disk is full.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref().to_owned();
        let (file, reader) = (path.clone(), Reader::default());
        let slot = reader.clone();
        let writer = Worker::start(move || Writer::open(file, slot)).await?;
        Ok(Self { path, writer, reader })
    }

    /// Closes the file. Leases held through this store are free from then on.
    ///
    /// Dropping the store does the same, a moment later.
    ///
    /// # Errors
    /// Those of a write: the log is folded into the file.
    pub async fn close(self) -> Result<()> {
        let Self { path, writer, reader } = self;
        if let Some(reader) = reader.take() {
            reader.end(move |connection| writer::close(connection, &path)).await?;
        }
        writer.end(Writer::close).await
    }

    /// Reads on the connection for reads: while nobody holds a lease, the one that writes.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let path = self.path.clone();
        let read = move |connection: &mut Connection| {
            read(connection).map_err(|error| Cause::new(&path, "read").of(error))
        };
        match self.reader.get() {
            Some(reader) => reader.call(read).await,
            None => self.writer.call(|writer| read(&mut writer.connection)).await,
        }
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.path).finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn get(&self, tenant: &Tenant, keys: &[Key]) -> Result<Vec<Option<Row>>> {
        let (tenant, keys) = (tenant.clone(), keys.to_vec());
        self.read(move |connection| read::get(connection, &tenant, keys)).await
    }

    async fn scan(&self, tenant: &Tenant, scan: &Scan) -> Result<Vec<Row>> {
        let (tenant, scan) = (tenant.clone(), scan.clone());
        self.read(move |connection| read::scan(connection, &tenant, &scan)).await
    }

    async fn marked(&self, tenant: &Tenant, marks: &[Mark]) -> Result<Vec<Row>> {
        let (tenant, marks) = (tenant.clone(), marks.to_vec());
        self.read(move |connection| read::marked(connection, &tenant, &marks)).await
    }

    async fn count(&self, tenant: &Tenant, scan: &Scan) -> Result<u64> {
        let (tenant, scan) = (tenant.clone(), scan.clone());
        self.read(move |connection| read::count(connection, &tenant, &scan)).await
    }

    async fn commit(&self, tenant: &Tenant, lease: Option<&Lease>, batch: Batch) -> Result<Commit> {
        let (tenant, lease) = (tenant.clone(), lease.cloned());
        self.writer.call(move |writer| writer.commit(&tenant, lease.as_ref(), &batch)).await
    }

    /// Asks on the writing connection, and so waits for a commit whose caller went away.
    async fn committed(&self, tenant: &Tenant, id: Uuid) -> Result<bool> {
        let tenant = tenant.clone();
        self.writer.call(move |writer| writer.committed(&tenant, id)).await
    }

    async fn acquire(
        &self,
        tenant: &Tenant,
        scope: &str,
        owner: &str,
        ttl: Duration,
    ) -> Result<Option<Lease>> {
        let (tenant, scope, owner) = (tenant.clone(), scope.to_owned(), owner.to_owned());
        self.writer.call(move |writer| writer.acquire((&tenant, &scope), &owner, ttl)).await
    }

    async fn renew(&self, lease: &Lease, ttl: Duration) -> Result<bool> {
        let lease = lease.clone();
        self.writer.call(move |writer| Ok(writer.renew(&lease, ttl))).await
    }

    async fn release(&self, lease: &Lease) -> Result<()> {
        let lease = lease.clone();
        self.writer.call(move |writer| writer.release(&lease)).await
    }
}
