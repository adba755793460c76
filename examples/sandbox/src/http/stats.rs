//! What came in and what went out, counted.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What one vendor was asked and what it answered, since it started.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Stats {
    /// All requests, token calls included.
    pub requests: u64,
    /// Creates, updates and deletes that were carried out.
    pub writes: u64,
    /// Calls of the token endpoint, refused ones included.
    pub token_calls: u64,
    /// The shortest time between two calls of the token endpoint.
    pub smallest_token_gap_seconds: Option<i64>,
    /// Requests answered with 429.
    pub too_many_requests: u64,
    /// Requests answered with another status from 400 to 499.
    pub client_errors: u64,
    /// Requests that a fault left without an answer.
    pub unanswered: u64,
    /// Per endpoint, such as `GET /api/v1/{division}/crm/Accounts`.
    pub endpoints: BTreeMap<String, EndpointStats>,
    #[serde(skip)]
    last_token_call: Option<DateTime<Utc>>,
}

/// The requests of one endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EndpointStats {
    /// How many came in.
    pub requests: u64,
    /// How many were answered with which status.
    pub statuses: BTreeMap<u16, u64>,
}

impl Stats {
    /// Requests of all endpoints whose name contains `part`.
    #[must_use]
    pub fn requests_of(&self, part: &str) -> u64 {
        self.endpoints
            .iter()
            .filter(|(name, _)| name.contains(part))
            .map(|(_, endpoint)| endpoint.requests)
            .sum()
    }

    /// Answers with `status` from all endpoints whose name contains `part`.
    #[must_use]
    pub fn answers(&self, part: &str, status: u16) -> u64 {
        self.endpoints
            .iter()
            .filter(|(name, _)| name.contains(part))
            .filter_map(|(_, endpoint)| endpoint.statuses.get(&status))
            .sum()
    }

    pub(crate) fn asked(&mut self, endpoint: &str, token_call: bool, now: DateTime<Utc>) {
        self.requests += 1;
        self.endpoints.entry(endpoint.to_owned()).or_default().requests += 1;
        if token_call {
            self.token_calls += 1;
            let gap = self.last_token_call.replace(now).map(|last| (now - last).num_seconds());
            self.smallest_token_gap_seconds = match (gap, self.smallest_token_gap_seconds) {
                (Some(gap), Some(smallest)) => Some(gap.min(smallest)),
                (gap, smallest) => gap.or(smallest),
            };
        }
    }

    pub(crate) fn executed(&mut self, write: bool, status: u16) {
        if write && (200..300).contains(&status) {
            self.writes += 1;
        }
    }

    pub(crate) fn answered(&mut self, endpoint: &str, status: u16) {
        match status {
            429 => self.too_many_requests += 1,
            400..500 => self.client_errors += 1,
            _ => {}
        }
        *self.endpoints.entry(endpoint.to_owned()).or_default().statuses.entry(status).or_default() += 1;
    }

    pub(crate) fn left_unanswered(&mut self) {
        self.unanswered += 1;
    }
}
