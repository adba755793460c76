//! How far the feed has been walked, and how to walk on.
//!
//! A walk goes over everything from `since` on, ordered by the time of the last change. A record that changes
//! meanwhile moves to the end and is seen again, so nothing is missed; the first walk goes in the same order, because
//! a walk by id would miss a record that changes behind its back unless it trusted somebody's clock.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use crate::change::Cursor;
use crate::error::{Error, ErrorKind, Result};

/// What changes within the newest second and its neighbours may show late; it is read again.
const OVERLAP: i64 = 2;
/// So long after the newest change nothing can come that bears its time.
const SETTLED: i64 = 10;

/// The state of a walk. All times are seconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Walk {
    /// Where the walk began; everything where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<i64>,
    /// The vendor's cursor of the next page of this walk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<String>,
    /// The newest change seen on this walk.
    #[serde(skip_serializing_if = "Option::is_none")]
    newest: Option<i64>,
    /// The vendor's time when the walk began.
    #[serde(skip_serializing_if = "Option::is_none")]
    began: Option<i64>,
    /// Pages of this walk so far.
    #[serde(skip_serializing_if = "is_zero")]
    pages: u64,
    /// An earlier page's cursor, to notice a walk in circles (Brent's algorithm: it moves on at powers of two).
    #[serde(skip_serializing_if = "Option::is_none")]
    mark: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
fn is_zero(pages: &u64) -> bool {
    *pages == 0
}

/// A walk over each of a kind's lists: the first one always, then the others where it is time for them again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Walks {
    walks: Vec<Walk>,
    /// Whose page is next.
    turn: usize,
    /// The vendor's time when the others were begun, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    others: Option<i64>,
}

impl Walks {
    pub(super) fn parse(cursor: Option<&Cursor>, lists: usize) -> Result<Self> {
        let mut walks = match cursor {
            None => Self::default(),
            Some(_) if lists == 1 => Self { walks: vec![Walk::parse(cursor)?], ..Self::default() },
            Some(cursor) => serde_json::from_str(cursor.as_str()).map_err(foreign)?,
        };
        walks.walks.resize(lists, Walk::default());
        walks.turn = walks.turn.min(lists.saturating_sub(1));
        Ok(walks)
    }

    /// The list whose page is next, and how far it was walked.
    pub(super) fn current(&self) -> (usize, Walk) {
        (self.turn, self.walks.get(self.turn).cloned().unwrap_or_default())
    }

    /// After a page that the vendor sent at this time; whether another one is waiting. The last list's end is the end, or
    /// that of the first where the others were looked at less than `every` seconds ago.
    pub(super) fn go_on(&mut self, walk: Walk, more: bool, date: Option<i64>, every: i64) -> bool {
        if let Some(current) = self.walks.get_mut(self.turn) {
            *current = walk;
        }
        if more {
            return true;
        }
        if self.turn == 0 {
            let past = self.others.zip(date).map(|(begun, date)| date.saturating_sub(begun));
            if past.is_some_and(|past| (0..every).contains(&past)) {
                return false;
            }
            self.others = date;
        }
        self.turn = (self.turn + 1) % self.walks.len().max(1);
        self.turn != 0
    }

    pub(super) fn to_cursor(&self) -> Result<Cursor> {
        match self.walks.as_slice() {
            [walk] => walk.to_cursor(),
            _ => cursor(self),
        }
    }
}

fn cursor<T: Serialize>(state: &T) -> Result<Cursor> {
    let text = serde_json::to_string(state)
        .map_err(|error| Error::new(ErrorKind::Decode, "no cursor can be made").with_source(error))?;
    Ok(Cursor::new(text))
}

fn foreign(error: serde_json::Error) -> Error {
    Error::new(ErrorKind::Config, "this cursor is not one of the Pipedrive adapter")
        .with_source(error)
        .with_remedy("read the feed from its beginning")
}

/// What a page has told.
#[derive(Debug)]
pub(super) struct Seen {
    /// The newest change on it.
    pub(super) newest: Option<i64>,
    /// The vendor's time when it answered.
    pub(super) date: Option<i64>,
    /// Its cursor to the next page.
    pub(super) next: Option<String>,
}

