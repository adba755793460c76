//! An app's grant: consent in the browser, a code for tokens, and their renewal.
//!
//! HubSpot's access tokens live for half an hour; its refresh tokens until the app is uninstalled. See HubSpot's
//! [OAuth guide](https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/oauth).

use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::wire::Text;
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Answer, Effect, Failure, Request, Transport, decode, reading};

/// Where a person gives consent.
const CONSENT: &str = "https://app.hubspot.com/oauth/authorize";

/// An app as HubSpot knows it.
#[derive(Clone, Debug)]
pub struct OAuthApp {
    client_id: String,
    client_secret: SecretString,
    redirect_url: Url,
}

/// What a consent gives. The secrets are never shown.
#[derive(Clone)]
#[expect(clippy::exhaustive_structs, reason = "token stores outside this crate build it")]
pub struct Tokens {
    /// Goes with every call.
    pub access_token: SecretString,
    /// Gets the next access token.
    pub refresh_token: SecretString,
    /// When the access token runs out.
    pub expires_at: DateTime<Utc>,
    /// The account that consented, where HubSpot tells.
    pub portal_id: Option<u64>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("expires_at", &self.expires_at)
            .field("portal_id", &self.portal_id)
            .finish_non_exhaustive()
    }
}

/// Where a grant is kept between runs.
///
/// # Contract
/// - What [`save`](TokenStore::save) has taken, [`load`](TokenStore::load) gives back, in this process and the next.
/// - The adapter saves new tokens before it uses them, and never calls the two at once for one grant.
#[async_trait]
pub trait TokenStore: fmt::Debug + Send + Sync + 'static {
    /// The grant, if there is one.
    ///
    /// # Errors
    /// Where it cannot be read; no call is made then.
    async fn load(&self) -> Result<Option<Tokens>>;

    /// Puts a grant in the place of the old one, durably.
    ///
    /// # Errors
    /// Where it cannot be kept; the new tokens are not used then.
    async fn save(&self, tokens: &Tokens) -> Result<()>;
}

const _: Option<&dyn TokenStore> = None;

impl OAuthApp {
    /// An app, by what its page in HubSpot shows.
    pub fn new(client_id: impl Into<String>, client_secret: impl Into<String>, redirect_url: Url) -> Self {
        let client_secret = SecretString::from(client_secret.into());
        Self { client_id: client_id.into(), client_secret, redirect_url }
    }

    /// The address at which a person consents. `state` comes back with the code: check that it is the same.
    #[must_use]
    pub fn authorize_url(&self, scopes: &[&str], state: &str) -> Option<Url> {
        let mut url = Url::parse(CONSENT).ok()?;
        url.query_pairs_mut()
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", self.redirect_url.as_str())
            .append_pair("scope", &scopes.join(" "))
            .append_pair("state", state);
        Some(url)
    }

    pub(super) async fn exchange(
        &self,
        transport: &Transport,
        path: &str,
        code: &str,
        clock: &dyn Clock,
    ) -> Result<Tokens> {
        let proof = [("grant_type", "authorization_code"), ("code", code)];
        // A code works once: whether a lost answer used it up, only a new consent can tell.
        let answer =
            send(transport, &self.request(path, &proof), 1).await.map_err(Failure::into_read_error)?;
        tokens(&answer, None, clock.now())
    }

    pub(super) async fn refresh(
        &self,
        transport: &Transport,
        path: &str,
        old: &Tokens,
        clock: &dyn Clock,
    ) -> Result<Tokens> {
        let proof = [("grant_type", "refresh_token"), ("refresh_token", old.refresh_token.expose_secret())];
        let request = self.request(path, &proof);
        let answer = reading(clock, |attempt| send(transport, &request, attempt)).await;
        tokens(&answer.map_err(Failure::into_read_error)?, Some(old), clock.now())
    }

    fn request(&self, path: &str, proof: &[(&str, &str)]) -> Request {
        let app = [
            ("client_id", self.client_id.as_str()),
            ("client_secret", self.client_secret.expose_secret()),
            ("redirect_uri", self.redirect_url.as_str()),
        ];
        Request::form(path, &[&app, proof].concat())
    }
}

#[derive(Deserialize)]
struct WireTokens {
    access_token: String,
    refresh_token: Option<String>,
    expires_in: i64,
    #[serde(default)]
    hub_id: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireRefusal {
    error: Text,
    error_description: Text,
    message: Text,
}

async fn send(transport: &Transport, request: &Request, attempt: u32) -> Result<Answer, Failure> {
    let answer = transport.send(request, attempt).await?;
    match answer.status.as_u16() {
        200..=299 => Ok(answer),
        400..=499 if answer.status.as_u16() != 429 => Err(Failure::refused(refused(&answer))),
        status => {
            let error = Error::new(ErrorKind::Unavailable, format!("HubSpot's sign-in answered {status}"));
            Err(Failure::new(Effect::Unknown, error.with_operation(request.operation())))
        }
    }
}

fn tokens(answer: &Answer, old: Option<&Tokens>, now: DateTime<Utc>) -> Result<Tokens> {
    let wire: WireTokens = decode(answer)?;
    let access_token = SecretString::from(wire.access_token);
    let refresh_token =
        wire.refresh_token.map(SecretString::from).or_else(|| old.map(|old| old.refresh_token.clone()));
    let refresh_token = refresh_token.ok_or_else(|| {
        Error::new(ErrorKind::Decode, "the answer is not as expected at `refresh_token`: it is missing")
    })?;
    let lifetime = TimeDelta::seconds(wire.expires_in.clamp(0, 365 * 24 * 3600));
    let portal_id = wire.hub_id.0.and_then(|id| id.parse().ok()).or(old.and_then(|old| old.portal_id));
    Ok(Tokens { access_token, refresh_token, expires_at: now + lifetime, portal_id })
}

/// Why no token is given, in HubSpot's short words: its long ones may repeat what was sent.
fn refused(answer: &Answer) -> Error {
    let said: WireRefusal = serde_json::from_slice(&answer.body).unwrap_or_default();
    let why = said.error.0.or(said.error_description.0).or(said.message.0);
    let why: String = why.unwrap_or_else(|| answer.status.to_string()).chars().take(100).collect();
    Error::new(ErrorKind::Auth, format!("HubSpot gives no token: {why}"))
        .with_remedy("connect HubSpot again, and check client id, secret and redirect address")
}

pub(super) fn missing() -> Error {
    Error::new(ErrorKind::Auth, "HubSpot is not connected yet").with_remedy("let a person give consent first")
}
