//! One tenant's passes: by schedule, by hint, until stopped.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rand::Rng;
use sync_core::ErrorKind;
use sync_core::engine::{Engine, RunOptions, RunReport};
use sync_core::flow::Division;
use tokio::sync::watch;

use super::business::Business;
use super::echoes::Echoes;
use super::hints::{self, Hint, Hints};
use super::schedule::{Look, Rhythm, Schedule};
use crate::alert::Health;
use crate::connect::{App, Divisions};
use crate::error::{Error, Result};

/// How often budgets and late flows are looked at while nothing happens.
const LOOK: Duration = Duration::from_secs(5 * 60);

/// The work of one tenant. Cloning is cheap.
#[derive(Clone, Debug)]
pub(super) struct Worker {
    pub(super) app: App,
    pub(super) hints: Arc<Hints>,
    pub(super) echoes: Arc<Echoes>,
    pub(super) health: Arc<Health>,
    pub(super) business: Option<Arc<Business>>,
    /// Whether Exact's webhooks cannot be had: then every look is one at everything.
    pub(super) deaf: Arc<AtomicBool>,
    pub(super) grace: Duration,
}

/// Becomes true once the process is to stop.
pub(super) type Stop = watch::Receiver<bool>;

impl Worker {
    /// Runs passes until stopped; a pass in hand may go on for the grace.
    pub(super) async fn passes(self, rhythms: Vec<(String, Rhythm)>, late: Duration, mut stop: Stop) {
        let now = self.app.clock().now();
        let start = now + TimeDelta::from_std(late).unwrap_or_default();
        let mut schedule = Schedule::new(rhythms, start);
        loop {
            let now = self.app.clock().now();
            for hint in self.hints.peek().await {
                schedule.hear(&hint.flow, hint.news.place(), now);
            }
            let Some(due) = schedule.due(now) else {
                tokio::select! {
                    () = self.sleep_until(schedule.next()) => continue,
                    () = self.hints.wait() => continue,
                    () = stopped(&mut stop) => return,
                }
            };
            let pass = self.pass(&due.0, due.1);
            let Some(ends) = until_stopped(pass, &mut stop, self.grace).await else { return };
            let dice = rand::rng().random_range(0..=1_000);
            let (now, deaf) = (self.app.clock().now(), self.deaf.load(Ordering::Relaxed));
            for (flow, end) in ends {
                schedule.ended(&(vec![flow], due.1), end.complete && !deaf, now, end.resume, dice);
            }
        }
    }

    /// One pass of these flows: how it ended for each of them.
    async fn pass(&self, flows: &[String], look: Look) -> Vec<(String, End)> {
        let mut taken = self.hints.take(flows, look).await;
        let heard = (look < Look::Everywhere)
            .then(|| hints::topics(&taken).map(|(division, _)| division).collect::<BTreeSet<_>>());
        let reach = if heard.is_none() { Divisions::Reachable } else { Divisions::AsLastRead };
        let pass = self.run(flows, look, reach, &taken).await;
        let ends = match pass {
            // What keeps one flow from going on stops no other: each has a pass of its own.
            Err(error) if flows.len() > 1 && is_of_one_flow(&error, &taken) => {
                let mut ends = Vec::new();
                for flow in flows {
                    let alone = std::slice::from_ref(flow);
                    let own = taken.extract_if(.., |hint| hint.flow == *flow).collect();
                    let pass = self.run(alone, look, Divisions::AsLastRead, &own).await;
                    ends.extend(self.end(alone, heard.as_ref(), own, pass).await);
                }
                ends
            }
            pass => self.end(flows, heard.as_ref(), taken, pass).await,
        };
        self.tell_business().await;
        ends
    }

    /// What comes of a pass. What was taken up is done with where all there was is read and written.
    async fn end(
        &self,
        flows: &[String],
        heard: Option<&BTreeSet<Division>>,
        taken: BTreeSet<Hint>,
        pass: Result<RunReport>,
    ) -> Vec<(String, End)> {
        let ends = End::of(flows, &pass);
        if pass.as_ref().is_err_and(|error| error.kind() == "busy") {
            self.elsewhere().await;
        } else {
            self.health.after(flows, heard, &pass).await;
        }
        let complete = |hint: &Hint| ends.iter().any(|(flow, end)| end.complete && *flow == hint.flow);
        let (done, left): (BTreeSet<_>, BTreeSet<_>) = taken.into_iter().partition(complete);
        let settled = self.hints.settle(&done).await;
        self.hints.leave(left).await;
        if let Err(error) = settled.and(pass) {
            tracing::warn!(%error, "a pass did not come to its end");
        }
        ends
    }

