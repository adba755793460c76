//! From a config to things that work: the store, a client for each grant, the CRM, the engine.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crm_adapters::hubspot::webhook::Hint;
use crm_adapters::pipedrive::webhook::{Repaired, Subscription};
use crm_adapters::{Adapter, Clock, HttpClient, SystemClock};
use exact_client::{Client, Country, DivisionId, GrantHook, OverReqwest, WallTime, WebhookTopic};
use secrecy::{ExposeSecret, SecretString};
use sync_core::engine::{Engine, EngineBuilder, Observer};
use sync_core::exact::{CallStore, ExactAdapter, ExactClock, GrantStore, PartStore};
use sync_core::flow::{Division, Flow, Side};

use sync_core::store::{self, Store, Tenant};
use url::Url;

use crate::config::{Config, EngineConfig, ExactConfig, GrantConfig};
use crate::crm::Crm;
use crate::error::{Error, Result};

/// How long a connection that customers share may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What a host may bring along.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ConnectOptions {
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// Who is told what happens to the grants.
    pub grant_hook: Option<Arc<dyn GrantHook>>,
    /// What customers of one process share.
    pub(crate) connections: Option<Connections>,
}

/// The connections to vendors, for several customers.
#[derive(Clone, Debug)]
pub(crate) struct Connections {
    exact: OverReqwest,
    crm: HttpClient,
}

impl Connections {
    pub(crate) fn new() -> Result<Self> {
        let exact = OverReqwest::new(CONNECT_TIMEOUT).map_err(|error| Error::from(error).at("exact"))?;
        Ok(Self { exact, crm: HttpClient::new().map_err(|error| Error::from(error).at("crm"))? })
    }
}

impl ConnectOptions {
    /// Everything by the machine's clock.
    #[must_use]
    pub fn new() -> Self {
        Self { clock: Arc::new(SystemClock::new()), grant_hook: None, connections: None }
    }

    /// Replaces the clock.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Says who is told what happens to the grants.
    #[must_use]
    pub fn grant_hook(mut self, hook: Arc<dyn GrantHook>) -> Self {
        self.grant_hook = Some(hook);
        self
    }
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self::new()
    }
}

/// One customer's connections. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct App {
    tenant: Tenant,
    store: Arc<dyn Store>,
    grants: Vec<Grant>,
    crm: Crm,
    flows: Arc<[Flow]>,
    lengths: BTreeMap<String, usize>,
    country: Country,
    create_fields: bool,
    timing: EngineConfig,
    keep_days: u32,
    deletions_every: Duration,
    parts: PartStore,
    clock: Arc<dyn Clock>,
}

/// One grant, and the client that works under it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Grant {
    /// As configured.
    pub config: GrantConfig,
    /// The client.
    pub client: Client,
    /// When its divisions were moved, as Exact said last.
    moved: Arc<Mutex<Option<Moved>>>,
}

/// Where the engine learns whether a division was moved since its feeds were read last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "with calls or without")]
pub enum Divisions {
    /// From Exact: one call for each grant. What reads the feeds needs this. A grant that is refused stops its own
    /// divisions alone, and everything where no other works.
    Live,
    /// The same, also where no grant works: there is then nothing that can be read.
    Reachable,
    /// As [`Reachable`](Divisions::Reachable) had it last in this process, which costs no call. A division that was moved
    /// since is found out by the next of those.
    AsLastRead,
    /// From the stored grant: no call.
    Stored,
}

