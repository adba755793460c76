//! Exact blocks an app after ten 400, 401, 403 or 404 an hour on one endpoint. We stop at five.

use std::collections::{HashMap, VecDeque};

use chrono::{DateTime, Duration, Utc};

use super::usage::CallError;

const STOP_AT: usize = 5;
const WINDOW: Duration = Duration::hours(1);

/// The errors of the last hour in one division, by endpoint.
#[derive(Clone, Debug, Default)]
pub(super) struct Velocity {
    errors: HashMap<String, VecDeque<CallError>>,
}

/// An endpoint that is closed for now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Closed {
    pub(super) until: DateTime<Utc>,
    /// What the refused calls were, the latest last.
    pub(super) calls: Vec<String>,
}

/// Whether an answer counts towards Exact's limit.
pub(crate) fn counts(status: u16) -> bool {
    matches!(status, 400 | 401 | 403 | 404)
}

impl Velocity {
    pub(super) fn resume(stored: &[CallError]) -> Self {
        let mut velocity = Self::default();
        for error in stored {
            velocity.errors.entry(error.endpoint.clone()).or_default().push_back(error.clone());
        }
        velocity
    }

    /// Until when the endpoint is closed and why, where it is.
    pub(super) fn closed(&mut self, endpoint: &str, now: DateTime<Utc>) -> Option<Closed> {
        let errors = self.errors.get_mut(endpoint)?;
        forget(errors, now);
        let at = errors.len().checked_sub(STOP_AT)?;
        let until = errors.get(at)?.at + WINDOW;
        let calls = errors.iter().skip(at).filter(|error| !error.call.is_empty());
        Some(Closed { until, calls: calls.map(|error| error.call.clone()).collect() })
    }

    /// Counts an answer that counts towards the limit.
    pub(super) fn count(&mut self, endpoint: &str, call: String, now: DateTime<Utc>) {
        let errors = self.errors.entry(endpoint.to_owned()).or_default();
        forget(errors, now);
        errors.push_back(CallError { endpoint: endpoint.to_owned(), at: now, call });
    }

    /// The errors of the last hour, by endpoint and time.
    pub(super) fn recent(&mut self, now: DateTime<Utc>) -> Vec<CallError> {
        self.errors.retain(|_, errors| {
            forget(errors, now);
            !errors.is_empty()
        });
        let mut recent: Vec<_> = self.errors.values().flatten().cloned().collect();
        recent.sort_by(|one, other| (&one.endpoint, one.at).cmp(&(&other.endpoint, other.at)));
        recent
    }

    pub(super) fn stored(&self) -> Vec<CallError> {
        self.errors.values().flatten().cloned().collect()
    }
}

/// Drops what is older than an hour, and what a clock that was ahead put into the future.
fn forget(errors: &mut VecDeque<CallError>, now: DateTime<Utc>) {
    errors.retain(|error| error.at + WINDOW > now && error.at <= now + WINDOW);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_errors_an_hour_close_the_endpoint_and_no_other_and_name_their_calls() {
        let start: DateTime<Utc> = "2026-11-22T10:00:00Z".parse().unwrap();
        let mut velocity = Velocity::default();
        for minute in 0..6 {
            let now = start + Duration::minutes(minute);
            assert_eq!(velocity.closed("crm/Accounts", now).is_some(), minute >= 5);
            velocity.count("crm/Accounts", format!("call {minute}"), now);
        }
        let now = start + Duration::minutes(6);
        let closed = velocity.closed("crm/Accounts", now).unwrap();
        assert_eq!(closed.until, start + Duration::minutes(61));
        assert_eq!(closed.calls, ["call 1", "call 2", "call 3", "call 4", "call 5"]);
        assert_eq!(velocity.closed("crm/Contacts", now), None);
        assert_eq!(velocity.closed("crm/Accounts", start + Duration::minutes(61)), None);
        assert_eq!(velocity.recent(start + Duration::minutes(64)).len(), 1);
    }

    #[test]
    fn business_errors_and_successes_do_not_count() {
        for status in [200, 204, 429, 500, 503] {
            assert!(!counts(status));
        }
    }
}
