//! A local Exact Online, Pipedrive and HubSpot that behave as the vendors do, bad habits included.
//!
//! For tests and first steps: no account, no network beyond the loopback address, and on a virtual clock no waiting.
//!
//! ```no_run
//! use chrono::Utc;
//! use sandbox::{Clock, Company, Sandbox};
//!
//! # async fn run() -> sandbox::Result<()> {
//! let clock = Clock::virtual_at(Utc::now());
//! let sandbox = Sandbox::builder()
//!     .clock(clock)
//!     .companies(vec![Company::new("Bakkerij De Korenbloem", "12345678")])
//!     .start()
//!     .await?;
//! let (exact, pipedrive) = (sandbox.exact().base_url(), sandbox.pipedrive().base_url());
//! # let _ = (exact, pipedrive);
//! # Ok(())
//! # }
//! ```
//!
//! | to | use |
//! |---|---|
//! | start it | [`Sandbox::builder`] |
//! | let people edit records, look at what is there | [`Exact`], [`Pipedrive`], [`HubSpot`] |
//! | move time | [`Clock`] |
//! | lose answers, break connections | [`Fault`] |
//! | count calls | [`Stats`] |
//! | stop and go on later | [`Snapshot`] |
//! | turn limits and uncertain facts | [`Limits`], [`ExactSettings`], [`PipedriveSettings`], [`HubSpotSettings`] |

mod clock;
mod companies;
mod error;
mod exact;
mod http;
mod hubspot;
mod limits;
mod pipedrive;
mod sandbox;
mod snapshot;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub use clock::Clock;
pub use companies::{Company, Load};
pub use error::{Error, Result};
pub use exact::{Exact, ExactLimits, ExactSettings, WebhookSettings};
pub use http::{EndpointStats, Fault, Stats, Trouble};
pub use hubspot::{HubSpot, HubSpotLimits, HubSpotSettings, WriteRule};
pub use pipedrive::{Pipedrive, PipedriveLimits, PipedriveSettings};
pub use sandbox::{Limits, Sandbox, SandboxBuilder};
pub use snapshot::Snapshot;
