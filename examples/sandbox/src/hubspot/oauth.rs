//! Tokens: the account's service key, and an app that a person gave consent to.

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use rand::Rng;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;
use uuid::Builder;

use super::refusal::Refusal;
use super::{APP, PORTAL};
use crate::http::{Reply, Request, path_segments};

const ACCESS_SECONDS: i64 = 1_800;
const CODE_MINUTES: i64 = 10;
/// The hidden app that stands behind a service key.
const APP_OF_KEY: u64 = APP + 1;
const USER: u64 = 77;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct OAuth {
    pub(super) service_key: String,
    pub(super) client_id: String,
    pub(super) client_secret: String,
    /// Never rotates; dies when the app is uninstalled.
    pub(super) refresh_token: Option<String>,
    /// With the moment at which each ends.
    access: BTreeMap<String, DateTime<Utc>>,
    /// With its redirect URI and the moment at which it ends.
    codes: BTreeMap<String, (String, DateTime<Utc>)>,
}

/// Whose token it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bearer {
    Key,
    App,
}

impl Bearer {
    pub(super) fn app(self) -> u64 {
        match self {
            Self::Key => APP_OF_KEY,
            Self::App => APP,
        }
    }

    /// Calls with an OAuth token have no daily limit.
    pub(super) fn has_daily_limit(self) -> bool {
        self == Self::Key
    }
}

impl OAuth {
    pub(super) fn new(random: &mut StdRng) -> Self {
        let mut fresh = || uuid(random);
        let service_key = format!("pat-eu1-{}", fresh());
        let (client_id, client_secret, refresh) = (fresh(), fresh(), fresh());
        let (access, codes) = (BTreeMap::new(), BTreeMap::new());
        Self { service_key, client_id, client_secret, refresh_token: Some(refresh), access, codes }
    }

    /// Whose call it is.
    pub(super) fn who(&self, token: Option<&str>, now: DateTime<Utc>) -> Result<Bearer, Refusal> {
        let refuse =
            |category, message: String| Err(Refusal::new(StatusCode::UNAUTHORIZED, category, message));
        let Some(token) = token else {
            return refuse("INVALID_AUTHENTICATION", "Authentication credentials not found.".to_owned());
        };
        if token == self.service_key {
            return Ok(Bearer::Key);
        }
        match self.access.get(token) {
            Some(ends) if *ends > now => Ok(Bearer::App),
            Some(ends) => {
                let minutes = (now - *ends).num_minutes();
                let message =
                    format!("The OAuth token used to make this call expired {minutes} minute(s) ago.");
                refuse("EXPIRED_AUTHENTICATION", message)
            }
            None => refuse("INVALID_AUTHENTICATION", "Authentication credentials not valid.".to_owned()),
        }
    }

    /// The answer to a call for consent or tokens; `None` when the request is for something else.
    pub(super) fn answer(
        &mut self,
        request: &Request,
        now: DateTime<Utc>,
        random: &mut StdRng,
    ) -> Option<Reply> {
        let segments = path_segments(&request.path);
        let post = request.method == Method::POST;
        Some(match segments.as_slice() {
            ["oauth", "authorize"] => self.consent_page(request, now, random),
            ["oauth", _, "token"] if post => self.token(request, now, random),
            ["oauth", _, "token", "introspect"] if post => self.introspect(request, now),
            ["oauth", _, "token", "revoke"] if post => self.revoke(request),
            ["oauth", ..] => Reply::empty(StatusCode::NOT_FOUND),
            _ => return None,
        })
    }

    /// A person who always agrees: the browser is sent back with a code at once.
    fn consent_page(&mut self, request: &Request, now: DateTime<Utc>, random: &mut StdRng) -> Reply {
        let uri = request.parameter("redirect_uri").unwrap_or_default();
        let (Ok(mut back), true) = (Url::parse(uri), request.parameter("client_id") == Some(&self.client_id))
        else {
            return Reply::empty(StatusCode::BAD_REQUEST);
        };
        let code = uuid(random);
        self.codes.insert(code.clone(), (uri.to_owned(), now + TimeDelta::minutes(CODE_MINUTES)));
        back.query_pairs_mut().append_pair("code", &code);
        if let Some(state) = request.parameter("state") {
            back.query_pairs_mut().append_pair("state", state);
        }
        Reply::empty(StatusCode::FOUND).with_header("location", back)
    }

