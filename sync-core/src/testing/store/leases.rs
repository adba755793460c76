//! Who may work, and who may not any more.

use std::time::Duration;

use super::{StorePlace, batch, commit, put, tenant, value};
use crate::store::{Commit, Lease, Store, Tenant};

const LONG: Duration = Duration::from_secs(600);

async fn acquire(store: &dyn Store, scope: &str, owner: &str, ttl: Duration) -> Option<Lease> {
    store.acquire(&tenant(), scope, owner, ttl).await.expect("acquire works")
}

async fn take(store: &dyn Store, owner: &str, ttl: Duration) -> Lease {
    acquire(store, "sync", owner, ttl).await.expect("a lease that nobody holds is given")
}

/// While one holds a lease nobody else gets it, on any handle; given back it is free at once.
pub async fn a_lease_has_one_holder(place: &dyn StorePlace) {
    let (here, there) = (place.open().await, place.open().await);
    let mine = take(&*here, "a", LONG).await;
    assert_eq!(
        (mine.scope.as_str(), mine.owner.as_str()),
        ("sync", "a"),
        "a lease says what and whose it is"
    );
    assert_eq!(
        acquire(&*here, "sync", "b", LONG).await,
        None,
        "a held lease is not given on the same handle"
    );
    assert_eq!(
        acquire(&*there, "sync", "b", LONG).await,
        None,
        "a held lease is not given on another handle"
    );
    assert_eq!(
        acquire(&*here, "sync", "a", LONG).await.as_ref(),
        Some(&mine),
        "its holder keeps the same lease"
    );
    assert!(acquire(&*there, "other", "b", LONG).await.is_some(), "another scope is free");
    let elsewhere = there.acquire(&Tenant::new("other"), "sync", "b", LONG).await.expect("acquire works");
    assert!(elsewhere.is_some(), "another tenant's scope is free");
    assert!(here.renew(&mine, LONG).await.expect("renew works"), "a held lease is prolonged");
    here.release(&mine).await.expect("release works");
    assert!(!here.renew(&mine, LONG).await.expect("renew works"), "a lease that was given back is lost");
    let theirs = take(&*there, "b", LONG).await;
    assert!(!here.renew(&mine, LONG).await.expect("renew works"), "a lease that somebody else took is lost");
    here.release(&mine).await.expect("releasing a lost lease works");
    assert!(there.renew(&theirs, LONG).await.expect("renew works"), "giving back a lost lease does nothing");
    assert_eq!(acquire(&*here, "sync", "a", LONG).await, None, "and does not free it");
}

/// Every change of owner raises the fence: by release, by running out, and after reopening.
pub async fn a_fence_rises_with_every_owner(place: &dyn StorePlace) {
    let store = place.open().await;
    let first = take(&*store, "a", LONG).await;
    store.release(&first).await.expect("release works");
    let second = take(&*store, "b", Duration::ZERO).await;
    assert!(second.fence > first.fence, "the fence rises after a release");
    let third = take(&*store, "c", Duration::ZERO).await;
    assert!(third.fence > second.fence, "the fence rises when a lease ran out");
    drop(store);
    let reopened = place.open().await;
    let fourth = take(&*reopened, "d", LONG).await;
    assert!(fourth.fence > third.fence, "the fence rises across reopening");
    reopened.release(&fourth).await.expect("release works");
    let again = take(&*reopened, "d", LONG).await;
    assert!(again.fence > fourth.fence, "the fence rises also when the same owner comes back");
}

/// A commit under a lease that was given back, taken over or never given is refused and changes nothing.
pub async fn a_stale_lease_never_commits(place: &dyn StorePlace) {
    let store = place.open().await;
    let old = take(&*store, "a", Duration::ZERO).await;
    let under_old = commit(&*store, Some(&old), batch(vec![put("x", "a")])).await;
    assert_eq!(under_old, Commit::Applied, "a lease is held until somebody takes it");
    let new = take(&*store, "b", LONG).await;
    let refused = batch(vec![put("x", "stale")]);
    let id = refused.id;
    assert_eq!(
        commit(&*store, Some(&old), refused).await,
        Commit::Fenced,
        "a lease that was taken over is stale"
    );
    assert_eq!(value(&*store, "x").await.as_deref(), Some("a"), "a fenced batch changes nothing");
    assert!(!store.committed(&tenant(), id).await.expect("committed works"), "a fenced batch is not known");
    let applied = commit(&*store, Some(&new), batch(vec![put("x", "b")])).await;
    assert_eq!(applied, Commit::Applied, "the new holder commits");
    let forged = Lease { fence: new.fence + 1, ..new.clone() };
    let imposter = Lease { owner: "c".into(), ..new.clone() };
    let elsewhere = Lease { scope: "never taken".into(), ..new.clone() };
    for lease in [forged, imposter, elsewhere] {
        let answer = commit(&*store, Some(&lease), batch(vec![put("x", "forged")])).await;
        assert_eq!(answer, Commit::Fenced, "{lease:?} was never given");
    }
    store.release(&new).await.expect("release works");
    let answer = commit(&*store, Some(&new), batch(vec![put("x", "late")])).await;
    assert_eq!(answer, Commit::Fenced, "a lease that was given back is stale");
    assert_eq!(value(&*store, "x").await.as_deref(), Some("b"), "and changes nothing");
}
