//! How long reading the life of one record takes, with so many lines in the audit.
//!
//! The store is SQLite in a file. Every link has ten lines, and those of one link stand far apart, as they do after a
//! year. `cargo bench -p sync-benches --bench history`: 100,000 lines; with `SYNC_BENCH=large` 1,000,000; with
//! `SYNC_BENCH_LINES` as many as that says.

#![expect(clippy::print_stdout, reason = "a program that prints its figures")]
#![expect(clippy::float_arithmetic, reason = "figures are printed, not calculated with")]

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crm_adapters::Adapter;
use sync_benches::{Register, scale};
use sync_core::engine::{Engine, RunOptions};
use sync_core::flow::{Division, Preset, Side, Vendor};
use sync_core::store::{Batch, Expect, Key, Mark, Put, Row, Scan, SqliteStore, Store, Table, Tenant};
use uuid::Uuid;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The claim in the README.
const WANTED: Duration = Duration::from_millis(50);
/// How many lines a link has.
const LIFE: u64 = 10;
/// How many are stored in one commit.
const BATCH: u64 = 2_000;
/// How many lives are read.
const LIVES: u64 = 25;
/// The name of the mark that finds the lines of a link.
const MARK: &str = "audit";

fn main() -> Result<()> {
    tokio::runtime::Runtime::new()?.block_on(run())
}

async fn run() -> Result<()> {
    let lines = match std::env::var("SYNC_BENCH_LINES") {
        Ok(lines) => lines.parse()?,
        Err(_) => scale(100_000, 1_000_000),
    };
    println!("history: the life of one record among {lines} lines of audit, SQLite store");
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("sync.db");
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&file).await?);
    link(&store).await?;
    fill(&store, lines).await?;
    drop(store);
    println!("  the file: {} MiB", std::fs::metadata(&file)?.len() >> 20);
    let mut slowest = Duration::ZERO;
    for life in 0..LIVES {
        // A file that was just opened has nothing in its own cache.
        let engine = engine(Arc::new(SqliteStore::open(&file).await?))?;
        let start = Instant::now();
        let found = engine.history(&exact(life)).await?;
        slowest = slowest.max(start.elapsed());
        let lived: usize = found.iter().map(|link| link.lines.len()).sum();
        if lived as u64 != LIFE + 1 {
            return Err(format!("{} has {lived} lines", exact(life)).into());
        }
    }
    println!(
        "  the slowest of {LIVES} lives of {} lines: {:.1} ms; wanted less than {} ms",
        LIFE + 1,
        slowest.as_secs_f64() * 1_000.0,
        WANTED.as_millis()
    );
    Ok(())
}

/// The id in Exact of a company that is really linked.
fn exact(number: u64) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

fn engine(store: Arc<dyn Store>) -> Result<Engine> {
    let flow = Preset::Companies.flow(Vendor::Pipedrive);
    let fields = |side| flow.fields(side).into_iter().collect();
    let side = |side, companies| Arc::new(Register::new(fields(side), companies, 0)) as Arc<dyn Adapter>;
    let (exact, crm) = (side(Side::Exact, LIVES), side(Side::Crm, 0));
    Ok(Engine::builder(store, crm).division(Division::new(1), exact).flow(flow.clone()).build()?)
}

/// Links some companies; the line of each creation is what all other lines are made from.
async fn link(store: &Arc<dyn Store>) -> Result<()> {
    let engine = engine(Arc::clone(store))?;
    let report = engine.run_once(RunOptions { yes: true }).await?;
    let created: u64 = report.flows.iter().map(|flow| flow.created.crm).sum();
    if created == LIVES { Ok(()) } else { Err(format!("{created} were linked: {report:?}").into()) }
}

/// Writes the audit, in the order of time. Links take turns, so that a life is spread over all of it.
async fn fill(store: &Arc<dyn Store>, lines: u64) -> Result<()> {
    let tenant = Tenant::default();
    let made = store.scan(&tenant, &Scan::mark(MARK, "")).await?;
    let links = lines / LIFE;
    let mut links_made: Vec<(String, Row)> = Vec::new();
    for row in made {
        let line: serde_json::Value = serde_json::from_str(&row.value)?;
        links_made.push((line["link"].as_str().unwrap_or_default().to_owned(), row));
    }
    let (sample, row) = links_made.first().ok_or("nothing was written to the audit")?;
    let start = i64::try_from(lines)?;
    for first in (0..lines).step_by(usize::try_from(BATCH)?) {
        let mut batch = Batch::new(Uuid::new_v4());
        for number in first..lines.min(first + BATCH) {
            let of = usize::try_from(number % links)?;
            let link = match links_made.get(of) {
                Some((link, _)) => link.clone(),
                None => Uuid::from_u128(u128::from(number % links) << 64 | 7).simple().to_string(),
            };
            let moment = chrono::Utc::now().timestamp_micros() - start + i64::try_from(number)?;
            let (life, _) =
                row.mark.rsplit_once('/').ok_or("a mark of an audit line ends with its moment")?;
            let mark = format!("{}/{moment:020}", life.replace(sample, &link));
            batch.puts.push(Put {
                key: Key::new(Table::Audit, format!("{moment:020}/{}", Uuid::new_v4().simple())),
                value: row.value.replace(sample, &link),
                marks: vec![Mark::new(MARK, mark)],
                expect: Expect::Any,
            });
        }
        store.commit(&tenant, None, batch).await?;
    }
    Ok(())
}
