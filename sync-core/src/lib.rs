//! Crash-safe two-way sync between Exact Online and a CRM.

pub mod flow;
pub mod identity;
pub mod plan;
pub mod state;
pub mod store;
pub mod vault;
