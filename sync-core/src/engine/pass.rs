//! A run: passes over all flows until nothing is left to do.

use chrono::{DateTime, Utc};
use crm_adapters::{Error as SideError, ErrorKind as SideErrorKind, Retry};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::apply::{Pipeline, Stop, writes};
use super::bill::Costs;
use super::derive::Ground;
use super::event::Event;
use super::foreseen::Foreseen;
use super::history;
use super::note::note;
use super::observe;
use super::recover::{Pending, recover};
use super::report::{Brake, FlowPlan, FlowReport, PerSide, PlanReport, PlannedField, RunError, RunReport};
use super::session::Session;
use super::survey::{Detail, brake, foresee, survey};
use super::tie::wake;
use super::{RunOptions, since, status};
use crate::error::{Error, ErrorKind, Result};
use crate::flow::{Division, Flow, Side};
use crate::plan::{Mapping, Severity, together};
use crate::state::{Feed, Issue, decode, plain};
use crate::store::{Key, Scan, Table};

/// How often a run goes round at the most; each further pass takes up what the one before left behind.
const PASSES: usize = 100;

/// How often in a row it waits although nothing could be written.
const IN_VAIN: usize = 3;

/// A mapping that a person has approved, by running it.
#[derive(Debug, Serialize, Deserialize)]
struct Approved {
    fingerprint: String,
}

/// One flow with the reports of its divisions.
struct Lane {
    mapping: Mapping,
    reports: Vec<FlowReport>,
}

/// Reports the calls beyond those `before`.
pub(super) async fn run(session: &Session<'_>, before: PerSide, options: RunOptions) -> Result<RunReport> {
    let mut run = Run { session, options, errors: Vec::new(), resume_at: None, barred: Barred::default() };
    let mut lanes = match run.lanes().await {
        Ok(lanes) => lanes,
        Err(error) => {
            let flows = session.engine.turn().flat_map(|flow| reports(session, flow));
            return Err(given_up(session, flows.collect(), error).await);
        }
    };
    if let Err(error) = run.passes(&mut lanes).await {
        let flows = lanes.into_iter().flat_map(|lane| lane.reports).collect();
        return Err(given_up(session, flows, error).await);
    }
    let report = run.conclude(lanes, before).await?;
    status::keep(session, &report).await?;
    Ok(report)
}

/// Notes why a run was given up, as far as that can be stored.
async fn given_up(session: &Session<'_>, flows: Vec<FlowReport>, error: Error) -> Error {
    if !matches!(error.kind(), ErrorKind::Busy | ErrorKind::Store)
        && let Err(other) = status::keep_failed(session, &flows, &error).await
    {
        tracing::warn!(%other, "what a run was given up for was not stored");
    }
    error
}

/// Every flow whose turn it is, tied to both schemas, as a plan needs it: it keeps nothing.
async fn mappings(session: &Session<'_>) -> Result<Vec<Mapping>> {
    let mut mappings = Vec::new();
    for flow in session.engine.turn() {
        mappings.push(tied(session, flow).await?);
    }
    fit_together(mappings.iter())?;
    for mapping in &mut mappings {
        since::fill(session, mapping, false).await?;
    }
    Ok(mappings)
}

/// Refuses flows that would undo each other's work for ever.
fn fit_together<'m>(mappings: impl Iterator<Item = &'m Mapping>) -> Result<()> {
    let findings = together(mappings);
    let wrong = findings.iter().any(|finding| finding.severity == Severity::Error);
    if wrong { Err(Error::findings_of(findings)) } else { Ok(()) }
}

/// A flow tied to both schemas.
async fn tied(session: &Session<'_>, flow: &Flow) -> Result<Mapping> {
    Ok(session.engine.resolve(flow).await?.map_err(Error::findings_of)?.0)
}

