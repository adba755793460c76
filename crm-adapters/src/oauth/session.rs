use std::sync::Arc;

use chrono::TimeDelta;
use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;
use url::Url;

use super::{Endpoint, OAuthApp, TokenStore, Tokens};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result};
use crate::http::Transport;

/// A token is renewed so long before it runs out, so that it does not do so on its way.
const EARLY: TimeDelta = TimeDelta::seconds(60);

/// One grant to one app, shared by everything that calls the account.
#[derive(Debug)]
pub(crate) struct Session {
    endpoint: &'static Endpoint,
    /// Of the calls for tokens.
    path: String,
    app: OAuthApp,
    store: Arc<dyn TokenStore>,
    clock: Arc<dyn Clock>,
    /// Whoever holds the lock renews; the others wait for it and take the new token.
    held: Mutex<Option<Held>>,
}

/// What proves who calls, and where the proof may go.
#[derive(Clone, Debug)]
pub(crate) struct Proof {
    pub(crate) bearer: HeaderValue,
    #[cfg_attr(not(feature = "pipedrive"), expect(dead_code, reason = "Pipedrive alone tells it"))]
    pub(crate) api_domain: Option<Url>,
}

#[derive(Debug)]
struct Held {
    tokens: Tokens,
    proof: Proof,
    stored: bool,
    /// It was refused: renew it whatever its time.
    refused: bool,
    /// It was got after a refusal: another one is not about its age.
    renewed: bool,
}

impl Session {
    pub(crate) fn new(
        endpoint: &'static Endpoint,
        path: String,
        app: OAuthApp,
        store: Arc<dyn TokenStore>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { endpoint, path, app, store, clock, held: Mutex::default() }
    }

    /// The proof of the moment; renewed first where that is due, and stored before it is handed out.
    pub(crate) async fn proof(&self, transport: &Transport) -> Result<Proof> {
        let mut held = self.held.lock().await;
        let current = match held.as_mut() {
            Some(current) => current,
            None => held.insert(self.stored().await?),
        };
        if current.refused || current.tokens.expires_at - EARLY <= self.clock.now() {
            match self.refresh(transport, &current.tokens).await {
                Ok(tokens) => *current = Held { renewed: current.refused, ..Held::new(tokens)? },
                Err(error) => {
                    // Somebody may connect anew meanwhile, in another process too.
                    if error.kind() == ErrorKind::Auth {
                        *held = None;
                    }
                    return Err(error);
                }
            }
        }
        self.keep(current).await?;
        Ok(current.proof.clone())
    }

    /// The first tokens of a grant.
    pub(crate) async fn connect(&self, transport: &Transport, code: &str) -> Result<Tokens> {
        let mut held = self.held.lock().await;
        let way = (transport, self.path.as_str());
        let tokens = self.endpoint.exchange(&self.app, way, code, self.clock.as_ref()).await?;
        self.keep(held.insert(Held::new(tokens.clone())?)).await?;
        Ok(tokens)
    }

    /// After a refusal: whether another token than the refused one can be had.
    pub(crate) async fn renews(&self, refused: &HeaderValue) -> bool {
        let mut held = self.held.lock().await;
        match held.as_mut() {
            Some(current) if current.proof.bearer == *refused => {
                current.refused = !current.renewed;
                current.refused
            }
            Some(_) => true,
            None => false,
        }
    }

    async fn stored(&self) -> Result<Held> {
        let tokens = self.store.load().await?.ok_or_else(|| {
            Error::new(ErrorKind::Auth, format!("{} is not connected yet", self.endpoint.vendor))
                .with_remedy("let a person give consent first")
        })?;
        Ok(Held { stored: true, ..Held::new(tokens)? })
    }

    async fn refresh(&self, transport: &Transport, old: &Tokens) -> Result<Tokens> {
        let way = (transport, self.path.as_str());
        self.endpoint.refresh(&self.app, way, old, self.clock.as_ref()).await
    }

    async fn keep(&self, current: &mut Held) -> Result<()> {
        if !current.stored {
            self.store.save(&current.tokens).await?;
            current.stored = true;
        }
        Ok(())
    }
}

impl Held {
    /// Tokens that came just now.
    fn new(tokens: Tokens) -> Result<Self> {
        let proof = Proof { bearer: bearer(&tokens.access_token)?, api_domain: tokens.api_domain.clone() };
        Ok(Self { tokens, proof, stored: false, refused: false, renewed: false })
    }
}

/// The header that carries a token.
pub(crate) fn bearer(token: &SecretString) -> Result<HeaderValue> {
    let token = token.expose_secret().trim();
    let header = HeaderValue::from_str(&format!("Bearer {token}")).ok().filter(|_| !token.is_empty());
    let mut header = header.ok_or_else(|| {
        Error::new(ErrorKind::Config, "the token is empty or has characters that no token has")
    })?;
    header.set_sensitive(true);
    Ok(header)
}
