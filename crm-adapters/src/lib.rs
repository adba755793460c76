//! CRMs as sides of a sync, behind one trait and in neutral terms.
//!
//! An engine that keeps a CRM in agreement with something else should not know which CRM it is. This crate gives it
//! records with named values ([`Record`], [`Fields`], [`Value`]), one trait to read and write them ([`Adapter`]), and
//! what differs between vendors as plain facts ([`Capabilities`]). Limits, retries, paging and the vendors' odd
//! habits stay in here.
//!
#![cfg_attr(
    feature = "pipedrive",
    doc = r#"
```no_run
use crm_adapters::pipedrive::{ApiToken, Pipedrive};
use crm_adapters::{Adapter, Change, Kind, View};

# async fn run() -> crm_adapters::Result<()> {
let token = std::env::var("PIPEDRIVE_TOKEN").unwrap_or_default();
let crm = Pipedrive::builder(ApiToken::new(token)).build()?;

let view = View { kind: Kind::Company, fields: vec!["name".into(), "custom:KvK number".into()] };
let mut cursor = None;
loop {
    let page = crm.changes(&view, cursor.as_ref()).await?;
    for change in page.changes {
        if let Change::Present(company) = change {
            println!("{} {:?}", company.id, company.fields.get("name"));
        }
    }
    cursor = Some(page.cursor);
    if !page.more {
        break;
    }
}
# Ok(())
# }
```
"#
)]
//!
//! # Map
//! - The model: [`Kind`], [`Record`], [`Fields`], [`Value`], and [`Schema`] for what a side's fields take.
//! - The trait: [`Adapter`], with [`View`] to ask, [`Page`] and [`Cursor`] to follow changes, [`Write`] and
//!   [`Outcome`] to write. An adapter of your own needs nothing else.
//! - [`Error`]: one type; decide by [`kind`](Error::kind), [`retry`](Error::retry) and
//!   [`may_have_applied`](Error::may_have_applied).
//! - [`Clock`]: time is handed in, so limits and retries can be tested without waiting.
#![cfg_attr(
    feature = "pipedrive",
    doc = "- [`pipedrive`]: companies, contacts, deals with lines, products, notes, leads; custom fields by label; webhooks."
)]
#![cfg_attr(
    feature = "hubspot",
    doc = "- [`hubspot`]: companies, contacts, deals and all other kinds, custom objects; webhooks."
)]
#![cfg_attr(
    any(feature = "pipedrive", feature = "hubspot"),
    doc = "- [`oauth`]: an app's grant in the place of a token, for both."
)]
//!
//! # Features
//! - `pipedrive` (default): the Pipedrive adapter.
//! - `hubspot` (default): the HubSpot adapter. Without both no HTTP crate is in the graph.
//! - `testing`: the conformance suite for adapters of your own, and a side that lives in memory.
//! - `rustls` (default), `native-tls`, `rustls-no-provider`: who speaks TLS.

mod adapter;
mod change;
mod clock;
mod error;
#[cfg(all(any(test, fuzzing), feature = "pipedrive", feature = "hubspot"))]
pub mod fuzz;
#[cfg(any(feature = "pipedrive", feature = "hubspot"))]
mod http;
#[cfg(feature = "hubspot")]
pub mod hubspot;
#[cfg(any(feature = "pipedrive", feature = "hubspot"))]
mod limit;
mod model;
#[cfg(any(feature = "pipedrive", feature = "hubspot"))]
pub mod oauth;
#[cfg(feature = "pipedrive")]
pub mod pipedrive;
#[cfg(feature = "testing")]
pub mod testing;

pub use adapter::Adapter;
pub use async_trait::async_trait;
pub use change::{
    Action, Archive, Capabilities, Change, Cost, Cursor, Key, Outcome, Pace, Page, Usage, Wanted, Work, Write,
};
pub use clock::{Clock, SystemClock};
pub use error::{Error, ErrorKind, Result, Retry};
#[cfg(any(feature = "pipedrive", feature = "hubspot"))]
pub use http::HttpClient;
pub use model::{Field, FieldType, Fields, Kind, NewField, Record, RecordId, Schema, Value, View};
