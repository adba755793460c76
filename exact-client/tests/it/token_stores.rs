//! The conformance suite, held against our own stores and against stores that are broken on purpose.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use exact_client::testing::token_store::{self as suite, TokenStorePlace};
use exact_client::{
    FileTokenStore, GrantId, GrantLock, MemoryTokenStore, Result, StoredGrant, TokenStore, Vault, VaultKey,
    async_trait,
};

mod memory {
    use super::*;

    #[derive(Debug)]
    struct Place(MemoryTokenStore);

    #[async_trait]
    impl TokenStorePlace for Place {
        async fn open(&self) -> Arc<dyn TokenStore> {
            Arc::new(self.0.clone())
        }
    }

    exact_client::token_store_conformance!(|| Place(MemoryTokenStore::new()));
}

mod file {
    use super::*;

    #[derive(Debug)]
    struct Place(tempfile::TempDir);

    #[async_trait]
    impl TokenStorePlace for Place {
        async fn open(&self) -> Arc<dyn TokenStore> {
            let vault = Vault::new(VaultKey::new(&[7; 32]), Vec::new());
            Arc::new(FileTokenStore::new(self.0.path().join("grants"), Arc::new(vault)))
        }
    }

    exact_client::token_store_conformance!(|| Place(tempfile::tempdir().unwrap()));
}

/// What is wrong with a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    ForgetsSaves,
    KeepsTheFirstSave,
    HasOneSlot,
    GivesEveryLock,
    NeverLetsGo,
    LocksLoads,
    AnswersFromMemory,
    DropsThePreviousToken,
    MakesUpGrants,
}

/// A store with a fault. Handles share `grants`; each has a memory of its own.
#[derive(Clone, Debug)]
struct Broken {
    fault: Fault,
    grants: Arc<Mutex<HashMap<GrantId, StoredGrant>>>,
    locks: Arc<tokio::sync::Mutex<()>>,
    memory: Arc<Mutex<HashMap<GrantId, StoredGrant>>>,
}

#[derive(Debug)]
struct BrokenLock {
    store: Broken,
    id: GrantId,
    held: Option<tokio::sync::OwnedMutexGuard<()>>,
}

impl Broken {
    fn new(fault: Fault) -> Self {
        Self { fault, grants: Arc::default(), locks: Arc::default(), memory: Arc::default() }
    }

    fn slot(&self, id: &GrantId) -> GrantId {
        let mut any = self.grants.lock().unwrap().keys().next().cloned();
        any.take_if(|_| self.fault == Fault::HasOneSlot).unwrap_or_else(|| id.clone())
    }
}

#[async_trait]
impl TokenStorePlace for Broken {
    async fn open(&self) -> Arc<dyn TokenStore> {
        Arc::new(Self { memory: Arc::default(), ..self.clone() })
    }
}

#[async_trait]
impl TokenStore for Broken {
    async fn load(&self, id: &GrantId) -> Result<Option<StoredGrant>> {
        let _held = match self.fault {
            Fault::LocksLoads => Some(self.locks.lock().await),
            _ => None,
        };
        let slot = self.slot(id);
        if self.fault == Fault::AnswersFromMemory
            && let Some(known) = self.memory.lock().unwrap().get(&slot)
        {
            return Ok(Some(known.clone()));
        }
        let found = self.grants.lock().unwrap().get(&slot).cloned();
        match (self.fault, found) {
            (Fault::MakesUpGrants, None) => {
                let json = r#"{"version":1,"access_token":"","refresh_token":"","obtained_at":"2026-01-01T00:00:00Z","lifetime":0,"generation":0,"state":"ready","user":null,"divisions":[]}"#;
                StoredGrant::from_bytes(json.as_bytes()).map(Some)
            }
            (_, found) => {
                found
                    .iter()
                    .for_each(|grant| drop(self.memory.lock().unwrap().insert(slot.clone(), grant.clone())));
                Ok(found)
            }
        }
    }

    async fn lock(&self, id: &GrantId) -> Result<Box<dyn GrantLock>> {
        let held = match self.fault {
            Fault::GivesEveryLock => None,
            _ => Some(Arc::clone(&self.locks).lock_owned().await),
        };
        Ok(Box::new(BrokenLock { store: self.clone(), id: self.slot(id), held }))
    }
}

