//! How a client is made.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

use crate::auth::{GrantHook, GrantId, MemoryTokenStore, Notices, Session, Spool, TokenEndpoint, TokenStore};
use crate::client::Client;
use crate::clock::{Clock, SystemClock};
use crate::error::{Error, Result};
use crate::http::{Backoff, HttpTransport, OverReqwest, Pipeline, Transport, TransportSettings};
use crate::limit::{Budget, MemoryUsageStore, Priority, Reserve, UsageStore};

/// An app as registered with Exact.
#[derive(Clone)]
#[expect(clippy::exhaustive_structs, reason = "the three things that a registration consists of")]
pub struct App {
    /// The client id.
    pub client_id: String,
    /// The client secret.
    pub client_secret: SecretString,
    /// The redirect URL, letter by letter as registered.
    pub redirect_url: String,
}

/// Without its secret.
impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("client_id", &self.client_id)
            .field("redirect_url", &self.redirect_url)
            .finish_non_exhaustive()
    }
}

/// The country that an app and its users belong to. Each has an Exact Online of its own, with its own data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Country {
    /// The Netherlands.
    Nl,
    /// Belgium.
    Be,
    /// Germany.
    De,
    /// The United Kingdom.
    Uk,
    /// France.
    Fr,
    /// Spain.
    Es,
    /// The United States.
    Us,
}

impl Country {
    /// The country of that code: `nl`, `be`, `de`, `uk`, `fr`, `es` or `us`.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Some(match code {
            "nl" => Self::Nl,
            "be" => Self::Be,
            "de" => Self::De,
            "uk" => Self::Uk,
            "fr" => Self::Fr,
            "es" => Self::Es,
            "us" => Self::Us,
            _ => return None,
        })
    }

    /// The origin of its Exact Online.
    #[must_use]
    pub const fn origin(self) -> &'static str {
        match self {
            Self::Nl => "https://start.exactonline.nl",
            Self::Be => "https://start.exactonline.be",
            Self::De => "https://start.exactonline.de",
            Self::Uk => "https://start.exactonline.co.uk",
            Self::Fr => "https://start.exactonline.fr",
            Self::Es => "https://start.exactonline.es",
            Self::Us => "https://start.exactonline.com",
        }
    }

    /// The currency in which books are kept there, as long as a division does not say otherwise.
    #[must_use]
    pub const fn currency(self) -> &'static str {
        match self {
            Self::Nl | Self::Be | Self::De | Self::Fr | Self::Es => "EUR",
            Self::Uk => "GBP",
            Self::Us => "USD",
        }
    }
}

/// Makes a [`Client`].
#[derive(Clone, Debug)]
#[must_use]
pub struct ClientBuilder {
    app: App,
    country: Country,
    origin: Option<Url>,
    grant: String,
    token_store: Arc<dyn TokenStore>,
    spool: Option<Spool>,
    hook: Option<Arc<dyn GrantHook>>,
    usage_store: Arc<dyn UsageStore>,
    reserve: Reserve,
    transport: Option<Arc<dyn HttpTransport>>,
    clock: Arc<dyn Clock>,
    timeout: Duration,
    max_body: usize,
    seed: Option<u64>,
}

impl ClientBuilder {
    pub(crate) fn new(app: App, country: Country) -> Self {
        Self {
            app,
            country,
            origin: None,
            grant: "default".to_owned(),
            token_store: Arc::new(MemoryTokenStore::new()),
            spool: None,
            hook: None,
            usage_store: Arc::new(MemoryUsageStore::new()),
            reserve: Reserve::default(),
            transport: None,
            clock: Arc::new(SystemClock::new()),
            timeout: Duration::from_secs(30),
            max_body: 16 * 1024 * 1024,
            seed: None,
        }
    }

    /// Talks to this origin instead of the country's, such as a sandbox. Plain http is for loopback only.
    pub fn origin(mut self, origin: Url) -> Self {
        self.origin = Some(origin);
        self
    }

    /// Names the grant, where there are several. Default: `default`.
    pub fn grant_name(mut self, name: impl Into<String>) -> Self {
        self.grant = name.into();
        self
    }

    /// Keeps the grant here. Default: in memory, which loses it with the process.
    pub fn token_store(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.token_store = store;
        self
    }

    /// Keeps a new pair of tokens here while the token store cannot be written. Default: nowhere, where a crash at
    /// that moment costs the grant.
    pub fn spool(mut self, spool: Spool) -> Self {
        self.spool = Some(spool);
        self
    }

    /// Tells this hook what happens to the grant. Default: the log alone.
    pub fn hook(mut self, hook: Arc<dyn GrantHook>) -> Self {
        self.hook = Some(hook);
        self
    }

    /// Keeps calls used here. Default: in memory, where a new process knows nothing of the minute and the day.
    pub fn usage_store(mut self, store: Arc<dyn UsageStore>) -> Self {
        self.usage_store = store;
        self
    }

