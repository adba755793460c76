//! A typed client for the Exact Online REST API, for programs that run unattended: grants that do not stop
//! silently, limits that are never broken, and errors that say whether a write may stand.
//!
//! ```no_run
//! use exact_client::{Account, App, Client, Country, DivisionId};
//!
//! # async fn run() -> exact_client::Result<()> {
//! let app = App {
//!     client_id: "your client id".into(),
//!     client_secret: "your client secret".into(),
//!     redirect_url: "https://example.com/callback".into(),
//! };
//! let client = Client::builder(app, Country::Nl).build()?;
//! let consent = client.consent();
//! println!("give consent at {}", consent.url());
//! let grant = consent.finish("the address that the browser ended at").await?;
//!
//! let division = client.division(grant.divisions[0].id);
//! let named = division.list().filter(Account::NAME.eq("'t Hof BV"));
//! for account in named.all().await? {
//!     println!("{:?} {:?}", account.code, account.email);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Finding your way
//!
//! | to … | see |
//! |---|---|
//! | make a client, get a grant | [`Client::builder`], [`Client::consent`], [`Client::import_refresh_token`] |
//! | keep a grant safe | [`FileTokenStore`], [`Spool`], or a [`TokenStore`] of your own and the suite that proves it |
//! | keep a grant alive, and hear when it is not | [`Heartbeat`], [`GrantHook`] |
//! | take webhooks | [`Webhooks`] |
//! | tell what your own account answers | [`probe`] |
//! | read, create, change records | [`DivisionApi`], [`List`] |
//! | see what Exact dropped of a write | [`DivisionApi::differences`], [`ResourceApi::differences`] |
//! | see which records there are | [`entity`] |
//! | have something done, such as an invoice printed | [`DivisionApi::act`] |
//! | read a file, such as an invoice's PDF | [`DivisionApi::invoice_files`], [`DivisionApi::download`] |
//! | follow what changes and what is deleted | [`DivisionApi::follow`], [`FeedCursor`] |
//! | filter and order | [`Field`], such as [`Account::NAME`] |
//! | work with property names from a configuration | [`Resource::named`], [`ResourceApi`], [`Row`] |
//! | know what is left of the limits, and what a plan costs | [`Client::usage`], [`Client::forecast`], [`UsageStore`] |
//! | let people go before bulk work | [`Client::priority`], [`ClientBuilder::reserve`] |
//! | decide what to do about an error | [`Error::kind`], [`Error::cause`], [`Error::retry`], [`Error::may_have_applied`] |
//!
//! # What is promised
//!
//! - **Grants.** An access token is refreshed between 571 and 600 seconds of age or after its end, never earlier, and
//!   once, however many callers and processes wait for it. A new pair of tokens is durable before it is used. A crash
//!   between question and answer is recovered where Exact allows it, and is named where it does not.
//! - **Limits.** Per app and division, 60 calls a clock minute and 5,000 a UTC day, until a header says otherwise. A
//!   minute is waited for, interactive calls first, else in order of arrival, and no division waits for another; a
//!   spent day is an error that says when to go on. After five errors of one hour on one resource, no more calls are
//!   made to it, and the error names the records.
//! - **Writes** are sent once. They are repeated only where Exact said that they were not executed.
//! - **Secrets** never appear in `Debug`, logs, errors or addresses, and tokens go to the configured origin only.
//!
//! Nothing is spawned, apart from a token call that must not be lost half-way and the delivery of events to a hook,
//! and no environment variable is read.
//! Time and randomness are handed in ([`Clock`], [`ClientBuilder::random_seed`]).
//!
//! # Features
//!
//! `rustls` (default): TLS with the operating system's roots. `rustls-no-provider`: the same with a crypto provider
//! that the program installs. `native-tls`: the operating system's TLS.
//! `consent`: the local server that a browser comes back to. `testing`: the conformance suite of token stores.

mod auth;
mod builder;
mod cause;
mod client;
mod clock;
mod compare;
mod division;
pub mod entity;
mod error;
mod feed;
mod file;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod http;
mod id;
mod limit;
mod list;
mod odata;
pub mod probe;
mod resource;
mod subscription;
#[cfg(feature = "testing")]
pub mod testing;
mod vault;
mod webhook;

pub use async_trait::async_trait;
#[cfg(feature = "consent")]
pub use auth::Callback;
pub use auth::{
    Consent, FileTokenStore, Grant, GrantDivision, GrantEvent, GrantEventKind, GrantHook, GrantId, GrantLock,
    GrantState, GrantUser, Heartbeat, MemoryTokenStore, Spool, StoredGrant, TokenStore,
};
pub use builder::{App, ClientBuilder, Country};
pub use cause::Cause;
pub use client::{CallPermit, Client};
pub use clock::{Clock, SystemClock};
pub use compare::{Change, Difference};
pub use division::{DivisionApi, WriteOptions};
#[doc(no_inline)]
pub use entity::*;
pub use error::{Error, ErrorKind, Result, Retry};
pub use feed::{FeedCursor, FeedPage, FeedReader};
pub use file::Download;
pub use http::{BodyStream, HttpTransport, Outgoing, OverReqwest, TransportError};
pub use id::{DivisionId, Guid, ParseGuidError};
pub use limit::{
    CallError, Forecast, MemoryUsageStore, Pace, Priority, Reserve, StoredUsage, Usage, UsageId, UsageStore,
};
pub use list::{List, NextLink, Page, Rows};
pub use odata::{
    Binary, Code, Edm, Field, Filter, Order, Padding, Patch, Property, Resource, Row, Scalar, Value, Verb,
    WallTime,
};
pub use resource::{ResourceApi, Updated};
pub use vault::{Vault, VaultKey};
pub use webhook::{WebhookAction, WebhookEvent, WebhookVerdict, Webhooks};
