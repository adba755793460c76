//! The open file: its two connections, and what is done on them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crm_adapters::{Clock, SystemClock};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Executor};
use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard};
use uuid::Uuid;

use super::error::{self, Cause};
use super::lease::Leases;
use super::{commit, read, schema};
use crate::store::{Batch, Commit, Key, Lease, Mark, Result, Row, Scan, Tenant};

/// How long a call waits while another process writes.
const BUSY: Duration = Duration::from_secs(10);

/// Takes the write lock at once: a transaction that asks for it later may have to be given up.
pub(super) const BEGIN: &str = "BEGIN IMMEDIATE";

/// The page cache of the connection that writes, in KiB below zero: ids are random, so a commit touches pages all over the
/// file. The one that reads has SQLite's own measure of 2 MiB.
const CACHE: &str = "-8192";

/// How many pages the log takes before it is folded into the file: a page that many commits touch is then folded once.
const LOG_PAGES: &str = "4096";

/// What is deleted or replaced is overwritten where it stands. Overwriting pages that become free, too, costs a first load a
/// quarter more processor time: it is done where somebody's data are to be forgotten.
const OVERWRITE: &str = "fast";

pub(super) struct DatabaseFile {
    path: PathBuf,
    pub(super) writer: Mutex<Writer>,
    /// There while somebody holds a lease: one process may have the stores of a hundred customers, most of them at rest.
    pub(super) reader: Mutex<Option<SqliteConnection>>,
}

pub(super) struct Writer {
    pub(super) connection: SqliteConnection,
    leases: Leases,
}

