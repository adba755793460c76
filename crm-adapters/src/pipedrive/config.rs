use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OnceCell;
use url::Url;

use super::Pipedrive;
use super::api::Api;
use super::auth::{Access, ApiToken, ENDPOINT, Granted, Options, TOKEN_PATH};
use super::cache::Cache;
use super::lens::Lenses;
use super::limit::Limiter;
use crate::clock::{Clock, SystemClock};
use crate::error::{Error, ErrorKind, Result};
use crate::http::{HttpClient, pinned};
use crate::oauth::{OAuthApp, Session, TokenStore};

const ORIGIN: &str = "https://api.pipedrive.com";
const SIGN_IN: &str = "https://oauth.pipedrive.com";

/// What proves who calls.
#[derive(Clone, Debug)]
enum Proof {
    Token(ApiToken),
    Grant(OAuthApp, Arc<dyn TokenStore>),
}

/// Everything that can be set about a [`Pipedrive`] adapter.
#[derive(Clone, Debug)]
#[must_use]
pub struct PipedriveBuilder {
    proof: Proof,
    origin: Option<Url>,
    clock: Option<Arc<dyn Clock>>,
    archived_every: Duration,
    timeout: Duration,
    http: Option<HttpClient>,
    concurrency: usize,
    burst: u32,
}

impl PipedriveBuilder {
    pub(super) fn token(token: ApiToken) -> Self {
        Self::new(Proof::Token(token))
    }

    pub(super) fn grant(app: OAuthApp, store: Arc<dyn TokenStore>) -> Self {
        Self::new(Proof::Grant(app, store))
    }

    fn new(proof: Proof) -> Self {
        Self {
            proof,
            origin: None,
            clock: None,
            archived_every: Duration::from_secs(15 * 60),
            timeout: Duration::from_secs(30),
            http: None,
            concurrency: 32,
            burst: 20,
        }
    }

    /// Scheme, host and port that every request goes to, such as `https://acme.pipedrive.com`.
    ///
    /// Default: `https://api.pipedrive.com`; with a grant, the company's own, which comes with its tokens. Given with a
    /// grant, tokens are asked for there too, as a local double needs it. Plain http is taken on loopback only.
    pub fn origin(mut self, origin: Url) -> Self {
        self.origin = Some(origin);
        self
    }

    /// Where time comes from. Default: [`SystemClock`].
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// How often the feed looks for archived deals, which costs twice as much as the other ones. Default: 15 min.
    pub fn archived_every(mut self, interval: Duration) -> Self {
        self.archived_every = interval;
        self
    }

    /// How long one request may take, its answer included. Default: 30 s, in real time whatever the clock.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The connections to use, shared with other adapters. Default: its own.
    pub fn http_client(mut self, http: HttpClient) -> Self {
        self.http = Some(http);
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
        let clock = self.clock.unwrap_or_else(|| Arc::new(SystemClock::new()));
        let options = Options { timeout: self.timeout, http: self.http };
        let origin = self.origin.map(pinned).transpose()?;
        let access = match self.proof {
            Proof::Token(token) => {
                Access::Token(options.transport(or_default(origin, ORIGIN)?, Some(token.header()?))?)
            }
            Proof::Grant(app, store) => Access::Grant(Box::new(Granted {
                session: Session::new(&ENDPOINT, TOKEN_PATH.to_owned(), app, store, Arc::clone(&clock)),
                sign_in: options.transport(or_default(origin.clone(), SIGN_IN)?, None)?,
                origin,
                options,
                company: OnceCell::new(),
            })),
        };
        let limiter = Limiter::new(Arc::clone(&clock), self.burst);
        let api = Api::new(access, limiter, Arc::clone(&clock));
        Ok(Pipedrive {
            api,
            cache: Cache::new(clock),
            lenses: Lenses::default(),
            archived_every: self.archived_every,
            concurrency: self.concurrency,
        })
    }
}

fn or_default(origin: Option<Url>, default: &str) -> Result<Url> {
    let default = || {
        Url::parse(default).map_err(|error| Error::new(ErrorKind::Config, "no address").with_source(error))
    };
    origin.map_or_else(default, Ok)
}
