//! Exact Online.

mod accounts;
mod consent;
mod divisions;
mod feeds;
mod invoices;
mod limits;
mod masters;
mod odata;
mod orders;
mod shop;
mod tokens;
mod webhooks;
