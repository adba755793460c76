//! The engine: observe → plan → apply → settle, over a [`Store`].
//!
//! - A cursor moves only in the commit that stores the page it stands behind.
//! - What is to be written is derived from observations and bases each time anew; only a write that is about to leave
//!   becomes durable, as an intent, before its first byte.
//! - A write whose effect is unknown is looked for before anything is sent again.

mod about;
mod answers;
mod apply;
mod approved;
mod audit;
mod bill;
mod changed;
mod claim;
mod derive;
mod end;
mod event;
mod foreseen;
mod heard;
mod history;
mod ids;
mod joined;
mod links;
mod loose;
mod merged;
mod names;
mod neighbours;
mod note;
mod observe;
mod oscillation;
mod parents;
mod pass;
mod privacy;
mod put;
mod recover;
mod references;
mod report;
mod samples;
mod session;
mod settle;
mod settled;
mod siblings;
mod since;
mod standing;
mod status;
mod survey;
mod tie;
mod told;
mod undo;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crm_adapters::{Adapter, Clock, Schema, SystemClock};

pub use about::About;
pub use answers::Resolution;
pub use changed::LastChange;
pub use event::{Event, Observer};
pub use history::{LinkHistory, PastRun};
pub use ids::{Ids, SystemIds};
pub use links::{LinkCursor, LinkRow};
pub use privacy::{Export, ExportRow, KEEP_DAYS};
pub use report::{
    Brake, FlowPlan, FlowReport, PerSide, PlanField, PlanItem, PlanReport, PlannedField, RunError, RunReport,
};
pub use settled::{AuditCursor, Settled};
pub use status::{FlowStatus, LastRun};
pub use undo::Undo;

use crate::error::{Error, ErrorKind, Result};
use crate::flow::{Division, Flow, Side, bind};
use crate::plan::{Finding, Mapping, together};
use crate::store::{Store, Tenant};
use session::Session;

/// The longest that a run waits in one go; for anything longer it ends and says when to come back.
pub const PATIENCE: Duration = Duration::from_secs(300);

/// Keeps the flows of one tenant in agreement.
///
/// Nothing runs by itself: the host calls [`run_once`](Engine::run_once), as often as it likes, in as many processes as
/// it likes; a lease in the store lets one of them work at a time. A run that is dropped or killed at any point loses
/// nothing: the next one goes on from the last commit.
#[derive(Clone, Debug)]
pub struct Engine {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Arc<dyn Store>,
    tenant: Tenant,
    exact: BTreeMap<Division, Arc<dyn Adapter>>,
    crm: Arc<dyn Adapter>,
    flows: Vec<Flow>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    observer: Arc<dyn Observer>,
    create_fields: bool,
    timing: Timing,
    /// The flows that run, by name; `None` for all of them.
    only: Option<BTreeSet<String>>,
    /// Where something was heard of in Exact; `None` where nobody listens.
    heard: Option<BTreeSet<Division>>,
}

/// How long the engine waits for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timing {
    /// How long an unanswered create may still land.
    pub settle: Duration,
    /// How long one request may take.
    pub timeout: Duration,
    /// How long a dead worker is believed alive.
    pub lease: Duration,
}

impl Timing {
    /// After this long a claimed write must not leave any more.
    fn send_deadline(self) -> Duration {
        self.timeout.min(Duration::from_secs(10))
    }
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            settle: Duration::from_secs(120),
            timeout: Duration::from_secs(30),
            lease: Duration::from_secs(60),
        }
    }
}

/// What a run is allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain options")]
pub struct RunOptions {
    /// Pass the brakes this time, and approve the mapping as it is now.
    pub yes: bool,
}

/// Puts an [`Engine`] together.
#[derive(Debug)]
#[must_use]
pub struct EngineBuilder {
    inner: Inner,
}

impl Engine {
    /// Begins with what every engine needs: a store, the CRM, and a clock and ids of the system.
    pub fn builder(store: Arc<dyn Store>, crm: Arc<dyn Adapter>) -> EngineBuilder {
        EngineBuilder {
            inner: Inner {
                store,
                tenant: Tenant::default(),
                exact: BTreeMap::new(),
                crm,
                flows: Vec::new(),
                clock: Arc::new(SystemClock::new()),
                ids: Arc::new(SystemIds),
                observer: Arc::new(event::Deaf),
                create_fields: false,
                timing: Timing::default(),
                only: None,
                heard: None,
            },
        }
    }

