//! Crash-safe two-way sync between Exact Online and a CRM.

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
pub mod vault;

pub use error::{Error, ErrorKind, Result};
