//! The client against a mock of Exact: what is sent, how often, and what comes of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod auth;
mod consent;
mod entities;
mod errors;
mod files;
mod grants;
mod heartbeat;
mod limits;
mod metadata;
mod reading;
mod subscriptions;
mod support;
mod token_stores;
mod writing;