    /// Runs passes until nothing is left to do, or a budget is spent, or a person is needed.
    ///
    /// Waits for minute limits and settle windows, each at most five minutes. Errors of one flow, one division or one
    /// record are part of the report; the rest goes on.
    ///
    /// # Errors
    /// [`Config`](ErrorKind::Config) before anything is written; [`Busy`](ErrorKind::Busy) while another worker holds
    /// the lease; [`Store`](ErrorKind::Store).
    pub async fn run_once(&self, options: RunOptions) -> Result<RunReport> {
        let session = Session::open(&self.inner).await?;
        let report = session.keeping(pass::run(&session, pass::calls(&session), options)).await;
        session.close().await;
        report
    }

    /// What [`run_once`](Engine::run_once) would write, and its price. Reads both sides and keeps what it read; writes
    /// nothing to either of them. `full` adds every single write.
    ///
    /// # Errors
    /// Those of [`run_once`](Engine::run_once).
    pub async fn plan(&self, full: bool) -> Result<PlanReport> {
        let session = Session::open(&self.inner).await?;
        let report = session.keeping(pass::plan(&session, full)).await;
        session.close().await;
        report
    }

    /// Holds every flow against the schemas of both sides: what would stop it, and what to bear in mind. At most one
    /// call for each kind and side; writes nothing.
    ///
    /// # Errors
    /// [`Side`](ErrorKind::Side) where a schema cannot be read.
    pub async fn check(&self) -> Result<Vec<Finding>> {
        let (mut findings, mut mappings) = (Vec::new(), Vec::new());
        for flow in &self.inner.flows {
            match self.inner.resolve(flow).await? {
                Ok((mapping, notes)) => {
                    findings.extend(notes);
                    mappings.push(mapping);
                }
                Err(errors) => findings.extend(errors),
            }
        }
        findings.extend(together(mappings.iter()));
        Ok(findings)
    }

    /// The flows, as configured.
    #[must_use]
    pub fn flows(&self) -> &[Flow] {
        &self.inner.flows
    }

    /// The flows tied to both schemas, with the start of each hand-off once it ran: what a mapping document is written
    /// from. At most one call for each kind and side.
    ///
    /// # Errors
    /// [`Config`](ErrorKind::Config) with every finding; [`Side`](ErrorKind::Side) where a schema cannot be read.
    pub async fn mappings(&self) -> Result<Vec<Mapping>> {
        let mut mappings = Vec::new();
        for flow in &self.inner.flows {
            let (mut mapping, _) = self.inner.resolve(flow).await?.map_err(Error::findings_of)?;
            since::recall(&self.inner, &mut mapping).await?;
            mappings.push(mapping);
        }
        Ok(mappings)
    }
}

impl EngineBuilder {
    /// Whose data it is; `default` where not told.
    pub fn tenant(mut self, tenant: Tenant) -> Self {
        self.inner.tenant = tenant;
        self
    }

    /// Adds an administration.
    pub fn division(mut self, division: Division, exact: Arc<dyn Adapter>) -> Self {
        self.inner.exact.insert(division, exact);
        self
    }

    /// Adds a flow. Flows run in this order.
    pub fn flow(mut self, flow: Flow) -> Self {
        self.inner.flows.push(flow);
        self
    }

    /// Runs and plans these flows alone, for the others have their turn at another time. The engine has to know them all
    /// the same: what a flow does may depend on another one, as an order's does on its company's.
    pub fn only(mut self, flows: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.inner.only = Some(flows.into_iter().map(Into::into).collect());
        self
    }