/// Opens the store and prepares the connections. Makes no call to either system.
///
/// # Errors
/// Where the store cannot be opened, or does not accept the key.
pub async fn connect(config: &Config, options: ConnectOptions) -> Result<App> {
    let ConnectOptions { clock, grant_hook, connections } = options;
    let store = store::open(config.store.url.expose_secret(), &config.store.folder)
        .await
        .map_err(|error| Error::from(error).at("store.url"))?;
    let tenant = config.tenant.clone();
    let vault = Arc::clone(&config.store.vault);
    let tokens = GrantStore::new(Arc::clone(&store), tenant.clone(), vault, Arc::clone(&clock));
    let calls = CallStore::new(Arc::clone(&store), tenant.clone());
    let exact_clock: Arc<dyn exact_client::Clock> = Arc::new(ExactClock::new(Arc::clone(&clock)));
    let grants = config.exact.grants.iter().map(|grant| {
        let builder = client(&config.exact, grant, config.engine);
        let builder = match &grant_hook {
            Some(hook) => builder.hook(Arc::clone(hook)),
            None => builder,
        };
        let builder = match &connections {
            Some(connections) => builder.transport(Arc::new(connections.exact.clone())),
            None => builder,
        };
        let client = builder
            .token_store(Arc::new(tokens.clone()))
            .usage_store(Arc::new(calls.clone()))
            .clock(Arc::clone(&exact_clock))
            .build()
            .map_err(|error| Error::from(error).at("exact"))?;
        Ok(Grant { config: grant.clone(), client, moved: Arc::default() })
    });
    Ok(App {
        grants: grants.collect::<Result<_>>()?,
        crm: Crm::open(config, &store, &tenant, &clock, connections.map(|shared| shared.crm))?,
        flows: config.flows.clone().into(),
        lengths: config.exact.lengths.clone(),
        country: config.exact.country,
        create_fields: config.crm.create_fields,
        timing: config.engine,
        keep_days: config.keep_days,
        deletions_every: Duration::ZERO,
        parts: PartStore::new(Arc::clone(&store), tenant.clone()),
        tenant,
        store,
        clock,
    })
}

fn client(exact: &ExactConfig, grant: &GrantConfig, timing: EngineConfig) -> exact_client::ClientBuilder {
    let app = exact_client::App {
        client_id: grant.client_id.clone(),
        client_secret: grant.client_secret.clone(),
        redirect_url: exact.redirect_text.clone(),
    };
    let builder = Client::builder(app, exact.country).grant_name(&grant.name).timeout(timing.timeout);
    match &exact.origin {
        Some(origin) => builder.origin(origin.clone()),
        None => builder,
    }
}

impl App {
    /// The grants, in the order of the config.
    #[must_use]
    pub fn grants(&self) -> &[Grant] {
        &self.grants
    }

    /// The grant of that name; without a name, the only one there is.
    ///
    /// # Errors
    /// Where there is no such grant, or several and no name.
    pub fn grant(&self, name: Option<&str>) -> Result<&Grant> {
        let names =
            || self.grants.iter().map(|grant| grant.config.name.as_str()).collect::<Vec<_>>().join(", ");
        match (name, self.grants.as_slice()) {
            (None, [only]) => Ok(only),
            (None, _) => {
                let remedy = format!("add --grant with one of: {}", names());
                Err(Error::config("exact.grant", "there are several grants", remedy))
            }
            (Some(name), grants) => grants.iter().find(|grant| grant.config.name == name).ok_or_else(|| {
                let remedy = format!("use one of: {}", names());
                Error::config("exact.grant", format!("there is no grant `{name}`"), remedy)
            }),
        }
    }

    /// Whose data it is.
    #[must_use]
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// The CRM.
    #[must_use]
    pub fn crm(&self) -> &Arc<dyn Adapter> {
        &self.crm.adapter
    }

    pub(crate) async fn repair_pipedrive(&self, wanted: &Subscription) -> Result<Repaired> {
        self.crm.repair_pipedrive(wanted).await
    }

    /// What a body that HubSpot sent hints at. None where the CRM is another one.
    pub(crate) fn hints_of_hubspot(&self, body: &[u8]) -> Option<Result<Vec<Hint>>> {
        self.crm.hints_of_hubspot(body)
    }

    /// The number of the account in HubSpot, which is asked for once. None where the CRM is another one or does not say.
    pub(crate) async fn portal(&self) -> Option<u64> {
        self.crm.portal().await
    }

