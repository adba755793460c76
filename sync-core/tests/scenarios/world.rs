//! What a scenario is played in: the local vendors, the engine between them, and the names that the scenario uses.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, ParseError, Utc};
use crm_adapters::hubspot::{HubSpot, ServiceKey};
use crm_adapters::pipedrive::{ApiToken, Pipedrive};
use crm_adapters::{Adapter, Kind, Schema};
use exact_client::{App, Client, Country, DivisionId, Vault, VaultKey};
use sandbox::{Clock, Sandbox};
use serde_json::json;
use sync_core::engine::{Engine, RunOptions, RunReport};
use sync_core::exact::{CallStore, ExactAdapter, ExactClock, GrantStore};
use sync_core::flow::{Division, Flow, Side, Vendor};
use sync_core::store::{MemoryStore, Store, Tenant};

use crate::field::Glossary;
use crate::flows::flows;
use crate::people::{property, table};
use crate::step::{Place, Setting};

/// A Monday.
const START: &str = "2026-03-02";

pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) clock: Clock,
    pub(crate) vendor: Vendor,
    pub(crate) engine: Engine,
    store: Arc<dyn Store>,
    pub(crate) exact: Vec<Arc<dyn Adapter>>,
    pub(crate) crm: Arc<dyn Adapter>,
    pub(crate) glossary: Glossary,
    pub(crate) names: BTreeMap<String, Known>,
    pub(crate) schemas: BTreeMap<(Side, Kind), Schema>,
    has_run: bool,
    /// What the last run told.
    pub(crate) report: RunReport,
    /// What of it the scenario expected: issues by id, errors by text, brakes by flow.
    pub(crate) expected: BTreeSet<String>,
}

/// A record that the scenario has a name for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    /// Its kind and id, where a person entered it or it was looked up.
    pub(crate) at: BTreeMap<Place, (Kind, String)>,
}

impl World {
    /// Opens the vendors, and lets the engine run once over their emptiness, so that the fields of its own are there.
    pub(crate) async fn new(settings: &[Setting], vendor: Vendor) -> Result<Self, String> {
        let clock = Clock::virtual_at(start(settings).map_err(told)?);
        let sandbox = vendors(settings, &clock).await?;
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let client = client(&sandbox, &clock, &store)?;
        client.import_refresh_token(sandbox.exact().refresh_token().into()).await.map_err(told)?;
        choices(settings, &sandbox, vendor)?;
        let flows = flows(settings, vendor, sandbox.exact().divisions())?;
        let (exact, crm) = (administrations(&sandbox, &client)?, crm(&sandbox, &clock, vendor)?);
        let mut world = Self {
            engine: engine(&sandbox, &clock, &store, &exact, &crm, flows)?,
            sandbox,
            clock,
            vendor,
            store,
            exact,
            crm,
            glossary: Glossary::new(vendor),
            names: BTreeMap::new(),
            schemas: BTreeMap::new(),
            has_run: false,
            report: RunReport::default(),
            expected: BTreeSet::new(),
        };
        if !settings.iter().any(|setting| matches!(setting, Setting::NeverRun)) {
            world.run(false).await?;
            crate::expect::no_trouble(&world)?;
        }
        world.read_schemas().await?;
        Ok(world)
    }

    /// Ends the process of the engine and starts another one over the same store.
    pub(crate) async fn restart(&mut self) -> Result<(), String> {
        let client = client(&self.sandbox, &self.clock, &self.store)?;
        self.exact = administrations(&self.sandbox, &client)?;
        self.crm = crm(&self.sandbox, &self.clock, self.vendor)?;
        let flows = self.engine.flows().to_vec();
        self.engine = engine(&self.sandbox, &self.clock, &self.store, &self.exact, &self.crm, flows)?;
        self.read_schemas().await
    }

    /// One run of the engine.
    pub(crate) async fn run(&mut self, yes: bool) -> Result<(), String> {
        self.report = self.engine.run_once(RunOptions { yes }).await.map_err(told)?;
        self.expected.clear();
        // The first run made the fields of the engine's own.
        if !self.schemas.is_empty() && !self.has_run {
            self.read_schemas().await?;
        }
        self.has_run = true;
        Ok(())
    }