impl Walk {
    pub(super) fn parse(cursor: Option<&Cursor>) -> Result<Self> {
        let Some(cursor) = cursor else { return Ok(Self::default()) };
        serde_json::from_str(cursor.as_str()).map_err(foreign)
    }

    pub(super) fn to_cursor(&self) -> Result<Cursor> {
        cursor(self)
    }

    /// The lower bound as Pipedrive wants it: whole seconds, anything finer is refused.
    pub(super) fn updated_since(&self) -> Option<String> {
        let moment: DateTime<Utc> = DateTime::from_timestamp(self.since?, 0)?;
        Some(moment.to_rfc3339_opts(SecondsFormat::Secs, true))
    }

    /// The walk after a page; `None` when the page's cursor was there before.
    pub(super) fn after(mut self, page: Seen) -> Option<Self> {
        self.newest = self.newest.max(page.newest);
        if self.pages == 0 {
            self.began = page.date;
        }
        let Some(next) = page.next else { return Some(self.ended()) };
        if self.next.as_ref() == Some(&next) || self.mark.as_ref() == Some(&next) {
            return None;
        }
        self.pages += 1;
        if self.pages.is_power_of_two() {
            self.mark = Some(next.clone());
        }
        self.next = Some(next);
        Some(self)
    }

    /// The walk after a page of version 1, which counts positions, and whether there is more.
    ///
    /// A record that changes moves to the end, and all behind it move up by one: the next position would skip one.
    /// So the walk goes on by time, and by position only within one second.
    pub(super) fn after_position(mut self, page: Seen) -> Option<(Self, bool)> {
        self.newest = self.newest.max(page.newest);
        if self.pages == 0 {
            self.began = page.date;
        }
        let Some(next) = page.next else { return Some((self.ended(), false)) };
        let position = |text: &str| text.parse::<u64>().ok();
        self.pages += 1;
        if self.newest > self.since && self.newest.is_some() {
            (self.since, self.next) = (self.newest, None);
        } else if position(&next) > self.next.as_deref().and_then(position) {
            self.next = Some(next);
        } else {
            return None;
        }
        Some((self, true))
    }

    /// The same walk without its page cursor, which the vendor does not take any more: what was seen stays seen.
    pub(super) fn restarted(&self) -> Self {
        let seen = self.newest.map(|newest| newest.saturating_sub(OVERLAP));
        Self { since: seen.max(self.since), ..Self::default() }
    }

