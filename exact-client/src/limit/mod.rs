//! Exact's limits, kept so that a call that would break one is never made.

mod budget;
mod forecast;
mod headers;
mod ledger;
mod priority;
mod queue;
mod smooth;
mod usage;
mod velocity;

pub use forecast::Forecast;
pub use priority::{Priority, Reserve};
pub use usage::{CallError, MemoryUsageStore, Pace, StoredUsage, Usage, UsageId, UsageStore};

pub(crate) use budget::{Budget, Permit, Scope};
pub(crate) use headers::RateHeaders;
pub(crate) use velocity::counts;