    async fn read_schemas(&mut self) -> Result<(), String> {
        let kinds = [
            Kind::Company,
            Kind::Contact,
            Kind::Product,
            Kind::Deal,
            Kind::Order,
            Kind::Invoice,
            Kind::Quotation,
        ];
        for (side, adapter) in [(Side::Exact, &self.exact[0]), (Side::Crm, &self.crm)] {
            for kind in kinds {
                // A kind that a vendor does not have is missed when a scenario asks for it.
                if let Ok(schema) = adapter.schema(kind).await {
                    self.schemas.insert((side, kind), schema);
                }
            }
        }
        Ok(())
    }

    /// The code of an administration of Exact, counted from 1.
    pub(crate) fn division(&self, number: usize) -> Result<i64, String> {
        let found = number.checked_sub(1).and_then(|at| self.sandbox.exact().divisions().get(at));
        found.copied().ok_or_else(|| format!("Exact has no administration {number}"))
    }

    pub(crate) fn adapter(&self, place: Place) -> &Arc<dyn Adapter> {
        match place {
            Place::Exact(number) => self.exact.get(number.wrapping_sub(1)).unwrap_or(&self.exact[0]),
            Place::Crm => &self.crm,
        }
    }

    /// Creates, changes and deletes that the vendors carried out so far.
    pub(crate) fn writes(&self) -> u64 {
        let crm = match self.vendor {
            Vendor::HubSpot => self.sandbox.hubspot().stats().writes,
            _ => self.sandbox.pipedrive().stats().writes,
        };
        self.sandbox.exact().stats().writes + crm
    }

    pub(crate) fn wait(&self, time: Duration) {
        self.clock.advance(time);
    }

    /// Gives a record a name.
    pub(crate) fn name(&mut self, name: &str, place: Place, kind: Kind, id: impl ToString) {
        self.names.entry(name.to_owned()).or_default().at.insert(place, (kind, id.to_string()));
    }

    /// The kind and id of a named record somewhere: as it was entered there, or else as the engine linked it.
    pub(crate) async fn find(&self, place: Place, name: &str) -> Result<(Kind, String), String> {
        let known = self.names.get(name).ok_or_else(|| format!("nobody is called \"{name}\" here"))?;
        if let Some(found) = known.at.get(&place) {
            return Ok(found.clone());
        }
        let links = self.links().await?;
        let mut reached = known.at.clone();
        // From one administration to another it goes through the CRM.
        for _ in 0..2 {
            for (flow, exact, crm) in &links {
                let (exact, crm) =
                    ((exact.0, (flow.exact, exact.1.clone())), (Place::Crm, (flow.crm, crm.clone())));
                for ((from, one), (to, other)) in [(&exact, &crm), (&crm, &exact)] {
                    if reached.get(from) == Some(one) {
                        reached.entry(*to).or_insert_with(|| other.clone());
                    }
                }
            }
        }
        reached.remove(&place).ok_or_else(|| format!("\"{name}\" is not linked to anything there"))
    }

    /// Every link: its kinds, the record in Exact and its administration, the record in the CRM.
    async fn links(&self) -> Result<Vec<(sync_core::flow::Kinds, (Place, String), String)>, String> {
        let (mut links, mut cursor) = (Vec::new(), None);
        loop {
            let (rows, next) = self.engine.links(cursor.as_ref()).await.map_err(told)?;
            for row in rows {
                let flow = self.engine.flows().iter().find(|flow| flow.name == row.flow);
                let code = i64::from(row.division.get());
                let number = self.sandbox.exact().divisions().iter().position(|division| *division == code);
                if let (Some(flow), Some(number)) = (flow, number) {
                    links.push((flow.kinds, (Place::Exact(number + 1), row.exact_id), row.crm_id));
                }
            }
            if next.is_none() {
                return Ok(links);
            }
            cursor = next;
        }
    }
}

pub(crate) fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn division_id(code: i64) -> Result<DivisionId, String> {
    i32::try_from(code).map(DivisionId::new).map_err(told)
}

/// The moment at which a scenario begins.
fn start(settings: &[Setting]) -> Result<DateTime<Utc>, ParseError> {
    let day = settings.iter().find_map(|setting| match setting {
        Setting::Today(day) => Some(day.as_str()),
        _ => None,
    });
    format!("{}T09:00:00Z", day.unwrap_or(START)).parse()
}

