//! What every adapter over HTTP shares: one pinned origin, bounded answers, and honest failures.

mod client;
mod decode;
mod failure;
mod origin;
mod retry;
mod transport;

pub use client::HttpClient;
pub(crate) use decode::{decode, is_json};
pub(crate) use failure::{Effect, Failure, located, repeated_cursor};
pub(crate) use origin::{is_loopback, pinned};
pub(crate) use retry::reading;
pub(crate) use transport::{Answer, Request, Transport, TransportOptions};