    /// Has bulk calls leave so many calls of each division to interactive ones. Default: none.
    pub fn reserve(mut self, reserve: Reserve) -> Self {
        self.reserve = reserve;
        self
    }

    /// Sends requests through this one. Default: an [`OverReqwest`](crate::OverReqwest) of its own.
    pub fn transport(mut self, transport: Arc<dyn HttpTransport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Takes time from here. Default: the machine's clock.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// How long one request may take, in real time. Default: 30 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long an answer may be, in bytes after decompression. Default: 16 MiB.
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// Makes the jitter of retries repeatable, for tests.
    pub fn random_seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Makes the client. Makes no call and starts nothing.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) naming the setting that is wrong.
    pub fn build(self) -> Result<Client> {
        let origin = self.checked_origin()?;
        for (name, value) in [
            ("client_id", self.app.client_id.as_str()),
            ("client_secret", self.app.client_secret.expose_secret()),
            ("grant_name", &self.grant),
        ] {
            if value.trim().is_empty() {
                return Err(Error::config(format!("{name} is empty")));
            }
        }
        if self.timeout.is_zero() || self.max_body == 0 {
            return Err(Error::config("timeout and max_body must be more than nothing"));
        }
        let host = origin.host_str().unwrap_or_default().to_owned();
        let http: Arc<dyn HttpTransport> = match self.transport {
            Some(transport) => transport,
            None => Arc::new(OverReqwest::new(self.timeout)?),
        };
        let settings = TransportSettings { origin, timeout: self.timeout, max_body: self.max_body };
        let transport = Arc::new(Transport::new(settings, http));
        // Without the port: a sandbox on another port is the same Exact.
        let id = GrantId::new(&host, &self.app.client_id, &self.grant);
        let notices = Notices::new(id.clone(), Arc::clone(&self.clock), self.hook);
        let endpoint = TokenEndpoint::new(&self.app, Arc::clone(&transport), notices)?;
        let session = Session::new(id, self.token_store, Arc::clone(&self.clock), endpoint, self.spool);
        let app = format!("{host}/{}", self.app.client_id);
        Ok(Client::new(Pipeline {
            transport,
            session: Arc::new(session),
            budget: Arc::new(Budget::new(app, Arc::clone(&self.clock), self.usage_store, self.reserve)),
            priority: Priority::default(),
            clock: self.clock,
            backoff: Arc::new(Backoff::new(self.seed)),
        }))
    }

    fn checked_origin(&self) -> Result<Url> {
        let origin = match &self.origin {
            Some(origin) => origin.clone(),
            None => Url::parse(self.country.origin())
                .map_err(|error| Error::config("the country has no origin").with_source(error))?,
        };
        if !origin.username().is_empty() || origin.password().is_some() {
            return Err(Error::config("the origin must not hold a user name or a password"));
        }
        if origin.path() != "/" || origin.query().is_some() || origin.fragment().is_some() {
            return Err(Error::config("the origin must be a scheme, a host and a port, without a path"));
        }
        match origin.scheme() {
            "https" => Ok(origin),
            "http" if is_loopback(&origin) => Ok(origin),
            "http" => Err(Error::config(
                "plain http is for loopback only: tokens would cross the network in the clear",
            )),
            _ => Err(Error::config("the origin must be https")),
        }
    }
}

pub(crate) fn is_loopback(origin: &Url) -> bool {
    match origin.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn app() -> App {
        App {
            client_id: "id".into(),
            client_secret: "hush".into(),
            redirect_url: "https://example.com/cb".into(),
        }
    }

    #[test]
    fn plain_http_is_for_loopback_only() {
        for (origin, good) in [
            ("http://127.0.0.1:9001", true),
            ("http://[::1]:9001", true),
            ("http://localhost:9001", true),
            ("https://start.exactonline.nl", true),
            ("http://start.exactonline.nl", false),
            ("http://localhost.example.com", false),
            ("https://start.exactonline.nl/api", false),
            ("https://user:secret@start.exactonline.nl", false),
            ("ftp://start.exactonline.nl", false),
        ] {
            let built = Client::builder(app(), Country::Nl).origin(Url::parse(origin).unwrap()).build();
            assert_eq!(built.is_ok(), good, "{origin}");
        }
    }

    #[test]
    fn a_missing_secret_is_a_config_error_and_no_debug_shows_one() {
        let empty = App { client_secret: "".into(), ..app() };
        assert_eq!(Client::builder(empty, Country::Nl).build().unwrap_err().kind(), ErrorKind::Config);
        let builder = Client::builder(app(), Country::Be);
        let client = builder.clone().build().unwrap();
        assert!(!format!("{builder:?} {client:?}").contains("hush"));
    }
}
