//! Quotas and the block after too many errors.

use reqwest::Method;
use sandbox::Limits;
use serde_json::json;

use crate::support::{Answer, World, send};

const MINUTE: [&str; 3] =
    ["x-ratelimit-minutely-limit", "x-ratelimit-minutely-remaining", "x-ratelimit-minutely-reset"];
const DAY: [&str; 3] = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"];

fn headers<'a>(answer: &'a Answer, names: [&str; 3]) -> [Option<&'a str>; 3] {
    names.map(|name| answer.header(name))
}

async fn call(world: &World) -> Answer {
    world.list("system/Divisions", &[("$select", "Code")]).await
}

async fn spend_minute(world: &World) {
    for _ in 0..60 {
        assert_eq!(call(world).await.status, 200);
    }
}

#[tokio::test]
async fn every_answer_announces_both_limits_with_resets_in_epoch_milliseconds() {
    let world = World::new().await;
    let answer = call(&world).await;
    // 08:01:00 UTC and the next midnight UTC.
    assert_eq!(headers(&answer, MINUTE), [Some("60"), Some("59"), Some("1782892860000")]);
    assert_eq!(headers(&answer, DAY), [Some("5000"), Some("4999"), Some("1782950400000")]);
}

#[tokio::test]
async fn the_61st_call_of_a_clock_minute_is_refused_without_a_body_and_with_the_minutes_headers_alone() {
    let world = World::new().await;
    spend_minute(&world).await;
    let answer = call(&world).await;
    assert_eq!((answer.status, answer.body.as_str()), (429, ""));
    assert_eq!(headers(&answer, MINUTE), [Some("60"), Some("0"), Some("1782892860000")]);
    assert_eq!(headers(&answer, DAY), [None; 3]);
}

#[tokio::test]
async fn the_minute_is_the_clocks_and_not_a_sliding_one() {
    let world = World::new().await;
    world.advance(49);
    spend_minute(&world).await;
    assert_eq!(call(&world).await.status, 429);
    world.advance(1);
    spend_minute(&world).await;
}

#[tokio::test]
async fn a_spent_day_shows_the_days_headers_alone_and_ends_at_midnight_utc() {
    let world = World::new().await;
    world.configure_exact(json!({ "limits": { "minute": 100, "day": 3 } })).await;
    for _ in 0..3 {
        assert_eq!(call(&world).await.status, 200);
    }
    let answer = call(&world).await;
    assert_eq!((answer.status, answer.body.as_str()), (429, ""));
    assert_eq!(headers(&answer, DAY), [Some("3"), Some("0"), Some("1782950400000")]);
    assert_eq!(headers(&answer, MINUTE), [None; 3]);
    // 23:59:59 UTC is the same day, although Amsterdam has turned the page two hours before.
    world.advance(15 * 3_600 + 59 * 60 + 49);
    world.log_in().await;
    assert_eq!(call(&world).await.status, 429);
    world.advance(1);
    assert_eq!(call(&world).await.status, 200);
}

#[tokio::test]
async fn refused_calls_do_not_count_against_the_day() {
    let world = World::new().await;
    spend_minute(&world).await;
    assert_eq!(call(&world).await.status, 429);
    world.advance(60);
    assert_eq!(call(&world).await.header("x-ratelimit-remaining"), Some("4939"));
}

#[tokio::test]
async fn each_division_has_a_quota_of_its_own() {
    let world = World::with(|builder| builder.divisions(2)).await;
    spend_minute(&world).await;
    let second = world.sandbox.exact().divisions()[1];
    let answer = send(world.exact(Method::GET, &format!("{second}/system/Divisions"))).await;
    assert_eq!((answer.status, answer.header("x-ratelimit-minutely-remaining")), (200, Some("59")));
}

#[tokio::test]
async fn limits_that_are_off_are_announced_as_very_high() {
    let world = World::with(|builder| builder.limits(Limits::off())).await;
    let answer = call(&world).await;
    assert_eq!(answer.header("x-ratelimit-limit"), Some("1000000"));
    assert_eq!(answer.header("x-ratelimit-minutely-limit"), Some("1000000"));
    for _ in 0..100 {
        assert_eq!(call(&world).await.status, 200);
    }
}

