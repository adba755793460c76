//! Grants in files, for programs that have no database.

use std::fs::{File, TryLockError};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::grant::{GrantId, StoredGrant};
use super::sealed_file::SealedFile;
use super::store::{GrantLock, TokenStore};
use crate::error::Result;
use crate::vault::Vault;

/// Longer than a token call and the two writes around it can take.
const PATIENCE: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(50);

/// Keeps each grant in a file of a folder: sealed, readable for its owner alone, replaced as a whole.
///
/// Processes on one machine share a folder safely: the operating system's lock on a file beside the grant is the
/// right to change it, and a process that dies lets go of it. Locks of network file systems differ; keep the folder
/// on a local disk.
///
/// A new key is taken into use by putting it first in the [`Vault`] and the old one behind it: grants open with
/// either, and each is sealed with the new one at its next refresh.
#[derive(Clone, Debug)]
pub struct FileTokenStore {
    folder: PathBuf,
    vault: Arc<Vault>,
}

impl FileTokenStore {
    /// The grants of this folder, which is made at the first write.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>, vault: Arc<Vault>) -> Self {
        Self { folder: folder.into(), vault }
    }

    fn file(&self, id: &GrantId) -> SealedFile {
        SealedFile::new(&self.folder, id, "grant", &self.vault)
    }
}

#[async_trait]
impl TokenStore for FileTokenStore {
    async fn load(&self, id: &GrantId) -> Result<Option<StoredGrant>> {
        self.file(id).run(SealedFile::read).await
    }

    async fn lock(&self, id: &GrantId) -> Result<Box<dyn GrantLock>> {
        let file = self.file(id);
        let locking = async {
            loop {
                if let Some(lock) = file.run(try_lock).await? {
                    return Ok(lock);
                }
                tokio::time::sleep(PAUSE).await;
            }
        };
        let lock = tokio::time::timeout(PATIENCE, locking).await.unwrap_or_else(|_| {
            Err(file.failed("lock", format!("another process has held it for {} s", PATIENCE.as_secs())))
        })?;
        Ok(Box::new(FileLock { file, _lock: lock }))
    }
}

/// The lock, or nothing while somebody else has it.
fn try_lock(file: &SealedFile) -> Result<Option<File>> {
    let lock = file.lock_file()?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(file.failed("lock", error)),
    }
}

/// Closing the file gives the lock back.
#[derive(Debug)]
struct FileLock {
    file: SealedFile,
    _lock: File,
}

#[async_trait]
impl GrantLock for FileLock {
    async fn save(&mut self, grant: &StoredGrant) -> Result<()> {
        let bytes = grant.to_bytes()?;
        self.file.run(move |file| file.write(&bytes)).await
    }

    async fn release(self: Box<Self>) {}
}

/// Where a new pair of tokens waits while the token store cannot be written.
///
/// A refresh token is used up the moment Exact reads it. When the store fails between that moment and the save, the
/// new pair is the only one there is; a spool on another disk than the store's keeps it through a crash. The client
/// saves it in the store as soon as that works again, and takes the file away.
///
/// It is for one machine: another one that shares the store finds the old refresh token used up.
#[derive(Clone, Debug)]
pub struct Spool {
    folder: PathBuf,
    vault: Arc<Vault>,
}

impl Spool {
    /// A spool in this folder, which is made when it is needed.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>, vault: Arc<Vault>) -> Self {
        Self { folder: folder.into(), vault }
    }

    fn file(&self, id: &GrantId) -> SealedFile {
        SealedFile::new(&self.folder, id, "spool", &self.vault)
    }

    pub(super) async fn put(&self, id: &GrantId, grant: &StoredGrant) -> Result<()> {
        let bytes = grant.to_bytes()?;
        self.file(id).run(move |file| file.write(&bytes)).await
    }

    pub(super) async fn find(&self, id: &GrantId) -> Result<Option<StoredGrant>> {
        self.file(id).run(SealedFile::read).await
    }

    pub(super) async fn clear(&self, id: &GrantId) -> Result<()> {
        self.file(id).run(SealedFile::remove).await
    }
}
