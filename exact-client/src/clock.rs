//! Time as something a caller hands in, so that limits and retries can be tested without waiting.

use std::fmt::Debug;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

/// Where time comes from.
///
/// # Contract
/// - [`monotonic`](Clock::monotonic) never goes back, whatever happens to the wall clock.
/// - After [`sleep`](Clock::sleep)`(d)` returns, `monotonic` has advanced by at least `d`.
#[async_trait]
pub trait Clock: Debug + Send + Sync + 'static {
    /// The wall clock, in UTC.
    fn now(&self) -> DateTime<Utc>;

    /// Time passed since some fixed moment in the past.
    fn monotonic(&self) -> Duration;

    /// Returns once `duration` has passed. Dropping the future ends the wait.
    async fn sleep(&self, duration: Duration);
}

const _: Option<&dyn Clock> = None;

/// The machine's own clock. Its `sleep` needs a running tokio runtime.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// A clock whose monotonic time starts now.
    #[must_use]
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
