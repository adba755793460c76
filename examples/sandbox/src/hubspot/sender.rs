//! Sends what waits to the app's address, signed as HubSpot signs.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use super::state::State;
use crate::http::Door;

/// Who needs longer has not answered.
const PATIENCE: Duration = Duration::from_secs(5);
/// Sends everything that is due, and tells how many requests the app took.
pub(super) async fn deliver(door: &Door<State>) -> usize {
    let (url, secret, due) = door.with(|state, now| {
        let due = state.events.due(&state.settings, &mut state.random, now);
        let url = state.events.target.as_ref().map(|target| target.url.clone());
        (url.unwrap_or_default(), state.oauth.client_secret.clone(), due)
    });
    if due.is_empty() {
        return 0;
    }
    let (client, mut taken) = (reqwest::Client::new(), 0);
    for delivery in due {
        let body = delivery.body();
        // Every attempt is signed afresh.
        let timestamp = door.clock().now().timestamp_millis().to_string();
        let request = client
            .post(&url)
            .timeout(PATIENCE)
            .header("content-type", "application/json")
            .header("x-hubspot-request-timestamp", &timestamp)
            .header("x-hubspot-signature-v3", signature(&secret, "POST", &url, &body, &timestamp))
            .header("x-hubspot-signature", hex::encode(Sha256::digest(format!("{secret}{body}"))))
            .body(body);
        let answer = request.send().await;
        if answer.is_ok_and(|answer| answer.status().as_u16() < 400) {
            taken += 1;
        } else {
            door.with(|state, now| state.events.refused(delivery, &mut state.random, now));
        }
    }
    taken
}

/// The third version of the signature. Nothing that HubSpot decodes in an address is decoded here: local addresses have
/// no such letters.
fn signature(secret: &str, method: &str, url: &str, body: &str, timestamp: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    for part in [method, url, body, timestamp] {
        mac.update(part.as_bytes());
    }
    STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::signature;

    #[test]
    fn the_signature_is_that_of_the_vendors_own_test_vectors() {
        let secret = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy";
        let url = "https://www.example.com/webhook_uri";
        let body = "{'example_field':'example_value'}";
        for (timestamp, expected) in [
            ("1693657560000", "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y="),
            ("1700000300000", "RnbPH7+UMKVkbV32P8bz450N4M56aPmcru1+D3kSDtw="),
        ] {
            assert_eq!(signature(secret, "POST", url, body, timestamp), expected);
        }
    }
}
