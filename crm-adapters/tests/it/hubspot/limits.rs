//! HubSpot's limits, counted by an account that counts as HubSpot does.

use crm_adapters::{Adapter, Key, Kind, Value};
use futures_util::future::join_all;

use super::world::*;

fn by_kvk(n: usize) -> Key {
    Key { field: "custom:KvK number".to_owned(), value: Value::text(format!("{n:08}")) }
}

#[tokio::test]
async fn searches_that_start_together_are_never_turned_away() {
    let world = World::new().await;
    world.crm.schema(Kind::Company).await.unwrap();
    let (view, start) = (companies(), world.sandbox.clock().monotonic());
    let found = join_all((0..60).map(|n| {
        let (crm, view) = (&world.crm, &view);
        async move { crm.find(view, &by_kvk(n)).await }
    }))
    .await;
    assert!(found.iter().all(Result::is_ok));
    assert_eq!(world.sandbox.hubspot().stats().too_many_requests, 0);
    // Sixty searches, five a second, the first five at once. A clock that jumps while a call is under way ages its answer,
    // the more the longer answers really take: never as if each had been waited for.
    let took = world.sandbox.clock().monotonic() - start;
    assert!((11..60).contains(&took.as_secs()), "{took:?}");
}

#[tokio::test]
async fn searches_and_reads_that_start_together_keep_both_limits() {
    let world = World::new().await;
    world.sandbox.hubspot().configure(|settings| settings.limits.ten_seconds = 20);
    world.crm.schema(Kind::Company).await.unwrap();
    let view = companies();
    let calls = join_all((0..80).map(|n| {
        let (crm, view) = (&world.crm, &view);
        async move {
            match n % 2 {
                0 => crm.find(view, &by_kvk(n)).await.map(drop),
                _ => crm.changes(view, None).await.map(drop),
            }
        }
    }))
    .await;
    assert_eq!(calls.iter().filter(|call| call.is_err()).count(), 0, "{calls:?}");
    assert_eq!(world.sandbox.hubspot().stats().too_many_requests, 0);
}
