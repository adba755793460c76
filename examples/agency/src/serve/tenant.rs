//! One tenant's passes: by schedule, by hint, until stopped.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rand::Rng;
use sync_core::ErrorKind;
use sync_core::engine::{RunOptions, RunReport};
use tokio::sync::watch;

use super::business::Business;
use super::hints::Hints;
use super::schedule::Schedule;
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
    pub(super) grace: Duration,
}

/// Becomes true once the process is to stop.
pub(super) type Stop = watch::Receiver<bool>;

impl Worker {
    /// Runs passes until stopped; a pass in hand may go on for the grace.
    pub(super) async fn passes(self, intervals: Vec<(String, TimeDelta)>, late: Duration, mut stop: Stop) {
        let now = self.app.clock().now();
        let start = now + TimeDelta::from_std(late).unwrap_or_default();
        let mut schedule = Schedule::new(intervals, start);
        loop {
            let now = self.app.clock().now();
            schedule.hint(&self.hints.peek().await, now);
            let due = schedule.due(now);
            if due.is_empty() {
                tokio::select! {
                    () = self.sleep_until(schedule.next()) => continue,
                    () = self.hints.wait() => continue,
                    () = stopped(&mut stop) => return,
                }
            }
            let pass = self.pass(&due);
            let Some(resume) = until_stopped(pass, &mut stop, self.grace).await else { return };
            let dice = rand::rng().random_range(0..=1_000);
            schedule.ended(&due, self.app.clock().now(), resume, dice);
        }
    }

    /// One pass of these flows. Says when it can go on, where it waits.
    async fn pass(&self, flows: &[String]) -> Option<DateTime<Utc>> {
        self.hints.take(flows).await;
        let pass = match self.run(flows).await {
            Err(error) if error.kind() == "busy" => return self.elsewhere().await,
            pass => pass,
        };
        self.health.after(flows, &pass).await;
        self.tell_business().await;
        let settled = match &pass {
            Ok(report) if report.errors.is_empty() => self.hints.settle(flows).await,
            _ => Ok(()),
        };
        match settled.and(pass) {
            Ok(report) => report.resume_at,
            Err(error) => {
                tracing::warn!(%error, "a pass did not come to its end");
                None
            }
        }
    }

    async fn tell_business(&self) {
        if let Some(business) = &self.business
            && let Err(error) = business.tell().await
        {
            tracing::warn!(%error, "what happened in the business is told after the next pass");
        }
    }

    async fn run(&self, flows: &[String]) -> Result<RunReport> {
        let engine = self.app.engine_builder(Divisions::Reachable).await?.only(flows).build()?;
        match engine.run_once(RunOptions::default()).await {
            Err(error) if error.kind() == ErrorKind::Busy => Err(Error::failed("busy", error.to_string())),
            report => {
                self.app.retire(&engine).await;
                Ok(report?)
            }
        }
    }

    /// Another process has this tenant: what it left in the store is what there is to know.
    async fn elsewhere(&self) -> Option<DateTime<Utc>> {
        self.learn().await;
        None
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
