//! What a process on duty for a hundred idle customers costs, and how soon it answers a webhook.
//!
//! `cargo bench -p sync-benches --bench serve`. Each customer has four flows, the webhooks of both vendors and the schedule
//! that `agency serve` has by itself. The share of a core is measured over an hour (with `SYNC_BENCH=large` eight) of a
//! time that goes sixty times as fast as the machine's, after the first passes are over; the webhooks come in real time, each
//! of another record, so that each has to become durable, and each brings the passes that it brings.

#![expect(clippy::print_stdout, reason = "a program that prints its figures")]
#![expect(clippy::float_arithmetic, reason = "ratios are printed, not calculated with")]

mod customer;
mod town;

use std::error::Error;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use agency::ConnectOptions;
use agency::serve::Server;
use serde_json::{Value, json};
use sync_benches::{Helper, Measure, peak_memory, scale};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::town::{Setup, Time};

pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Names the part that this process is to measure.
const PART: &str = "SYNC_BENCH_PART";
const CUSTOMERS: usize = 100;
const COMPANIES: usize = 20;
/// How many times as fast the idle time goes.
const FACTOR: u32 = 60;
/// In real time: so long the first passes may take.
const WARM_UP: Duration = Duration::from_secs(45);
/// Between two webhooks.
const PAUSE: Duration = Duration::from_millis(10);

fn main() -> Result<()> {
    town::serve_if_asked()?;
    let runtime = tokio::runtime::Runtime::new()?;
    match std::env::var(PART).as_deref() {
        Ok("idle") => runtime.block_on(idle()),
        Ok(_) => runtime.block_on(webhooks()),
        Err(_) => {
            println!(
                "serve: {CUSTOMERS} idle customers of {COMPANIES} companies, four flows each, SQLite stores"
            );
            part("idle")?;
            part("webhooks")
        }
    }
}

/// Runs a part in a process of its own: its memory is its own.
fn part(name: &str) -> Result<()> {
    let done = Command::new(std::env::current_exe()?).env(PART, name).status()?;
    if done.success() { Ok(()) } else { Err(format!("the part {name} failed").into()) }
}

/// A server that runs, and the vendors of its customers.
struct Duty {
    town: Helper,
    folder: tempfile::TempDir,
    address: String,
    stop: oneshot::Sender<()>,
    running: JoinHandle<()>,
}

impl Duty {
    async fn start(time: Time) -> Result<Self> {
        let town = town::start(&Setup { customers: CUSTOMERS, companies: COMPANIES, time })?;
        let folder = tempfile::tempdir()?;
        let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let options = ConnectOptions::new().clock(Arc::new(time));
        let mut configs = Vec::new();
        for (number, credentials) in customers(&town).iter().enumerate() {
            let config = customer::config(number, credentials, &address, folder.path())?;
            customer::consent(&config, &options, credentials).await?;
            configs.push(config);
        }
        let server = Server::prepare(configs, &options).await?;
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(server.run(async move {
            // The other end gone means the same.
            let _ = stopped.await;
        }));
        tokio::time::sleep(WARM_UP).await;
        Ok(Self { town, folder, address, stop, running })
    }

    /// What both vendors of all customers counted so far under this name.
    async fn counted(&self, name: &str) -> Result<u64> {
        let mut count = 0;
        for credentials in customers(&self.town) {
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
        self.running.await?;
        drop(self.town);
        Ok(self.folder.close()?)
    }
}

fn customers(town: &Helper) -> &[Value] {
    town.hello().as_array().map(Vec::as_slice).unwrap_or_default()
}

async fn idle() -> Result<()> {
    let duty = Duty::start(Time::times(FACTOR)).await?;
    let writes = duty.counted("writes").await?;
    if writes < (CUSTOMERS * COMPANIES) as u64 {
        return Err(format!("only {writes} writes were made: the first passes are not over").into());
    }
    let requests = duty.counted("requests").await?;
    let hours = scale(1, 8);
    let measure = Measure::start();
    tokio::time::sleep(Duration::from_secs(3_600) * hours / FACTOR).await;
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

async fn webhooks() -> Result<()> {
    let duty = Duty::start(Time::times(1)).await?;
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
