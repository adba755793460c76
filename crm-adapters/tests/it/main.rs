//! The adapters against mocked vendors: what is asked, how often, and what comes of it.

#![expect(clippy::unwrap_used, reason = "a test whose world cannot be set up has failed")]

mod bad_input;
mod conformance;
mod fields;
mod find;
mod grants;
mod hubspot;
mod kinds;
mod limits;
mod read;
mod recreated;
mod vendor;
mod webhooks;
mod world;
mod write;
