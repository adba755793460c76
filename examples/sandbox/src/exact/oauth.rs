//! Consent and tokens: ten minutes of access, refresh tokens that work once.

use std::collections::{HashMap, HashSet};

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use rand::Rng;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;

use crate::http::{Reply, Request};

/// How long an access token works.
const ACCESS_SECONDS: i64 = 600;
/// No new access token sooner than this after the last one.
const EARLIEST_REFRESH_SECONDS: i64 = 570;
/// How long a refresh token that nobody uses stays alive.
const REFRESH_DAYS: i64 = 30;
/// How long an authorisation code works.
const CODE_SECONDS: i64 = 180;

const TOO_EARLY: &str = "Rate limit exceeded: access_token not expired";

/// The registered app and the one user who uses it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct OAuth {
    pub(super) client_id: String,
    pub(super) client_secret: String,
    codes: HashMap<String, Code>,
    /// Access tokens with the end of their life.
    access: HashMap<String, DateTime<Utc>>,
    /// The one refresh token that still works, and when it was issued.
    refresh: Option<(String, DateTime<Utc>)>,
    used: HashSet<String>,
    last_issue: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Code {
    redirect_uri: String,
    ends: DateTime<Utc>,
}

impl OAuth {
    pub(super) fn new(random: &mut StdRng) -> Self {
        Self {
            client_id: uuid::Builder::from_random_bytes(random.random()).into_uuid().to_string(),
            client_secret: token(random, 12),
            codes: HashMap::new(),
            access: HashMap::new(),
            refresh: None,
            used: HashSet::new(),
            last_issue: None,
        }
    }

    /// A new consent of the user: what was granted before is dead, and the returned refresh token works at once.
    pub(super) fn consent(&mut self, now: DateTime<Utc>, random: &mut StdRng) -> String {
        self.end_chain();
        let refresh = token(random, 48);
        self.refresh = Some((refresh.clone(), now));
        refresh
    }

    /// The refresh token that works next, if there is a consent.
    pub(super) fn refresh_token(&self) -> Option<String> {
        self.refresh.as_ref().map(|(token, _)| token.clone())
    }

    /// The user takes the consent back.
    pub(super) fn revoke(&mut self) {
        self.access.clear();
        self.refresh = None;
    }

    pub(super) fn change_secret(&mut self, random: &mut StdRng) -> String {
        self.client_secret = token(random, 12);
        self.client_secret.clone()
    }

    pub(super) fn accepts(&self, bearer: Option<&str>, now: DateTime<Utc>) -> bool {
        bearer.and_then(|token| self.access.get(token)).is_some_and(|ends| now < *ends)
    }

    /// `GET /api/oauth2/auth`: the user consents at once.
    pub(super) fn authorize(&mut self, request: &Request, now: DateTime<Utc>, random: &mut StdRng) -> Reply {
        let redirect = request.parameter("redirect_uri").and_then(|uri| Url::parse(uri).ok());
        let (Some(mut redirect), true, true) = (
            redirect,
            request.parameter("client_id") == Some(&self.client_id),
            request.parameter("response_type") == Some("code"),
        ) else {
            return Reply::html(StatusCode::BAD_REQUEST, "<html><body><h1>Bad Request</h1></body></html>");
        };
        // Real codes hold characters that have to be encoded in a URL.
        let code = format!("{}!{}", token(random, 18), token(random, 6));
        let redirect_uri = request.parameter("redirect_uri").unwrap_or_default().to_owned();
        self.codes.insert(code.clone(), Code { redirect_uri, ends: now + TimeDelta::seconds(CODE_SECONDS) });
        redirect.query_pairs_mut().append_pair("code", &code);
        if let Some(state) = request.parameter("state") {
            redirect.query_pairs_mut().append_pair("state", state);
        }
        Reply::empty(StatusCode::FOUND).with_header("location", redirect)
    }

    /// `POST /api/oauth2/token`.
    pub(super) fn token(&mut self, request: &Request, now: DateTime<Utc>, random: &mut StdRng) -> Reply {
        match self.check(&request.form(), now) {
            Ok(()) => self.issue(now, random),
            Err(denied) => denied.into_reply(),
        }
    }

