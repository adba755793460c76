//! One time for the vendors and for whoever calls them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

/// The sandbox's time: the machine's, or a virtual one that only moves when it is told to.
///
/// Clones share one time. It implements both `exact_client::Clock` and `crm_adapters::Clock`, so that a client's
/// waiting moves the vendors' clock: limits are honoured and cost nothing.
#[derive(Clone, Debug)]
pub struct Clock {
    inner: Arc<Inner>,
    /// How far this one is ahead of the others of its time.
    off: TimeDelta,
}

#[derive(Debug)]
struct Inner {
    /// The machine's clock at the start; `None` when time is virtual.
    running: Option<Instant>,
    start: DateTime<Utc>,
    /// How far the clock was moved by hand.
    moved: Mutex<Duration>,
}

impl Clock {
    /// Follows the machine's clock; [`advance`](Clock::advance) puts it ahead.
    #[must_use]
    pub fn system() -> Self {
        Self::from_parts(Some(Instant::now()), Utc::now())
    }

    /// Stands still at `start` until it is advanced or somebody sleeps on it.
    #[must_use]
    pub fn virtual_at(start: DateTime<Utc>) -> Self {
        Self::from_parts(None, start)
    }

    fn from_parts(running: Option<Instant>, start: DateTime<Utc>) -> Self {
        let inner = Arc::new(Inner { running, start, moved: Mutex::new(Duration::ZERO) });
        Self { inner, off: TimeDelta::zero() }
    }

    /// The same time, told wrongly: so much ahead, or behind where it is negative.
    #[must_use]
    pub fn off_by(&self, off: TimeDelta) -> Self {
        Self { inner: Arc::clone(&self.inner), off }
    }

    /// Whether it stands still by itself.
    pub(crate) fn is_virtual(&self) -> bool {
        self.inner.running.is_none()
    }

    /// The present moment, in UTC.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        let elapsed = TimeDelta::from_std(self.monotonic()).unwrap_or(TimeDelta::MAX);
        let now =
            self.inner.start.checked_add_signed(elapsed).and_then(|now| now.checked_add_signed(self.off));
        now.unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// Time passed since this clock was made. Never goes back.
    #[must_use]
    pub fn monotonic(&self) -> Duration {
        let moved = *self.moved();
        self.inner.running.map_or(moved, |start| start.elapsed().saturating_add(moved))
    }

    /// Moves the clock ahead.
    pub fn advance(&self, duration: Duration) {
        let mut moved = self.moved();
        *moved = moved.saturating_add(duration);
    }

    /// Waits; on a virtual clock by moving it to the deadline at once.
    ///
    /// Sleepers that start together overlap: the clock moves to the latest deadline, not to their sum.
    pub async fn sleep(&self, duration: Duration) {
        if self.inner.running.is_some() {
            tokio::time::sleep(duration).await;
            return;
        }
        let deadline = self.monotonic().saturating_add(duration);
        // One turn for the others, so that sleepers that start together read the same moment.
        tokio::task::yield_now().await;
        let mut moved = self.moved();
        *moved = (*moved).max(deadline);
    }

    fn moved(&self) -> MutexGuard<'_, Duration> {
        self.inner.moved.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl exact_client::Clock for Clock {
    fn now(&self) -> DateTime<Utc> {
        Clock::now(self)
    }

    fn monotonic(&self) -> Duration {
        Clock::monotonic(self)
    }

    async fn sleep(&self, duration: Duration) {
        Clock::sleep(self, duration).await;
    }
}

#[async_trait]
impl crm_adapters::Clock for Clock {
    fn now(&self) -> DateTime<Utc> {
        Clock::now(self)
    }

    fn monotonic(&self) -> Duration {
        Clock::monotonic(self)
    }

    async fn sleep(&self, duration: Duration) {
        Clock::sleep(self, duration).await;
    }
}
