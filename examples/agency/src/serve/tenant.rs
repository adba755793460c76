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
            let Some(end) = until_stopped(pass, &mut stop, self.grace).await else { return };
            let dice = rand::rng().random_range(0..=1_000);
            let complete = end.complete && !self.deaf.load(Ordering::Relaxed);
            schedule.ended(&due, complete, self.app.clock().now(), end.resume, dice);
        }
    }

    /// One pass of these flows.
    async fn pass(&self, flows: &[String], look: Look) -> End {
        let taken = self.hints.take(flows, look).await;
        let heard = (look < Look::Everywhere).then(|| hints::divisions(&taken));
        let pass = match self.run(flows, heard.as_ref(), &taken).await {
            Err(error) if error.kind() == "busy" => {
                self.hints.leave(taken).await;
                return self.elsewhere().await;
            }
            pass => pass,
        };
        self.health.after(flows, heard.as_ref(), &pass).await;
        self.tell_business().await;
        let end = End::of(&pass);
        if let Err(error) = self.settle(taken, &end).await.and(pass) {
            tracing::warn!(%error, "a pass did not come to its end");
        }
        end
    }

    /// What was taken up is done with once the pass has read and written all there was.
    async fn settle(&self, taken: BTreeSet<Hint>, end: &End) -> Result<()> {
        if end.complete {
            return self.hints.settle(&taken).await;
        }
        self.hints.leave(taken).await;
        Ok(())
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
        heard: Option<&BTreeSet<Division>>,
        hints: &BTreeSet<Hint>,
    ) -> Result<RunReport> {
        let builder = match heard {
            None => self.app.engine_builder(Divisions::Reachable).await?,
            Some(heard) => {
                let builder = self.app.engine_builder(Divisions::AsLastRead).await?;
                builder.heard_in(heard.iter().copied())
            }
        };
        let engine = builder.only(flows).build()?;
        match carry_out(&engine, hints).await {
            Err(error) if error.kind() == ErrorKind::Busy => Err(Error::failed("busy", error.to_string())),
            report => {
                self.app.retire(&engine).await;
                Ok(report?)
            }
        }
    }

    /// Another process has this tenant: what it left in the store is what there is to know.
    async fn elsewhere(&self) -> End {
        self.learn().await;
        End { complete: false, resume: None }
    }

    /// Learns from the store when each flow last had a pass without an error.
    pub(super) async fn learn(&self) {
        let status = match self.app.engine(Divisions::Stored, None).await {
            Ok(engine) => engine.status().await.map_err(Error::from),
            Err(error) => Err(error),
        };
        match status {
            Ok(flows) => {
                for (flow, last) in flows.iter().filter_map(|it| Some((&it.flow, it.last_run.as_ref()?))) {
                    if last.errors.is_empty() {
                        self.health.seen(flow, last.at);
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "the last passes are not known"),
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

/// A run, after what is said of single records.
async fn carry_out(engine: &Engine, hints: &BTreeSet<Hint>) -> sync_core::Result<RunReport> {
    for (flow, changes) in hints::said(hints) {
        engine.told(flow, &changes).await?;
    }
    engine.run_once(RunOptions::default()).await
}

/// How a pass ended.
#[derive(Clone, Copy, Debug)]
struct End {
    /// All that there was to read was read, and all that there was to write was written.
    complete: bool,
    /// When it can go on, where it waits.
    resume: Option<DateTime<Utc>>,
}

impl End {
    fn of(pass: &Result<RunReport>) -> Self {
        let resume = pass.as_ref().ok().and_then(|report| report.resume_at);
        let complete = pass.as_ref().is_ok_and(|report| report.errors.is_empty()) && resume.is_none();
        Self { complete, resume }
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
