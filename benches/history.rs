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
use sync_benches::{Register, register_flow, scale};
use sync_core::engine::{Engine, RunOptions};
use sync_core::flow::{Division, Side};
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
    let mut taken = Vec::new();
    for life in 0..LIVES {
        // A file that was just opened has nothing in its own cache.
        let engine = engine(Arc::new(SqliteStore::open(&file).await?))?;
        let start = Instant::now();
        let found = engine.history(&exact(life)).await?;
        taken.push(start.elapsed());
        let lived: usize = found.iter().map(|link| link.lines.len()).sum();
        if lived as u64 != LIFE + 1 {
            return Err(format!("{} has {lived} lines", exact(life)).into());
        }
    }
    taken.sort_unstable();
    let at = |place: usize| taken.get(place).copied().unwrap_or_default().as_secs_f64() * 1_000.0;
    println!(
        "  a life of {} lines, the median of {LIVES}: {:.1} ms, the slowest {:.1} ms; wanted less than {} ms",
        LIFE + 1,
        at(taken.len() / 2),
        at(taken.len().saturating_sub(1)),
        WANTED.as_millis()
    );
    Ok(())
}

/// The id in Exact of a company that is really linked.
fn exact(number: u64) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

fn engine(store: Arc<dyn Store>) -> Result<Engine> {
    let flow = register_flow();
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
    let linked = made.iter().map(link_of).collect::<Result<Vec<_>>>()?;
    let (row, sample) = made.first().zip(linked.first()).ok_or("nothing was written to the audit")?;
    let links = lines / LIFE;
    let start = chrono::Utc::now().timestamp_micros();
    for first in (0..lines).step_by(usize::try_from(BATCH)?) {
        let mut batch = Batch::new(Uuid::new_v4());
        for number in first..lines.min(first + BATCH) {
            let of = number % links;
            let other = Uuid::from_u128((u128::from(of) << 64) | 7);
            let link = linked.get(usize::try_from(of)?).copied().unwrap_or(other);
            batch.puts.push(line(row, *sample, link, start + i64::try_from(number)?));
        }
        store.commit(&tenant, None, batch).await?;
    }
    Ok(())
}

fn link_of(row: &Row) -> Result<Uuid> {
    let line: serde_json::Value = serde_json::from_str(&row.value)?;
    Ok(line["link"].as_str().unwrap_or_default().parse()?)
}

/// The line of one link again, as one of another link and moment.
fn line(row: &Row, from: Uuid, link: Uuid, moment: i64) -> Put {
    let life = row.mark.rsplit_once('/').map_or(row.mark.as_str(), |(life, _)| life);
    let life = life.replace(&from.simple().to_string(), &link.simple().to_string());
    Put {
        key: Key::new(Table::Audit, format!("{moment:020}/{}", Uuid::new_v4().simple())),
        value: row.value.replace(&from.to_string(), &link.to_string()),
        marks: vec![Mark::new(MARK, format!("{life}/{moment:020}"))],
        expect: Expect::Any,
    }
}
