//! Webhooks: bytes in, verdict out, for whichever web framework the program has.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::Sha256;

use crate::entity::WebhookTopic;
use crate::id::{DivisionId, Guid};
use crate::odata::WallTime;

/// A message has about 500 bytes.
const LONGEST_BODY: usize = 64 * 1024;

/// Checks what arrives at a webhook's callback URL.
///
/// Exact signs each message with the webhook secret of the app's registration, which is not the client secret. The
/// signature covers the raw bytes, so hand over the body as it arrived, before any framework has parsed it.
///
/// A message says that something changed, not what to: read the record, or better the sync feed. Messages come
/// late, twice, in any order or never; they are a hint to look now, and a schedule has to look all the same.
///
/// ```
/// use exact_client::{WebhookVerdict, Webhooks};
///
/// let webhooks = Webhooks::new("the webhook secret".into());
/// // Exact makes sure of a new callback URL with an empty POST, which is not signed.
/// let verdict = webhooks.check(b"");
/// assert_eq!(verdict, WebhookVerdict::Validation);
/// assert_eq!(verdict.status(), 200);
/// ```
#[derive(Clone)]
pub struct Webhooks {
    secrets: Vec<SecretString>,
}

/// What to make of a request. Answer it with [`status`](WebhookVerdict::status), and do the work afterwards: how
/// long Exact waits for an answer is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WebhookVerdict {
    /// Exact makes sure that the callback URL is there. Anybody can send this: do nothing but answer.
    Validation,
    /// Something changed. The signature is good.
    Changed(WebhookEvent),
    /// The signature is wrong: it is not from Exact, the secret is another one, or something rewrote the body.
    Forged,
    /// It is no message of Exact's, or the signed content is not what this version expects.
    Unreadable,
    /// It is longer than any message of Exact's.
    TooLong,
}

impl WebhookVerdict {
    /// The HTTP status to answer with.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Validation | Self::Changed(_) => 200,
            Self::Forged => 401,
            Self::Unreadable => 400,
            Self::TooLong => 413,
        }
    }
}

/// A change that Exact tells about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WebhookEvent {
    /// What changed; a change of a line comes under its header's topic.
    pub topic: WebhookTopic,
    /// What happened to it.
    pub action: WebhookAction,
    /// The division in which it changed. Check that it is one of yours.
    pub division: DivisionId,
    /// The id of the record.
    pub key: Guid,
    /// The app that subscribed.
    pub client_id: Option<Guid>,
    /// When it was noticed, where the message says so.
    pub created: Option<WallTime>,
}

/// What happened to a record.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WebhookAction {
    /// It was created.
    Create,
    /// It was changed.
    Update,
    /// It was deleted.
    Delete,
    /// Something that this version does not know, as it was delivered.
    Other(String),
}

impl From<String> for WebhookAction {
    fn from(action: String) -> Self {
        match action.as_str() {
            "Create" => Self::Create,
            "Update" => Self::Update,
            "Delete" => Self::Delete,
            _ => Self::Other(action),
        }
    }
}

impl Webhooks {
    /// Checks with this webhook secret, from the app's registration.
    #[must_use]
    pub fn new(secret: SecretString) -> Self {
        Self { secrets: vec![secret] }
    }

    /// Takes another secret as well, as long as a new one comes into use.
    #[must_use]
    pub fn or(mut self, secret: SecretString) -> Self {
        self.secrets.push(secret);
        self
    }

    /// The longest body worth reading, in bytes. Give it to the web framework as its limit.
    #[must_use]
    pub const fn max_body() -> usize {
        LONGEST_BODY
    }

    /// Judges the body of a POST to the callback URL. Makes no call; compares in constant time.
    #[must_use]
    pub fn check(&self, body: &[u8]) -> WebhookVerdict {
        if body.len() > LONGEST_BODY {
            return WebhookVerdict::TooLong;
        }
        if body.iter().all(u8::is_ascii_whitespace) {
            return WebhookVerdict::Validation;
        }
        let Ok(message) = serde_json::from_slice::<Message<'_>>(body) else {
            return WebhookVerdict::Unreadable;
        };
        if !self.signed(message.content.get().as_bytes(), &message.hash) {
            return WebhookVerdict::Forged;
        }
        serde_json::from_str::<Content>(message.content.get())
            .map_or(WebhookVerdict::Unreadable, |content| WebhookVerdict::Changed(content.into()))
    }

    fn signed(&self, content: &[u8], hash: &str) -> bool {
        // Exact writes capitals; as bytes both are the same.
        let Ok(hash) = hex::decode(hash) else { return false };
        self.secrets.iter().any(|secret| {
            let key = secret.expose_secret().as_bytes();
            Hmac::<Sha256>::new_from_slice(key)
                .is_ok_and(|mac| mac.chain_update(content).verify_slice(&hash).is_ok())
        })
    }
}

