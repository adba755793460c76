//! What may be turned on HubSpot: its limits, and what its documentation leaves open.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::limits::{self, NamedLimits};

/// The settings of the local HubSpot. Each default is the best guess that public sources allow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct HubSpotSettings {
    /// The limits in force, as the headers announce them.
    #[serde(deserialize_with = "limits::read")]
    pub limits: HubSpotLimits,
    /// How long every answer takes.
    pub latency_ms: u64,
    /// Whether the paths with a date answer (`2026-09`).
    pub dated_paths: bool,
    /// Whether the paths with a number answer (`v3`, `v4`).
    pub numbered_paths: bool,
    /// How long the search index may lag behind: each write draws a delay between these two.
    pub search_lag_ms: (u64, u64),
    /// The longest value of a text property, in characters.
    pub value_length: usize,
    /// Whether unique values are compared without regard to case; e-mail addresses always are.
    pub unique_ignores_case: bool,
    /// Whether an archived record still holds its unique values.
    pub archived_hold_unique: bool,
    /// Whether a write to an id that a merge retired reaches the new record, instead of 404.
    pub merged_writable: bool,
    /// What the account's administrators demand; enforced on `2026-09` alone.
    pub rules: Vec<WriteRule>,
    /// Scopes that the app was not granted, such as `crm.objects.companies.write`.
    pub missing_scopes: BTreeSet<String>,
    /// Whether every call is refused because the account did not pay.
    pub unpaid: bool,
    /// Whether a 429 carries the limit headers.
    pub limit_headers: bool,
    /// Leaves out what is not set instead of sending `null`, which the published specification does not allow although
    /// the service sends it.
    pub omit_nulls: bool,
    /// Every so many webhook events one comes twice; 0 for never.
    pub duplicate_every: usize,
    /// Whether the events of one delivery are put in a random order.
    pub shuffle_events: bool,
}

impl Default for HubSpotSettings {
    fn default() -> Self {
        Self {
            limits: HubSpotLimits::vendor(),
            latency_ms: 0,
            dated_paths: true,
            numbered_paths: true,
            search_lag_ms: (0, 10_000),
            value_length: 65_536,
            unique_ignores_case: false,
            archived_hold_unique: true,
            merged_writable: true,
            rules: Vec::new(),
            missing_scopes: BTreeSet::new(),
            unpaid: false,
            limit_headers: true,
            omit_nulls: false,
            duplicate_every: 0,
            shuffle_events: false,
        }
    }
}

/// A property that administrators made required.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct WriteRule {
    /// The plural name of the type, such as `companies`.
    pub object_type: String,
    /// The property that has to have a value.
    pub property: String,
    /// Only where this property has this value.
    #[serde(default)]
    pub when: Option<(String, String)>,
}

/// HubSpot's limits, per app and account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct HubSpotLimits {
    /// Requests in any ten seconds.
    pub ten_seconds: u32,
    /// Requests in one day of the account's time zone; calls with an OAuth token have no daily limit.
    pub day: u32,
    /// Searches in any second.
    pub search_second: u32,
}

impl HubSpotLimits {
    /// The vendor's numbers for the plan Professional: 190 requests in 10 s, 650,000 a day, 5 searches a second.
    #[must_use]
    pub fn vendor() -> Self {
        Self { ten_seconds: 190, day: 650_000, search_second: 5 }
    }

    /// Numbers that nobody reaches.
    #[must_use]
    pub fn off() -> Self {
        Self { ten_seconds: 1_000_000, day: 1_000_000_000, search_second: 1_000_000 }
    }
}

impl NamedLimits for HubSpotLimits {
    fn vendor() -> Self {
        Self::vendor()
    }

    fn off() -> Self {
        Self::off()
    }
}
