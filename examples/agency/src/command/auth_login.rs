//! `auth login`: consent through the browser.

use std::io::{self, BufRead, Write};
use std::net::SocketAddr;
use std::time::Duration;

use exact_client::{Consent, Grant};
use serde_json::json;
use url::Url;

use super::grant;
use crate::config::{Config, is_loopback};
use crate::connect::App;
use crate::error::{Error, Result};
use crate::output::Outcome;

/// How long a person may take in the browser.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

pub(super) async fn run(app: &App, config: &Config, name: Option<&str>) -> Result<Outcome> {
    let grant = app.grant(name)?;
    let consent = grant.client.consent();
    let redirect = &config.exact.redirect_url;
    let stored = if is_loopback(redirect) && redirect.scheme() == "http" {
        listen(redirect, consent).await?
    } else {
        consent.finish(&paste(consent.url())?).await.map_err(unfinished)?
    };
    app.refuse_shared_grants().await?;
    grant::refuse_out_of_scope(grant, &stored)?;
    let user = stored.user.as_ref().map_or("", |user| user.name.as_str());
    let text = format!("The grant {} of {user} is stored.", grant.config.name);
    let document = grant::document(grant, Some(&stored), app.clock().now());
    Ok(Outcome::new(text, json!({ "grant": document })))
}

/// Waits for the browser to come back to the redirect URL, which is on this machine.
async fn listen(redirect: &Url, consent: Consent) -> Result<Grant> {
    let addresses: Vec<SocketAddr> = redirect.socket_addrs(|| Some(80)).map_err(|error| {
        Error::failed("callback", format!("cannot listen at {redirect}: {error}")).at("exact.redirect_url")
    })?;
    let callback = consent.listen(addresses.as_slice()).await;
    let callback = callback.map_err(|error| Error::from(error).at("exact.redirect_url"))?;
    say(&format!("Open this address in a browser and give consent:\n\n{}\n", callback.consent().url()));
    tokio::select! {
        granted = callback.wait(PATIENCE) => granted.map_err(unfinished),
        _ = tokio::signal::ctrl_c() => Err(Error::failed("interrupted", "no consent was given")),
    }
}

/// An answer that is not ours is no fault of the config.
fn unfinished(error: exact_client::Error) -> Error {
    match error.kind() {
        exact_client::ErrorKind::Config => Error::failed("callback", error.to_string()),
        _ => error.into(),
    }
}

/// Asks a person for the address that the browser ended at.
pub(super) fn paste(address: &Url) -> Result<String> {
    say(&format!(
        "Open this address in a browser and give consent:\n\n{address}\n\nThen paste the address that the browser ended at:"
    ));
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(|error| Error::failed("callback", error.to_string()))?;
    Ok(line)
}

/// To standard error: standard output is for the outcome.
fn say(text: &str) {
    // Nobody is there to read it where this fails.
    let _ = writeln!(io::stderr().lock(), "{text}");
}
