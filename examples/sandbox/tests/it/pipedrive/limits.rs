//! Bursts, the daily budget, and the block for those who hammer on.

use reqwest::Method;
use sandbox::Limits;
use serde_json::json;

use crate::support::{Answer, World, organization, send};

async fn me(world: &World) -> Answer {
    send(world.pipedrive(Method::GET, "/api/v1/users/me")).await
}

fn tokens_left(answer: &Answer) -> u64 {
    answer.header("x-daily-ratelimit-token-remaining").unwrap().parse().unwrap()
}

#[tokio::test]
async fn every_answer_announces_burst_and_daily_budget() {
    let world = World::new().await;
    let answer = me(&world).await;
    for (name, value) in [
        ("x-ratelimit-limit", "120"),
        ("x-ratelimit-remaining", "119"),
        ("x-ratelimit-reset", "2"),
        ("x-daily-ratelimit-token-limit", "600000"),
        ("x-daily-ratelimit-token-remaining", "599998"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
}

#[tokio::test]
async fn the_121st_request_within_two_seconds_is_refused_and_the_window_rolls() {
    let world = World::new().await;
    for _ in 0..60 {
        assert_eq!(me(&world).await.status, 200);
    }
    world.advance(1);
    for _ in 0..60 {
        assert_eq!(me(&world).await.status, 200);
    }
    let refused = me(&world).await;
    assert_eq!((refused.status, refused.header("x-ratelimit-remaining")), (429, Some("0")));
    assert_eq!((&refused.json()["success"], &refused.json()["errorCode"]), (&json!(false), &json!(429)));
    // The first sixty leave the window, the others are still in it.
    world.advance(1);
    for _ in 0..60 {
        assert_eq!(me(&world).await.status, 200);
    }
    assert_eq!(me(&world).await.status, 429);
}

#[tokio::test]
async fn searches_have_a_burst_limit_of_ten() {
    let world = World::new().await;
    let search =
        || send(world.pipedrive(Method::GET, "/api/v2/organizations/search").query(&[("term", "xx")]));
    for _ in 0..10 {
        assert_eq!(search().await.status, 200);
    }
    assert_eq!(search().await.status, 429);
    assert_eq!(me(&world).await.status, 200);
}

#[tokio::test]
async fn each_call_costs_its_tokens() {
    let world = World::new().await;
    let mut left = 600_000;
    let mut cost = |answer: &Answer| {
        let now = tokens_left(answer);
        let cost = left - now;
        left = now;
        cost
    };
    let get = |path: &'static str| send(world.pipedrive(Method::GET, path));
    assert_eq!(cost(&world.post_organization(organization("x")).await), 5);
    assert_eq!(cost(&get("/api/v2/organizations/1").await), 1);
    let patch = world.pipedrive(Method::PATCH, "/api/v2/organizations/1").json(&organization("y"));
    assert_eq!(cost(&send(patch).await), 5);
    assert_eq!(cost(&get("/api/v2/organizations").await), 10);
    assert_eq!(cost(&get("/api/v2/organizationFields").await), 10);
    assert_eq!(cost(&get("/api/v2/organizations/search?term=xx").await), 20);
    assert_eq!(cost(&get("/api/v2/itemSearch/field?entity_type=organization&field=name&term=x").await), 20);
    assert_eq!(cost(&get("/api/v1/users/me").await), 2);
    assert_eq!(cost(&send(world.pipedrive(Method::DELETE, "/api/v2/organizations/1")).await), 3);
}

#[tokio::test]
async fn a_spent_day_is_a_429_with_burst_left_and_ends_at_midnight_utc() {
    let world = World::new().await;
    world.configure_pipedrive(json!({ "limits": { "daily_tokens": 3 } })).await;
    assert_eq!(me(&world).await.status, 200);
    let refused = me(&world).await;
    assert_eq!(refused.status, 429);
    assert_eq!((refused.header("x-ratelimit-remaining"), tokens_left(&refused)), (Some("119"), 1));
    world.advance(16 * 3_600);
    assert_eq!(me(&world).await.status, 200);
}

#[tokio::test]
async fn hammering_on_after_429_brings_the_cloudflare_page_and_waiting_lifts_it() {
    let world = World::new().await;
    world
        .configure_pipedrive(json!({ "limits": { "burst": 1 }, "block_after": 3, "block_seconds": 60 }))
        .await;
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(me(&world).await.status);
    }
    assert_eq!(statuses, [200, 429, 429, 429, 429, 403]);
    let blocked = me(&world).await;
    assert!(blocked.body.contains("Cloudflare") && blocked.header("content-type").unwrap().contains("html"));
    world.advance(59);
    assert_eq!(me(&world).await.status, 403);
    world.advance(1);
    assert_eq!(me(&world).await.status, 200);
}

#[tokio::test]
async fn a_429_can_come_without_headers() {
    let world = World::new().await;
    world.configure_pipedrive(json!({ "limits": { "burst": 1 }, "limit_headers": false })).await;
    me(&world).await;
    let refused = me(&world).await;
    assert_eq!((refused.status, refused.header("x-ratelimit-limit")), (429, None));
}

#[tokio::test]
async fn limits_that_are_off_are_announced_as_very_high() {
    let world = World::with(|builder| builder.limits(Limits::off())).await;
    for _ in 0..150 {
        assert_eq!(me(&world).await.status, 200);
    }
    let answer = me(&world).await;
    assert_eq!(answer.header("x-ratelimit-limit"), Some("1000000"));
    assert_eq!(answer.header("x-daily-ratelimit-token-limit"), Some("1000000000"));
}

#[tokio::test]
async fn use_is_counted_by_endpoint() {
    let world = World::new().await;
    world.post_organization(organization("x")).await;
    send(world.pipedrive(Method::GET, "/api/v2/organizations/1")).await;
    send(world.pipedrive(Method::GET, "/api/v2/organizations/2")).await;
    let url = format!("{}/_sandbox/stats", world.sandbox.pipedrive().base_url());
    let stats = send(world.http.get(url)).await.json();
    let endpoint = &stats["endpoints"]["GET /api/v2/organizations/{id}"];
    assert_eq!(*endpoint, json!({ "requests": 2, "statuses": { "200": 1, "404": 1 } }));
    assert_eq!((&stats["writes"], &stats["client_errors"]), (&json!(1), &json!(1)));
    assert_eq!(stats["usage"], json!({ "tokens_today": 7, "requests_in_window": 3 }));
}
