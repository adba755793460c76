//! A typed client for Exact Online.

mod clock;

pub use clock::{Clock, SystemClock};
