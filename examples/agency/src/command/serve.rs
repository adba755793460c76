//! `serve`: until stopped.

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
    if let Some(address) = server.address() {
        tracing::info!("webhooks come in at http://{address}");
    }
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