    /// Where a person consents to the CRM's app; `state` comes back with the code.
    ///
    /// # Errors
    /// Where the CRM is configured with a token.
    pub fn consent_url(&self, state: &str) -> Result<Url> {
        self.crm.consent_url(state)
    }

    /// Exchanges the code of a consent to the CRM's app for tokens, and stores them sealed. One call.
    ///
    /// # Errors
    /// Where the CRM is configured with a token, or does not take the code; those of the store.
    pub async fn connect_crm(&self, code: &str) -> Result<()> {
        self.crm.connect(code).await
    }

    /// Stores a consent to the CRM's app that was given elsewhere, once a renewal and a read went well. Two calls.
    ///
    /// # Errors
    /// Where the CRM is configured with a token, or refuses this one: then the former consent stays.
    pub async fn import_crm(&self, refresh_token: SecretString) -> Result<()> {
        self.crm.import(refresh_token).await
    }

    /// The flows.
    #[must_use]
    pub fn flows(&self) -> &[Flow] {
        &self.flows
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Has engines ask what was deleted in Exact no more often than this: with every look at a feed where not told.
    #[must_use]
    pub fn deletions_every(mut self, interval: Duration) -> Self {
        self.deletions_every = interval;
        self
    }

    /// The divisions of Exact, under every grant.
    pub(crate) fn divisions(&self) -> impl Iterator<Item = Division> {
        self.grants.iter().flat_map(|grant| grant.config.divisions.iter().copied())
    }

    /// Exact told of something under a topic: the next pass that takes heed of what was heard looks there.
    pub(crate) fn hear(&self, division: Division, topic: &str) {
        self.parts.hear(exact_id(division), &WebhookTopic::from(topic));
    }

    /// For so many days the audit keeps a line.
    #[must_use]
    pub fn keep_days(&self) -> u32 {
        self.keep_days
    }

    /// Where time comes from.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The engine of this customer.
    ///
    /// # Errors
    /// With [`Divisions::Live`] those of a read, and where every grant is missing or refused; else those of the store.
    pub async fn engine(&self, divisions: Divisions, observer: Option<Arc<dyn Observer>>) -> Result<Engine> {
        let builder = self.engine_builder(divisions).await?;
        let builder = match observer {
            Some(observer) => builder.observer(observer),
            None => builder,
        };
        Ok(builder.build()?)
    }

    /// The same, to be narrowed to some of its flows or divisions before it is built.
    ///
    /// # Errors
    /// Those of [`engine`](App::engine).
    pub async fn engine_builder(&self, divisions: Divisions) -> Result<EngineBuilder> {
        let EngineConfig { settle, timeout, lease } = self.timing;
        let mut builder = Engine::builder(Arc::clone(&self.store), Arc::clone(&self.crm.adapter))
            .tenant(self.tenant.clone())
            .clock(Arc::clone(&self.clock))
            .create_fields(self.create_fields)
            .wait(settle, timeout, lease);
        let mut refused = Vec::new();
        for grant in &self.grants {
            let moved = match divisions {
                Divisions::Live => match grant.moved_now().await {
                    Err(error) if error.is_refusal() => {
                        refused.push(error);
                        grant.moved_when_given().await?
                    }
                    moved => moved?,
                },
                Divisions::Reachable => grant.moved_where_reached().await?,
                Divisions::AsLastRead => match grant.moved_last() {
                    Some(moved) => moved,
                    None => grant.moved_where_reached().await?,
                },
                Divisions::Stored => grant.moved_when_given().await?,
            };
            for division in &grant.config.divisions {
                let id = exact_id(*division);
                let adapter = ExactAdapter::new(grant.client.clone(), id, moved.get(&id).copied().flatten());
                let adapter = adapter
                    .max_lengths(self.lengths.clone())
                    .currency(self.country.currency())
                    .deletions_every(self.deletions_every)
                    .parts_in(self.parts.clone());
                builder = builder.division(*division, Arc::new(adapter));
            }
        }
        // The divisions of a grant that is refused fail by themselves, and the others go on.
        if divisions == Divisions::Live
            && refused.len() == self.grants.len()
            && let Some(error) = refused.into_iter().next()
        {
            return Err(error);
        }
        if divisions != Divisions::Stored {
            self.refuse_shared_grants().await?;
        }
        Ok(self.flows.iter().cloned().fold(builder, EngineBuilder::flow))
    }

    /// Drops what the audit kept long enough, a bounded part of it: worth calling after each run. What cannot be dropped
    /// now goes after the next.
    pub async fn retire(&self, engine: &Engine) {
        match engine.retire(self.keep_days).await {
            Ok(0) => {}
            Ok(lines) => tracing::info!(lines, "old lines of the audit were dropped"),
            Err(error) => tracing::warn!(%error, "old lines of the audit were not dropped"),
        }
    }

    /// Two grants of one user to one app: each new token of the one ends the other.
    ///
    /// # Errors
    /// Where there are two of them, and those of the store.
    pub async fn refuse_shared_grants(&self) -> Result<()> {
        let mut seen: Vec<(&GrantConfig, exact_client::GrantUser)> = Vec::new();
        for Grant { config, client, .. } in &self.grants {
            let Some(user) = client.grant().await?.and_then(|grant| grant.user) else { continue };
            let twin =
                seen.iter().find(|(other, of)| other.client_id == config.client_id && of.id == user.id);
            if let Some((other, _)) = twin {
                let message = format!(
                    "the grants {} and {} are of one user and one app: each new token of the one ends the other",
                    other.name, config.name
                );
                return Err(Error::failed("shared_grant", message).at("exact.grant").remedy(
                    "put their divisions under one grant, or use another Exact user for one of them",
                ));
            }
            seen.push((config, user));
        }
        Ok(())
    }

    /// Gives back what this program reserved of Exact's limits and did not use. Worth calling at the end.
    pub async fn finish(&self) {
        for grant in &self.grants {
            if let Err(error) = grant.client.settle_usage().await {
                tracing::warn!(%error, "reserved calls were not given back; they count as used");
            }
        }
    }
}

type Moved = BTreeMap<DivisionId, Option<WallTime>>;

impl Grant {
    /// When each division was moved last, asked of Exact under the first division that the grant reaches.
    async fn moved_now(&self) -> Result<Moved> {
        if self.client.grant().await?.is_none() {
            return Err(self.missing());
        }
        let mut refused = None;
        for division in &self.config.divisions {
            match self.client.divisions(exact_id(*division)).await {
                Ok(divisions) => {
                    let moved = divisions.iter().filter_map(|it| Some((it.id()?, it.division_move_date)));
                    let moved: Moved = moved.collect();
                    *self.moved.lock().unwrap_or_else(PoisonError::into_inner) = Some(moved.clone());
                    return Ok(moved);
                }
                Err(error) if error.kind() == exact_client::ErrorKind::Forbidden => {
                    refused.get_or_insert(error);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(refused.map_or_else(|| self.missing(), Error::from))
    }

    /// The same; of a grant that is refused, as it was when consent was given.
    async fn moved_where_reached(&self) -> Result<Moved> {
        match self.moved_now().await {
            Err(error) if error.is_refusal() => self.moved_when_given().await,
            moved => moved,
        }
    }

    fn moved_last(&self) -> Option<Moved> {
        self.moved.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn moved_when_given(&self) -> Result<Moved> {
        let grant = self.client.grant().await?;
        let divisions = grant.into_iter().flat_map(|grant| grant.divisions);
        Ok(divisions.map(|division| (division.id, division.moved)).collect())
    }

    /// There is no grant of this name yet.
    #[must_use]
    pub fn missing(&self) -> Error {
        Error::failed("auth", format!("the grant {} is not stored yet", self.config.name))
            .of(Side::Exact)
            .remedy("run `auth login`, or `auth import`")
    }
}

/// A division as the client names it. The config lets no other codes through.
#[must_use]
pub fn exact_id(division: Division) -> DivisionId {
    DivisionId::new(i32::try_from(division.get()).unwrap_or(i32::MAX))
}