    fn token(&mut self, request: &Request, now: DateTime<Utc>, random: &mut StdRng) -> Reply {
        let form = request.form();
        let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        if field("client_id") != Some(&self.client_id) || field("client_secret") != Some(&self.client_secret)
        {
            return denied("invalid_client", "BAD_CLIENT_ID", "missing or unknown client id or secret");
        }
        match field("grant_type") {
            Some("authorization_code") => {
                let found = field("code").and_then(|code| self.codes.remove(code));
                if !found.is_some_and(|(uri, ends)| ends > now && field("redirect_uri") == Some(&uri)) {
                    return denied("invalid_grant", "BAD_AUTH_CODE", "missing or unknown auth code");
                }
                self.refresh_token.get_or_insert_with(|| uuid(random));
                self.issue(now, random)
            }
            Some("refresh_token") => {
                if self.refresh_token.is_none() || field("refresh_token") != self.refresh_token.as_deref() {
                    let message = "missing or invalid refresh token";
                    return denied("invalid_grant", "BAD_REFRESH_TOKEN", message);
                }
                self.issue(now, random)
            }
            Some("client_credentials") => self.issue_for_app(now, random),
            _ => denied("unsupported_grant_type", "BAD_GRANT_TYPE", "missing or unknown grant type"),
        }
    }

    fn issue(&mut self, now: DateTime<Utc>, random: &mut StdRng) -> Reply {
        let mut body = self.access_token(now, random);
        body["refresh_token"] = json!(self.refresh_token);
        body["user_id"] = json!(USER);
        Reply::json(StatusCode::OK, &body)
    }

    fn issue_for_app(&mut self, now: DateTime<Utc>, random: &mut StdRng) -> Reply {
        Reply::json(StatusCode::OK, &self.access_token(now, random))
    }

    fn access_token(&mut self, now: DateTime<Utc>, random: &mut StdRng) -> Value {
        let token = format!("CN{}", uuid(random));
        self.access.insert(token.clone(), now + TimeDelta::seconds(ACCESS_SECONDS));
        json!({
            "access_token": token,
            "expires_in": ACCESS_SECONDS,
            "token_type": "bearer",
            "hub_id": PORTAL,
            "scopes": ["oauth"],
            "token_use": "access_token",
        })
    }

    fn introspect(&self, request: &Request, now: DateTime<Utc>) -> Reply {
        let form = request.form();
        let token = form.iter().find(|(name, _)| name == "token").map(|(_, token)| token.as_str());
        let refresh = token.is_some() && token == self.refresh_token.as_deref();
        let active = refresh || self.who(token, now).is_ok();
        let body = json!({ "active": active, "hub_id": PORTAL, "client_id": self.client_id });
        Reply::json(StatusCode::OK, &body)
    }

    fn revoke(&mut self, request: &Request) -> Reply {
        let form = request.form();
        if form.iter().any(|(name, value)| name == "token" && Some(value) == self.refresh_token.as_ref()) {
            self.uninstall();
        }
        Reply::empty(StatusCode::OK)
    }

    /// A new consent: the refresh token works at once.
    pub(super) fn install(&mut self, random: &mut StdRng) -> String {
        self.refresh_token.insert(uuid(random)).clone()
    }

    pub(super) fn uninstall(&mut self) {
        self.refresh_token = None;
        self.access.clear();
    }
}

fn denied(error: &str, status: &str, message: &str) -> Reply {
    let body = json!({
        "error": error,
        "error_description": message,
        "status": status,
        "message": message,
    });
    Reply::json(StatusCode::BAD_REQUEST, &body)
}

fn uuid(random: &mut StdRng) -> String {
    Builder::from_random_bytes(random.random()).into_uuid().to_string()
}
