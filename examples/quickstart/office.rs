//! Exact, a CRM, the store between them, and the engine on top: what a real program builds from its configuration.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use crm_adapters::{Adapter, hubspot, pipedrive};
use exact_client::{App, Client, Country, DivisionId};
use exact_client::{Vault, VaultKey};
use sandbox::{Clock, Sandbox, Snapshot};
use sync_core::engine::{Engine, EngineBuilder, PlanReport, RunOptions, RunReport};
use sync_core::exact::{CallStore, ExactAdapter, ExactClock, GrantStore, PartStore};
use sync_core::flow::{Division, Preset, Vendor};
use sync_core::store::{SqliteStore, Store, Tenant};

use crate::firm;
use crate::show::{Decision, Progress};

/// What an office works with.
pub(crate) struct Setup {
    /// Its folder below `target/quickstart`.
    pub(crate) folder: &'static str,
    pub(crate) vendor: Vendor,
    pub(crate) presets: &'static [Preset],
    /// How many companies Exact has on the first start.
    pub(crate) companies: u32,
}

pub(crate) struct Office {
    pub(crate) sandbox: Sandbox,
    pub(crate) engine: Engine,
    pub(crate) folder: PathBuf,
    pub(crate) first_start: bool,
    pub(crate) division: i64,
    progress: Arc<Progress>,
    adapters: [Arc<dyn Adapter>; 2],
    decisions: Arc<Mutex<Vec<Decision>>>,
}