impl DatabaseFile {
    pub(super) async fn open(path: PathBuf) -> Result<Self> {
        create(&path)?;
        let cause = Cause::new(&path, "open");
        let mut connection = connect(writing(&path), cause).await?;
        schema::migrate(&mut connection, &path).await?;
        commit::forget_old_batches(&mut connection).await.map_err(|error| cause.of(error))?;
        Ok(Self {
            reader: Mutex::new(None),
            writer: Mutex::new(Writer { connection, leases: Leases::beside(&path) }),
            path,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns once the calls that are under way are done.
    pub(super) async fn idle(&self) {
        let _ = (self.writer.lock().await, self.reader.lock().await);
    }

    pub(super) async fn close(self) -> Result<()> {
        let cause = Cause::new(&self.path, "close");
        let Writer { connection, leases } = self.writer.into_inner();
        let reader = close(self.reader.into_inner()).await;
        let writer = connection.close().await;
        drop(leases);
        reader.and(writer).map_err(|error| cause.of(error))
    }

    /// The connection for a read: while nobody holds a lease, the one that writes.
    pub(super) async fn reading(&self) -> Result<MappedMutexGuard<'_, SqliteConnection>> {
        if let Ok(reader) = MutexGuard::try_map(self.reader.lock().await, Option::as_mut) {
            return Ok(reader);
        }
        let mut writer = self.writer.lock().await;
        writer.recover(&self.path, self.cause("read")).await?;
        Ok(MutexGuard::map(writer, |writer| &mut writer.connection))
    }

    pub(super) async fn get(&self, tenant: &Tenant, keys: &[Key]) -> Result<Vec<Option<Row>>> {
        let mut reader = self.reading().await?;
        read::get(&mut reader, tenant, keys).await.map_err(|error| self.cause("read").of(error))
    }

    pub(super) async fn scan(&self, tenant: &Tenant, scan: &Scan) -> Result<Vec<Row>> {
        let mut reader = self.reading().await?;
        read::scan(&mut reader, tenant, scan).await.map_err(|error| self.cause("read").of(error))
    }

    pub(super) async fn marked(&self, tenant: &Tenant, marks: &[Mark]) -> Result<Vec<Row>> {
        let mut reader = self.reading().await?;
        read::marked(&mut reader, tenant, marks).await.map_err(|error| self.cause("read").of(error))
    }

    pub(super) async fn count(&self, tenant: &Tenant, scan: &Scan) -> Result<u64> {
        let mut reader = self.reading().await?;
        read::count(&mut reader, tenant, scan).await.map_err(|error| self.cause("read").of(error))
    }

    pub(super) async fn commit(
        &self,
        tenant: &Tenant,
        lease: Option<&Lease>,
        batch: Batch,
    ) -> Result<Commit> {
        let erase = batch.erase;
        let mut writer = self.writer.lock().await;
        let cause = self.cause("write");
        writer.recover(&self.path, cause).await?;
        if erase {
            writer.overwrite("on").await.map_err(|error| cause.of(error))?;
        }
        let mut transaction = writer.connection.begin_with(BEGIN).await.map_err(|error| cause.of(error))?;
        match commit::apply(&mut transaction, tenant, lease, batch).await {
            Ok(None) => {
                transaction.commit().await.map_err(|error| cause.of_commit(error))?;
                if erase {
                    self.fold(&mut writer).await;
                }
                Ok(Commit::Applied)
            }
            Ok(Some(refused)) => {
                transaction.rollback().await.map(|()| refused).map_err(|error| cause.of(error))
            }
            Err(error) => Err(cause.of(error)),
        }
    }

    /// Folds the log into the file and empties it: until then it has what was there before.
    async fn fold(&self, writer: &mut Writer) {
        // A read of this process would be waited for in vain.
        let _reader = self.reader.lock().await;
        let folded = sqlx::query_scalar::<_, bool>("PRAGMA wal_checkpoint(TRUNCATE)");
        let folded = folded.fetch_one(&mut writer.connection).await;
        let as_ever = writer.overwrite(OVERWRITE).await;
        if !matches!((&folded, as_ever), (Ok(false), Ok(()))) {
            tracing::warn!(?folded, path = %self.path.display(), "what was erased stays in the log until it is next folded, for another process reads");
        }
    }

    /// Asks on the writing connection, and so waits for a commit whose caller went away.
    pub(super) async fn committed(&self, tenant: &Tenant, id: Uuid) -> Result<bool> {
        let mut writer = self.writer.lock().await;
        commit::committed(&mut writer.connection, tenant, id)
            .await
            .map_err(|error| self.cause("read").of(error))
    }

    pub(super) async fn acquire(
        &self,
        place: (&Tenant, &str),
        owner: &str,
        ttl: Duration,
    ) -> Result<Option<Lease>> {
        let cause = self.cause("take a lease in");
        let mut writer = self.writer.lock().await;
        let Writer { connection, leases } = &mut *writer;
        let mut reader = self.reader.lock().await;
        if reader.is_none() {
            *reader = Some(connect(options(&self.path).pragma("query_only", "on"), cause).await?);
        }
        let lease = leases.acquire(connection, place, owner, ttl, &cause).await?;
        if leases.are_free() {
            // Another process has it.
            close(reader.take()).await.map_err(|error| cause.of(error))?;
        }
        Ok(lease)
    }

    pub(super) async fn renew(&self, lease: &Lease, ttl: Duration) -> bool {
        self.writer.lock().await.leases.renew(lease, ttl)
    }

    pub(super) async fn release(&self, lease: &Lease) -> Result<()> {
        let cause = self.cause("give back a lease in");
        let mut writer = self.writer.lock().await;
        let Writer { connection, leases } = &mut *writer;
        leases.release(connection, lease, &cause).await?;
        if leases.are_free() {
            self.rest(connection).await.map_err(|error| cause.of(error))?;
        }
        Ok(())
    }

    /// Gives back the memory that only work needs.
    async fn rest(&self, writer: &mut SqliteConnection) -> sqlx::Result<()> {
        writer.clear_cached_statements().await?;
        writer.execute("PRAGMA shrink_memory").await?;
        close(self.reader.lock().await.take()).await
    }

    fn cause<'a>(&'a self, doing: &'static str) -> Cause<'a> {
        Cause::new(&self.path, doing)
    }
}

impl Writer {
    async fn overwrite(&mut self, how: &'static str) -> sqlx::Result<()> {
        let pragma = format!("PRAGMA secure_delete = {how}");
        self.connection.execute(sqlx::AssertSqlSafe(pragma)).await.map(drop)
    }

    /// Connects anew where SQLite gave up a transaction by itself, as it does on a full disk: sqlx goes on counting it.
    async fn recover(&mut self, path: &Path, cause: Cause<'_>) -> Result<()> {
        if !self.connection.is_in_transaction() {
            return Ok(());
        }
        // The rollback of a commit that failed may still be under way: a ping waits for it.
        self.connection.ping().await.map_err(|error| cause.of(error))?;
        if self.connection.is_in_transaction() {
            self.connection = connect(writing(path), cause).await?;
        }
        Ok(())
    }
}

fn writing(path: &Path) -> SqliteConnectOptions {
    options(path).pragma("cache_size", CACHE).pragma("secure_delete", OVERWRITE)
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY)
        .foreign_keys(true)
        .pragma("temp_store", "memory")
        .pragma("wal_autocheckpoint", LOG_PAGES)
        .disable_statement_logging()
}

/// Connects, again and again while another process brings a new file into its final mode: SQLite does not wait for
/// that by itself.
async fn connect(options: SqliteConnectOptions, cause: Cause<'_>) -> Result<SqliteConnection> {
    const PAUSE: Duration = Duration::from_millis(20);
    let clock = SystemClock::new();
    loop {
        match options.connect().await {
            Ok(connection) => return Ok(connection),
            Err(error) if error::is_busy(&error) && clock.monotonic() < BUSY => clock.sleep(PAUSE).await,
            Err(error) => return Err(cause.of(error)),
        }
    }
}

async fn close(connection: Option<SqliteConnection>) -> sqlx::Result<()> {
    match connection {
        Some(connection) => connection.close().await,
        None => Ok(()),
    }
}

/// Creates the file before SQLite does, which would make it readable by everybody. Its log files follow suit.
fn create(path: &Path) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(error::of_file(path, "create", error))
        }
        _ => Ok(()),
    }
}
