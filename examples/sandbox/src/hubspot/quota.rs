//! Requests in ten rolling seconds and in a day, searches in a second.

use std::collections::VecDeque;

use axum::http::StatusCode;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Europe::Amsterdam;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::settings::HubSpotLimits;
use crate::http::Reply;

const WINDOW: TimeDelta = TimeDelta::seconds(10);
const SECOND: TimeDelta = TimeDelta::seconds(1);

#[derive(Clone, Copy, Debug)]
pub(super) enum Policy {
    TenSecondly,
    Daily,
    Secondly,
}

impl Policy {
    pub(super) fn refusal(self) -> Refusal {
        let (name, text) = match self {
            Self::TenSecondly => ("TEN_SECONDLY_ROLLING", "ten_secondly_rolling"),
            Self::Daily => ("DAILY", "daily"),
            Self::Secondly => ("SECONDLY", "secondly"),
        };
        let message = format!("You have reached your {text} limit.");
        Refusal::new(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITS", message)
            .with("errorType", json!("RATE_LIMIT"))
            .with("policyName", json!(name))
    }
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Quota {
    requests: VecDeque<DateTime<Utc>>,
    searches: VecDeque<DateTime<Utc>>,
    day: NaiveDate,
    today: u32,
}

impl Quota {
    /// Counts a request, or names the policy that refuses it.
    pub(super) fn take(
        &mut self,
        search: bool,
        daily: bool,
        limits: &HubSpotLimits,
        now: DateTime<Utc>,
    ) -> Result<(), Policy> {
        forget(&mut self.requests, now - WINDOW);
        forget(&mut self.searches, now - SECOND);
        // The day ends at midnight in the account's own time zone.
        let day = now.with_timezone(&Amsterdam).date_naive();
        if self.day != day {
            (self.day, self.today) = (day, 0);
        }
        if daily && self.today >= limits.day {
            return Err(Policy::Daily);
        }
        if self.requests.len() >= limits.ten_seconds as usize {
            return Err(Policy::TenSecondly);
        }
        if search && self.searches.len() >= limits.search_second as usize {
            return Err(Policy::Secondly);
        }
        self.requests.push_back(now);
        if search {
            self.searches.push_back(now);
        }
        self.today += u32::from(daily);
        Ok(())
    }

    /// Adds the limit headers; those of the day only where there is a daily limit.
    pub(super) fn announce(&self, reply: Reply, daily: bool, limits: &HubSpotLimits) -> Reply {
        let used = u32::try_from(self.requests.len()).unwrap_or(u32::MAX);
        let reply = reply
            .with_header("x-hubspot-ratelimit-max", limits.ten_seconds)
            .with_header("x-hubspot-ratelimit-remaining", limits.ten_seconds.saturating_sub(used))
            .with_header("x-hubspot-ratelimit-interval-milliseconds", WINDOW.num_milliseconds());
        if !daily {
            return reply;
        }
        reply
            .with_header("x-hubspot-ratelimit-daily", limits.day)
            .with_header("x-hubspot-ratelimit-daily-remaining", limits.day.saturating_sub(self.today))
    }

    pub(super) fn today(&self) -> u32 {
        self.today
    }

    pub(super) fn usage(&self) -> Value {
        json!({ "requests_today": self.today, "requests_in_window": self.requests.len() })
    }
}

fn forget(times: &mut VecDeque<DateTime<Utc>>, before: DateTime<Utc>) {
    while times.front().is_some_and(|time| *time <= before) {
        times.pop_front();
    }
}
