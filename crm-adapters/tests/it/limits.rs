use std::sync::Arc;
use std::time::Duration;

use crm_adapters::{Adapter, Clock, ErrorKind, Key, Kind, Outcome, Pace, Retry, Value};
use futures_util::stream::{self, StreamExt};
use serde_json::json;
use wiremock::ResponseTemplate;
use wiremock::matchers::{method, path};

use crate::world::*;

/// Answers and notes at what time each request came.
struct Noted {
    clock: Arc<ManualClock>,
    times: Arc<std::sync::Mutex<Vec<Duration>>>,
    limit: Option<u32>,
}

impl wiremock::Respond for Noted {
    fn respond(&self, _: &wiremock::Request) -> ResponseTemplate {
        self.times.lock().unwrap().push(self.clock.monotonic());
        let answer = ok(json!([]), None);
        match self.limit {
            Some(limit) => answer.insert_header("x-ratelimit-limit", limit.to_string().as_str()),
            None => answer,
        }
    }
}

/// Reads so often as the limiter lets it, so many at once, and tells the most requests that arrive in any two seconds, and
/// the rate per two seconds.
async fn busiest_window(limit: Option<u32>, reads: usize, at_once: usize) -> (usize, u128) {
    let world = World::new().await;
    let times = Arc::new(std::sync::Mutex::new(Vec::new()));
    let noted = Noted { clock: Arc::clone(&world.clock), times: Arc::clone(&times), limit };
    wiremock::Mock::given(method("GET"))
        .and(path(ORGANIZATIONS))
        .respond_with(noted)
        .mount(&world.server)
        .await;
    let view = view();
    stream::iter(0..reads)
        .map(|_| world.crm.changes(&view, None))
        .buffer_unordered(at_once)
        .for_each(|page| async { drop(page.unwrap()) })
        .await;
    let times = times.lock().unwrap();
    let within = |start: &Duration| {
        times.iter().filter(|at| *at >= start && **at < *start + Duration::from_secs(2)).count()
    };
    let span = (*times.last().unwrap() - times[0]).as_millis().max(1);
    (times.iter().map(within).max().unwrap(), u128::try_from(reads).unwrap() * 2_000 / span)
}

#[tokio::test]
async fn no_two_seconds_see_more_than_the_smallest_plans_twenty_requests_before_a_header_is_seen() {
    let (most, rate) = busiest_window(None, 100, 1).await;
    assert!(most <= 20, "{most}");
    assert!(rate >= 16, "{rate}");
}

#[tokio::test]
async fn requests_that_are_long_on_their_way_do_not_arrive_together_above_the_limit() {
    // The clock goes on by every wait, and so while the others are on their way.
    let (most, _) = busiest_window(None, 200, 32).await;
    assert!(most <= 20, "{most}");
}

#[tokio::test]
async fn the_limit_in_the_headers_replaces_ours_upwards_and_downwards() {
    let (most, rate) = busiest_window(Some(120), 400, 1).await;
    assert!(most <= 120, "{most}");
    assert!(rate >= 95, "{rate}");
    let (most, _) = busiest_window(Some(4), 20, 1).await;
    assert!(most <= 6, "{most}");
}

#[tokio::test]
async fn searches_keep_to_ten_in_two_seconds_on_every_plan() {
    let world = World::new().await;
    let roomy = ok(json!([]), None).insert_header("x-ratelimit-limit", "480");
    world.on("GET", SEARCH, roomy).await;
    let key = Key { field: "custom:KvK number".to_owned(), value: Value::text("1") };
    for _ in 0..30 {
        world.crm.find(&view(), &key).await.unwrap();
    }
    assert!(world.clock.monotonic() >= Duration::from_secs(4), "{:?}", world.clock.monotonic());
}

#[tokio::test]
async fn after_a_429_a_read_waits_for_the_reset_and_tries_again() {
    let world = World::new().await;
    world.once("GET", ORGANIZATIONS, refused(429, "slow down").insert_header("x-ratelimit-reset", "2")).await;
    world.on("GET", ORGANIZATIONS, ok(json!([]), None)).await;
    let before = world.clock.monotonic();
    world.crm.changes(&view(), None).await.unwrap();
    assert!(world.clock.monotonic() - before >= Duration::from_secs(2));
    assert_eq!(world.count("GET", ORGANIZATIONS).await, 2);
}

#[tokio::test]
async fn after_a_429_nobody_else_is_let_out_before_the_reset() {
    let world = World::new().await;
    world.on("POST", ORGANIZATIONS, refused(429, "slow down")).await;
    assert!(matches!(world.write(new_company(), None).await, Outcome::NotSent(_)));
    assert_eq!(world.crm.pace(Kind::Company), Pace::Wait(Duration::from_secs(2)));
    let soon = world.clock.monotonic() + Duration::from_secs(1);
    let Outcome::NotSent(error) = world.write(new_company(), Some(soon)).await else { panic!("sent") };
    assert_eq!((error.kind(), error.retry()), (ErrorKind::RateLimited, Retry::After(Duration::from_secs(2))));
    assert_eq!(world.count("POST", ORGANIZATIONS).await, 1);
}

