//! `serve`: until stopped.

use std::io::{self, Write};
use std::path::PathBuf;

use serde_json::json;

use crate::config::Config;
use crate::connect::ConnectOptions;
use crate::error::{Error, Result};
use crate::output::Outcome;
use crate::serve::Server;

pub(super) async fn run(config: Config, more: &[PathBuf]) -> Result<Outcome> {
    let mut configs = vec![config];
    for file in more {
        let config = Config::load(file);
        configs.push(config.map_err(|error| error.in_file(file))?);
    }
    let stop = stop()?;
    let server = Server::prepare(configs, &ConnectOptions::new()).await?;
    let hears = server.address().map_or_else(
        || "without webhooks".to_owned(),
        |address| format!("webhooks come in at http://{address}"),
    );
    writeln!(io::stderr().lock(), "Serving {}, {hears}; ctrl-c ends it.", server.tenants().join(", "))
        .map_err(|error| Error::failed("output", error.to_string()))?;
    server.run(stop).await;
    Ok(Outcome::new("Stopped.", json!({ "stopped": true })))
}

/// Done once somebody presses ctrl-c or the system asks to end.
fn stop() -> Result<impl Future<Output = ()> + Send> {
    #[cfg(unix)]
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
        .map_err(|error| Error::failed("signal", error.to_string()))?;
    Ok(async move {
        #[cfg(unix)]
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
    })
}
