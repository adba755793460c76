//! How often schemas are read for a `check` and a `mapping` of forty flows.
//!
//! `cargo bench -p sync-benches --bench check`. Both vendors run in this process; they count what they are asked.

#![expect(clippy::print_stdout, reason = "a program that prints its figures")]

use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use crm_adapters::Adapter;
use crm_adapters::hubspot::{HubSpot, ServiceKey};
use crm_adapters::pipedrive::{ApiToken, Pipedrive};
use exact_client::{App, Client, Country, DivisionId};
use sandbox::{Limits, Sandbox, Stats};
use sync_core::engine::Engine;
use sync_core::exact::ExactAdapter;
use sync_core::flow::{Division, Flow, Preset, Vendor};
use sync_core::store::MemoryStore;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const FLOWS: usize = 40;
const PRESETS: [Preset; 4] = [Preset::Companies, Preset::Contacts, Preset::Products, Preset::Orders];

fn main() -> Result<()> {
    tokio::runtime::Runtime::new()?.block_on(run())
}

async fn run() -> Result<()> {
    println!("check: {FLOWS} flows of {} kinds", PRESETS.len());
    for vendor in [Vendor::Pipedrive, Vendor::HubSpot] {
        let sandbox = Sandbox::builder().limits(Limits::off()).start().await?;
        let exact = exact(&sandbox).await?;
        let start = Instant::now();
        let checked = engine(vendor, &sandbox, &exact)?;
        let findings = checked.check().await?.len();
        let took = start.elapsed();
        print(vendor, "check", &sandbox, &format!("{findings} findings in {} ms", took.as_millis()));
        sandbox.exact().reset_stats();
        sandbox.pipedrive().reset_stats();
        sandbox.hubspot().reset_stats();
        let engine = engine(vendor, &sandbox, &exact)?;
        let start = Instant::now();
        let mappings = engine.mappings().await?;
        let samples = engine.samples(&mappings).await?;
        let document: String =
            mappings.iter().zip(&samples).map(|(mapping, samples)| mapping.document(samples)).collect();
        let told = format!("{} characters in {} ms", document.len(), start.elapsed().as_millis());
        print(vendor, "mapping", &sandbox, &told);
    }
    Ok(())
}

async fn exact(sandbox: &Sandbox) -> Result<Arc<ExactAdapter>> {
    let exact = sandbox.exact();
    let app = App {
        client_id: exact.client_id(),
        client_secret: exact.client_secret().into(),
        redirect_url: "https://example.com/callback".to_owned(),
    };
    let client = Client::builder(app, Country::Nl).origin(exact.base_url().parse()?).build()?;
    client.import_refresh_token(exact.refresh_token().into()).await?;
    let division = exact.divisions().first().copied().ok_or("there is no division")?;
    Ok(Arc::new(ExactAdapter::new(client, DivisionId::new(division.try_into()?), None)))
}

/// An engine with an adapter of the CRM that has read nothing yet, as a new process has it.
fn engine(vendor: Vendor, sandbox: &Sandbox, exact: &Arc<ExactAdapter>) -> Result<Engine> {
    let crm: Arc<dyn Adapter> = match vendor {
        Vendor::Pipedrive => {
            let crm = sandbox.pipedrive();
            Arc::new(
                Pipedrive::builder(ApiToken::new(crm.api_token())).origin(crm.base_url().parse()?).build()?,
            )
        }
        _ => {
            let crm = sandbox.hubspot();
            Arc::new(HubSpot::builder(ServiceKey::new(crm.token())).origin(crm.base_url().parse()?).build()?)
        }
    };
    let builder = Engine::builder(Arc::new(MemoryStore::new()), crm)
        .division(Division::new(1), Arc::clone(exact) as Arc<dyn Adapter>)
        .create_fields(true);
    Ok(flows(vendor).fold(builder, sync_core::engine::EngineBuilder::flow).build()?)
}

/// Each preset several times, as where every country or department has rules of its own.
fn flows(vendor: Vendor) -> impl Iterator<Item = Flow> {
    (0..FLOWS).map(move |at| {
        let preset = PRESETS[at % PRESETS.len()];
        let mut flow = preset.flow(vendor);
        if at >= PRESETS.len() {
            flow.name = format!("{}-{}", flow.name, at / PRESETS.len());
        }
        flow
    })
}

fn print(vendor: Vendor, what: &str, sandbox: &Sandbox, told: &str) {
    let crm = match vendor {
        Vendor::Pipedrive => sandbox.pipedrive().stats(),
        _ => sandbox.hubspot().stats(),
    };
    let most = fields_calls(&crm);
    println!(
        "  {what}, {vendor:?}: {told}; the fields of {} kinds were read in {most} calls, wanted one a kind",
        PRESETS.len()
    );
    println!(
        "    calls in all: Exact {} (its fields are known without one), CRM {}",
        sandbox.exact().stats().requests_of("/{division}/"),
        crm.requests
    );
}

/// How many calls read the fields of records; lists that a field chooses from are apart.
fn fields_calls(stats: &Stats) -> u64 {
    stats.requests_of("Fields") + stats.requests_of("/properties")
}
