//! The HTTP client, which adapters may share.

use std::fmt;
use std::time::Duration;

use reqwest::redirect::Policy;
use url::Url;

use super::is_loopback;
use crate::error::{Error, ErrorKind, Result};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Connections, and the certificates that they trust, which take about 100 KiB of memory: where a process serves many
/// customers, give one to all of its adapters. Cloning is cheap.
///
/// It holds no credential. Use it in one runtime: connections end with the one that opened them.
#[derive(Clone)]
pub struct HttpClient {
    client: reqwest::Client,
    /// Past any proxy.
    near: reqwest::Client,
}

impl HttpClient {
    /// Prepares the connections, and opens none.
    ///
    /// # Errors
    /// [`Config`](ErrorKind::Config) where the system's certificates cannot be read.
    pub fn new() -> Result<Self> {
        Ok(Self { client: client(CONNECT_TIMEOUT, false)?, near: client(CONNECT_TIMEOUT, true)? })
    }

    pub(super) fn to(&self, origin: &Url) -> reqwest::Client {
        if is_loopback(origin) { self.near.clone() } else { self.client.clone() }
    }
}

/// A client of its own for one origin and requests of this timeout.
pub(super) fn own(origin: &Url, timeout: Duration) -> Result<reqwest::Client> {
    client(timeout.min(CONNECT_TIMEOUT), is_loopback(origin))
}

fn client(connect_timeout: Duration, near: bool) -> Result<reqwest::Client> {
    let builder = reqwest::Client::builder()
        .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(connect_timeout);
    let builder = if near { builder.no_proxy() } else { builder };
    builder
        .build()
        .map_err(|error| Error::new(ErrorKind::Config, "no HTTP client can be made").with_source(error))
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient").finish_non_exhaustive()
    }
}
