//! The heartbeat: when it wakes and what it keeps alive.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use exact_client::{
    Cause, Client, Clock, GrantEventKind, GrantState, Heartbeat, MemoryTokenStore, TokenStore,
};
use serde_json::json;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::auth::{accounts, read, refusal, token_answer};
use crate::support::{
    TestClock, builder, connected, count, import, json_body, me, token_pair, tokens, watched,
};

const DAY: u64 = 86_400;

/// Hands out a new pair for each call.
async fn pairs(server: &MockServer) {
    let number = AtomicU32::new(2);
    let answer = move |_: &wiremock::Request| json_body(&token_pair(number.fetch_add(1, Ordering::SeqCst)));
    Mock::given(path("/api/oauth2/token")).respond_with(answer).mount(server).await;
}

/// Beats for so long on the clock that waiting moves.
async fn run(heartbeat: &Heartbeat, clock: &Arc<TestClock>, seconds: u64) {
    let end = clock.monotonic() + Duration::from_secs(seconds);
    let over = async {
        while clock.monotonic() < end {
            tokio::task::yield_now().await;
        }
    };
    heartbeat.run(over).await;
}

#[tokio::test]
async fn an_idle_grant_is_refreshed_every_seven_days_and_no_oftener() {
    let (server, clock, client) = connected().await;
    pairs(&server).await;
    // The import counts as use; after the first refresh nobody asks any more.
    run(&Heartbeat::new([client.clone()]), &clock, 3_600).await;
    assert_eq!(count(&server, "/token").await, 1);
    run(&Heartbeat::new([client.clone()]), &clock, 40 * DAY).await;
    assert_eq!(count(&server, "/token").await, 1 + 5);
    let grant = client.grant().await.unwrap().unwrap();
    assert!((grant.lapses_at - clock.now()).num_days() >= 22, "far from the lapse");
}

#[tokio::test]
async fn a_grant_in_use_is_refreshed_between_571_and_586_seconds_and_never_before() {
    let (server, clock, client) = connected().await;
    pairs(&server).await;
    accounts(&server).await;
    let heartbeat = Heartbeat::new([client.clone()]);
    read(&client).await.unwrap();
    clock.advance(570);
    heartbeat.beat().await.pop().unwrap().1.unwrap();
    assert_eq!(count(&server, "/token").await, 0, "570 seconds after the grant");
    clock.advance(17);
    heartbeat.beat().await.pop().unwrap().1.unwrap();
    assert_eq!(count(&server, "/token").await, 1, "587 seconds after the grant");
    clock.advance(1_000);
    heartbeat.beat().await.pop().unwrap().1.unwrap();
    assert_eq!(count(&server, "/token").await, 1, "nobody used it since");
}

#[tokio::test]
async fn however_often_it_wakes_use_costs_one_token_call_in_571_seconds() {
    let (server, clock, client) = connected().await;
    pairs(&server).await;
    accounts(&server).await;
    let heartbeat = Heartbeat::new([client.clone(), client.clone()]);
    for _ in 0..4 * 120 {
        clock.advance(30);
        read(&client).await.unwrap();
        assert_eq!(heartbeat.beat().await.len(), 1, "clones are one grant");
    }
    assert_eq!(count(&server, "/token").await, 24, "one in 600 seconds, the first step after 571");
}

