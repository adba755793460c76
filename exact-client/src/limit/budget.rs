//! The budget of every division: the ledger behind a fair queue, the usage store behind the ledger.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::{Either, select};

use super::headers::RateHeaders;
use super::ledger::{Ledger, Step};
use super::queue::{Queue, Turn};
use super::smooth::Smoother;
use super::usage::{Pace, Usage, UsageId, UsageStore};
use super::velocity::{Closed, Velocity};
use super::{Forecast, Priority, Reserve};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result, Retry};
use crate::id::DivisionId;

/// Whose budget a call spends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Scope {
    /// A division's.
    Division(DivisionId),
    /// That of calls which belong to no division.
    Me,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Division(id) => id.fmt(f),
            Self::Me => f.write_str("me"),
        }
    }
}

/// All budgets of one app.
#[derive(Debug)]
pub(crate) struct Budget {
    app: String,
    clock: Arc<dyn Clock>,
    store: Arc<dyn UsageStore>,
    reserve: Reserve,
    smoother: Smoother,
    gates: Mutex<HashMap<Scope, Arc<Gate>>>,
}

/// One division. Whoever has the turn of its queue may wait; the state is never held across a wait.
#[derive(Debug)]
struct Gate {
    queue: Queue,
    /// Whether the usage store was read.
    loaded: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    ledger: Ledger,
    velocity: Velocity,
    calls: u64,
    endpoints: BTreeMap<&'static str, u64>,
}

/// The right to make one call. Give it the answer; dropped without one, the call counts as answered.
#[derive(Debug)]
pub(crate) struct Permit<'a> {
    budget: &'a Budget,
    gate: Arc<Gate>,
    scope: Scope,
    endpoint: &'static str,
}

impl Budget {
    pub(crate) fn new(
        app: String,
        clock: Arc<dyn Clock>,
        store: Arc<dyn UsageStore>,
        reserve: Reserve,
    ) -> Self {
        let smoother = Smoother::new(Arc::clone(&clock), 0);
        Self { app, clock, store, reserve, smoother, gates: Mutex::default() }
    }

    /// Waits for a place in the division's minute, by priority and order of arrival.
    ///
    /// Fails at once where the day is spent, the endpoint is closed after too many errors, or the next minute comes
    /// after the deadline (on the monotonic clock). Dropping the future gives the place back.
    pub(crate) async fn permit(
        &self,
        scope: Scope,
        endpoint: &'static str,
        priority: Priority,
        deadline: Option<Duration>,
    ) -> Result<Permit<'_>> {
        let gate = self.gate(scope);
        let mut turn = gate.queue.turn(priority).await;
        if !gate.loaded.load(Ordering::Relaxed) {
            self.load(scope, &gate).await?;
            gate.loaded.store(true, Ordering::Relaxed);
        }
        let minute_limit = gate.state().ledger.minute_limit();
        self.smoother.ready(scope, minute_limit).await;
        loop {
            let now = self.clock.now();
            let step = gate.state().step(endpoint, priority, self.reserve, now)?;
            match step {
                Step::Go => break,
                Step::Reserve(calls) => self.reserve(scope, &gate, calls).await?,
                Step::Wait(until) => {
                    let wait = (until - now).to_std().unwrap_or_default();
                    if deadline.is_some_and(|deadline| self.clock.monotonic() + wait > deadline) {
                        return Err(too_late(until));
                    }
                    self.wait(&mut turn, wait).await;
                }
                Step::Spent(until) => return Err(day_is_spent(until)),
            }
        }
        turn.leave();
        Ok(Permit { budget: self, gate, scope, endpoint })
    }

    /// Waits so long, and lets an interactive caller pass meanwhile.
    async fn wait(&self, turn: &mut Turn<'_>, wait: Duration) {
        let overtaken = {
            let overtaken = pin!(turn.overtaken());
            matches!(select(overtaken, self.clock.sleep(wait)).await, Either::Left(_))
        };
        if overtaken {
            turn.give_way().await;
        }
    }

    /// What can leave now at that priority. Knows nothing of other processes before the division's first call.
    pub(crate) fn pace(&self, scope: Scope, priority: Priority) -> Pace {
        let now = self.clock.now();
        let gate = self.gate(scope);
        let mut state = gate.state();
        state.ledger.roll(now);
        let room = state.ledger.room(state.kept(priority, self.reserve), now);
        if room.day_left == 0 {
            return Pace::Spent(room.day_opens);
        }
        match room.minute_left.min(room.day_left) {
            0 => Pace::Wait((room.minute_opens - now).to_std().unwrap_or_default()),
            ready => Pace::Ready(usize::try_from(ready).unwrap_or(usize::MAX)),
        }
    }

    pub(crate) fn forecast(&self, scope: Scope, priority: Priority, calls: u64) -> Forecast {
        let now = self.clock.now();
        let gate = self.gate(scope);
        let mut state = gate.state();
        state.ledger.roll(now);
        Forecast::new(calls, &state.ledger.room(state.kept(priority, self.reserve), now))
    }

    pub(crate) fn usage(&self, scope: Scope) -> Usage {
        let now = self.clock.now();
        let gate = self.gate(scope);
        let mut state = gate.state();
        state.ledger.roll(now);
        let errors = state.velocity.recent(now);
        let closed = errors.iter().filter_map(|error| {
            let closed = state.velocity.closed(&error.endpoint, now)?;
            Some((error.endpoint.clone(), closed.until))
        });
        let closed = closed.collect();
        Usage {
            minute_limit: state.ledger.minute_limit(),
            minute_left: state.ledger.minute_left(now),
            minute_opens: state.ledger.opens(now),
            day_limit: state.ledger.day_limit(),
            day_used: state.ledger.day_used(),
            day_left: state.ledger.day_left(now),
            day_opens: state.ledger.day_opens(now),
            reserve: state.kept(Priority::Bulk, self.reserve),
            waiting: gate.queue.waiting(),
            errors,
            closed,
            calls: state.calls,
            endpoints: state.endpoints.iter().map(|(name, calls)| ((*name).to_owned(), *calls)).collect(),
        }
    }

    pub(crate) fn calls(&self) -> u64 {
        let gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        gates.values().map(|gate| gate.state().calls).sum()
    }

    /// Gives back what is reserved and not used, in the usage store.
    pub(crate) async fn settle(&self) -> Result<()> {
        let gates: Vec<_> = {
            let gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
            gates.iter().map(|(scope, gate)| (*scope, Arc::clone(gate))).collect()
        };
        for (scope, gate) in gates {
            let _turn = gate.queue.turn(Priority::Interactive).await;
            if gate.loaded.load(Ordering::Relaxed) {
                self.reserve(scope, &gate, 0).await?;
            }
        }
        Ok(())
    }

    fn gate(&self, scope: Scope) -> Arc<Gate> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(gates.entry(scope).or_insert_with(|| Arc::new(Gate::new(self.clock.now()))))
    }

    async fn load(&self, scope: Scope, gate: &Gate) -> Result<()> {
        if let Some(stored) = self.store.load(&UsageId::new(&self.app, scope)).await? {
            let mut state = gate.state();
            state.ledger.resume(&stored, self.clock.now());
            state.velocity = Velocity::resume(&stored.errors);
        }
        Ok(())
    }

    /// Has the store count `calls` more before any of them leaves.
    async fn reserve(&self, scope: Scope, gate: &Gate, calls: u64) -> Result<()> {
        let stored = gate.state().stored(calls);
        self.store.save(&UsageId::new(&self.app, scope), &stored).await?;
        gate.state().ledger.reserved(calls, stored.minute);
        Ok(())
    }
}