/// Creates the fields that the CRM lacks, where there are any and that is allowed.
async fn create_fields(session: &Session<'_>, mapping: &mut Mapping) -> Result<()> {
    let engine = session.engine;
    let flow = engine.flows.iter().find(|flow| flow.name == mapping.flow.name);
    let Some(flow) = flow.filter(|_| !mapping.missing.is_empty()) else { return Ok(()) };
    let created = engine.crm.create_fields(flow.kinds.crm, &mapping.missing).await;
    created.map_err(|error| Error::of_side(Side::Crm, error))?;
    *mapping = tied(session, flow).await?;
    since::fill(session, mapping, true).await
}

/// The calls that the connections of a session have made so far.
pub(super) fn calls(session: &Session<'_>) -> PerSide {
    let engine = session.engine;
    PerSide {
        exact: engine.exact.values().map(|adapter| adapter.usage().calls).sum(),
        crm: engine.crm.usage().calls,
    }
}

struct Run<'a> {
    session: &'a Session<'a>,
    options: RunOptions,
    errors: Vec<RunError>,
    resume_at: Option<DateTime<Utc>>,
    barred: Barred,
}

/// The flows that cannot go on in this run, whatever the others do.
#[derive(Default)]
struct Barred {
    reports: Vec<FlowReport>,
    errors: Vec<RunError>,
    until: Option<DateTime<Utc>>,
}

