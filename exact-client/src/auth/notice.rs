//! What a person has to know about a grant, told once for each time that it happens.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use http::HeaderMap;

use super::grant::GrantId;
use crate::cause::{Cause, Level};
use crate::clock::Clock;
use crate::error::Error;
use crate::http::date;
use crate::id::DivisionId;

/// More events than this wait for no hook; the oldest are dropped.
const LONGEST_QUEUE: usize = 256;
/// How far this machine's clock may be from Exact's.
const SKEW: TimeDelta = TimeDelta::seconds(60);
/// The days before a lapse that are worth an event each.
const LAPSE_WARNINGS: [i64; 4] = [14, 7, 3, 1];

/// Something about a grant that a person should know. `Display` is one line with what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GrantEvent {
    /// The grant.
    pub grant: GrantId,
    /// When it was noticed.
    pub at: DateTime<Utc>,
    /// What was noticed.
    pub kind: GrantEventKind,
}

/// What was noticed about a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GrantEventKind {
    /// The grant, or one division of it, does not work; [`Cause::remedy`] says what to do.
    Trouble {
        /// Why.
        cause: Cause,
        /// The division that it is about; none where it is about the whole grant.
        division: Option<DivisionId>,
    },
    /// That trouble is over.
    Recovered {
        /// What had been wrong.
        cause: Cause,
        /// The division that it was about.
        division: Option<DivisionId>,
    },
    /// The grant lapses in so many days because it cannot be refreshed. Told 14, 7, 3 and 1 days before.
    Lapsing {
        /// Whole days left.
        days: i64,
    },
    /// A grant that was about to lapse was refreshed.
    Renewed,
}

impl fmt::Display for GrantEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "grant {}", self.grant)?;
        match self.kind {
            GrantEventKind::Trouble { cause, division } => {
                place(f, division)?;
                write!(f, ": {}; {}", cause.describe(), cause.remedy())
            }
            GrantEventKind::Recovered { cause, division } => {
                place(f, division)?;
                write!(f, ": it works again (before: {})", cause.describe())
            }
            GrantEventKind::Lapsing { days } => {
                write!(f, ": it lapses in {days} days; see why it is not refreshed, or give consent again")
            }
            GrantEventKind::Renewed => f.write_str(": it was refreshed and does not lapse"),
        }
    }
}

fn place(f: &mut fmt::Formatter<'_>, division: Option<DivisionId>) -> fmt::Result {
    division.map_or(Ok(()), |division| write!(f, ", division {division}"))
}

/// Is told what happens to a grant: mail it, page somebody, write it down.
///
/// Each event comes once per occurrence and process, and in order; a trouble is followed by its recovery before it
/// can come again. Events are handed over one at a time, in a task of their own: a slow hook holds up its next event
/// and never the client, and one that panics is called again for the next event. Of more than 256 events that wait
/// the oldest are dropped.
#[async_trait]
pub trait GrantHook: fmt::Debug + Send + Sync + 'static {
    /// Takes one event.
    async fn notify(&self, event: &GrantEvent);
}

const _: Option<&dyn GrantHook> = None;

/// Where a trouble was seen. It is over once every place that saw it has seen the contrary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// At the token endpoint or in the token store.
    Token,
    /// In the answer to a call.
    Call,
    /// In the `Date` of an answer.
    Date,
    /// Among the other grants of a heartbeat.
    Store,
}

/// Tells a hook about one grant.
#[derive(Clone, Debug)]
pub(crate) struct Notices {
    grant: GrantId,
    clock: Arc<dyn Clock>,
    hook: Option<Arc<dyn GrantHook>>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    open: HashMap<(Cause, Option<DivisionId>), Vec<Seen>>,
    warned: Option<i64>,
    waiting: VecDeque<GrantEvent>,
    delivering: bool,
}

impl Notices {
    pub(crate) fn new(grant: GrantId, clock: Arc<dyn Clock>, hook: Option<Arc<dyn GrantHook>>) -> Self {
        Self { grant, clock, hook, state: Arc::default() }
    }

    /// Something is wrong with the grant or one of its divisions.
    pub(crate) fn trouble(&self, cause: Cause, division: Option<DivisionId>, seen: Seen) {
        let mut state = lock(&self.state);
        let places = state.open.entry((cause, division)).or_default();
        let first = places.is_empty();
        if !places.contains(&seen) {
            places.push(seen);
        }
        if first {
            self.tell(&mut state, GrantEventKind::Trouble { cause, division });
        }
    }

    /// A new pair of tokens came.
    pub(crate) fn refreshed(&self) {
        let mut state = lock(&self.state);
        self.close(&mut state, |_, _, seen| seen == Seen::Token);
        if state.warned.take().is_some() {
            self.tell(&mut state, GrantEventKind::Renewed);
        }
    }

    /// What a heartbeat saw is over.
    pub(crate) fn over(&self, cause: Cause) {
        let mut state = lock(&self.state);
        self.close(&mut state, |of, _, seen| seen == Seen::Store && of == cause);
    }

