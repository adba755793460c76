//! Leases: between processes a lock of the operating system on a file beside the database, within the process a
//! list, and in the database the fence.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::error::{self, Cause};
use crate::store::{Lease, Result, Tenant};

const TAKE: &str = "
    INSERT INTO lease (tenant, scope, owner, fence) VALUES (?1, ?2, ?3, 1)
    ON CONFLICT (tenant, scope) DO UPDATE SET owner = excluded.owner, fence = fence + 1
    RETURNING fence";

const GIVE: &str = "
    UPDATE lease SET owner = NULL WHERE tenant = ?1 AND scope = ?2 AND owner = ?3 AND fence = ?4";

/// What this handle holds.
#[derive(Debug)]
pub(super) struct Leases {
    database: PathBuf,
    held: BTreeMap<(Tenant, String), Held>,
}

#[derive(Debug)]
struct Held {
    lease: Lease,
    /// By this process's own time: only owners within it are told apart by time, others by the lock.
    until: Instant,
    lock: File,
}

impl Leases {
    pub(super) fn beside(database: &Path) -> Self {
        Self { database: database.to_owned(), held: BTreeMap::new() }
    }

    /// Whether nobody holds one.
    pub(super) fn are_free(&self) -> bool {
        self.held.is_empty()
    }

    pub(super) fn acquire(
        &mut self,
        connection: &Connection,
        (tenant, scope): (&Tenant, &str),
        owner: &str,
        ttl: Duration,
        cause: &Cause<'_>,
    ) -> Result<Option<Lease>> {
        let now = Instant::now();
        let place = (tenant.clone(), scope.to_owned());
        if let Some(held) = self.held.get_mut(&place) {
            if held.lease.owner == owner {
                held.until = later(now, ttl);
                return Ok(Some(held.lease.clone()));
            }
            if now < held.until {
                return Ok(None);
            }
        }
        // A lease that ran out within this process is taken over together with its lock.
        let lock = match self.held.remove(&place) {
            Some(held) => held.lock,
            None => match self.lock(tenant, scope)? {
                Some(lock) => lock,
                None => return Ok(None),
            },
        };
        let fence = connection.query_row(TAKE, (tenant.as_str(), scope, owner), |row| row.get::<_, i64>(0));
        let fence = fence.map_err(|error| cause.of(error))?.cast_unsigned();
        let lease = Lease { tenant: tenant.clone(), scope: scope.to_owned(), owner: owner.to_owned(), fence };
        self.held.insert(place, Held { lease: lease.clone(), until: later(now, ttl), lock });
        Ok(Some(lease))
    }

    pub(super) fn renew(&mut self, lease: &Lease, ttl: Duration) -> bool {
        let held = self.held.get_mut(&(lease.tenant.clone(), lease.scope.clone()));
        let Some(held) = held.filter(|held| held.lease == *lease) else { return false };
        held.until = later(Instant::now(), ttl);
        true
    }

    pub(super) fn release(
        &mut self,
        connection: &Connection,
        lease: &Lease,
        cause: &Cause<'_>,
    ) -> Result<()> {
        let place = (lease.tenant.clone(), lease.scope.clone());
        if self.held.get(&place).is_none_or(|held| held.lease != *lease) {
            return Ok(());
        }
        let Lease { tenant, scope, owner, fence } = lease;
        connection
            .execute(GIVE, (tenant.as_str(), scope, owner, fence.cast_signed()))
            .map_err(|error| cause.of(error))?;
        self.held.remove(&place);
        Ok(())
    }

    /// The locked file of a scope; `None` while somebody else has locked it.
    fn lock(&self, tenant: &Tenant, scope: &str) -> Result<Option<File>> {
        let path = self.file_of(tenant, scope);
        let mut options = File::options();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(|error| error::of_file(&path, "open", error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error::of_file(&path, "lock", error)),
        }
    }

    /// `{database}-{tenant}-{scope}-{digest}.lease`: readable, fit for every file system, and never shared.
    fn file_of(&self, tenant: &Tenant, scope: &str) -> PathBuf {
        let readable: String = format!("{tenant}-{scope}")
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' })
            .take(60)
            .collect();
        let digest =
            Sha256::new().chain_update(tenant.as_str()).chain_update([0]).chain_update(scope).finalize();
        let mut name = self.database.as_os_str().to_owned();
        name.push(format!("-{readable}-{}.lease", hex::encode(&digest[..4])));
        PathBuf::from(name)
    }
}

fn later(now: Instant, ttl: Duration) -> Instant {
    // A time too long to count is a lease for good; thirty years will do.
    now.checked_add(ttl).unwrap_or_else(|| now + Duration::from_secs(30 * 365 * 86_400))
}
