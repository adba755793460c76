//! Asks an Exact Online account of your own what its documentation does not say, and prints a report to send to us.
//!
//! `EXACT_COUNTRY=nl EXACT_CLIENT_ID=… EXACT_CLIENT_SECRET=… EXACT_REDIRECT_URL=… cargo run --example probe -- --yes`
//! It only reads, unless `--write` allows it one account and one contact, which it deletes again; choose a division for
//! tests then. Without `--yes` it says how much it would do and stops. It needs a consent of its own: use a user or an
//! app that no other program uses, because a second grant of both ends the first.

use std::env::var;

use anyhow::{Context, bail};
use exact_client::probe::Probe;
use exact_client::{App, Client, Country};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let said = |word: &str| std::env::args().any(|argument| argument == word);
    if !said("--yes") {
        bail!("this makes about 50 calls, which only read unless --write is there too; say --yes to go on");
    }
    let country = Country::from_code(&var("EXACT_COUNTRY").context("set EXACT_COUNTRY")?);
    let app = App {
        client_id: var("EXACT_CLIENT_ID").context("set EXACT_CLIENT_ID")?,
        client_secret: var("EXACT_CLIENT_SECRET").context("set EXACT_CLIENT_SECRET")?.into(),
        redirect_url: var("EXACT_REDIRECT_URL").context("set EXACT_REDIRECT_URL")?,
    };
    let client = Client::builder(app, country.context("EXACT_COUNTRY is no country of Exact's")?).build()?;
    let consent = client.consent();
    println!("Open {}\n\nand paste the address that the browser ended at:", consent.url());
    let mut address = String::new();
    std::io::stdin().read_line(&mut address)?;
    let grant = consent.finish(&address).await?;
    let division = grant.divisions.first().context("the grant reaches no division")?;
    let probe = Probe::new(client, division.id);
    let probe = if said("--write") { probe.with_writes() } else { probe };
    println!("{}", probe.announcement());
    println!("\n{}", probe.run().await?);
    Ok(())
}