#[async_trait]
impl GrantLock for BrokenLock {
    async fn save(&mut self, grant: &StoredGrant) -> Result<()> {
        let mut grants = self.store.grants.lock().unwrap();
        match self.store.fault {
            Fault::ForgetsSaves => {}
            Fault::KeepsTheFirstSave if grants.contains_key(&self.id) => {}
            Fault::DropsThePreviousToken => {
                let text = String::from_utf8(grant.to_bytes()?.to_vec()).unwrap();
                let text = text
                    .replace(r#""previous_refresh_token":"previous""#, r#""previous_refresh_token":null"#);
                grants.insert(self.id.clone(), StoredGrant::from_bytes(text.as_bytes())?);
            }
            _ => drop(grants.insert(self.id.clone(), grant.clone())),
        }
        self.store.memory.lock().unwrap().insert(self.id.clone(), grant.clone());
        Ok(())
    }

    async fn release(mut self: Box<Self>) {
        if self.store.fault == Fault::NeverLetsGo {
            std::mem::forget(self.held.take());
        }
    }
}

/// The cases that a store fails.
async fn failed(fault: Fault) -> HashSet<&'static str> {
    let mut failed = HashSet::new();
    macro_rules! hold {
        ($($case:ident)*) => { $(
            let store = Broken::new(fault);
            if tokio::spawn(async move { suite::$case(&store).await }).await.is_err() {
                failed.insert(stringify!($case));
            }
        )* };
    }
    hold! {
        a_dropped_wait_for_a_lock_holds_nothing
        a_grant_that_nobody_saved_is_none
        a_load_needs_no_lock
        a_lock_has_one_holder_among_sixteen_on_four_handles
        a_released_lock_is_free_at_once
        a_save_is_seen_by_every_handle_at_once
        everything_comes_back_unchanged
        grants_never_meet
        the_last_save_wins
    }
    failed
}

#[tokio::test(start_paused = true)]
async fn the_suite_finds_each_fault_by_the_case_that_names_it() {
    let cases = [
        (Fault::ForgetsSaves, "a_save_is_seen_by_every_handle_at_once"),
        (Fault::KeepsTheFirstSave, "the_last_save_wins"),
        (Fault::HasOneSlot, "grants_never_meet"),
        (Fault::GivesEveryLock, "a_lock_has_one_holder_among_sixteen_on_four_handles"),
        (Fault::NeverLetsGo, "a_released_lock_is_free_at_once"),
        (Fault::LocksLoads, "a_load_needs_no_lock"),
        (Fault::AnswersFromMemory, "a_save_is_seen_by_every_handle_at_once"),
        (Fault::DropsThePreviousToken, "everything_comes_back_unchanged"),
        (Fault::MakesUpGrants, "a_grant_that_nobody_saved_is_none"),
    ];
    for (fault, case) in cases {
        let failed = failed(fault).await;
        assert!(failed.contains(case), "{fault:?} fails {failed:?} and not {case}");
    }
}

#[tokio::test]
async fn each_file_is_for_its_owner_alone_sealed_and_moved_to_a_new_key_by_a_save() {
    let folder = tempfile::tempdir().unwrap();
    let open = |keys: &[u8]| {
        let mut keys = keys.iter().map(|byte| VaultKey::new(&[*byte; 32]));
        let vault = Vault::new(keys.next().unwrap(), keys.collect());
        FileTokenStore::new(folder.path().join("grants"), Arc::new(vault))
    };
    let json = r#"{"version":1,"access_token":"hush-a","refresh_token":"hush-r","obtained_at":"2026-01-01T00:00:00Z","lifetime":600,"generation":1,"state":"ready","user":null,"divisions":[]}"#;
    let grant = StoredGrant::from_bytes(json.as_bytes()).unwrap();
    let id = crate::support::grant_id().await;
    let save = async |store: &FileTokenStore| {
        let mut lock = store.lock(&id).await.unwrap();
        lock.save(&grant).await.unwrap();
        lock.release().await;
    };
    save(&open(&[1])).await;
    for entry in std::fs::read_dir(folder.path().join("grants")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains("hush"), "{path:?} is not sealed");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{path:?}");
        }
    }
    let error = open(&[2]).load(&id).await.unwrap_err();
    assert!(error.remedy().unwrap().contains("former key"), "{error}");
    let rotated = open(&[2, 1]);
    assert_eq!(rotated.load(&id).await.unwrap().unwrap().generation(), 1);
    save(&rotated).await;
    assert_eq!(
        open(&[2]).load(&id).await.unwrap().unwrap().generation(),
        1,
        "the old key is not needed any more"
    );
}

#[tokio::test]
async fn a_file_that_was_altered_is_named_and_not_taken_for_no_grant() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Arc::new(Vault::new(VaultKey::new(&[1; 32]), Vec::new()));
    let store = FileTokenStore::new(folder.path(), vault);
    let id = crate::support::grant_id().await;
    let json = r#"{"version":1,"access_token":"","refresh_token":"","obtained_at":"2026-01-01T00:00:00Z","lifetime":0,"generation":0,"state":"ready","user":null,"divisions":[]}"#;
    let mut lock = store.lock(&id).await.unwrap();
    lock.save(&StoredGrant::from_bytes(json.as_bytes()).unwrap()).await.unwrap();
    lock.release().await;
    let mut files = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let path = files.find(|path| path.extension().is_some_and(|it| it == "grant")).unwrap();
    std::fs::write(&path, "AQ==").unwrap();
    let error = store.load(&id).await.unwrap_err();
    assert_eq!(error.kind(), exact_client::ErrorKind::Store);
    assert!(error.to_string().contains(path.file_name().unwrap().to_str().unwrap()), "{error}");
}
