//! Small things that outlive the process, as rows of the tenant's store.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sync_core::store::{Batch, Commit, Expect, Key, Put};
use uuid::Uuid;

use crate::connect::App;
use crate::error::{Error, Result};

/// What was written there last. Something that cannot be read any more counts as nothing.
pub(crate) async fn read<T: DeserializeOwned>(app: &App, key: &Key) -> Result<Option<T>> {
    let row = app.store().get(app.tenant(), std::slice::from_ref(key)).await?.pop().flatten();
    Ok(row.and_then(|row| serde_json::from_str(&row.value).ok()))
}

/// A row to write.
pub(crate) fn row<T: Serialize>(key: Key, value: &T) -> Result<Put> {
    let value = serde_json::to_string(value).map_err(|error| Error::failed("store", error.to_string()))?;
    Ok(Put { key, value, marks: Vec::new(), expect: Expect::Any })
}

/// Writes a row; durable on return.
pub(crate) async fn write<T: Serialize + Sync>(app: &App, key: &Key, value: &T) -> Result<()> {
    write_all(app, vec![row(key.clone(), value)?]).await
}

/// Writes rows, all of them or none; durable on return.
pub(crate) async fn write_all(app: &App, rows: Vec<Put>) -> Result<()> {
    commit(app, Batch { puts: rows, ..Batch::new(Uuid::new_v4()) }).await
}

/// Takes rows away.
pub(crate) async fn forget(app: &App, keys: Vec<Key>) -> Result<()> {
    commit(app, Batch { deletes: keys, ..Batch::new(Uuid::new_v4()) }).await
}

async fn commit(app: &App, batch: Batch) -> Result<()> {
    match app.store().commit(app.tenant(), None, batch).await? {
        Commit::Applied => Ok(()),
        _ => Err(Error::failed("store", "a row was not written")),
    }
}
