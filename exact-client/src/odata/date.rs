//! `/Date(ms)/`: Amsterdam's wall clock dressed up as epoch milliseconds.

use std::fmt;

use chrono::{DateTime, Duration, LocalResult, NaiveDate, NaiveDateTime, SubsecRound as _, TimeZone, Utc};
use chrono_tz::Europe::Amsterdam;
use serde::{Deserialize, Serialize};

/// A time as the clock on Exact's wall shows it: Amsterdam's, without a zone.
///
/// Exact sends it as milliseconds that look like UTC and are not; filters compare it the same way. Going to a true
/// instant needs the zone: the hour that comes twice in autumn is taken as the first one (summer time), and the
/// hour that does not exist in spring as the one after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WallTime(NaiveDateTime);

impl WallTime {
    /// The time that the wall clock shows.
    #[must_use]
    pub const fn new(time: NaiveDateTime) -> Self {
        Self(time)
    }

    /// What the wall clock shows at that instant.
    #[must_use]
    pub fn from_utc(instant: DateTime<Utc>) -> Self {
        Self(instant.with_timezone(&Amsterdam).naive_local())
    }

    /// What the wall clock shows.
    #[must_use]
    pub const fn naive(self) -> NaiveDateTime {
        self.0
    }

    /// The calendar day.
    #[must_use]
    pub fn date(self) -> NaiveDate {
        self.0.date()
    }

    /// The true instant.
    #[must_use]
    pub fn to_utc(self) -> DateTime<Utc> {
        match Amsterdam.from_local_datetime(&self.0) {
            LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => time.to_utc(),
            LocalResult::None => {
                let later = self.0.checked_add_signed(Duration::hours(1)).unwrap_or(self.0);
                Amsterdam
                    .from_local_datetime(&later)
                    .earliest()
                    .map_or_else(|| self.0.and_utc(), |time| time.to_utc())
            }
        }
    }

    /// Reads `/Date(ms)/`, an offset behind the milliseconds ignored, or ISO 8601 without a zone.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let Some(inner) = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")) else {
            return parse_iso(text).map(Self);
        };
        let sign = inner.starts_with('-');
        let digits = inner.get(usize::from(sign)..)?;
        let end = digits.find(['+', '-']).unwrap_or(digits.len());
        let millis: i64 = digits.get(..end)?.parse().ok()?;
        let millis = if sign { millis.checked_neg()? } else { millis };
        DateTime::from_timestamp_millis(millis).map(|time| Self(time.naive_utc()))
    }
}

/// To the millisecond, which is as far as Exact counts. The library would take blanks before any number too.
fn parse_iso(text: &str) -> Option<NaiveDateTime> {
    if text.contains(char::is_whitespace) {
        return None;
    }
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
        .ok()
        .or_else(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().and_then(|day| day.and_hms_opt(0, 0, 0)))
        .map(|time| time.trunc_subsecs(3))
}

/// ISO 8601 without a zone, which is how Exact takes it.
impl fmt::Display for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.format("%Y-%m-%dT%H:%M:%S%.3f").fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn milliseconds_are_wall_clock_and_not_utc() {
        // Recorded: made at 14:21:04 GMT in June, when Amsterdam was two hours ahead.
        let time = WallTime::parse("/Date(1782404464260)/").unwrap();
        assert_eq!(time.to_string(), "2026-06-25T16:21:04.260");
        assert_eq!(time.to_utc(), utc("2026-06-25T14:21:04.260Z"));
        assert_eq!(WallTime::from_utc(time.to_utc()), time);
    }

    #[test]
    fn a_date_only_value_keeps_its_day() {
        let day = WallTime::parse("/Date(1723420800000)/").unwrap().date();
        assert_eq!(day, NaiveDate::from_ymd_opt(2024, 8, 12).unwrap());
    }

    #[test]
    fn the_hour_that_comes_twice_is_the_first_and_the_missing_hour_is_the_next() {
        let twice = WallTime::parse("2026-10-25T02:30:00").unwrap();
        assert_eq!(twice.to_utc(), utc("2026-10-25T00:30:00Z"));
        let missing = WallTime::parse("2026-03-29T02:30:00").unwrap();
        assert_eq!(missing.to_utc(), utc("2026-03-29T01:30:00Z"));
    }

    #[test]
    fn odd_forms_are_read_and_broken_ones_refused() {
        for (text, iso) in [
            ("/Date(-86400000)/", "1969-12-31T00:00:00.000"),
            ("/Date(1693305032863+0200)/", "2023-08-29T10:30:32.863"),
            ("2026-01-31T13:45:00.123", "2026-01-31T13:45:00.123"),
            ("2026-01-31T13:45:00.1239", "2026-01-31T13:45:00.123"),
            ("2026-01-31", "2026-01-31T00:00:00.000"),
        ] {
            assert_eq!(WallTime::parse(text).unwrap().to_string(), iso);
        }
        for text in [
            "",
            "/Date()/",
            "/Date(x)/",
            "/Date(99999999999999999999)/",
            "/Date(9223372036854775807)/",
            "/Date(-)/",
            "2026-\r1-31T06:45:00",
        ] {
            assert_eq!(WallTime::parse(text), None, "{text}");
        }
    }
}
