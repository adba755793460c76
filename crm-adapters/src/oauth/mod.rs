//! An app's grant: consent in the browser, a code for tokens, and their renewal.
//!
//! The same for every vendor; what differs between them is data.
//!
//! 1. Send a person to [`HubSpot::authorize_url`](crate::hubspot::HubSpot::authorize_url) or
//!    [`Pipedrive::authorize_url`](crate::pipedrive::Pipedrive::authorize_url).
//! 2. Hand the code that comes back to `connect`, which stores the tokens.
//! 3. From then on adapters made `with_grant` renew them by themselves.

mod endpoint;
mod session;

use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use url::Url;

pub(crate) use endpoint::{Credentials, Endpoint};
#[cfg(feature = "pipedrive")]
pub(crate) use session::Proof;
pub(crate) use session::Session;
#[cfg(feature = "hubspot")]
pub(crate) use session::bearer;

use crate::error::Result;

/// An app as the vendor knows it.
#[derive(Clone, Debug)]
pub struct OAuthApp {
    client_id: String,
    client_secret: SecretString,
    redirect_url: Url,
}

impl OAuthApp {
    /// An app, by what its page at the vendor shows.
    pub fn new(client_id: impl Into<String>, client_secret: impl Into<String>, redirect_url: Url) -> Self {
        let client_secret = SecretString::from(client_secret.into());
        Self { client_id: client_id.into(), client_secret, redirect_url }
    }
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
    /// The company's own origin at Pipedrive, such as `https://acme.pipedrive.com`.
    pub api_domain: Option<Url>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("expires_at", &self.expires_at)
            .field("portal_id", &self.portal_id)
            .field("api_domain", &self.api_domain.as_ref().map(Url::as_str))
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

    /// Puts a grant in the place of the old one, durably. Both vendors say that a refresh token stays the same; what
    /// comes back is kept all the same.
    ///
    /// # Errors
    /// Where it cannot be kept; the new tokens are not used then, and saved again before the next call.
    async fn save(&self, tokens: &Tokens) -> Result<()>;
}

const _: Option<&dyn TokenStore> = None;
