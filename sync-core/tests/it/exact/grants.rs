//! The store of grants, held against the suite for token stores, over each store.

use std::sync::Arc;
use std::time::Duration;

use crm_adapters::SystemClock;
use exact_client::testing::async_trait;
use exact_client::testing::token_store::TokenStorePlace;
use exact_client::{StoredGrant, TokenStore, Vault, VaultKey};
use sandbox::Limits;
use sync_core::exact::GrantStore;
use sync_core::store::{MemoryStore, SqliteStore, Store, Tenant};

use super::World;
use crate::engine::side::VirtualClock;

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

#[cfg(feature = "postgres")]
mod postgres {
    use super::*;
    use crate::store::postgres::Schema;

    #[derive(Debug)]
    struct Place(Schema);

    #[async_trait]
    impl TokenStorePlace for Place {
        async fn open(&self) -> Arc<dyn TokenStore> {
            grants(Arc::new(self.0.connect().await))
        }
    }

    exact_client::token_store_conformance!(|| Place(Schema::new()));
}

#[tokio::test]
async fn what_follows_a_save_has_the_whole_time_of_the_lock_before_it() {
    let clock = Arc::new(VirtualClock::new());
    let store: Arc<dyn Store> = Arc::new(MemoryStore::with_clock(Arc::<VirtualClock>::clone(&clock)));
    let grant = r#"{"version":1,"access_token":"a","refresh_token":"r","previous_refresh_token":null,
        "obtained_at":"2026-01-01T00:00:00Z","lifetime":600,"generation":1,"state":"ready","user":null,"divisions":[]}"#;
    let grant = StoredGrant::from_bytes(grant.as_bytes()).unwrap();
    let world = World::new(0, Limits::off()).await;
    let id = world.client.grant().await.unwrap().unwrap().id;
    let mut lock = grants(Arc::clone(&store)).lock(&id).await.unwrap();
    let by_another = || async {
        let scope = format!("grant/{id}");
        store.acquire(&Tenant::default(), &scope, "another", Duration::from_secs(1)).await.unwrap()
    };
    for _ in 0..3 {
        clock.advance(Duration::from_secs(170));
        lock.save(&grant).await.unwrap();
    }
    clock.advance(Duration::from_secs(170));
    assert_eq!(by_another().await, None);
    clock.advance(Duration::from_secs(20));
    assert!(by_another().await.is_some(), "the lock of a dead process lapses");
    assert!(lock.save(&grant).await.is_err(), "who was overtaken saves nothing, and so asks for no token");
}
