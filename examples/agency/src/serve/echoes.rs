//! What was written a moment ago: a vendor's webhook of that tells nothing new.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use sync_core::engine::{Event, Observer};
use sync_core::flow::Side;

use crate::connect::App;

/// What happens to a record so soon after a flow wrote to it is taken for what it wrote. An edit that a person makes
/// meanwhile is seen by the next pass.
const ECHOES: TimeDelta = TimeDelta::seconds(10);

/// So many writes are remembered; the webhooks of older ones bring about a pass.
const REMEMBERED: usize = 4_096;

/// A flow, a side and a record of it.
type Place = (String, Side, String);

/// The last writes of a tenant's flows.
#[derive(Debug)]
pub(super) struct Echoes {
    app: App,
    writes: Mutex<Writes>,
}

#[derive(Debug, Default)]
struct Writes {
    at: HashMap<Place, DateTime<Utc>>,
    /// Oldest first; a place stands here as often as it was written to.
    order: VecDeque<(DateTime<Utc>, Place)>,
}

impl Echoes {
    pub(super) fn new(app: App) -> Self {
        Self { app, writes: Mutex::default() }
    }

    /// Whether what happened to a record, now where nobody says when, is what a flow wrote to it.
    pub(super) fn is_echo(&self, flow: &str, side: Side, record: &str, at: Option<DateTime<Utc>>) -> bool {
        let at = at.unwrap_or_else(|| self.app.clock().now());
        let writes = self.writes.lock().unwrap_or_else(PoisonError::into_inner);
        let written = writes.at.get(&(flow.to_owned(), side, record.to_owned()));
        written.is_some_and(|written| (at - *written).abs() <= ECHOES)
    }
}

impl Writes {
    fn add(&mut self, place: Place, at: DateTime<Utc>) {
        self.order.push_back((at, place.clone()));
        self.at.insert(place, at);
        if self.order.len() > REMEMBERED
            && let Some((then, oldest)) = self.order.pop_front()
            && self.at.get(&oldest) == Some(&then)
        {
            self.at.remove(&oldest);
        }
    }
}

impl Observer for Echoes {
    fn on(&self, event: &Event<'_>) {
        let Event::Written { flow, side, record, .. } = event else { return };
        let place = ((*flow).to_owned(), *side, record.to_string());
        self.writes.lock().unwrap_or_else(PoisonError::into_inner).add(place, self.app.clock().now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_was_written_to_again_is_not_forgotten_with_its_first_write() {
        let place = |number: usize| ("companies".to_owned(), Side::Exact, number.to_string());
        let at = |second: i64| DateTime::UNIX_EPOCH + TimeDelta::seconds(second);
        let mut writes = Writes::default();
        writes.add(place(0), at(0));
        for number in 1..REMEMBERED {
            writes.add(place(number), at(0));
        }
        writes.add(place(0), at(9));
        assert_eq!(writes.at.get(&place(0)), Some(&at(9)));
        writes.add(place(REMEMBERED), at(9));
        assert_eq!(writes.at.get(&place(1)), None, "the oldest write of another is forgotten");
    }
}