#[tokio::test]
async fn a_lost_grant_costs_no_call_and_stops_no_other() {
    let (bad_server, clock, bad) = connected().await;
    token_answer(&bad_server, refusal(400, "invalid_grant", "")).await;
    let good_server = MockServer::start().await;
    let good = builder(&good_server, &clock).grant_name("good").build().unwrap();
    tokens(&good_server, 1).await;
    let other = json!({"d": {"results": [{"UserID": "71b961de-0000-4000-8000-000000000002", "CurrentDivision": 123_456}]}});
    Mock::given(path("/api/v1/current/Me")).respond_with(json_body(&other)).mount(&good_server).await;
    me(&good_server).await;
    good.import_refresh_token("first".into()).await.unwrap();
    good_server.reset().await;
    pairs(&good_server).await;
    let heartbeat = Heartbeat::new([bad.clone(), good.clone()]);
    for _ in 0..30 {
        clock.advance(DAY);
        let beats = heartbeat.beat().await;
        assert_eq!(beats[0].1.as_ref().unwrap_err().cause(), Some(Cause::Revoked));
        beats[1].1.as_ref().unwrap();
    }
    assert_eq!(count(&bad_server, "/token").await, 1, "asked once, and not again");
    assert_eq!(bad.grant().await.unwrap().unwrap().state, GrantState::Lost(Cause::Revoked));
    assert_eq!(count(&good_server, "/token").await, 5);
    assert_eq!(good.grant().await.unwrap().unwrap().state, GrantState::Ready);
}

#[tokio::test]
async fn an_outage_is_met_with_pauses_that_grow_to_an_hour() {
    let (server, clock, client) = connected().await;
    token_answer(&server, ResponseTemplate::new(503)).await;
    clock.advance(600);
    run(&Heartbeat::new([client.clone()]), &clock, 6 * 3_600).await;
    let calls = count(&server, "/token").await;
    assert!((9..=12).contains(&calls), "{calls} calls in six hours");
    server.reset().await;
    pairs(&server).await;
    run(&Heartbeat::new([client.clone()]), &clock, 3_700).await;
    assert_eq!(client.grant().await.unwrap().unwrap().state, GrantState::Ready);
}

#[tokio::test]
async fn a_lapse_that_comes_near_is_told_in_steps_and_so_is_its_end() {
    let (server, clock, client, events) = watched().await;
    token_answer(&server, ResponseTemplate::new(503)).await;
    let heartbeat = Heartbeat::new([client.clone()]);
    let mut told = Vec::new();
    for _ in 0..29 {
        clock.advance(DAY);
        heartbeat.beat().await.pop().unwrap().1.unwrap_err();
        told.extend(events.take().await);
    }
    let days = |days| GrantEventKind::Lapsing { days };
    assert_eq!(told, [days(14), days(7), days(3), days(1)]);
    server.reset().await;
    pairs(&server).await;
    clock.advance(60);
    heartbeat.beat().await.pop().unwrap().1.unwrap();
    assert_eq!(events.take().await, [GrantEventKind::Renewed]);
}

#[tokio::test]
async fn of_two_grants_of_one_user_and_one_app_the_second_is_refused() {
    let server = MockServer::start().await;
    let clock = TestClock::new();
    let store: Arc<dyn TokenStore> = Arc::new(MemoryTokenStore::new());
    let client = |name: &str| -> Client {
        builder(&server, &clock).grant_name(name).token_store(Arc::clone(&store)).build().unwrap()
    };
    let (one, other) = (client("one"), client("other"));
    import(&server, &one).await;
    import(&server, &other).await;
    let beats = Heartbeat::new([one, other]).beat().await;
    assert!(beats[0].1.is_ok());
    let error = beats[1].1.as_ref().unwrap_err();
    assert_eq!(error.cause(), Some(Cause::GrantShared));
    assert!(error.remedy().unwrap().contains("under one grant"), "{error}");
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_missing_grant_is_told_and_taken_up_once_it_is_there() {
    let server = MockServer::start().await;
    let clock = TestClock::new();
    let client = builder(&server, &clock).build().unwrap();
    let heartbeat = Heartbeat::new([client.clone()]);
    let error = heartbeat.beat().await.pop().unwrap().1.unwrap_err();
    assert_eq!(error.cause(), Some(Cause::NoGrant));
    tokens(&server, 1).await;
    me(&server).await;
    client.exchange_code("code".into()).await.unwrap();
    heartbeat.beat().await.pop().unwrap().1.unwrap();
}