    async fn tell_business(&self) {
        if let Some(business) = &self.business
            && let Err(error) = business.tell().await
        {
            tracing::warn!(%error, "what happened in the business is told after the next pass");
        }
    }

    /// A run of these flows: over everything, or over what was heard of.
    async fn run(
        &self,
        flows: &[String],
        look: Look,
        reach: Divisions,
        hints: &BTreeSet<Hint>,
    ) -> Result<RunReport> {
        let builder = self.app.engine_builder(reach).await?.only(flows);
        let builder = builder.observer(Arc::clone(&self.echoes) as _);
        let builder = match look {
            Look::Everywhere => builder,
            // What no webhook tells of may be news everywhere.
            Look::Heard => builder.heard_in(self.app.divisions()),
            Look::Crm => builder.heard_in([]),
        };
        for (division, topic) in hints::topics(hints) {
            self.app.hear(division, topic);
        }
        let engine = builder.build()?;
        match carry_out(&engine, hints).await {
            Err(error) if error.kind() == ErrorKind::Busy => Err(Error::failed("busy", error.to_string())),
            report => {
                self.app.retire(&engine).await;
                Ok(report?)
            }
        }
    }

    /// Another process has this tenant: what it left in the store is what there is to know.
    async fn elsewhere(&self) {
        if let Err(error) = self.health.learn().await {
            tracing::warn!(%error, "the last passes are not known");
        }
    }

    /// Looks at budgets and late flows until stopped.
    pub(super) async fn look(self, mut stop: Stop) {
        loop {
            self.health.look().await;
            let now = self.app.clock().now();
            let regular = now + TimeDelta::from_std(LOOK).unwrap_or_default();
            let next = self.health.next_late().map_or(regular, |late| late.min(regular));
            tokio::select! {
                () = self.sleep_until(Some(next)) => {}
                () = stopped(&mut stop) => return,
            }
        }
    }

    async fn sleep_until(&self, at: Option<DateTime<Utc>>) {
        let clock = self.app.clock();
        let wait = at.map_or(LOOK, |at| (at - clock.now()).to_std().unwrap_or_default());
        // A clock that is set forward must not be slept past by much.
        clock.sleep(wait.clamp(Duration::from_millis(1), LOOK)).await;
    }
}

/// Whether a pass may have ended for the sake of one of its flows: of a mapping that does not fit, or of records that
/// something is said of and that cannot be looked up. The engine keeps everything else apart by itself.
fn is_of_one_flow(error: &Error, taken: &BTreeSet<Hint>) -> bool {
    error.code() == 2 || (error.side().is_some() && !hints::said(taken).is_empty())
}

/// A run, after what is said of single records.
async fn carry_out(engine: &Engine, hints: &BTreeSet<Hint>) -> sync_core::Result<RunReport> {
    for (flow, changes) in hints::said(hints) {
        engine.told(flow, &changes).await?;
    }
    engine.run_once(RunOptions::default()).await
}

/// How a pass ended for a flow.
#[derive(Clone, Copy, Debug)]
struct End {
    /// All that there was to read was read, and all that there was to write was written.
    complete: bool,
    /// When it can go on, where it waits.
    resume: Option<DateTime<Utc>>,
}

impl End {
    fn of(flows: &[String], pass: &Result<RunReport>) -> Vec<(String, Self)> {
        let end = |flow: &String| match pass {
            Ok(report) => {
                let resume = report.resume_at;
                let failed = report.errors.iter().any(|error| error.flow == *flow);
                Self { complete: !failed && resume.is_none(), resume }
            }
            Err(_) => Self { complete: false, resume: None },
        };
        flows.iter().map(|flow| (flow.clone(), end(flow))).collect()
    }
}

pub(super) async fn stopped(stop: &mut Stop) {
    // The other end gone means the same.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Runs work to its end; once stopped, for `grace` more. None where it did not make it in time.
async fn until_stopped<T>(work: impl Future<Output = T>, stop: &mut Stop, grace: Duration) -> Option<T> {
    tokio::pin!(work);
    tokio::select! {
        done = &mut work => return Some(done),
        () = stopped(stop) => {}
    }
    let done = tokio::time::timeout(grace, work).await;
    if done.is_err() {
        tracing::warn!("a pass was broken off; nothing is lost, the next one goes on from its last commit");
    }
    done.ok()
}
