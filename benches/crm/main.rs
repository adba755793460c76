//! What the CRM adapters cost: calls of a first load, of reading what changed and of a pass without changes, and the time
//! that they take beyond a bare loop of the same requests.
//!
//! Calls are counted on a virtual clock and within the vendors' limits; time is measured against vendors in a process of
//! their own, with 50 ms latency and without limits.
//!
//! `cargo bench -p sync-benches --bench crm`. 1,000 companies; with `SYNC_BENCH=large` 10,000.

#![expect(clippy::print_stdout, reason = "a program that prints its figures")]
#![expect(clippy::float_arithmetic, reason = "ratios are printed, not calculated with")]

mod bare;
mod calls;
mod load;
mod wall;

use std::error::Error;
use std::fmt;

use crm_adapters::Kind;
use sync_benches::{scale, serve_if_asked};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Whose adapter is measured.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Crm {
    HubSpot,
    Pipedrive,
}

impl Crm {
    const ALL: [Self; 2] = [Self::HubSpot, Self::Pipedrive];

    /// As many changed records as a page takes.
    fn page(self) -> u32 {
        match self {
            Self::HubSpot => 200,
            Self::Pipedrive => 500,
        }
    }

    /// What creates companies.
    fn creates(self) -> &'static str {
        match self {
            Self::HubSpot => "POST /crm/objects/2026-09/companies/batch/upsert",
            Self::Pipedrive => "POST /api/v2/organizations",
        }
    }

    /// The kinds that flows follow.
    fn kinds(self) -> &'static [Kind] {
        match self {
            Self::HubSpot => {
                &[Kind::Company, Kind::Contact, Kind::Product, Kind::Deal, Kind::Order, Kind::Invoice]
            }
            Self::Pipedrive => &[Kind::Company, Kind::Contact, Kind::Product, Kind::Deal],
        }
    }
}

impl fmt::Display for Crm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HubSpot => "HubSpot",
            Self::Pipedrive => "Pipedrive",
        })
    }
}

fn main() -> Result<()> {
    serve_if_asked()?;
    tokio::runtime::Runtime::new()?.block_on(run())
}

async fn run() -> Result<()> {
    let companies = scale(1_000, 10_000);
    for crm in Crm::ALL {
        println!("crm: {companies} companies and an empty {crm}");
        calls::print(crm, companies).await?;
        wall::print(crm, companies).await?;
    }
    Ok(())
}
