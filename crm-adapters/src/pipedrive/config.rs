use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::Pipedrive;
use super::api::Api;
use super::cache::Cache;
use super::limit::Limiter;
use crate::clock::{Clock, SystemClock};
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Transport, TransportOptions, pinned};

const ORIGIN: &str = "https://api.pipedrive.com";
const TOKEN_HEADER: HeaderName = HeaderName::from_static("x-api-token");

/// The API token of one Pipedrive user. Best of a user that exists for the integration alone.
#[derive(Clone)]
pub struct ApiToken(SecretString);

impl ApiToken {
    /// Wraps a token. Its text is wiped from memory when the last copy is dropped.
    pub fn new(token: impl Into<String>) -> Self {
        Self(SecretString::from(token.into()))
    }

    fn header(&self) -> Result<HeaderValue> {
        let mut value = HeaderValue::from_str(self.0.expose_secret().trim())
            .ok()
            .filter(|value| !value.is_empty())
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::Config,
                    "the Pipedrive API token is empty or has characters that no token has",
                )
            })?;
        value.set_sensitive(true);
        Ok(value)
    }
}

impl fmt::Debug for ApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiToken(…)")
    }
}

/// Everything that can be set about a [`Pipedrive`] adapter.
#[derive(Clone, Debug)]
#[must_use]
pub struct PipedriveBuilder {
    token: ApiToken,
    origin: Option<Url>,
    clock: Option<Arc<dyn Clock>>,
    timeout: Duration,
    concurrency: usize,
    burst: u32,
}

impl PipedriveBuilder {
    pub(super) fn new(token: ApiToken) -> Self {
        Self {
            token,
            origin: None,
            clock: None,
            timeout: Duration::from_secs(30),
            concurrency: 32,
            burst: 20,
        }
    }

    /// Scheme, host and port that every request goes to, such as `https://acme.pipedrive.com`.
    ///
    /// Default: `https://api.pipedrive.com`. Plain http is taken on loopback only.
    pub fn origin(mut self, origin: Url) -> Self {
        self.origin = Some(origin);
        self
    }

    /// Where time comes from. Default: [`SystemClock`].
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// How long one request may take, its answer included. Default: 30 s, in real time whatever the clock.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How many writes may usefully be under way at once. Default: 32.
    pub fn concurrency(mut self, calls: usize) -> Self {
        self.concurrency = calls.max(1);
        self
    }

    /// Requests per two seconds, until the first answer tells the account's own limit. Default: 20, the smallest plan's.
    pub fn burst(mut self, requests: u32) -> Self {
        self.burst = requests;
        self
    }

    /// Makes the adapter. No call is made.
    ///
    /// # Errors
    /// [`Config`](ErrorKind::Config) for an origin that is not one, or a token that cannot be one.
    pub fn build(self) -> Result<Pipedrive> {
        let origin = match self.origin {
            Some(origin) => origin,
            None => Url::parse(ORIGIN)
                .map_err(|error| Error::new(ErrorKind::Config, "no address").with_source(error))?,
        };
        let transport = Transport::new(TransportOptions {
            origin: pinned(origin)?,
            credential: Some((TOKEN_HEADER, self.token.header()?)),
            timeout: self.timeout,
            connections: self.concurrency,
        })?;
        let clock = self.clock.unwrap_or_else(|| Arc::new(SystemClock::new()));
        let limiter = Limiter::new(Arc::clone(&clock), self.burst);
        let api = Api::new(transport, limiter, Arc::clone(&clock));
        Ok(Pipedrive { api, cache: Cache::new(clock), concurrency: self.concurrency })
    }
}
