//! What a process on duty for a hundred idle customers costs, and how soon it answers a webhook.
//!
//! `cargo bench -p sync-benches --bench serve`. Each customer has four flows, the webhooks of both vendors and the schedule
//! that `agency serve` has by itself. Another process made the first passes: what is measured starts on their stores. The
//! share of a core is measured over an hour (with `SYNC_BENCH=large` eight) that goes twenty times as fast as the machine's;
//! the start before it goes no faster, so that passes overlap as in life. The webhooks come in real time, each of another
//! record, so that each has to become durable, and each brings the passes that it brings.

#![expect(clippy::print_stdout, reason = "a program that prints its figures")]
#![expect(clippy::float_arithmetic, reason = "ratios are printed, not calculated with")]

mod customer;
mod town;

use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use agency::ConnectOptions;
use agency::serve::Server;
use crm_adapters::Clock;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sync_benches::{Measure, peak_memory, scale};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::town::{Setup, Time};

pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Names the part that this process is to measure.
const PART: &str = "SYNC_BENCH_PART";
/// Names the folder of the stores.
const FOLDER: &str = "SYNC_BENCH_FOLDER";
/// What its vendors are, in the folder.
const VENDORS: &str = "vendors.json";
const CUSTOMERS: usize = 100;
const COMPANIES: usize = 20;
/// How many times as fast the idle time goes.
const FACTOR: u32 = 20;
/// So long the passes of a start may take. Until then no part goes faster than the machine's time.
const WARM_UP: Duration = Duration::from_secs(45);
/// Between two webhooks.
const PAUSE: Duration = Duration::from_millis(10);

fn main() -> Result<()> {
    town::serve_if_asked()?;
    let Ok(part) = std::env::var(PART) else { return parts() };
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let folder = std::env::var(FOLDER)?;
        let duty = Duty::start(Path::new(&folder), part == "first").await?;
        match part.as_str() {
            "first" => duty.stop().await,
            "idle" => idle(duty).await,
            _ => webhooks(duty).await,
        }
    })
}

fn parts() -> Result<()> {
    println!("serve: {CUSTOMERS} idle customers of {COMPANIES} companies, four flows each, SQLite stores");
    for (part, factor) in [("idle", FACTOR), ("webhooks", 1)] {
        let time = Time::times(factor, WARM_UP * 2);
        let town = town::start(&Setup { customers: CUSTOMERS, companies: COMPANIES, time })?;
        let folder = tempfile::tempdir()?;
        let vendors = Vendors { time, customers: serde_json::from_value(town.hello().clone())? };
        std::fs::write(folder.path().join(VENDORS), serde_json::to_vec(&vendors)?)?;
        for part in ["first", part] {
            // A process of its own: its memory is its own.
            let mut process = Command::new(std::env::current_exe()?);
            if !process.env(PART, part).env(FOLDER, folder.path()).status()?.success() {
                return Err(format!("the part {part} failed").into());
            }
        }
        folder.close()?;
    }
    Ok(())
}

/// The vendors of all customers.
#[derive(Debug, Serialize, Deserialize)]
struct Vendors {
    time: Time,
    /// The credentials of each.
    customers: Vec<Value>,
}

/// A server that runs, and the vendors of its customers.
struct Duty {
    vendors: Vendors,
    address: String,
    stop: oneshot::Sender<()>,
    running: JoinHandle<()>,
}

impl Duty {
    /// Returns after the passes that come with a start.
    async fn start(folder: &Path, first: bool) -> Result<Self> {
        let vendors: Vendors = serde_json::from_slice(&std::fs::read(folder.join(VENDORS))?)?;
        let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let options = ConnectOptions::new().clock(Arc::new(vendors.time));
        let mut configs = Vec::new();
        for (number, credentials) in vendors.customers.iter().enumerate() {
            let config = customer::config(number, credentials, &address, folder)?;
            if first {
                customer::consent(&config, &options, credentials).await?;
            }
            configs.push(config);
        }
        let server = Server::prepare(configs, &options).await?;
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(server.run(async move {
            // The other end gone means the same.
            let _ = stopped.await;
        }));
        tokio::time::sleep(WARM_UP).await;
        let duty = Self { vendors, address, stop, running };
        let writes = duty.counted("writes").await?;
        if writes < (CUSTOMERS * COMPANIES) as u64 {
            return Err(format!("only {writes} writes were made: the first passes are not over").into());
        }
        Ok(duty)
    }

