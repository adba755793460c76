//! The stores of this crate under the conformance suite, and the suite under test.

mod broken;
mod conformance;
mod kill;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
mod sqlite;
