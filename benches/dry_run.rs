//! What a dry run takes beyond reading the sides, where one company in a hundred has changed since they were linked, and
//! how its memory grows with the links: a tenth of them, with as many changes, shows that.
//!
//! The sides are made up, so that only the engine and its SQLite store are measured. The links are made by a process of
//! their own, and the plan by another one, which tells its memory. `cargo bench -p sync-benches --bench dry_run`: 2,000
//! and 20,000 links; with `SYNC_BENCH=large` 10,000 and 100,000.

#![expect(clippy::print_stdout, reason = "a program that prints its figures")]

use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use crm_adapters::Adapter;
use sync_benches::{Register, peak_memory, register_flow, scale};
use sync_core::engine::{Engine, RunOptions};
use sync_core::flow::{Division, Flow, Side};
use sync_core::store::SqliteStore;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Names how many links there are, and what the process has to do with them.
const LINKS: &str = "SYNC_BENCH_LINKS";
const TASK: &str = "SYNC_BENCH_TASK";
const FILE: &str = "SYNC_BENCH_FILE";
/// Names how many of them have changed.
const CHANGES: &str = "SYNC_BENCH_CHANGES";
/// The claim in the README.
const WANTED_SECONDS: u64 = 2;

fn main() -> Result<()> {
    let Ok(task) = std::env::var(TASK) else { return compare() };
    let (links, file) = (std::env::var(LINKS)?.parse()?, std::env::var(FILE)?);
    let runtime = tokio::runtime::Runtime::new()?;
    match task.as_str() {
        "link" => runtime.block_on(link(links, Path::new(&file))),
        _ => runtime.block_on(plan(links, std::env::var(CHANGES)?.parse()?, Path::new(&file))),
    }
}

fn compare() -> Result<()> {
    let (few, many) = scale((2_000, 20_000), (10_000, 100_000));
    println!("dry_run: a plan of what has changed since records were linked, SQLite store");
    let changes = many / 100;
    let (less, more) = (measure(few, changes)?, measure(many, changes)?);
    println!("  peak of memory: {} KiB more; wanted flat", more.saturating_sub(less));
    Ok(())
}

/// Links so many, and plans in another process; its peak of memory in KiB.
fn measure(links: u64, changes: u64) -> Result<u64> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("sync.db");
    let task = |task: &str| -> Result<String> {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .env(TASK, task)
            .env(LINKS, links.to_string())
            .env(CHANGES, changes.to_string())
            .env(FILE, &file);
        let output = command.output()?;
        match output.status.success() {
            true => Ok(String::from_utf8(output.stdout)?),
            false => Err(String::from_utf8_lossy(&output.stderr).into()),
        }
    };
    task("link")?;
    let told = task("plan")?;
    let (text, peak) = told.trim_end().rsplit_once('\n').ok_or("the plan told nothing")?;
    println!("{text}");
    Ok(peak.parse()?)
}

struct World {
    engine: Engine,
    sides: [Arc<Register>; 2],
}

async fn world(companies: u64, changed: u64, file: &Path) -> Result<World> {
    let flow = register_flow();
    let exact = Arc::new(Register::new(fields(&flow, Side::Exact), companies, changed));
    let crm = Arc::new(Register::new(fields(&flow, Side::Crm), 0, 0));
    let store = Arc::new(SqliteStore::open(file).await?);
    let engine = Engine::builder(store, Arc::clone(&crm) as Arc<dyn Adapter>)
        .division(Division::new(1), Arc::clone(&exact) as Arc<dyn Adapter>)
        .flow(flow)
        .build()?;
    Ok(World { engine, sides: [exact, crm] })
}

fn fields(flow: &Flow, side: Side) -> Vec<String> {
    let constants = flow.created_with.iter().filter(|constant| constant.side == side);
    flow.fields(side).into_iter().chain(constants.map(|constant| constant.field.clone())).collect()
}

async fn link(links: u64, file: &Path) -> Result<()> {
    let world = world(links, 0, file).await?;
    let report = world.engine.run_once(RunOptions { yes: true }).await?;
    let created: u64 = report.flows.iter().map(|flow| flow.created.crm).sum();
    if created == links {
        return Ok(());
    }
    Err(format!("{created} of {links} were linked: {report:?}").into())
}

async fn plan(links: u64, changes: u64, file: &Path) -> Result<()> {
    let world = world(links, changes, file).await?;
    let start = Instant::now();
    let plan = world.engine.plan(true).await?;
    let reading = world.sides.iter().map(|side| side.reading()).sum();
    let beyond = start.elapsed().saturating_sub(reading);
    let updates: u64 = plan.flows.iter().map(|flow| flow.update.crm).sum();
    if updates != changes {
        return Err(format!("{updates} updates are planned: {plan:?}").into());
    }
    println!(
        "  {links:>7} links, {updates} updates: {:.2} s beyond the reads; wanted less than {WANTED_SECONDS} s for 100,000 links",
        beyond.as_secs_f64()
    );
    println!("{}", peak_memory().ok_or("the peak of memory is not known on this system")?);
    Ok(())
}