    /// What both vendors of all customers counted so far under this name.
    async fn counted(&self, name: &str) -> Result<u64> {
        let mut count = 0;
        for credentials in &self.vendors.customers {
            for vendor in ["exact", "pipedrive"] {
                let url = credentials[vendor]["base_url"].as_str().unwrap_or_default();
                let stats: Value = reqwest::get(format!("{url}/_sandbox/stats")).await?.json().await?;
                count += stats[name].as_u64().unwrap_or_default();
            }
        }
        Ok(count)
    }

    async fn stop(self) -> Result<()> {
        let _ = self.stop.send(());
        Ok(self.running.await?)
    }
}

async fn idle(duty: Duty) -> Result<()> {
    let writes = duty.counted("writes").await?;
    let requests = duty.counted("requests").await?;
    let hours = scale(1, 8);
    let measure = Measure::start();
    duty.vendors.time.sleep(Duration::from_secs(3_600) * hours).await;
    let used = measure.processor().ok_or("the processor's time is not known on this system")?;
    let more = duty.counted("requests").await? - requests;
    let written = duty.counted("writes").await? - writes;
    let memory = peak_memory().ok_or("the peak of memory is not known on this system")?;
    let share = used.as_secs_f64() / (3_600.0 * f64::from(hours)) * 100.0;
    println!("  idle for {hours} h: {share:.2} % of a core; wanted less than 1");
    println!(
        "    {:.1} calls a customer and hour to both vendors, {written} writes",
        as_float(more) / as_float(CUSTOMERS as u64) / f64::from(hours)
    );
    println!("  peak memory: {} MiB; wanted less than 100", memory / 1024);
    duty.stop().await
}

async fn webhooks(duty: Duty) -> Result<()> {
    let count = scale(2_000, 20_000);
    let http = reqwest::Client::new();
    let mut answers = Vec::new();
    for number in 0..count {
        answers.push(tokio::spawn(webhook(http.clone(), duty.address.clone(), number)));
        tokio::time::sleep(PAUSE).await;
    }
    let mut times = Vec::new();
    for answer in answers {
        times.push(answer.await??);
    }
    times.sort();
    let at = |per_mille: usize| times[(times.len() - 1) * per_mille / 1_000];
    println!(
        "  {count} webhooks, {} a second: answered in {:.1?} (median), {:.1?} (p99); wanted less than 20 ms",
        Duration::from_secs(1).as_millis() / PAUSE.as_millis(),
        at(500),
        at(990)
    );
    duty.stop().await
}

/// Tells a customer that a record was deleted; returns how long the answer took.
async fn webhook(
    http: reqwest::Client,
    address: String,
    number: usize,
) -> std::result::Result<Duration, String> {
    let url = format!("http://{address}/hooks/customer-{}/pipedrive", number % CUSTOMERS);
    let body = json!({ "meta": { "action": "delete", "entity": "organization", "entity_id": (1_000_000 + number).to_string(),
        "company_id": "1", "id": format!("event-{number}"), "timestamp": "2026-01-14T18:16:56.057Z", "version": "2.0" },
        "data": null, "previous": {} });
    let request = http.post(url).basic_auth(customer::USER, Some(customer::PASSWORD)).json(&body);
    let start = Instant::now();
    let answer = request.send().await.map_err(|error| error.to_string())?;
    if answer.status().is_success() { Ok(start.elapsed()) } else { Err(answer.status().to_string()) }
}

#[expect(clippy::cast_precision_loss, reason = "a figure to print")]
fn as_float(number: u64) -> f64 {
    number as f64
}
