//! Access and refresh tokens.

use reqwest::Method;

use crate::support::{World, send};

#[tokio::test]
async fn the_printed_refresh_token_works_at_once_and_once() {
    let world = World::logged_out(|builder| builder).await;
    let printed = world.sandbox.exact().refresh_token().to_owned();
    assert_eq!(world.refresh_with(&printed).await.status, 200);
    assert_eq!(world.refresh_with(&printed).await.status, 401);
}

#[tokio::test]
async fn the_life_of_an_access_token_is_told_as_text() {
    let world = World::logged_out(|builder| builder).await;
    assert_eq!(world.refresh().await.json()["expires_in"], "600");
}

#[tokio::test]
async fn every_refresh_rotates_the_refresh_token() {
    let world = World::new().await;
    let old = world.refresh_token();
    world.advance(570);
    world.log_in().await;
    assert_ne!(world.refresh_token(), old);
}

#[tokio::test]
async fn a_refresh_before_570_seconds_is_refused_with_the_reason_header() {
    let world = World::new().await;
    world.advance(569);
    let answer = world.refresh().await;
    assert_eq!(answer.status, 400);
    assert_eq!(
        answer.json(),
        serde_json::json!({
            "error": "access_denied",
            "error_description": "Rate limit exceeded: access_token not expired",
        })
    );
    assert_eq!(
        answer.header("reason"),
        Some("TooEarlyToRefreshTokens: Rate limit exceeded: access_token not expired")
    );
}

#[tokio::test]
async fn a_refresh_that_came_too_early_does_not_spend_the_token() {
    let world = World::new().await;
    world.advance(569);
    assert_eq!(world.refresh().await.status, 400);
    world.advance(1);
    assert_eq!(world.refresh().await.status, 200);
}

#[tokio::test]
async fn a_used_refresh_token_is_refused_as_old() {
    let world = World::new().await;
    let old = world.refresh_token();
    world.advance(570);
    world.log_in().await;
    let answer = world.refresh_with(&old).await;
    assert_eq!(answer.status, 401);
    assert_eq!(
        answer.json(),
        serde_json::json!({ "error": "unauthorized_client", "error_description": "Old refresh token used." })
    );
}

#[tokio::test]
async fn an_access_token_dies_after_600_seconds_and_the_answer_is_a_web_page() {
    let world = World::new().await;
    world.advance(599);
    assert_eq!(world.list("system/Divisions", &[]).await.status, 200);
    world.advance(1);
    let answer = world.list("system/Divisions", &[]).await;
    assert_eq!(answer.status, 401);
    assert!(answer.header("content-type").unwrap().starts_with("text/html"));
}

#[tokio::test]
async fn an_access_token_outlives_the_refresh_after_it() {
    let world = World::new().await;
    let url = format!("{}/api/v1/current/Me", world.sandbox.exact().base_url());
    let first = world.exact_url(Method::GET, &url);
    world.advance(580);
    world.log_in().await;
    assert_eq!(send(first).await.status, 200);
}

#[tokio::test]
async fn a_refresh_token_lapses_after_30_days_without_use() {
    let world = World::new().await;
    world.advance(30 * 86_400 + 1);
    let answer = world.refresh().await;
    assert_eq!((answer.status, answer.json()["error"].as_str()), (400, Some("invalid_grant")));
}

#[tokio::test]
async fn a_refresh_token_still_works_on_its_30th_day() {
    let world = World::new().await;
    world.advance(30 * 86_400);
    assert_eq!(world.refresh().await.status, 200);
}

#[tokio::test]
async fn a_wrong_secret_is_an_invalid_request() {
    let world = World::new().await;
    let old_secret = world.sandbox.exact().client_secret();
    let new_secret = world.sandbox.exact().change_secret();
    assert_ne!(old_secret, new_secret);
    let form = [
        ("client_id", world.sandbox.exact().client_id()),
        ("client_secret", old_secret),
        ("grant_type", "refresh_token".to_owned()),
        ("refresh_token", world.refresh_token()),
    ];
    world.advance(570);
    let url = format!("{}/api/oauth2/token", world.sandbox.exact().base_url());
    let answer = send(world.http.post(url).form(&form)).await;
    assert_eq!((answer.status, answer.json()), (400, serde_json::json!({ "error": "invalid_request" })));
    assert_eq!(world.refresh().await.status, 200, "the refused call did not spend the token");
}

#[tokio::test]
async fn credentials_in_a_header_are_not_read() {
    let world = World::logged_out(|builder| builder).await;
    let exact = world.sandbox.exact();
    let form = [("grant_type", "refresh_token"), ("refresh_token", exact.refresh_token())];
    let request = world.http.post(format!("{}/api/oauth2/token", exact.base_url())).form(&form);
    let answer = send(request.basic_auth(exact.client_id(), Some(exact.client_secret()))).await;
    assert_eq!((answer.status, answer.json()["error"].as_str()), (400, Some("invalid_request")));
}

#[tokio::test]
async fn a_revoked_grant_ends_both_tokens() {
    let world = World::new().await;
    world.sandbox.exact().revoke_grant();
    assert_eq!(world.list("system/Divisions", &[]).await.status, 401);
    world.advance(570);
    let answer = world.refresh().await;
    assert_eq!((answer.status, answer.json()["error"].as_str()), (400, Some("invalid_grant")));
}

#[tokio::test]
async fn token_calls_and_their_smallest_gap_are_counted() {
    let world = World::new().await;
    assert_eq!(world.sandbox.exact().stats().smallest_token_gap_seconds, None);
    world.advance(580);
    world.log_in().await;
    world.advance(571);
    world.log_in().await;
    let stats = world.sandbox.exact().stats();
    assert_eq!((stats.token_calls, stats.smallest_token_gap_seconds), (3, Some(571)));
}
