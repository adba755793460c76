//! Time, against vendors in a process of their own whose answers take 50 ms.

use std::sync::Arc;
use std::time::Duration;

use crm_adapters::{Kind, SystemClock};
use sync_benches::{Measure, Setup, Vendors};

use crate::bare::Bare;
use crate::load::{adapter, create, read, start, view};
use crate::{Crm, Result};

const LATENCY: Duration = Duration::from_millis(50);
/// Until the search has seen what was written.
const INDEX: Duration = Duration::from_secs(15);

/// How long the load took, and how long reading what it changed.
struct Taken {
    load: Duration,
    reading: Duration,
    /// Calls of the reading.
    pages: u64,
    concurrency: usize,
}

pub(crate) async fn print(crm: Crm, companies: u32) -> Result<()> {
    let ours = with_adapter(crm, companies).await?;
    let bare = Bare::new(crm, vendors()?).await?;
    let measure = Measure::start();
    bare.load(companies, ours.concurrency).await?;
    compare("first load", ours.load, measure.wall());
    let measure = Measure::start();
    bare.read(ours.pages).await?;
    compare("reading what it changed", ours.reading, measure.wall());
    Ok(())
}

fn vendors() -> Result<Vendors> {
    Ok(Vendors::start(Setup { companies: 0, latency: LATENCY })?)
}

async fn with_adapter(crm: Crm, companies: u32) -> Result<Taken> {
    let vendors = vendors()?;
    let (origin, secret) = crm.access(&vendors);
    let adapter = adapter(crm, origin, secret, Arc::new(SystemClock::new()))?;
    let cursor = start(&*adapter).await?;
    let measure = Measure::start();
    create(&*adapter, companies).await?;
    let load = measure.wall();
    tokio::time::sleep(INDEX).await;
    let before = adapter.usage().calls;
    let measure = Measure::start();
    let (records, _) = read(&*adapter, &view(), Some(cursor)).await?;
    let reading = measure.wall();
    if records < usize::try_from(companies)? {
        return Err(format!("{records} of {companies} created records were read").into());
    }
    let pages = adapter.usage().calls - before;
    Ok(Taken { load, reading, pages, concurrency: adapter.capabilities(Kind::Company).concurrency })
}

fn compare(what: &str, ours: Duration, bare: Duration) {
    let (ours, bare) = (ours.as_secs_f64(), bare.as_secs_f64());
    println!(
        "  {what}, 50 ms latency: {ours:.2} s, bare loop {bare:.2} s, ratio {:.2}; wanted at most 1.10",
        ours / bare
    );
}

impl Crm {
    /// Where the vendor is, and what proves who calls.
    pub(crate) fn access(self, vendors: &Vendors) -> (&str, &str) {
        match self {
            Self::HubSpot => (vendors.text("hubspot", "base_url"), vendors.text("hubspot", "token")),
            Self::Pipedrive => {
                (vendors.text("pipedrive", "base_url"), vendors.text("pipedrive", "api_token"))
            }
        }
    }
}
