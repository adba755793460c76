//! One test per habit of the vendors, named after the fact it reproduces.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod clients;
mod clock;
mod every_entity;
mod exact;
mod faults;
mod hubspot;
mod pipedrive;
mod probe;
mod program;
mod snapshot;
mod support;
mod trade;