impl Run<'_> {
    /// A lane for each flow whose turn it is, tied to both schemas. A side that does not answer for one flow bars that flow
    /// alone.
    ///
    /// # Errors
    /// A mapping that does not fit, before anything is written; and what bars every flow.
    async fn lanes(&mut self) -> Result<Vec<Lane>> {
        let session = self.session;
        let (mut lanes, mut barred) = (Vec::new(), Vec::new());
        for flow in session.engine.turn() {
            match tied(session, flow).await {
                Ok(mapping) => lanes.push(Lane { mapping, reports: reports(session, flow) }),
                Err(error) if error.kind() == ErrorKind::Config => return Err(error),
                Err(error) => barred.push((flow, error)),
            }
        }
        fit_together(lanes.iter().map(|lane| &lane.mapping))?;
        // Only once none of them is wrong.
        for lane in &mut lanes {
            since::fill(session, &mut lane.mapping, true).await?;
        }
        for (flow, error) in barred {
            if lanes.is_empty() {
                return Err(error);
            }
            self.bar(flow, error)?;
        }
        Ok(lanes)
    }

    /// Leaves a flow out of this run.
    fn bar(&mut self, flow: &Flow, error: Error) -> Result<()> {
        let mut reports = reports(self.session, flow);
        self.fail(&mut reports, error)?;
        self.barred.reports.append(&mut reports);
        self.barred.errors.append(&mut self.errors);
        self.barred.until = earliest(self.barred.until, self.resume_at.take());
        Ok(())
    }

    async fn passes(&mut self, lanes: &mut [Lane]) -> Result<()> {
        let mut in_vain = 0;
        // What was read stands as long as nobody waited: a pass that only takes up what the one before left reads nothing,
        // nor does the first one where a plan was just held against what both sides have.
        let mut look = self.session.approved.is_none();
        for _ in 0..PASSES {
            let written: u64 = lanes.iter().flat_map(|lane| &lane.reports).map(FlowReport::writes).sum();
            self.errors.clear();
            self.resume_at = None;
            let mut next = None;
            for lane in lanes.iter_mut() {
                let pending = self.pass(lane, look).await?;
                next = earliest(next, pending);
            }
            let now: u64 = lanes.iter().flat_map(|lane| &lane.reports).map(FlowReport::writes).sum();
            look = now == written || self.resume_at.is_some() || !self.errors.is_empty();
            if now > written && self.resume_at.is_none() {
                in_vain = 0;
                continue;
            }
            let Some(due) = earliest(next, self.resume_at) else { return Ok(()) };
            let wait = (due - self.session.now()).to_std().unwrap_or_default();
            in_vain += 1;
            if in_vain > IN_VAIN
                || !self.session.wait(wait, "the fate of an unanswered write, or a limit").await?
            {
                self.resume_at = earliest(self.resume_at, Some(due));
                return Ok(());
            }
        }
        Ok(())
    }

    /// One round of one flow. Returns when the first unanswered write can be looked for.
    async fn pass(&mut self, lane: &mut Lane, look: bool) -> Result<Option<DateTime<Utc>>> {
        let Lane { mapping, reports } = lane;
        let create_in = self.session.engine.create_in(&mapping.flow);
        let brake = if self.options.yes { None } else { mapping_brake(self.session, mapping).await? };
        if brake.is_some() {
            reports.iter_mut().for_each(|report| report.brake = brake);
            return Ok(None);
        }
        approve(self.session, mapping).await?;
        if let Err(error) = create_fields(self.session, mapping).await {
            self.fail(reports, error)?;
            return Ok(None);
        }
        let mut read = match look {
            true => self.observe(mapping, reports, create_in).await?,
            false => reports.iter_mut().collect(),
        };
        // What is new in the CRM is created last: by then the other divisions have tied what is theirs.
        read.sort_by_key(|report| Some(report.division) == create_in);
        let mut next = None;
        for report in read {
            report.waiting = 0;
            let creates_here = Some(report.division) == create_in;
            let (session, division, foreseen) = (self.session, report.division, &Foreseen::default());
            let ground = Ground { session, mapping, division, creates_here, foreseen };
            match self.division(&ground, report).await {
                Ok(pending) => {
                    report.waiting += pending.count;
                    next = earliest(next, pending.next);
                }
                Err(error) => self.fail([report], error)?,
            }
        }
        Ok(next)
    }

    /// Reads both sides of a flow; returns the divisions that could be read.
    async fn observe<'r>(
        &mut self,
        mapping: &Mapping,
        reports: &'r mut [FlowReport],
        create_in: Option<Division>,
    ) -> Result<Vec<&'r mut FlowReport>> {
        let name = &mapping.flow.name;
        let divisions: Vec<Division> = reports.iter().map(|report| report.division).collect();
        match observe::feed(self.session, mapping, &Feed::crm(name), &divisions).await {
            Ok(news) => {
                if let Some(report) = reports.iter_mut().find(|report| Some(report.division) == create_in) {
                    report.observed.crm += news;
                }
            }
            Err(error) => {
                self.fail(reports, error)?;
                return Ok(Vec::new());
            }
        }
        let mut read = Vec::new();
        for report in reports {
            report.waiting = 0;
            let (session, division, foreseen) = (self.session, report.division, &Foreseen::default());
            let creates_here = Some(division) == create_in;
            let ground = Ground { session, mapping, division, creates_here, foreseen };
            match ground.observe_exact().await {
                Ok(news) => {
                    report.observed.exact += news;
                    read.push(report);
                }
                Err(error) => self.fail([report], error)?,
            }
        }
        Ok(read)
    }

    async fn division(&mut self, ground: &Ground<'_>, report: &mut FlowReport) -> Result<Pending> {
        let mut pending = recover(ground, report).await?;
        wake(ground, true).await?;
        let flow = &ground.mapping.flow.name;
        let (writes, brake) = foresee(ground, report.created.total(), self.options.yes).await?;
        self.session.engine.observer.on(&Event::Planned { flow, division: ground.division, writes });
        report.brake = brake;
        if report.brake.is_none() {
            let (stops, unanswered) = execute(ground, report).await?;
            for (side, stop) in stops {
                self.stopped(flow, ground.division, side, stop);
            }
            pending.count += unanswered.count;
            pending.next = earliest(pending.next, unanswered.next);
        }
        Ok(pending)
    }

    fn stopped(&mut self, flow: &str, division: Division, side: Side, stop: Stop) {
        if let Some(error) = stop.error {
            self.errors.push(run_error(flow, division, side, &error));
        }
        self.resume_at = earliest(self.resume_at, stop.until);
    }

    /// Notes what stopped divisions. What stops everything is passed on.
    fn fail<'r>(
        &mut self,
        reports: impl IntoIterator<Item = &'r mut FlowReport>,
        error: Error,
    ) -> Result<()> {
        let (Some(side), Some(cause)) = (error.side(), error.of_adapter()) else { return Err(error) };
        let until = match cause.retry() {
            Retry::At(moment) => Some(moment),
            Retry::After(wait) => Some(self.session.now() + wait),
            _ => None,
        };
        self.resume_at = earliest(self.resume_at, until);
        let spent = until.is_some() && cause.kind() == SideErrorKind::RateLimited;
        for report in reports {
            if spent {
                // Nobody knows how much, for it could not be read.
                report.waiting = report.waiting.max(1);
            } else {
                self.errors.push(run_error(&report.flow, report.division, side, cause));
            }
        }
        Ok(())
    }

    async fn conclude(self, lanes: Vec<Lane>, before: PerSide) -> Result<RunReport> {
        let engine = self.session.engine;
        let Barred { reports: barred, errors, until } = self.barred;
        let mut report = RunReport { resume_at: earliest(self.resume_at, until), ..RunReport::default() };
        report.errors.extend(errors.into_iter().chain(self.errors));
        let mut flows: Vec<_> = lanes.into_iter().flat_map(|lane| lane.reports).chain(barred).collect();
        flows.sort_by_key(|report| engine.flows.iter().position(|flow| flow.name == report.flow));
        for mut flow in flows {
            let scan = Scan::mark(Issue::OPEN, &Issue::scope(&flow.flow, flow.division));
            flow.issues = engine.store.count(&engine.tenant, &scan).await?;
            report.open_issues += flow.issues;
            report.waiting += flow.waiting;
            report.flows.push(flow);
        }
        let after = calls(self.session);
        report.calls = PerSide { exact: after.exact - before.exact, crm: after.crm - before.crm };
        Ok(report)
    }
}

