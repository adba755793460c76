//! Crash-safe two-way sync between Exact Online and a CRM, for integrators who embed it in services of their own.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use crm_adapters::Adapter;
//! use sync_core::engine::{Engine, RunOptions};
//! use sync_core::flow::{Division, Preset, Vendor};
//! use sync_core::store::MemoryStore;
//!
//! # async fn run(exact: Arc<dyn Adapter>, pipedrive: Arc<dyn Adapter>) -> sync_core::Result<()> {
//! let engine = Engine::builder(Arc::new(MemoryStore::new()), pipedrive)
//!     .division(Division::new(123_456), exact)
//!     .flow(Preset::Companies.flow(Vendor::Pipedrive))
//!     .create_fields(true)
//!     .build()?;
//! println!("{:#?}", engine.plan(false).await?);
//! let report = engine.run_once(RunOptions::default()).await?;
//! println!("{} writes, {} questions", report.writes(), report.open_issues);
//! # Ok(())
//! # }
//! ```
//!
//! # Finding your way
//!
//! | to … | see |
//! |---|---|
//! | run it, plan it, answer its questions | [`engine::Engine`] |
//! | say what is kept in agreement, and by which rules | [`flow::Flow`], [`flow::Preset`] |
//! | understand a decision | [`plan`], all of it pure functions |
//! | keep it somewhere else | [`store::Store`], and the conformance suite behind feature `testing` |
//! | connect Exact Online | `exact` (feature `exact`) |
//! | keep tokens secret | `exact::GrantStore`, sealed by `exact_client::Vault` |
//!
//! # What is promised
//!
//! Killed at any instant, on any store that passes the suite, the engine
//!
//! 1. loses no change that it has observed: a cursor moves only in the commit that stores its page;
//! 2. creates no second record, unless a request lands later than the settle window
//!    ([`engine::Timing`]); then the twin is found and asked about;
//! 3. overwrites a person's edit only by a declared rule, always keeping the value that lost in the audit, or where the
//!    edit was typed between the engine's last look and its write, which no vendor here lets anybody close;
//! 4. stops before mass creates, deletes and clears, and before a changed mapping.
//!
//! A company that a person enters on one side while a run is creating it there is found as a twin, and asked about.
//!
//! # Features
//!
//! `exact` (default): Exact Online as an adapter. `sqlite` (default): the embedded store. `postgres`: the store of several
//! machines; it needs Rust 1.94. `schema`: the JSON Schema of what a config may say of a flow. `testing`: conformance suites.
//! Without features there is no SQL and no HTTP crate in the graph.

pub mod engine;
mod error;
#[cfg(feature = "exact")]
pub mod exact;
pub mod flow;
pub mod identity;
pub mod plan;
pub mod state;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;

pub use error::{Error, ErrorKind, Result};
