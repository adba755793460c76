//! The vendors side by side.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::clock::Clock;
use crate::companies::{Company, Load};
use crate::error::{Error, Result};
use crate::exact::{Exact, ExactLimits, ExactSettings};
use crate::hubspot::{HubSpot, HubSpotLimits, HubSpotSettings};
use crate::pipedrive::{Pipedrive, PipedriveLimits, PipedriveSettings};
use crate::snapshot::Snapshot;

/// How much the vendors let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Exact's.
    pub exact: ExactLimits,
    /// Pipedrive's.
    pub pipedrive: PipedriveLimits,
    /// HubSpot's.
    pub hubspot: HubSpotLimits,
}

impl Limits {
    /// The vendors' own numbers.
    #[must_use]
    pub fn vendor() -> Self {
        Self {
            exact: ExactLimits::vendor(),
            pipedrive: PipedriveLimits::vendor(),
            hubspot: HubSpotLimits::vendor(),
        }
    }

    /// Numbers that nobody reaches; the headers announce them.
    #[must_use]
    pub fn off() -> Self {
        Self { exact: ExactLimits::off(), pipedrive: PipedriveLimits::off(), hubspot: HubSpotLimits::off() }
    }
}

/// What a sandbox starts with.
#[derive(Clone, Debug)]
#[must_use]
pub struct SandboxBuilder {
    clock: Clock,
    exact_off: TimeDelta,
    crm_off: TimeDelta,
    companies: Vec<Company>,
    load: Load,
    divisions: u32,
    limits: Limits,
    seed: u64,
    latency: Duration,
    exact_address: String,
    pipedrive_address: String,
    hubspot_address: String,
    snapshot: Option<Snapshot>,
}

impl SandboxBuilder {
    /// The time of all vendors. Default: the machine's.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// By how much Exact's clock is wrong, ahead or behind. Default: not at all.
    pub fn exact_clock_off(mut self, off: TimeDelta) -> Self {
        self.exact_off = off;
        self
    }

    /// By how much the clocks of the CRMs are wrong. Default: not at all.
    pub fn crm_clock_off(mut self, off: TimeDelta) -> Self {
        self.crm_off = off;
        self
    }

    /// The companies that are there at the start. Default: none.
    pub fn companies(mut self, companies: Vec<Company>) -> Self {
        self.companies = companies;
        self
    }

    /// On which side the companies are. Default: [`Load::Exact`].
    pub fn load(mut self, load: Load) -> Self {
        self.load = load;
        self
    }

    /// How many administrations Exact has, at least one. Default: 1.
    pub fn divisions(mut self, divisions: u32) -> Self {
        self.divisions = divisions.max(1);
        self
    }

    /// The limits in force. Default: [`Limits::vendor`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Decides every random choice: ids, tokens, delays. Default: 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// How long every answer takes, on the sandbox's clock. Default: no time.
    pub fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// Where Exact listens. Default: any free port of 127.0.0.1.
    pub fn exact_address(mut self, address: impl Into<String>) -> Self {
        self.exact_address = address.into();
        self
    }

    /// Where Pipedrive listens. Default: any free port of 127.0.0.1.
    pub fn pipedrive_address(mut self, address: impl Into<String>) -> Self {
        self.pipedrive_address = address.into();
        self
    }

    /// Where HubSpot listens. Default: any free port of 127.0.0.1.
    pub fn hubspot_address(mut self, address: impl Into<String>) -> Self {
        self.hubspot_address = address.into();
        self
    }

    /// Goes on from what an earlier sandbox held. Companies, divisions and seed come from there.
    pub fn restore(mut self, snapshot: Snapshot) -> Self {
        self.snapshot = Some(snapshot);
        self
    }

