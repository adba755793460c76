//! The main job, without an account, a server or a configuration.
//!
//! 2,000 companies in an Exact Online administration and an empty Pipedrive account come into agreement; people edit
//! both sides; what was decided is shown with its reason; a run is taken back; a last pass writes nothing. Then a deal is followed to its
//! money, in Pipedrive and in HubSpot: won, ordered, delivered in part, invoiced, paid in part, credited. All vendors are
//! local doubles on a virtual clock: their limits are honoured, and waiting for them costs no time.
//!
//! ```text
//! cargo run --release --example quickstart
//! ```
//!
//! The store and the vendors' data stay in `target/quickstart`; a second start goes on from there.

mod firm;
mod office;
mod people;
mod show;
mod story;

use anyhow::{Context, Result};
use sync_core::engine::{Resolution, RunOptions};
use sync_core::flow::{Preset, Side, Vendor};
use sync_core::plan::Samples;

use office::{Office, Setup};

/// 2,000 companies and an empty Pipedrive.
const COMPANIES: Setup =
    Setup { folder: "", vendor: Vendor::Pipedrive, presets: &[Preset::Companies], companies: 2_000 };

#[tokio::main]
async fn main() -> Result<()> {
    let office = Office::open(&COMPANIES).await.context("the sandbox and the store cannot be opened")?;
    show::heading(if office.first_start {
        "1. What is kept in agreement"
    } else {
        "1. Going on from the last start"
    });
    for mapping in office.engine.mappings().await? {
        println!("{}", mapping.document(&Samples::default()));
    }

    show::heading("2. The plan, before anything is written");
    let plan = office.engine.plan(true).await?;
    show::plan(&plan);

    show::heading("3. Approved: exactly that plan");
    let report = office.carry_out(&plan).await?;
    show::report(&report);

    show::heading("4. People edit both sides");
    let contested = people::edit(&office)?;
    let report = office.run(RunOptions::default()).await?;
    show::decisions(&office.take_decisions());
    show::report(&report);

    show::heading("5. A question for a person");
    for issue in office.engine.issues().await? {
        println!("{}  {}", issue.id(), issue.message);
        println!("    answers: {}", issue.answers().join(", "));
        if issue.field.as_deref() == Some(contested) {
            println!("    answered with: --take exact");
            office.engine.resolve_issue(&issue.id(), Resolution::Take(Side::Exact)).await?;
        }
    }
    let report = office.run(RunOptions::default()).await?;
    show::decisions(&office.take_decisions());
    show::report(&report);

    show::heading("6. That run taken back, and what was taken back put right again");
    undo(&office).await?;
    undo(&office).await?;

    show::heading("7. Once more, with nothing changed");
    let report = office.run(RunOptions::default()).await?;
    office.keep()?;
    show::report(&report);
    println!("the store stays in {}", office.folder.display());
    let mut writes = report.writes();
    for (at, vendor) in [Vendor::Pipedrive, Vendor::HubSpot].into_iter().enumerate() {
        show::heading(&format!("{}. From a deal to its money, in {vendor:?}", at + 8));
        writes += story::tell(vendor).await?;
    }
    println!("second pass: {writes} writes");
    Ok(())
}

/// Takes back what the last run wrote.
async fn undo(office: &Office) -> Result<()> {
    let last = office.engine.past_runs(1).await?.pop().context("a run wrote something")?;
    office.engine.undo(&last.id).await?;
    office.run(RunOptions::default()).await?;
    show::decisions(&office.take_decisions());
    Ok(())
}
