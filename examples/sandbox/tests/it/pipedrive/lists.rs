//! Lists of organizations.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::support::{Answer, World, organization};

fn ids(answer: &Answer) -> Vec<i64> {
    answer.json()["data"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect()
}

fn cursor(answer: &Answer) -> Option<String> {
    answer.json()["additional_data"]["next_cursor"].as_str().map(str::to_owned)
}

/// Five organizations, one a second; then the second is edited.
async fn five() -> World {
    let world = World::new().await;
    for number in 1..=5 {
        world.sandbox.pipedrive().create_organization(organization(&format!("N{number}"))).unwrap();
        world.advance(1);
    }
    world.sandbox.pipedrive().edit_organization(2, organization("Edited")).unwrap();
    world
}

async fn walk(world: &World, query: &[(&str, &str)]) -> Vec<i64> {
    let mut all = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let mut query = query.to_vec();
        if let Some(cursor) = &next {
            query.push(("cursor", cursor));
        }
        let page = world.organizations(&query).await;
        all.extend(ids(&page));
        next = cursor(&page);
        if next.is_none() {
            return all;
        }
    }
}

#[tokio::test]
async fn a_page_holds_100_by_default_and_500_at_most() {
    let companies = (0..600).map(|number| sandbox::Company::new(format!("N{number}"), "1")).collect();
    let world = World::with(|builder| builder.companies(companies).load(sandbox::Load::Pipedrive)).await;
    assert_eq!(ids(&world.organizations(&[]).await).len(), 100);
    assert_eq!(ids(&world.organizations(&[("limit", "9999")]).await).len(), 500);
    world.configure_pipedrive(json!({ "clamp_limit": false })).await;
    assert_eq!(world.organizations(&[("limit", "501")]).await.status, 400);
    assert_eq!(walk(&world, &[("limit", "500")]).await, (1..=600).collect::<Vec<_>>());
}

#[tokio::test]
async fn cursors_walk_every_order_in_both_directions_and_meet_each_row_once() {
    let world = five().await;
    for (sort_by, ascending) in
        [("id", [1, 2, 3, 4, 5]), ("add_time", [1, 2, 3, 4, 5]), ("update_time", [1, 3, 4, 5, 2])]
    {
        for direction in ["asc", "desc"] {
            let mut expected = ascending;
            if direction == "desc" {
                expected.reverse();
            }
            let query = [("limit", "2"), ("sort_by", sort_by), ("sort_direction", direction)];
            assert_eq!(walk(&world, &query).await, expected, "{sort_by} {direction}");
        }
    }
}

#[tokio::test]
async fn the_last_page_has_a_null_cursor() {
    let world = five().await;
    let page = world.organizations(&[("limit", "5")]).await.json();
    assert_eq!(page["additional_data"], json!({ "next_cursor": null }));
}

#[tokio::test]
async fn a_cursor_is_a_place_in_base64_and_bound_to_its_order() {
    let world = five().await;
    let cursor = cursor(&world.organizations(&[("limit", "2")]).await).unwrap();
    let place: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(&cursor).unwrap()).unwrap();
    assert_eq!(place, json!({ "field": "id", "fieldValue": 2, "sortDirection": "asc", "id": 2 }));
    let other_order = world.organizations(&[("cursor", &cursor), ("sort_by", "update_time")]).await;
    assert_eq!(other_order.status, 400);
    assert_eq!(world.organizations(&[("cursor", "nonsense")]).await.status, 400);
}

#[tokio::test]
async fn a_cursor_survives_inserts_and_deletes() {
    let world = five().await;
    let first = world.organizations(&[("limit", "2")]).await;
    world.sandbox.pipedrive().delete_organization(2).unwrap();
    world.sandbox.pipedrive().create_organization(organization("N6")).unwrap();
    let rest = world.organizations(&[("cursor", &cursor(&first).unwrap())]).await;
    assert_eq!(ids(&rest), [3, 4, 5, 6]);
}

#[tokio::test]
async fn updated_since_is_inclusive_and_updated_until_is_not() {
    let world = five().await;
    for sort_by in ["id", "update_time", "add_time"] {
        let since = |time| vec![("sort_by", sort_by), ("limit", "2"), ("updated_since", time)];
        let mut found = walk(&world, &since("2026-07-01T08:00:13Z")).await;
        found.sort_unstable();
        assert_eq!(found, [2, 4, 5], "{sort_by}");
        let mut window = since("2026-07-01T08:00:13Z");
        window.push(("updated_until", "2026-07-01T08:00:14Z"));
        assert_eq!(walk(&world, &window).await, [4], "{sort_by}");
    }
}

#[tokio::test]
async fn fractional_seconds_are_refused() {
    let world = World::new().await;
    for name in ["updated_since", "updated_until"] {
        let answer = world.organizations(&[(name, "2026-07-01T08:00:13.000Z")]).await;
        assert_eq!((answer.status, &answer.json()["code"]), (400, &json!("ERR_SCHEMA_VALIDATION_FAILED")));
    }
}

#[tokio::test]
async fn ids_that_are_missing_or_deleted_are_left_out_silently() {
    let world = five().await;
    world.sandbox.pipedrive().delete_organization(3).unwrap();
    assert_eq!(ids(&world.organizations(&[("ids", "2,3,4711,5")]).await), [2, 5]);
    let many = (1..=101).map(|id| id.to_string()).collect::<Vec<_>>().join(",");
    assert_eq!(world.organizations(&[("ids", &many)]).await.status, 400);
}

#[tokio::test]
async fn nonsense_in_the_query_is_refused() {
    let world = World::new().await;
    for (name, value) in [
        ("sort_by", "name"),
        ("sort_direction", "up"),
        ("limit", "abc"),
        ("limit", "0"),
        ("updated_since", "yesterday"),
        ("ids", "a,b"),
    ] {
        assert_eq!(world.organizations(&[(name, value)]).await.status, 400, "{name}={value}");
    }
}