    /// Opens all addresses and serves until the [`Sandbox`] is dropped. Needs a running tokio runtime.
    ///
    /// # Errors
    /// [`Error::Listen`] when an address cannot be opened.
    ///
    /// With `SANDBOX_FRONT` in the environment both CRMs put themselves behind that front, which checks every call
    /// against the vendors' specifications; [`Error::Front`] when it does not answer.
    pub async fn start(self) -> Result<Sandbox> {
        let exact_listener = listen(&self.exact_address).await?;
        let pipedrive_listener = listen(&self.pipedrive_address).await?;
        let hubspot_listener = listen(&self.hubspot_address).await?;
        let latency_ms = u64::try_from(self.latency.as_millis()).unwrap_or(u64::MAX);
        let of_exact = ExactSettings { limits: self.limits.exact, latency_ms, ..ExactSettings::default() };
        let of_pipedrive =
            PipedriveSettings { limits: self.limits.pipedrive, latency_ms, ..PipedriveSettings::default() };
        let of_hubspot =
            HubSpotSettings { limits: self.limits.hubspot, latency_ms, ..HubSpotSettings::default() };
        let (exact_clock, clock) = (self.clock.off_by(self.exact_off), || self.clock.off_by(self.crm_off));
        let (exact, mut pipedrive, mut hubspot) = match self.snapshot {
            Some(Snapshot { exact, pipedrive, hubspot, .. }) => (
                Exact::restore(exact_listener, exact_clock, exact, of_exact),
                Pipedrive::restore(pipedrive_listener, clock(), pipedrive, of_pipedrive)?,
                HubSpot::restore(hubspot_listener, clock(), hubspot, of_hubspot)?,
            ),
            None => {
                let on = |side: Load| if self.load == side { self.companies.as_slice() } else { &[] };
                let seed = self.seed;
                (
                    Exact::start(
                        exact_listener,
                        exact_clock,
                        self.divisions,
                        seed,
                        of_exact,
                        on(Load::Exact),
                    ),
                    Pipedrive::start(pipedrive_listener, clock(), seed, of_pipedrive, on(Load::Pipedrive))?,
                    HubSpot::start(hubspot_listener, clock(), seed, of_hubspot, on(Load::HubSpot))?,
                )
            }
        };
        let exact = exact.map_err(|source| Error::Listen { address: self.exact_address, source })?;
        if let Ok(front) = std::env::var("SANDBOX_FRONT") {
            pipedrive.put_behind(&front).await?;
            hubspot.put_behind(&front).await?;
        }
        Ok(Sandbox { clock: self.clock, exact, pipedrive, hubspot })
    }
}

async fn listen(address: &str) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|source| Error::Listen { address: address.to_owned(), source })
}

/// A running Exact Online, Pipedrive and HubSpot. Dropping it closes them all.
#[derive(Debug)]
pub struct Sandbox {
    clock: Clock,
    exact: Exact,
    pipedrive: Pipedrive,
    hubspot: HubSpot,
}

impl Sandbox {
    /// An empty sandbox with the vendors' limits, on the machine's clock.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder {
            clock: Clock::system(),
            exact_off: TimeDelta::zero(),
            crm_off: TimeDelta::zero(),
            companies: Vec::new(),
            load: Load::default(),
            divisions: 1,
            limits: Limits::vendor(),
            seed: 0,
            latency: Duration::ZERO,
            exact_address: "127.0.0.1:0".to_owned(),
            pipedrive_address: "127.0.0.1:0".to_owned(),
            hubspot_address: "127.0.0.1:0".to_owned(),
            snapshot: None,
        }
    }

    /// The time of all vendors.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The local Exact Online.
    #[must_use]
    pub fn exact(&self) -> &Exact {
        &self.exact
    }

    /// The local Pipedrive.
    #[must_use]
    pub fn pipedrive(&self) -> &Pipedrive {
        &self.pipedrive
    }

    /// The local HubSpot.
    #[must_use]
    pub fn hubspot(&self) -> &HubSpot {
        &self.hubspot
    }

    /// Everything that the vendors hold, for [`SandboxBuilder::restore`].
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            taken_at: self.clock.now(),
            exact: self.exact.snapshot(),
            pipedrive: self.pipedrive.snapshot(),
            hubspot: self.hubspot.snapshot(),
        }
    }

    /// Addresses and credentials, secrets included, as the program prints them.
    #[must_use]
    pub fn credentials(&self) -> Value {
        json!({
            "exact": {
                "base_url": self.exact.base_url(),
                "client_id": self.exact.client_id(),
                "client_secret": self.exact.client_secret(),
                "refresh_token": self.exact.refresh_token(),
                "divisions": self.exact.divisions(),
            },
            "pipedrive": {
                "base_url": self.pipedrive.base_url(),
                "api_token": self.pipedrive.api_token(),
            },
            "hubspot": {
                "base_url": self.hubspot.base_url(),
                "token": self.hubspot.token(),
            },
        })
    }
}
