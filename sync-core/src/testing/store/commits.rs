//! What a commit does, and does not do.

use std::sync::Arc;

use futures_util::future::join_all;

use super::{
    StorePlace, apply, batch, bearing, commit, deleting, expecting, get, ids_marked, key, put, tenant, value,
};
use crate::store::{Batch, Commit, Expect, Scan, Store, Table, Tenant};

/// A batch whose last row is not as expected changes nothing: no row, no mark, no delete, and its id stays unknown.
pub async fn a_batch_is_applied_wholly_or_not_at_all(place: &dyn StorePlace) {
    let store = place.open().await;
    apply(&*store, batch(vec![bearing(&[("m", "old")], put("kept", "1")), put("gone", "1")])).await;
    let before = get(&*store, "kept").await;
    let refused = Batch {
        deletes: vec![key("gone")],
        ..batch(vec![
            put("new", "2"),
            bearing(&[("m", "new")], put("kept", "2")),
            expecting(Expect::Revision(u64::from(u32::MAX)), put("other", "2")),
        ])
    };
    let id = refused.id;
    let answer = commit(&*store, None, refused).await;
    assert_eq!(answer, Commit::Conflict(key("other")), "the row that was not as expected is named");
    assert_eq!(value(&*store, "new").await, None, "no row of a refused batch is there");
    assert_eq!(get(&*store, "kept").await, before, "a refused batch leaves rows as they were");
    assert!(value(&*store, "gone").await.is_some(), "a refused batch deletes nothing");
    assert_eq!(ids_marked(&*store, "m", "old").await, ["kept"], "a refused batch leaves marks as they were");
    assert!(ids_marked(&*store, "m", "new").await.is_empty(), "a refused batch sets no mark");
    assert!(!store.committed(&tenant(), id).await.expect("committed works"), "a refused batch is not known");
}

/// `Any`, `Absent` and `Revision`, each against a row that is there, never was, and was deleted.
pub async fn every_expectation_is_held_against_what_is_there(place: &dyn StorePlace) {
    let store = place.open().await;
    for (state, expect, applies) in [
        ("never", Expected::Any, true),
        ("never", Expected::Absent, true),
        ("never", Expected::Right, false),
        ("never", Expected::Zero, false),
        ("there", Expected::Any, true),
        ("there", Expected::Absent, false),
        ("there", Expected::Right, true),
        ("there", Expected::Former, false),
        ("there", Expected::Later, false),
        ("there", Expected::Zero, false),
        ("deleted", Expected::Any, true),
        ("deleted", Expected::Absent, true),
        ("deleted", Expected::Right, false),
        ("deleted", Expected::Zero, false),
    ] {
        let case = format!("{state}/{expect:?}");
        let (mut former, mut last) = (1, 1);
        if state != "never" {
            apply(&*store, batch(vec![put(&case, "1")])).await;
            former = get(&*store, &case).await.map_or(0, |row| row.revision);
            apply(&*store, batch(vec![put(&case, "2")])).await;
            last = get(&*store, &case).await.map_or(0, |row| row.revision);
        }
        if state == "deleted" {
            apply(&*store, deleting(&[case.as_str()])).await;
        }
        let expect = match expect {
            Expected::Any => Expect::Any,
            Expected::Absent => Expect::Absent,
            Expected::Right => Expect::Revision(last),
            Expected::Former => Expect::Revision(former),
            Expected::Later => Expect::Revision(last + 1),
            Expected::Zero => Expect::Revision(0),
        };
        let answer = commit(&*store, None, batch(vec![expecting(expect, put(&case, "3"))])).await;
        let should = if applies { Commit::Applied } else { Commit::Conflict(key(&case)) };
        assert_eq!(answer, should, "{case}: a put applies exactly where its expectation holds");
        assert_eq!(
            value(&*store, &case).await.as_deref() == Some("3"),
            applies,
            "{case}: what was answered is so"
        );
    }
}

#[derive(Clone, Copy, Debug)]
enum Expected {
    Any,
    Absent,
    Right,
    Former,
    Later,
    Zero,
}

