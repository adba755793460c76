//! How far the feeds of a division have been read.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use crm_adapters::{Cursor, Error, ErrorKind, Result};
use exact_client::{Guid, WallTime};
use serde::{Deserialize, Serialize};

/// A place in the feeds of the parts, then in that of the records, then in that of deletions, then at the records that
/// parts told something of, and round again.
///
/// Pages go on from the highest timestamp read and hold no address, so that a stored place outlives the server it was
/// read from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// Records up to this timestamp were read.
    pub(super) records: i64,
    /// Deletions up to this timestamp were read.
    pub(super) deleted: i64,
    /// Which feed is next.
    pub(super) turn: Turn,
    /// Parts up to these timestamps were read, by the path of their feed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) parts: BTreeMap<String, i64>,
    /// The part whose feed is next, in the turn of the parts.
    #[serde(default, skip_serializing_if = "is_first")]
    pub(super) part: usize,
    /// The day for which records were told whose figures change by the calendar alone, by the path of the feed of their
    /// parts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) days: BTreeMap<String, NaiveDate>,
    /// Records that something was told of, to be read once at the end of the round.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) unread: BTreeSet<Guid>,
    /// When deletions were read last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) deleted_at: Option<DateTime<Utc>>,
    /// When the division was moved last; another date makes every timestamp worthless.
    pub(super) moved: Option<WallTime>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Turn {
    /// First, so that whatever happens to a part while the records are read for the first time is told after them.
    #[default]
    Parts,
    Records,
    Deleted,
    Unread,
}

fn is_first(part: &usize) -> bool {
    *part == 0
}

impl Place {
    /// The place that a cursor holds; the beginning where there is none or the division was moved since.
    pub(super) fn of(cursor: Option<&Cursor>, moved: Option<WallTime>) -> Result<Self> {
        let start = Self { moved, ..Self::default() };
        let Some(cursor) = cursor else { return Ok(start) };
        let place: Self = serde_json::from_str(cursor.as_str()).map_err(|error| {
            Error::new(ErrorKind::Config, "a stored cursor of Exact cannot be read").with_source(error)
        })?;
        Ok(if place.moved == moved { place } else { start })
    }

    pub(super) fn to_cursor(&self) -> Result<Cursor> {
        let text = serde_json::to_string(self).map_err(|error| {
            Error::new(ErrorKind::Config, "a cursor of Exact cannot be written").with_source(error)
        })?;
        Ok(Cursor::new(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_division_is_read_from_the_start() {
        let moved = |text: &str| serde_json::from_value::<WallTime>(serde_json::json!(text)).ok();
        let place = Place {
            records: 9,
            deleted: 5,
            turn: Turn::Deleted,
            moved: moved("2026-01-01T00:00:00"),
            ..Place::default()
        };
        let cursor = place.to_cursor().unwrap();
        assert_eq!(Place::of(Some(&cursor), moved("2026-01-01T00:00:00")).unwrap(), place);
        let again = Place::of(Some(&cursor), moved("2026-02-01T00:00:00")).unwrap();
        assert_eq!((again.records, again.deleted, again.turn), (0, 0, Turn::Parts));
    }

    #[test]
    fn a_cursor_from_before_there_were_parts_is_read_on() {
        let old = Cursor::new(r#"{"records":9,"deleted":5,"turn":"records","moved":null}"#);
        let place = Place::of(Some(&old), None).unwrap();
        assert_eq!((place.records, place.turn, place.parts.len()), (9, Turn::Records, 0));
        assert_eq!(place.to_cursor().unwrap(), old);
    }
}