async fn vendors(settings: &[Setting], clock: &Clock) -> Result<Sandbox, String> {
    let mut builder = Sandbox::builder().clock(clock.clone());
    for setting in settings {
        builder = match setting {
            Setting::Divisions(count) => builder.divisions(*count),
            Setting::Clock { place: Place::Exact(_), off } => builder.exact_clock_off(*off),
            Setting::Clock { place: Place::Crm, off } => builder.crm_clock_off(*off),
            _ => builder,
        };
    }
    builder.start().await.map_err(told)
}

/// The fields that an administrator of the CRM made beforehand.
fn choices(settings: &[Setting], sandbox: &Sandbox, vendor: Vendor) -> Result<(), String> {
    for setting in settings {
        let Setting::Choices { kind, label, choices } = setting else { continue };
        let table = table(vendor, *kind)?;
        if vendor == Vendor::HubSpot {
            let options = choices.iter().map(|choice| json!({ "label": choice, "value": choice }));
            let definition = json!({
                "name": property(&format!("custom:{label}")),
                "label": label,
                "type": "enumeration",
                "fieldType": "select",
                "options": options.collect::<Vec<_>>(),
            });
            sandbox.hubspot().create_property(table, definition).map_err(told)?;
        } else {
            let choices: Vec<&str> = choices.iter().map(String::as_str).collect();
            sandbox.pipedrive().create_field_of(table, label, "enum", &choices).map_err(told)?;
        }
    }
    Ok(())
}

fn administrations(sandbox: &Sandbox, client: &Client) -> Result<Vec<Arc<dyn Adapter>>, String> {
    let codes = sandbox.exact().divisions().iter();
    codes
        .map(|code| -> Result<Arc<dyn Adapter>, String> {
            Ok(Arc::new(ExactAdapter::new(client.clone(), division_id(*code)?, None)))
        })
        .collect()
}

fn engine(
    sandbox: &Sandbox,
    clock: &Clock,
    store: &Arc<dyn Store>,
    exact: &[Arc<dyn Adapter>],
    crm: &Arc<dyn Adapter>,
    flows: Vec<Flow>,
) -> Result<Engine, String> {
    let mut builder = Engine::builder(Arc::clone(store), Arc::clone(crm))
        .clock(Arc::new(clock.clone()))
        .create_fields(true);
    for (code, adapter) in sandbox.exact().divisions().iter().zip(exact) {
        let code = u32::try_from(*code).map_err(told)?;
        builder = builder.division(Division::new(code), Arc::clone(adapter));
    }
    flows.into_iter().fold(builder, |builder, flow| builder.flow(flow)).build().map_err(told)
}

fn client(sandbox: &Sandbox, clock: &Clock, store: &Arc<dyn Store>) -> Result<Client, String> {
    let exact = sandbox.exact();
    let app = App {
        client_id: exact.client_id(),
        client_secret: exact.client_secret().into(),
        redirect_url: "https://example.com/callback".to_owned(),
    };
    let ours: Arc<dyn crm_adapters::Clock> = Arc::new(clock.clone());
    let vault = Arc::new(Vault::new(VaultKey::new(&[7; 32]), Vec::new()));
    let grants = GrantStore::new(Arc::clone(store), Tenant::default(), vault, Arc::clone(&ours));
    Client::builder(app, Country::Nl)
        .origin(exact.base_url().parse().map_err(told)?)
        .token_store(Arc::new(grants))
        .usage_store(Arc::new(CallStore::new(Arc::clone(store), Tenant::default())))
        .clock(Arc::new(ExactClock::new(ours)))
        .build()
        .map_err(told)
}

fn crm(sandbox: &Sandbox, clock: &Clock, vendor: Vendor) -> Result<Arc<dyn Adapter>, String> {
    let clock = Arc::new(clock.clone());
    if vendor == Vendor::HubSpot {
        let key = ServiceKey::new(sandbox.hubspot().token());
        let origin = sandbox.hubspot().base_url().parse().map_err(told)?;
        return Ok(Arc::new(HubSpot::builder(key).origin(origin).clock(clock).build().map_err(told)?));
    }
    let token = ApiToken::new(sandbox.pipedrive().api_token());
    let origin = sandbox.pipedrive().base_url().parse().map_err(told)?;
    Ok(Arc::new(Pipedrive::builder(token).origin(origin).clock(clock).build().map_err(told)?))
}
