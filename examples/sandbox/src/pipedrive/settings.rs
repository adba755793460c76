//! What may be turned on Pipedrive: its limits, and what its documentation leaves open.

use serde::{Deserialize, Serialize};

use crate::limits::{self, NamedLimits};

/// The settings of the local Pipedrive. Each default is the best guess that public sources allow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PipedriveSettings {
    /// The limits in force, as the headers announce them.
    #[serde(deserialize_with = "limits::read")]
    pub limits: PipedriveLimits,
    /// How long every answer takes.
    pub latency_ms: u64,
    /// The status of a successful create.
    pub create_status: u16,
    /// Whether GET of a deleted organization answers 200 with `is_deleted: true`, instead of 404.
    pub deleted_readable: bool,
    /// Whether a `limit` above the maximum is cut to it, instead of refused.
    pub clamp_limit: bool,
    /// The records of the longest page of a list.
    pub page_length: usize,
    /// The longest name, in characters.
    pub name_length: usize,
    /// How long the search index may lag behind: each write draws a delay between these two.
    pub search_lag_ms: (u64, u64),
    /// Whether a 429 carries the headers of both limits.
    pub limit_headers: bool,
    /// How many refused requests within ten seconds bring the Cloudflare block.
    pub block_after: u32,
    /// How long the block lasts.
    pub block_seconds: u32,
    /// Leaves `next_cursor`, `address` and its parts out instead of sending `null`, which the published specification
    /// does not allow although the service sends it.
    pub omit_nulls: bool,
    /// How long a webhook's receiver may take, on the machine's clock.
    pub webhook_timeout_ms: u64,
    /// Every so many-th event never leaves; 0 for none.
    pub lose_every: u64,
    /// Every so many-th event is sent twice; 0 for none.
    pub duplicate_every: u64,
    /// Whether events that are sent together come in any order.
    pub shuffle_events: bool,
}

impl Default for PipedriveSettings {
    fn default() -> Self {
        Self {
            limits: PipedriveLimits::vendor(),
            latency_ms: 0,
            create_status: 200,
            deleted_readable: true,
            clamp_limit: true,
            page_length: 500,
            name_length: 255,
            search_lag_ms: (0, 10_000),
            limit_headers: true,
            block_after: 50,
            block_seconds: 300,
            omit_nulls: false,
            webhook_timeout_ms: 10_000,
            lose_every: 0,
            duplicate_every: 0,
            shuffle_events: false,
        }
    }
}

/// Pipedrive's limits, per company and token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PipedriveLimits {
    /// Requests in any two seconds.
    pub burst: u32,
    /// Searches in any two seconds.
    pub search_burst: u32,
    /// The company's tokens for one UTC day.
    pub daily_tokens: u64,
}

impl PipedriveLimits {
    /// The vendor's numbers for the Ultimate plan: 120 requests and 10 searches in 2 s, 600,000 tokens a day.
    #[must_use]
    pub fn vendor() -> Self {
        Self { burst: 120, search_burst: 10, daily_tokens: 600_000 }
    }

    /// Numbers that nobody reaches.
    #[must_use]
    pub fn off() -> Self {
        Self { burst: 1_000_000, search_burst: 1_000_000, daily_tokens: 1_000_000_000 }
    }
}

impl NamedLimits for PipedriveLimits {
    fn vendor() -> Self {
        Self::vendor()
    }

    fn off() -> Self {
        Self::off()
    }
}
