//! Whether the memory of a first load grows with the number of companies.
//!
//! Each size runs in a process of its own, the vendors in another one. `cargo bench -p sync-benches --bench memory`:
//! 1,000 and 5,000 companies; with `SYNC_BENCH=large` 10,000 and 100,000.

#![expect(clippy::print_stdout, reason = "a program that prints its figures")]

use std::error::Error;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use sync_benches::{Setup, Vendors, engine, peak_memory, scale, serve_if_asked};
use sync_core::engine::RunOptions;
use sync_core::store::SqliteStore;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Names how many companies this process is to load.
const SIZE: &str = "SYNC_BENCH_COMPANIES";
/// The claim in the README, in KiB.
const WANTED: u64 = 20 * 1024;

fn main() -> Result<()> {
    serve_if_asked()?;
    match std::env::var(SIZE) {
        Ok(size) => tokio::runtime::Runtime::new()?.block_on(load(size.parse()?)),
        Err(_) => compare(),
    }
}

fn compare() -> Result<()> {
    let (few, many) = scale((1_000, 5_000), (10_000, 100_000));
    println!("memory: the peak of a first load into an empty Pipedrive, SQLite store");
    let (less, more) = (measure(few)?, measure(many)?);
    println!("  difference: {} KiB; wanted less than {WANTED}", more.saturating_sub(less));
    Ok(())
}

/// The peak of a process that loads so many, in KiB.
fn measure(companies: u32) -> Result<u64> {
    let output = Command::new(std::env::current_exe()?).env(SIZE, companies.to_string()).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let peak = String::from_utf8(output.stdout)?.trim().parse()?;
    println!("  {companies:>7} companies: {peak} KiB");
    Ok(peak)
}

async fn load(companies: u32) -> Result<()> {
    let vendors = Vendors::start(Setup { companies, latency: Duration::ZERO })?;
    let folder = tempfile::tempdir()?;
    let store = Arc::new(SqliteStore::open(folder.path().join("sync.db")).await?);
    let load = engine(&vendors, store).await?;
    let report = load.engine.run_once(RunOptions { yes: true }).await?;
    let created: u64 = report.flows.iter().map(|flow| flow.created.crm).sum();
    if created != u64::from(companies) {
        return Err(format!("{created} of {companies} were created: {:?}", report.errors).into());
    }
    println!("{}", peak_memory().ok_or("the peak of memory is not known on this system")?);
    Ok(())
}
