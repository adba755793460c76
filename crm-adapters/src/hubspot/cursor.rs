//! How far the feed has been read, and what to ask for next. Pure.
//!
//! The first walk is the plain list, by id. From then on changes are searched for by their time, always from the last
//! time seen and never by the search's own page numbers: those end at 10,000 records, and skip one whenever a record
//! that was read already moves to the end. Records of one millisecond are told apart by their ids; when there are more
//! of them than fit into a filter, that millisecond is walked by id. What the index shows late is read again.

use serde::{Deserialize, Serialize};

use crate::change::Cursor;
use crate::error::{Error, ErrorKind, Result};

/// How late the search may show a change, in milliseconds. HubSpot promises nothing; it is seconds as a rule.
pub(super) const LAG: i64 = 60_000;
/// As many ids as one filter names.
const NAMED: usize = 100;

/// The state of a walk. All times are milliseconds since 1970, by the vendor's clock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Walk {
    pub(super) step: Step,
    /// When this walk began.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    began: Option<i64>,
    /// The newest change seen on it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    newest: Option<i64>,
    /// Up to when archived records were told.
    #[serde(default)]
    pub(super) archived_until: i64,
}

/// What to ask for next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    /// The list of all records.
    List(Option<String>),
    /// The changes since a time.
    Search(i64, Position),
    /// The list of archived records; afterwards the changes since that time.
    Archived(Option<String>, i64),
}

impl Default for Step {
    fn default() -> Self {
        Self::List(None)
    }
}

/// Where among the records that changed at one time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Position {
    /// Before all of them.
    First,
    /// Behind these.
    Behind(Vec<String>),
    /// Behind this id, with nothing but that time.
    Within(u64),
    /// Behind all of them.
    Last,
}

/// What a page has told.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The time and the id of each record.
    pub(super) records: Vec<(Option<i64>, String)>,
    /// The vendor's time when it answered.
    pub(super) date: i64,
    /// The vendor's cursor to the next page, or a sign that there is one.
    pub(super) next: Option<String>,
}

impl Walk {
    pub(super) fn parse(cursor: Option<&Cursor>) -> Result<Self> {
        let Some(cursor) = cursor else { return Ok(Self::default()) };
        serde_json::from_str(cursor.as_str()).map_err(|error| {
            Error::new(ErrorKind::Config, "this cursor is not one of the HubSpot adapter")
                .with_source(error)
                .with_remedy("read the feed from its beginning")
        })
    }

    pub(super) fn to_cursor(&self) -> Result<Cursor> {
        let text = serde_json::to_string(self)
            .map_err(|error| Error::new(ErrorKind::Decode, "no cursor can be made").with_source(error))?;
        Ok(Cursor::new(text))
    }

    /// The same walk where the vendor does not take its list's cursor any more.
    pub(super) fn restarted(&self) -> Option<Self> {
        let step = match &self.step {
            Step::List(Some(_)) => Step::List(None),
            Step::Archived(Some(_), from) => Step::Archived(None, *from),
            _ => return None,
        };
        Some(Self { step, ..self.clone() })
    }

    /// The walk after a page, and whether another page is waiting now. Archived records are looked for so often, in
    /// milliseconds.
    pub(super) fn after(mut self, page: Seen, archived_every: i64) -> (Self, bool) {
        let began = *self.began.get_or_insert(page.date);
        match self.step.clone() {
            Step::List(_) => match page.next {
                Some(next) => (Self { step: Step::List(Some(next)), ..self }, true),
                None => {
                    let step = Step::Search(began.saturating_sub(LAG), Position::First);
                    (Self { step, began: None, newest: None, archived_until: began }, false)
                }
            },
            Step::Archived(_, from) => match page.next {
                Some(next) => (Self { step: Step::Archived(Some(next), from), ..self }, true),
                None => {
                    let step = Step::Search(from, Position::First);
                    (Self { step, began: None, newest: None, archived_until: began }, false)
                }
            },
            Step::Search(from, position) => {
                self.newest = self.newest.max(page.records.iter().filter_map(|(time, _)| *time).max());
                match onward(from, position, &page) {
                    Some(step) => (Self { step, ..self }, true),
                    None => self.ended(from, began, archived_every),
                }
            }
        }
    }

    /// The next walk begins behind the newest change, but never so late that the index may not have shown all.
    fn ended(self, from: i64, began: i64, archived_every: i64) -> (Self, bool) {
        let settled = began.saturating_sub(LAG);
        let from = self.newest.map_or(from, |newest| newest.saturating_add(1).min(settled).max(from));
        let until = self.archived_until;
        let is_due = began.saturating_sub(until) >= archived_every;
        let step = if is_due { Step::Archived(None, from) } else { Step::Search(from, Position::First) };
        (Self { step, began: None, newest: None, archived_until: until }, is_due)
    }
}

/// Where the search goes on after a page; nothing where it is at its end.
fn onward(from: i64, position: Position, page: &Seen) -> Option<Step> {
    let is_last = page.next.is_none() || page.records.is_empty();
    if matches!(position, Position::Within(_)) {
        let last = page.records.iter().filter_map(|(_, id)| id.parse().ok()).max();
        return Some(match last {
            Some(last) if !is_last => Step::Search(from, Position::Within(last)),
            _ => Step::Search(from, Position::Last),
        });
    }
    if is_last {
        return None;
    }
    let last = page.records.iter().filter_map(|(time, _)| *time).max()?.max(from);
    let at_last = page.records.iter().filter(|(time, _)| *time == Some(last)).map(|(_, id)| id.clone());
    let mut told = match position {
        Position::Behind(told) if last == from => told,
        _ => Vec::new(),
    };
    told.extend(at_last);
    // A page without any record of its last time tells nothing of where it stopped.
    let position =
        if told.is_empty() || told.len() > NAMED { Position::Within(0) } else { Position::Behind(told) };
    Some(Step::Search(last, position))
}

#[cfg(test)]
#[path = "cursor_tests.rs"]
mod tests;
