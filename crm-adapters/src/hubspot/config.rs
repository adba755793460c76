use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::HubSpot;
use super::api::Api;
use super::auth::{Credential, ENDPOINT, ServiceKey};
use super::cache::Cache;
use super::entity::Entities;
use super::limit::Limiter;
use super::version::ApiVersion;
use crate::clock::{Clock, SystemClock};
use crate::error::{Error, ErrorKind, Result};
use crate::http::{HttpClient, Transport, TransportOptions, pinned};
use crate::model::Kind;
use crate::oauth::{OAuthApp, Session, TokenStore};

const ORIGIN: &str = "https://api.hubapi.com";

/// What proves who calls.
#[derive(Clone, Debug)]
enum Proof {
    Key(ServiceKey),
    Grant(OAuthApp, Arc<dyn TokenStore>),
}

/// Everything that can be set about a [`HubSpot`] adapter.
#[derive(Clone, Debug)]
#[must_use]
pub struct HubSpotBuilder {
    proof: Proof,
    origin: Option<Url>,
    version: ApiVersion,
    objects: BTreeMap<Kind, String>,
    unique_key: String,
    archived_every: Duration,
    clock: Option<Arc<dyn Clock>>,
    timeout: Duration,
    http: Option<HttpClient>,
    concurrency: usize,
    burst: usize,
}

impl HubSpotBuilder {
    pub(super) fn key(key: ServiceKey) -> Self {
        Self::new(Proof::Key(key), 190)
    }

    pub(super) fn grant(app: OAuthApp, store: Arc<dyn TokenStore>) -> Self {
        Self::new(Proof::Grant(app, store), 110)
    }

    fn new(proof: Proof, burst: usize) -> Self {
        Self {
            proof,
            origin: None,
            version: ApiVersion::default(),
            objects: BTreeMap::new(),
            unique_key: "exact_id".to_owned(),
            archived_every: Duration::from_secs(15 * 60),
            clock: None,
            timeout: Duration::from_secs(30),
            http: None,
            concurrency: 8,
            burst,
        }
    }

    /// Scheme, host and port that every request goes to. Default: `https://api.hubapi.com`.
    ///
    /// Plain http is taken on loopback only.
    pub fn origin(mut self, origin: Url) -> Self {
        self.origin = Some(origin);
        self
    }

    /// The version of the API. Default: [`ApiVersion::Dated`].
    pub fn version(mut self, version: ApiVersion) -> Self {
        self.version = version;
        self
    }

    /// Lets an object type stand for a kind: `2-123` or `p_erp_invoice` for a custom object.
    pub fn object(mut self, kind: Kind, object_type: impl Into<String>) -> Self {
        self.objects.insert(kind, object_type.into());
        self
    }

    /// The internal name of the unique property that holds the other side's id. Default: `exact_id`.
    ///
    /// A create that carries it is an upsert, so that repeating it makes no second record.
    pub fn unique_key(mut self, property: impl Into<String>) -> Self {
        self.unique_key = property.into();
        self
    }

    /// How often the feed looks for archived records, which costs a call for each hundred of them. Default: 15 min.
    pub fn archived_every(mut self, interval: Duration) -> Self {
        self.archived_every = interval;
        self
    }

    /// Where time comes from. Default: [`SystemClock`].
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// How long one request may take, its answer included. Default: 30 s, in real time whatever the clock.
    ///
    /// HubSpot itself may take 10 s for a batch.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The connections to use, shared with other adapters. Default: its own.
    pub fn http_client(mut self, http: HttpClient) -> Self {
        self.http = Some(http);
        self
    }

    /// How many batches may usefully be under way at once. Default: 8.
    pub fn concurrency(mut self, calls: usize) -> Self {
        self.concurrency = calls.max(1);
        self
    }

    /// Requests per ten seconds, until the first answer tells the account's own limit. Default: 190 with a service key,
    /// 110 with a grant.
    pub fn burst(mut self, requests: usize) -> Self {
        self.burst = requests;
        self
    }

    /// Makes the adapter. No call is made.
    ///
    /// # Errors
    /// [`Config`](ErrorKind::Config) for an origin or an object type that is not one, or a key that cannot be one.
    pub fn build(self) -> Result<HubSpot> {
        let origin = match self.origin {
            Some(origin) => origin,
            None => Url::parse(ORIGIN)
                .map_err(|error| Error::new(ErrorKind::Config, "no address").with_source(error))?,
        };
        let transport = Transport::new(TransportOptions {
            origin: pinned(origin)?,
            credential: None,
            timeout: self.timeout,
            http: self.http,
        })?;
        let clock = self.clock.unwrap_or_else(|| Arc::new(SystemClock::new()));
        let credential = match self.proof {
            Proof::Key(key) => Credential::Key(key.header()?),
            Proof::Grant(app, store) => {
                let path = self.version.token();
                let session = Session::new(&ENDPOINT, path, app, store, Arc::clone(&clock));
                Credential::Grant(Box::new(session))
            }
        };
        let limiter = Limiter::new(Arc::clone(&clock), self.burst);
        let entities = Entities::new(&self.objects)?;
        let cache = Cache::new(Arc::clone(&clock), entities);
        Ok(HubSpot {
            api: Api::new(self.version, transport, limiter, credential, clock),
            cache,
            unique_key: self.unique_key,
            archived_every: self.archived_every,
            concurrency: self.concurrency,
        })
    }
}