#[tokio::test]
async fn a_spent_day_is_an_error_until_midnight_and_not_slept_on() {
    let world = World::new().await;
    let spent = refused(429, "daily").insert_header("x-daily-ratelimit-token-remaining", "0");
    world.once("GET", ORGANIZATIONS, spent).await;
    world.on("GET", ORGANIZATIONS, ok(json!([]), None)).await;
    let midnight = "2026-01-02T00:00:00Z".parse().unwrap();
    for _ in 0..2 {
        let error = world.crm.changes(&view(), None).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (ErrorKind::RateLimited, Retry::At(midnight)));
    }
    assert_eq!(world.crm.pace(Kind::Company), Pace::Spent(midnight));
    assert_eq!(world.count("GET", ORGANIZATIONS).await, 1);
    assert!(world.clock.monotonic() < Duration::from_secs(60));
    world.clock.advance(Duration::from_secs(24 * 3600));
    assert!(world.crm.changes(&view(), None).await.is_ok());
}

#[tokio::test]
async fn the_day_budget_is_learned_from_the_headers_and_never_overdrawn() {
    let world = World::new().await;
    let answer = |left: &str| {
        ok(json!([]), None)
            .insert_header("x-daily-ratelimit-token-limit", "30000")
            .insert_header("x-daily-ratelimit-token-remaining", left)
    };
    assert_eq!(world.crm.usage().day_limit, None);
    world.once("GET", ORGANIZATIONS, answer("29000")).await;
    world.crm.changes(&view(), None).await.unwrap();
    let usage = world.crm.usage();
    assert_eq!((usage.day_limit, usage.day_left), (Some(30_000), Some(29_000)));
    assert_eq!((usage.calls, usage.minute_limit), (2, Some(20 * 30)));
    assert_eq!(world.crm.pace(Kind::Company), Pace::Ready(20));
    world.once("GET", ORGANIZATIONS, answer("9")).await;
    world.crm.changes(&view(), None).await.unwrap();
    assert_eq!(world.crm.pace(Kind::Company), Pace::Ready(1));
    let error = world.crm.changes(&view(), None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!(world.count("GET", ORGANIZATIONS).await, 2);
}

#[tokio::test]
async fn the_firewalls_page_stops_everything_for_minutes() {
    let world = World::new().await;
    world.once("POST", ORGANIZATIONS, html(403)).await;
    world.on("POST", ORGANIZATIONS, ok(organization(1, "A", 0), None)).await;
    let Outcome::NotSent(error) = world.write(new_company(), None).await else {
        panic!("not told as not sent")
    };
    assert_eq!(
        (error.kind(), error.retry()),
        (ErrorKind::RateLimited, Retry::After(Duration::from_secs(300)))
    );
    assert!(matches!(world.crm.pace(Kind::Company), Pace::Wait(_)));
    assert!(matches!(world.write(new_company(), None).await, Outcome::NotSent(_)));
    assert!(world.crm.changes(&view(), None).await.is_err());
    assert_eq!((world.count("POST", ORGANIZATIONS).await, world.count("GET", ORGANIZATIONS).await), (1, 0));
    world.clock.advance(Duration::from_secs(300));
    assert!(matches!(world.write(new_company(), None).await, Outcome::Applied(_)));
}

#[tokio::test]
async fn callers_in_a_queue_share_the_limit() {
    let world = World::new().await;
    world.on("GET", ORGANIZATIONS, ok(json!([]), None)).await;
    let view = view();
    let reads = (0..60).map(|_| world.crm.changes(&view, None));
    let done = futures_util::future::join_all(reads).await;
    assert!(done.iter().all(Result::is_ok));
    assert!(world.clock.monotonic() >= Duration::from_secs(5), "{:?}", world.clock.monotonic());
}

#[tokio::test]
async fn a_write_whose_turn_comes_too_late_is_not_sent_and_says_that_the_limit_was_it() {
    let world = World::new().await;
    world.on("POST", ORGANIZATIONS, ok(organization(1, "A", 0), None)).await;
    let moment = world.clock.monotonic() + Duration::from_secs(1);
    let writes = (0..40).map(|_| world.write(new_company(), Some(moment)));
    let outcomes = futures_util::future::join_all(writes).await;
    let late = outcomes.iter().filter(|outcome| match outcome {
        Outcome::NotSent(error) => error.kind() == ErrorKind::RateLimited,
        _ => false,
    });
    let sent = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Applied(_))).count();
    assert_eq!((late.count() + sent, sent), (40, world.count("POST", ORGANIZATIONS).await));
    assert!((5..=20).contains(&sent), "{sent}");
}
