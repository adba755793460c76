//! What stays, come what may.

use std::future::{pending, poll_fn};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures_util::future::{Either, FutureExt, select};

use super::{
    StorePlace, apply, batch, bearing, commit, deleting, expecting, get, ids_marked, key, put, tenant, value,
};
use crate::store::{Commit, Expect, Scan, Table};

/// Longer than any call takes.
const LONG: Duration = Duration::from_secs(5);

/// What one handle wrote is there for the next one: rows, marks, revisions, batches.
pub async fn everything_survives_reopening(place: &dyn StorePlace) {
    let store = place.open().await;
    let first = batch(vec![bearing(&[("m", "1")], put("a", "1")), put("b", "1"), put("c", "1")]);
    apply(&*store, first.clone()).await;
    apply(&*store, deleting(&["c"])).await;
    let before = get(&*store, "a").await;
    drop(store);
    let store = place.open().await;
    assert_eq!(get(&*store, "a").await, before, "a row is there with its revision");
    assert_eq!(value(&*store, "c").await, None, "a deleted row stays deleted");
    assert_eq!(ids_marked(&*store, "m", "1").await, ["a"], "marks are there");
    assert!(store.committed(&tenant(), first.id).await.expect("committed works"), "batches are known");
    let revision = before.map_or(0, |row| row.revision);
    let next = batch(vec![expecting(Expect::Revision(revision), put("a", "2"))]);
    assert_eq!(commit(&*store, None, next).await, Commit::Applied, "expectations go on from there");
    let after = get(&*store, "a").await.map_or(0, |row| row.revision);
    assert!(after > revision, "revisions go on from there");
}

/// A commit whose future is dropped, at any point, is there wholly or not at all, and the store knows which.
pub async fn a_dropped_commit_is_applied_wholly_or_not_at_all(place: &dyn StorePlace) {
    let store = place.open().await;
    let other = place.open().await;
    for polls in 0..60 {
        let ids: Vec<String> = (0..10).map(|row| format!("{polls}/{row}")).collect();
        let batch = batch(ids.iter().map(|id| bearing(&[("m", id.as_str())], put(id, "x"))).collect());
        let id = batch.id;
        let tenant = tenant();
        let committing = store.commit(&tenant, None, batch);
        let patience = Box::pin(async {
            for _ in 0..polls {
                tokio::task::yield_now().await;
            }
        });
        let answered = match select(committing, patience).await {
            Either::Left((answer, _)) => Some(answer.expect("a commit works")),
            Either::Right(((), committing)) => {
                drop(committing);
                None
            }
        };
        let known = store.committed(&tenant, id).await.expect("committed works");
        for handle in [&store, &other] {
            let scan = Scan::table(Table::Link, &format!("{polls}/"));
            let rows = handle.count(&tenant, &scan).await.expect("a count works");
            assert_eq!(rows, if known { 10 } else { 0 }, "after {polls} polls: what committed() says is so");
            let marks = Scan::mark("m", &format!("{polls}/"));
            let marks = handle.count(&tenant, &marks).await.expect("a count works");
            assert_eq!(marks, rows, "after {polls} polls: marks go with their rows");
        }
        assert!(known || answered.is_none(), "after {polls} polls: what was answered as applied is known");
        apply(&*store, super::batch(vec![put("next", "works")])).await;
    }
}

/// Calls that were begun and are not polled any more hold up no other call, on their handle or another one.
pub async fn a_call_that_nobody_polls_holds_up_nobody(place: &dyn StorePlace) {
    let (store, other) = (place.open().await, place.open().await);
    let (tenant, key) = (tenant(), [key("a")]);
    let lease = store.acquire(&tenant, "sync", "me", LONG).await.expect("acquire works");
    for polls in 0..12 {
        let write = |value: &str| batch(vec![put("a", value)]);
        let mut begun = vec![
            store.commit(&tenant, lease.as_ref(), write("begun")).map(drop).boxed(),
            store.commit(&tenant, None, write("begun")).map(drop).boxed(),
            store.get(&tenant, &key).map(drop).boxed(),
        ];
        for _ in 0..polls {
            for call in &mut begun {
                // A call that is done must not be polled again, and proves nothing here.
                if poll_fn(|context| Poll::Ready(call.poll_unpin(context).is_ready())).await {
                    *call = pending().boxed();
                }
            }
            tokio::task::yield_now().await;
        }
        let others = async {
            for handle in [&store, &other] {
                apply(&**handle, write("other")).await;
                get(&**handle, "a").await;
                handle.acquire(&tenant, "other", "me", LONG).await.expect("acquire works");
            }
        };
        let done = tokio::time::timeout(LONG, others).await;
        assert!(done.is_ok(), "after {polls} polls: a call waits for one that nobody polls");
        drop(begun);
    }
}

/// Long values, every character, and the largest and smallest texts come back as they went in.
pub async fn values_come_back_unchanged(place: &dyn StorePlace) {
    let store = place.open().await;
    let long = format!("\"{}\"", "ü".repeat(512 * 1024));
    let texts = [
        ("empty", r#""""#),
        ("null", "null"),
        ("quotes", r#"{"a":"\"'`\\","b":["''",null,1.10,-0,1e400]}"#),
        ("nul", r#""a\u0000b""#),
        ("controls", r#""\u0001\n\r\t\u001f\u007f""#),
        ("emoji", "\"👩\u{200d}👧 e\u{301} é \\ud83d\\ude00 ﷽ \u{202e}\""),
        ("sql", r#""'; DROP TABLE stored_row; -- %_?1 $1 :a @a""#),
        ("padded", "  { \"a\" : 1 }  "),
        ("long", long.as_str()),
    ];
    for (name, text) in texts {
        apply(&*store, batch(vec![bearing(&[("text", name)], put(name, text))])).await;
    }
    for (name, text) in texts {
        assert!(value(&*store, name).await.as_deref() == Some(text), "{name}: a value is kept to the letter");
        let found = store.marked(&tenant(), &[crate::store::Mark::new("text", name)]).await;
        let found = found.expect("a look-up works").pop();
        assert!(found.is_some_and(|row| row.value == text), "{name}: also when found by a mark");
    }
    let odd = ["a'b\"c", "a\\b", "a%b_c", "😀", "a/b=c?d#e", " leading", "trailing ", &"k".repeat(2_000)];
    for id in odd {
        apply(&*store, batch(vec![bearing(&[("odd", id)], put(id, "1"))])).await;
        assert_eq!(ids_marked(&*store, "odd", id).await, [id], "a mark is kept to the letter");
        assert_eq!(get(&*store, id).await.map(|row| row.key), Some(key(id)), "an id is kept to the letter");
    }
    let many: Vec<_> =
        (0..2_000).map(|row| bearing(&[("many", "1")], put(&format!("many/{row}"), "1"))).collect();
    apply(&*store, batch(many)).await;
    let store = Arc::clone(&store);
    let count = store.count(&tenant(), &Scan::mark("many", "")).await.expect("a count works");
    assert_eq!(count, 2_000, "a large batch is applied wholly");
}
