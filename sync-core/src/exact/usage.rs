use std::sync::Arc;

use async_trait::async_trait;
use exact_client::{Error, Result, StoredUsage, UsageId, UsageStore};
use uuid::Uuid;

use crate::store::{Batch, Expect, Key, Put, Store, Table, Tenant};

/// Keeps calls used of Exact's limits in the engine's store.
#[derive(Clone, Debug)]
pub struct CallStore {
    store: Arc<dyn Store>,
    tenant: Tenant,
}

impl CallStore {
    /// The calls of this tenant.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, tenant: Tenant) -> Self {
        Self { store, tenant }
    }
}

#[async_trait]
impl UsageStore for CallStore {
    /// A row that another version wrote counts for nothing: the headers of the first answer tell the rest.
    async fn load(&self, id: &UsageId) -> Result<Option<StoredUsage>> {
        let rows = self.store.get(&self.tenant, &[key(id)]).await;
        let row = rows.map_err(|error| Error::store("the calls used cannot be read", error))?.pop().flatten();
        Ok(row.and_then(|row| serde_json::from_str(&row.value).ok()))
    }

    async fn save(&self, id: &UsageId, usage: &StoredUsage) -> Result<()> {
        let mut batch = Batch::new(Uuid::new_v4());
        let value = serde_json::to_string(usage)
            .map_err(|error| Error::store("the calls used cannot be written", error))?;
        batch.puts.push(Put { key: key(id), value, marks: Vec::new(), expect: Expect::Any });
        match self.store.commit(&self.tenant, None, batch).await {
            Ok(_) => Ok(()),
            Err(error) => Err(Error::store("the calls used were not saved", error)),
        }
    }
}

fn key(id: &UsageId) -> Key {
    Key::new(Table::Usage, id.to_string())
}
