//! One time for vendors and clients.

use std::time::Duration;

use reqwest::Method;
use sandbox::Clock;

use crate::support::{MORNING, World, instant, send};

#[tokio::test]
async fn sleeping_on_the_virtual_clock_moves_it_at_once() {
    let clock = Clock::virtual_at(instant(MORNING));
    clock.sleep(Duration::from_secs(3_600)).await;
    assert_eq!(clock.now(), instant("2026-07-01T09:00:10Z"));
    assert_eq!(clock.monotonic(), Duration::from_secs(3_600));
}

#[tokio::test]
async fn sleeps_that_start_together_overlap() {
    let clock = Clock::virtual_at(instant(MORNING));
    tokio::join!(clock.sleep(Duration::from_secs(10)), clock.sleep(Duration::from_secs(60)));
    assert_eq!(clock.monotonic(), Duration::from_secs(60));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_sleeps_never_turn_the_clock_back() {
    let clock = Clock::virtual_at(instant(MORNING));
    let sleepers = (0..64_u64).map(|number| {
        let clock = clock.clone();
        tokio::spawn(async move {
            let before = clock.monotonic();
            clock.sleep(Duration::from_secs(number % 7)).await;
            assert!(clock.monotonic() >= before + Duration::from_secs(number % 7));
        })
    });
    for sleeper in sleepers.collect::<Vec<_>>() {
        sleeper.await.unwrap();
    }
}

#[tokio::test]
async fn the_clock_serves_both_clients() {
    let clock = Clock::virtual_at(instant(MORNING));
    let (exact, crm): (&dyn exact_client::Clock, &dyn crm_adapters::Clock) = (&clock, &clock);
    exact.sleep(Duration::from_secs(1)).await;
    crm.sleep(Duration::from_secs(1)).await;
    assert_eq!(exact.now(), crm.now());
    assert_eq!(exact.monotonic(), Duration::from_secs(2));
}

#[tokio::test]
async fn the_date_header_follows_the_sandboxs_clock() {
    let world = World::new().await;
    let answer = send(world.pipedrive(Method::GET, "/api/v1/users/me")).await;
    assert_eq!(answer.header("date"), Some("Wed, 01 Jul 2026 08:00:10 GMT"));
}

#[tokio::test]
async fn latency_passes_on_the_virtual_clock() {
    let world = World::with(|builder| builder.latency(Duration::from_millis(250))).await;
    let before = world.clock.monotonic();
    send(world.pipedrive(Method::GET, "/api/v1/users/me")).await;
    assert_eq!(world.clock.monotonic() - before, Duration::from_millis(250));
}

#[tokio::test]
async fn the_clock_can_be_advanced_from_outside() {
    let world = World::new().await;
    let url = format!("{}/_sandbox/clock", world.sandbox.exact().base_url());
    let answer = send(world.http.post(&url).json(&serde_json::json!({ "advance_seconds": 50 }))).await;
    assert_eq!(answer.json()["now"], "2026-07-01T08:01:00Z");
    assert_eq!(send(world.http.get(&url)).await.json(), answer.json());
}
