//! Webhooks of HubSpot: signed by its app, for every account that this is installed in, and never older than minutes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::{Method, StatusCode};
use sandbox::{Fault, Trouble};
use serde_json::{Value, json};
use sha2::Sha256;

use super::duty::{Duty, MINUTE};

/// Somebody on duty for a customer with HubSpot, whose app has its target address here.
async fn duty() -> Duty {
    let mut duty = Duty::new(1).await;
    duty.hubspot = true;
    let address = format!("127.0.0.1:{}", Duty::port());
    duty.extra = format!(
        r#"
[serve]
listen = "{address}"
hubspot_secret_env = "HUBSPOT_HOOKS"
hubspot_target_url = "http://{address}/hooks/default/hubspot"
"#
    );
    duty.start().await;
    duty.live(MINUTE).await;
    duty
}

/// Something that the app's developer asks of HubSpot.
async fn of_app(duty: &Duty, method: Method, path: &str, body: &Value) {
    let hubspot = duty.office.sandbox.hubspot();
    let url = format!("{}/app-webhooks/2026-09/{}/{path}", hubspot.base_url(), hubspot.app_id());
    let request = reqwest::Client::new().request(method, url).bearer_auth(hubspot.token()).json(body);
    request.send().await.unwrap().error_for_status().unwrap();
}

/// The app is told when a company's name changes.
async fn subscribe(duty: &Duty) {
    let target =
        json!({ "targetUrl": duty.hooks() + "/hubspot", "throttling": { "maxConcurrentRequests": 10 } });
    of_app(duty, Method::PUT, "settings", &target).await;
    let changes = json!({ "eventType": "company.propertyChange", "propertyName": "name", "active": true });
    of_app(duty, Method::POST, "subscriptions", &changes).await;
}

/// A change of a company, in this account.
fn event(portal: u64) -> Vec<u8> {
    let event = json!([{ "eventId": 1, "portalId": portal, "subscriptionType": "company.propertyChange",
        "occurredAt": 1, "objectId": 1, "propertyName": "name", "propertyValue": "x" }]);
    event.to_string().into_bytes()
}

/// HubSpot's third signature of a request to this address.
fn sign(secret: &str, url: &str, body: &[u8], timestamp: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    for part in [b"POST", url.as_bytes(), body, timestamp.as_bytes()] {
        mac.update(part);
    }
    STANDARD.encode(mac.finalize().into_bytes())
}

