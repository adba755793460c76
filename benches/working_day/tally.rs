//! What was called for what, and how long a change was on its way.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use crm_adapters::{
    Adapter, Capabilities, Cost, Cursor, Key, Kind, NewField, Outcome, Pace, Page, Record, RecordId, Result,
    Schema, Usage, View, Wanted, Work, Write,
};
use sandbox::Clock;
use sync_core::engine::{Event, Observer};
use sync_core::flow::{Division, Side};

/// Calls of one connection by what they were for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Calls {
    /// Pages that brought something.
    pub(crate) pages: u64,
    /// What was read behind such a page, for records whose feed tells only that they changed.
    pub(crate) details: u64,
    /// Polls that brought nothing.
    pub(crate) empty: u64,
    /// Records created or updated.
    pub(crate) writes: u64,
    /// The rest: looks before a write, and reading back what it came to.
    pub(crate) around: u64,
}

impl Calls {
    pub(crate) fn floor(self) -> u64 {
        self.pages + self.writes
    }

    pub(crate) fn total(self) -> u64 {
        self.floor() + self.details + self.empty + self.around
    }

    /// The same, where so many calls were no pages of a feed: a page can be made of records alone that are read.
    pub(crate) fn with_reads(self, reads: u64) -> Self {
        let details = reads.saturating_sub(self.around);
        Self { pages: (self.pages + self.details).saturating_sub(details), details, ..self }
    }

    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            pages: self.pages - before.pages,
            details: self.details - before.details,
            empty: self.empty - before.empty,
            writes: self.writes - before.writes,
            around: self.around - before.around,
        }
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            pages: self.pages + other.pages,
            details: self.details + other.details,
            empty: self.empty + other.empty,
            writes: self.writes + other.writes,
            around: self.around + other.around,
        }
    }
}

/// An adapter that sorts its calls. Pages are read one after the other and never beside a write, so that what a page
/// cost is what was used meanwhile.
#[derive(Debug)]
pub(crate) struct Tally {
    inner: Arc<dyn Adapter>,
    pages: AtomicU64,
    details: AtomicU64,
    empty: AtomicU64,
    writes: AtomicU64,
}

impl Tally {
    pub(crate) fn new(inner: Arc<dyn Adapter>) -> Self {
        let zero = AtomicU64::default;
        Self { inner, pages: zero(), details: zero(), empty: zero(), writes: zero() }
    }

    pub(crate) fn calls(&self) -> Calls {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let mut calls = Calls {
            pages: read(&self.pages),
            details: read(&self.details),
            empty: read(&self.empty),
            writes: read(&self.writes),
            around: 0,
        };
        calls.around = self.inner.usage().calls.saturating_sub(calls.total());
        calls
    }

    /// Counts what a page cost.
    fn sorted(&self, before: u64, page: Page) -> Page {
        let used = self.inner.usage().calls - before;
        if page.changes.is_empty() {
            self.empty.fetch_add(used, Ordering::Relaxed);
        } else {
            let first = used.min(1);
            self.pages.fetch_add(first, Ordering::Relaxed);
            self.details.fetch_add(used - first, Ordering::Relaxed);
        }
        page
    }
}

#[async_trait]
impl Adapter for Tally {
    fn capabilities(&self, kind: Kind) -> Capabilities {
        self.inner.capabilities(kind)
    }

    fn pace(&self, kind: Kind) -> Pace {
        self.inner.pace(kind)
    }

    fn usage(&self) -> Usage {
        self.inner.usage()
    }

    async fn schema(&self, kind: Kind) -> Result<Schema> {
        self.inner.schema(kind).await
    }

    async fn cost(&self, view: &View, work: Work<'_>) -> Result<Cost> {
        self.inner.cost(view, work).await
    }

    async fn create_fields(&self, kind: Kind, fields: &[NewField]) -> Result<()> {
        self.inner.create_fields(kind, fields).await
    }

    async fn changes(&self, view: &View, after: Option<&Cursor>) -> Result<Page> {
        let before = self.inner.usage().calls;
        let page = self.inner.changes(view, after).await?;
        Ok(self.sorted(before, page))
    }

    async fn news(&self, view: &View, after: &Cursor) -> Result<Page> {
        let before = self.inner.usage().calls;
        let page = self.inner.news(view, after).await?;
        Ok(self.sorted(before, page))
    }

    async fn refresh(&self, view: &View, after: &Cursor, wanted: Wanted<'_>) -> Result<Page> {
        let before = self.inner.usage().calls;
        let page = self.inner.refresh(view, after, wanted).await?;
        Ok(self.sorted(before, page))
    }

    async fn get(&self, view: &View, ids: &[RecordId]) -> Result<Vec<Record>> {
        self.inner.get(view, ids).await
    }

    async fn find(&self, view: &View, key: &Key) -> Result<Vec<Record>> {
        self.inner.find(view, key).await
    }

    async fn write(&self, view: &View, writes: Vec<Write>) -> Vec<Outcome> {
        self.writes.fetch_add(writes.len() as u64, Ordering::Relaxed);
        self.inner.write(view, writes).await
    }
}

/// A record that is to be written to: what tells that a change came through.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Awaited {
    Record(Side, String),
    /// The order with this reference.
    Order(String),
}

/// Changes on their way, and how long others were. Oldest first of those that wait for one record.
#[derive(Debug)]
pub(crate) struct Ages {
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    waiting: BTreeMap<Awaited, Vec<DateTime<Utc>>>,
    arrived: Vec<TimeDelta>,
    /// Flows that wrote to a division since that was asked last.
    wrote: BTreeSet<(Division, String)>,
}

impl Ages {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { clock, state: Mutex::default() }
    }

    pub(crate) fn await_it(&self, awaited: Awaited, since: DateTime<Utc>) {
        self.state().waiting.entry(awaited).or_default().push(since);
    }

    pub(crate) fn waiting(&self) -> usize {
        self.state().waiting.values().map(Vec::len).sum()
    }

    /// The flows that wrote to a division since the last call of this.
    pub(crate) fn take_wrote(&self) -> BTreeSet<(Division, String)> {
        std::mem::take(&mut self.state().wrote)
    }

    /// How long the changes were on their way that came through, in order.
    pub(crate) fn sorted(&self) -> Vec<TimeDelta> {
        let mut ages = self.state().arrived.clone();
        ages.sort_unstable();
        ages
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Ages {
    fn on(&self, event: &Event<'_>) {
        let Event::Written { flow, division, side, record, fields, .. } = event else { return };
        let now = self.clock.now();
        let mut state = self.state();
        if *side == Side::Exact {
            state.wrote.insert((*division, (*flow).to_owned()));
        }
        let order = fields.iter().find(|write| write.field == "YourRef");
        let order = order.map(|write| Awaited::Order(write.to.to_string()));
        let arrived: Vec<_> = [Some(Awaited::Record(*side, record.to_string())), order]
            .into_iter()
            .flatten()
            .filter_map(|awaited| state.waiting.remove(&awaited))
            .flatten()
            .map(|since| now - since)
            .collect();
        state.arrived.extend(arrived);
    }
}
