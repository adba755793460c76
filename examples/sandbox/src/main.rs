//! The sandbox as a program: prints one line of JSON when it is ready, and serves until it is told to stop.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use sandbox::{Company, Limits, Load, Sandbox};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// A local Exact Online, Pipedrive and HubSpot that behave as the vendors do.
#[derive(Debug, Parser)]
struct Flags {
    /// Where Exact Online listens.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    exact: String,
    /// Where Pipedrive listens.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pipedrive: String,
    /// Where HubSpot listens.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    hubspot: String,
    /// Companies to begin with: a CSV file with the columns name and kvk.
    #[arg(long, value_name = "FILE")]
    companies: Option<PathBuf>,
    /// The side that the companies are on.
    #[arg(long, value_enum, default_value_t = Side::Exact)]
    load: Side,
    /// How many divisions Exact has.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    divisions: u32,
    /// The limits in force.
    #[arg(long, value_enum, default_value_t = Strictness::Vendor)]
    limits: Strictness,
    /// Decides every random choice.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// How long every answer takes, in milliseconds.
    #[arg(long, value_name = "N", default_value_t = 0)]
    latency_ms: u64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Side {
    Exact,
    Pipedrive,
    Hubspot,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Strictness {
    /// As the vendors have them.
    Vendor,
    /// Numbers that nobody reaches.
    Off,
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run(Flags::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{}", chain(&*error));
            ExitCode::FAILURE
        }
    }
}

async fn run(flags: Flags) -> Result<(), Box<dyn std::error::Error>> {
    let load = match flags.load {
        Side::Exact => Load::Exact,
        Side::Pipedrive => Load::Pipedrive,
        Side::Hubspot => Load::HubSpot,
    };
    let limits = match flags.limits {
        Strictness::Vendor => Limits::vendor(),
        Strictness::Off => Limits::off(),
    };
    let companies = flags.companies.map(Company::read_csv).transpose()?.unwrap_or_default();
    let count = companies.len();
    // Signals are caught before anybody can know that the program is ready.
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let sandbox = Sandbox::builder()
        .exact_address(flags.exact)
        .pipedrive_address(flags.pipedrive)
        .hubspot_address(flags.hubspot)
        .companies(companies)
        .load(load)
        .divisions(flags.divisions)
        .limits(limits)
        .seed(flags.seed)
        .latency(Duration::from_millis(flags.latency_ms))
        .start()
        .await?;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{}", sandbox.credentials())?;
    stdout.flush()?;
    tracing::info!(
        exact = sandbox.exact().base_url(),
        pipedrive = sandbox.pipedrive().base_url(),
        hubspot = sandbox.hubspot().base_url(),
        companies = count,
        "ready"
    );
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("stopped");
    Ok(())
}

/// An error and what it came from, on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