async fn send(url: &str, signature: &str, timestamp: &str, body: Vec<u8>) -> StatusCode {
    let request = reqwest::Client::new().post(url).body(body);
    let request = request.header("x-hubspot-signature-v3", signature);
    request.header("x-hubspot-request-timestamp", timestamp).send().await.unwrap().status()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_in_hubspot_is_in_exact_at_once() {
    let mut duty = duty().await;
    subscribe(&duty).await;
    let hubspot = duty.office.sandbox.hubspot();
    let company = hubspot.records("companies")[0]["id"].as_str().unwrap().to_owned();
    hubspot.edit("companies", &company, json!({ "name": "Bakkerij Nieuw" })).unwrap();
    duty.live(MINUTE).await;
    assert!(duty.office.sandbox.hubspot().deliver_webhooks().await > 0, "it was taken");
    let name = || duty.exact().accounts(duty.office.division()).unwrap()[0]["Name"].clone();
    // Long before its quarter of an hour.
    duty.live_until(|| name() == "Bakkerij Nieuw").await;
    duty.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_forged_old_oversized_or_for_another_account_is_refused_without_an_effect() {
    let mut duty = duty().await;
    let secret = duty.office.sandbox.hubspot().client_secret();
    let (url, portal) = (duty.hooks() + "/hubspot", 4_711);
    let at = |seconds: i64| {
        let now = duty.clock.vendors().now().timestamp_millis();
        (now - seconds * 1_000).to_string()
    };
    let (now, old, early) = (at(0), at(500), at(-500));
    let right = |body: &[u8], at: &str| sign(&secret, &url, body, at);
    let (own, foreign) = (event(portal), event(portal + 1));
    let long = vec![b' '; 2 * 1024 * 1024];
    // The account is known from here on.
    assert_eq!(send(&url, &right(&foreign, &now), &now, foreign.clone()).await, StatusCode::NOT_FOUND);
    duty.live(MINUTE).await;
    let before = duty.office.sandbox.hubspot().stats().requests;
    let elsewhere = url.replace("/default", "/nobody");
    for (url, signature, timestamp, body, status) in [
        (&url, sign("guessed", &url, &own, &now), &now, own.clone(), 401),
        (&url, right(&foreign, &now), &now, own.clone(), 401),
        (&url, right(&own, &old), &now, own.clone(), 401),
        (&url, right(&own, &old), &old, own.clone(), 401),
        (&url, right(&own, &early), &early, own.clone(), 401),
        (&url, String::new(), &now, own.clone(), 401),
        (&url, right(&foreign, &now), &now, foreign.clone(), 404),
        (&url, right(b"<html>", &now), &now, b"<html>".to_vec(), 400),
        (&url, right(&long, &now), &now, long.clone(), 413),
        (&elsewhere, right(&own, &now), &now, own.clone(), 404),
    ] {
        let answered = send(url, &signature, timestamp, body).await;
        assert_eq!(answered.as_u16(), status, "{url} {signature} {timestamp}");
    }
    duty.live(MINUTE).await;
    assert_eq!(duty.office.sandbox.hubspot().stats().requests, before, "no pass came of it");
    assert_eq!(send(&url, &right(&own, &now), &now, own).await, StatusCode::OK, "the right one is taken");
    duty.live_until(|| duty.office.sandbox.hubspot().stats().requests > before).await;
    duty.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_whose_number_could_not_be_read_is_asked_for_it_again() {
    let mut duty = duty().await;
    let secret = duty.office.sandbox.hubspot().client_secret();
    let (url, foreign) = (duty.hooks() + "/hubspot", event(4_712));
    let down = Trouble::Status { status: 500, retry_after_seconds: None };
    duty.office.sandbox.hubspot().inject(Fault::new(down).on("GET", "/account-info/").times(100));
    let sent = async |millis: i64| {
        let at = (duty.clock.vendors().now().timestamp_millis() + millis).to_string();
        let body = foreign.clone();
        duty.meanwhile(send(&url, &sign(&secret, &url, &body, &at), &at, body)).await
    };
    assert_eq!(
        sent(0).await,
        StatusCode::OK,
        "nobody knows whose it is: a look at the wrong account does no harm"
    );
    duty.office.sandbox.hubspot().clear_faults();
    assert_eq!(sent(1).await, StatusCode::NOT_FOUND, "it is of another account");
    duty.stop().await;
}

/// Lives until HubSpot was not asked anything for half a minute; how often it was until then.
async fn quiet(duty: &mut Duty) -> u64 {
    let (mut asked, mut still) = (0, 0);
    while still < 3 {
        duty.live(MINUTE / 6).await;
        let now = duty.office.sandbox.hubspot().stats().requests;
        still = if now == asked { still + 1 } else { 0 };
        asked = now;
    }
    asked
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_came_before_is_known_again_also_after_a_restart() {
    let mut duty = duty().await;
    let secret = duty.office.sandbox.hubspot().client_secret();
    let (url, body) = (duty.hooks() + "/hubspot", event(4_711));
    let now = duty.clock.vendors().now().timestamp_millis().to_string();
    let signature = sign(&secret, &url, &body, &now);
    let looks = || duty.office.sandbox.hubspot().stats().requests_of("companies/search");
    let before = looks();
    assert_eq!(send(&url, &signature, &now, body.clone()).await, StatusCode::OK);
    duty.live_until(|| looks() > before).await;
    for restart in [false, true] {
        if restart {
            duty.stop().await;
            duty.start().await;
        }
        let before = quiet(&mut duty).await;
        assert_eq!(send(&url, &signature, &now, body.clone()).await, StatusCode::OK);
        duty.live(MINUTE).await;
        // After the restart, the number of the account is asked for once more.
        let more = duty.office.sandbox.hubspot().stats().requests - before;
        assert!(more <= u64::from(restart), "restarted: {restart}, {more} requests");
    }
    duty.stop().await;
}