fn reports(session: &Session<'_>, flow: &Flow) -> Vec<FlowReport> {
    let divisions = session.engine.divisions(flow).into_iter();
    divisions.map(|division| FlowReport::new(&flow.name, division)).collect()
}

fn earliest(one: Option<DateTime<Utc>>, other: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

fn run_error(flow: &str, division: Division, side: Side, error: &SideError) -> RunError {
    RunError {
        side,
        kind: error.kind().to_string(),
        flow: flow.to_owned(),
        division,
        message: error.to_string(),
        remedy: error.remedy().unwrap_or("run again later; nothing is lost").to_owned(),
    }
}

fn approved_key(mapping: &Mapping) -> Key {
    Key::new(Table::Meta, format!("{}/approved", mapping.flow.name))
}

/// The brake of a mapping that changed since it was approved, where there is anything that it could change.
async fn mapping_brake(session: &Session<'_>, mapping: &Mapping) -> Result<Option<Brake>> {
    let engine = session.engine;
    let row = engine.store.get(&engine.tenant, &[approved_key(mapping)]).await?.pop().flatten();
    let Some(approved) = row.as_ref().map(decode::<Approved>).transpose()? else { return Ok(None) };
    if approved.fingerprint == mapping.fingerprint {
        return Ok(None);
    }
    let links = Scan::table(Table::Link, &format!("{}/", mapping.flow.name)).limit(1);
    let any = !engine.store.scan(&engine.tenant, &links).await?.is_empty();
    Ok(any.then_some(Brake::Mapping))
}

async fn approve(session: &Session<'_>, mapping: &Mapping) -> Result<()> {
    let engine = session.engine;
    let key = approved_key(mapping);
    let put = plain(key.clone(), &Approved { fingerprint: mapping.fingerprint.clone() })?;
    let row = engine.store.get(&engine.tenant, &[key]).await?.pop().flatten();
    if row.is_none_or(|row| row.value != put.value) {
        let mut batch = session.batch();
        batch.puts.push(put);
        session.commit(batch).await?;
    }
    Ok(())
}

/// Carries out every step of one division. Says which sides were stopped, and what was not answered.
async fn execute(ground: &Ground<'_>, report: &mut FlowReport) -> Result<(Vec<(Side, Stop)>, Pending)> {
    let engine = ground.session.engine;
    let (mut linked, mut left) = (0, 0);
    let mut pipeline = Pipeline::new(ground, report).ok_or_else(|| {
        Error::new(ErrorKind::Config, format!("division {} has no connection", ground.division))
    })?;
    for side in [Side::Exact, Side::Crm] {
        let mut scan = ground.dirty(side);
        loop {
            let page = async {
                let rows = engine.store.scan(&engine.tenant, &scan).await?;
                let steps = ground.derive(side, &rows).await?;
                let (steps, left) = ground.session.approve(ground, steps).await?;
                let (sent, noted): (Vec<_>, Vec<_>) = steps.into_iter().partition(writes);
                let tied = note(ground, noted).await?;
                Ok::<_, Error>((rows, sent, tied, left.len() as u64))
            };
            let (rows, sent, tied, others) = pipeline.alongside(page).await??;
            linked += tied;
            left += others;
            if !sent.is_empty() {
                pipeline.alongside(history::begin(ground.session)).await??;
            }
            for step in sent {
                pipeline.push(step).await?;
            }
            match rows.last() {
                Some(last) if rows.len() == scan.limit => scan = scan.behind(last),
                _ => break,
            }
        }
        // The CRM's turn must not meet a record that the first turn is still writing.
        pipeline.drain().await?;
    }
    let (stops, mut pending) = pipeline.finish().await?;
    pending.count += left;
    report.linked += linked;
    Ok((stops, pending))
}

pub(super) async fn plan(session: &Session<'_>, full: bool) -> Result<PlanReport> {
    let before = calls(session);
    let mut report = PlanReport::default();
    let mut items = Vec::new();
    let mut costs = Costs::default();
    let mut foreseen = Foreseen::of(session.engine.turn());
    let mut fingerprints = Sha256::new();
    for mapping in mappings(session).await? {
        let flow = &mapping.flow;
        fingerprints.update(&mapping.fingerprint);
        costs.add_fields(session, &mapping).await?;
        report.new_fields.extend(mapping.missing.iter().map(|field| PlannedField::of(&flow.name, field)));
        let changed = mapping_brake(session, &mapping).await?;
        let divisions = session.engine.divisions(flow);
        let create_in = session.engine.create_in(flow);
        observe::feed(session, &mapping, &Feed::crm(&flow.name), &divisions).await?;
        for division in &divisions {
            observe::feed(session, &mapping, &Feed::exact(&flow.name, *division), &[*division]).await?;
        }
        let mut news = foreseen.to_come();
        for division in divisions {
            let creates_here = Some(division) == create_in;
            let ground = Ground { session, mapping: &mapping, division, creates_here, foreseen: &foreseen };
            let mut planned = FlowPlan::new(&flow.name, division);
            wake(&ground, false).await?;
            planned.since = flow.start.as_ref().and_then(|start| start.since);
            let items = full.then_some(&mut items);
            let detail = Detail { items, costs: &mut costs, foreseen: &mut news };
            survey(&ground, &mut planned, Some(detail)).await?;
            planned.brake = changed.or_else(|| brake(&ground, &planned, 0));
            report.flows.push(planned);
        }
        foreseen.extend(news);
    }
    let after = calls(session);
    let writes = costs.calls();
    report.calls = PerSide {
        exact: after.exact - before.exact + writes.exact,
        crm: after.crm - before.crm + writes.crm,
    };
    (report.minutes, report.day_share) = costs.shares(session);
    fingerprints.update(format!("{:?} {:?}", report.flows, report.new_fields));
    report.fingerprint = hex::encode(&fingerprints.finalize()[..8]);
    report.items = items;
    Ok(report)
}
