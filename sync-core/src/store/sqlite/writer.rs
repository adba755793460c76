//! The connection that writes, and what goes with it: leases, and the connection for reads while somebody holds one.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};
use uuid::Uuid;

use super::error::Cause;
use super::lease::Leases;
use super::worker::Worker;
use super::{commit, file, schema};
use crate::store::{Batch, Commit, Lease, Result, Tenant};

/// Takes every page that is free, in parts of 64, and gives it back: what stood in it before is overwritten.
const OVERWRITE_FREE: &str = "
    CREATE TABLE free_page (content BLOB NOT NULL) STRICT;
    INSERT INTO free_page
    WITH RECURSIVE part (at) AS (
        SELECT 0 UNION ALL SELECT at + 1 FROM part WHERE at < (SELECT freelist_count / 64 FROM pragma_freelist_count))
    SELECT zeroblob(64 * (SELECT page_size FROM pragma_page_size)) FROM part;
    DROP TABLE free_page";

/// The connection for reads. There while somebody holds a lease: one process may have the stores of a hundred customers,
/// most of them at rest.
#[derive(Clone, Default)]
pub(super) struct Reader(Arc<Mutex<Option<Worker<Connection>>>>);

impl Reader {
    pub(super) fn get(&self) -> Option<Worker<Connection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn take(&self) -> Option<Worker<Connection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn set(&self, reader: Worker<Connection>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(reader);
    }
}

pub(super) struct Writer {
    pub(super) connection: Connection,
    path: PathBuf,
    leases: Leases,
    reader: Reader,
}

impl Writer {
    pub(super) fn open(path: PathBuf, reader: Reader) -> Result<Self> {
        file::create(&path)?;
        let mut connection = file::writing(&path)?;
        schema::migrate(&mut connection, &path)?;
        let cause = Cause::new(&path, "open");
        commit::forget_old_batches(&connection).map_err(|error| cause.of(error))?;
        Ok(Self { connection, leases: Leases::beside(&path), reader, path })
    }

    /// Folds the log into the file, where nobody else has it open.
    pub(super) fn close(self) -> Result<()> {
        close(self.connection, &self.path)
    }

    pub(super) fn commit(&mut self, tenant: &Tenant, lease: Option<&Lease>, batch: &Batch) -> Result<Commit> {
        let applied = self.apply(tenant, lease, batch)?;
        if batch.erase && applied == Commit::Applied {
            self.fold();
        }
        Ok(applied)
    }

    fn apply(&mut self, tenant: &Tenant, lease: Option<&Lease>, batch: &Batch) -> Result<Commit> {
        let cause = Cause::new(&self.path, "write");
        // Takes the write lock at once: a transaction that asks for it later may have to be given up.
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate);
        let transaction = transaction.map_err(|error| cause.of(error))?;
        let refused = commit::apply(&transaction, tenant, lease, batch).map_err(|error| cause.of(error))?;
        match refused {
            None => transaction.commit().map(|()| Commit::Applied).map_err(|error| cause.of_commit(error)),
            Some(refused) => transaction.rollback().map(|()| refused).map_err(|error| cause.of(error)),
        }
    }

    /// Overwrites what became free before, then folds the log into the file and empties it: until then it has what was
    /// there before.
    fn fold(&mut self) {
        let overwritten = self.overwrite_free();
        let busy = |row: &rusqlite::Row<'_>| row.get(0);
        let folded = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), busy);
        if !matches!((&overwritten, &folded), (Ok(()), Ok(false))) {
            tracing::warn!(?overwritten, ?folded, path = %self.path.display(), "something of what was erased stays in the files until they are next folded, for another process uses them or the disk is full");
        }
    }

    fn overwrite_free(&mut self) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(OVERWRITE_FREE)?;
        transaction.commit()
    }

    pub(super) fn committed(&self, tenant: &Tenant, id: Uuid) -> Result<bool> {
        commit::committed(&self.connection, tenant, id)
            .map_err(|error| Cause::new(&self.path, "read").of(error))
    }

    pub(super) fn acquire(
        &mut self,
        place: (&Tenant, &str),
        owner: &str,
        ttl: Duration,
    ) -> Result<Option<Lease>> {
        let cause = Cause::new(&self.path, "take a lease in");
        let lease = self.leases.acquire(&self.connection, place, owner, ttl, &cause)?;
        if let Some(lease) = lease.as_ref().filter(|_| self.reader.get().is_none()) {
            match file::reading(&self.path).and_then(Worker::of) {
                Ok(reader) => self.reader.set(reader),
                Err(error) => return self.release(lease).and(Err(error)),
            }
        }
        Ok(lease)
    }

    pub(super) fn renew(&mut self, lease: &Lease, ttl: Duration) -> bool {
        self.leases.renew(lease, ttl)
    }

    pub(super) fn release(&mut self, lease: &Lease) -> Result<()> {
        let cause = Cause::new(&self.path, "give back a lease in");
        self.leases.release(&self.connection, lease, &cause)?;
        if self.leases.are_free() {
            self.rest().map_err(|error| cause.of(error))?;
        }
        Ok(())
    }

    /// Gives back the memory that only work needs.
    fn rest(&self) -> rusqlite::Result<()> {
        drop(self.reader.take());
        self.connection.flush_prepared_statement_cache();
        self.connection.execute_batch("PRAGMA shrink_memory")
    }
}

pub(super) fn close(connection: Connection, path: &Path) -> Result<()> {
    connection.close().map_err(|(_, error)| Cause::new(path, "close").of(error))
}
