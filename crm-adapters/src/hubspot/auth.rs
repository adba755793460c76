//! What proves to HubSpot who calls: a service key, or an app's grant that is renewed in time.

use std::fmt;

use http::HeaderValue;
use secrecy::SecretString;
use url::Url;

use super::HubSpot;
use crate::error::{Error, ErrorKind, Result};
use crate::http::Transport;
use crate::oauth::{Credentials, Endpoint, OAuthApp, Session, Tokens, bearer};

/// HubSpot's access tokens live for half an hour; its refresh tokens until the app is uninstalled. See HubSpot's
/// [OAuth guide](https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/oauth).
pub(super) const ENDPOINT: Endpoint = Endpoint {
    vendor: "HubSpot",
    consent: "https://app.hubspot.com/oauth/authorize",
    credentials: Credentials::Body,
};

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
            Self::Grant(session) => Ok(session.proof(transport).await?.bearer),
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

impl HubSpot {
    /// The address at which a person consents to an app. `state` comes back with the code: check that it is the same.
    ///
    /// # Errors
    /// None in practice.
    pub fn authorize_url(app: &OAuthApp, scopes: &[&str], state: &str) -> Result<Url> {
        ENDPOINT.authorize_url(app, scopes, state)
    }
}