impl Gate {
    fn new(now: DateTime<Utc>) -> Self {
        let state = State {
            ledger: Ledger::new(now),
            velocity: Velocity::default(),
            calls: 0,
            endpoints: BTreeMap::new(),
        };
        Self { queue: Queue::default(), loaded: AtomicBool::new(false), state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn step(
        &mut self,
        endpoint: &'static str,
        priority: Priority,
        reserve: Reserve,
        now: DateTime<Utc>,
    ) -> Result<Step> {
        if let Some(closed) = self.velocity.closed(endpoint, now) {
            return Err(too_many_errors(endpoint, &closed));
        }
        let step = self.ledger.take(self.kept(priority, reserve), now);
        if step == Step::Go {
            self.calls += 1;
            *self.endpoints.entry(endpoint).or_default() += 1;
        }
        Ok(step)
    }

    fn kept(&self, priority: Priority, reserve: Reserve) -> Reserve {
        reserve.kept_from(priority, self.ledger.minute_limit(), self.ledger.day_limit())
    }

    fn stored(&self, reserve: u64) -> super::StoredUsage {
        let mut stored = self.ledger.stored(reserve);
        stored.errors = self.velocity.stored();
        stored
    }
}

impl Permit<'_> {
    /// The call never left: it costs nothing.
    pub(crate) fn refund(self) {
        let mut state = self.gate.state();
        state.ledger.refund();
        state.calls = state.calls.saturating_sub(1);
        if let Some(calls) = state.endpoints.get_mut(self.endpoint) {
            *calls = calls.saturating_sub(1);
        }
    }

    /// Learns from the answer. `offence` names the call where its status counts towards Exact's error limit.
    pub(crate) async fn answered(self, status: u16, headers: &RateHeaders, offence: Option<String>) {
        let now = self.budget.clock.now();
        let stored = {
            let mut state = self.gate.state();
            state.ledger.learn(headers, now);
            if status == 429 {
                state.ledger.refused(headers, now);
            }
            offence.map(|call| {
                state.velocity.count(self.endpoint, call, now);
                state.stored(state.ledger.unspent())
            })
        };
        // Rare, and only for the next process: a failure must not hide the answer itself.
        if let Some(stored) = stored
            && let Err(error) =
                self.budget.store.save(&UsageId::new(&self.budget.app, self.scope), &stored).await
        {
            tracing::warn!(%error, "an error that counts towards Exact's limit could not be saved");
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let now = self.budget.clock.now();
        self.gate.state().ledger.done(now);
    }
}

fn too_late(until: DateTime<Utc>) -> Error {
    Error::new(
        ErrorKind::Unsent,
        "the minute has no call left before the deadline for sending; nothing was sent",
    )
    .with_retry(Retry::At(until))
}

fn day_is_spent(until: DateTime<Utc>) -> Error {
    Error::new(ErrorKind::RateLimited, "the calls of the day are spent")
        .with_retry(Retry::At(until))
        .with_remedy(format!("go on at {}", until.format("%Y-%m-%d %H:%M UTC")))
}

fn too_many_errors(endpoint: &str, closed: &Closed) -> Error {
    let mut message = format!("{endpoint} refused five calls within the hour, so no more are made for now");
    if !closed.calls.is_empty() {
        message = format!("{message}: {}", closed.calls.join(", "));
    }
    let until = closed.until.format("%Y-%m-%d %H:%M UTC");
    Error::new(ErrorKind::RateLimited, message)
        .with_retry(Retry::At(closed.until))
        .with_remedy(format!("mend what these calls ask for; calls go on at {until}"))
}
