//! Grants: tokens of an app that a person gave consent to.

use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, World, send};

const REDIRECT: &str = "https://example.com/callback";

async fn ask(world: &World, form: &[(&str, &str)]) -> Answer {
    let pipedrive = world.sandbox.pipedrive();
    let request = world.http.post(format!("{}/oauth/token", pipedrive.base_url()));
    send(request.basic_auth(pipedrive.client_id(), Some(pipedrive.client_secret())).form(form)).await
}

async fn refresh(world: &World, token: &str) -> Answer {
    ask(world, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
}

async fn status_with(world: &World, access_token: &str) -> u16 {
    let url = format!("{}/api/v1/users/me", world.sandbox.pipedrive().base_url());
    send(world.http.get(url).bearer_auth(access_token)).await.status
}

#[tokio::test]
async fn an_access_token_lives_for_sixty_minutes_and_the_refresh_token_stays_the_same() {
    let world = World::new().await;
    let token = world.sandbox.pipedrive().install();
    let answer = refresh(&world, &token).await.json();
    assert_eq!((&answer["expires_in"], &answer["refresh_token"]), (&json!(3600), &json!(token)));
    assert_eq!(answer["api_domain"], world.sandbox.pipedrive().base_url());
    let access = answer["access_token"].as_str().unwrap();
    world.advance(3_599);
    assert_eq!(status_with(&world, access).await, 200);
    world.advance(1);
    assert_eq!(status_with(&world, access).await, 401);
}

#[tokio::test]
async fn a_refresh_token_dies_after_sixty_days_without_use_and_with_the_app() {
    let world = World::new().await;
    let token = world.sandbox.pipedrive().install();
    for _ in 0..2 {
        world.advance(59 * 86_400);
        assert_eq!(refresh(&world, &token).await.status, 200);
    }
    world.advance(60 * 86_400);
    let answer = refresh(&world, &token).await;
    assert_eq!((answer.status, &answer.json()["error"]), (400, &json!("invalid_grant")));

    let token = world.sandbox.pipedrive().install();
    let access = refresh(&world, &token).await.json()["access_token"].as_str().unwrap().to_owned();
    world.sandbox.pipedrive().uninstall();
    assert_eq!(refresh(&world, &token).await.json()["error"], "invalid_grant");
    assert_eq!(status_with(&world, &access).await, 401);
}

#[tokio::test]
async fn a_code_works_once_within_five_minutes_for_its_own_address_and_app() {
    let world = World::new().await;
    let pipedrive = world.sandbox.pipedrive();
    let code = async || {
        let page = world.http.get(format!("{}/oauth/authorize", pipedrive.base_url()));
        let query = [("client_id", pipedrive.client_id()), ("redirect_uri", REDIRECT.to_owned())];
        let answer = send(page.query(&query)).await;
        let back: url::Url = answer.header("location").unwrap().parse().unwrap();
        back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned()
    };
    let exchange = async |code: &str, redirect: &str| {
        let form = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect)];
        ask(&world, &form).await.status
    };
    let first = code().await;
    assert_eq!(exchange(&first, REDIRECT).await, 200);
    assert_eq!(exchange(&first, REDIRECT).await, 400);
    assert_eq!(exchange(&code().await, "https://example.com/other").await, 400);
    let late = code().await;
    world.advance(300);
    assert_eq!(exchange(&late, REDIRECT).await, 400);
    let anonymous = world.pipedrive(Method::POST, "/oauth/token").form(&[("grant_type", "refresh_token")]);
    assert_eq!(send(anonymous).await.json()["error"], "invalid_client");
}