    /// A call was answered with a success.
    pub(crate) fn answered(&self, division: Option<DivisionId>) {
        let mut state = lock(&self.state);
        if !state.open.is_empty() {
            self.close(&mut state, |_, of, seen| seen == Seen::Call && (of.is_none() || of == division));
        }
    }

    /// A call was refused. What is wrong with one resource alone is the caller's business.
    pub(crate) fn refused(&self, error: &Error, division: Option<DivisionId>) {
        // What the token endpoint refused was told where it happened.
        let of_the_call = error.status().is_some() && error.operation().is_none();
        let Some(cause) = error.cause().filter(|_| of_the_call) else { return };
        match cause.level() {
            Level::Grant => self.trouble(cause, None, Seen::Call),
            Level::Division => self.trouble(cause, division, Seen::Call),
            Level::Resource => {}
        }
    }

    /// Divisions that the grant reaches, and those that it reached before and does not any more.
    pub(crate) fn reached(
        &self,
        now: impl IntoIterator<Item = DivisionId>,
        lost: impl IntoIterator<Item = DivisionId>,
    ) {
        for division in now {
            let mut state = lock(&self.state);
            self.close(&mut state, |cause, of, _| cause == Cause::DivisionOutOfScope && of == Some(division));
        }
        for division in lost {
            self.trouble(Cause::DivisionOutOfScope, Some(division), Seen::Call);
        }
    }

    /// How many whole days are left until the grant lapses.
    pub(crate) fn days_left(&self, days: i64) {
        let Some(step) = LAPSE_WARNINGS.into_iter().rev().find(|step| days <= *step) else { return };
        let mut state = lock(&self.state);
        if state.warned.is_none_or(|warned| step < warned) {
            state.warned = Some(step);
            self.tell(&mut state, GrantEventKind::Lapsing { days: days.max(0) });
        }
    }

    /// Holds the `Date` of an answer against our clock, as it stood when the request left and as it stands now.
    pub(crate) fn check_clock(&self, sent: DateTime<Utc>, headers: &HeaderMap) {
        let Some(date) = date(headers) else { return };
        if date < sent - SKEW || date > self.clock.now() + SKEW {
            self.trouble(Cause::ClockWrong, None, Seen::Date);
        } else {
            let mut state = lock(&self.state);
            self.close(&mut state, |_, _, seen| seen == Seen::Date);
        }
    }

    /// Whether the last answer showed our clock to be off.
    pub(crate) fn is_clock_off(&self) -> bool {
        let state = lock(&self.state);
        state.open.get(&(Cause::ClockWrong, None)).is_some_and(|places| places.contains(&Seen::Date))
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Forgets where troubles were seen, and tells of those that are seen nowhere any more.
    fn close(&self, state: &mut State, over: impl Fn(Cause, Option<DivisionId>, Seen) -> bool) {
        let mut recovered = Vec::new();
        state.open.retain(|(cause, division), places| {
            places.retain(|seen| !over(*cause, *division, *seen));
            if places.is_empty() {
                recovered.push(GrantEventKind::Recovered { cause: *cause, division: *division });
            }
            !places.is_empty()
        });
        for kind in recovered {
            self.tell(state, kind);
        }
    }

    fn tell(&self, state: &mut State, kind: GrantEventKind) {
        let event = GrantEvent { grant: self.grant.clone(), at: self.clock.now(), kind };
        match kind {
            GrantEventKind::Trouble { .. } | GrantEventKind::Lapsing { .. } => tracing::warn!("{event}"),
            GrantEventKind::Recovered { .. } | GrantEventKind::Renewed => tracing::info!("{event}"),
        }
        let (Some(hook), Ok(runtime)) = (&self.hook, tokio::runtime::Handle::try_current()) else { return };
        if state.waiting.len() == LONGEST_QUEUE {
            state.waiting.pop_front();
        }
        state.waiting.push_back(event);
        if !state.delivering {
            state.delivering = true;
            let delivery = Delivery { state: Arc::clone(&self.state), over: false };
            runtime.spawn(deliver(Arc::clone(hook), delivery));
        }
    }
}

/// The one delivery under way. Dropped in the middle, as when its runtime ends, it makes room for the next.
struct Delivery {
    state: Arc<Mutex<State>>,
    over: bool,
}

impl Delivery {
    /// The next event. Without one the delivery is over, in the same step.
    fn next(&mut self) -> Option<GrantEvent> {
        let mut state = lock(&self.state);
        let event = state.waiting.pop_front();
        self.over = event.is_none();
        state.delivering = !self.over;
        event
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        if !self.over {
            lock(&self.state).delivering = false;
        }
    }
}

async fn deliver(hook: Arc<dyn GrantHook>, mut delivery: Delivery) {
    while let Some(event) = delivery.next() {
        if AssertUnwindSafe(hook.notify(&event)).catch_unwind().await.is_err() {
            tracing::error!(%event, "the hook for grant events panicked");
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
