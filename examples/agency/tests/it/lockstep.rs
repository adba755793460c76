//! A clock that moves only when everybody sleeps, so that a month of `serve` is over in seconds and in order.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use crm_adapters::async_trait;
use tokio::sync::watch;

/// Clones share one time, which is the sandbox's.
#[derive(Clone, Debug)]
pub(crate) struct Lockstep {
    vendors: sandbox::Clock,
    sleepers: Arc<Sleepers>,
    time: watch::Sender<Duration>,
    /// How many seconds our own clock is ahead of the vendors'.
    ahead: Arc<AtomicI64>,
}

#[derive(Debug)]
struct Sleepers {
    deadlines: Mutex<(u64, BTreeMap<u64, Duration>)>,
    changed: watch::Sender<u64>,
}

/// One who sleeps; waking up or being dropped ends it.
struct Sleeper {
    id: u64,
    sleepers: Arc<Sleepers>,
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        self.sleepers.deadlines.lock().unwrap().1.remove(&self.id);
        self.sleepers.changed.send_modify(|turn| *turn += 1);
    }
}

impl Lockstep {
    pub(crate) fn new(vendors: sandbox::Clock) -> Self {
        let time = watch::Sender::new(vendors.monotonic());
        let sleepers = Arc::new(Sleepers { deadlines: Mutex::default(), changed: watch::Sender::new(0) });
        Self { vendors, sleepers, time, ahead: Arc::default() }
    }

    /// The time of the vendors.
    pub(crate) fn vendors(&self) -> sandbox::Clock {
        self.vendors.clone()
    }

    /// Sets our own clock, so many seconds ahead of the vendors'.
    pub(crate) fn set_ahead(&self, seconds: i64) {
        self.ahead.store(seconds, Ordering::Relaxed);
    }

    /// Nobody lives through this: the process is not there.
    pub(crate) fn skip(&self, span: Duration) {
        self.vendors.advance(span);
        self.time.send_replace(self.vendors.monotonic());
    }

    /// Lets so many tasks live through a span, each in its turn.
    pub(crate) async fn live(&self, tasks: usize, span: Duration) {
        let end = self.vendors.monotonic() + span;
        loop {
            self.all_asleep(tasks).await;
            let now = self.vendors.monotonic();
            let next = self.sleepers.deadlines.lock().unwrap().1.values().min().copied();
            let next = next.filter(|next| *next <= end).unwrap_or(end);
            self.skip(next.saturating_sub(now));
            if next == end {
                return self.all_asleep(tasks).await;
            }
        }
    }

    /// Waits, on the machine's clock, until so many tasks sleep: or fewer for seconds, since tasks that wait for one
    /// refresh sleep as one.
    async fn all_asleep(&self, tasks: usize) {
        let mut changed = self.sleepers.changed.subscribe();
        loop {
            let asleep = self.asleep();
            if asleep >= tasks {
                return;
            }
            match tokio::time::timeout(Duration::from_secs(2), changed.changed()).await {
                Err(_) if asleep > 0 => return,
                Err(_) => {}
                Ok(change) => change.unwrap(),
            }
        }
    }

    fn asleep(&self) -> usize {
        let now = self.vendors.monotonic();
        let sleepers = self.sleepers.deadlines.lock().unwrap();
        sleepers.1.values().filter(|deadline| **deadline > now).count()
    }
}

#[async_trait]
impl crm_adapters::Clock for Lockstep {
    fn now(&self) -> DateTime<Utc> {
        self.vendors.now() + TimeDelta::seconds(self.ahead.load(Ordering::Relaxed))
    }

    fn monotonic(&self) -> Duration {
        self.vendors.monotonic()
    }

    async fn sleep(&self, duration: Duration) {
        let deadline = self.vendors.monotonic() + duration;
        let mut time = self.time.subscribe();
        let id = {
            let mut sleepers = self.sleepers.deadlines.lock().unwrap();
            sleepers.0 += 1;
            let id = sleepers.0;
            sleepers.1.insert(id, deadline);
            id
        };
        let _sleeper = Sleeper { id, sleepers: Arc::clone(&self.sleepers) };
        self.sleepers.changed.send_modify(|turn| *turn += 1);
        time.wait_for(|now| *now >= deadline).await.unwrap();
    }
}