/// Of sixteen writers that expect a key to be absent, on handles of their own, one is applied.
pub async fn a_new_key_has_one_winner_among_sixteen_writers(place: &dyn StorePlace) {
    for round in 0..5 {
        let id = format!("unique/{round}");
        let answers =
            race(place, 16, |writer| expecting(Expect::Absent, put(&id, &writer.to_string()))).await;
        one_winner(&answers, &id);
        let winner = answers.iter().position(|answer| *answer == Commit::Applied).map(|at| at.to_string());
        assert_eq!(value(&*place.open().await, &id).await, winner, "the winner's value is there");
    }
}

/// Of many that move a cursor from one revision on, one is applied.
pub async fn a_cursor_moves_for_one_of_many(place: &dyn StorePlace) {
    let store = place.open().await;
    apply(&*store, batch(vec![put("cursor", "0")])).await;
    for _ in 0..5 {
        let at = get(&*store, "cursor").await.map_or(0, |row| row.revision);
        let moved = |writer: usize| expecting(Expect::Revision(at), put("cursor", &writer.to_string()));
        one_winner(&race(place, 8, moved).await, "cursor");
    }
}

async fn race(
    place: &dyn StorePlace,
    writers: usize,
    write: impl Fn(usize) -> crate::store::Put,
) -> Vec<Commit> {
    let mut stores: Vec<Arc<dyn Store>> = Vec::new();
    for _ in 0..4 {
        stores.push(place.open().await);
    }
    let tasks = (0..writers).map(|writer| {
        let (store, batch) = (Arc::clone(&stores[writer % stores.len()]), batch(vec![write(writer)]));
        tokio::spawn(async move { commit(&*store, None, batch).await })
    });
    join_all(tasks).await.into_iter().map(|answer| answer.expect("no writer panics")).collect()
}

fn one_winner(answers: &[Commit], id: &str) {
    let winners = answers.iter().filter(|answer| **answer == Commit::Applied).count();
    assert_eq!(winners, 1, "exactly one of those that expect the same wins");
    assert!(
        answers
            .iter()
            .all(|answer| matches!(answer, Commit::Applied) || *answer == Commit::Conflict(key(id))),
        "all others are told of the conflict: {answers:?}"
    );
}

/// A batch that is sent again is answered as applied and changes nothing, even where its expectations fail by now.
pub async fn a_known_batch_changes_nothing_again(place: &dyn StorePlace) {
    let store = place.open().await;
    let first = batch(vec![expecting(Expect::Absent, put("a", "1"))]);
    assert!(
        !store.committed(&tenant(), first.id).await.expect("committed works"),
        "an unsent batch is unknown"
    );
    assert_eq!(commit(&*store, None, first.clone()).await, Commit::Applied, "a new batch is applied");
    assert!(
        store.committed(&tenant(), first.id).await.expect("committed works"),
        "an applied batch is known"
    );
    apply(&*store, batch(vec![put("a", "2")])).await;
    let before = get(&*store, "a").await;
    assert_eq!(
        commit(&*store, None, first.clone()).await,
        Commit::Applied,
        "a known batch is answered as applied"
    );
    assert_eq!(get(&*store, "a").await, before, "a known batch changes nothing");
    let lease = store.acquire(&tenant(), "s", "a", std::time::Duration::from_secs(60)).await;
    let lease = lease.expect("acquire works").expect("a free lease is given");
    store.release(&lease).await.expect("release works");
    let answer = commit(&*store, Some(&lease), first.clone()).await;
    assert_eq!(
        answer,
        Commit::Applied,
        "a known batch is answered as applied also to one who lost the lease"
    );
    let elsewhere = store.committed(&Tenant::new("other"), first.id).await.expect("committed works");
    assert!(!elsewhere, "a batch is known to its tenant only");
    let empty = Batch::new(uuid::Uuid::new_v4());
    apply(&*store, empty.clone()).await;
    assert!(
        store.committed(&tenant(), empty.id).await.expect("committed works"),
        "an empty batch is known too"
    );
}

