//! What a first load costs: every company of Exact is created in an empty Pipedrive.
//!
//! Both vendors run in a process of their own. The yardstick is a bare loop that sends the same requests with the same
//! concurrency and does nothing else: no store, no safety, no look at the answers.
//!
//! `cargo bench -p sync-benches --bench initial_load`. 2,000 companies; with `SYNC_BENCH=large` 20,000.

#![expect(clippy::print_stdout, reason = "a program that prints its figures")]
#![expect(clippy::float_arithmetic, reason = "ratios are printed, not calculated with")]

mod bare;

use std::error::Error;
use std::time::Duration;

use sync_benches::{Measure, Setup, Vendors, engine, scale, serve_if_asked};
use sync_core::engine::RunOptions;
use sync_core::store::SqliteStore;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// As many as the adapter for Pipedrive sends at once.
const CONCURRENCY: usize = 32;

/// What one way of loading took.
struct Taken {
    wall: Duration,
    processor: Option<Duration>,
}

fn main() -> Result<()> {
    serve_if_asked()?;
    tokio::runtime::Runtime::new()?.block_on(run())
}

async fn run() -> Result<()> {
    let companies = scale(2_000, 20_000);
    println!("initial_load: {companies} companies from Exact into an empty Pipedrive, SQLite store");
    for latency in [Duration::from_millis(50), Duration::ZERO] {
        println!("with {} ms latency at the vendors:", latency.as_millis());
        let setup = Setup { companies, latency };
        let engine = load(setup).await?;
        let bare = bare::load(setup, CONCURRENCY).await?;
        compare(companies, &engine, &bare);
    }
    Ok(())
}

/// The engine's way. Prints calls, commits and writes in flight on the go.
async fn load(setup: Setup) -> Result<Taken> {
    let vendors = Vendors::start(setup)?;
    let folder = tempfile::tempdir()?;
    let store = std::sync::Arc::new(SqliteStore::open(folder.path().join("sync.db")).await?);
    let load = engine(&vendors, store).await?;
    let measure = Measure::start();
    let report = load.engine.run_once(RunOptions { yes: true }).await?;
    let taken = Taken { wall: measure.wall(), processor: measure.processor() };
    let created: u64 = report.flows.iter().map(|flow| flow.created.crm).sum();
    if created != u64::from(setup.companies) {
        return Err(format!("{created} of {} were created: {:?}", setup.companies, report.errors).into());
    }
    calls(&vendors, setup.companies).await?;
    let commits = load.store.commits();
    println!(
        "  store: {commits} commits, {:.3} a company; wanted at most 0.2",
        per(commits, setup.companies)
    );
    println!("  in flight: {} writes at the most; wanted at most 64", load.crm.most());
    Ok(taken)
}

/// What was asked of the vendors, against the least that the same work needs.
async fn calls(vendors: &Vendors, companies: u32) -> Result<()> {
    let (mut start, mut work) = (0, 0);
    for vendor in ["exact", "pipedrive"] {
        let stats = vendors.stats(vendor).await?;
        for (endpoint, counted) in stats["endpoints"].as_object().into_iter().flatten() {
            let requests = counted["requests"].as_u64().unwrap_or_default();
            if endpoint.contains("_sandbox") {
                continue;
            }
            println!("  {requests:>7} {endpoint}");
            let steady = ["/sync/", "/organizations"].iter().any(|part| endpoint.contains(part));
            if steady { work += requests } else { start += requests }
        }
    }
    let floor = u64::from(companies) + u64::from(companies).div_ceil(1_000) + 1;
    println!(
        "  calls: {work}, floor {floor}, {:+.2} % over it; wanted at most 2 %; {start} more to start up",
        (per(work, 1) / per(floor, 1) - 1.0) * 100.0
    );
    Ok(())
}

fn compare(companies: u32, engine: &Taken, bare: &Taken) {
    let ratio = engine.wall.as_secs_f64() / bare.wall.as_secs_f64();
    println!(
        "  wall: {:.2} s, bare loop {:.2} s, ratio {ratio:.2}; wanted at most 1.10 with latency",
        engine.wall.as_secs_f64(),
        bare.wall.as_secs_f64()
    );
    let (Some(ours), Some(theirs)) = (engine.processor, bare.processor) else {
        println!("  processor: not measured on this system");
        return;
    };
    let each = |time: Duration| time.as_secs_f64() * 1_000.0 / f64::from(companies);
    println!(
        "  processor: {:.3} ms a company, bare loop {:.3}, own {:.3}; wanted at most 0.2",
        each(ours),
        each(theirs),
        each(ours) - each(theirs)
    );
}

#[expect(clippy::cast_precision_loss, reason = "counts far below the limits of a float")]
fn per(count: u64, of: u32) -> f64 {
    count as f64 / f64::from(of)
}
