//! Accidents on demand.

use std::time::Duration;

use reqwest::Method;
use sandbox::{Fault, Trouble};
use serde_json::json;

use crate::support::{World, organization, send, try_send};

const CREATE: (&str, &str) = ("POST", "/organizations");

async fn world_with(trouble: Trouble) -> World {
    let world = World::new().await;
    world.sandbox.pipedrive().inject(Fault::new(trouble).on(CREATE.0, CREATE.1));
    world
}

async fn create(world: &World) -> reqwest::Result<crate::support::Answer> {
    try_send(world.pipedrive(Method::POST, "/api/v2/organizations").json(&organization("x"))).await
}

fn count(world: &World) -> usize {
    world.sandbox.pipedrive().organizations().len()
}

#[tokio::test]
async fn a_connection_dropped_before_leaves_nothing_behind() {
    let world = world_with(Trouble::DropBefore).await;
    assert!(create(&world).await.is_err());
    assert_eq!(count(&world), 0);
    assert_eq!(create(&world).await.unwrap().status, 200, "it happens once");
}

#[tokio::test]
async fn a_connection_dropped_after_leaves_the_record() {
    let world = world_with(Trouble::DropAfter).await;
    assert!(create(&world).await.is_err());
    assert_eq!(count(&world), 1);
    let stats = world.sandbox.pipedrive().stats();
    assert_eq!((stats.unanswered, stats.writes), (1, 1));
}

#[tokio::test]
async fn an_answer_that_never_comes_leaves_the_record_or_not() {
    for (trouble, left) in [(Trouble::HangBefore, 0), (Trouble::HangAfter, 1)] {
        let world = world_with(trouble).await;
        let request = world.pipedrive(Method::POST, "/api/v2/organizations").json(&organization("x"));
        let error = try_send(request.timeout(Duration::from_millis(200))).await.unwrap_err();
        assert!(error.is_timeout());
        assert_eq!(count(&world), left);
    }
}

#[tokio::test]
async fn a_late_commit_lands_when_its_time_has_come() {
    let world = world_with(Trouble::LateCommit { after_seconds: 30 }).await;
    assert!(create(&world).await.is_err());
    world.advance(29);
    assert_eq!(world.organizations(&[]).await.json()["data"], json!([]));
    world.advance(1);
    let found = world.organizations(&[]).await.json();
    assert_eq!(found["data"][0]["name"], "x");
    assert_eq!(found["data"][0]["add_time"], "2026-07-01T08:00:40Z");
}

#[tokio::test]
async fn a_late_commit_lands_in_exact_too() {
    let world = World::new().await;
    let fault = Fault::new(Trouble::LateCommit { after_seconds: 30 }).on("POST", "/crm/Accounts");
    world.sandbox.exact().inject(fault);
    let path = format!("{}/crm/Accounts", world.division());
    assert!(try_send(world.exact(Method::POST, &path).json(&json!({ "Name": "x" }))).await.is_err());
    assert_eq!(world.sandbox.exact().accounts(world.division()).unwrap().len(), 0);
    world.advance(30);
    assert_eq!(world.sandbox.exact().accounts(world.division()).unwrap().len(), 1);
}

#[tokio::test]
async fn server_errors_and_maintenance_carry_nothing_out() {
    for (trouble, status) in [(Trouble::ServerError, 500), (Trouble::Unavailable, 503)] {
        let world = world_with(trouble).await;
        assert_eq!(create(&world).await.unwrap().status, status);
        assert_eq!(count(&world), 0);
    }
}

#[tokio::test]
async fn exacts_general_fault_and_its_refusals_differ_by_text_alone() {
    let world = World::new().await;
    world.sandbox.exact().inject(Fault::new(Trouble::ServerError));
    let general = world.post_account(json!({ "Name": "x" })).await;
    let message = "Verplicht: Factuur voor\r\nVerplicht: Besteld door".to_owned();
    world.sandbox.exact().inject(Fault::new(Trouble::BusinessError { message: message.clone() }));
    let refusal = world.post_account(json!({ "Name": "x" })).await;
    assert_eq!((general.status, refusal.status), (500, 500));
    assert!(general.message().starts_with("A problem has occurred."));
    assert_eq!(refusal.message(), message);
}