impl Office {
    pub(crate) async fn open(setup: &Setup) -> Result<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/quickstart").join(setup.folder);
        fs::create_dir_all(&folder)?;
        let folder = folder.canonicalize()?;
        let (sandbox, first_start) = vendors(&folder, setup.companies).await?;
        let clock = Arc::new(sandbox.clock().clone());

        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(folder.join("sync.db")).await?);
        let tenant = Tenant::default();
        let vault = Arc::new(Vault::new(key(&folder)?, Vec::new()));
        let client = client(&sandbox, &store, &tenant, vault, &clock)?;
        if client.grant().await?.is_none() {
            client.import_refresh_token(sandbox.exact().refresh_token().into()).await?;
        }
        let division = *sandbox.exact().divisions().first().context("the sandbox has a division")?;
        let parts = PartStore::new(Arc::clone(&store), tenant.clone());
        let exact = Arc::new(connect(&client, division).await?.parts_in(parts));
        let crm = crm(&sandbox, setup.vendor, &clock)?;

        let decisions = Arc::new(Mutex::new(Vec::new()));
        let progress = Arc::new(Progress::new(Arc::clone(&decisions)));
        let adapters: [Arc<dyn Adapter>; 2] = [exact.clone(), crm.clone()];
        let builder = Engine::builder(store, crm)
            .tenant(tenant)
            .division(Division::new(u32::try_from(division)?), exact)
            .clock(clock)
            .create_fields(true)
            .observer(progress.clone());
        let flows = setup.presets.iter().map(|preset| preset.flow(setup.vendor));
        let engine = flows.fold(builder, EngineBuilder::flow).build()?;
        Ok(Self { sandbox, engine, folder, first_start, division, progress, adapters, decisions })
    }

    /// One run, with a bar while it goes on.
    pub(crate) async fn run(&self, options: RunOptions) -> Result<RunReport> {
        self.progress.begin(self.adapters.clone());
        let report = self.engine.run_once(options).await;
        self.progress.end();
        Ok(report?)
    }

    /// Exactly what a plan says, with a bar while it goes on.
    pub(crate) async fn carry_out(&self, plan: &PlanReport) -> Result<RunReport> {
        self.progress.begin(self.adapters.clone());
        let report = self.engine.run_plan(&plan.items, &plan.new_fields).await;
        self.progress.end();
        Ok(report?)
    }

    /// What was written since the last time, and why.
    pub(crate) fn take_decisions(&self) -> Vec<Decision> {
        std::mem::take(&mut self.decisions.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Keeps what the vendors hold for the next start.
    pub(crate) fn keep(&self) -> Result<()> {
        fs::write(self.folder.join("vendors.json"), serde_json::to_vec(&self.sandbox.snapshot())?)?;
        Ok(())
    }
}

/// Both vendors: as they were left, or new with companies in Exact.
async fn vendors(folder: &Path, companies: u32) -> Result<(Sandbox, bool)> {
    let kept = fs::read(folder.join("vendors.json")).ok();
    let snapshot: Option<Snapshot> = kept.map(|bytes| serde_json::from_slice(&bytes)).transpose()?;
    let now: DateTime<Utc> = Utc::now();
    let Some(snapshot) = snapshot else {
        // A store without the vendors it belongs to is of no use.
        for rest in ["sync.db", "sync.db-wal", "sync.db-shm"] {
            let _ = fs::remove_file(folder.join(rest));
        }
        let companies = (0..companies).map(firm::company).collect();
        let sandbox = Sandbox::builder().clock(Clock::virtual_at(now)).companies(companies).start().await?;
        return Ok((sandbox, true));
    };
    let clock = Clock::virtual_at(now.max(snapshot.taken_at()));
    Ok((Sandbox::builder().clock(clock).restore(snapshot).start().await?, false))
}

fn client(
    sandbox: &Sandbox,
    store: &Arc<dyn Store>,
    tenant: &Tenant,
    vault: Arc<Vault>,
    clock: &Arc<Clock>,
) -> Result<Client> {
    let exact = sandbox.exact();
    let app = App {
        client_id: exact.client_id(),
        client_secret: exact.client_secret().into(),
        redirect_url: "https://example.com/callback".into(),
    };
    let tokens = GrantStore::new(Arc::clone(store), tenant.clone(), vault, clock.clone());
    let calls = CallStore::new(Arc::clone(store), tenant.clone());
    Ok(Client::builder(app, Country::Nl)
        .origin(exact.base_url().parse()?)
        .token_store(Arc::new(tokens))
        .usage_store(Arc::new(calls))
        .clock(Arc::new(ExactClock::new(clock.clone())))
        .build()?)
}

fn crm(sandbox: &Sandbox, vendor: Vendor, clock: &Arc<Clock>) -> Result<Arc<dyn Adapter>> {
    if vendor == Vendor::HubSpot {
        let key = hubspot::ServiceKey::new(sandbox.hubspot().token());
        let builder = hubspot::HubSpot::builder(key).origin(sandbox.hubspot().base_url().parse()?);
        return Ok(Arc::new(builder.clock(clock.clone()).build()?));
    }
    let token = pipedrive::ApiToken::new(sandbox.pipedrive().api_token());
    let builder = pipedrive::Pipedrive::builder(token).origin(sandbox.pipedrive().base_url().parse()?);
    Ok(Arc::new(builder.clock(clock.clone()).build()?))
}

/// A division as a side: its feeds start over when Exact has moved it, which one call tells.
async fn connect(client: &Client, division: i64) -> Result<ExactAdapter> {
    let id = DivisionId::new(i32::try_from(division)?);
    let divisions = client.divisions(id).await?;
    let moved = divisions.iter().find(|one| one.id() == Some(id)).and_then(|one| one.division_move_date);
    Ok(ExactAdapter::new(client.clone(), id, moved))
}

/// The key for what is secret in the store. A real program gets it from its host.
fn key(folder: &Path) -> Result<VaultKey> {
    let path = folder.join("key");
    if !path.exists() {
        let half = || uuid::Uuid::new_v4().into_bytes();
        fs::write(&path, [half(), half()].concat())?;
    }
    let bytes: [u8; 32] =
        fs::read(&path)?.try_into().ok().context("the key file has 32 bytes; delete target/quickstart")?;
    Ok(VaultKey::new(&bytes))
}
