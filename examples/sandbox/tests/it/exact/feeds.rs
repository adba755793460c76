//! The sync feed and the deletion feed.

use serde_json::{Value, json};

use crate::support::{World, texts};

const FROM_START: (&str, &str) = ("$filter", "Timestamp gt 1L");
const FIELDS: (&str, &str) = ("$select", "ID,Name,Timestamp");

fn stamps(rows: &[Value]) -> Vec<i64> {
    texts(rows, "Timestamp").iter().map(|stamp| stamp.parse().unwrap()).collect()
}

async fn feed(world: &World, after: i64) -> Vec<Value> {
    world.list_all("sync/CRM/Accounts", &[FIELDS, ("$filter", &format!("Timestamp gt {after}L"))]).await.0
}

fn edit(world: &World, row: &Value, fields: Value) {
    let id = row["ID"].as_str().unwrap().parse().unwrap();
    world.sandbox.exact().edit_account(world.division(), id, fields).unwrap();
}

#[tokio::test]
async fn timestamps_are_64_bit_texts_that_grow_along_the_feed() {
    let world = World::with_companies(20).await;
    let stamps = stamps(&feed(&world, 1).await);
    assert_eq!(stamps.len(), 20);
    assert!(stamps.is_sorted_by(|a, b| a < b));
}

#[tokio::test]
async fn a_changed_row_moves_to_the_end_of_the_feed() {
    let world = World::with_companies(3).await;
    let before = feed(&world, 1).await;
    let highest = *stamps(&before).last().unwrap();
    edit(&world, &before[0], json!({ "Name": "Renamed" }));
    let after = feed(&world, 1).await;
    assert_eq!(texts(&after, "Name"), ["Company 1", "Company 2", "Renamed"]);
    assert_eq!(texts(&feed(&world, highest).await, "Name"), ["Renamed"], "and nothing else is new");
}

#[tokio::test]
async fn the_feed_is_filtered_on_its_timestamp_alone() {
    let world = World::new().await;
    let answer =
        world.list("sync/CRM/Accounts", &[FIELDS, ("$filter", "Timestamp gt 1L and Status eq 'C'")]).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.message(), "Filtering on these fields is not supported: Status");
}

#[tokio::test]
async fn an_int64_filter_works_without_its_suffix_too() {
    let world = World::with_companies(1).await;
    assert_eq!(
        world.list("sync/CRM/Accounts", &[FIELDS, ("$filter", "Timestamp gt 1")]).await.rows().len(),
        1
    );
}

#[tokio::test]
async fn a_row_that_changes_while_the_feed_is_read_comes_twice() {
    let world = World::with_companies(1_500).await;
    let first = world.list("sync/CRM/Accounts", &[FIELDS, FROM_START]).await;
    let rows = first.rows();
    edit(&world, &rows[0], json!({ "Name": "Renamed" }));
    let second = world.follow(&first.next().unwrap()).await;
    assert_eq!(second.next(), None);
    assert_eq!(second.rows().last().unwrap()["ID"], rows[0]["ID"]);
    assert_eq!(rows.len() + second.rows().len(), 1_501);
}

#[tokio::test]
async fn rows_can_come_twice_by_a_setting() {
    let world = World::with_companies(10).await;
    world.configure_exact(json!({ "duplicate_every": 5 })).await;
    let rows = feed(&world, 1).await;
    assert_eq!(rows.len(), 12);
    assert_eq!(rows[4], rows[5]);
}

#[tokio::test]
async fn the_feeds_key_is_the_timestamp() {
    let world = World::with_companies(1_001).await;
    let page = world.list("sync/CRM/Accounts", &[FIELDS, FROM_START]).await;
    let last = page.rows().last().unwrap()["Timestamp"].as_str().unwrap().to_owned();
    assert!(page.next().unwrap().ends_with(&format!("$skiptoken={last}L")));
}

#[tokio::test]
async fn a_deletion_is_reported_as_entity_type_2() {
    let world = World::with_companies(2).await;
    let rows = feed(&world, 1).await;
    let id = rows[0]["ID"].as_str().unwrap();
    world.sandbox.exact().delete_account(world.division(), id.parse().unwrap()).unwrap();
    let query = [
        ("$select", "Timestamp,EntityKey,EntityType,DeletedDate,Division,DeletedBy"),
        ("$filter", "Timestamp gt 1L and EntityType eq 2"),
    ];
    let deleted = world.list("sync/Deleted", &query).await.rows();
    assert_eq!(deleted.len(), 1);
    assert_eq!((&deleted[0]["EntityKey"], &deleted[0]["EntityType"]), (&rows[0]["ID"], &json!(2)));
    assert_eq!(deleted[0]["DeletedDate"], "/Date(1782900010000)/");
    assert!(stamps(&deleted) > stamps(&rows), "one scale for changes and deletions");
    assert_eq!(feed(&world, 1).await.len(), 1, "the account itself is no longer in its feed");
    let other = world.list("sync/Deleted", &[("$filter", "Timestamp gt 1L and EntityType eq 5")]).await;
    assert_eq!(other.rows().len(), 0);
    assert_eq!(world.list("sync/Deleted", &[("$filter", "DeletedBy eq null")]).await.status, 400);
}

#[tokio::test]
async fn deletions_are_forgotten_after_two_months() {
    let world = World::with_companies(1).await;
    let id = feed(&world, 1).await[0]["ID"].as_str().unwrap().parse().unwrap();
    world.sandbox.exact().delete_account(world.division(), id).unwrap();
    let deletions =
        || async { world.list("sync/Deleted", &[("$select", "Timestamp"), FROM_START]).await.rows().len() };
    // Three steps, so that the grant does not lapse on the way to the 1st of September.
    for _ in 0..3 {
        world.advance(20 * 86_400);
        world.log_in().await;
    }
    assert_eq!(deletions().await, 1);
    world.advance(2 * 86_400 + 1);
    world.log_in().await;
    assert_eq!(deletions().await, 0);
}

#[tokio::test]
async fn a_moved_division_gets_a_move_date_and_new_lower_timestamps() {
    let world = World::with_companies(3).await;
    let before = feed(&world, 1).await;
    world.sandbox.exact().move_division(world.division()).unwrap();
    let after = feed(&world, 1).await;
    assert_eq!(after.len(), 3);
    assert!(stamps(&after).iter().max() < stamps(&before).iter().min());
    let divisions = world.list("system/Divisions", &[("$select", "DivisionMoveDate")]).await.rows();
    assert_eq!(divisions[0]["DivisionMoveDate"], "/Date(1782864000000)/");
}

#[tokio::test]
async fn each_division_has_its_own_accounts() {
    let companies = vec![sandbox::Company::new("In the first", "1")];
    let world = World::with(|builder| builder.divisions(2).companies(companies)).await;
    let second = world.sandbox.exact().divisions()[1];
    assert_eq!(world.sandbox.exact().accounts(second).unwrap().len(), 0);
    assert_eq!(world.sandbox.exact().accounts(world.division()).unwrap().len(), 1);
}
