//! Crash-safe two-way sync between Exact Online and a CRM.

pub mod store;
