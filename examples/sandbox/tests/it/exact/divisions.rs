//! The user and the divisions.

use reqwest::Method;

use crate::support::{World, send};

async fn me(world: &World) -> serde_json::Value {
    send(world.exact(Method::GET, "current/Me")).await.rows()[0].clone()
}

#[tokio::test]
async fn me_needs_no_division_and_tells_amsterdams_time() {
    let world = World::new().await;
    let me = me(&world).await;
    assert_eq!(me["CurrentDivision"], world.division());
    assert_eq!(me["ServerTime"], "2026-07-01T10:00:10.000");
    assert_eq!(me["ServerUtcOffset"], 7200);
    assert_eq!(me["Legislation"], "1", "a 64-bit number is text");
    assert_eq!(me["EmployeeID"], "00000000-0000-0000-0000-000000000000");
}

#[tokio::test]
async fn the_current_division_follows_the_browser() {
    let world = World::with(|builder| builder.divisions(2)).await;
    let second = world.sandbox.exact().divisions()[1];
    world.sandbox.exact().open_division(second).unwrap();
    assert_eq!(me(&world).await["CurrentDivision"], second);
}

#[tokio::test]
async fn divisions_have_padded_countries_and_64_bit_numbers_as_text() {
    let world = World::with(|builder| builder.divisions(2)).await;
    let rows = world.list("system/Divisions", &[("$select", "Code,Hid,Country,Status,Current")]).await.rows();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0]["Code"], world.division());
    assert_eq!((&rows[0]["Hid"], &rows[0]["Country"]), (&"1".into(), &"NL ".into()));
    assert_eq!((&rows[0]["Current"], &rows[1]["Current"]), (&true.into(), &false.into()));
}

#[tokio::test]
async fn a_division_is_read_by_its_bare_number() {
    let world = World::new().await;
    let division = world.division();
    let row = world.list(&format!("system/Divisions({division})"), &[]).await.json();
    assert_eq!(row["d"]["Code"], division);
    assert!(row["d"]["__metadata"]["uri"].as_str().unwrap().ends_with(&format!("/Divisions({division})")));
}

#[tokio::test]
async fn a_division_out_of_scope_is_neither_listed_nor_open() {
    let world = World::with(|builder| builder.divisions(2)).await;
    let second = world.sandbox.exact().divisions()[1];
    world.sandbox.exact().set_scope(second, false).unwrap();
    assert_eq!(world.list("system/Divisions", &[]).await.rows().len(), 1);
    let answer = send(world.exact(Method::GET, &format!("{second}/system/Divisions"))).await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.message(), "Forbidden - User division is not within division scope");
}

#[tokio::test]
async fn a_blocked_user_gets_403_with_the_reason() {
    let world = World::new().await;
    world.sandbox.exact().block_user(true);
    let answer = world.list("system/Divisions", &[]).await;
    assert_eq!((answer.status, answer.header("reason")), (403, Some("BlockedUser")));
    world.sandbox.exact().block_user(false);
    assert_eq!(world.list("system/Divisions", &[]).await.status, 200);
}

#[tokio::test]
async fn the_same_can_be_turned_from_outside() {
    let world = World::new().await;
    let base_url = world.sandbox.exact().base_url();
    let act = |action: &str, body: serde_json::Value| {
        send(world.http.post(format!("{base_url}/_sandbox/exact/{action}")).json(&body))
    };
    let division = world.division();
    assert_eq!(act("block-user", serde_json::json!({ "blocked": true })).await.status, 200);
    assert_eq!(world.list("system/Divisions", &[]).await.status, 403);
    assert_eq!(act("block-user", serde_json::json!({ "blocked": false })).await.status, 200);
    assert_eq!(
        act("scope", serde_json::json!({ "division": division, "in_scope": false })).await.status,
        200
    );
    assert_eq!(world.list("system/Divisions", &[]).await.status, 403);
    assert_eq!(act("scope", serde_json::json!({ "division": division, "in_scope": true })).await.status, 200);
    assert_eq!(act("move-division", serde_json::json!({ "division": division })).await.status, 200);
    assert!(act("secret", serde_json::json!({})).await.json()["client_secret"].is_string());
    let refresh_token = act("consent", serde_json::json!({})).await.json()["refresh_token"].clone();
    assert_eq!(world.refresh_with(refresh_token.as_str().unwrap()).await.status, 200);
    assert_eq!(act("revoke", serde_json::json!({})).await.status, 200);
    assert_eq!(world.list("system/Divisions", &[]).await.status, 401);
    assert_eq!(act("move-division", serde_json::json!({ "division": 1 })).await.status, 400);
    assert_eq!(act("nothing-of-that-name", serde_json::json!({})).await.status, 404);
}
