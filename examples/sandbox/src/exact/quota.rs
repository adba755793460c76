//! Calls per clock minute and per UTC day, and the block after too many errors.

use std::collections::{HashMap, VecDeque};

use axum::http::StatusCode;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::settings::ExactLimits;
use crate::http::Reply;

/// The use of all divisions by the one app.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Quota {
    use_of: HashMap<i64, Use>,
    errors: HashMap<String, Errors>,
}

/// What one division has had.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Use {
    minute: i64,
    in_minute: u32,
    day: NaiveDate,
    in_day: u32,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Errors {
    times: VecDeque<DateTime<Utc>>,
    blocked_until: Option<DateTime<Utc>>,
}

impl Quota {
    /// Counts a call, or refuses it with the headers of the limit that is spent.
    pub(super) fn take(
        &mut self,
        division: i64,
        limits: &ExactLimits,
        now: DateTime<Utc>,
    ) -> Result<(), Box<Reply>> {
        let used = self.current(division, now);
        if used.in_day >= limits.day {
            return Err(Box::new(self.refusal(division, limits, now, Group::Day)));
        }
        if used.in_minute >= limits.minute {
            return Err(Box::new(self.refusal(division, limits, now, Group::Minute)));
        }
        let used = self.use_of.entry(division).or_default();
        used.in_day += 1;
        used.in_minute += 1;
        Ok(())
    }

    /// Adds both groups of limit headers.
    pub(super) fn announce(
        &self,
        reply: Reply,
        division: i64,
        limits: &ExactLimits,
        now: DateTime<Utc>,
    ) -> Reply {
        let used = self.use_of.get(&division).copied().unwrap_or_default();
        headers(headers(reply, used, limits, now, Group::Day), used, limits, now, Group::Minute)
    }

    /// 429 as the minute limit gives it.
    pub(super) fn spent(&self, division: i64, limits: &ExactLimits, now: DateTime<Utc>) -> Reply {
        self.refusal(division, limits, now, Group::Minute)
    }

    /// Whether an endpoint is closed after too many errors. A call while it is closed keeps it closed.
    pub(super) fn is_blocked(&mut self, endpoint: &str, now: DateTime<Utc>) -> bool {
        let Some(errors) = self.errors.get_mut(endpoint) else { return false };
        let blocked = errors.blocked_until.is_some_and(|until| now < until);
        if blocked {
            errors.blocked_until = Some(now + TimeDelta::hours(1));
        }
        blocked
    }

    /// Counts an answer with 400, 401, 403 or 404.
    pub(super) fn error(&mut self, endpoint: &str, limits: &ExactLimits, now: DateTime<Utc>) {
        let errors = self.errors.entry(endpoint.to_owned()).or_default();
        errors.times.push_back(now);
        while errors.times.front().is_some_and(|time| now - *time > TimeDelta::hours(1)) {
            errors.times.pop_front();
        }
        if errors.times.len() >= limits.errors_per_hour as usize {
            errors.blocked_until = Some(now + TimeDelta::hours(1));
        }
    }

    pub(super) fn usage(&self) -> Value {
        let divisions = self.use_of.iter().map(|(division, used)| {
            (division.to_string(), json!({ "minute": used.in_minute, "day": used.in_day }))
        });
        Value::Object(divisions.collect())
    }

    /// The division's use, with minute and day begun anew where they are over.
    fn current(&mut self, division: i64, now: DateTime<Utc>) -> Use {
        let used = self.use_of.entry(division).or_default();
        let (minute, day) = (minute_of(now), now.date_naive());
        if used.minute != minute {
            (used.minute, used.in_minute) = (minute, 0);
        }
        if used.day != day {
            (used.day, used.in_day) = (day, 0);
        }
        *used
    }

    fn refusal(&self, division: i64, limits: &ExactLimits, now: DateTime<Utc>, group: Group) -> Reply {
        let used = self.use_of.get(&division).copied().unwrap_or_default();
        headers(Reply::empty(StatusCode::TOO_MANY_REQUESTS), used, limits, now, group)
    }
}

#[derive(Clone, Copy, Debug)]
enum Group {
    Minute,
    Day,
}

fn headers(reply: Reply, used: Use, limits: &ExactLimits, now: DateTime<Utc>, group: Group) -> Reply {
    match group {
        Group::Minute => reply
            .with_header("x-ratelimit-minutely-limit", limits.minute)
            .with_header("x-ratelimit-minutely-remaining", limits.minute.saturating_sub(used.in_minute))
            .with_header("x-ratelimit-minutely-reset", (minute_of(now) + 1) * 60_000),
        Group::Day => reply
            .with_header("x-ratelimit-limit", limits.day)
            .with_header("x-ratelimit-remaining", limits.day.saturating_sub(used.in_day))
            .with_header("x-ratelimit-reset", (now.timestamp().div_euclid(86_400) + 1) * 86_400_000),
    }
}

fn minute_of(now: DateTime<Utc>) -> i64 {
    now.timestamp().div_euclid(60)
}
