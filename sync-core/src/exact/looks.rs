//! When the feeds of Exact were looked at in this process, what of them was heard of, and which kind knows.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use crm_adapters::Kind;
use exact_client::{DivisionId, WebhookTopic};

use super::kept::Kept;
use super::kinds::Shape;

/// What another kind has read just now is not read again.
const JUST_NOW: TimeDelta = TimeDelta::minutes(1);

/// What a pass of a kind wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// Whatever there is.
    Everything,
    /// What was heard of, and what nobody ever tells of.
    News,
}

/// The looks at the feeds, by division and what the feed goes by: the path of its records, or the name of its parts.
#[derive(Debug, Default)]
pub(super) struct Looks(Mutex<BTreeMap<(DivisionId, &'static str), Feed>>);

#[derive(Debug, Default)]
struct Feed {
    last: Option<DateTime<Utc>>,
    /// How often it was looked at.
    count: u64,
    /// The last of these looks that each kind knows of.
    known: BTreeMap<Kind, u64>,
    heard: bool,
}

impl Looks {
    /// Notes that something was heard: at the feeds that tell of the topic, at all where none is known to.
    pub(super) fn hear(&self, division: DivisionId, topic: &WebhookTopic) {
        let feeds = || {
            let own = Shape::all().map(|shape| (shape.resource.path(), shape.topics));
            own.chain(Kept::all().map(|kept| (kept.name, kept.topics)))
        };
        let known = feeds().any(|(_, topics)| topics.contains(topic));
        let mut looks = self.looks();
        for (feed, _) in feeds().filter(|(_, topics)| !known || topics.contains(topic)) {
            looks.entry((division, feed)).or_default().heard = true;
        }
    }

    /// Has the next look at the news read the feed of parts, too.
    pub(super) fn at_next(&self, division: DivisionId, kept: &Kept) {
        self.looks().entry((division, kept.name)).or_default().heard = true;
    }

    /// Whether the feed of parts is to be read for a kind now. Then that counts as a look at it.
    pub(super) fn at_part(
        &self,
        division: DivisionId,
        kept: &Kept,
        kind: Kind,
        look: Look,
        now: DateTime<Utc>,
    ) -> bool {
        let mut looks = self.looks();
        let feed = looks.entry((division, kept.name)).or_default();
        let fresh = feed.known.get(&kind).copied().unwrap_or_default() < feed.count
            && feed.last.is_some_and(|last| (now - last).abs() <= JUST_NOW);
        let wanted = look == Look::Everything || kept.topics.is_empty();
        let due = feed.heard || (wanted && !fresh);
        if due {
            feed.heard = false;
            feed.last = Some(now);
            feed.count += 1;
        }
        feed.known.insert(kind, feed.count);
        due
    }

    /// Whether the feed of the records themselves is to be read now.
    pub(super) fn at_records(&self, division: DivisionId, shape: &Shape, look: Look) -> bool {
        let mut looks = self.looks();
        let feed = looks.entry((division, shape.resource.path())).or_default();
        std::mem::take(&mut feed.heard) || look == Look::Everything
    }

    fn looks(&self) -> MutexGuard<'_, BTreeMap<(DivisionId, &'static str), Feed>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
