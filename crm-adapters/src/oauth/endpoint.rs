use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderValue, header};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::{OAuthApp, Tokens};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Answer, Effect, Failure, Request, Transport, decode, reading};

/// The longest life of an access token that is believed.
const LONGEST_SECONDS: i64 = 365 * 24 * 3600;

/// How a vendor gives consent and tokens.
#[derive(Debug)]
pub(crate) struct Endpoint {
    /// For messages.
    pub(crate) vendor: &'static str,
    /// Where a person gives consent.
    pub(crate) consent: &'static str,
    pub(crate) credentials: Credentials,
}

/// How an app proves that it is itself.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(
    not(all(feature = "hubspot", feature = "pipedrive")),
    expect(dead_code, reason = "each vendor has its own way")
)]
pub(crate) enum Credentials {
    /// In the header.
    Basic,
    /// Among the fields of the form.
    Body,
}

impl Endpoint {
    /// The address at which a person consents.
    pub(crate) fn authorize_url(&self, app: &OAuthApp, scopes: &[&str], state: &str) -> Result<Url> {
        let consent = Url::parse(self.consent);
        let mut url =
            consent.map_err(|error| Error::new(ErrorKind::Config, "no address").with_source(error))?;
        url.query_pairs_mut()
            .append_pair("client_id", &app.client_id)
            .append_pair("redirect_uri", app.redirect_url.as_str())
            .append_pair("state", state);
        if !scopes.is_empty() {
            url.query_pairs_mut().append_pair("scope", &scopes.join(" "));
        }
        Ok(url)
    }

    /// Tokens for the code of a consent, asked for once: whether a lost answer used the code up, only a new consent can
    /// tell.
    pub(crate) async fn exchange(
        &self,
        app: &OAuthApp,
        (transport, path): (&Transport, &str),
        code: &str,
        clock: &dyn Clock,
    ) -> Result<Tokens> {
        let redirect = app.redirect_url.as_str();
        let proof = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect)];
        let request = self.request(app, path, &proof)?;
        let answer = self.send(transport, &request, 1).await.map_err(Failure::into_read_error)?;
        tokens(&answer, None, clock.now())
    }

    /// New tokens for old ones.
    pub(crate) async fn refresh(
        &self,
        app: &OAuthApp,
        (transport, path): (&Transport, &str),
        old: &Tokens,
        clock: &dyn Clock,
    ) -> Result<Tokens> {
        let proof = [("grant_type", "refresh_token"), ("refresh_token", old.refresh_token.expose_secret())];
        let request = self.request(app, path, &proof)?;
        let answer = reading(clock, |attempt| self.send(transport, &request, attempt)).await;
        tokens(&answer.map_err(Failure::into_read_error)?, Some(old), clock.now())
    }

    fn request(&self, app: &OAuthApp, path: &str, proof: &[(&str, &str)]) -> Result<Request> {
        let (id, secret) = (app.client_id.as_str(), app.client_secret.expose_secret());
        match self.credentials {
            Credentials::Body => {
                let itself = [("client_id", id), ("client_secret", secret)];
                Ok(Request::form(path, &[&itself, proof].concat()))
            }
            Credentials::Basic => {
                let basic =
                    HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(format!("{id}:{secret}"))));
                let mut basic = basic.map_err(|error| {
                    Error::new(ErrorKind::Config, "client id and secret fit in no header").with_source(error)
                })?;
                basic.set_sensitive(true);
                let credential = Some((header::AUTHORIZATION, basic));
                Ok(Request { credential, ..Request::form(path, proof) })
            }
        }
    }

    async fn send(&self, transport: &Transport, request: &Request, attempt: u32) -> Result<Answer, Failure> {
        let answer = transport.send(request, attempt).await?;
        match answer.status.as_u16() {
            200..=299 => Ok(answer),
            400..=499 if answer.status.as_u16() != 429 => Err(Failure::refused(self.refused(&answer))),
            status => {
                let message = format!("{}'s sign-in answered {status}", self.vendor);
                let error = Error::new(ErrorKind::Unavailable, message);
                Err(Failure::new(Effect::Unknown, error.with_operation(request.operation())))
            }
        }
    }

    /// Why no token is given, in the vendor's short words: its long ones may repeat what was sent.
    fn refused(&self, answer: &Answer) -> Error {
        let said: WireRefusal = serde_json::from_slice(&answer.body).unwrap_or_default();
        let why = said.error.or(said.error_description).or(said.message);
        let why: String = why.unwrap_or_else(|| answer.status.to_string()).chars().take(100).collect();
        let vendor = self.vendor;
        Error::new(ErrorKind::Auth, format!("{vendor} gives no token: {why}"))
            .with_remedy(format!("connect {vendor} again, and check client id, secret and redirect address"))
    }
}

#[derive(Deserialize)]
struct WireTokens {
    access_token: String,
    refresh_token: Option<String>,
    expires_in: i64,
    hub_id: Option<u64>,
    api_domain: Option<Url>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireRefusal {
    error: Option<String>,
    error_description: Option<String>,
    message: Option<String>,
}

/// What the answer leaves out stays as it was.
fn tokens(answer: &Answer, old: Option<&Tokens>, now: DateTime<Utc>) -> Result<Tokens> {
    let wire: WireTokens = decode(answer)?;
    let refresh_token =
        wire.refresh_token.map(SecretString::from).or_else(|| old.map(|old| old.refresh_token.clone()));
    let refresh_token = refresh_token.ok_or_else(|| {
        Error::new(ErrorKind::Decode, "the answer is not as expected at `refresh_token`: it is missing")
    })?;
    Ok(Tokens {
        access_token: SecretString::from(wire.access_token),
        refresh_token,
        expires_at: now + TimeDelta::seconds(wire.expires_in.clamp(0, LONGEST_SECONDS)),
        portal_id: wire.hub_id.or(old.and_then(|old| old.portal_id)),
        api_domain: wire.api_domain.or_else(|| old.and_then(|old| old.api_domain.clone())),
    })
}
