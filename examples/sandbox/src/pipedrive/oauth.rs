//! Grants: an app that a person gave consent to, and its tokens.

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use rand::Rng;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use crate::http::{Reply, Request, path_segments};

const ACCESS: TimeDelta = TimeDelta::minutes(60);
const CODE: TimeDelta = TimeDelta::minutes(5);
/// A refresh token that nobody uses for so long is dead.
const IDLE: TimeDelta = TimeDelta::days(60);
const SCOPES: &str = "base deals:full contacts:full products:full leads:read users:read search:read admin";

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct OAuth {
    pub(super) client_id: String,
    pub(super) client_secret: String,
    /// The same after each use; with the moment of the last.
    refresh: Option<(String, DateTime<Utc>)>,
    /// With the moment at which each ends.
    access: BTreeMap<String, DateTime<Utc>>,
    /// With its redirect URI and the moment at which it ends.
    codes: BTreeMap<String, (String, DateTime<Utc>)>,
}

impl OAuth {
    pub(super) fn new(random: &mut StdRng) -> Self {
        let (client_id, client_secret) = (secret(random), secret(random));
        Self { client_id, client_secret, refresh: None, access: BTreeMap::new(), codes: BTreeMap::new() }
    }

    pub(super) fn is_valid(&self, access_token: &str, now: DateTime<Utc>) -> bool {
        self.access.get(access_token).is_some_and(|ends| *ends > now)
    }

    /// The answer to a call for consent or tokens; `None` when the request is for something else.
    pub(super) fn answer(
        &mut self,
        request: &Request,
        now: DateTime<Utc>,
        random: &mut StdRng,
    ) -> Option<Reply> {
        Some(match (&request.method, path_segments(&request.path).as_slice()) {
            (&Method::GET, ["oauth", "authorize"]) => self.consent_page(request, now, random),
            (&Method::POST, ["oauth", "token"]) => self.token(request, now, random).unwrap_or_else(denied),
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
        let code = self.consent(uri, now, random);
        back.query_pairs_mut().append_pair("code", &code);
        if let Some(state) = request.parameter("state") {
            back.query_pairs_mut().append_pair("state", state);
        }
        Reply::empty(StatusCode::FOUND).with_header("location", back)
    }

    pub(super) fn consent(&mut self, redirect_uri: &str, now: DateTime<Utc>, random: &mut StdRng) -> String {
        let code = secret(random);
        self.codes.insert(code.clone(), (redirect_uri.to_owned(), now + CODE));
        code
    }

    fn token(
        &mut self,
        request: &Request,
        now: DateTime<Utc>,
        random: &mut StdRng,
    ) -> Result<Reply, &'static str> {
        let pair = STANDARD.encode(format!("{}:{}", self.client_id, self.client_secret));
        if request.header("authorization") != Some(format!("Basic {pair}").as_str()) {
            return Err("invalid_client");
        }
        let form = request.form();
        let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        match field("grant_type") {
            Some("authorization_code") => {
                let found = field("code").and_then(|code| self.codes.remove(code));
                found
                    .filter(|(uri, ends)| *ends > now && field("redirect_uri") == Some(uri))
                    .ok_or("invalid_grant")?;
                self.refresh.get_or_insert_with(|| (secret(random), now));
            }
            Some("refresh_token") => {
                let live = |(token, used): &&(String, DateTime<Utc>)| {
                    field("refresh_token") == Some(token) && now - *used < IDLE
                };
                self.refresh.as_ref().filter(live).ok_or("invalid_grant")?;
            }
            _ => return Err("unsupported_grant_type"),
        }
        Ok(Reply::json(StatusCode::OK, &self.issue(request, now, random)))
    }

    fn issue(&mut self, request: &Request, now: DateTime<Utc>, random: &mut StdRng) -> Value {
        let token = secret(random);
        self.access.insert(token.clone(), now + ACCESS);
        if let Some((_, used)) = &mut self.refresh {
            *used = now;
        }
        json!({
            "access_token": token,
            "token_type": "bearer",
            "refresh_token": self.refresh.as_ref().map(|(token, _)| token),
            "scope": SCOPES,
            "expires_in": ACCESS.num_seconds(),
            "api_domain": format!("http://{}", request.header("host").unwrap_or("127.0.0.1")),
        })
    }

    /// A new consent: the refresh token works at once.
    pub(super) fn install(&mut self, now: DateTime<Utc>, random: &mut StdRng) -> String {
        self.refresh.insert((secret(random), now)).0.clone()
    }

    pub(super) fn uninstall(&mut self) {
        self.refresh = None;
        self.access.clear();
    }
}

fn denied(error: &str) -> Reply {
    let body = json!({ "success": false, "error": error, "message": error });
    Reply::json(StatusCode::BAD_REQUEST, &body)
}

fn secret(random: &mut StdRng) -> String {
    let bytes: [u8; 20] = random.random();
    hex::encode(bytes)
}
