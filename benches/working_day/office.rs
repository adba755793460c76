//! The customer: both administrations, the CRM, and the engine between them.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use agency::serve::Look;
use crm_adapters::Adapter;
use crm_adapters::pipedrive::{ApiToken, Pipedrive};
use exact_client::{App, Client, Country, DivisionId, WebhookTopic};
use sandbox::{Clock, Limits, Sandbox};
use sync_core::engine::{Engine, EngineBuilder, RunOptions, RunReport};
use sync_core::exact::{CallStore, ExactAdapter, ExactClock, PartStore};
use sync_core::flow::{Division, Preset, Vendor};
use sync_core::store::{MemoryStore, Store, Tenant};

use crate::tally::{Ages, Calls, Tally};

pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error>>;

pub(crate) const FLOWS: [Preset; 4] = [Preset::Companies, Preset::Contacts, Preset::Products, Preset::Orders];

/// How often what was deleted in Exact is asked for.
const DELETIONS: Duration = Duration::from_secs(3_600);

pub(crate) struct Office {
    pub(crate) sandbox: Sandbox,
    pub(crate) clock: Clock,
    pub(crate) ages: Arc<Ages>,
    store: Arc<dyn Store>,
    exact: BTreeMap<Division, Arc<Tally>>,
    parts: PartStore,
    crm: Arc<Tally>,
}

impl Office {
    /// Two administrations and a Pipedrive, all empty, with the vendors' own limits.
    pub(crate) async fn open() -> Result<Self> {
        let clock = Clock::virtual_at("2026-11-21T06:00:00Z".parse()?);
        let sandbox = Sandbox::builder().clock(clock.clone()).divisions(2).limits(Limits::vendor());
        let sandbox = sandbox.start().await?;
        let store: Arc<dyn Store> = Arc::new(MemoryStore::with_clock(Arc::new(clock.clone())));
        let client = client(&sandbox, &clock, &store)?;
        client.import_refresh_token(sandbox.exact().refresh_token().into()).await?;
        let parts = PartStore::new(Arc::clone(&store), Tenant::default());
        let mut exact = BTreeMap::new();
        for code in sandbox.exact().divisions() {
            let adapter = ExactAdapter::new(client.clone(), DivisionId::new((*code).try_into()?), None)
                .deletions_every(DELETIONS)
                .parts_in(parts.clone());
            exact.insert(Division::new((*code).try_into()?), Arc::new(Tally::new(Arc::new(adapter))));
        }
        let crm = Pipedrive::builder(ApiToken::new(sandbox.pipedrive().api_token()))
            .clock(Arc::new(clock.clone()))
            .origin(sandbox.pipedrive().base_url().parse()?)
            .build()?;
        let crm = Arc::new(Tally::new(Arc::new(crm)));
        let ages = Arc::new(Ages::new(clock.clone()));
        Ok(Self { sandbox, clock, ages, store, exact, parts, crm })
    }

    /// Exact told of something by a webhook.
    pub(crate) fn hear(&self, division: Division, topic: &WebhookTopic) -> Result<()> {
        self.parts.hear(DivisionId::new(i32::try_from(division.get())?), topic);
        Ok(())
    }

    /// A pass of these flows that looks so far.
    pub(crate) async fn pass(&self, flows: &[Preset], look: Look) -> Result<RunReport> {
        let builder = self.builder().only(flows.iter().map(|flow| flow.as_str()));
        let engine = match look {
            Look::Everywhere => builder,
            Look::Heard => builder.heard_in(self.exact.keys().copied()),
            Look::Crm => builder.heard_in([]),
        };
        let report = engine.build()?.run_once(RunOptions { yes: true }).await?;
        // Exact tells of what was written, too. `agency serve` knows that for an echo, and has the next pass look.
        for (division, flow) in self.ages.take_wrote() {
            self.hear(division, &topic(&flow))?;
        }
        match report.errors.first() {
            None => Ok(report),
            Some(error) => Err(format!("{}: {}", error.flow, error.message).into()),
        }
    }

    pub(crate) fn engine(&self) -> Result<Engine> {
        Ok(self.builder().build()?)
    }

    fn builder(&self) -> EngineBuilder {
        let mut builder = Engine::builder(Arc::clone(&self.store), Arc::clone(&self.crm) as Arc<dyn Adapter>)
            .clock(Arc::new(self.clock.clone()))
            .observer(Arc::clone(&self.ages) as _)
            .create_fields(true);
        for (division, exact) in &self.exact {
            builder = builder.division(*division, Arc::clone(exact) as Arc<dyn Adapter>);
        }
        let flows = FLOWS.into_iter().map(|preset| preset.flow(Vendor::Pipedrive));
        flows.fold(builder, EngineBuilder::flow)
    }

    /// What was called so far: of Exact, by division, and of the CRM.
    pub(crate) fn calls(&self) -> (Vec<Calls>, Calls) {
        (self.exact.values().map(|exact| exact.calls()).collect(), self.crm.calls())
    }

    /// What Exact was asked so far besides its feeds, as the sandbox counted it.
    pub(crate) fn reads(&self) -> u64 {
        let stats = self.sandbox.exact().stats();
        let is_read = |name: &str| name.starts_with("GET ") && !name.contains("/sync/");
        stats.endpoints.iter().filter(|(name, _)| is_read(name)).map(|(_, endpoint)| endpoint.requests).sum()
    }

    /// The shares of the day that are used: of Exact's calls by division, and of the CRM's budget.
    pub(crate) fn day_shares(&self) -> Vec<f64> {
        let sides = self.exact.values().chain([&self.crm]);
        sides.map(|side| share(&side.usage())).collect()
    }
}

/// The topic under which Exact tells of what a flow writes.
fn topic(flow: &str) -> WebhookTopic {
    match flow {
        "contacts" => WebhookTopic::Contacts,
        "orders" => WebhookTopic::SalesOrders,
        _ => WebhookTopic::Accounts,
    }
}

#[expect(clippy::float_arithmetic, clippy::cast_precision_loss, reason = "a figure to print")]
fn share(usage: &crm_adapters::Usage) -> f64 {
    match (usage.day_limit, usage.day_left) {
        (Some(limit), Some(left)) if limit > 0 => limit.saturating_sub(left) as f64 / limit as f64,
        _ => 0.0,
    }
}

fn client(sandbox: &Sandbox, clock: &Clock, store: &Arc<dyn Store>) -> Result<Client> {
    let exact = sandbox.exact();
    let app = App {
        client_id: exact.client_id(),
        client_secret: exact.client_secret().into(),
        redirect_url: "https://example.com/callback".to_owned(),
    };
    let clock: Arc<dyn crm_adapters::Clock> = Arc::new(clock.clone());
    Ok(Client::builder(app, Country::Nl)
        .origin(exact.base_url().parse()?)
        .usage_store(Arc::new(CallStore::new(Arc::clone(store), Tenant::default())))
        .clock(Arc::new(ExactClock::new(clock)))
        .random_seed(1)
        .build()?)
}
