//! Limits, tokens, scopes and what the gateway does.

use reqwest::Method;
use sandbox::{Fault, Trouble};
use serde_json::{Value, json};

use crate::support::{Answer, World, send};

async fn get(world: &World) -> Answer {
    world.objects(Method::GET, "companies", Value::Null).await
}

async fn token(world: &World, fields: &[(&str, &str)]) -> Answer {
    let hubspot = world.sandbox.hubspot();
    let (id, secret) = (hubspot.client_id(), hubspot.client_secret());
    let mut form = vec![("client_id", id.as_str()), ("client_secret", secret.as_str())];
    form.extend_from_slice(fields);
    send(world.http.post(format!("{}/oauth/2026-09/token", hubspot.base_url())).form(&form)).await
}

async fn get_as(world: &World, token: &str) -> Answer {
    let url = format!("{}/crm/objects/2026-09/companies", world.sandbox.hubspot().base_url());
    send(world.http.get(url).bearer_auth(token)).await
}

#[tokio::test]
async fn every_answer_announces_the_window_and_the_day() {
    let world = World::new().await;
    let answer = get(&world).await;
    for (name, value) in [
        ("x-hubspot-ratelimit-max", "190"),
        ("x-hubspot-ratelimit-remaining", "189"),
        ("x-hubspot-ratelimit-interval-milliseconds", "10000"),
        ("x-hubspot-ratelimit-daily", "650000"),
        ("x-hubspot-ratelimit-daily-remaining", "649999"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
}

#[tokio::test]
async fn the_191st_request_within_ten_seconds_is_refused() {
    let world = World::new().await;
    for _ in 0..190 {
        assert_eq!(get(&world).await.status, 200);
    }
    let refused = get(&world).await;
    let body = refused.json();
    assert_eq!((refused.status, refused.header("retry-after")), (429, None));
    assert_eq!(
        (&body["policyName"], &body["category"], &body["errorType"]),
        (&json!("TEN_SECONDLY_ROLLING"), &json!("RATE_LIMITS"), &json!("RATE_LIMIT"))
    );
    world.advance(10);
    assert_eq!(get(&world).await.status, 200);
}

#[tokio::test]
async fn a_spent_day_ends_at_midnight_in_the_accounts_time_zone() {
    let world = World::new().await;
    world.sandbox.hubspot().configure(|settings| settings.limits.day = 1);
    assert_eq!(get(&world).await.status, 200);
    let refused = get(&world).await;
    assert_eq!((refused.status, &refused.json()["policyName"]), (429, &json!("DAILY")));
    // 10:00:10 in Amsterdam: midnight is 13:59:50 away.
    world.advance(14 * 3_600 - 11);
    assert_eq!(get(&world).await.status, 429);
    world.advance(1);
    assert_eq!(get(&world).await.status, 200);
}

#[tokio::test]
async fn an_access_token_lives_thirty_minutes_and_the_refresh_token_stays() {
    let world = World::new().await;
    let refresh = world.sandbox.hubspot().refresh_token().unwrap();
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    let pair = token(&world, &fields).await.json();
    assert_eq!(
        (&pair["expires_in"], pair["refresh_token"].as_str()),
        (&json!(1_800), Some(refresh.as_str()))
    );
    let access = pair["access_token"].as_str().unwrap();
    let answer = get_as(&world, access).await;
    assert_eq!((answer.status, answer.header("x-hubspot-ratelimit-daily")), (200, None), "no daily limit");
    world.advance(1_799);
    assert_eq!(get_as(&world, access).await.status, 200);
    world.advance(1);
    let expired = get_as(&world, access).await;
    assert_eq!((expired.status, &expired.json()["category"]), (401, &json!("EXPIRED_AUTHENTICATION")));
    assert_eq!(token(&world, &fields).await.status, 200);
}

#[tokio::test]
async fn an_uninstalled_app_gets_invalid_grant() {
    let world = World::new().await;
    let refresh = world.sandbox.hubspot().refresh_token().unwrap();
    world.sandbox.hubspot().uninstall();
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    let answer = token(&world, &fields).await;
    let body = answer.json();
    assert_eq!(
        (answer.status, &body["error"], &body["status"]),
        (400, &json!("invalid_grant"), &json!("BAD_REFRESH_TOKEN"))
    );
}

#[tokio::test]
async fn a_consent_sends_the_browser_back_with_a_code_that_works_once() {
    let world = World::new().await;
    let hubspot = world.sandbox.hubspot();
    let request = world.http.get(format!("{}/oauth/authorize", hubspot.base_url())).query(&[
        ("client_id", hubspot.client_id().as_str()),
        ("redirect_uri", "http://localhost/back"),
        ("state", "s"),
    ]);
    let answer = send(request).await;
    let back: url::Url = answer.header("location").unwrap().parse().unwrap();
    let query: Vec<(String, String)> = back.query_pairs().into_owned().collect();
    assert_eq!((answer.status, query[1].1.as_str()), (302, "s"));
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", query[0].1.as_str()),
        ("redirect_uri", "http://localhost/back"),
    ];
    assert_eq!(token(&world, &fields).await.status, 200);
    assert_eq!(token(&world, &fields).await.json()["status"], "BAD_AUTH_CODE");
}

#[tokio::test]
async fn a_wrong_token_is_a_401_without_limit_headers() {
    let world = World::new().await;
    let answer = get_as(&world, "nonsense").await;
    assert_eq!((answer.status, &answer.json()["category"]), (401, &json!("INVALID_AUTHENTICATION")));
    assert_eq!(answer.header("x-hubspot-ratelimit-max"), None);
}

#[tokio::test]
async fn a_missing_scope_is_a_403_that_names_it() {
    let world = World::new().await;
    let scope = "crm.objects.companies.write";
    world.sandbox.hubspot().configure(|settings| settings.missing_scopes = [scope.to_owned()].into());
    assert_eq!(get(&world).await.status, 200);
    let answer = world.objects(Method::POST, "companies", json!({ "properties": {} })).await;
    let body = answer.json();
    assert_eq!((answer.status, &body["category"]), (403, &json!("MISSING_SCOPES")));
    assert_eq!(body["errors"][0]["context"]["requiredGranularScopes"], json!([scope]));
}

#[tokio::test]
async fn an_account_that_did_not_pay_gets_402() {
    let world = World::new().await;
    world.sandbox.hubspot().configure(|settings| settings.unpaid = true);
    assert_eq!(get(&world).await.status, 402);
}

#[tokio::test]
async fn locks_and_migrations_carry_nothing_out() {
    let world = World::new().await;
    for (status, retry_after) in [(423, None), (477, Some(3_600))] {
        let trouble = Trouble::Status { status, retry_after_seconds: retry_after };
        world.sandbox.hubspot().inject(Fault::new(trouble).on("POST", "/companies"));
        let answer = world.objects(Method::POST, "companies", json!({ "properties": {} })).await;
        let header = retry_after.map(|seconds| seconds.to_string());
        assert_eq!((answer.status, answer.header("retry-after")), (status, header.as_deref()));
        assert_eq!(answer.json()["status"], "error");
    }
    assert!(world.sandbox.hubspot().records("companies").is_empty());
}

#[tokio::test]
async fn a_gateway_may_give_up_on_what_was_carried_out() {
    let world = World::new().await;
    world
        .sandbox
        .hubspot()
        .inject(Fault::new(Trouble::GatewayAfter { status: 502 }).on("POST", "/companies"));
    let answer = world.objects(Method::POST, "companies", json!({ "properties": { "name": "A" } })).await;
    assert_eq!(answer.status, 502);
    assert_eq!(world.sandbox.hubspot().records("companies").len(), 1);
}

#[tokio::test]
async fn searches_and_batch_reads_are_no_writes() {
    let world = World::new().await;
    world.objects(Method::POST, "companies/search", json!({})).await;
    world.objects(Method::POST, "companies/batch/read", json!({ "inputs": [{ "id": "1" }] })).await;
    assert_eq!(world.sandbox.hubspot().stats().writes, 0);
    world.new_object("companies", json!({})).await;
    assert_eq!(world.sandbox.hubspot().stats().writes, 1);
}
