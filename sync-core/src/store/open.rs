use std::path::Path;
use std::sync::Arc;

use super::{Result, Store, StoreError, StoreErrorKind};

/// Opens the store that an address names: `sqlite:PATH`, relative to `folder`, or `postgres://…`.
///
/// # Errors
/// [`Config`](StoreErrorKind::Config) for an address of a kind that this build has no store for; otherwise those of
/// opening the store.
pub async fn open(url: &str, folder: &Path) -> Result<Arc<dyn Store>> {
    match url.split_once(':') {
        Some(("sqlite", path)) if !path.is_empty() => sqlite(&folder.join(path)).await,
        Some(("postgres" | "postgresql", _)) => postgres(url).await,
        // The address itself stays out of the message: it may hold a password.
        _ => Err(config(
            "the address names no known kind of store: use \"sqlite:FILE\" or \"postgres://HOST/DATABASE\"",
        )),
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

#[cfg(feature = "postgres")]
async fn postgres(url: &str) -> Result<Arc<dyn Store>> {
    Ok(Arc::new(super::PostgresStore::connect(url).await?))
}

#[cfg(not(feature = "postgres"))]
#[expect(clippy::unused_async, reason = "the same shape as with the feature")]
async fn postgres(_url: &str) -> Result<Arc<dyn Store>> {
    Err(config(
        "this build has no PostgreSQL store: build it with feature \"postgres\", or use \"sqlite:FILE\"",
    ))
}

fn config(message: &str) -> StoreError {
    StoreError::new(StoreErrorKind::Config, message)
}
