//! The conformance suite of [`TokenStore`]: small cases, one property each, named as the sentence they prove.
//!
//! Say where your store lives, and let the macro make a test of each case:
//!
//! ```
//! use std::sync::Arc;
//!
//! use exact_client::testing::token_store::TokenStorePlace;
//! use exact_client::{MemoryTokenStore, TokenStore};
//!
//! #[derive(Debug)]
//! struct InMemory(MemoryTokenStore);
//!
//! #[exact_client::testing::async_trait]
//! impl TokenStorePlace for InMemory {
//!     async fn open(&self) -> Arc<dyn TokenStore> {
//!         Arc::new(self.0.clone())
//!     }
//! }
//!
//! exact_client::token_store_conformance!(|| InMemory(MemoryTokenStore::new()));
//! # fn main() {}
//! ```
//!
//! Each case panics where the store breaks its contract, and says which line of it. What no test can show from
//! outside stays with you: that a save survives a loss of power, that the lock of a process that died lapses, and
//! that the bytes are sealed.
#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "a case speaks by panicking")]

use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta};
use futures_util::future;
use secrecy::ExposeSecret;

use crate::auth::{GrantDivision, GrantId, GrantLock, GrantState, GrantUser, StoredGrant, TokenStore};
use crate::cause::Cause;
use crate::id::{DivisionId, Guid};

/// How long a store may take for anything that it need not wait for.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where a store keeps its data: a folder, a table of a database. Each test gets a place with nothing in it.
#[async_trait]
pub trait TokenStorePlace: Debug + Send + Sync {
    /// Opens one more handle on the data of this place, as another process would. Handles may be open at the same
    /// time.
    async fn open(&self) -> Arc<dyn TokenStore>;
}

/// Makes a test of each case of the [conformance suite](crate::testing::token_store). The argument is called for
/// each and answers with a [`TokenStorePlace`](crate::testing::token_store::TokenStorePlace) that nobody has used.
#[macro_export]
macro_rules! token_store_conformance {
    ($factory:expr) => {
        $crate::token_store_conformance! { @each $factory;
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
    };
    (@each $factory:expr; $($case:ident)*) => {
        $(
            #[test]
            fn $case() {
                let place = ($factory)();
                $crate::testing::block_on($crate::testing::token_store::$case(&place));
            }
        )*
    };
}

fn id(name: &str) -> GrantId {
    GrantId::new("start.exactonline.nl", "0a1b2c3d-client", name)
}

fn grant(generation: u64) -> StoredGrant {
    StoredGrant {
        access_token: format!("access-{generation}").into(),
        refresh_token: format!("refresh-{generation}").into(),
        previous_refresh_token: None,
        obtained_at: DateTime::UNIX_EPOCH + TimeDelta::days(20_000),
        lifetime: Duration::from_secs(600),
        generation,
        state: GrantState::Ready,
        user: None,
        divisions: Vec::new(),
    }
}

/// As large and as odd as grants get.
fn odd_grant() -> StoredGrant {
    let divisions = (0..300).map(|number| GrantDivision {
        id: DivisionId::new(i32::MAX - number),
        name: "Jansen & Zn. \"'t Hoekje\" \u{1F9C0}\0\n".to_owned(),
        moved: None,
    });
    StoredGrant {
        access_token: "a!%'\"\\\u{e9}".repeat(1_000).into(),
        previous_refresh_token: Some("previous".into()),
        obtained_at: DateTime::UNIX_EPOCH + TimeDelta::nanoseconds(1_234_567_890_123_456_789),
        state: GrantState::Lost(Cause::RefreshTokenReused),
        user: Some(GrantUser { id: Guid::from_u128(u128::MAX), name: "Z\u{fc}leyha".to_owned() }),
        divisions: divisions.collect(),
        ..grant(u64::MAX)
    }
}

async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    let done = tokio::time::timeout(PATIENCE, future).await;
    done.unwrap_or_else(|_| panic!("{what} takes longer than {} s", PATIENCE.as_secs()))
}

async fn load(store: &dyn TokenStore, name: &str) -> Option<StoredGrant> {
    within("a load", store.load(&id(name))).await.expect("a load works")
}

async fn lock(store: &dyn TokenStore, name: &str) -> Box<dyn GrantLock> {
    within("a lock that is free", store.lock(&id(name))).await.expect("a lock is given")
}

async fn save(store: &dyn TokenStore, name: &str, grant: &StoredGrant) {
    let mut held = lock(store, name).await;
    held.save(grant).await.expect("a save works");
    within("a release", held.release()).await;
}

fn assert_same(found: Option<StoredGrant>, saved: &StoredGrant, why: &str) {
    let found = found.unwrap_or_else(|| panic!("{why}: nothing is there"));
    let bytes = |grant: &StoredGrant| grant.to_bytes().expect("a grant has bytes");
    assert!(bytes(&found) == bytes(saved), "{why}: generation {} is there", found.generation);
}

/// What nobody saved is not there, and asking for it or locking it makes nothing.
pub async fn a_grant_that_nobody_saved_is_none(place: &dyn TokenStorePlace) {
    let store = place.open().await;
    assert!(load(&*store, "nobody").await.is_none(), "an empty store has no grant");
    lock(&*store, "nobody").await.release().await;
    assert!(load(&*store, "nobody").await.is_none(), "a lock makes no grant");
}