/// Without its secrets.
impl fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhooks").field("secrets", &self.secrets.len()).finish()
    }
}

/// The raw text of the content is kept: re-serialised it would have another signature.
#[derive(Deserialize)]
struct Message<'a> {
    #[serde(rename = "Content", borrow)]
    content: &'a RawValue,
    #[serde(rename = "HashCode")]
    hash: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Content {
    topic: String,
    action: String,
    division: DivisionId,
    key: Guid,
    #[serde(default)]
    client_id: Option<Guid>,
    #[serde(default)]
    event_created_on: Option<String>,
}

impl From<Content> for WebhookEvent {
    fn from(content: Content) -> Self {
        Self {
            topic: WebhookTopic::from(content.topic.as_str()),
            action: content.action.into(),
            division: content.division,
            key: content.key,
            client_id: content.client_id,
            created: content.event_created_on.as_deref().and_then(WallTime::parse),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CONTENT: &str = r#"{"Topic":"Accounts","ClientId":"71b961de-0000-4000-8000-00000000000a","Division":123456,"Action":"Update","Key":"71b961de-0000-4000-8000-000000000001","ExactOnlineEndpoint":"https:\/\/start.exactonline.nl\/api\/v1\/123456\/crm\/Accounts(guid'71b961de-0000-4000-8000-000000000001')","EventCreatedOn":"2030-01-02T03:04:05.06"}"#;
    /// `printf %s "$CONTENT" | openssl dgst -sha256 -hmac hush`
    const HASH: &str = "D900375F6575F23023509B4230911E3B3EE89F1A0B2BB48F5E9C2A0A229D8C49";

    fn webhooks() -> Webhooks {
        Webhooks::new("hush".into())
    }

    fn message(content: &str, hash: &str) -> Vec<u8> {
        format!(r#"{{"Content":{content},"HashCode":"{hash}"}}"#).into_bytes()
    }

    #[test]
    fn a_message_with_a_good_signature_says_what_changed() {
        let WebhookVerdict::Changed(event) = webhooks().check(&message(CONTENT, HASH)) else {
            panic!("{:?}", webhooks().check(&message(CONTENT, HASH)))
        };
        assert_eq!((event.topic, event.action), (WebhookTopic::Accounts, WebhookAction::Update));
        assert_eq!(event.division, DivisionId::new(123_456));
        assert_eq!(event.key.to_string(), "71b961de-0000-4000-8000-000000000001");
        assert_eq!(event.created.unwrap().naive().to_string(), "2030-01-02 03:04:05.060");
    }

    #[test]
    fn every_other_secret_byte_and_spelling_is_a_forgery() {
        let other = Webhooks::new("other".into());
        assert_eq!(other.check(&message(CONTENT, HASH)), WebhookVerdict::Forged);
        assert!(matches!(other.or("hush".into()).check(&message(CONTENT, HASH)), WebhookVerdict::Changed(_)));
        for content in
            [CONTENT.replace(r"\/", "/"), CONTENT.replace("123456", "123457"), CONTENT.replace(',', ", ")]
        {
            assert_eq!(webhooks().check(&message(&content, HASH)), WebhookVerdict::Forged, "{content}");
        }
        for hash in ["", "00", &HASH[2..], &format!("{HASH}00"), "not hex"] {
            assert_eq!(webhooks().check(&message(CONTENT, hash)), WebhookVerdict::Forged, "{hash}");
        }
    }

    #[test]
    fn a_second_content_is_not_smuggled_in_beside_the_signed_one() {
        let twice = format!(r#"{{"Content":{CONTENT},"HashCode":"{HASH}","Content":{{"Topic":"Items"}}}}"#);
        assert_eq!(webhooks().check(twice.as_bytes()), WebhookVerdict::Unreadable);
    }

    #[test]
    fn an_empty_body_is_the_validation_and_others_are_turned_away() {
        for (body, verdict, status) in [
            (Vec::new(), WebhookVerdict::Validation, 200),
            (b" \r\n".to_vec(), WebhookVerdict::Validation, 200),
            (b"{}".to_vec(), WebhookVerdict::Unreadable, 400),
            (b"\xff".to_vec(), WebhookVerdict::Unreadable, 400),
            (message(CONTENT, ""), WebhookVerdict::Forged, 401),
            (vec![b' '; LONGEST_BODY + 1], WebhookVerdict::TooLong, 413),
        ] {
            let found = webhooks().check(&body);
            assert_eq!((found.status(), &found), (status, &verdict), "{}", String::from_utf8_lossy(&body));
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        assert!(!format!("{:?}", webhooks()).contains("hush"));
    }

    proptest! {
        #[test]
        fn no_body_without_the_secret_is_taken_for_a_change(body in prop::collection::vec(any::<u8>(), 1..200)) {
            prop_assert!(!matches!(webhooks().check(&body), WebhookVerdict::Changed(_)));
        }
    }
}