    /// Replaces the system's clock. Adapters should have the same one.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.inner.clock = clock;
        self
    }

    /// Replaces the source of ids.
    pub fn ids(mut self, ids: Arc<dyn Ids>) -> Self {
        self.inner.ids = ids;
        self
    }

    /// Who is told what happens.
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.inner.observer = observer;
        self
    }

    /// Whether a run may create custom fields that the CRM lacks. It does so just before the flow that needs them begins,
    /// and not where a changed mapping stops that.
    pub fn create_fields(mut self, yes: bool) -> Self {
        self.inner.create_fields = yes;
        self
    }

    /// Reads no more than the [news](crm_adapters::Adapter::news) of Exact, in these divisions alone, for webhooks tell of it;
    /// of what, [`PartStore::hear`](crate::exact::PartStore::hear) is to be told. The CRM's feeds are always read. In every
    /// division the records that the CRM is about to write to are read again, twenty a call and no more of them than may be
    /// written, so that no edit made there meanwhile is overwritten; and where a record of the CRM could be new there, all
    /// feeds are read after all.
    ///
    /// Webhooks get lost: now and then an engine without this has to look everywhere.
    pub fn heard_in(mut self, divisions: impl IntoIterator<Item = Division>) -> Self {
        self.inner.heard = Some(divisions.into_iter().collect());
        self
    }

    /// How long to wait for what.
    pub fn timing(mut self, timing: Timing) -> Self {
        self.inner.timing = timing;
        self
    }

    /// Sets how long an unanswered create may still land, how long a request may take, and how long a dead worker is
    /// believed alive.
    pub fn wait(self, settle: Duration, timeout: Duration, lease: Duration) -> Self {
        self.timing(Timing { settle, timeout, lease })
    }

    /// Checks that everything fits together. Makes no call.
    ///
    /// # Errors
    /// [`Config`](ErrorKind::Config): no division, no flow, two flows of one name, a flow for an unknown division, or
    /// [only](EngineBuilder::only) a flow that was not added.
    pub fn build(self) -> Result<Engine> {
        let mut inner = self.inner;
        bind(&mut inner.flows);
        let wrong = |message: String| Err(Error::new(ErrorKind::Config, message));
        if inner.exact.is_empty() {
            return wrong("exact.divisions: no division given; name at least one".to_owned());
        }
        if inner.flows.is_empty() {
            return wrong("flow: none given; add a [[flow]]".to_owned());
        }
        for (at, flow) in inner.flows.iter().enumerate() {
            if inner.flows[..at].iter().any(|earlier| earlier.name == flow.name) {
                return wrong(format!(
                    "flow.{}: two flows have this name; give one another `name`",
                    flow.name
                ));
            }
            let routed = flow.routes.iter().map(|route| &route.division);
            let named = flow.divisions.iter().chain(&flow.create_in).chain(routed);
            if let Some(unknown) = named.into_iter().find(|division| !inner.exact.contains_key(division)) {
                return wrong(format!(
                    "flow.{}: division {unknown} is not among exact.divisions; add it there",
                    flow.name
                ));
            }
        }
        let known = |name: &&String| inner.flows.iter().any(|flow| flow.name == **name);
        if let Some(unknown) = inner.only.iter().flatten().find(|name| !known(name)) {
            return wrong(format!("flow.{unknown}: it is to run alone and was not added; add it, too"));
        }
        inner.crm = joined::adapter(inner.crm, Side::Crm, &inner.flows);
        for exact in inner.exact.values_mut() {
            *exact = joined::adapter(Arc::clone(exact), Side::Exact, &inner.flows);
        }
        Ok(Engine { inner: Arc::new(inner) })
    }
}

impl Inner {
    /// The flows whose turn it is.
    fn turn(&self) -> impl Iterator<Item = &Flow> {
        self.flows.iter().filter(|flow| self.only.as_ref().is_none_or(|only| only.contains(&flow.name)))
    }

    /// The divisions that a flow covers, in its order.
    fn divisions(&self, flow: &Flow) -> Vec<Division> {
        match flow.divisions.as_slice() {
            [] => self.exact.keys().copied().collect(),
            named => named.iter().copied().filter(|division| self.exact.contains_key(division)).collect(),
        }
    }

    /// Where records that are new in the CRM are created.
    fn create_in(&self, flow: &Flow) -> Option<Division> {
        flow.create_in
            .or_else(|| flow.divisions.first().copied())
            .or_else(|| self.exact.keys().next().copied())
    }

    fn adapter(&self, side: Side, division: Division) -> Option<&Arc<dyn Adapter>> {
        match side {
            Side::Exact => self.exact.get(&division),
            Side::Crm => Some(&self.crm),
        }
    }

    /// The schema of Exact, as the first division tells that can be reached.
    async fn exact_schema(&self, flow: &Flow) -> Result<Schema> {
        let mut error = Error::new(ErrorKind::Config, format!("flow.{}: it covers no division", flow.name));
        for division in self.divisions(flow) {
            let Some(exact) = self.exact.get(&division) else { continue };
            match exact.schema(flow.kinds.exact).await {
                Ok(schema) => return Ok(schema),
                Err(cause) => error = Error::of_side(Side::Exact, cause),
            }
        }
        Err(error)
    }

    async fn resolve(
        &self,
        flow: &Flow,
    ) -> Result<std::result::Result<(Mapping, Vec<Finding>), Vec<Finding>>> {
        let exact = self.exact_schema(flow).await?;
        let crm = self.crm.schema(flow.kinds.crm).await;
        let crm = crm.map_err(|error| Error::of_side(Side::Crm, error))?;
        let flow = Flow { divisions: self.divisions(flow), ..flow.clone() };
        Ok(Mapping::resolve(flow, &exact, &crm, self.create_fields))
    }
}
