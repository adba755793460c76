//! Exact blocks an app after ten 400, 401, 403 or 404 an hour on one endpoint. We stop at five.

use std::collections::{HashMap, VecDeque};

use chrono::{DateTime, Duration, Utc};

use super::usage::CallError;

const STOP_AT: usize = 5;
const WINDOW: Duration = Duration::hours(1);

/// The errors of the last hour in one division, by endpoint.
#[derive(Clone, Debug, Default)]
pub(super) struct Velocity {
    errors: HashMap<String, VecDeque<DateTime<Utc>>>,
}

impl Velocity {
    pub(super) fn resume(stored: &[CallError]) -> Self {
        let mut velocity = Self::default();
        for error in stored {
            velocity.errors.entry(error.endpoint.clone()).or_default().push_back(error.at);
        }
        velocity
    }

    /// When the endpoint may be called again, where that is not now.
    pub(super) fn closed_until(&mut self, endpoint: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let errors = self.errors.get_mut(endpoint)?;
        forget(errors, now);
        let at = errors.len().checked_sub(STOP_AT)?;
        errors.get(at).map(|oldest| *oldest + WINDOW)
    }

    /// Counts an answer; true where it counts.
    pub(super) fn count(&mut self, endpoint: &str, status: u16, now: DateTime<Utc>) -> bool {
        let counts = matches!(status, 400 | 401 | 403 | 404);
        if counts {
            let errors = self.errors.entry(endpoint.to_owned()).or_default();
            forget(errors, now);
            errors.push_back(now);
        }
        counts
    }

    pub(super) fn stored(&self) -> Vec<CallError> {
        let all = self.errors.iter();
        all.flat_map(|(endpoint, errors)| {
            errors.iter().map(|at| CallError { endpoint: endpoint.clone(), at: *at })
        })
        .collect()
    }
}

/// Drops what is older than an hour, and what a clock that was ahead put into the future.
fn forget(errors: &mut VecDeque<DateTime<Utc>>, now: DateTime<Utc>) {
    errors.retain(|at| *at + WINDOW > now && *at <= now + WINDOW);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_errors_an_hour_close_the_endpoint_and_no_other() {
        let start: DateTime<Utc> = "2026-11-22T10:00:00Z".parse().unwrap();
        let mut velocity = Velocity::default();
        for minute in 0..5 {
            assert_eq!(velocity.closed_until("crm/Accounts", start), None);
            velocity.count("crm/Accounts", 404, start + Duration::minutes(minute));
        }
        let now = start + Duration::minutes(5);
        assert_eq!(velocity.closed_until("crm/Accounts", now), Some(start + Duration::hours(1)));
        assert_eq!(velocity.closed_until("crm/Contacts", now), None);
        assert_eq!(velocity.closed_until("crm/Accounts", start + Duration::hours(1)), None);
    }

    #[test]
    fn business_errors_and_successes_do_not_count() {
        let now: DateTime<Utc> = "2026-11-22T10:00:00Z".parse().unwrap();
        let mut velocity = Velocity::default();
        for status in [200, 204, 429, 500, 503] {
            assert!(!velocity.count("crm/Accounts", status, now));
        }
    }
}
