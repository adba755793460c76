//! The binary as a shell sees it, against the sandbox: exit codes, documents, messages, and what reached the vendors.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod auth;
mod commands;
mod config;
mod crm_oauth;
mod hubspot;
mod lockstep;
mod mappings;
mod office;
mod references;
mod schema;
mod serve;
