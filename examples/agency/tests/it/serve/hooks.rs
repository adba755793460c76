//! Webhooks of Exact and Pipedrive: what is refused, and what brings a pass at once.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::StatusCode;
use serde_json::{Value, json};
use sha2::Sha256;

use super::duty::{Duty, MINUTE};

const CONFIG: &str = r#"
[serve]
listen = "127.0.0.1:0"
exact_secret_env = "EXACT_HOOKS"
pipedrive_user = "pipedrive"
pipedrive_password_env = "PIPEDRIVE_HOOKS"
"#;

async fn duty() -> Duty {
    let mut duty = Duty::new(1).await;
    duty.extra = CONFIG.to_owned();
    duty.start().await;
    duty.live(MINUTE).await;
    duty
}

fn event(id: &str) -> Value {
    json!({ "meta": { "action": "change", "entity": "organization", "entity_id": "1", "company_id": "1", "id": id,
        "timestamp": "2026-01-14T18:16:56.057Z", "version": "2.0", "attempt": 1 }, "data": {}, "previous": {} })
}

async fn send(url: String, authorization: &str, body: Vec<u8>) -> StatusCode {
    let request = reqwest::Client::new().post(url).header("authorization", authorization).body(body);
    request.send().await.unwrap().status()
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_brings_a_pass_at_once_and_a_replay_does_not() {
    let mut duty = duty().await;
    duty.office.sandbox.pipedrive().edit_organization(1, json!({ "name": "Bakkerij Nieuw" })).unwrap();
    duty.exact().reset_stats();
    let right = basic("pipedrive", "open sesame");
    let body = event("one").to_string().into_bytes();
    assert_eq!(send(duty.hooks() + "/pipedrive", &right, body.clone()).await, StatusCode::OK);
    // Long before its quarter of an hour.
    duty.live_until(|| duty.exact().stats().requests > 0).await;
    duty.live(MINUTE).await;
    let calls = duty.exact().stats().requests;
    assert_eq!(send(duty.hooks() + "/pipedrive", &right, body).await, StatusCode::OK);
    duty.live(MINUTE).await;
    assert_eq!(duty.exact().stats().requests, calls, "the replay was known");
    duty.stop().await;
}

/// What Exact says of a change in a division.
fn signed(duty: &Duty, division: i64) -> Vec<u8> {
    let id = "00000000-0000-4000-8000-000000000001";
    let content = json!({ "Topic": "Accounts", "Action": "Update", "Division": division, "Key": id,
        "ExactOnlineEndpoint": "https://start.exactonline.nl/", "EventCreatedOn": "2026-01-14T18:16:56.057" });
    let mut mac = Hmac::<Sha256>::new_from_slice(duty.exact().webhook_secret().as_bytes()).unwrap();
    mac.update(content.to_string().as_bytes());
    let hash = hex::encode_upper(mac.finalize().into_bytes());
    format!("{{\"Content\":{content},\"HashCode\":\"{hash}\"}}").into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_came_before_a_restart_is_known_after_it() {
    let mut duty = duty().await;
    let right = basic("pipedrive", "open sesame");
    let events = |duty: &Duty| {
        let body = event("three").to_string().into_bytes();
        [(duty.hooks() + "/pipedrive", body), (duty.hooks() + "/exact", signed(duty, duty.office.division()))]
    };
    for (url, body) in events(&duty) {
        assert_eq!(send(url, &right, body).await, StatusCode::OK);
    }
    // What Exact tells is gathered for five minutes.
    duty.live(6 * MINUTE).await;
    duty.stop().await;
    duty.start().await;
    duty.live(MINUTE).await;
    let requests =
        |duty: &Duty| duty.exact().stats().requests + duty.office.sandbox.pipedrive().stats().requests;
    let before = requests(&duty);
    for (url, body) in events(&duty) {
        assert_eq!(send(url, &right, body).await, StatusCode::OK);
    }
    duty.live(6 * MINUTE).await;
    assert_eq!(requests(&duty), before, "no pass came of it");
    duty.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_forged_oversized_or_for_nobody_has_no_effect() {
    let mut duty = duty().await;
    duty.exact().reset_stats();
    let (right, wrong) = (basic("pipedrive", "open sesame"), basic("pipedrive", "open"));
    let body = event("two").to_string().into_bytes();
    let hooks = duty.hooks();
    let other = hooks.replace("/default", "/nobody");
    let long = vec![b' '; 2 * 1024 * 1024];
    let unsigned = json!({ "Content": { "Topic": "Accounts" }, "HashCode": "00" }).to_string().into_bytes();
    for (url, authorization, body, status) in [
        (format!("{hooks}/pipedrive"), &wrong, body.clone(), 401),
        (format!("{hooks}/exact"), &right, unsigned, 401),
        (format!("{hooks}/exact"), &right, b"{}".to_vec(), 400),
        (format!("{hooks}/pipedrive"), &right, b"<html>".to_vec(), 400),
        (format!("{hooks}/pipedrive"), &right, long.clone(), 413),
        (format!("{hooks}/exact"), &right, long, 413),
        (format!("{hooks}/hubspot"), &right, body.clone(), 404),
        (format!("{hooks}/salesforce"), &right, body.clone(), 404),
        (format!("{other}/pipedrive"), &right, body.clone(), 404),
        (format!("{other}/exact"), &right, Vec::new(), 404),
        // Signed as Exact signs, of a division that nobody here has.
        (format!("{hooks}/exact"), &right, signed(&duty, 1), 404),
        // Exact's test of a new address.
        (format!("{hooks}/exact"), &right, Vec::new(), 200),
    ] {
        let answered = send(url.clone(), authorization, body).await;
        assert_eq!(answered.as_u16(), status, "{url}");
    }
    duty.live(MINUTE).await;
    assert_eq!(duty.exact().stats().requests, 0, "no pass came of it");
    duty.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_are_subscribed_to_at_start_bring_passes_and_are_made_anew_where_they_are_gone() {
    let mut duty = Duty::new(1).await;
    let address = format!("127.0.0.1:{}", Duty::port());
    let public = format!("public_url = \"http://{address}\"");
    duty.extra = CONFIG.replace("listen = \"127.0.0.1:0\"", &format!("listen = \"{address}\"\n{public}"));
    duty.extra += "every_minutes = 600";
    duty.start().await;
    duty.live(MINUTE).await;
    let division = duty.office.division();
    let subscribed = || duty.exact().records(division, "webhooks/WebhookSubscriptions").unwrap();
    // Accounts, and the invoices that a company's figures are made of.
    let topics =
        subscribed().iter().map(|it| it["Topic"].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(
        topics,
        BTreeSet::from(["Accounts".into(), "SalesInvoices".into()]),
        "{:#?}",
        duty.inbox.letters()
    );
    assert_eq!(subscribed()[0]["CallbackURL"], format!("http://{address}/hooks/default/exact"));
    assert_eq!(webhooks(&duty).await.len(), 1);
    let company = json!({ "Name": "Smederij", "Status": "C", "ChamberOfCommerce": "17037842" });
    duty.exact().create_account(division, company).unwrap();
    duty.live(MINUTE).await;
    assert!(duty.exact().deliver_webhooks().await > 0, "Exact's notice was taken");
    // Long before its ten hours.
    duty.live_until(|| duty.office.sandbox.pipedrive().organizations().len() == 2).await;
    delete_webhook(&duty).await;
    assert!(webhooks(&duty).await.is_empty());
    duty.live(62 * MINUTE).await;
    assert_eq!(webhooks(&duty).await.len(), 1, "it is made anew");
    duty.stop().await;
    assert!(duty.inbox.letters().is_empty(), "{:#?}", duty.inbox.letters());
}

/// Pipedrive forgets the one webhook that there is.
pub(super) async fn delete_webhook(duty: &Duty) {
    let gone = webhooks(duty).await.remove(0)["id"].to_string();
    let crm = duty.office.sandbox.pipedrive();
    let delete = reqwest::Client::new().delete(format!("{}/api/v1/webhooks/{gone}", crm.base_url()));
    delete.header("x-api-token", crm.api_token()).send().await.unwrap().error_for_status().unwrap();
}

pub(super) async fn webhooks(duty: &Duty) -> Vec<Value> {
    let crm = duty.office.sandbox.pipedrive();
    let list = reqwest::Client::new().get(format!("{}/api/v1/webhooks", crm.base_url()));
    let list: Value = list.header("x-api-token", crm.api_token()).send().await.unwrap().json().await.unwrap();
    list["data"].as_array().cloned().unwrap_or_default()
}