    /// The next walk. On a quiet account it begins behind the newest change and returns nothing.
    fn ended(self) -> Self {
        let since = self.newest.map(|newest| match self.began {
            Some(began) if began > newest.saturating_add(SETTLED) => newest.saturating_add(1),
            _ => newest.saturating_sub(OVERLAP),
        });
        Self { since: since.or(self.since), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn page(newest: Option<i64>, date: Option<i64>, next: Option<&str>) -> Seen {
        Seen { newest, date, next: next.map(str::to_owned) }
    }

    #[test]
    fn the_next_walk_begins_two_seconds_before_the_newest_change() {
        let table = [
            (1_000, None, 998),
            (1_000, Some(1_000), 998),
            (1_000, Some(1_010), 998),
            (1_000, Some(1_011), 1_001),
        ];
        for (newest, date, since) in table {
            let next = Walk::default().after(page(Some(newest), date, None)).unwrap();
            assert_eq!(next, Walk { since: Some(since), ..Walk::default() }, "{newest} {date:?}");
        }
    }

    #[test]
    fn only_the_first_page_tells_when_a_walk_began() {
        let walk = Walk::default().after(page(Some(5), Some(6), Some("a"))).unwrap();
        let next = walk.after(page(Some(7), Some(5_000), None)).unwrap();
        assert_eq!(next.since, Some(5));
    }

    #[test]
    fn a_walk_that_saw_nothing_begins_again_where_it_began() {
        let walk = Walk { since: Some(1_000), ..Walk::default() };
        assert_eq!(walk.clone().after(page(None, Some(9_000), None)), Some(walk));
    }

    #[test]
    fn a_refused_page_cursor_goes_on_from_what_was_seen() {
        let walk =
            Walk { since: Some(10), ..Walk::default() }.after(page(Some(500), None, Some("a"))).unwrap();
        assert_eq!(walk.restarted(), Walk { since: Some(498), ..Walk::default() });
        let unseen = Walk { since: Some(10), next: Some("a".to_owned()), ..Walk::default() };
        assert_eq!(unseen.restarted(), Walk { since: Some(10), ..Walk::default() });
    }

    #[test]
    fn the_lower_bound_is_whole_seconds() {
        let walk = Walk { since: Some(1_767_225_600), ..Walk::default() };
        assert_eq!(walk.updated_since().unwrap(), "2026-01-01T00:00:00Z");
    }

    #[test]
    fn a_foreign_cursor_is_refused() {
        assert_eq!(Walk::parse(Some(&Cursor::new("12345"))).unwrap_err().kind(), ErrorKind::Config);
    }

    #[test]
    fn a_walk_by_position_goes_on_by_time_and_by_position_only_within_a_second() {
        let (walk, more) = Walk::default().after_position(page(Some(50), Some(99), Some("500"))).unwrap();
        assert_eq!((walk.since, walk.next.as_deref(), more), (Some(50), None, true));
        let (walk, _) = walk.after_position(page(Some(50), Some(99), Some("500"))).unwrap();
        assert_eq!((walk.since, walk.next.as_deref()), (Some(50), Some("500")));
        assert!(walk.clone().after_position(page(Some(50), None, Some("500"))).is_none(), "a circle");
        let (walk, more) = walk.after_position(page(Some(51), None, None)).unwrap();
        assert_eq!((walk, more), (Walk { since: Some(52), ..Walk::default() }, false));
    }

    #[test]
    fn the_lists_of_a_kind_are_walked_one_after_the_other() {
        let mut walks = Walks::parse(None, 2).unwrap();
        assert!(walks.go_on(Walk { since: Some(1), ..Walk::default() }, false, None, 900));
        assert_eq!(walks.current(), (1, Walk::default()));
        let mut walks = Walks::parse(Some(&walks.to_cursor().unwrap()), 2).unwrap();
        assert!(!walks.go_on(Walk { since: Some(2), ..Walk::default() }, false, None, 900));
        assert_eq!(walks.current(), (0, Walk { since: Some(1), ..Walk::default() }));
    }

    #[test]
    fn the_other_lists_are_walked_again_when_it_is_time() {
        let mut walks = Walks::parse(None, 2).unwrap();
        // The vendor's clock may be set back: then it is time.
        for (date, due) in
            [(1_000, true), (1_899, false), (1_900, true), (2_000, false), (1_950, false), (50, true)]
        {
            assert_eq!(walks.go_on(Walk::default(), false, Some(date), 900), due, "{date}");
            if due {
                assert!(!walks.go_on(Walk::default(), false, Some(date), 900));
            }
            walks = Walks::parse(Some(&walks.to_cursor().unwrap()), 2).unwrap();
        }
    }

    proptest! {
        #[test]
        fn a_cursor_survives_being_stored(
            since in proptest::option::of(0_i64..4_000_000_000),
            next in proptest::option::of(".*"),
            newest in proptest::option::of(0_i64..4_000_000_000),
            pages in 0_u64..1_000,
        ) {
            let walk = Walk { since, next, newest, pages, ..Walk::default() };
            prop_assert_eq!(Walk::parse(Some(&walk.to_cursor().unwrap())).unwrap(), walk);
        }

        #[test]
        fn every_circle_of_page_cursors_is_noticed(lead in 0_usize..40, length in 1_usize..40) {
            let mut walk = Walk::default();
            let mut noticed = false;
            for step in 0..(lead + length) * 4 + 4 {
                let at = if step < lead { step } else { lead + (step - lead) % length };
                match walk.clone().after(page(Some(1), None, Some(&at.to_string()))) {
                    Some(next) => walk = next,
                    None => { noticed = true; break }
                }
            }
            prop_assert!(noticed);
        }

        #[test]
        fn walks_on_end_in_nothing_new_and_never_skip_the_newest_second_too_early(
            times in proptest::collection::vec(0_i64..100_000, 1..50),
            lag in 0_i64..100,
        ) {
            let newest = *times.iter().max().unwrap();
            let began = newest + lag;
            let next = Walk::default().after(page(Some(newest), Some(began), None)).unwrap();
            let since = next.since.unwrap();
            prop_assert!(since <= newest + 1);
            prop_assert_eq!(since > newest, lag > SETTLED);
        }
    }
}
