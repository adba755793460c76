//! What a first load costs: every company of Exact is created in an empty Pipedrive.
//!
//! Both vendors run in a process of their own. The yardstick is a bare loop that sends the same creates with the same
//! concurrency, and as many other requests, and does nothing else: no store, no safety, no look at the answers.
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

/// Requests, by what they are for.
#[derive(Clone, Copy, Default)]
struct Calls {
    /// One for each company.
    creates: u64,
    /// Feeds and lists.
    feeds: u64,
    /// Fields, the user, divisions, tokens: as many for any number of companies.
    start: u64,
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
        let (engine, others) = load(setup).await?;
        let bare = bare::load(setup, CONCURRENCY, others).await?;
        compare(setup, &engine, &bare);
    }
    Ok(())
}

/// The engine's way, and how many requests beside the creates it made. Prints what it counts.
async fn load(setup: Setup) -> Result<(Taken, u64)> {
    let vendors = Vendors::start(setup)?;
    let folder = tempfile::tempdir()?;
    let store = std::sync::Arc::new(SqliteStore::open(folder.path().join("sync.db")).await?);
    let load = engine(&vendors, store).await?;
    let before = calls(&vendors).await?;
    let measure = Measure::start();
    let report = load.engine.run_once(RunOptions { yes: true }).await?;
    let taken = Taken { wall: measure.wall(), processor: measure.processor() };
    let created: u64 = report.flows.iter().map(|flow| flow.created.crm).sum();
    if created != u64::from(setup.companies) {
        return Err(format!("{created} of {} were created: {:?}", setup.companies, report.errors).into());
    }
    let after = calls(&vendors).await?;
    let floor = u64::from(setup.companies) + u64::from(setup.companies).div_ceil(1_000) + 1;
    let over = (per(after.creates + after.feeds, 1) / per(floor, 1) - 1.0) * 100.0;
    println!(
        "  calls: {} creates, {} pages of feeds: {over:.2} % over the floor of {floor}; wanted at most 2 %",
        after.creates, after.feeds
    );
    println!("  start-up: {} calls more, for any number of companies", after.start);
    let commits = load.store.commits();
    println!(
        "  store: {commits} commits, {:.3} a company; wanted at most 0.2",
        per(commits, setup.companies)
    );
    println!("  in flight: {} writes at the most; wanted at most 64", load.crm.most());
    Ok((taken, after.feeds + after.start - before.feeds - before.start))
}

/// What was asked of the vendors so far.
async fn calls(vendors: &Vendors) -> Result<Calls> {
    let mut calls = Calls::default();
    for vendor in ["exact", "pipedrive"] {
        let stats = vendors.stats(vendor).await?;
        for (endpoint, counted) in stats["endpoints"].as_object().into_iter().flatten() {
            let requests = counted["requests"].as_u64().unwrap_or_default();
            match endpoint.as_str() {
                "POST /api/v2/organizations" => calls.creates += requests,
                "GET /api/v2/organizations" => calls.feeds += requests,
                feed if feed.contains("/sync/") => calls.feeds += requests,
                own if own.contains("_sandbox") => {}
                _ => calls.start += requests,
            }
        }
    }
    Ok(calls)
}

fn compare(setup: Setup, engine: &Taken, bare: &Taken) {
    let ratio = engine.wall.as_secs_f64() / bare.wall.as_secs_f64();
    let (ours, theirs) = (engine.wall.as_secs_f64(), bare.wall.as_secs_f64());
    let wanted = if setup.latency.is_zero() { "" } else { "; wanted at most 1.10" };
    println!("  wall: {ours:.2} s, bare loop {theirs:.2} s, ratio {ratio:.2}{wanted}");
    let (Some(ours), Some(theirs)) = (engine.processor, bare.processor) else {
        println!("  processor: not measured on this system");
        return;
    };
    let each = |time: Duration| time.as_secs_f64() * 1_000.0 / f64::from(setup.companies);
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
