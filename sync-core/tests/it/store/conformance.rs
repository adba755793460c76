use std::sync::Arc;

use sync_core::store::{MemoryStore, SqliteStore, Store};
use sync_core::testing::async_trait;
use sync_core::testing::store::StorePlace;
use tempfile::TempDir;

#[derive(Debug)]
struct InMemory(MemoryStore);

#[async_trait]
impl StorePlace for InMemory {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(self.0.clone())
    }
}

#[derive(Debug)]
struct InFile(TempDir);

#[async_trait]
impl StorePlace for InFile {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(SqliteStore::open(self.0.path().join("sync.db")).await.unwrap())
    }
}

mod memory {
    sync_core::store_conformance!(|| super::InMemory(super::MemoryStore::new()));
}

mod sqlite {
    sync_core::store_conformance!(|| super::InFile(super::TempDir::new().unwrap()));
}
