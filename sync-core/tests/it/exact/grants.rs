//! The store of grants, held against the suite for token stores, over each store.

use std::sync::Arc;

use crm_adapters::SystemClock;
use exact_client::testing::async_trait;
use exact_client::testing::token_store::TokenStorePlace;
use exact_client::{TokenStore, Vault, VaultKey};
use sync_core::exact::GrantStore;
use sync_core::store::{MemoryStore, SqliteStore, Store, Tenant};

fn grants(store: Arc<dyn Store>) -> Arc<dyn TokenStore> {
    let vault = Arc::new(Vault::new(VaultKey::new(&[7; 32]), Vec::new()));
    Arc::new(GrantStore::new(store, Tenant::default(), vault, Arc::new(SystemClock::new())))
}

mod memory {
    use super::*;

    #[derive(Debug)]
    struct Place(Arc<MemoryStore>);

    #[async_trait]
    impl TokenStorePlace for Place {
        async fn open(&self) -> Arc<dyn TokenStore> {
            let store: Arc<dyn Store> = Arc::<MemoryStore>::clone(&self.0);
            grants(store)
        }
    }

    exact_client::token_store_conformance!(|| Place(Arc::new(MemoryStore::new())));
}

mod sqlite {
    use super::*;

    #[derive(Debug)]
    struct Place(tempfile::TempDir);

    #[async_trait]
    impl TokenStorePlace for Place {
        async fn open(&self) -> Arc<dyn TokenStore> {
            grants(Arc::new(SqliteStore::open(self.0.path().join("sync.db")).await.unwrap()))
        }
    }

    exact_client::token_store_conformance!(|| Place(tempfile::tempdir().unwrap()));
}
