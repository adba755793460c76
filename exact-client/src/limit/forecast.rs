//! How long so many calls take, given what is used already.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

const MINUTE: u64 = 60;
const MINUTES_OF_A_DAY: u64 = 24 * 60;

/// What so many calls cost: time, and a share of the day.
///
/// `Display` says it for people: `1,240 calls: 21 minutes, 25 % of the day`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Forecast {
    /// The calls.
    pub calls: u64,
    /// How long they take at most, if they start now and nothing else calls: until the end of the clock minute in
    /// which the last one leaves.
    pub takes: Duration,
    /// When that is.
    pub done_by: DateTime<Utc>,
    /// How much of one day's limit they are, in hundredths, rounded up; more than 100 where they need several days.
    pub day_percent: u64,
}

/// What is left, as the ledger sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Room {
    pub(super) now: DateTime<Utc>,
    /// What this clock minute still allows, and every later one.
    pub(super) minute_left: u64,
    pub(super) minute: u64,
    /// When the next minute allows calls.
    pub(super) minute_opens: DateTime<Utc>,
    /// What this day still allows, and every later one.
    pub(super) day_left: u64,
    pub(super) day: u64,
    /// When the next day allows calls.
    pub(super) day_opens: DateTime<Utc>,
    /// The day's limit for everybody, of which a share is told.
    pub(super) day_limit: u64,
}

impl Forecast {
    pub(super) fn new(calls: u64, room: &Room) -> Self {
        let done_by = room.done_by(calls);
        Self {
            calls,
            takes: (done_by - room.now).to_std().unwrap_or_default(),
            done_by,
            day_percent: calls.saturating_mul(100).div_ceil(room.day_limit.max(1)),
        }
    }
}

impl Room {
    /// The end of the minute in which the last of so many calls leaves.
    fn done_by(&self, calls: u64) -> DateTime<Utc> {
        if calls == 0 {
            return self.now;
        }
        let at_once = self.minute_left.min(self.day_left);
        if calls <= at_once {
            return minute_after(self.now);
        }
        // The rest of today, from the next minute on.
        let (calls, day_left) = (calls - at_once, self.day_left - at_once);
        let minutes =
            (self.day_opens - self.minute_opens).num_seconds().max(0).unsigned_abs().div_ceil(MINUTE);
        let today = day_left.min(minutes.saturating_mul(self.minute));
        if calls <= today {
            return minutes_later(self.minute_opens, calls.div_ceil(self.minute.max(1)));
        }
        // Whole days, and the part of the last one.
        let calls = calls - today;
        let a_day = self.day.min(MINUTES_OF_A_DAY.saturating_mul(self.minute)).max(1);
        let days = (calls - 1) / a_day;
        let last = (calls - days * a_day).div_ceil(self.minute.max(1));
        minutes_later(self.day_opens, days.saturating_mul(MINUTES_OF_A_DAY).saturating_add(last))
    }
}

/// The end of the clock minute of that moment.
fn minute_after(moment: DateTime<Utc>) -> DateTime<Utc> {
    let next = (moment.timestamp().div_euclid(60) + 1).saturating_mul(60);
    DateTime::from_timestamp(next, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn minutes_later(moment: DateTime<Utc>, minutes: u64) -> DateTime<Utc> {
    let passed = i64::try_from(minutes).ok().and_then(TimeDelta::try_minutes);
    passed.and_then(|passed| moment.checked_add_signed(passed)).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

impl fmt::Display for Forecast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}, ", counted(self.calls, "call"), rough(self.takes))?;
        write!(f, "{} % of the day", grouped(self.day_percent))
    }
}

/// A duration in the two largest units that matter, rounded up to whole minutes.
fn rough(duration: Duration) -> String {
    let minutes = duration.as_secs().saturating_add(u64::from(duration.subsec_nanos() > 0)).div_ceil(MINUTE);
    let (days, hours, rest) = (minutes / MINUTES_OF_A_DAY, minutes / 60 % 24, minutes % 60);
    match (days, hours) {
        (0, 0) => counted(rest, "minute"),
        (0, _) => format!("{} {}", counted(hours, "hour"), counted(rest, "minute")),
        _ => format!("{} {}", counted(days, "day"), counted(hours, "hour")),
    }
}

fn counted(number: u64, unit: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {unit}{plural}", grouped(number))
}

/// 1240 as 1,240.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn room(now: &str, minute_left: u64, day_left: u64) -> Room {
        let now = at(now);
        let midnight = (now.timestamp().div_euclid(86_400) + 1) * 86_400;
        Room {
            now,
            minute_left,
            minute: 60,
            minute_opens: minute_after(now),
            day_left,
            day: 5_000,
            day_opens: DateTime::from_timestamp(midnight, 0).unwrap(),
            day_limit: 5_000,
        }
    }

    #[test]
    fn a_forecast_reads_as_a_person_says_it() {
        let cases = [
            (room("2026-11-23T10:00:00Z", 60, 5_000), 1_240, "1,240 calls: 21 minutes, 25 % of the day"),
            (room("2026-11-23T10:00:20Z", 60, 5_000), 1, "1 call: 1 minute, 1 % of the day"),
            (room("2026-11-23T10:00:20Z", 60, 5_000), 0, "0 calls: 0 minutes, 0 % of the day"),
            (
                room("2026-11-23T10:00:00Z", 60, 5_000),
                5_000,
                "5,000 calls: 1 hour 24 minutes, 100 % of the day",
            ),
            (
                room("2026-11-23T12:00:00Z", 60, 5_000),
                12_000,
                "12,000 calls: 1 day 12 hours, 240 % of the day",
            ),
            (room("2026-11-23T12:00:00Z", 0, 0), 10, "10 calls: 12 hours 1 minute, 1 % of the day"),
        ];
        for (room, calls, text) in cases {
            assert_eq!(Forecast::new(calls, &room).to_string(), text);
        }
    }

    #[test]
    fn what_is_used_of_minute_and_day_counts() {
        let used = room("2026-11-23T10:00:20Z", 10, 100);
        assert_eq!(Forecast::new(10, &used).done_by, at("2026-11-23T10:01:00Z"));
        assert_eq!(Forecast::new(11, &used).done_by, at("2026-11-23T10:02:00Z"));
        assert_eq!(Forecast::new(100, &used).done_by, at("2026-11-23T10:03:00Z"));
        assert_eq!(Forecast::new(101, &used).done_by, at("2026-11-24T00:01:00Z"));
        assert_eq!(Forecast::new(100 + 5_001, &used).done_by, at("2026-11-25T00:01:00Z"));
    }

    #[test]
    fn absurd_numbers_end_far_in_the_future_and_do_not_overflow() {
        let forecast = Forecast::new(u64::MAX, &room("2026-11-23T10:00:20Z", 10, 100));
        assert!(forecast.done_by > at("9999-01-01T00:00:00Z"));
        assert!(!forecast.to_string().is_empty());
    }
}
