//! Exact and Pipedrive in a process of their own, so that their work does not count as ours.

use std::io;
use std::time::Duration;

use sandbox::{Company, Limits, Sandbox};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::helper::{Helper, asked_to, stay};

/// Names what this program is to serve, in the child.
const ROLE: &str = "SYNC_BENCH_VENDORS";

/// What the vendors start with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "plain options")]
pub struct Setup {
    /// Companies in Exact, each with a KvK number.
    pub companies: u32,
    /// How long every answer takes.
    pub latency: Duration,
}

/// Both vendors, until dropped.
#[derive(Debug)]
pub struct Vendors {
    helper: Helper,
    setup: Setup,
}

impl Vendors {
    /// Starts them, without limits.
    ///
    /// # Errors
    /// Those of starting a process and of reading its first line.
    pub fn start(setup: Setup) -> io::Result<Self> {
        Ok(Self { helper: Helper::start(ROLE, &setup)?, setup })
    }

    /// How many companies Exact has.
    #[must_use]
    pub fn companies(&self) -> u32 {
        self.setup.companies
    }

    /// What a vendor's credentials say under this name.
    #[must_use]
    pub fn text(&self, vendor: &str, name: &str) -> &str {
        self.helper.hello()[vendor][name].as_str().unwrap_or_default()
    }

    /// The first administration in Exact.
    #[must_use]
    pub fn division(&self) -> u32 {
        let code = self.helper.hello()["exact"]["divisions"][0].as_u64().unwrap_or_default();
        u32::try_from(code).unwrap_or_default()
    }

    /// What a vendor was asked so far.
    ///
    /// # Errors
    /// Those of one request.
    pub async fn stats(&self, vendor: &str) -> reqwest::Result<Value> {
        reqwest::get(format!("{}/_sandbox/stats", self.text(vendor, "base_url"))).await?.json().await
    }
}

/// Serves the vendors where this process was started for that. To be called first in `main`.
///
/// # Errors
/// Those of opening the addresses.
pub fn serve_if_asked() -> io::Result<()> {
    let Some(setup) = asked_to(ROLE)? else { return Ok(()) };
    tokio::runtime::Runtime::new()?.block_on(serve(setup))?;
    std::process::exit(0)
}

async fn serve(setup: Setup) -> io::Result<()> {
    let companies = (0..setup.companies).map(|at| Company::new(format!("Company {at}"), format!("{at:08}")));
    let sandbox = Sandbox::builder()
        .companies(companies.collect())
        .limits(Limits::off())
        .latency(setup.latency)
        .start()
        .await
        .map_err(io::Error::other)?;
    stay(&sandbox.credentials()).await
}
