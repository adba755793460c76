//! Accidents on demand.

use axum::http::Method;
use serde::{Deserialize, Serialize};

use super::message::Request;

/// An accident that happens to the next requests that match.
///
/// ```
/// use sandbox::{Fault, Trouble};
///
/// let lost_reply = Fault::new(Trouble::DropAfter).on("POST", "/organizations").times(1);
/// # let _ = lost_reply;
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Fault {
    /// The method it waits for; any when `None`.
    #[serde(default)]
    pub method: Option<String>,
    /// A part of the path it waits for; empty for any.
    #[serde(default)]
    pub path: String,
    /// How many matching requests pass unharmed first.
    #[serde(default)]
    pub skip: u32,
    /// How many matching requests it happens to.
    #[serde(default = "once")]
    pub times: u32,
    /// What happens.
    #[serde(rename = "do")]
    pub trouble: Trouble,
}

fn once() -> u32 {
    1
}

/// What happens to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Trouble {
    /// The connection is dropped, nothing is carried out.
    DropBefore,
    /// The request is carried out, then the connection is dropped.
    DropAfter,
    /// Nothing is carried out and no answer comes.
    HangBefore,
    /// The request is carried out and no answer comes.
    HangAfter,
    /// The connection is dropped and the request is carried out that many seconds later.
    LateCommit {
        /// Seconds of the sandbox's clock.
        after_seconds: u32,
    },
    /// A server fault: 500 with the vendor's general text. Nothing is carried out.
    ServerError,
    /// 500 with this text, as Exact refuses a record.
    BusinessError {
        /// What stands in the message.
        message: String,
    },
    /// 503 without a body.
    Unavailable,
    /// This status in the vendor's form, such as 423 or 477. Nothing is carried out.
    Status {
        /// The status.
        status: u16,
        /// What the header `Retry-After` says.
        #[serde(default)]
        retry_after_seconds: Option<u32>,
    },
    /// Carried out, but the gateway lost patience: this status (502 or 504) with a web page.
    GatewayAfter {
        /// The status.
        status: u16,
    },
    /// 429.
    TooManyRequests {
        /// Whether the limit headers are there.
        headers: bool,
    },
    /// 200 with a web page instead of JSON. Nothing is carried out.
    Html,
    /// Carried out, but the JSON ends in the middle.
    Truncated,
    /// Carried out, but the answer is filled up to this many bytes.
    OverLong {
        /// The length of the body.
        bytes: usize,
    },
    /// 403 with this value in the header `Reason`.
    Forbidden {
        /// The header's value, such as `BlockedUser`.
        reason: String,
    },
}

impl Fault {
    /// An accident that happens once, to the next request.
    #[must_use]
    pub fn new(trouble: Trouble) -> Self {
        Self { method: None, path: String::new(), skip: 0, times: once(), trouble }
    }

    /// Only requests with this method whose path contains `path`.
    #[must_use]
    pub fn on(mut self, method: &str, path: &str) -> Self {
        self.method = Some(method.to_owned());
        self.path = path.to_owned();
        self
    }

    /// Lets that many matching requests pass first.
    #[must_use]
    pub fn after(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }

    /// Happens to that many matching requests.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    fn matches(&self, method: &Method, path: &str) -> bool {
        self.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method.as_str()))
            && path.contains(&self.path)
    }
}

/// The accidents that are still to happen, first come first served.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    waiting: Vec<Fault>,
}

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        if fault.times > 0 {
            self.waiting.push(fault);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }

    pub(crate) fn waiting(&self) -> &[Fault] {
        &self.waiting
    }

    /// What happens to this request, if anything.
    pub(crate) fn take(&mut self, request: &Request) -> Option<Trouble> {
        let position = self.waiting.iter().position(|fault| fault.matches(&request.method, &request.path))?;
        let fault = &mut self.waiting[position];
        if fault.skip > 0 {
            fault.skip -= 1;
            return None;
        }
        fault.times -= 1;
        let trouble = fault.trouble.clone();
        if fault.times == 0 {
            self.waiting.remove(position);
        }
        Some(trouble)
    }
}
