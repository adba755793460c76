//! Consent and codes.

use reqwest::Url;

use crate::support::{Answer, World, send};

const REDIRECT: &str = "https://example.com/callback";

/// Consents, and returns where the browser is sent.
async fn consent(world: &World) -> Url {
    let exact = world.sandbox.exact();
    let client_id = exact.client_id();
    let query = [
        ("client_id", client_id.as_str()),
        ("redirect_uri", REDIRECT),
        ("response_type", "code"),
        ("state", "s1"),
    ];
    let answer = send(world.http.get(format!("{}/api/oauth2/auth", exact.base_url())).query(&query)).await;
    assert_eq!(answer.status, 302);
    answer.header("location").unwrap().parse().unwrap()
}

fn code(redirect: &Url) -> String {
    redirect.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned()
}

async fn exchange(world: &World, code: &str, redirect: &str) -> Answer {
    world.token(&[("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect)]).await
}

#[tokio::test]
async fn consent_redirects_back_with_code_and_state() {
    let world = World::logged_out(|builder| builder).await;
    let redirect = consent(&world).await;
    assert!(redirect.as_str().starts_with(REDIRECT));
    assert!(redirect.query_pairs().any(|pair| pair == ("state".into(), "s1".into())));
    // A code holds characters that have to be decoded exactly once.
    assert!(code(&redirect).contains('!'));
}

#[tokio::test]
async fn an_unknown_client_id_is_not_redirected() {
    let world = World::logged_out(|builder| builder).await;
    let url = format!("{}/api/oauth2/auth", world.sandbox.exact().base_url());
    let query = [("client_id", "nobody"), ("redirect_uri", REDIRECT), ("response_type", "code")];
    assert_eq!(send(world.http.get(url).query(&query)).await.status, 400);
}

#[tokio::test]
async fn a_code_buys_one_pair_of_tokens() {
    let world = World::logged_out(|builder| builder).await;
    let code = code(&consent(&world).await);
    let first = exchange(&world, &code, REDIRECT).await;
    assert_eq!(first.status, 200);
    assert!(first.json()["refresh_token"].is_string());
    let second = exchange(&world, &code, REDIRECT).await;
    assert_eq!((second.status, second.json()["error"].as_str()), (400, Some("invalid_grant")));
}

#[tokio::test]
async fn a_code_dies_after_three_minutes() {
    let world = World::logged_out(|builder| builder).await;
    let code = code(&consent(&world).await);
    world.advance(180);
    assert_eq!(exchange(&world, &code, REDIRECT).await.status, 400);
}

#[tokio::test]
async fn a_code_belongs_to_its_redirect_uri() {
    let world = World::logged_out(|builder| builder).await;
    let code = code(&consent(&world).await);
    assert_eq!(exchange(&world, &code, "https://example.com/other").await.status, 400);
}

#[tokio::test]
async fn a_second_consent_kills_the_earlier_chain() {
    let world = World::new().await;
    let code = code(&consent(&world).await);
    assert_eq!(exchange(&world, &code, REDIRECT).await.status, 200);
    assert_eq!(world.list("system/Divisions", &[]).await.status, 401);
    world.advance(570);
    let answer = world.refresh().await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.json()["error_description"], "Old refresh token used.");
}

#[tokio::test]
async fn a_new_consent_gives_a_refresh_token_that_works_at_once() {
    let world = World::new().await;
    let refresh_token = world.sandbox.exact().consent();
    assert_eq!(world.refresh_with(&refresh_token).await.status, 200);
}
