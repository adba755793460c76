//! One run: the lease it holds, its commits and its waits.

use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::{Either, select};
use uuid::Uuid;

use super::approved::Approved;
use super::event::Event;
use super::history::PastRun;
use super::{Inner, PATIENCE};
use crate::error::{Error, ErrorKind, Result};
use crate::state::Link;
use crate::store::{Batch, Commit, Lease, Mark, StoreErrorKind};

/// What a lease of a tenant's work is called.
const SCOPE: &str = "sync";

/// One run of an engine, holding the tenant's lease.
#[derive(Debug)]
pub(super) struct Session<'a> {
    pub(super) engine: &'a Inner,
    /// Names the run in the audit.
    pub(super) run: String,
    lease: Lease,
    /// What is kept of the run, once it has begun to write.
    begun: Mutex<Option<PastRun>>,
    /// The writes that this run is limited to, where it is.
    pub(super) approved: Option<Approved>,
    /// When the lease was last prolonged, on the monotonic clock.
    renewed: Mutex<Duration>,
}

impl<'a> Session<'a> {
    pub(super) async fn open(engine: &'a Inner) -> Result<Self> {
        let owner = engine.ids.next().to_string();
        let started = engine.clock.monotonic();
        loop {
            let now = engine.clock.monotonic();
            if let Some(lease) =
                engine.store.acquire(&engine.tenant, SCOPE, &owner, engine.timing.lease).await?
            {
                let run = engine.ids.next().simple().to_string();
                let (begun, renewed) = (Mutex::new(None), Mutex::new(now));
                return Ok(Self { engine, run, lease, begun, approved: None, renewed });
            }
            if now.saturating_sub(started) >= PATIENCE {
                return Err(Error::new(
                    ErrorKind::Busy,
                    format!(
                        "another worker holds the lease of tenant {}; it ends when that one does",
                        engine.tenant
                    ),
                ));
            }
            let wait = Duration::from_secs(1);
            engine.observer.on(&Event::Waiting { wait, why: "another worker's lease" });
            engine.clock.sleep(wait).await;
        }
    }

    pub(super) async fn close(self) {
        // A lease that cannot be given back lapses by itself.
        if let Err(error) = self.engine.store.release(&self.lease).await {
            tracing::warn!(%error, "the lease was not given back");
        }
    }

    /// What is kept of the run, where it has begun to write.
    pub(super) fn begun(&self) -> MutexGuard<'_, Option<PastRun>> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.engine.clock.now()
    }

    pub(super) fn batch(&self) -> Batch {
        Batch::new(self.engine.ids.next())
    }

    pub(super) fn new_id(&self) -> Uuid {
        self.engine.ids.next()
    }

    /// The links that bear one of these marks, those that an open create is to make among them.
    pub(super) async fn links(&self, marks: &[Mark]) -> Result<Vec<Link>> {
        if marks.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.engine.store.marked(&self.engine.tenant, marks).await?;
        Ok(rows.iter().map(Link::read).collect::<Result<_, _>>()?)
    }

    /// Commits a batch under the lease. Where the store cannot tell what became of it, asks until it can.
    pub(super) async fn commit(&self, batch: Batch) -> Result<()> {
        if batch.is_empty() {
            return Ok(());
        }
        self.renew().await?;
        let Inner { store, tenant, .. } = self.engine;
        let mut tries = 0;
        loop {
            match store.commit(tenant, Some(&self.lease), batch.clone()).await {
                Ok(Commit::Applied) => return Ok(()),
                Ok(Commit::Fenced) => return Err(self.lost()),
                Ok(Commit::Conflict(key)) => {
                    let message =
                        format!("row {}/{} changed under this run; run again", key.table.as_str(), key.id);
                    return Err(Error::new(ErrorKind::Store, message));
                }
                Err(error) if error.kind() == StoreErrorKind::Unknown && tries < 3 => {
                    tries += 1;
                    if store.committed(tenant, batch.id).await? {
                        return Ok(());
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Waits, keeping the lease. `false` where that would take longer than a run waits.
    pub(super) async fn wait(&self, wait: Duration, why: &str) -> Result<bool> {
        if wait > PATIENCE {
            return Ok(false);
        }
        self.engine.observer.on(&Event::Waiting { wait, why });
        let until = self.engine.clock.monotonic() + wait;
        loop {
            let left = until.saturating_sub(self.engine.clock.monotonic());
            if left.is_zero() {
                return Ok(true);
            }
            self.engine.clock.sleep(left.min(self.engine.timing.lease / 3)).await;
            self.renew().await?;
        }
    }

    /// Does something that may take long, and keeps the lease meanwhile where the store's leases lapse by a clock of its own;
    /// where they lapse by ours, [`renew`](Session::renew) does.
    pub(super) async fn keeping<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let kept = self.engine.store.keep(&self.lease, self.engine.timing.lease);
        match select(pin!(work), kept).await {
            Either::Left((done, _)) => done,
            Either::Right((lost, _)) => lost.map_err(Error::from).and(Err(self.lost())),
        }
    }

    /// Prolongs the lease where a third of it has passed. Its validity counts from before the call.
    pub(super) async fn renew(&self) -> Result<()> {
        let now = self.engine.clock.monotonic();
        let due = self.renewed.lock().map(|at| now >= *at + self.engine.timing.lease / 3).unwrap_or(true);
        if due {
            if !self.engine.store.renew(&self.lease, self.engine.timing.lease).await? {
                return Err(self.lost());
            }
            if let Ok(mut at) = self.renewed.lock() {
                *at = now;
            }
        }
        Ok(())
    }

    fn lost(&self) -> Error {
        Error::new(
            ErrorKind::Busy,
            format!(
                "another worker took over the lease of tenant {}; it finishes the work",
                self.engine.tenant
            ),
        )
    }
}
