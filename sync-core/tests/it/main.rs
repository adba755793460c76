//! The integration tests of the crate, one module a topic.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test may panic and print"
)]

#[cfg(feature = "exact")]
mod books;
mod engine;
#[cfg(feature = "exact")]
mod exact;
mod executor;
#[cfg(feature = "exact")]
mod orders;
mod simulation;
mod store;