/// The revision of a key rises with every put, also when the row was deleted in between.
pub async fn a_revision_rises_also_across_a_delete(place: &dyn StorePlace) {
    let store = place.open().await;
    let mut last = None;
    for round in 0..4 {
        apply(&*store, batch(vec![put("a", "same")])).await;
        let revision = get(&*store, "a").await.map(|row| row.revision);
        assert!(revision > last, "round {round}: {revision:?} is above {last:?}");
        last = revision;
        if round % 2 == 1 {
            apply(&*store, deleting(&["a", "never there"])).await;
            assert_eq!(get(&*store, "a").await, None, "a deleted row is gone");
        }
    }
}

/// A put replaces all marks of its row, a delete takes them along, and a mark named twice is one.
pub async fn marks_are_replaced_wholly(place: &dyn StorePlace) {
    let store = place.open().await;
    apply(&*store, batch(vec![bearing(&[("m", "1"), ("m", "2"), ("n", "1"), ("m", "1")], put("a", "x"))]))
        .await;
    assert_eq!(ids_marked(&*store, "m", "1").await, ["a"], "a mark finds its row once");
    let count = |name| {
        let store = Arc::clone(&store);
        async move { store.count(&tenant(), &Scan::mark(name, "")).await.expect("count works") }
    };
    assert_eq!(count("m").await, 2, "each value of a mark counts once");
    apply(&*store, batch(vec![bearing(&[("m", "2"), ("m", "3")], put("a", "y"))])).await;
    for (name, value, found) in [("m", "1", false), ("m", "2", true), ("m", "3", true), ("n", "1", false)] {
        let is = !ids_marked(&*store, name, value).await.is_empty();
        assert_eq!(is, found, "{name}={value}: the marks of the last put are all there are");
    }
    apply(&*store, batch(vec![put("a", "z")])).await;
    assert_eq!(count("m").await, 0, "a put without marks takes all of them");
    apply(&*store, batch(vec![bearing(&[("m", "4")], put("a", "z"))])).await;
    apply(&*store, deleting(&["a"])).await;
    assert_eq!(count("m").await, 0, "a delete takes the marks along");
    apply(&*store, batch(vec![put("a", "new")])).await;
    assert_eq!(count("m").await, 0, "a row that comes back bears no old marks");
}

/// Nothing that one tenant does is seen by another.
pub async fn tenants_never_meet(place: &dyn StorePlace) {
    let store = place.open().await;
    let (one, two) = (Tenant::new("one"), Tenant::new("one/two"));
    let own = batch(vec![bearing(&[("m", "1")], put("a", "1"))]);
    store.commit(&one, None, own.clone()).await.expect("a commit works");
    let scans = [Scan::table(Table::Link, ""), Scan::mark("m", "")];
    for scan in &scans {
        assert!(store.scan(&two, scan).await.expect("a scan works").is_empty(), "a scan stays in its tenant");
        assert_eq!(store.count(&two, scan).await.expect("a count works"), 0, "a count stays in its tenant");
    }
    assert_eq!(store.get(&two, &[key("a")]).await.expect("a get works"), [None], "a get stays in its tenant");
    let found = store.marked(&two, &[crate::store::Mark::new("m", "1")]).await.expect("a look-up works");
    assert!(found.is_empty(), "a look-up by mark stays in its tenant");
    let absent = batch(vec![expecting(Expect::Absent, bearing(&[("m", "1")], put("a", "2")))]);
    let answer = store.commit(&two, None, absent).await.expect("a commit works");
    assert_eq!(answer, Commit::Applied, "an expectation looks at its tenant only");
    store.commit(&two, None, deleting(&["a"])).await.expect("a commit works");
    let rows = store.scan(&one, &scans[1]).await.expect("a scan works");
    assert_eq!(rows.len(), 1, "a delete stays in its tenant");
    let lease = store.acquire(&one, "s", "me", std::time::Duration::from_secs(60)).await;
    let lease = lease.expect("acquire works").expect("a free lease is given");
    let answer = store.commit(&two, Some(&lease), batch(vec![put("b", "1")])).await.expect("a commit works");
    assert_eq!(answer, Commit::Fenced, "a lease covers its tenant only");
}
