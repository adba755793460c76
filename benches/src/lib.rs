//! What the benches share: the vendors in a process of their own, counters around a store and an adapter, and what the
//! operating system says of this process.
//!
//! Each bench is a program that prints its figures: `cargo bench -p sync-benches --bench NAME`. They are small unless
//! the environment variable `SYNC_BENCH` is `large`.

mod counting;
mod engine;
mod exact;
mod helper;
mod measure;
mod register;
mod vendors;

pub use counting::{CountingAdapter, CountingStore};
pub use engine::{Load, engine};
pub use exact::{Answer, Office, TokioClock, accounts_page, client, office_app};
pub use helper::{Helper, asked_to, stay};
pub use measure::{Measure, peak_memory};
pub use register::{Register, register_flow};
pub use vendors::{Setup, Vendors, serve_if_asked};

/// `small`, or `large` where the environment says `SYNC_BENCH=large`.
#[must_use]
pub fn scale<T>(small: T, large: T) -> T {
    match std::env::var("SYNC_BENCH") {
        Ok(size) if size == "large" => large,
        _ => small,
    }
}
