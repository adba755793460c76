//! Durable memory of the engine: rows with marks, one atomic commit, leases with fencing.
//!
//! A store is dumb on purpose. The engine decides what rows mean; a store keeps them, finds them by key and by
//! mark, and applies a [`Batch`] wholly or not at all. The conformance suite (feature `testing`) proves an implementation.

#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod column;
mod memory;
mod open;
#[cfg(feature = "postgres")]
mod postgres;
mod row;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::fmt::Debug;
use std::future::pending;
use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

pub use memory::MemoryStore;
pub use open::open;
#[cfg(feature = "postgres")]
pub use postgres::PostgresStore;
pub use row::{After, Batch, Expect, Key, Mark, Over, Put, Row, Scan, Table, Tenant};
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;

/// The result of a store call.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Durable memory of the engine. Implement this for your database, then run the conformance suite.
///
/// # Contract
/// - Every call sees and changes rows of its tenant only.
/// - What [`commit`](Store::commit) has applied is seen by every later call on any handle, also in another process,
///   and survives a crash of the process and a loss of power.
/// - [`get`](Store::get) and [`scan`](Store::scan) each see one moment: never half of a commit.
/// - Every future may be dropped at any point. A dropped `commit` is applied wholly or not at all, and
///   [`committed`](Store::committed) tells which.
/// - A future that nobody polls for a while holds up no other call.
/// - Time in leases is the store's own.
#[async_trait]
pub trait Store: Debug + Send + Sync + 'static {
    /// The rows with these keys, in the same order; `None` where there is none.
    ///
    /// # Errors
    /// Those of [`StoreError`].
    async fn get(&self, tenant: &Tenant, keys: &[Key]) -> Result<Vec<Option<Row>>>;

    /// The rows that a scan finds, in its order, at most [`Scan::limit`].
    ///
    /// # Errors
    /// Those of [`StoreError`].
    async fn scan(&self, tenant: &Tenant, scan: &Scan) -> Result<Vec<Row>>;

    /// The rows that bear any of these marks, each once, in the order of their keys.
    ///
    /// # Errors
    /// Those of [`StoreError`].
    async fn marked(&self, tenant: &Tenant, marks: &[Mark]) -> Result<Vec<Row>>;

    /// How many rows a scan would find without its limit.
    ///
    /// # Errors
    /// Those of [`StoreError`].
    async fn count(&self, tenant: &Tenant, scan: &Scan) -> Result<u64>;

    /// Applies a batch wholly or not at all.
    ///
    /// A batch whose id is known already changes nothing and answers [`Commit::Applied`]. With a lease, the batch is
    /// refused as [`Commit::Fenced`] unless the lease is held still, checked in the same transaction.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unknown`] where the outcome could not be learned: ask [`committed`](Store::committed).
    async fn commit(&self, tenant: &Tenant, lease: Option<&Lease>, batch: Batch) -> Result<Commit>;

    /// Whether a batch with this id was applied. Ids are remembered for at least seven days.
    ///
    /// # Errors
    /// Those of [`StoreError`].
    async fn committed(&self, tenant: &Tenant, id: Uuid) -> Result<bool>;

    /// Takes a lease if nobody else holds it; one's own is prolonged. The fence of a scope rises with every change
    /// of owner.
    ///
    /// A lease is held until it is given back or somebody else takes it: its time only says from when somebody else
    /// may.
    ///
    /// # Errors
    /// Those of [`StoreError`].
    async fn acquire(
        &self,
        tenant: &Tenant,
        scope: &str,
        owner: &str,
        ttl: Duration,
    ) -> Result<Option<Lease>>;

    /// Prolongs a lease; `false` where it is lost.
    ///
    /// # Errors
    /// Those of [`StoreError`].
    async fn renew(&self, lease: &Lease, ttl: Duration) -> Result<bool>;

    /// Prolongs a lease again and again, on the store's own time, for as long as this is polled; answers when it is lost.
    /// Work that waits for somebody else for longer than a lease lasts keeps its lease by it.
    ///
    /// Unless a store says otherwise this never answers: where only a dead process loses a lease there is nothing to do.
    ///
    /// # Errors
    /// Those of [`StoreError`].
    async fn keep(&self, _lease: &Lease, _ttl: Duration) -> Result<()> {
        pending().await
    }

    /// Gives a lease back. Giving back a lost one does nothing.
    ///
    /// # Errors
    /// Those of [`StoreError`].
    async fn release(&self, lease: &Lease) -> Result<()>;
}

const _: Option<&dyn Store> = None;

/// The right to work on a scope of a tenant, for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "stores outside this crate build it")]
pub struct Lease {
    /// Whose data it covers.
    pub tenant: Tenant,
    /// What it covers, such as `sync` or `grant/default`.
    pub scope: String,
    /// Who holds it.
    pub owner: String,
    /// Rises with every change of owner; an older one never commits.
    pub fence: u64,
}

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the engine must answer each of them")]
pub enum Commit {
    /// All of it is durable.
    Applied,
    /// Nothing was applied: the lease is not held any more.
    Fenced,
    /// Nothing was applied: this row was not as expected.
    Conflict(Key),
}

/// What went wrong in a store.
#[derive(Debug, thiserror::Error)]
#[error("store: {message}")]
pub struct StoreError {
    kind: StoreErrorKind,
    message: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What sort of trouble a store is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// Not reachable, locked or full for now. Nothing was applied.
    Unavailable,
    /// A commit was sent and its outcome is not known.
    Unknown,
    /// The data is not what this version wrote.
    Corrupt,
    /// The address or the key is wrong.
    Config,
}

impl StoreError {
    /// An error of that kind.
    pub fn new(kind: StoreErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    /// Keeps the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What sort of trouble it is.
    #[must_use]
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }
}
