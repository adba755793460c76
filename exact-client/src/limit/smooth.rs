//! Smooths bursts, so that a minute's budget does not leave in its first instant.

use std::num::NonZeroU32;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use governor::clock::Clock as GovernorClock;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use super::budget::Scope;
use crate::clock::Clock;

type Limiter = RateLimiter<Scope, DashMapStateStore<Scope>, OurClock, NoOpMiddleware<Duration>>;

/// Paces the calls of each division. Never counts: the ledger does.
#[derive(Debug)]
pub(super) struct Smoother {
    clock: Arc<dyn Clock>,
    current: RwLock<(NonZeroU32, Arc<Limiter>)>,
}

/// governor's idea of a clock over ours; its own `until_ready` would wait in real time.
#[derive(Clone, Debug)]
struct OurClock(Arc<dyn Clock>);

impl GovernorClock for OurClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.monotonic()
    }
}

impl Smoother {
    pub(super) fn new(clock: Arc<dyn Clock>, minute_limit: u64) -> Self {
        let rate = per_second(minute_limit);
        let limiter = limiter(&clock, rate);
        Self { clock, current: RwLock::new((rate, limiter)) }
    }

    /// Waits until the division's next call fits.
    pub(super) async fn ready(&self, scope: Scope, minute_limit: u64) {
        let limiter = self.limiter(per_second(minute_limit));
        while let Err(wait) = limiter.check_key(&scope) {
            self.clock.sleep(wait.wait_time_from(self.clock.monotonic())).await;
        }
    }

    /// The limiter, built anew where a higher rate has been learned. The limit belongs to the app, so divisions
    /// rarely differ; where they do, the ledger of each keeps the lower one.
    fn limiter(&self, rate: NonZeroU32) -> Arc<Limiter> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        if rate <= current.0 {
            return Arc::clone(&current.1);
        }
        drop(current);
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if rate > current.0 {
            *current = (rate, limiter(&self.clock, rate));
        }
        Arc::clone(&current.1)
    }
}

fn limiter(clock: &Arc<dyn Clock>, rate: NonZeroU32) -> Arc<Limiter> {
    let clock = OurClock(Arc::clone(clock));
    Arc::new(RateLimiter::new(Quota::per_second(rate), DashMapStateStore::default(), clock))
}

/// A tenth of a minute's calls each second, and never less than ten.
fn per_second(minute_limit: u64) -> NonZeroU32 {
    let rate = u32::try_from(minute_limit / 10).unwrap_or(u32::MAX).clamp(10, 1_000_000);
    NonZeroU32::new(rate).unwrap_or(NonZeroU32::MIN)
}
