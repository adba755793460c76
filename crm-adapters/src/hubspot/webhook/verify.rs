use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use crate::error::{Error, ErrorKind, Result};

/// How far a request's time may be from ours, in milliseconds.
const WINDOW: i64 = 300_000;
/// What HubSpot decodes in the address before it signs; everything else stays as it is.
const DECODED: [(&str, &str); 12] = [
    ("%3A", ":"),
    ("%2F", "/"),
    ("%3F", "?"),
    ("%40", "@"),
    ("%21", "!"),
    ("%24", "$"),
    ("%27", "'"),
    ("%28", "("),
    ("%29", ")"),
    ("%2A", "*"),
    ("%2C", ","),
    ("%3B", ";"),
];

/// Checks that a request comes from HubSpot, by the third version of its
/// [signature](https://developers.hubspot.com/docs/apps/legacy-apps/authentication/validating-requests).
#[derive(Clone)]
pub struct Verifier {
    secret: SecretString,
    url: String,
}

impl Verifier {
    /// By the app's client secret and the target address exactly as it is configured at HubSpot: an address put
    /// together from what a proxy says is not to be trusted.
    pub fn new(client_secret: impl Into<String>, target_url: &str) -> Self {
        let decode = |url: String, (from, to): (&str, &str)| {
            url.replace(from, to).replace(&from.to_ascii_lowercase(), to)
        };
        let url = DECODED.into_iter().fold(target_url.to_owned(), decode);
        Self { secret: SecretString::from(client_secret.into()), url }
    }

    /// Checks one `POST` by its headers `X-HubSpot-Signature-v3` and `X-HubSpot-Request-Timestamp`, and its raw body.
    /// The comparison takes the same time wherever the two differ.
    ///
    /// # Errors
    /// [`Auth`](ErrorKind::Auth) where the signature is not HubSpot's, or the request is more than five minutes from
    /// `now`.
    pub fn verify(&self, signature: &str, timestamp: &str, body: &[u8], now: DateTime<Utc>) -> Result<()> {
        let refused = |why: &str| Error::new(ErrorKind::Auth, format!("a webhook is refused: {why}"));
        let sent: i64 = timestamp.parse().map_err(|_| refused("its time is not a number"))?;
        if now.timestamp_millis().abs_diff(sent) > WINDOW.unsigned_abs() {
            return Err(refused("it is not of these five minutes").with_remedy("check this machine's clock"));
        }
        let signature = STANDARD.decode(signature).map_err(|_| refused("its signature is not base64"))?;
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.expose_secret().as_bytes())
            .map_err(|_| refused("the secret cannot be a key"))?;
        for part in [b"POST", self.url.as_bytes(), body, timestamp.as_bytes()] {
            mac.update(part);
        }
        mac.verify_slice(&signature).map_err(|_| {
            refused("its signature is not HubSpot's")
                .with_remedy("give the app's client secret, and the target address exactly as HubSpot has it")
        })
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("url", &self.url).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy";
    const URL: &str = "https://www.example.com/webhook_uri";
    const BODY: &[u8] = b"{'example_field':'example_value'}";
    const VECTORS: [(&str, &str); 2] = [
        ("1693657560000", "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y="),
        ("1700000300000", "RnbPH7+UMKVkbV32P8bz450N4M56aPmcru1+D3kSDtw="),
    ];

    fn at(timestamp: &str, offset: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(timestamp.parse::<i64>().unwrap() + offset).unwrap()
    }

    #[test]
    fn the_vendors_own_test_vectors_verify() {
        let verifier = Verifier::new(SECRET, URL);
        for (timestamp, signature) in VECTORS {
            verifier.verify(signature, timestamp, BODY, at(timestamp, 0)).unwrap();
        }
    }

    #[test]
    fn whatever_is_changed_is_refused() {
        let (timestamp, signature) = VECTORS[0];
        let now = at(timestamp, 0);
        let verifier = Verifier::new(SECRET, URL);
        let other = Verifier::new(SECRET, "https://www.example.com/other");
        let results = [
            verifier.verify(VECTORS[1].1, timestamp, BODY, now),
            verifier.verify(signature, "1693657560001", BODY, now),
            verifier.verify(signature, timestamp, b"{}", now),
            verifier.verify("", timestamp, BODY, now),
            verifier.verify("%%%", timestamp, BODY, now),
            verifier.verify(signature, "now", BODY, now),
            other.verify(signature, timestamp, BODY, now),
            Verifier::new("x", URL).verify(signature, timestamp, BODY, now),
        ];
        for result in results {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Auth);
            assert!(!format!("{error:?}").contains(SECRET));
        }
    }

    #[test]
    fn five_minutes_to_either_side_are_the_limit() {
        let (timestamp, signature) = VECTORS[0];
        let verifier = Verifier::new(SECRET, URL);
        for (offset, good) in [(300_000, true), (-300_000, true), (300_001, false), (-300_001, false)] {
            let result = verifier.verify(signature, timestamp, BODY, at(timestamp, offset));
            assert_eq!(result.is_ok(), good, "{offset}");
        }
    }

    #[test]
    fn only_what_hubspot_decodes_is_decoded() {
        let verifier = Verifier::new(SECRET, "https://a.example/x%2Fy%3fz%20w%26");
        assert_eq!(verifier.url, "https://a.example/x/y?z%20w%26");
    }
}
