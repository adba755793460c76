//! The client-specific binary that agencies copy: a config file, and the engine behind commands.
//!
//! - [`Config`] reads and checks the config file.
//! - [`connect`] opens the store and prepares clients and adapters; [`App::engine`] puts the engine together.
//! - [`cli`] is the command line, [`command`] carries it out.
//! - [`serve`] does it all without being told: a schedule, the heartbeat of every grant, webhooks, [`Alert`]s.
//!
//! A program of your own needs the first two:
//!
//! ```no_run
//! use std::path::Path;
//!
//! use agency::{Config, ConnectOptions, Divisions, connect};
//! use sync_core::engine::RunOptions;
//!
//! # async fn run() -> Result<(), agency::Error> {
//! let config = Config::load(Path::new("sync.toml"))?;
//! let app = connect(&config, ConnectOptions::new()).await?;
//! let engine = app.engine(Divisions::Live, None).await?;
//! let report = engine.run_once(RunOptions::default()).await?;
//! app.finish().await;
//! # let _ = report;
//! # Ok(())
//! # }
//! ```

/// The README's programs compile.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

mod alert;
mod budget;
pub mod cli;
pub mod command;
mod config;
mod connect;
mod crm;
mod error;
pub mod output;
mod plan_file;
mod private_file;
mod progress;
pub mod serve;

pub use alert::{Alert, Details, GrantBell, Status};
pub use config::{
    AlertsConfig, BusinessEvent, Config, CrmAccess, CrmConfig, Endpoint, EngineConfig, ExactConfig,
    GrantConfig, ServeConfig, StoreConfig,
};
pub use connect::{App, ConnectOptions, Divisions, Grant, connect, exact_id};
pub use error::{Error, Result};
pub use progress::Progress;
