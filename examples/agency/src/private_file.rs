//! Files with data of people or companies: nobody but their owner reads them.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Opens a file to be written anew.
///
/// # Errors
/// Where it cannot be created, or is somebody else's.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    // It may have been there before, with other rights.
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(file)
}
