//! What proves to HubSpot who calls: a service key, or an app's grant that is renewed in time.

use std::fmt;
use std::sync::Arc;

use chrono::TimeDelta;
use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use super::oauth::{OAuthApp, TokenStore, Tokens, missing};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result};
use crate::http::Transport;

/// A token is renewed so long before it runs out, so that it does not do so on its way.
const EARLY: TimeDelta = TimeDelta::seconds(60);

/// A service key of one HubSpot account, or the token of a private app (`pat-…`).
#[derive(Clone)]
pub struct ServiceKey(SecretString);

impl ServiceKey {
    /// Wraps a key. Its text is wiped from memory when the last copy is dropped.
    pub fn new(key: impl Into<String>) -> Self {
        Self(SecretString::from(key.into()))
    }

    pub(super) fn header(&self) -> Result<HeaderValue> {
        bearer(&self.0).map_err(|error| error.with_remedy("copy the service key from HubSpot once more"))
    }
}

impl fmt::Debug for ServiceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServiceKey(…)")
    }
}

#[derive(Debug)]
pub(super) enum Credential {
    Key(HeaderValue),
    Grant(Box<Session>),
}

impl Credential {
    /// The header that proves it; renewed first where that is due.
    pub(super) async fn bearer(&self, transport: &Transport) -> Result<HeaderValue> {
        match self {
            Self::Key(header) => Ok(header.clone()),
            Self::Grant(session) => session.bearer(transport).await,
        }
    }

    /// The first tokens of a grant.
    pub(super) async fn connect(&self, transport: &Transport, code: &str) -> Result<Tokens> {
        match self {
            Self::Grant(session) => session.connect(transport, code).await,
            Self::Key(_) => {
                Err(Error::new(ErrorKind::Unsupported, "an adapter with a service key needs no consent"))
            }
        }
    }

    /// After a refusal: whether another token than the refused one can be had.
    pub(super) async fn renews(&self, refused: &HeaderValue) -> bool {
        match self {
            Self::Key(_) => false,
            Self::Grant(session) => session.renews(refused).await,
        }
    }
}

/// One grant to one app, shared by everything that calls the account.
#[derive(Debug)]
pub(super) struct Session {
    app: OAuthApp,
    path: String,
    store: Arc<dyn TokenStore>,
    clock: Arc<dyn Clock>,
    /// Whoever holds the lock renews; the others wait for it and take the new token.
    held: Mutex<Option<Held>>,
}

#[derive(Debug)]
struct Held {
    tokens: Tokens,
    header: HeaderValue,
    /// It was refused: renew it whatever its time.
    refused: bool,
    /// It was got after a refusal: another one is not about its age.
    renewed: bool,
}

impl Session {
    pub(super) fn new(
        app: OAuthApp,
        path: String,
        store: Arc<dyn TokenStore>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { app, path, store, clock, held: Mutex::default() }
    }

    async fn bearer(&self, transport: &Transport) -> Result<HeaderValue> {
        let mut held = self.held.lock().await;
        let current = match held.take() {
            Some(current) => current,
            None => Held::new(self.store.load().await?.ok_or_else(missing)?, false)?,
        };
        let due = current.refused || current.tokens.expires_at - EARLY <= self.clock.now();
        let current = if due { self.renewed(transport, current, &mut held).await? } else { current };
        Ok(held.insert(current).header.clone())
    }

    /// A new token, stored before it is used. Where none can be had, the old grant stays in hand.
    async fn renewed(&self, transport: &Transport, old: Held, held: &mut Option<Held>) -> Result<Held> {
        let refused = old.refused;
        let renewed = self.app.refresh(transport, &self.path, &old.tokens, self.clock.as_ref()).await;
        let tokens = match renewed {
            Ok(tokens) => tokens,
            Err(error) => {
                *held = Some(old);
                return Err(error);
            }
        };
        self.store.save(&tokens).await?;
        Held::new(tokens, refused)
    }

    async fn connect(&self, transport: &Transport, code: &str) -> Result<Tokens> {
        let mut held = self.held.lock().await;
        let tokens = self.app.exchange(transport, &self.path, code, self.clock.as_ref()).await?;
        self.store.save(&tokens).await?;
        *held = Some(Held::new(tokens.clone(), false)?);
        Ok(tokens)
    }

    async fn renews(&self, refused: &HeaderValue) -> bool {
        let mut held = self.held.lock().await;
        match held.as_mut() {
            Some(current) if current.header == *refused => {
                current.refused = !current.renewed;
                current.refused
            }
            Some(_) => true,
            None => false,
        }
    }
}

impl Held {
    fn new(tokens: Tokens, renewed: bool) -> Result<Self> {
        let header = bearer(&tokens.access_token)?;
        Ok(Self { tokens, header, refused: false, renewed })
    }
}

fn bearer(token: &SecretString) -> Result<HeaderValue> {
    let token = token.expose_secret().trim();
    let header = HeaderValue::from_str(&format!("Bearer {token}")).ok().filter(|_| !token.is_empty());
    let mut header = header.ok_or_else(|| {
        Error::new(ErrorKind::Config, "the HubSpot token is empty or has characters that no token has")
    })?;
    header.set_sensitive(true);
    Ok(header)
}
