//! What the headers of an answer say of the limits.

use chrono::{DateTime, Utc};
use http::HeaderMap;

use crate::http::date;

/// What an answer says about the limits. A header that is missing says nothing; it is not zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RateHeaders {
    pub(crate) minute: Window,
    pub(crate) day: Window,
    /// The server's own clock, to read its reset times on a machine whose clock differs.
    pub(crate) date: Option<DateTime<Utc>>,
}

/// One group of headers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) limit: Option<u64>,
    pub(crate) remaining: Option<u64>,
    pub(crate) reset: Option<DateTime<Utc>>,
}

impl Window {
    pub(crate) fn is_present(&self) -> bool {
        self.limit.is_some() || self.remaining.is_some() || self.reset.is_some()
    }
}

impl RateHeaders {
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        Self {
            minute: window(headers, "x-ratelimit-minutely-"),
            day: window(headers, "x-ratelimit-"),
            date: date(headers),
        }
    }
}

fn window(headers: &HeaderMap, prefix: &str) -> Window {
    let number =
        |name: &str| -> Option<i64> { text(headers, &format!("{prefix}{name}"))?.trim().parse().ok() };
    Window {
        limit: number("limit").and_then(|limit| u64::try_from(limit).ok()).filter(|limit| *limit > 0),
        remaining: number("remaining").map(|left| u64::try_from(left).unwrap_or(0)),
        reset: number("reset").and_then(DateTime::from_timestamp_millis),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_daily_group_is_not_zero() {
        let mut headers = HeaderMap::new();
        headers.insert("X-RateLimit-Minutely-Limit", "60".parse().unwrap());
        headers.insert("X-RateLimit-Minutely-Remaining", "0".parse().unwrap());
        headers.insert("X-RateLimit-Minutely-Reset", "1683879540000".parse().unwrap());
        let read = RateHeaders::read(&headers);
        assert_eq!(read.day, Window::default());
        assert_eq!(read.minute.remaining, Some(0));
        assert_eq!(read.minute.reset.unwrap().to_rfc3339(), "2023-05-12T08:19:00+00:00");
    }

    #[test]
    fn nonsense_says_nothing() {
        let mut headers = HeaderMap::new();
        headers.insert("X-RateLimit-Limit", "many".parse().unwrap());
        headers.insert("X-RateLimit-Reset", "9223372036854775807".parse().unwrap());
        assert_eq!(RateHeaders::read(&headers).day, Window::default());
    }
}
