//! Exact's limits, kept so that a call that would break one is never made.

mod budget;
mod headers;
mod ledger;
mod smooth;
mod usage;
mod velocity;

pub use usage::{CallError, MemoryUsageStore, Pace, StoredUsage, Usage, UsageId, UsageStore};

pub(crate) use budget::{Budget, Scope};
pub(crate) use headers::RateHeaders;
