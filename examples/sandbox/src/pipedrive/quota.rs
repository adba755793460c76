//! Requests per rolling two seconds, tokens per day, and the block for those who hammer on.

use std::collections::VecDeque;

use axum::http::StatusCode;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::settings::{PipedriveLimits, PipedriveSettings};
use crate::http::Reply;

const WINDOW: TimeDelta = TimeDelta::seconds(2);
const HAMMERING: TimeDelta = TimeDelta::seconds(10);

const CLOUDFLARE: &str = "<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title></head>\
    <body><h1>Sorry, you have been blocked</h1><p>You are unable to access this service.</p></body></html>";

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Quota {
    requests: VecDeque<DateTime<Utc>>,
    searches: VecDeque<DateTime<Utc>>,
    refused: VecDeque<DateTime<Utc>>,
    blocked_until: Option<DateTime<Utc>>,
    day: NaiveDate,
    tokens: u64,
}

impl Quota {
    /// Counts a request that costs `cost` tokens, or refuses it.
    pub(super) fn take(
        &mut self,
        cost: u64,
        search: bool,
        settings: &PipedriveSettings,
        now: DateTime<Utc>,
    ) -> Result<(), Box<Reply>> {
        if self.blocked_until.is_some_and(|until| now < until) {
            return Err(Box::new(Reply::html(StatusCode::FORBIDDEN, CLOUDFLARE)));
        }
        self.turn(now);
        let limits = &settings.limits;
        let full = self.requests.len() >= limits.burst as usize
            || (search && self.searches.len() >= limits.search_burst as usize);
        if full || self.tokens.saturating_add(cost) > limits.daily_tokens {
            return Err(Box::new(self.refuse(settings, now)));
        }
        self.requests.push_back(now);
        if search {
            self.searches.push_back(now);
        }
        self.tokens += cost;
        Ok(())
    }

    /// Adds the headers of both limits.
    pub(super) fn announce(&self, reply: Reply, limits: &PipedriveLimits, now: DateTime<Utc>) -> Reply {
        let used = u32::try_from(self.requests.len()).unwrap_or(u32::MAX);
        let reset = self
            .requests
            .front()
            .map_or(0, |first| ((*first + WINDOW - now).num_milliseconds() + 999) / 1000);
        reply
            .with_header("x-ratelimit-limit", limits.burst)
            .with_header("x-ratelimit-remaining", limits.burst.saturating_sub(used))
            .with_header("x-ratelimit-reset", reset)
            .with_header("x-daily-ratelimit-token-limit", limits.daily_tokens)
            .with_header("x-daily-ratelimit-token-remaining", limits.daily_tokens.saturating_sub(self.tokens))
    }

    /// 429 as the burst limit gives it.
    pub(super) fn too_many(&self, headers: bool, limits: &PipedriveLimits, now: DateTime<Utc>) -> Reply {
        let body = json!({
            "success": false,
            "error": "Request over limit",
            "error_info": "You have exceeded the rate limit of your company's plan.",
            "errorCode": 429,
        });
        let reply = Reply::json(StatusCode::TOO_MANY_REQUESTS, &body);
        if headers { self.announce(reply, limits, now) } else { reply }
    }

    pub(super) fn usage(&self) -> Value {
        json!({ "tokens_today": self.tokens, "requests_in_window": self.requests.len() })
    }

    fn refuse(&mut self, settings: &PipedriveSettings, now: DateTime<Utc>) -> Reply {
        self.refused.push_back(now);
        if self.refused.len() > settings.block_after as usize {
            self.blocked_until = Some(now + TimeDelta::seconds(settings.block_seconds.into()));
            self.refused.clear();
        }
        self.too_many(settings.limit_headers, &settings.limits, now)
    }

    /// Lets go of what is over.
    fn turn(&mut self, now: DateTime<Utc>) {
        forget(&mut self.requests, now - WINDOW);
        forget(&mut self.searches, now - WINDOW);
        forget(&mut self.refused, now - HAMMERING);
        if self.day != now.date_naive() {
            (self.day, self.tokens) = (now.date_naive(), 0);
        }
    }
}

fn forget(times: &mut VecDeque<DateTime<Utc>>, before: DateTime<Utc>) {
    while times.front().is_some_and(|time| *time <= before) {
        times.pop_front();
    }
}