#[tokio::test]
async fn limits_can_be_turned_off_and_on_while_it_runs() {
    let world = World::new().await;
    world.configure_exact(json!({ "limits": "off" })).await;
    assert_eq!(call(&world).await.header("x-ratelimit-limit"), Some("1000000"));
    world.configure_exact(json!({ "limits": "vendor" })).await;
    assert_eq!(call(&world).await.header("x-ratelimit-limit"), Some("5000"));
}

#[tokio::test]
async fn ten_errors_in_an_hour_block_the_endpoint_and_no_other() {
    let world = World::new().await;
    for _ in 0..10 {
        assert_eq!(world.list("crm/Accounts", &[("$select", "Nonsense")]).await.status, 400);
    }
    let good = [("$select", "ID"), ("$filter", "Name eq 'x'")];
    assert_eq!(world.list("crm/Accounts", &good).await.status, 429);
    assert_eq!(world.list("bulk/CRM/Accounts", &good).await.status, 200);
    world.advance(3_600);
    world.log_in().await;
    assert_eq!(world.list("crm/Accounts", &good).await.status, 200);
}

#[tokio::test]
async fn a_call_to_a_blocked_endpoint_lengthens_the_block() {
    let world = World::new().await;
    for _ in 0..10 {
        world.list("crm/Accounts", &[("$select", "Nonsense")]).await;
    }
    let good = [("$select", "ID"), ("$filter", "Name eq 'x'")];
    world.advance(1_800);
    world.log_in().await;
    assert_eq!(world.list("crm/Accounts", &good).await.status, 429);
    world.advance(1_801);
    world.log_in().await;
    assert_eq!(world.list("crm/Accounts", &good).await.status, 429);
}

#[tokio::test]
async fn the_status_of_the_block_is_a_setting() {
    let world = World::new().await;
    world.configure_exact(json!({ "error_block_status": 403 })).await;
    for _ in 0..10 {
        world.list("crm/Accounts", &[("$select", "Nonsense")]).await;
    }
    assert_eq!(world.list("crm/Accounts", &[]).await.status, 403);
}

#[tokio::test]
async fn errors_of_more_than_an_hour_ago_are_forgotten() {
    let world = World::new().await;
    for _ in 0..9 {
        world.list("crm/Accounts", &[("$select", "Nonsense")]).await;
    }
    world.advance(3_601);
    world.log_in().await;
    world.list("crm/Accounts", &[("$select", "Nonsense")]).await;
    assert_eq!(
        world.list("crm/Accounts", &[("$select", "ID"), ("$filter", "Name eq 'x'")]).await.status,
        200
    );
}

#[tokio::test]
async fn refused_records_do_not_count_as_errors() {
    let world = World::new().await;
    for _ in 0..12 {
        assert_eq!(world.post_account(json!({})).await.status, 500);
    }
}

#[tokio::test]
async fn early_refreshes_count_as_errors() {
    let world = World::new().await;
    for _ in 0..10 {
        assert_eq!(world.refresh().await.status, 400);
    }
    assert_eq!(world.refresh().await.status, 429);
}

#[tokio::test]
async fn use_and_refusals_are_counted_by_endpoint_and_division() {
    let world = World::new().await;
    spend_minute(&world).await;
    call(&world).await;
    let url = format!("{}/_sandbox/stats", world.sandbox.exact().base_url());
    let stats = send(world.http.get(&url)).await.json();
    let endpoint = &stats["endpoints"]["GET /api/v1/{division}/system/Divisions"];
    assert_eq!(*endpoint, json!({ "requests": 61, "statuses": { "200": 60, "429": 1 } }));
    assert_eq!(stats["usage"][world.division().to_string()], json!({ "minute": 60, "day": 60 }));
    assert_eq!((&stats["too_many_requests"], &stats["writes"]), (&json!(1), &json!(0)));
    let counted = world.sandbox.exact().stats();
    assert_eq!((counted.requests_of("Divisions"), counted.answers("Divisions", 429)), (61, 1));
    assert_eq!(send(world.http.delete(&url)).await.status, 200);
    assert_eq!(world.sandbox.exact().stats().requests, 0);
}
