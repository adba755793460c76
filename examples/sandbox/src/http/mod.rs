//! The wire: requests in, replies out, and everything that can go wrong between.

mod control;
mod door;
mod fault;
mod message;
mod out;
mod sender;
mod server;
mod stats;

pub(crate) use control::{Controlled, merged, read_body};
pub(crate) use door::{Door, Vendor};
pub use fault::{Fault, Trouble};
pub(crate) use message::{Reply, Request, path_segments};
pub(crate) use out::post;
pub(crate) use sender::Sender;
pub(crate) use server::{Server, answer};
pub use stats::{EndpointStats, Stats};