#[tokio::test]
async fn a_429_comes_with_or_without_headers() {
    for headers in [true, false] {
        let world = world_with(Trouble::TooManyRequests { headers }).await;
        let answer = create(&world).await.unwrap();
        assert_eq!((answer.status, answer.header("x-ratelimit-limit").is_some()), (429, headers));
        world.sandbox.exact().inject(Fault::new(Trouble::TooManyRequests { headers }));
        let answer = world.list("system/Divisions", &[]).await;
        assert_eq!((answer.status, answer.header("x-ratelimit-minutely-limit").is_some()), (429, headers));
    }
}

#[tokio::test]
async fn a_web_page_can_come_with_status_200() {
    let world = world_with(Trouble::Html).await;
    let answer = create(&world).await.unwrap();
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert_eq!(count(&world), 0);
}

#[tokio::test]
async fn json_can_end_in_the_middle() {
    let world = world_with(Trouble::Truncated).await;
    let answer = create(&world).await.unwrap();
    assert!(serde_json::from_str::<serde_json::Value>(&answer.body).is_err());
    assert_eq!(count(&world), 1);
}

#[tokio::test]
async fn a_body_can_be_over_long() {
    let world = world_with(Trouble::OverLong { bytes: 1_000_000 }).await;
    let answer = create(&world).await.unwrap();
    assert_eq!(answer.body.len(), 1_000_000);
    assert_eq!(answer.json()["success"], true);
}

#[tokio::test]
async fn a_403_carries_its_reason() {
    let world = World::new().await;
    let fault = Fault::new(Trouble::Forbidden { reason: "LicenseExpired".to_owned() });
    world.sandbox.exact().inject(fault);
    let answer = world.list("system/Divisions", &[]).await;
    assert_eq!((answer.status, answer.header("reason")), (403, Some("LicenseExpired")));
}

#[tokio::test]
async fn a_fault_waits_for_its_method_and_path_and_skips_as_told() {
    let world = World::new().await;
    let fault = Fault::new(Trouble::Unavailable).on("POST", "/organizations").after(1).times(2);
    world.sandbox.pipedrive().inject(fault);
    assert_eq!(world.organizations(&[]).await.status, 200);
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(create(&world).await.unwrap().status);
    }
    assert_eq!(statuses, [200, 503, 503, 200]);
}

#[tokio::test]
async fn faults_can_be_injected_listed_and_called_off_from_outside() {
    let world = World::new().await;
    let url = format!("{}/_sandbox/faults", world.sandbox.pipedrive().base_url());
    let fault = json!({ "method": "POST", "path": "/organizations", "do": { "late_commit": { "after_seconds": 9 } } });
    let answer = send(world.http.post(&url).json(&fault)).await;
    assert_eq!(answer.json()["waiting"].as_array().unwrap().len(), 1);
    assert_eq!(send(world.http.post(&url).json(&json!({ "do": "drop_after" }))).await.status, 200);
    assert_eq!(send(world.http.get(&url)).await.json()["waiting"].as_array().unwrap().len(), 2);
    assert_eq!(send(world.http.delete(&url)).await.json()["waiting"], json!([]));
    assert_eq!(create(&world).await.unwrap().status, 200);
    assert_eq!(send(world.http.post(&url).json(&json!({ "do": "nonsense" }))).await.status, 422);
}

#[tokio::test]
async fn unknown_settings_are_refused_by_name() {
    let world = World::new().await;
    let url = format!("{}/_sandbox/config", world.sandbox.exact().base_url());
    let answer = send(world.http.post(url).json(&json!({ "name_lenght": 80 }))).await;
    assert_eq!(answer.status, 400);
    assert!(answer.json()["error"].as_str().unwrap().contains("name_lenght"));
}
