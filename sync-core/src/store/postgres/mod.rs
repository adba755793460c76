//! The store on a server, for several machines.
//!
//! What the server believes of a tenant's size may be long outdated, or nothing at all. So its statements go to rows from
//! their keys and marks, one by one, and `OFFSET 0` keeps the server from turning that round.

mod commit;
mod error;
mod lease;
mod read;
mod schema;
mod under_way;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgPool};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use self::error::Doing;
use self::under_way::UnderWay;
use super::{Batch, Commit, Key, Lease, Mark, Result, Row, Scan, Store, StoreError, StoreErrorKind, Tenant};

/// More would wait for one another: the batches of a tenant follow each other.
const CONNECTIONS: u32 = 4;
/// How long a call waits for a connection.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a connection that nobody needs stays open.
const IDLE: Duration = Duration::from_secs(60);

/// How long a call waits for the server: a connection can be dead without either end being told.
const LIMIT: Duration = Duration::from_secs(60);

/// A store in a PostgreSQL database, 12 or newer: what several machines work on together.
///
/// - A commit is on the server's disk when it returns. Those of a tenant follow each other; those of two never wait.
/// - A lease lapses on the server's clock: a dead machine's work is taken over when its time is up, and what it still
///   sends is refused. Nothing hangs on a connection, so a pooler may stand between that knows prepared statements; none was
///   tried.
/// - The tables are called `sync_…` and created in the first schema of the search path, where they are missing. The user
///   needs the right to create them once, and to read and write them.
/// - What is erased is vacuumed at once: no statement finds it, and its place is given to what comes next. Until then its
///   bytes stay in the server's files, and in its write-ahead log and backups for as long as those are kept.
/// - Each call runs to its end as a task of the tokio runtime it is made on, for a minute at the most: a caller that polls
///   late, or goes away, holds up nobody.
#[derive(Clone)]
pub struct PostgresStore {
    pool: PgPool,
    under_way: UnderWay,
}

impl PostgresStore {
    /// Connects to the database of an address, `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full`; an older
    /// schema is brought up to date.
    ///
    /// What the address leaves out is taken from `PGHOST`, `PGPORT`, `PGUSER`, `PGPASSWORD`, `PGDATABASE`, `PGSSLMODE`,
    /// `PGSSLROOTCERT` and the password file, as `psql` does. Where `sslrootcert` names no file, the certificate authorities
    /// of Mozilla are trusted, not those of the operating system.
    ///
    /// # Errors
    /// - [`Config`](StoreErrorKind::Config): the address is not understood, the server refuses the user, the database or the
    ///   right to create tables is missing, or a newer version wrote it.
    /// - [`Unavailable`](StoreErrorKind::Unavailable): the server cannot be reached, or takes no more connections.
    pub async fn connect(url: &str) -> Result<Self> {
        let opening = |error| error::of(Doing::Open, error);
        let options = PgConnectOptions::from_str(url).map_err(opening)?;
        let options = match options.get_application_name() {
            Some(_) => options,
            None => options.application_name("sync-core"),
        };
        let options = options.disable_statement_logging();
        let mut connection = options.connect().await.map_err(opening)?;
        schema::migrate(&mut connection).await?;
        commit::forget_old_batches(&mut connection).await?;
        connection.close().await.map_err(opening)?;
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .idle_timeout(IDLE)
            .connect_lazy_with(options);
        Ok(Self { pool, under_way: UnderWay::default() })
    }

    /// Closes the connections, once the calls under way are done.
    ///
    /// Dropping the last clone closes them, too. Leases stay as they are, until they are given back or lapse.
    pub async fn close(self) {
        self.pool.close().await;
    }

    /// Lets a call run as a task of its own, within its time.
    async fn run<T, F>(&self, call: impl FnOnce(PgPool) -> F) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let unknown = |message| StoreError::new(StoreErrorKind::Unknown, message);
        match tokio::spawn(timeout(LIMIT, call(self.pool.clone()))).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(late)) => {
                let message = "PostgreSQL did not answer within a minute: a write may or may not be applied";
                Err(unknown(message).with_source(late))
            }
            Err(ended) => {
                let message = "the runtime ended in the middle of a call: a write may or may not be applied";
                Err(unknown(message).with_source(ended))
            }
        }
    }
}

/// Without the address: it may hold a password.
impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").field("connections", &self.pool.size()).finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn get(&self, tenant: &Tenant, keys: &[Key]) -> Result<Vec<Option<Row>>> {
        self.run(|pool| read::get(pool, tenant.clone(), keys.to_vec())).await
    }

    async fn scan(&self, tenant: &Tenant, scan: &Scan) -> Result<Vec<Row>> {
        self.run(|pool| read::scan(pool, tenant.clone(), scan.clone())).await
    }

    async fn marked(&self, tenant: &Tenant, marks: &[Mark]) -> Result<Vec<Row>> {
        self.run(|pool| read::marked(pool, tenant.clone(), marks.to_vec())).await
    }

    async fn count(&self, tenant: &Tenant, scan: &Scan) -> Result<u64> {
        self.run(|pool| read::count(pool, tenant.clone(), scan.clone())).await
    }

    async fn commit(&self, tenant: &Tenant, lease: Option<&Lease>, batch: Batch) -> Result<Commit> {
        let begun = self.under_way.begin(batch.id);
        let commit = |pool| commit::commit(pool, tenant.clone(), lease.cloned(), batch);
        self.run(|pool| commit(pool).inspect(|_| drop(begun))).await
    }

    /// Waits for the commit of that batch whose caller went away, and for one of the tenant that the server is still at.
    async fn committed(&self, tenant: &Tenant, id: Uuid) -> Result<bool> {
        let ended = self.under_way.ended(id);
        self.run(|pool| {
            ended.then({
                let tenant = tenant.clone();
                move |()| commit::committed(pool, tenant, id)
            })
        })
        .await
    }

    async fn acquire(
        &self,
        tenant: &Tenant,
        scope: &str,
        owner: &str,
        ttl: Duration,
    ) -> Result<Option<Lease>> {
        let place = (tenant.clone(), scope.to_owned());
        self.run(|pool| lease::acquire(pool, place, owner.to_owned(), ttl)).await
    }

    async fn renew(&self, lease: &Lease, ttl: Duration) -> Result<bool> {
        self.run(|pool| lease::renew(pool, lease.clone(), ttl)).await
    }

    async fn keep(&self, lease: &Lease, ttl: Duration) -> Result<()> {
        loop {
            sleep(ttl / 3).await;
            match self.renew(lease, ttl).await {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                // Should it not come back before the lease lapses, the next commit is refused or fails.
                Err(error) => tracing::warn!(%error, scope = %lease.scope, "the lease was not prolonged"),
            }
        }
    }

    async fn release(&self, lease: &Lease) -> Result<()> {
        self.run(|pool| lease::release(pool, lease.clone())).await
    }
}