/// A load sees the last save, from whichever handle, opened before or after.
pub async fn a_save_is_seen_by_every_handle_at_once(place: &dyn TokenStorePlace) {
    let (here, there) = (place.open().await, place.open().await);
    save(&*here, "a", &grant(1)).await;
    assert_same(load(&*there, "a").await, &grant(1), "a handle that was open sees the save");
    save(&*there, "a", &grant(2)).await;
    assert_same(load(&*here, "a").await, &grant(2), "no handle answers from memory");
    drop((here, there));
    assert_same(load(&*place.open().await, "a").await, &grant(2), "a new handle sees the save");
}

/// Each save replaces the one before it, also under one lock.
pub async fn the_last_save_wins(place: &dyn TokenStorePlace) {
    let store = place.open().await;
    let mut held = lock(&*store, "a").await;
    for generation in [1, 2, 3] {
        held.save(&grant(generation)).await.expect("a save works");
        assert_same(load(&*store, "a").await, &grant(generation), "a save is there when it returns");
    }
    held.release().await;
    assert_same(load(&*store, "a").await, &grant(3), "and stays when the lock is given back");
}

/// Every field comes back as it was, however long and whatever characters are in it.
pub async fn everything_comes_back_unchanged(place: &dyn TokenStorePlace) {
    let store = place.open().await;
    save(&*store, "odd", &odd_grant()).await;
    let found = load(&*store, "odd").await;
    let length = found.as_ref().map(|grant| grant.access_token.expose_secret().len());
    assert_eq!(length, Some(odd_grant().access_token.expose_secret().len()), "a long token is not cut");
    assert_same(found, &odd_grant(), "every field comes back");
}

/// Grants whose names look alike are different grants.
pub async fn grants_never_meet(place: &dyn TokenStorePlace) {
    let store = place.open().await;
    let names = ["a", "A", "a/b", "a_b", "a b", "", "\u{e9}", "../a"];
    for (generation, name) in (1..).zip(names) {
        save(&*store, name, &grant(generation)).await;
    }
    for (generation, name) in (1..).zip(names) {
        assert_same(load(&*store, name).await, &grant(generation), &format!("grant {name:?}"));
    }
    let other_app = GrantId::new("start.exactonline.nl", "other", "a");
    let other_host = GrantId::new("start.exactonline.be", "0a1b2c3d-client", "a");
    for other in [other_app, other_host] {
        assert!(store.load(&other).await.expect("a load works").is_none(), "{other} is another grant");
    }
}

/// Sixteen holders that read, wait and write one after the other lose no step.
pub async fn a_lock_has_one_holder_among_sixteen_on_four_handles(place: &dyn TokenStorePlace) {
    save(&*place.open().await, "a", &grant(0)).await;
    let mut holders = Vec::new();
    for _ in 0..4 {
        let store = place.open().await;
        for _ in 0..4 {
            holders.push(tokio::spawn(raise(Arc::clone(&store))));
        }
    }
    for holder in future::join_all(holders).await {
        holder.expect("a holder comes to its end");
    }
    let last = load(&*place.open().await, "a").await.map(|grant| grant.generation);
    assert_eq!(last, Some(16), "two holders had the lock at the same time");
}

async fn raise(store: Arc<dyn TokenStore>) {
    let held = within("a lock that fifteen others want", store.lock(&id("a"))).await;
    let mut held = held.expect("a lock is given when its turn comes");
    let before = load(&*store, "a").await.expect("the grant is there").generation;
    // Room for another one to come in between.
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    held.save(&grant(before + 1)).await.expect("a save works");
    held.release().await;
}

/// A load answers while somebody holds the grant: a refresh can take a minute.
pub async fn a_load_needs_no_lock(place: &dyn TokenStorePlace) {
    let (here, there) = (place.open().await, place.open().await);
    save(&*here, "a", &grant(1)).await;
    let held = lock(&*here, "a").await;
    assert_same(load(&*here, "a").await, &grant(1), "the same handle loads under the lock");
    assert_same(load(&*there, "a").await, &grant(1), "another handle loads under the lock");
    held.release().await;
}

/// After a release the next one has the lock, on any handle.
pub async fn a_released_lock_is_free_at_once(place: &dyn TokenStorePlace) {
    let (here, there) = (place.open().await, place.open().await);
    lock(&*here, "a").await.release().await;
    lock(&*there, "a").await.release().await;
    lock(&*here, "a").await.release().await;
}

/// Who stops waiting for a lock does not get it later.
pub async fn a_dropped_wait_for_a_lock_holds_nothing(place: &dyn TokenStorePlace) {
    let (here, there) = (place.open().await, place.open().await);
    let held = lock(&*here, "a").await;
    let (name, short) = (id("a"), Duration::from_millis(20));
    for store in [&here, &there] {
        let waiting = tokio::time::timeout(short, store.lock(&name)).await;
        assert!(waiting.is_err(), "a lock that is held is not given");
    }
    held.release().await;
    lock(&*there, "a").await.release().await;
}
