//! The client against a mock of Exact: what is sent, how often, and what comes of it.

mod auth;
mod limits;
mod reading;
mod support;
mod writing;
