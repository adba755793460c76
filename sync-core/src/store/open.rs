use std::path::Path;
use std::sync::Arc;

use super::{Result, Store, StoreError, StoreErrorKind};

/// Opens the store that an address names: `sqlite:PATH`, relative to `folder`.
///
/// # Errors
/// [`Config`](StoreErrorKind::Config) for an address of a kind that this build has no store for; otherwise those of
/// opening the store.
pub async fn open(url: &str, folder: &Path) -> Result<Arc<dyn Store>> {
    match url.split_once(':') {
        Some(("sqlite", path)) if !path.is_empty() => sqlite(&folder.join(path)).await,
        Some(("postgres" | "postgresql", _)) => {
            Err(config("this build has no PostgreSQL store: use \"sqlite:FILE\""))
        }
        // The address itself stays out of the message: it may hold a password.
        _ => Err(config("the address names no known kind of store: use \"sqlite:FILE\"")),
    }
}

#[cfg(feature = "sqlite")]
async fn sqlite(path: &Path) -> Result<Arc<dyn Store>> {
    Ok(Arc::new(super::SqliteStore::open(path).await?))
}

#[cfg(not(feature = "sqlite"))]
#[expect(clippy::unused_async, reason = "the same shape as with the feature")]
async fn sqlite(_path: &Path) -> Result<Arc<dyn Store>> {
    Err(config("this build has no SQLite store: build it with feature \"sqlite\""))
}

fn config(message: &str) -> StoreError {
    StoreError::new(StoreErrorKind::Config, message)
}
