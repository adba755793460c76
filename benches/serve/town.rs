//! Every customer's vendors, in a process of their own, and the time that they share with us.

use std::io;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use sandbox::{Company, Limits, Sandbox};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sync_benches::{Helper, asked_to, stay};

/// Names what this program is to serve, in the child.
const ROLE: &str = "SYNC_BENCH_TOWN";
/// How often the vendors look at the clock.
const TICK: Duration = Duration::from_millis(5);

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Setup {
    /// Customers, each with an Exact and a Pipedrive of their own.
    pub(crate) customers: usize,
    /// Companies in the Exact of each.
    pub(crate) companies: usize,
    pub(crate) time: Time,
}

/// A time that goes as fast as the machine's at first and so many times as fast later on, the same in every process.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Time {
    start: DateTime<Utc>,
    slow: Duration,
    factor: u32,
}

impl Time {
    /// Goes that many times as fast after this while.
    pub(crate) fn times(factor: u32, slow: Duration) -> Self {
        Self { start: Utc::now(), slow, factor }
    }

    /// What passed by the machine's time.
    fn real(self) -> Duration {
        (Utc::now() - self.start).to_std().unwrap_or_default()
    }

    fn passed(self) -> Duration {
        let real = self.real();
        real.min(self.slow) + real.saturating_sub(self.slow) * self.factor
    }
}

#[async_trait]
impl crm_adapters::Clock for Time {
    fn now(&self) -> DateTime<Utc> {
        self.start + TimeDelta::from_std(self.passed()).unwrap_or_default()
    }

    fn monotonic(&self) -> Duration {
        self.passed()
    }

    async fn sleep(&self, duration: Duration) {
        let end = self.passed() + duration;
        let real = end.min(self.slow) + end.saturating_sub(self.slow) / self.factor;
        tokio::time::sleep(real.saturating_sub(self.real())).await;
    }
}

/// Starts the vendors of all customers; each item of its hello is the credentials of one.
pub(crate) fn start(setup: &Setup) -> io::Result<Helper> {
    Helper::start(ROLE, setup)
}

/// Serves them where this process was started for that. To be called first in `main`.
pub(crate) fn serve_if_asked() -> io::Result<()> {
    let Some(setup) = asked_to(ROLE)? else { return Ok(()) };
    tokio::runtime::Runtime::new()?.block_on(serve(setup))?;
    std::process::exit(0)
}

async fn serve(setup: Setup) -> io::Result<()> {
    let clock = sandbox::Clock::virtual_at(setup.time.start);
    let mut sandboxes = Vec::new();
    for _ in 0..setup.customers {
        let companies =
            (0..setup.companies).map(|at| Company::new(format!("Company {at}"), format!("{at:08}")));
        let sandbox =
            Sandbox::builder().clock(clock.clone()).companies(companies.collect()).limits(Limits::off());
        sandboxes.push(sandbox.start().await.map_err(io::Error::other)?);
    }
    let time = setup.time;
    tokio::spawn(async move {
        loop {
            clock.advance(time.passed().saturating_sub(clock.monotonic()));
            tokio::time::sleep(TICK).await;
        }
    });
    stay(&sandboxes.iter().map(Sandbox::credentials).collect::<Value>()).await
}