    fn check(&mut self, form: &[(String, String)], now: DateTime<Utc>) -> Result<(), Denied> {
        let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        if field("client_id") != Some(&self.client_id) || field("client_secret") != Some(&self.client_secret)
        {
            return Err(Denied::InvalidRequest);
        }
        match field("grant_type") {
            Some("authorization_code") => self.exchange(field("code"), field("redirect_uri"), now),
            Some("refresh_token") => self.check_refresh(field("refresh_token"), now),
            _ => Err(Denied::InvalidRequest),
        }
    }

    fn exchange(&mut self, code: Option<&str>, uri: Option<&str>, now: DateTime<Utc>) -> Result<(), Denied> {
        let found = code.and_then(|code| self.codes.remove(code));
        if !found.is_some_and(|code| code.ends > now && uri == Some(&code.redirect_uri)) {
            return Err(Denied::InvalidGrant);
        }
        self.end_chain();
        Ok(())
    }

    fn check_refresh(&self, presented: Option<&str>, now: DateTime<Utc>) -> Result<(), Denied> {
        let presented = presented.unwrap_or_default();
        if self.used.contains(presented) {
            return Err(Denied::OldToken);
        }
        let current = self.refresh.as_ref().filter(|(current, _)| current == presented);
        let (_, issued) = current.ok_or(Denied::InvalidGrant)?;
        if now - *issued > TimeDelta::days(REFRESH_DAYS) {
            return Err(Denied::InvalidGrant);
        }
        let earliest = self.last_issue.map(|last| last + TimeDelta::seconds(EARLIEST_REFRESH_SECONDS));
        if earliest.is_some_and(|earliest| now < earliest) {
            return Err(Denied::TooEarly);
        }
        Ok(())
    }

    fn issue(&mut self, now: DateTime<Utc>, random: &mut StdRng) -> Reply {
        let (access, refresh) = (token(random, 96), token(random, 48));
        self.access.retain(|_, ends| *ends > now);
        self.access.insert(access.clone(), now + TimeDelta::seconds(ACCESS_SECONDS));
        if let Some((old, _)) = self.refresh.replace((refresh.clone(), now)) {
            self.used.insert(old);
        }
        self.last_issue = Some(now);
        let body = json!({
            "access_token": access,
            "token_type": "bearer",
            "expires_in": ACCESS_SECONDS.to_string(),
            "refresh_token": refresh,
        });
        Reply::json(StatusCode::OK, &body)
    }

    fn end_chain(&mut self) {
        self.access.clear();
        self.last_issue = None;
        if let Some((old, _)) = self.refresh.take() {
            self.used.insert(old);
        }
    }
}

/// Why no tokens are given.
#[derive(Clone, Copy, Debug)]
enum Denied {
    InvalidRequest,
    InvalidGrant,
    OldToken,
    TooEarly,
}

impl Denied {
    fn into_reply(self) -> Reply {
        let (status, body) = match self {
            Self::InvalidRequest => (StatusCode::BAD_REQUEST, json!({ "error": "invalid_request" })),
            Self::InvalidGrant => (StatusCode::BAD_REQUEST, json!({ "error": "invalid_grant" })),
            Self::OldToken => (
                StatusCode::UNAUTHORIZED,
                json!({ "error": "unauthorized_client", "error_description": "Old refresh token used." }),
            ),
            Self::TooEarly => {
                (StatusCode::BAD_REQUEST, json!({ "error": "access_denied", "error_description": TOO_EARLY }))
            }
        };
        let reply = Reply::json(status, &body);
        match self {
            Self::TooEarly => reply.with_header("reason", format!("TooEarlyToRefreshTokens: {TOO_EARLY}")),
            _ => reply,
        }
    }
}

/// Random bytes as text that has to be encoded in a form, as real tokens have to be.
fn token(random: &mut StdRng, bytes: usize) -> String {
    let bytes: Vec<u8> = (0..bytes).map(|_| random.random()).collect();
    STANDARD_NO_PAD.encode(bytes)
}
