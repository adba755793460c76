//! Exact Online.

mod accounts;
mod consent;
mod divisions;
mod feeds;
mod limits;
mod odata;
mod tokens;
