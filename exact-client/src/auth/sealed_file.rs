//! A secret in a file of its own: sealed, readable for its owner alone, replaced as a whole or not at all.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use secrecy::zeroize::Zeroizing;
use sha2::{Digest, Sha256};

use super::grant::{GrantId, StoredGrant};
use crate::error::{Error, ErrorKind, Result};
use crate::vault::Vault;

/// Far more than a grant with hundreds of divisions needs.
const LONGEST: u64 = 1024 * 1024;

/// The sealed file of one grant.
#[derive(Clone, Debug)]
pub(super) struct SealedFile {
    folder: PathBuf,
    path: PathBuf,
    context: String,
    vault: Arc<Vault>,
}

impl SealedFile {
    /// `{folder}/{name}-{digest}.{extension}`: readable, fit for every file system, and never shared.
    pub(super) fn new(folder: &Path, id: &GrantId, extension: &str, vault: &Arc<Vault>) -> Self {
        let context = format!("{extension}/{id}");
        let readable = id.name().chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' });
        let readable: String = readable.take(40).collect();
        let digest = hex::encode(&Sha256::digest(&context)[..8]);
        let path = folder.join(format!("{readable}-{digest}.{extension}"));
        Self { folder: folder.to_owned(), path, context, vault: Arc::clone(vault) }
    }

    /// Runs file work where it holds up nobody.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let file = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&file)).await;
        done.map_err(|error| Error::store("the work on a grant's file was ended from outside", error))?
    }

    /// The grant, if the file is there.
    pub(super) fn read(&self) -> Result<Option<StoredGrant>> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.failed("read", error)),
        };
        let mut sealed = String::new();
        let read = file.take(LONGEST).read_to_string(&mut sealed);
        read.map_err(|error| self.failed("read", error))?;
        let bytes =
            self.vault.open(&self.context, sealed.trim_end()).map_err(|error| match error.kind() {
                // The remedy of a missing key is worth more than the path.
                ErrorKind::Config => error,
                _ => self.failed("open", error),
            })?;
        StoredGrant::from_bytes(&bytes).map(Some)
    }

    /// Replaces the grant. A crash or a loss of power leaves the old file or the new one, never half of one.
    pub(super) fn write(&self, bytes: &Zeroizing<Vec<u8>>) -> Result<()> {
        let sealed = self.vault.seal(&self.context, bytes)?;
        self.replace(sealed.as_bytes()).map_err(|error| self.failed("write", error))
    }

    /// Takes the file away, if it is there.
    pub(super) fn remove(&self) -> Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.failed("remove", error)),
            _ => Ok(()),
        }
    }

    /// Opens the file that is locked on behalf of this one, which itself is replaced all the time.
    pub(super) fn lock_file(&self) -> Result<File> {
        make_folder(&self.folder).map_err(|error| self.failed("lock", error))?;
        let mut options = File::options();
        options.create(true).truncate(false).write(true);
        for_owner_alone(&mut options);
        options.open(self.path.with_extension("lock")).map_err(|error| self.failed("lock", error))
    }

    fn replace(&self, sealed: &[u8]) -> io::Result<()> {
        make_folder(&self.folder)?;
        let new = self.path.with_extension("new");
        // One that a crash left behind may have other rights.
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = File::options();
        options.create_new(true).write(true);
        for_owner_alone(&mut options);
        let mut file = options.open(&new)?;
        file.write_all(sealed)?;
        file.sync_all()?;
        fs::rename(&new, &self.path)?;
        sync_folder(&self.folder)
    }

    pub(super) fn failed(
        &self,
        what: &str,
        error: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Error {
        Error::store(format!("cannot {what} the grant's file {}", self.path.display()), error)
    }
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg_attr(not(unix), expect(unused_variables, reason = "elsewhere the folder's own rights apply"))]
fn for_owner_alone(options: &mut fs::OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
}

/// A rename is durable once the folder is. Other systems than Unix cannot sync a folder, and need not.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
